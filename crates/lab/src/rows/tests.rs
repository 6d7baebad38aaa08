use std::collections::BTreeSet;

use super::*;
use crate::system;

#[test]
fn every_row_has_a_name_of_its_own_and_a_system() {
    let rows = rows();
    let names: BTreeSet<_> = rows.iter().map(Row::name).collect();
    assert_eq!(names.len(), rows.len(), "two rows have one name");
    for row in &rows {
        assert!(system::by_name(row.system).is_some(), "{}", row.name());
        assert!(row.nodes >= 3, "{}", row.name());
        assert!(!row.promise.is_empty(), "{}", row.name());
        assert_eq!(row.name().split('/').count(), 4, "{}", row.name());
    }
}

#[test]
fn rows_are_found_by_name_by_beginning_and_by_pattern() {
    let rows = rows();
    let name = rows[0].name();
    let found = |pattern: &str| matching(&rows, pattern).iter().map(Row::name).collect::<Vec<_>>();
    assert_eq!(found(&name), [name.as_str()]);
    let system = rows[0].system;
    assert_eq!(found(system), found(&format!("{system}/")));
    assert!(found(system).len() > 1);
    // Whole words: `re` is no system.
    assert!(found(&system[..2]).is_empty());
    assert_eq!(found("*/none"), found("*none"));
    assert!(found("*/none").iter().all(|name| name.ends_with("/none")) && !found("*/none").is_empty());
    assert!(found("").is_empty());
}

#[test]
fn a_star_stands_for_anything() {
    assert!(like("abc", "a*c") && like("ac", "a*c") && like("abcabc", "a*bc") && like("x", "*"));
    assert!(!like("abcd", "a*c") && !like("ab", "*c") && !like("ä", "a*"));
}
