//! Where a text may be cut into pieces: before what looks like the beginning of an object.
//!
//! A cut is a guess. Whoever reads a piece finds out whether it holds whole objects, and if it does, the guess was right.

use memchr::memmem;

use crate::format::Format;
use crate::format::edn::{is_blank, is_end};

/// Where the objects of a text begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cuts {
    /// On lines of their own, with one of these bytes.
    Lines(Begin),
    /// In one list, each with the same bytes, after the closing brace of the one before it.
    Members {
        /// What each begins with.
        opening: Vec<u8>,
        /// What closes the list.
        closer: u8,
    },
}

/// What a line begins with that may be read without the lines before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// A brace.
    Object,
    /// An integer and a blank: the process of a client.
    Process,
    /// A digit, or the bracket of a vector.
    Tuple,
    /// Anything but a byte order mark.
    Any,
}

impl Begin {
    fn takes(self, rest: &[u8]) -> bool {
        match (self, rest) {
            (_, []) => false,
            (Self::Object, [first, ..]) => *first == b'{',
            (Self::Process, _) => {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                matches!(digits, 1..=18) && matches!(rest.get(digits), Some(b' ' | b'\t'))
            }
            (Self::Tuple, [first, ..]) => *first == b'[' || first.is_ascii_digit(),
            // A byte order mark is left out at the beginning of a piece, and means something elsewhere.
            (Self::Any, [first, ..]) => *first != 0xef,
        }
    }
}

/// The longest beginning of an object that is looked for.
const LONGEST: usize = 64;

impl Cuts {
    /// How to cut a text in `format` that begins with `start`. `None` where it cannot be cut.
    pub(super) fn of(format: Format, start: &str) -> Option<Self> {
        Some(match format {
            Format::Jsonl | Format::JsonArray => match json_opening(start) {
                Some(opening) => Self::Members { opening: opening.into(), closer: b']' },
                // An array ends the text.
                None if text(start).trim_ascii_start().starts_with(b"[") => return None,
                None => Self::Lines(Begin::Object),
            },
            Format::Edn | Format::PorcupineKv => {
                let members =
                    |(opening, closer): (&[u8], u8)| Self::Members { opening: opening.into(), closer };
                edn_opening(start).map_or(Self::Lines(Begin::Object), members)
            }
            Format::JepsenInJava => Self::Lines(Begin::Object),
            Format::JepsenTxt => Self::Lines(Begin::Process),
            Format::JepsenLog | Format::JepsenLog2014 => Self::Lines(Begin::Any),
            Format::Tuples => Self::Lines(Begin::Tuple),
            Format::EtcdRobustness | Format::Limo | Format::Fptlin | Format::Polylin | Format::Csv => {
                return None;
            }
        })
    }

    /// What closes the list that holds all objects, if one does.
    pub(super) fn closer(&self) -> Option<u8> {
        match self {
            Self::Lines(_) => None,
            &Self::Members { closer, .. } => Some(closer),
        }
    }

    /// The first cut at or after `from`, which is more than 0; else the end.
    pub(super) fn next(&self, text: &[u8], from: usize) -> usize {
        match self {
            Self::Lines(begin) => {
                let Some(rest) = text.get(from - 1..) else { return text.len() };
                let mut cuts = memchr::memchr_iter(b'\n', rest).map(|newline| from + newline);
                cuts.find(|&cut| is_line(text, cut, *begin)).unwrap_or(text.len())
            }
            Self::Members { opening, .. } => {
                let Some(rest) = text.get(from..) else { return text.len() };
                let mut cuts = memmem::find_iter(rest, opening).map(|at| from + at);
                cuts.find(|&cut| is_member(text, cut)).unwrap_or(text.len())
            }
        }
    }

    /// The last cut in `text` that is not its beginning. What follows a cut must be there.
    pub(super) fn last(&self, text: &[u8]) -> Option<usize> {
        match self {
            Self::Lines(begin) => {
                let mut cuts = memchr::memrchr_iter(b'\n', text).map(|newline| newline + 1);
                cuts.find(|&cut| is_line(text, cut, *begin))
            }
            Self::Members { opening, .. } => {
                let mut cuts = memmem::rfind_iter(text, opening);
                cuts.find(|&cut| is_member(text, cut))
            }
        }
    }
}

fn is_line(text: &[u8], at: usize, begin: Begin) -> bool {
    text.get(at..).is_some_and(|rest| begin.takes(rest))
}

/// Whether what stands before `at` is the end of an object, and what separates two of them.
fn is_member(text: &[u8], at: usize) -> bool {
    text[..at].iter().rev().find(|&&byte| !is_blank(byte)) == Some(&b'}')
}

/// The bytes of a text after its byte order mark.
fn text(start: &str) -> &[u8] {
    start.strip_prefix('\u{feff}').unwrap_or(start).as_bytes()
}

/// The beginning of the first object of an array, up to the end of its first key.
fn json_opening(start: &str) -> Option<&[u8]> {
    let object = text(start).trim_ascii_start().strip_prefix(b"[")?.trim_ascii_start();
    let key = object.strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"")?;
    let start = object.len() - key.len();
    // A head is the first object only.
    let length = if key.starts_with(b"seriatim\"") { 0 } else { memchr::memchr(b'"', key)? + 1 };
    object.get(..start + length).filter(|opening| opening.len() <= LONGEST)
}

/// The beginning of the first map of a vector or list, up to the end of its first key; and what closes the list.
fn edn_opening(start: &str) -> Option<(&[u8], u8)> {
    let text = text(start);
    let after_blanks = |text: &[u8]| text.iter().position(|&byte| !is_blank(byte));
    let list = &text[after_blanks(text)?..];
    let (members, closer) = match list {
        [b'[', members @ ..] => (members, b']'),
        [b'(', members @ ..] => (members, b')'),
        _ => return None,
    };
    let map = &members[after_blanks(members)?..];
    let key = 1 + after_blanks(map.strip_prefix(b"{")?)?;
    let length = map[key..].iter().position(|&byte| is_end(byte)).filter(|&length| length > 0)?;
    let opening = map.get(..key + length).filter(|opening| opening.len() <= LONGEST)?;
    Some((opening, closer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(format: Format, text: &str) -> Vec<&str> {
        let cuts = Cuts::of(format, text).expect("it can be cut");
        let mut from = 0;
        let mut found = Vec::new();
        while from < text.len() {
            let to = cuts.next(text.as_bytes(), from + 1);
            found.push(&text[from..to]);
            let last = cuts.last(&text.as_bytes()[from..]).map(|last| from + last);
            assert_eq!(last.is_some(), to < text.len(), "{text}");
            from = to;
        }
        found
    }

    #[test]
    fn texts_are_cut_before_objects() {
        let json = "\u{feff} [ {\"a\":{\"a\":1}},\n{\"a\":[{\"a\":1},{\"b\":2}]} , {\"a\":3}]\n";
        assert_eq!(
            cuts(Format::JsonArray, json),
            ["\u{feff} [ {\"a\":{\"a\":1}},\n", "{\"a\":[{\"a\":1},{\"b\":2}]} , ", "{\"a\":3}]\n"]
        );
        assert_eq!(cuts(Format::Jsonl, "{\"a\":1}\n {\"b\":2}\n{\"c\":3}").len(), 2);
        let edn = "({:a 1, :b 2} {:a 3}, {:ab 4} {:b 5 :a 6})";
        assert_eq!(cuts(Format::Edn, edn), ["({:a 1, :b 2} ", "{:a 3}, ", "{:ab 4} {:b 5 :a 6})"]);
        assert_eq!(cuts(Format::Edn, "{:a 1}\n{:b 1} {:a 1}"), ["{:a 1}\n", "{:b 1} {:a 1}"]);
        assert_eq!(cuts(Format::JepsenTxt, "0\t:ok\n:n\t:info\n1\t:ok"), ["0\t:ok\n:n\t:info\n", "1\t:ok"]);
        assert_eq!(cuts(Format::Tuples, "[0 :ok]\n:n :info\n1 :ok"), ["[0 :ok]\n:n :info\n", "1 :ok"]);
        assert_eq!(cuts(Format::JsonArray, "[{\"seriatim\":1},{\"a\":1},{\"b\":2}]").len(), 3);
    }

    #[test]
    fn a_list_of_something_else_is_read_line_by_line() {
        for text in ["", "{\"a\":1}", " {"] {
            assert_eq!(Cuts::of(Format::Jsonl, text), Some(Cuts::Lines(Begin::Object)), "{text}");
        }
        for text in ["[", "[]", "[7]", "[{}]", "[{\"a", "[[1]]", "\u{feff}\n["] {
            assert_eq!(Cuts::of(Format::Jsonl, text), None, "{text}");
        }
        for text in ["", "[", "()", "[{}]", "[{(1) 2}]", "[#a {:b 1}]", "; x\n[{:a 1}]", "[{:a"] {
            assert_eq!(Cuts::of(Format::Edn, text), Some(Cuts::Lines(Begin::Object)), "{text}");
        }
        assert_eq!(Cuts::of(Format::Csv, ""), None);
    }
}
