//! The table of symptoms: their codes, the sentences that tell them, and what rules go by.

mod joined;
mod nodes;
mod rates;

use crate::kind::SymptomKind;
use crate::setting::Setting;

/// What is known of a kind of symptom, for whoever reports it. What there is to learn of it stands in `lesson`.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The kind.
    pub kind: SymptomKind,
    /// Its stable code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What was seen, in a sentence with places for numbers in braces: `{gap}` is the number of that name, `{gap.usual}` what
    /// it usually is, `{where}` nodes, clients and functions. What stands in brackets is left out where all its numbers are zero.
    pub told: &'static str,
    /// What else leaves the same trace, each in a sentence that is told with it.
    pub confounders: &'static [&'static str],
    /// The measure of the effect, where there is one: what the number of [`crate::Symptom::effect`] is.
    pub effect: Option<&'static str>,
    /// The test, where there is one.
    pub test: Option<&'static str>,
    /// What the rule goes by.
    pub settings: &'static [&'static Setting],
}

const COUNT: usize = rates::ROWS.len() + nodes::ROWS.len() + joined::ROWS.len();

const ROWS: [Row; COUNT] = {
    let mut all = [rates::ROWS[0]; COUNT];
    let parts = [rates::ROWS, nodes::ROWS, joined::ROWS];
    let (mut part, mut count) = (0, 0);
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            // It goes before those of later kinds.
            let mut place = count;
            while place > 0 && all[place - 1].kind as u8 > parts[part][at].kind as u8 {
                all[place] = all[place - 1];
                place -= 1;
            }
            all[place] = parts[part][at];
            (at, count) = (at + 1, count + 1);
        }
        part += 1;
    }
    all
};

/// The symptoms, in the order of their kinds.
pub static CATALOG: &[Row] = &ROWS;

impl SymptomKind {
    /// Its row.
    pub fn row(self) -> &'static Row {
        CATALOG.iter().find(|row| row.kind == self).expect("every kind has a row")
    }
}

/// The row with a code, in whatever case it is written.
pub fn with_code(code: &str) -> Option<&'static Row> {
    CATALOG.iter().find(|row| row.code.eq_ignore_ascii_case(code))
}

/// The row with a name, in whatever case it is written.
pub fn with_name(name: &str) -> Option<&'static Row> {
    CATALOG.iter().find(|row| row.name.eq_ignore_ascii_case(name))
}

/// All settings: those that several rules go by, and those of each.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    let own = CATALOG.iter().flat_map(|row| row.settings);
    crate::rules::COMMON.iter().chain(own).copied()
}

#[cfg(test)]
mod tests {
    use rustc_hash::FxHashSet;

    use super::*;

    #[test]
    fn every_kind_has_one_row_and_they_are_in_order() {
        let kinds: Vec<_> = CATALOG.iter().map(|row| row.kind).collect();
        assert_eq!(kinds, SymptomKind::ALL);
        for (at, row) in CATALOG.iter().enumerate() {
            let code = if row.kind == SymptomKind::NotCovered {
                "COV01".to_owned()
            } else {
                format!("SYM{:02}", at + 1)
            };
            assert_eq!(row.code, code);
            assert!(row.told.ends_with('.') && row.confounders.iter().all(|of| of.ends_with('.')), "{code}");
            assert_eq!(with_code(&code.to_lowercase()).map(|of| of.kind), Some(row.kind));
            assert_eq!(with_name(row.name).map(|of| of.kind), Some(row.kind));
        }
    }

    #[test]
    fn settings_are_named_once_and_after_their_code() {
        let mut names = FxHashSet::default();
        for setting in settings() {
            assert!(names.insert(setting.name), "{}", setting.name);
            assert!(setting.about.ends_with('.') && setting.default > 0.0, "{}", setting.name);
        }
        for row in CATALOG {
            for setting in row.settings {
                let code = setting.name.split_once('.').map(|(code, _)| code);
                assert_eq!(code, Some(row.code.to_lowercase().as_str()));
            }
        }
    }
}
