//! Intervals of fptlin: `process start end METHOD value…` on a line, after a comment that names the object.

use super::object::{Object, Row};
use super::words::{Line, Word, lines};
use crate::build::HistoryBuilder;
use crate::diagnostic::Diagnostic;
use crate::span::Source;
use crate::value::ValueId;

/// Reads a row for each operation. All operations have returned.
pub fn read(source: Source<'_>, builder: &mut HistoryBuilder) {
    rows(source, builder, &LAYOUT);
}

const LAYOUT: Layout = Layout { columns: "process start end METHOD value…", take };

/// How the rows of a format are laid out.
pub(super) struct Layout {
    /// The columns, for messages.
    pub(super) columns: &'static str,
    /// Takes a row apart; gets the number of the row too.
    pub(super) take: Take,
}

/// Takes the words of a row apart.
type Take = for<'a> fn(&[Word<'a>], usize, &mut HistoryBuilder) -> Option<Parts<'a>>;

/// What a row consists of.
pub(super) struct Parts<'a> {
    /// The client.
    pub(super) process: ValueId,
    /// The method.
    pub(super) method: Word<'a>,
    /// Its numbers.
    pub(super) numbers: Vec<&'a str>,
    /// Call.
    pub(super) call: Word<'a>,
    /// Return.
    pub(super) end: Word<'a>,
}

/// Reads a comment that names the object, and then a row for each operation.
pub(super) fn rows(source: Source<'_>, builder: &mut HistoryBuilder, layout: &Layout) {
    let mut object = None;
    for (number, line) in lines(source).enumerate() {
        let words = line.words(source);
        let Some(&(first, _)) = words.first() else { continue };
        if first.starts_with('#') {
            declare(source, line, &mut object, builder);
            continue;
        }
        let Some(object) = object else {
            let help = "the first line names the object, such as `# queue`";
            return builder.error(
                Diagnostic::error(line.span(source), "an operation before the object is named").help(help),
            );
        };
        if let Err(error) = row(source, line, number, &words, object, builder, layout) {
            builder.error(*error);
        }
    }
}

/// Takes a comment; the first of one word names the object.
fn declare(
    source: Source<'_>,
    line: Line<'_>,
    object: &mut Option<&'static Object>,
    builder: &mut HistoryBuilder,
) {
    let name = line.text.trim().trim_start_matches('#').trim();
    match (Object::named(name), *object) {
        (Some(found), None) => {
            found.declare(builder);
            *object = Some(found);
        }
        (Some(found), Some(earlier)) if found.model != earlier.model => {
            let message = format!("the object is a {} now, but was a {}", found.names[0], earlier.names[0]);
            let help = "a file has one object: split it";
            builder.error(Diagnostic::error(line.span_of(source, name), message).help(help));
        }
        (None, None) if !name.is_empty() && !name.contains(char::is_whitespace) => {
            let message = format!("unknown object `{name}`");
            let help = "there are `stack`, `queue`, `priorityqueue`, `pqueue`, `deque`, `set`, `rmw` and `semaphore`";
            builder.error(Diagnostic::error(line.span_of(source, name), message).help(help));
        }
        // Further comments say nothing.
        _ => {}
    }
}

fn row(
    source: Source<'_>,
    line: Line<'_>,
    number: usize,
    words: &[Word<'_>],
    object: &'static Object,
    builder: &mut HistoryBuilder,
    layout: &Layout,
) -> Result<(), Box<Diagnostic>> {
    let span = line.span(source);
    let Some(parts) = (layout.take)(words, number, builder) else {
        let message = format!("expected `{}`, found {} words", layout.columns, words.len());
        return Err(Box::new(
            Diagnostic::error(span, message).help("an operation is one line, without further columns"),
        ));
    };
    let (name, place) = parts.method;
    let method = object.method(name).ok_or_else(|| Box::new(object.unknown_method(name, place)))?;
    let time = |(word, place): Word<'_>| {
        word.parse::<i64>().map_err(|_| {
            let help = "call and return are integers of 64 bits";
            Box::new(Diagnostic::error(place, format!("`{word}` is no time")).help(help))
        })
    };
    let (call, end) = (time(parts.call)?, time(parts.end)?);
    let row = Row { process: parts.process, method, numbers: &parts.numbers, call, end, span };
    let interval = row.interval(&mut builder.values)?;
    builder.interval(interval);
    Ok(())
}

fn take<'a>(words: &[Word<'a>], _: usize, builder: &mut HistoryBuilder) -> Option<Parts<'a>> {
    let &[(process, _), call, end, method, ref numbers @ ..] = words else { return None };
    let process = super::object::number_or_text(process, &mut builder.values);
    let numbers = numbers.iter().map(|&(number, _)| number).collect();
    Some(Parts { process, method, numbers, call, end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::diagnostic::Diagnostics;
    use crate::format::Format;
    use crate::operation::{Answer, Completion, History};
    use crate::span::SourceId;

    fn history(text: &str) -> Result<History, Diagnostics> {
        let mut builder = HistoryBuilder::new(Format::Fptlin);
        read(Source { id: SourceId(0), text }, &mut builder);
        builder.finish(Overrides::default())
    }

    fn answers(text: &str) -> Vec<String> {
        let history = history(text).expect("well-formed");
        let show = |id: Option<ValueId>| id.map_or("-".to_owned(), |id| history.values.show(id));
        let answers = history.operations.iter().map(|operation| {
            let Completion::Ok(Answer { value, result }) = operation.completion else {
                panic!("{operation:?}")
            };
            format!(
                "{} {} {} {}",
                history.function(operation),
                show(operation.argument),
                show(value),
                show(result)
            )
        });
        answers.collect()
    }

    #[test]
    fn every_object_is_read() {
        assert_eq!(
            answers("# queue\n0 1 2 ENQ 7\n1 3 4 DEQ 7\n\n1 5 6 PEEK -1"),
            ["enqueue 7 - -", "dequeue - 7 -", "peek - nil -"]
        );
        assert_eq!(
            answers("# set\n0 1 2 INSERT 2 1\n0 3 4 CONTAINS 2 0"),
            ["add 2 2 true", "contains 2 2 false"]
        );
        assert_eq!(
            answers("# semaphore\n0 1 2 INCR 1\n0 3 4 DECR 0"),
            ["release - - -", "acquire - - false"]
        );
        assert_eq!(answers("# rmw\n0 1 2 READ_MODIFY_WRITE 0 2"), ["cas [0 2] [0 2] -"]);
        let queue = history("# priorityqueue\n0 1 2 INSERT 7").expect("well-formed");
        assert_eq!(queue.declared.model.as_deref(), Some("max-priority-queue"));
        let rmw = history("# rmw").expect("well-formed");
        assert_eq!(rmw.declared.initial.and_then(|value| rmw.values.as_int(value)), Some(0));
    }

    #[test]
    fn what_is_odd_is_an_error_at_its_place() {
        for (text, message, at) in [
            ("0 1 2 ENQ 7", "before the object", 0..11),
            ("# tree\n", "unknown object `tree`", 2..6),
            ("# queue\n0 1 2 PUSH 7", "no method `PUSH`", 14..18),
            ("# queue\n0 x 2 ENQ 7", "`x` is no time", 10..11),
            ("# queue\n0 1 2", "found 3 words", 8..13),
            ("# queue\n0 1 2 ENQ", "takes one value", 8..17),
            ("# set\n0 1 2 INSERT 7 2", "1 or 0", 6..22),
            ("# queue\n# stack", "was a queue", 10..15),
            ("# queue\n0 5 2 ENQ 7", "before it was called", 8..19),
        ] {
            let errors = history(text).expect_err(text);
            let error = &errors.first()[0];
            let span = error.span.expect("a span");
            assert!(error.message.contains(message), "{error:?}");
            assert_eq!(span.start..span.end(), at, "{text}");
        }
    }

    #[test]
    fn cuts_do_not_panic() {
        let text = "# set\n0 1 2 INSERT 2 1\n10 13 24 CONTAINS 2 0\n";
        for end in 0..text.len() {
            let operations = history(&text[..end]).map_or(0, |history| history.operations.len());
            assert!(operations <= 2, "{end}");
        }
    }
}
