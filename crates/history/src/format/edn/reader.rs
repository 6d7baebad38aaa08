//! Reads EDN form by form, straight into the values of a history.

use std::borrow::Cow;

use memchr::{memchr, memrchr};

use super::error::{Syntax, SyntaxError, shown};
use super::literal::{self, Number};
use super::sink::{Intern, Shape, Sink, Skip};
use crate::diagnostic::Diagnostic;
use crate::span::{Source, SourceId, Span};
use crate::value::{ValueId, Values};

const BLANK: u8 = 1;
const END: u8 = 2;

/// What each byte is between and within tokens: commas are blanks, and brackets end a token as blanks do.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut at = 0;
    let (blanks, ends) = (b" \t\n\r\x0b\x0c,", b"()[]{}\";\\");
    while at < blanks.len() {
        class[blanks[at] as usize] = BLANK | END;
        at += 1;
    }
    at = 0;
    while at < ends.len() {
        class[ends[at] as usize] = END;
        at += 1;
    }
    class
};

pub(crate) fn is_blank(byte: u8) -> bool {
    CLASS[byte as usize] & BLANK != 0
}

pub(crate) fn is_end(byte: u8) -> bool {
    CLASS[byte as usize] & END != 0
}

/// A place in a text of EDN. Its methods leave it anywhere after an error; [`Reader::recover`] finds where to go on.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    source: SourceId,
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// A form that begins with this bracket, at this column and first on its line, is an event of its own, wherever it
    /// stands: so it is once a form was found to swallow the lines after it, lest each such form reads the whole rest
    /// of the text.
    pub(super) own_line: Option<(u8, usize)>,
    stack: Vec<ValueId>,
}

impl<'a> Reader<'a> {
    /// At the beginning of `source`, after a byte order mark.
    pub(crate) fn new(source: Source<'a>) -> Self {
        let at = if source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self::within(source, at, source.text.len())
    }

    /// At `start` of `source`, as though the text ended at `end`. Both are boundaries of characters.
    pub(crate) fn within(source: Source<'a>, start: usize, end: usize) -> Self {
        Self { source: source.id, text: &source.text[..end], at: start, own_line: None, stack: Vec::new() }
    }

    /// The source of the text.
    pub(super) fn source(&self) -> SourceId {
        self.source
    }

    /// Offset of the next byte to read.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Goes to `at`, a boundary of characters.
    pub(crate) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// The text, up to where it ends for this reader.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The next byte.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The byte after the next.
    pub(crate) fn peek_second(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at + 1).copied()
    }

    /// From `start` up to here.
    pub(crate) fn span_from(&self, start: usize) -> Span {
        Span::new(self.source, start, self.at)
    }

    /// From `start` up to `end`.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    /// Leaves out blanks, commas, comments and discarded forms.
    pub(crate) fn blanks(&mut self) -> Syntax<()> {
        self.blanks_at(0)
    }

    /// Reads a form into `values`.
    pub(crate) fn value(&mut self, values: &mut Values) -> Syntax<ValueId> {
        let stack = std::mem::take(&mut self.stack);
        let mut sink = Intern { values, stack };
        let read = self.form(&mut sink, 0);
        let id = sink.stack.pop();
        sink.stack.clear();
        self.stack = sink.stack;
        read.map(|()| id.expect("a form that is read is on the stack"))
    }

    /// Reads a form into nothing.
    pub(crate) fn skip(&mut self) -> Syntax<()> {
        self.form(&mut Skip, 0)
    }

    /// Reads a form; a collection or a tagged form becomes its own text, of at most 200 bytes.
    pub(crate) fn brief(&mut self, values: &mut Values) -> Syntax<ValueId> {
        const LONGEST: usize = 200;
        self.blanks()?;
        if !matches!(self.peek(), Some(b'[' | b'(' | b'{' | b'#')) {
            return self.value(values);
        }
        let start = self.at;
        self.skip()?;
        let text = &self.text[start..self.at];
        Ok(if text.len() <= LONGEST {
            values.text(text)
        } else {
            values.text(&format!("{}…", &text[..text.floor_char_boundary(LONGEST)]))
        })
    }

    /// Reads a keyword, a symbol or a string, and gives what it names. Where another form begins, reads nothing.
    pub(crate) fn name(&mut self) -> Syntax<Option<Cow<'a, str>>> {
        self.blanks()?;
        Ok(Some(match self.peek() {
            Some(b'"') => self.string(true)?,
            Some(b':') => Cow::Borrowed(self.keyword()?),
            Some(byte) if begins_symbol(byte, self.peek_second()) => Cow::Borrowed(self.token()),
            _ => return Ok(None),
        }))
    }

    /// Reads `nil`, if it is next.
    pub(crate) fn nil(&mut self) -> Syntax<bool> {
        self.blanks()?;
        let rest = &self.text.as_bytes()[self.at..];
        let is_nil = rest.starts_with(b"nil") && rest.get(3).is_none_or(|&byte| is_end(byte));
        if is_nil {
            self.at += 3;
        }
        Ok(is_nil)
    }

    /// Reads a number, if one is next.
    pub(crate) fn number(&mut self) -> Syntax<Option<Number<'a>>> {
        self.blanks()?;
        match self.peek() {
            Some(byte) if literal::is_number(byte, self.peek_second()) => self.numeral().map(Some),
            _ => Ok(None),
        }
    }

    /// Reads up to the end of the token that is next.
    pub(crate) fn token(&mut self) -> &'a str {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().position(|&byte| is_end(byte)).unwrap_or(rest.len());
        let start = self.at;
        self.at += length;
        &self.text[start..self.at]
    }

    fn blanks_at(&mut self, depth: usize) -> Syntax<()> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if is_blank(byte) {
                self.at += 1;
            } else if byte == b';' {
                self.at += memchr(b'\n', &bytes[self.at..]).unwrap_or(bytes.len() - self.at);
            } else if byte == b'#' && bytes.get(self.at + 1) == Some(&b'_') {
                let start = self.at;
                self.at += 2;
                self.check_depth(depth + 1, start)?;
                self.form(&mut Skip, depth + 1)?;
            } else {
                break;
            }
        }
        Ok(())
    }

    fn form<S: Sink>(&mut self, sink: &mut S, depth: usize) -> Syntax<()> {
        self.blanks_at(depth)?;
        let start = self.at;
        let Some(byte) = self.peek() else { return Err(self.missing()) };
        match byte {
            b'"' => {
                let text = self.string(S::KEEPS)?;
                sink.text(&text);
            }
            b':' => match self.keyword()? {
                // What JVM clients write for a value that is missing.
                "nil" => sink.nil(),
                keyword => sink.text(keyword),
            },
            b'[' => self.items(sink, Shape::Vector, start, depth)?,
            b'(' => self.items(sink, Shape::List, start, depth)?,
            b'{' => self.map(sink, None, depth)?,
            b'#' => self.dispatch(sink, depth)?,
            b'\\' => {
                let char = self.character()?;
                sink.text(char.encode_utf8(&mut [0; 4]));
            }
            b']' | b')' | b'}' => {
                return Err(self.error(start, start + 1, format!("`{}` closes nothing", char::from(byte))));
            }
            _ if literal::is_number(byte, self.peek_second()) => {
                let number = self.numeral()?;
                sink.number(number);
            }
            _ if begins_symbol(byte, None) => match self.token() {
                "nil" => sink.nil(),
                "true" => sink.bool(true),
                "false" => sink.bool(false),
                symbol => sink.text(symbol),
            },
            _ => {
                let token = shown(self.token());
                return Err(self.error(start, self.at, format!("`{token}` is no value that EDN has")));
            }
        }
        Ok(())
    }

    fn items<S: Sink>(&mut self, sink: &mut S, shape: Shape, start: usize, depth: usize) -> Syntax<()> {
        let bracket = self.at;
        self.check_depth(depth + 1, start)?;
        self.check_own_line(start)?;
        self.at += 1;
        let open = sink.open();
        loop {
            self.blanks_at(depth + 1)?;
            match self.peek() {
                None => return Err(self.unclosed(bracket, shape.name())),
                Some(byte) if byte == shape.closer() => break,
                Some(b']' | b')' | b'}') => return Err(self.mismatched(bracket, shape.closer())),
                Some(_) => self.form(sink, depth + 1)?,
            }
        }
        self.at += 1;
        sink.close(shape, open);
        Ok(())
    }

    /// Reads a map whose keys, where they have no namespace of their own, are of `namespace`.
    fn map<S: Sink>(&mut self, sink: &mut S, namespace: Option<&str>, depth: usize) -> Syntax<()> {
        let bracket = self.at;
        self.check_depth(depth + 1, bracket)?;
        self.check_own_line(bracket)?;
        self.at += 1;
        let open = sink.open();
        loop {
            self.blanks_at(depth + 1)?;
            let key = self.at;
            match self.peek() {
                None => return Err(self.unclosed(bracket, Shape::Map.name())),
                Some(b'}') => break,
                Some(b']' | b')') => return Err(self.mismatched(bracket, b'}')),
                Some(byte) => match namespace {
                    Some(namespace) if byte == b':' || begins_symbol(byte, self.peek_second()) => {
                        let name = if byte == b':' { self.keyword()? } else { self.token() };
                        sink.text(&qualified(namespace, name));
                    }
                    _ => self.form(sink, depth + 1)?,
                },
            }
            let key_end = self.at;
            self.blanks_at(depth + 1)?;
            match self.peek() {
                None => return Err(self.unclosed(bracket, Shape::Map.name())),
                Some(b'}') => return Err(self.without_value(key, key_end)),
                Some(b']' | b')') => return Err(self.mismatched(bracket, b'}')),
                Some(_) => self.form(sink, depth + 1)?,
            }
        }
        self.at += 1;
        sink.close(Shape::Map, open);
        Ok(())
    }

    /// Reads what begins with `#`.
    fn dispatch<S: Sink>(&mut self, sink: &mut S, depth: usize) -> Syntax<()> {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'{') => self.items(sink, Shape::Set, start, depth),
            Some(b'"') => {
                let pattern = self.pattern()?;
                sink.text(pattern);
                Ok(())
            }
            Some(b'#') => {
                self.at += 1;
                let token = self.token();
                if !matches!(token, "Inf" | "-Inf" | "NaN") {
                    let message = format!("`##{}` is none of `##Inf`, `##-Inf` and `##NaN`", shown(token));
                    return Err(self.bad_token(start, message));
                }
                sink.text(&self.text[start..self.at]);
                Ok(())
            }
            Some(b':') => {
                let namespace = self.keyword()?;
                self.blanks_at(depth)?;
                if self.peek() != Some(b'{') {
                    return Err(self.bad_token(start, format!("no map follows `#:{}`", shown(namespace))));
                }
                self.map(sink, Some(namespace), depth)
            }
            Some(b'\'') => {
                self.at += 1;
                let name = self.token();
                sink.text(name);
                Ok(())
            }
            Some(byte) if byte.is_ascii_alphabetic() || byte >= 0x80 => {
                self.token();
                self.check_depth(depth + 1, start)?;
                self.form(sink, depth + 1)
            }
            None => self.form(sink, depth),
            Some(_) => {
                let token = shown(self.token());
                let diagnostic = Diagnostic::error(self.span_from(start), format!("`#{token}` is no value that EDN has"))
                    .help("`#<…>` is how old Clojure prints objects that cannot be read back: take them out of the log");
                Err(Box::new(SyntaxError { diagnostic, unfinished: false }))
            }
        }
    }

    /// How many bytes stand before `at` on its line. `None` where they are too many to be an indentation.
    pub(super) fn column(&self, at: usize) -> Option<usize> {
        const WIDEST: usize = 256;
        let before = &self.text.as_bytes()[at.saturating_sub(WIDEST)..at];
        let newline = memrchr(b'\n', before).map(|newline| before.len() - newline - 1);
        newline.or((before.len() == at).then_some(at))
    }

    /// Whether an event of its own begins at `at`, although what is around it is not closed.
    fn check_own_line(&self, at: usize) -> Syntax<()> {
        let Some((bracket, column)) = self.own_line else { return Ok(()) };
        let bytes = self.text.as_bytes();
        let is_own = bytes[at] == bracket
            && self.column(at) == Some(column)
            && bytes[at - column..at].iter().all(|&byte| is_blank(byte));
        if is_own {
            return Err(self.error(
                at,
                at + 1,
                "the next event begins here, and what is around it is not closed",
            ));
        }
        Ok(())
    }
}

/// Whether a byte begins a symbol, and not a number, a quotation or anything else that only Clojure's own reader knows.
fn begins_symbol(byte: u8, second: Option<u8>) -> bool {
    !is_end(byte)
        && !matches!(byte, b':' | b'#' | b'@' | b'^' | b'`' | b'~' | b'\'')
        && !literal::is_number(byte, second)
}

/// A key of `#:namespace{…}` in full.
fn qualified<'n>(namespace: &str, name: &'n str) -> Cow<'n, str> {
    match name.strip_prefix("_/") {
        Some(plain) => Cow::Borrowed(plain),
        None if name.contains('/') => Cow::Borrowed(name),
        None => Cow::Owned(format!("{namespace}/{name}")),
    }
}
