//! Where to go on after a form that cannot be read.

use memchr::memmem;

use super::error::SyntaxError;
use super::reader::Reader;
use crate::build::HistoryBuilder;
use crate::diagnostic::Diagnostic;
use crate::operation::Note;

/// Where a form that cannot be read ends, brackets and quotes alone considered.
enum Bounds {
    /// Its brackets are closed before this offset.
    Closed(usize),
    /// Its like begins at this offset, first on a line.
    Next(usize),
    /// It takes up the rest of the text.
    Open,
}

/// Gives up the form at `start`, for this `error`, and goes to where the next form begins.
///
/// The beginning of a last line that was never written to its end is a doubt, if everything before it was read; all
/// else counts among the `errors`.
pub(crate) fn give_up(
    reader: &mut Reader<'_>,
    start: usize,
    error: SyntaxError,
    errors: &mut usize,
    builder: &mut HistoryBuilder,
) {
    let (diagnostic, is_cut_off) = reader.recover(start, error);
    if is_cut_off && *errors == 0 && builder.records() > 0 {
        let end = reader.text().trim_end().len();
        builder.note(Note::TruncatedLine(reader.span(start, end)));
    } else {
        *errors += 1;
        builder.error(diagnostic);
    }
}

impl Reader<'_> {
    /// Where the discarded form begins that makes what is between two forms, from `start`, unreadable.
    pub(crate) fn discarded_after(&self, start: usize) -> usize {
        memmem::find(&self.text.as_bytes()[start..], b"#_").map_or(start, |length| start + length)
    }

    /// Goes to where the next form begins. Gives what to say, and whether the form is a last line that was cut off.
    fn recover(&mut self, start: usize, error: SyntaxError) -> (Diagnostic, bool) {
        let SyntaxError { mut diagnostic, unfinished } = error;
        let mut is_cut_off = false;
        match self.bounds(start) {
            Bounds::Closed(end) => self.go_to(end),
            Bounds::Next(next) => {
                // What is wrong is found only after the lines that were swallowed: it is the form before them that is broken.
                if unfinished || diagnostic.span.is_none_or(|span| span.start >= next as u64) {
                    let end = start + self.text()[start..next].trim_end().len();
                    diagnostic = Diagnostic::error(
                        self.span(start, end),
                        "this form is not closed before the next one begins",
                    )
                    .related(self.span(next, next + 1), "the next one begins here")
                    .help("a bracket or a quote is missing, or there is one too many");
                    self.own_line = self.column(next).map(|column| (self.text.as_bytes()[next], column));
                }
                self.go_to(next);
            }
            Bounds::Open => {
                self.go_to(self.text().len());
                let is_one_line = !self.text()[start..].trim_end().contains('\n');
                is_cut_off = unfinished && is_one_line && self.column(start) == Some(0);
            }
        }
        (diagnostic, is_cut_off)
    }

    fn bounds(&self, start: usize) -> Bounds {
        let bytes = self.text().as_bytes();
        let column = self.column(start);
        let begins_like = |line: usize| {
            let blanks = bytes[line..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b',')).count();
            let at = line + blanks;
            let first = bytes.get(at).copied();
            let is_like =
                first == bytes.get(start).copied() || bytes.get(start) == Some(&b'#') && first == Some(b'{');
            (is_like && (blanks == 0 || Some(blanks) == column)).then_some(at)
        };
        let mut closers = Vec::new();
        let (mut in_string, mut in_comment) = (false, false);
        let mut at = start;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'\n' => {
                    in_comment = false;
                    if let Some(next) = begins_like(at) {
                        return Bounds::Next(next);
                    }
                }
                _ if in_comment => {}
                // Whatever is escaped, in a string or as a character, it is neither a quote nor a bracket. A line break is one.
                b'\\' if bytes.get(at) != Some(&b'\n') => at += 1,
                b'"' => in_string = !in_string,
                _ if in_string => {}
                b';' => in_comment = true,
                b'[' => closers.push(b']'),
                b'(' => closers.push(b')'),
                b'{' => closers.push(b'}'),
                b']' | b')' | b'}' => {
                    // A bracket too many closes nothing; one that is missing is closed by the next outer one.
                    if let Some(open) = closers.iter().rposition(|&closer| closer == byte) {
                        closers.truncate(open);
                    }
                    if closers.is_empty() {
                        return Bounds::Closed(at);
                    }
                }
                _ => {}
            }
        }
        Bounds::Open
    }
}
