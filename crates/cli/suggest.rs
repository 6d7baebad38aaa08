//! Which word was likely meant.

/// The known word that is nearest to another one, if few letters tell them apart.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let most = word.chars().count().div_ceil(3).max(1);
    let all = known.map(|known| (strsim::damerau_levenshtein(&word, &known.to_lowercase()), known));
    all.filter(|&(distance, _)| distance <= most)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, known)| known)
}

/// How many words are suggested at most.
const NEAR: usize = 4;

/// The known words that may have been meant, the nearest first: few letters tell them apart, or one begins with the other.
pub(crate) fn near<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.to_lowercase().replace(['-', '_'], " ");
    let most = word.chars().count().div_ceil(3).max(1);
    let mut all: Vec<_> = known
        .filter_map(|known| {
            let letters = known.to_lowercase().replace('-', " ");
            let is_part = word.chars().count() > 2 && letters.contains(&word);
            let distance = if is_part { 1 } else { strsim::damerau_levenshtein(&word, &letters) };
            (distance <= most).then_some((distance, known))
        })
        .collect();
    all.sort_by_key(|&(distance, _)| distance);
    all.into_iter().map(|(_, known)| known).take(NEAR).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_meant_or_none() {
        let known = ["violation", "symptom", "none"];
        for (word, meant) in [
            ("violations", Some("violation")),
            ("Symptom", Some("symptom")),
            ("symtpom", Some("symptom")),
            ("non", Some("none")),
            ("everything", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known.into_iter()), meant, "{word}");
        }
    }

    #[test]
    fn several_words_may_be_near() {
        let known =
            ["SYM01", "SYM11", "SYM21", "LIN001", "slow recovery", "fail-slow node", "metastable failure"];
        for (word, meant) in [
            ("SYM31", &["SYM01", "SYM11", "SYM21"][..]),
            ("metastable", &["metastable failure"]),
            ("fail_slow", &["fail-slow node"]),
            ("slow-recovry", &["slow recovery"]),
            ("nothing like it", &[]),
            ("", &[]),
        ] {
            assert_eq!(near(word, known.into_iter()), meant, "{word}");
        }
    }
}
