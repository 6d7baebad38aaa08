//! Places in a text that is not held as lines: some offsets are marked, and a place is looked up from the mark before it,
//! however long its line is.

use memchr::{memchr, memchr_iter};
use seriatim_history::{LineIndex, Span};
use seriatim_report::Place;

/// How many bytes lie between two marks, at least; and at most twice as many.
const APART: u64 = 1 << 14;

/// So many bytes before a place, and so many after its beginning, are as much of a line as is ever shown.
const BEFORE: u64 = 1 << 9;
const AFTER: usize = 1 << 13;

/// Where lines and parts of long lines begin.
#[derive(Debug)]
pub(crate) struct Marks {
    marks: Vec<Mark>,
    /// The place after what was taken.
    at: Mark,
}

/// A boundary of characters in the text.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    offset: u64,
    /// How many lines are before that which it is on.
    lines: usize,
    /// How many characters of its line are before it.
    column: usize,
}

impl Marks {
    /// Of a text of which nothing was seen yet.
    pub(crate) fn new() -> Self {
        Self { marks: vec![Mark::default()], at: Mark::default() }
    }

    /// Takes the bytes that follow in the text.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        let mut from = 0;
        for newline in memchr_iter(b'\n', bytes) {
            let end = self.at.offset + (newline - from) as u64;
            if end <= self.latest() + 2 * APART {
                // No mark is on the rest of the line, so nobody asks for its columns.
                self.at.offset = end;
            } else {
                self.within_line(&bytes[from..newline]);
            }
            from = newline + 1;
            self.at = Mark { offset: self.at.offset + 1, lines: self.at.lines + 1, column: 0 };
            if self.at.offset >= self.latest() + APART {
                self.marks.push(self.at);
            }
        }
        self.within_line(&bytes[from..]);
    }

    fn within_line(&mut self, mut bytes: &[u8]) {
        let begins = |byte: &u8| byte & 0xc0 != 0x80;
        // The beginning of a line is the better mark.
        while let Ok(length) = usize::try_from((self.latest() + 2 * APART).saturating_sub(self.at.offset))
            && length < bytes.len()
            && let Some(more) = bytes[length..].iter().position(begins)
        {
            let (before, rest) = bytes.split_at(length + more);
            self.at.column += before.iter().filter(|byte| begins(byte)).count();
            self.at.offset += before.len() as u64;
            self.marks.push(self.at);
            bytes = rest;
        }
        self.at.column += bytes.iter().filter(|byte| begins(byte)).count();
        self.at.offset += bytes.len() as u64;
    }

    fn latest(&self) -> u64 {
        self.marks.last().map_or(0, |mark| mark.offset)
    }

    /// The place of a span. `window` gives about so many bytes of the text from an offset on, or fewer at its end.
    pub(crate) fn place(&self, path: &str, span: Span, window: impl FnOnce(u64, usize) -> Vec<u8>) -> Place {
        let is_before = |mark: &Mark| mark.offset + if mark.column > 0 { BEFORE } else { 0 } <= span.start;
        let mut before = self.marks.partition_point(|mark| mark.offset <= span.start);
        while before > 1 && !is_before(&self.marks[before - 1]) {
            before -= 1;
        }
        let mark = self.marks[before.saturating_sub(1)];
        let within = Span { start: span.start - mark.offset, ..span };
        let start = usize::try_from(within.start).unwrap_or(usize::MAX);
        let mut text = window(mark.offset, start.saturating_add(AFTER));
        let rest = text.get(start..).unwrap_or_default();
        text.truncate(memchr(b'\n', rest).map_or(text.len(), |newline| start + newline));
        let text = String::from_utf8_lossy(&text);
        let mut place = Place::new(path, &text, &LineIndex::new(text.as_bytes()), within);
        if place.line == 1 {
            place.column += mark.column;
        }
        place.line += mark.lines;
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seriatim_history::SourceId;

    #[test]
    fn places_are_those_of_the_text_as_lines() {
        let lines: String = (0..10_000).map(|at| format!("{}é{at}\r\n", "x".repeat(at % 90))).collect();
        let long = lines.replace("\r\n", " ");
        for text in [
            format!("{lines}{long}\n{lines}"),
            format!("{long}{long}"),
            "é".repeat(100_000),
            "é\n".to_owned(),
        ] {
            let index = LineIndex::new(text.as_bytes());
            let mut marks = Marks::new();
            text.as_bytes().chunks(10_007).for_each(|bytes| marks.take(bytes));
            assert!(text.len() < 100 || marks.marks.len() * 40_000 > text.len());
            let ends = [text.len() - 1, text.len()];
            for start in (0..text.len()).step_by(997).chain(ends).filter(|&at| text.is_char_boundary(at)) {
                for length in [0, 5, 100_000] {
                    let span = Span::new(SourceId(0), start, (start + length).min(text.len()));
                    let place = marks.place("p", span, |offset, length| {
                        let rest = &text.as_bytes()[offset as usize..];
                        rest[..length.min(rest.len())].to_vec()
                    });
                    let expected = Place::new("p", &text, &index, span);
                    assert_eq!(place, expected, "{start} {length}");
                }
            }
        }
    }
}
