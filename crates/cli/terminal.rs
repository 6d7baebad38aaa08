//! What the standard output can show.

use std::env;
use std::io;

use seriatim_report::text::COLUMNS;

/// Whoever has fewer columns than this gets lines that are broken once more, by the terminal.
const FEWEST: usize = 40;
/// More than this are of no use.
const MOST: usize = 500;

/// How many columns the standard output has: as the environment says, else as a terminal does, else as many as usual.
pub(crate) fn columns() -> usize {
    let said =
        env::var("COLUMNS").ok().and_then(|said| said.trim().parse().ok()).filter(|&said: &usize| said > 0);
    let seen = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    said.or_else(seen).unwrap_or(COLUMNS).clamp(FEWEST, MOST)
}

/// Whether the environment says that texts are in another encoding than UTF-8. Where it says nothing, they are in UTF-8, as
/// files are.
pub(crate) fn is_ascii() -> bool {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(|name| env::var(name).ok());
    said.into_iter().find(|said| !said.is_empty()).is_some_and(|said| is_other_than_utf8(&said))
}

fn is_other_than_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    !locale.contains("utf-8") && !locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_its_encoding() {
        for (locale, is_other) in [
            ("C", true),
            ("POSIX", true),
            ("de_DE.ISO-8859-1", true),
            ("en_US.UTF-8", false),
            ("C.utf8", false),
        ] {
            assert_eq!(is_other_than_utf8(locale), is_other, "{locale}");
        }
    }
}
