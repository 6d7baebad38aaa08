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
}
