//! The objects of a JSON text: one a line, one after the other over several lines each, or all in one array.

use super::json::{Scanned, Scanner};
use crate::build::HistoryBuilder;
use crate::diagnostic::Diagnostic;
use crate::operation::Note;
use crate::span::{Source, Span};

/// Calls `take` at the beginning of every object of `source`; `take` goes over the whole object. The flag is whether
/// it is the first record.
///
/// What is no object is an error, and so is what `take` finds wrong; reading goes on at the next record. Where the
/// text ends inside its last record, that record is left out with a note.
pub(super) fn objects<'a>(
    source: Source<'a>,
    builder: &mut HistoryBuilder,
    mut take: impl FnMut(&mut Scanner<'a>, &mut HistoryBuilder, bool) -> Scanned<()>,
) {
    let mut scanner = Scanner::new(source);
    if scanner.next_byte() == Some(b'[') {
        return array(source, scanner, builder, take);
    }
    let mut is_first = true;
    while let Some(byte) = scanner.next_byte() {
        let start = scanner.at();
        let result = if byte == b'{' {
            take(&mut scanner, builder, is_first)
        } else {
            Err(scanner.unexpected("an object `{…}`"))
        };
        is_first = false;
        let Err(error) = result else { continue };
        let resume = next_record(source.text, start);
        if error.is_cut_off && resume == source.text.len() {
            return builder.note(Note::TruncatedLine(Span::new(source.id, start, resume)));
        }
        builder.error(*error.diagnostic(source.id));
        scanner.go_to(resume);
    }
}

fn array<'a>(
    source: Source<'a>,
    mut scanner: Scanner<'a>,
    builder: &mut HistoryBuilder,
    mut take: impl FnMut(&mut Scanner<'a>, &mut HistoryBuilder, bool) -> Scanned<()>,
) {
    if let Err(error) = scanner.open_list() {
        return builder.error(*error.diagnostic(source.id));
    }
    let (mut is_first, mut is_resumed) = (true, false);
    loop {
        let mut step = || -> Scanned<bool> {
            if !scanner.member(is_first || is_resumed)? {
                return Ok(false);
            }
            if scanner.next_byte() == Some(b'{') {
                take(&mut scanner, builder, is_first)?;
            } else {
                let from = scanner.at();
                let kind = scanner.kind()?;
                scanner.skip()?;
                let message = format!("expected an operation `{{…}}`, found {}", kind.name());
                let span = Span::new(source.id, from, scanner.at());
                builder.error(
                    Diagnostic::error(span, message)
                        .help("each member of the array is one event or operation"),
                );
            }
            Ok(true)
        };
        match step() {
            Ok(true) => (is_first, is_resumed) = (false, false),
            Ok(false) => break,
            Err(error) => {
                let resume = next_record(source.text, error.start);
                builder.error(*error.diagnostic(source.id));
                // Where lines begin with records, the other records can still be looked at.
                if !source.text[resume..].trim_start().starts_with('{') {
                    return;
                }
                scanner.go_to(resume);
                // What closes the array was opened before the jump.
                scanner.reopen_list();
                (is_first, is_resumed) = (false, true);
            }
        }
    }
    if scanner.next_byte().is_some() {
        let span = Span::new(source.id, scanner.at(), source.text.trim_end().len());
        builder.error(
            Diagnostic::error(span, "text after the end of the array")
                .help("an array holds the whole history"),
        );
    }
}

/// Calls `take` at the beginning of every object of a piece of an array, which begins and ends before members of it, or
/// where the text does. `false` where it is not such a piece, or `take` finds anything wrong: nothing is told of that.
pub(super) fn members<'a>(
    source: Source<'a>,
    is_start: bool,
    is_end: bool,
    mut take: impl FnMut(&mut Scanner<'a>, bool) -> Scanned<()>,
) -> bool {
    let mut scanner = Scanner::new(source);
    let mut read = || -> Scanned<bool> {
        if is_start {
            scanner.open_list()?;
        } else {
            scanner.reopen_list();
        }
        let mut is_first = true;
        while scanner.next_byte() == Some(b'{') {
            take(&mut scanner, is_first)?;
            is_first = false;
            if !scanner.member(false)? {
                return Ok(is_end && scanner.next_byte().is_none());
            }
        }
        Ok(!is_end && scanner.next_byte().is_none() && !is_first)
    };
    read().unwrap_or(false)
}

/// Where reading goes on after an error in the record that begins at `start`: at the next line that is not a further
/// line of that record, that is, not indented deeper and not begun by what closes or separates.
fn next_record(text: &str, start: usize) -> usize {
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent = text[line..].bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let mut at = start;
    while let Some(end) = memchr::memchr(b'\n', &text.as_bytes()[at..]) {
        at += end + 1;
        let blanks = text[at..].bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let is_further = match text.as_bytes().get(at + blanks) {
            None | Some(b'\r' | b'\n' | b'}' | b']' | b',') => true,
            Some(_) => blanks > indent,
        };
        if !is_further {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::diagnostic::Diagnostics;
    use crate::format::Format;
    use crate::span::SourceId;

    /// The texts of the objects found, and what is wrong.
    fn found(text: &str) -> (Vec<String>, Vec<Note>, Diagnostics) {
        let source = Source { id: SourceId(0), text };
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        let mut found = Vec::new();
        objects(source, &mut builder, |scanner, _, _| {
            let start = scanner.at();
            scanner.skip()?;
            found.push(text[start..scanner.at()].to_owned());
            Ok(())
        });
        match builder.finish(Overrides::default()) {
            Ok(history) => (found, history.notes, Diagnostics::new()),
            Err(errors) => (found, Vec::new(), errors),
        }
    }

    #[test]
    fn objects_stand_on_lines_one_after_the_other_or_in_an_array() {
        for text in [
            "{\"a\":1}\n{\"b\":[2]}\n",
            "{\"a\":1}{\"b\":[2]}",
            "\u{feff}\r\n{\"a\":1}\r\n\r\n{\"b\":[2]}\r\n",
            "[{\"a\":1},\n{\"b\":[2]}]\n",
            " [ {\"a\":1} , {\"b\":[2]} ] ",
        ] {
            let (found, notes, errors) = found(text);
            assert_eq!(found, ["{\"a\":1}", "{\"b\":[2]}"], "{text}");
            assert!(notes.is_empty() && errors.is_empty(), "{text}");
        }
        assert!(found("").0.is_empty() && found("[]").0.is_empty() && found(" \n").0.is_empty());
        let (found, ..) = found("{\n  \"a\": 1\n}\n{\n  \"b\": [\n    2\n  ]\n}\n");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn every_bad_line_is_an_error_and_the_next_line_is_read() {
        let (found, _, errors) = found("{\"a\":1}\nx\ny\n{\"a\":[1\n{\"b\":}\n{\"c\":3}\n7\n");
        assert_eq!(found, ["{\"a\":1}", "{\"c\":3}"]);
        let starts: Vec<u64> = errors.first().iter().map(|error| error.span.expect("a span").start).collect();
        assert_eq!(errors.total(), 5, "{errors:?}");
        assert!(starts.is_sorted());
    }

    #[test]
    fn after_a_bad_object_over_several_lines_the_next_object_is_read() {
        let (found, _, errors) = found("{\n  \"a\": {\n    \"x\": \n  }\n}\n{\n  \"b\": 2\n}\n");
        assert_eq!(found, ["{\n  \"b\": 2\n}"]);
        assert_eq!(errors.total(), 1, "{errors:?}");
    }

    #[test]
    fn a_cut_off_end_is_a_note() {
        let whole = "{\"a\":1}\n{\"b\":[2,\"x\"]}";
        for end in 9..whole.len() {
            let (found, notes, errors) = found(&whole[..end]);
            assert_eq!(found, ["{\"a\":1}"], "{end}");
            assert!(errors.is_empty(), "{end} {errors:?}");
            assert_eq!(notes, [Note::TruncatedLine(Span::new(SourceId(0), 8, end))], "{end}");
        }
    }

    #[test]
    fn an_array_is_whole_or_an_error() {
        for (text, count) in [
            ("[{\"a\":1}", 1),
            ("[{\"a\":1},", 1),
            ("[{\"a\":1}] x", 1),
            ("[{\"a\":1},7]", 1),
            ("[{\"a\":1} {\"b\":1}]", 1),
            ("[{\"a\":},\n{\"b\":1}]", 1),
            ("[", 1),
            ("[x,\n{\"b\":1},\n{\"c\"},\n{\"d\":1}]", 2),
        ] {
            assert_eq!(found(text).2.total(), count, "{text}");
        }
        assert_eq!(found("[x,\n{\"b\":1},\n{\"c\"},\n{\"d\":1}]").0, ["{\"b\":1}", "{\"d\":1}"]);
    }
}
