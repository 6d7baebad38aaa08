//! Tables that stand between marks in benches/README.md.

use std::fs;
use std::path::Path;

use crate::error::Error;

fn marks(name: &str) -> (String, String) {
    (format!("<!-- {name}: written by `measure`, do not edit -->\n"), format!("<!-- end of {name} -->\n"))
}

/// Puts a text between its marks.
///
/// # Errors
/// The marks are not there, or the file cannot be read or written.
pub(crate) fn write(path: &Path, name: &str, text: &str) -> Result<(), Error> {
    let before = fs::read_to_string(path).map_err(|error| Error::file(path, &error))?;
    let after =
        replace(&before, name, text).ok_or_else(|| Error::file(path, &format!("no marks for {name}")))?;
    fs::write(path, after).map_err(|error| Error::file(path, &error))
}

fn replace(whole: &str, name: &str, text: &str) -> Option<String> {
    let (start, end) = marks(name);
    let (before, rest) = whole.split_once(&start)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{start}\n{text}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let (start, end) = marks("a");
        let whole = format!("head\n{start}old\n{end}tail\n");
        let new = replace(&whole, "a", "new\n").expect("the marks are there");
        assert_eq!(new, format!("head\n{start}\nnew\n\n{end}tail\n"));
        assert_eq!(replace(&new, "a", "new\n").as_ref(), Some(&new));
        assert_eq!(replace(&new, "b", "new\n"), None);
    }

    #[test]
    fn the_readme_has_all_marks() {
        let readme = include_str!("../../README.md");
        for name in crate::ALL_TABLES {
            assert!(replace(readme, name, "").is_some(), "{name}");
        }
    }
}
