//! A scanner of JSON (RFC 8259) that reads straight into [`Values`].
//!
//! Why an own one: every field has to be found again in the input (spans of single fields), numbers have to stay
//! exact (no detour through floating point), no tree is needed between the text and the numbered values, and one
//! pass does all of it. Nothing is allocated for texts without escapes.

mod number;
mod text;

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use self::number::small_integer;
pub(super) use self::number::{integer, nanoseconds};
use crate::diagnostic::Diagnostic;
use crate::span::{Source, SourceId, Span};
use crate::value::{ValueId, Values};

/// How deep lists and maps may be nested. Histories need five levels; the limit keeps hostile input off the stack.
pub(super) const MAX_DEPTH: usize = 256;

/// What is wrong with the syntax of a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// Offset of the first offending byte.
    pub(super) start: usize,
    /// Offset of the byte after the last offending one.
    pub(super) end: usize,
    /// What is wrong, a lowercase fragment.
    pub(super) message: Cow<'static, str>,
    /// What to do about it.
    pub(super) help: Option<&'static str>,
    /// Whether the text merely ended too early.
    pub(super) is_cut_off: bool,
}

impl SyntaxError {
    /// The error as a diagnostic of `source`.
    pub(super) fn diagnostic(self, source: SourceId) -> Box<Diagnostic> {
        let span = Span::new(source, self.start, self.end);
        let diagnostic = Diagnostic::error(span, self.message);
        Box::new(match self.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        })
    }
}

/// The result of scanning; the error is boxed, for it is rare and large.
pub(super) type Scanned<T> = Result<T, Box<SyntaxError>>;

/// What a value is, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A text in quotes.
    Text,
    /// `[…]`.
    List,
    /// `{…}`.
    Object,
}

impl Kind {
    /// What a person calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a truth value",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
}

/// Where a scanner stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    at: usize,
    depth: usize,
}

/// Reads a text from front to back.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Members of the lists that are being read, so that each list needs one allocation only.
    members: Vec<ValueId>,
}

impl<'a> Scanner<'a> {
    /// A scanner at the beginning of `source`, after its byte order mark if it has one.
    pub(super) fn new(source: Source<'a>) -> Self {
        Self::of(source.text)
    }

    /// A scanner at the beginning of `text`, after its byte order mark if it has one.
    pub(super) fn of(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at, depth: 0, members: Vec::new() }
    }

    /// Offset of the next byte.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The whole text.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Goes to a byte that begins a character.
    pub(super) fn go_to(&mut self, at: usize) {
        debug_assert!(self.text.is_char_boundary(at));
        self.at = at;
        self.depth = 0;
        self.members.clear();
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Goes over blanks; the byte after them, or `None` at the end.
    pub(super) fn next_byte(&mut self) -> Option<u8> {
        let bytes = self.bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// An error at the next character, or at the end.
    pub(super) fn unexpected(&self, expected: &str) -> Box<SyntaxError> {
        let rest = &self.text[self.at..];
        let Some(found) = rest.chars().next() else {
            return Box::new(SyntaxError {
                start: self.at,
                end: self.at,
                message: format!("expected {expected}, but the text ends here").into(),
                help: Some("the end is missing: was the file cut off?"),
                is_cut_off: true,
            });
        };
        // A word is shown whole.
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let len = if word == 0 { found.len_utf8() } else { word.min(40) };
        let mut end = self.at + len;
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let found = self.text[self.at..end].escape_debug();
        self.wrong(self.at, end, format!("expected {expected}, found `{found}`"))
    }

    /// An error at a place that was passed.
    pub(super) fn wrong(
        &self,
        start: usize,
        end: usize,
        message: impl Into<Cow<'static, str>>,
    ) -> Box<SyntaxError> {
        Box::new(SyntaxError { start, end, message: message.into(), help: None, is_cut_off: false })
    }

    /// What the next value is.
    pub(super) fn kind(&mut self) -> Scanned<Kind> {
        Ok(match self.next_byte() {
            Some(b'"') => Kind::Text,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            _ => return Err(self.unexpected("a value")),
        })
    }

    /// Takes the `{` of an object.
    pub(super) fn open_object(&mut self) -> Scanned<()> {
        self.open(b'{', "an object `{…}`")
    }

    /// Takes the `[` of a list.
    pub(super) fn open_list(&mut self) -> Scanned<()> {
        self.open(b'[', "a list `[…]`")
    }

    /// Where the scanner stands, to come back to.
    pub(super) fn place(&self) -> Place {
        Place { at: self.at, depth: self.depth }
    }

    /// Goes back to where the scanner stood.
    pub(super) fn go_back(&mut self, place: Place) {
        self.go_to(place.at);
        self.depth = place.depth;
    }

    /// Goes over what was read otherwise, up to `at`.
    pub(super) fn pass(&mut self, at: usize) {
        debug_assert!(self.text.is_char_boundary(at));
        self.at = at;
    }

    /// Counts as inside a list again, after [`Scanner::go_to`] left it.
    pub(super) fn reopen_list(&mut self) {
        self.depth = 1;
    }

    fn open(&mut self, byte: u8, expected: &str) -> Scanned<()> {
        if self.next_byte() != Some(byte) {
            return Err(self.unexpected(expected));
        }
        if self.depth == MAX_DEPTH {
            let message = format!("lists and objects are nested more than {MAX_DEPTH} deep");
            let mut error = self.wrong(self.at, self.at + 1, message);
            error.help = Some("no history needs this; is this file a history?");
            return Err(error);
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// The next key of an object and its colon, or `None` where the object ends. `is_first` is for the separator.
    pub(super) fn key(&mut self, is_first: bool) -> Scanned<Option<Cow<'a, str>>> {
        match self.next_byte() {
            Some(b'}') => {
                self.at += 1;
                self.depth -= 1;
                return Ok(None);
            }
            Some(b',') if !is_first => {
                self.at += 1;
                self.next_byte();
            }
            _ if is_first => {}
            _ => return Err(self.unexpected("`,` or `}`")),
        }
        if self.next_byte() != Some(b'"') {
            return Err(self.unexpected("a key in quotes"));
        }
        let key = self.string()?;
        if self.next_byte() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// Whether the list has another member. `is_first` is for the separator.
    pub(super) fn member(&mut self, is_first: bool) -> Scanned<bool> {
        match self.next_byte() {
            Some(b']') => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            Some(b',') if !is_first => {
                self.at += 1;
                if self.next_byte() == Some(b']') {
                    return Err(self.unexpected("a value"));
                }
                Ok(true)
            }
            _ if is_first => Ok(true),
            _ => Err(self.unexpected("`,` or `]`")),
        }
    }

    /// A number, as it is written.
    pub(super) fn number(&mut self) -> Scanned<&'a str> {
        self.next_byte();
        let (start, bytes) = (self.at, self.bytes());
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let mut at = start;
        at += usize::from(bytes.get(at) == Some(&b'-'));
        let whole = at;
        at = digits(at);
        if at == whole {
            self.at = at;
            return Err(self.unexpected("a digit"));
        }
        if bytes[whole] == b'0' && at > whole + 1 {
            let mut error = self.wrong(start, at, "a number does not begin with 0");
            error.help = Some("write it without the leading 0, or as a text in quotes");
            return Err(error);
        }
        if bytes.get(at) == Some(&b'.') {
            let fraction = at + 1;
            at = digits(fraction);
            if at == fraction {
                self.at = at;
                return Err(self.unexpected("a digit"));
            }
        }
        if let Some(b'e' | b'E') = bytes.get(at) {
            at += 1;
            at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
            let exponent = at;
            at = digits(at);
            if at == exponent {
                self.at = at;
                return Err(self.unexpected("a digit"));
            }
        }
        self.at = at;
        Ok(&self.text[start..at])
    }

    fn word(&mut self, word: &str) -> Scanned<()> {
        let rest = &self.text[self.at..];
        let is_whole = rest.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
        if !is_whole {
            let mut error = self.unexpected("a value");
            error.is_cut_off = word.starts_with(rest);
            return Err(error);
        }
        self.at += word.len();
        Ok(())
    }

    /// `null`.
    pub(super) fn null(&mut self) -> Scanned<()> {
        self.next_byte();
        self.word("null")
    }

    /// `true` or `false`.
    pub(super) fn bool(&mut self) -> Scanned<bool> {
        let is_true = self.next_byte() == Some(b't');
        self.word(if is_true { "true" } else { "false" })?;
        Ok(is_true)
    }

    /// Any value, numbered.
    pub(super) fn value(&mut self, values: &mut Values) -> Scanned<ValueId> {
        Ok(match self.kind()? {
            Kind::Text => {
                let text = self.string()?;
                values.text(&text)
            }
            Kind::Number => {
                let start = self.at;
                let number = self.number()?;
                match small_integer(number) {
                    Some(integer) => values.int(i128::from(integer)),
                    None => values.number(number).ok_or_else(|| {
                        self.wrong(start, self.at, "the exponent of this number is too large")
                    })?,
                }
            }
            Kind::Null => self.null().map(|()| ValueId::NIL)?,
            Kind::Bool => {
                let value = self.bool()?;
                values.bool(value)
            }
            Kind::List => self.list(values)?,
            Kind::Object => self.map(values)?,
        })
    }

    fn list(&mut self, values: &mut Values) -> Scanned<ValueId> {
        self.open_list()?;
        let base = self.members.len();
        let mut is_first = true;
        while self.member(is_first)? {
            is_first = false;
            let member = self.value(values)?;
            self.members.push(member);
        }
        let list = values.list(&self.members[base..]);
        self.members.truncate(base);
        Ok(list)
    }

    fn map(&mut self, values: &mut Values) -> Scanned<ValueId> {
        // Below this, comparing with all earlier keys is faster than hashing.
        const FEW: usize = 16;
        self.open_object()?;
        let mut entries: Vec<(ValueId, ValueId)> = Vec::new();
        let mut many: FxHashSet<ValueId> = FxHashSet::default();
        loop {
            self.next_byte();
            let separator = self.at;
            let Some(key) = self.key(entries.is_empty())? else { break };
            let id = values.text(&key);
            let is_new = if entries.len() < FEW {
                entries.iter().all(|&(known, _)| known != id)
            } else {
                if many.is_empty() {
                    many.extend(entries.iter().map(|&(known, _)| known));
                }
                many.insert(id)
            };
            if !is_new {
                return Err(self.duplicate(separator, &key));
            }
            let value = self.value(values)?;
            entries.push((id, value));
        }
        Ok(values.map(entries))
    }

    /// The error that `key`, just read, stands in its object already; `from` is before the key.
    pub(super) fn duplicate(&self, from: usize, key: &str) -> Box<SyntaxError> {
        let start = from + self.text[from..self.at].find('"').unwrap_or(0);
        let end = self.text[..self.at].trim_end_matches(':').trim_end().len();
        let mut error = self.wrong(start, end, format!("the key `{key}` occurs twice in this object"));
        error.help = Some("which of the two is meant cannot be known: keep one");
        error
    }

    /// Goes over any value, checking its syntax.
    pub(super) fn skip(&mut self) -> Scanned<()> {
        match self.kind()? {
            Kind::Text => self.string().map(drop),
            Kind::Number => self.number().map(drop),
            Kind::Null => self.null(),
            Kind::Bool => self.bool().map(drop),
            Kind::List => {
                self.open_list()?;
                let mut is_first = true;
                while self.member(is_first)? {
                    is_first = false;
                    self.skip()?;
                }
                Ok(())
            }
            Kind::Object => {
                self.open_object()?;
                let mut is_first = true;
                while self.key(is_first)?.is_some() {
                    is_first = false;
                    self.skip()?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests;
