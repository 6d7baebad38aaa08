//! Tokens of EDN: keywords, numbers, characters and strings.

use std::borrow::Cow;

use memchr::memchr2;

use super::error::{Syntax, SyntaxError, shown};
use super::literal::{self, Number};
use super::reader::Reader;
use crate::diagnostic::Diagnostic;

impl<'a> Reader<'a> {
    pub(super) fn keyword(&mut self) -> Syntax<&'a str> {
        let start = self.at;
        self.at += 1;
        let name = self.token();
        if name.is_empty() {
            return Err(self.bad_token(start, "a keyword without a name"));
        }
        Ok(name)
    }

    pub(super) fn numeral(&mut self) -> Syntax<Number<'a>> {
        let start = self.at;
        let token = self.token();
        literal::number(token).map_err(|message| {
            let message = format!("`{}` {message}", shown(token));
            let mut error = self.bad_token(start, message);
            error.diagnostic.help = Some(
                "write integers as `7`, other numbers as `7.5` or `7e-3`, and texts in quotes".to_owned(),
            );
            error
        })
    }

    pub(super) fn character(&mut self) -> Syntax<char> {
        let start = self.at;
        self.at += 1;
        let first = self.text[self.at..].chars().next().filter(|first| !first.is_whitespace());
        let Some(first) = first else {
            return Err(self.bad_token(start, "no character follows this backslash"));
        };
        let named = self.at;
        self.at += first.len_utf8();
        self.token();
        let name = &self.text[named..self.at];
        let Some(char) = literal::character(name) else {
            return Err(self.bad_token(start, format!("`\\{}` is no character that EDN has", shown(name))));
        };
        Ok(char)
    }

    /// Reads a string; where it is not kept, its text may be left empty.
    pub(super) fn string(&mut self, keep: bool) -> Syntax<Cow<'a, str>> {
        let open = self.at;
        self.at += 1;
        let mut from = self.at;
        let mut decoded = String::new();
        loop {
            let Some(length) = memchr2(b'"', b'\\', &self.text.as_bytes()[self.at..]) else {
                self.at = self.text.len();
                return Err(self.unclosed(open, "string"));
            };
            self.at += length;
            if self.peek() == Some(b'"') {
                let last = &self.text[from..self.at];
                self.at += 1;
                if decoded.is_empty() {
                    return Ok(Cow::Borrowed(last));
                }
                decoded.push_str(last);
                return Ok(Cow::Owned(decoded));
            }
            match literal::escape(&self.text[self.at..]) {
                Ok((char, length)) => {
                    if keep {
                        decoded.push_str(&self.text[from..self.at]);
                        decoded.push(char);
                    }
                    self.at += length;
                    from = self.at;
                }
                Err((length, _)) if self.at + length >= self.text.len() => {
                    return Err(self.unclosed(open, "string"));
                }
                Err((length, message)) => {
                    let end = self.at + length;
                    let message = format!("`{}` {message}", shown(&self.text[self.at..end]));
                    let diagnostic = Diagnostic::error(self.span(self.at, end), message)
                        .help("write a backslash as `\\\\`, and a character beyond U+FFFF as itself or as two `\\uXXXX`");
                    return Err(Box::new(SyntaxError { diagnostic, unfinished: false }));
                }
            }
        }
    }

    /// Reads the rest of `#"…"`, a regular expression: its backslashes are its own.
    pub(super) fn pattern(&mut self) -> Syntax<&'a str> {
        let open = self.at;
        let bytes = self.text.as_bytes();
        let mut at = open + 1;
        loop {
            match memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
                None => {
                    self.at = self.text.len();
                    return Err(self.unclosed(open, "pattern"));
                }
                Some(length) if bytes[at + length] == b'\\' => at += length + 2,
                Some(length) => {
                    self.at = at + length + 1;
                    return Ok(&self.text[open + 1..at + length]);
                }
            }
        }
    }
}
