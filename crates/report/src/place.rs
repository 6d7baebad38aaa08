//! A place of the input, with as much of its line as a person needs to see.

use std::ops::Range;

use seriatim_history::{LineIndex, Span};

/// A place of the input: where it is, and an excerpt of the line it is on. It outlives the text it was taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user named it.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    excerpt: String,
    underlined: Range<usize>,
}

impl Place {
    /// The most characters of a line that are kept; with the line number they fit 80 columns.
    pub const WIDTH: usize = 70;
    /// How many characters before the place are kept of a line that is too long.
    const BEFORE: usize = 16;

    /// The place of `span` in `text`, whose lines are `lines`. Of a span of several lines the first counts.
    pub fn new(path: &str, text: &str, lines: &LineIndex, span: Span) -> Self {
        let offset = span.start.min(text.len() as u64);
        let (line, column) = lines.line_column(text, offset);
        let range = lines.range(text, line);
        let whole = &text[range.clone()];
        let inside = |at: u64| floor(whole, (at as usize).saturating_sub(range.start).min(whole.len()));
        let (start, end) = (inside(span.start), inside(span.end()));
        let (excerpt, underlined) = excerpt(whole, start..end.max(start));
        Self { path: path.to_owned(), line, column, excerpt, underlined }
    }

    /// The line, cut to at most [`Place::WIDTH`] characters around the place.
    pub fn excerpt(&self) -> &str {
        &self.excerpt
    }

    /// The bytes of [`Place::excerpt`] that are meant.
    pub fn underlined(&self) -> Range<usize> {
        self.underlined.clone()
    }
}

/// `line`, cut to a window around `meant`, and where `meant` is in it.
fn excerpt(line: &str, meant: Range<usize>) -> (String, Range<usize>) {
    let forth = |from: usize, chars: usize| {
        line[from..].char_indices().nth(chars).map_or(line.len(), |(at, _)| from + at)
    };
    let back = |from: usize, chars: usize| match chars {
        0 => from,
        _ => line[..from].char_indices().rev().nth(chars - 1).map_or(0, |(at, _)| at),
    };
    let mut begin = 0;
    let mut end = forth(0, Place::WIDTH);
    if end < line.len() {
        // An ellipsis at either side counts, too.
        begin = back(meant.start, Place::BEFORE);
        end = forth(begin, Place::WIDTH - 2);
        if end == line.len() {
            begin = back(end, Place::WIDTH - 2);
        }
    }
    let mut shown = String::new();
    if begin > 0 {
        shown.push('…');
    }
    let shift = |at: usize| at.clamp(begin, end) - begin + shown.len();
    let underlined = shift(meant.start)..shift(meant.end);
    shown.push_str(&line[begin..end]);
    if end < line.len() {
        shown.push('…');
    }
    (shown, underlined)
}

/// The nearest boundary of a character at or before `at`.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use seriatim_history::SourceId;

    fn place(text: &str, start: usize, end: usize) -> Place {
        Place::new("x", text, &LineIndex::new(text.as_bytes()), Span::new(SourceId(0), start, end))
    }

    #[test]
    fn a_short_line_is_kept_whole() {
        let place = place("one\r\ntwo three\n", 9, 14);
        assert_eq!((place.line, place.column, place.excerpt()), (2, 5, "two three"));
        assert_eq!(&place.excerpt()[place.underlined()], "three");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}needle{}", "é".repeat(500_000), "x".repeat(500_000));
        let at = text.find("needle").expect("it is there");
        let place = place(&text, at, at + 6);
        assert_eq!(place.column, 500_001);
        assert_eq!(&place.excerpt()[place.underlined()], "needle");
        assert_eq!(place.excerpt().chars().count(), Place::WIDTH);
        assert!(place.excerpt().starts_with('…') && place.excerpt().ends_with('…'));
    }

    #[test]
    fn the_end_of_a_long_line_keeps_its_context() {
        let text = format!("{}end", "x".repeat(200));
        let place = place(&text, 200, 203);
        assert_eq!(&place.excerpt()[place.underlined()], "end");
        assert_eq!(place.excerpt().chars().count(), Place::WIDTH - 1);
        assert!(!place.excerpt().ends_with('…'));
    }

    #[test]
    fn what_is_meant_may_be_longer_than_the_window_or_reach_past_the_line_or_the_text() {
        let long = "y".repeat(300);
        let cut = place(&long, 0, 300);
        assert_eq!(cut.underlined(), 0..Place::WIDTH - 2);
        let lines = place("ab\ncd", 1, 5);
        assert_eq!(&lines.excerpt()[lines.underlined()], "b");
        let past = place("ab", 7, 9);
        assert_eq!((past.line, past.column, past.underlined()), (1, 3, 2..2));
        let inside = place("aéb", 2, 4);
        assert_eq!(&inside.excerpt()[inside.underlined()], "éb");
    }
}
