//! A scanner of JSON (RFC 8259) that reads straight into [`Values`].
//!
//! Why an own one: every field has to be found again in the input (spans of single fields), numbers have to stay
//! exact (no detour through floating point), no tree is needed between the text and the numbered values, and one
//! pass does all of it. Nothing is allocated for texts without escapes.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use crate::convention::TimeUnit;
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

    /// A text in quotes.
    pub(super) fn string(&mut self) -> Scanned<Cow<'a, str>> {
        if self.next_byte() != Some(b'"') {
            return Err(self.unexpected("a text in quotes"));
        }
        let start = self.at + 1;
        let end = self.run(start, start)?;
        if self.bytes()[end] == b'"' {
            self.at = end + 1;
            return Ok(Cow::Borrowed(&self.text[start..end]));
        }
        self.escaped(start, end).map(Cow::Owned)
    }

    /// The end of a run without quote and backslash that begins at `from`; `start` is where the text began.
    fn run(&self, start: usize, from: usize) -> Scanned<usize> {
        // Most texts are shorter than what makes memchr worth its call.
        const SHORT: usize = 16;
        let bytes = self.bytes();
        let near = bytes.len().min(from + SHORT);
        let end = bytes[from..near].iter().position(|&byte| matches!(byte, b'"' | b'\\')).map_or_else(
            || memchr::memchr2(b'"', b'\\', &bytes[near..]).map(|at| near + at),
            |at| Some(from + at),
        );
        let run = &bytes[from..end.unwrap_or(bytes.len())];
        if let Some(at) = run.iter().position(|&byte| byte < 0x20) {
            let at = from + at;
            let mut error = self.wrong(at, at + 1, "a line break or control character inside a text");
            if bytes[at] == b'\n' || bytes[at] == b'\r' {
                error = self.wrong(start - 1, at, "this text is not closed on its line");
            }
            error.help =
                Some("close the text with `\"`, and write control characters as escapes such as `\\n`");
            return Err(error);
        }
        end.ok_or_else(|| {
            Box::new(SyntaxError {
                start: start - 1,
                end: bytes.len(),
                message: "this text is not closed".into(),
                help: Some("the end is missing: was the file cut off?"),
                is_cut_off: true,
            })
        })
    }

    /// The rest of a text that has an escape at `escape`.
    fn escaped(&mut self, start: usize, escape: usize) -> Scanned<String> {
        let mut out = String::from(&self.text[start..escape]);
        self.at = escape;
        loop {
            if self.bytes()[self.at] == b'"' {
                self.at += 1;
                return Ok(out);
            }
            out.push(self.escape(start)?);
            let end = self.run(start, self.at)?;
            out.push_str(&self.text[self.at..end]);
            self.at = end;
        }
    }

    /// One escape, beginning with its backslash.
    fn escape(&mut self, start: usize) -> Scanned<char> {
        let at = self.at;
        let Some(&letter) = self.bytes().get(at + 1) else {
            self.at = self.text.len();
            let mut error = self.unexpected("the rest of a text");
            error.start = start - 1;
            return Err(error);
        };
        self.at += 2;
        Ok(match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex(at)?;
                let code = match high {
                    0xd800..=0xdbff => {
                        let low = match self.bytes().get(self.at..self.at + 2) {
                            Some(b"\\u") => {
                                self.at += 2;
                                self.hex(self.at - 2)?
                            }
                            _ => 0,
                        };
                        if !(0xdc00..=0xdfff).contains(&low) {
                            // A cut may be what separates the halves.
                            let mut error = self.lone_surrogate(at);
                            error.is_cut_off = matches!(&self.text[self.at..], "" | "\\");
                            return Err(error);
                        }
                        0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
                    }
                    0xdc00..=0xdfff => return Err(self.lone_surrogate(at)),
                    code => code,
                };
                char::from_u32(code).ok_or_else(|| self.lone_surrogate(at))?
            }
            _ => {
                let len = self.text[at + 1..].chars().next().map_or(1, char::len_utf8);
                let shown = &self.text[at..at + 1 + len];
                let mut error =
                    self.wrong(at, at + 1 + len, format!("`{}` is no escape", shown.escape_debug()));
                error.help = Some(
                    "JSON knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX; write a backslash as `\\\\`",
                );
                return Err(error);
            }
        })
    }

    fn lone_surrogate(&self, at: usize) -> Box<SyntaxError> {
        let mut error = self.wrong(at, self.at, "half of a surrogate pair");
        error.help = Some("characters beyond U+FFFF take two escapes, such as `\\ud83d\\ude00`");
        error
    }

    /// Four hexadecimal digits of the escape that began at `start`.
    fn hex(&mut self, start: usize) -> Scanned<u32> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.bytes().get(self.at).and_then(|&byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                let mut error = self.wrong(start, self.at, "`\\u` takes four hexadecimal digits");
                error.is_cut_off = self.at == self.text.len();
                return Err(error);
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
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

/// The integer that `number` writes, if it is short: what nearly all numbers of histories are.
fn small_integer(number: &str) -> Option<i64> {
    let (is_negative, digits) = match number.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut value: i64 = 0;
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    Some(if is_negative { -value } else { value })
}

/// The integer that `number` writes, if it fits.
pub(super) fn integer(number: &str) -> Option<i64> {
    small_integer(number).or_else(|| number.parse().ok())
}

/// A time in nanoseconds, from the digits of a number in `unit`. Halves are rounded away from zero; nothing goes
/// through floating point. `None` where it is no number or beyond 64 bits.
pub(super) fn nanoseconds(number: &str, unit: TimeUnit) -> Option<i64> {
    if let Some(integer) = integer(number) {
        return integer.checked_mul(unit.nanoseconds());
    }
    let (is_negative, rest) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], rest[at + 1..].parse::<i64>().ok()?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let scale = i64::from(unit.nanoseconds().ilog10());
    // The value is `digits` times ten to this power.
    let power = exponent.checked_add(scale)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let kept = i64::try_from(digits.len()).ok()?.checked_add(power)?;
    if kept > 19 {
        return None;
    }
    let kept = match usize::try_from(kept) {
        Ok(kept) => kept,
        Err(_) => return Some(0),
    };
    let mut value: i128 = 0;
    for at in 0..kept {
        let digit = digits.as_bytes().get(at).map_or(0, |byte| byte - b'0');
        value = value * 10 + i128::from(digit);
    }
    value += i128::from(digits.as_bytes().get(kept).is_some_and(|&byte| byte >= b'5'));
    i64::try_from(if is_negative { -value } else { value }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> Result<String, String> {
        let mut values = Values::new();
        let mut scanner = Scanner::of(text);
        let value = scanner.value(&mut values).map_err(|error| error.message.into_owned())?;
        match scanner.next_byte() {
            None => Ok(values.show(value)),
            Some(_) => Err(format!("rest at {}", scanner.at())),
        }
    }

    #[test]
    fn values_are_read_exactly() {
        for (text, shown) in [
            ("null", "nil"),
            (" [1, -2 ,\t0]\n", "[1 -2 0]"),
            ("170141183460469231731687303715884105727", "170141183460469231731687303715884105727"),
            ("0.1", "1e-1"),
            ("1.50E+3", "15e2"),
            (r#""a\u00e9\ud83d\ude00\n\/é""#, "\"aé😀\\n/é\""),
            (r#"{"b":{},"a":[true,false]}"#, r#"{"b" {}, "a" [true false]}"#),
            ("\u{feff}[]", "[]"),
        ] {
            assert_eq!(show(text).as_deref(), Ok(shown), "{text}");
        }
    }

    #[test]
    fn skipping_checks_what_reading_checks() {
        let good = [r#"{"a":[1,{"b":"\ud83d\ude00"}],"c":-1.5e-7}"#, "\"\\u0041\"", "0", "[[],[]]"];
        let bad = [
            "",
            "[",
            "[1,]",
            "[,1]",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "01",
            "1.",
            "-",
            "1e",
            "tru",
            "nulll",
            "\"\\x\"",
            "\"\\ud83d\"",
            "\"\\udc00\"",
            "\"\\u12g4\"",
            "\"a\nb\"",
            "\"a",
            "NaN",
            "+1",
            "'a'",
            "[1 2]",
            "{\"a\":1 \"b\":2}",
            "{\"a\":1,}",
        ];
        for (texts, is_good) in [(&good[..], true), (&bad[..], false)] {
            for text in texts {
                let mut scanner = Scanner::of(text);
                assert_eq!(scanner.skip().is_ok(), is_good, "{text}");
                let mut scanner = Scanner::of(text);
                assert_eq!(scanner.value(&mut Values::new()).is_ok(), is_good, "{text}");
            }
        }
    }

    #[test]
    fn a_cut_is_told_from_a_fault() {
        let whole = r#"{"a":[1,"x\ud83d\ude00y",-0.5e3,true,null],"b":{}}"#;
        for end in (0..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
            let mut scanner = Scanner::of(&whole[..end]);
            let error = scanner.skip().expect_err("cut off");
            assert!(error.is_cut_off, "{} {error:?}", &whole[..end]);
        }
        assert!(!Scanner::of("[1 2").skip().expect_err("no comma").is_cut_off);
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_a_crash() {
        let deep = "[".repeat(200_000);
        assert!(Scanner::of(&deep).skip().expect_err("too deep").message.contains("256"));
        assert!(show(&deep).expect_err("too deep").contains("256"));
        let allowed = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert!(show(&allowed).is_ok());
    }

    #[test]
    fn repeated_keys_are_errors() {
        assert!(show(r#"{"a":1,"a":2}"#).expect_err("twice").contains("`a`"));
        let many: Vec<String> = (0..40).map(|at| format!("\"{at}\":{at}")).collect();
        assert!(show(&format!("{{{}}}", many.join(","))).is_ok());
        assert!(show(&format!("{{{},\"39\":0}}", many.join(","))).expect_err("twice").contains("`39`"));
        let mut scanner = Scanner::of(r#"{"a":1, "a" : 2}"#);
        let error = scanner.value(&mut Values::new()).expect_err("twice");
        assert_eq!((error.start, error.end), (8, 11));
    }

    #[test]
    fn times_are_rounded_to_nanoseconds() {
        use TimeUnit::*;
        for (text, unit, time) in [
            ("12", Nanoseconds, Some(12)),
            ("-1", Milliseconds, Some(-1_000_000)),
            ("1.651553871982E12", Milliseconds, Some(1_651_553_871_982_000_000)),
            ("0.1234567895", Seconds, Some(123_456_790)),
            ("-1.5", Nanoseconds, Some(-2)),
            ("1.4", Nanoseconds, Some(1)),
            ("0.04", Nanoseconds, Some(0)),
            ("0.5", Nanoseconds, Some(1)),
            ("1e-30", Seconds, Some(0)),
            ("9223372036854775807", Nanoseconds, Some(i64::MAX)),
            ("9223372036854775807", Seconds, None),
            ("1e19", Nanoseconds, None),
            ("1e400000000000000000000", Nanoseconds, None),
            ("0e0", Seconds, Some(0)),
        ] {
            assert_eq!(nanoseconds(text, unit), time, "{text}");
        }
    }
}
