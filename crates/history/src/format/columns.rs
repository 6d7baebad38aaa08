//! Operations in columns, one a line: process, type, function, value, and what went wrong.

use std::ops::Range;

use super::edn::error::{Syntax, SyntaxError};
use super::edn::field;
use super::edn::reader::Reader;
use crate::build::{Actor, Event, EventKind, HistoryBuilder};
use crate::diagnostic::Diagnostic;
use crate::operation::Note;
use crate::span::Source;

/// One line of a text, without its line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its bytes.
    pub(super) range: Range<usize>,
    /// Where the next one begins.
    pub(super) next: usize,
    /// Whether a line break ends it.
    pub(super) is_ended: bool,
}

/// The lines of `text`, after a byte order mark.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line> + '_ {
    let mut start = text.len() - text.trim_start_matches('\u{feff}').len();
    std::iter::from_fn(move || {
        let line = line_at(text, start)?;
        start = line.next;
        Some(line)
    })
}

/// The line that begins at `start`, if any does.
pub(super) fn line_at(text: &str, start: usize) -> Option<Line> {
    if start >= text.len() {
        return None;
    }
    let newline = memchr::memchr(b'\n', &text.as_bytes()[start..]).map(|length| start + length);
    let whole = &text[start..newline.unwrap_or(text.len())];
    let line = whole.strip_suffix('\r').unwrap_or(whole);
    Some(Line {
        range: start..start + line.len(),
        next: newline.map_or(text.len(), |newline| newline + 1),
        is_ended: newline.is_some(),
    })
}

/// Whether `columns` begins with a process, an integer or a keyword, and then one of the four types.
pub(super) fn is_operation(columns: &str) -> bool {
    let mut words = columns.split([' ', '\t']).filter(|word| !word.is_empty());
    words.next().is_some_and(is_process)
        && words.next().is_some_and(|word| word.starts_with(':') && EventKind::from_word(word).is_some())
}

/// Whether a word is an integer or a keyword.
pub(super) fn is_process(word: &str) -> bool {
    word.parse::<i128>().is_ok() || word.len() > 1 && word.starts_with(':')
}

/// Takes the columns from `start` to the end of `line` as an event; says whether they end with the text of an error.
///
/// What cannot be read counts among the `errors`, save a last line that was cut off after others that were read: a doubt.
pub(super) fn take(
    source: Source<'_>,
    line: &Line,
    start: usize,
    errors: &mut usize,
    builder: &mut HistoryBuilder,
) -> bool {
    let mut reader = Reader::within(source, start, line.range.end);
    match event(&mut reader, line.range.start, builder) {
        Ok(event) => {
            builder.event(event);
            event.error.is_some()
        }
        Err(error) if error.unfinished && !line.is_ended && *errors == 0 && builder.records() > 0 => {
            builder.note(Note::TruncatedLine(reader.span(line.range.start, line.range.end)));
            false
        }
        Err(error) => {
            *errors += 1;
            builder.error(error.diagnostic);
            false
        }
    }
}

/// Reads the columns that are left, as an event whose text begins at `start`.
fn event(reader: &mut Reader<'_>, start: usize, builder: &mut HistoryBuilder) -> Syntax<Event> {
    let values = &mut builder.values;
    expect(reader, "process")?;
    let actor = field::actor(reader, values)?;
    expect(reader, "type")?;
    let kind = field::known_kind(reader)?;
    expect(reader, "function")?;
    let function = field::flat(field::function(reader, values))?;
    expect(reader, "value")?;
    let column = reader.at();
    let value = match reader.value(values) {
        Ok(value) => value,
        // Whatever the nemesis says is no operation: its text will do.
        Err(_) if matches!(actor, Actor::Other(_)) => {
            let text = &reader.text()[column..];
            reader.go_to(reader.text().len());
            values.text(text)
        }
        Err(error) => return Err(error),
    };
    if !ends_column(reader.peek()) {
        let diagnostic = Diagnostic::error(
            reader.span(reader.at(), reader.text().len()),
            "this text follows the value without a blank",
        )
        .help("columns are set apart by tabs or blanks: process, type, function, value, error");
        return Err(Box::new(SyntaxError { diagnostic, unfinished: false }));
    }
    // Errors are printed for people: without quotes, and with tabs of their own. A keyword is one in every format.
    let error = reader.text()[reader.at()..].trim();
    let is_word = !error.contains(|char: char| char.is_whitespace());
    let error = if is_word { error.strip_prefix(':').unwrap_or(error) } else { error };
    let error = (!error.is_empty()).then(|| values.text(error));
    let span = reader.span(start, reader.text().len());
    Ok(Event { function, value: Some(value), error, ..Event::new(kind, actor, span) })
}

/// Goes to the next column, which must be there.
fn expect(reader: &mut Reader<'_>, column: &str) -> Syntax<()> {
    let rest = &reader.text()[reader.at()..];
    let blanks = rest.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let at = reader.at() + blanks;
    reader.go_to(at);
    if blanks < rest.len() {
        return Ok(());
    }
    let diagnostic = Diagnostic::error(reader.span(at, at), format!("the line ends before its {column}"))
        .help("a line has a process, a type, a function and a value, and may have an error after them");
    Err(Box::new(SyntaxError { diagnostic, unfinished: true }))
}

fn ends_column(byte: Option<u8>) -> bool {
    byte.is_none_or(|byte| matches!(byte, b' ' | b'\t'))
}

#[cfg(test)]
pub(super) mod testing {
    //! What the tests of line formats look at.

    use crate::build::{HistoryBuilder, Overrides};
    use crate::diagnostic::Diagnostic;
    use crate::operation::{Completion, History, Operation};

    /// Each operation as `process function argument -> completion !error`.
    pub(in crate::format) fn summary(history: &History) -> Vec<String> {
        let show = |id: Option<_>| id.map_or("-".to_owned(), |id| history.values.show(id));
        let one = |operation: &Operation| {
            let end = match operation.completion {
                Completion::Ok(answer) => format!("ok {}", show(answer.value)),
                Completion::Fail(answer) => format!("fail {}", show(answer.value)),
                Completion::Unknown => "unknown".to_owned(),
            };
            let (process, argument) = (show(Some(operation.process)), show(operation.argument));
            let error = operation.error.map_or(String::new(), |error| format!(" !{}", show(Some(error))));
            format!("{process} {} {argument} -> {end}{error}", history.function(operation))
        };
        history.operations.iter().map(one).collect()
    }

    /// Compares the errors of a text: what each points to, and what it says.
    #[track_caller]
    pub(in crate::format) fn check_errors(text: &str, builder: HistoryBuilder, expect: &[(&str, &str)]) {
        let errors = builder.finish(Overrides::default()).expect_err("something is wrong with it");
        fn one<'e>(text: &'e str, error: &'e Diagnostic) -> (&'e str, &'e str) {
            let span = error.span.expect("every error has a place");
            (&text[span.start as usize..span.end() as usize], &error.message)
        }
        let said: Vec<_> = errors.first().iter().map(|error| one(text, error)).collect();
        assert_eq!(said, expect, "{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_their_breaks() {
        let found: Vec<_> =
            lines("\u{feff}a\r\n\nb").map(|line| (line.range, line.next, line.is_ended)).collect();
        assert_eq!(found, [(3..4, 6, true), (6..6, 7, true), (7..8, 8, false)]);
        assert_eq!(lines("").count(), 0);
    }

    #[test]
    fn what_begins_like_an_operation() {
        for columns in ["0\t:invoke\t:read\tnil", "-1  :ok", ":nemesis :info :start", "  7 :FAIL"] {
            assert!(is_operation(columns), "{columns}");
        }
        for columns in ["", "0", "0 invoke :read", ": :ok", "x :ok", "0 :okay", "0:ok :read"] {
            assert!(!is_operation(columns), "{columns}");
        }
    }
}
