//! Texts in quotes and their escapes.

use std::borrow::Cow;

use super::{Scanned, Scanner, SyntaxError};

impl<'a> Scanner<'a> {
    /// A text in quotes.
    pub(in crate::format) fn string(&mut self) -> Scanned<Cow<'a, str>> {
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
                let escaped = self.text[at + 1..].chars().next();
                let shown = match escaped {
                    Some(escaped) if escaped.is_control() => escaped.escape_debug().to_string(),
                    escaped => escaped.into_iter().collect(),
                };
                let end = at + 1 + escaped.map_or(1, char::len_utf8);
                let mut error = self.wrong(at, end, format!("`\\{shown}` is no escape"));
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
}
