//! Calls and returns of LiMo: `[thread] call push(3)` and `[thread] return` on lines in the order in which they
//! happened, after a comment that names the object.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::object::{Method, Object, Shape, number_or_text};
use super::words::{Line, lines};
use crate::build::{Actor, Event, EventKind, HistoryBuilder};
use crate::diagnostic::Diagnostic;
use crate::operation::Note;
use crate::span::{Source, Span};
use crate::value::{ValueId, Values};

/// Reads a line for each event.
///
/// A bare return of what takes something out says that there was nothing, save where the call has an argument: some
/// files write what will be found into the call (`call pop(a)`). Such an answer counts where the operation returned.
///
/// A thread that calls while a call of it is open has both open; a return is that of the earliest. A note counts such
/// calls.
pub fn read(source: Source<'_>, builder: &mut HistoryBuilder) {
    let mut reader =
        Reader { source, object: None, open: FxHashMap::default(), overlaps: 0, first_overlap: None };
    for line in lines(source) {
        if let Err(error) = reader.line(line, builder) {
            builder.error(*error);
        }
    }
    if let Some(first) = reader.first_overlap {
        builder.note(Note::OverlappingProcess(reader.overlaps, first));
    }
}

/// A call that has not returned.
struct Open {
    shape: Option<Shape>,
    /// The answer that the call foretold.
    foretold: Option<ValueId>,
    /// What pairs it with its return, where its thread is not enough.
    id: Option<ValueId>,
}

struct Reader<'a> {
    source: Source<'a>,
    object: Option<&'static Object>,
    /// By thread, the earliest first.
    open: FxHashMap<ValueId, VecDeque<Open>>,
    overlaps: usize,
    first_overlap: Option<Span>,
}

const EXPECTED: &str = "expected `[thread] call method(value)` or `[thread] return value`";

impl Reader<'_> {
    fn line(&mut self, line: Line<'_>, builder: &mut HistoryBuilder) -> Result<(), Box<Diagnostic>> {
        let text = line.text.trim();
        if text.is_empty() {
            return Ok(());
        }
        if let Some(comment) = text.strip_prefix('#') {
            return self.comment(line, comment, builder);
        }
        let span = line.span(self.source);
        let wrong =
            |span: Span, message: &str, help: &str| Box::new(Diagnostic::error(span, message).help(help));
        if text == "crash" {
            let help = "what survives a crash of all threads is another condition (durable linearizability): check the part before it";
            return Err(wrong(span, "a crash of all threads cannot be checked", help));
        }
        let help = "one call or return a line, in the order in which they happened";
        let Some((thread, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
            return Err(wrong(span, EXPECTED, help));
        };
        let thread = thread.trim();
        if thread.is_empty() {
            return Err(wrong(span, "the thread has no name", "write it between the brackets: `[1]`"));
        }
        let thread = number_or_text(thread, &mut builder.values);
        let rest = rest.trim_start();
        let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        match word {
            "call" => self.call(line, thread, rest.trim(), builder),
            "return" => self.give_back(line, thread, rest.trim(), builder),
            _ => Err(wrong(span, EXPECTED, help)),
        }
    }

    fn comment(
        &mut self,
        line: Line<'_>,
        comment: &str,
        builder: &mut HistoryBuilder,
    ) -> Result<(), Box<Diagnostic>> {
        let Some(name) = comment.trim().strip_prefix("@object") else { return Ok(()) };
        let name = name.trim();
        let span = line.span_of(self.source, name);
        let Some(object) = Object::named(name) else {
            let help = "there are `atomic-stack`, `atomic-queue` and `register`";
            return Err(Box::new(Diagnostic::error(span, format!("unknown object `{name}`")).help(help)));
        };
        if let Some(earlier) = self.object.filter(|earlier| earlier.model != object.model) {
            let message = format!("the object is a {} now, but was a {}", object.names[0], earlier.names[0]);
            return Err(Box::new(Diagnostic::error(span, message).help("a file has one object: split it")));
        }
        self.object = Some(object);
        object.declare(builder);
        Ok(())
    }

    fn call(
        &mut self,
        line: Line<'_>,
        thread: ValueId,
        call: &str,
        builder: &mut HistoryBuilder,
    ) -> Result<(), Box<Diagnostic>> {
        let span = line.span(self.source);
        let Some((name, argument)) = parts(call) else {
            let help = "write `call push(3)`, `call push 3` or `call pop`";
            return Err(Box::new(
                Diagnostic::error(span, "this call is not of the form `method(value)`").help(help),
            ));
        };
        let method: Option<&Method> = match self.object {
            Some(object) => {
                let place = line.span_of(self.source, name);
                Some(object.method(name).ok_or_else(|| Box::new(object.unknown_method(name, place)))?)
            }
            // Without an object the names stay as they are, and the model says what it thinks of them.
            None => None,
        };
        let argument = argument.map(|argument| value(argument, &mut builder.values));
        let shape = method.map(|method| method.shape);
        let (argument, foretold) =
            if shape == Some(Shape::Take) { (None, argument) } else { (argument, None) };
        if shape == Some(Shape::Insert) && argument.is_none() {
            let help = format!("write the value: `call {name}(3)`");
            return Err(Box::new(Diagnostic::error(span, format!("`{name}` takes a value")).help(help)));
        }
        let open = self.open.entry(thread).or_default();
        let id = (!open.is_empty()).then(|| {
            self.overlaps += 1;
            self.first_overlap.get_or_insert(span);
            // The place of a call is its own.
            builder.values.int(i128::from(span.start))
        });
        open.push_back(Open { shape, foretold, id });
        let function = builder.values.text(method.map_or(name, |method| method.function));
        builder.event(Event {
            function: Some(function),
            value: argument,
            id,
            ..Event::new(EventKind::Invoke, Actor::Client(thread), span)
        });
        Ok(())
    }

    fn give_back(
        &mut self,
        line: Line<'_>,
        thread: ValueId,
        answer: &str,
        builder: &mut HistoryBuilder,
    ) -> Result<(), Box<Diagnostic>> {
        let span = line.span(self.source);
        let given = (!answer.is_empty()).then(|| value(answer, &mut builder.values));
        let open = self.open.get_mut(&thread).and_then(VecDeque::pop_front);
        let Open { shape, foretold, id } = open.unwrap_or(Open { shape: None, foretold: None, id: None });
        if let (Some(given), Some(foretold)) = (given, foretold)
            && given != foretold
        {
            let values = &builder.values;
            let message =
                format!("this returns {}, but the call says {}", values.show(given), values.show(foretold));
            let help = "write the answer once, in the call or in the return";
            return Err(Box::new(Diagnostic::error(line.span_of(self.source, answer), message).help(help)));
        }
        let value = match shape {
            Some(Shape::Take) => Some(given.or(foretold).unwrap_or(ValueId::NIL)),
            _ => given,
        };
        builder.event(Event { value, id, ..Event::new(EventKind::Ok, Actor::Client(thread), span) });
        Ok(())
    }
}

/// `push(3)`, `push 3`, `pop()` and `pop` as a name and an argument.
fn parts(call: &str) -> Option<(&str, Option<&str>)> {
    let (name, argument) = match call.find(|c: char| c == '(' || c.is_whitespace()) {
        None => (call, None),
        Some(at) => {
            let (name, rest) = call.split_at(at);
            let rest = rest.trim();
            let inner = match rest.strip_prefix('(') {
                Some(inner) => inner.strip_suffix(')')?.trim(),
                None => rest,
            };
            (name, (!inner.is_empty()).then_some(inner))
        }
    };
    (!name.is_empty()).then_some((name, argument))
}

fn value(word: &str, values: &mut Values) -> ValueId {
    if word == "empty" { ValueId::NIL } else { number_or_text(word, values) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::diagnostic::Diagnostics;
    use crate::format::Format;
    use crate::operation::{Completion, History};
    use crate::span::SourceId;

    fn history(text: &str) -> Result<History, Diagnostics> {
        let mut builder = HistoryBuilder::new(Format::Limo);
        read(Source { id: SourceId(0), text }, &mut builder);
        builder.finish(Overrides::default())
    }

    fn answers(text: &str) -> Vec<String> {
        let history = history(text).expect("well-formed");
        let show = |id: Option<ValueId>| id.map_or("-".to_owned(), |id| history.values.show(id));
        let answers = history.operations.iter().map(|operation| {
            let answer = match operation.completion {
                Completion::Ok(answer) => show(answer.value),
                Completion::Fail(_) => "fail".to_owned(),
                Completion::Unknown => "unknown".to_owned(),
            };
            format!("{} {} {answer}", history.function(operation), show(operation.argument))
        });
        answers.collect()
    }

    #[test]
    fn every_way_of_writing_is_read() {
        let text = "# from a paper\n# @object atomic-stack\n\n[1] call push(3)\n  [t] call push b\n[1] return\n\t[t] return \n[1] call pop\n[2] call pop()\n[1] return b\n[2] return empty\n[3] call pop(?<1,2>)\n[4] call pop(x)\n[3] return\n[5] call pop\n[5] return";
        let expected = [
            "push 3 -",
            "push \"b\" -",
            "pop - \"b\"",
            "pop - nil",
            "pop - \"?<1,2>\"",
            "pop - unknown",
            "pop - nil",
        ];
        assert_eq!(answers(text), expected);
        let queue = "# @object atomic-queue\n[1] call add(1)\n[1] return\n[1] call remove\n[1] return 1\n[1] call deq\n[1] return empty";
        assert_eq!(answers(queue), ["enqueue 1 -", "dequeue - 1", "dequeue - nil"]);
        let register = "# @object register\n[1] call write(a)\n[1] return\n[1] call read(a)\n[1] return";
        assert_eq!(answers(register), ["write \"a\" -", "read - \"a\""]);
        assert_eq!(answers("[1] call deq\n[1] return 7"), ["deq - 7"]);
    }

    #[test]
    fn a_thread_with_two_open_calls_is_noted() {
        let text = "[1] call a\n[1] call b\n[1] return 7\n[1] call c\n[1] return 8";
        assert_eq!(answers(text), ["a - 7", "b - 8", "c - unknown"]);
        let notes = history(text).expect("well-formed").notes;
        assert!(notes.contains(&Note::OverlappingProcess(2, Span::new(SourceId(0), 11, 21))), "{notes:?}");
    }

    #[test]
    fn what_is_odd_is_an_error_at_its_place() {
        for (text, message, at) in [
            ("# @object tree", "unknown object `tree`", 10..14),
            ("# @object atomic-stack\n[1] call enq(3)", "no method `enq`", 32..35),
            ("# @object atomic-stack\n[1] call push", "takes a value", 23..36),
            ("[1] call push(3", "of the form", 0..15),
            ("[1] call", "of the form", 0..8),
            (" [1] give 3", "expected `[thread]", 1..11),
            ("[] call pop", "no name", 0..11),
            ("crash", "cannot be checked", 0..5),
            ("# @object atomic-stack\n# @object atomic-queue", "was a stack", 33..45),
            ("# @object atomic-stack\n[1] call pop(a)\n[1] return b", "returns \"b\"", 50..51),
            ("[1] return 3", "never invoked", 0..12),
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
        let text = "# @object atomic-queue\n[1] call add(1)\n[1] return\n[2] call remove\n[2] return 1\n";
        for end in 0..text.len() {
            assert!(history(&text[..end]).map_or(0, |history| history.operations.len()) <= 2, "{end}");
        }
    }
}
