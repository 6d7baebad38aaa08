//! A history as text in the native format: a header, then an event a line, in their order.
//!
//! Read again it is the same history, save that clients which are no integers are numbered, that sets become lists, and
//! that notes are left out; faults are, too, by [`write()`]. What JSON cannot say (a map whose keys are no texts) is written as a person reads
//! it, so whoever depends on it has to look.

use std::fmt::Write as _;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::build::EventKind;
use crate::convention::{FailedCas, NilRead, Order, Ties};
use crate::convert;
use crate::operation::{Completion, EventId, Fault, History, Operation, Point};
use crate::told::Told;
use crate::value::{Value, ValueId, Values};

/// Writes a history in the native format. What it declares stands in the header; times are in nanoseconds.
pub fn write(history: &History) -> String {
    let mut out = head(history);
    let clients = Clients::of(history);
    let mut events: Vec<(EventId, usize, bool)> = Vec::with_capacity(2 * history.operations.len());
    for (at, operation) in history.operations.iter().enumerate() {
        events.push((operation.call.event, at, false));
        events.extend(operation.end.map(|end| (end.event, at, true)));
    }
    events.sort_unstable();
    for (_, at, is_end) in events {
        let operation = &history.operations[at];
        let line = Line { history, operation, client: clients.number(operation.process), id: clients.id(at) };
        match operation.end.filter(|_| is_end) {
            Some(end) => line.end(end, &mut out),
            None => line.call(&mut out),
        }
    }
    out
}

/// The same, with the faults.
pub(crate) fn write_whole(history: &History) -> String {
    let mut out = head(history);
    let clients = Clients::of(history);
    for line in convert::lines(history) {
        match line {
            convert::Line::Call(operation, at) => {
                call(history, operation, &clients, clients.id(at), &mut out)
            }
            convert::Line::End(operation, at) => end(history, operation, &clients, clients.id(at), &mut out),
            convert::Line::Fault(of) => fault(history, of, &mut out),
        }
    }
    out
}

/// The first line: what the history declares.
pub(crate) fn head(history: &History) -> String {
    let mut out = String::new();
    header(history, &mut out);
    out
}

/// The event with which an operation begins; `id` pairs it with its end.
pub(crate) fn call(
    history: &History,
    operation: &Operation,
    clients: &Clients,
    id: Option<usize>,
    out: &mut String,
) {
    Line { history, operation, client: clients.number(operation.process), id }.call(out);
}

/// The event with which an operation ends, if it does.
pub(crate) fn end(
    history: &History,
    operation: &Operation,
    clients: &Clients,
    id: Option<usize>,
    out: &mut String,
) {
    let line = Line { history, operation, client: clients.number(operation.process), id };
    if let Some(end) = operation.end {
        line.end(end, out);
    }
}

/// The beginning of the record of a whole operation.
pub(crate) fn begin(history: &History, operation: &Operation, kind: EventKind, out: &mut String) {
    out.push_str("{\"process\":");
    value(&history.values, operation.process, out);
    let _ = write!(out, r#","type":"{}","f":"#, kind.word());
    value(&history.values, operation.function, out);
    some(history, "key", operation.key, out);
}

/// A field, where there is something.
pub(crate) fn some(history: &History, name: &str, what: Option<ValueId>, out: &mut String) {
    if let Some(what) = what {
        field(name, out);
        value(&history.values, what, out);
    }
}

/// Which try of its request an operation is, and of which one.
pub(crate) fn attempt(told: Told, out: &mut String) {
    if let Some(number) = told.attempt {
        let _ = write!(out, r#","attempt":{number}"#);
    }
    if let Some(number) = told.request {
        let _ = write!(out, r#","op_id":{number}"#);
    }
}

/// The stamp of a server.
pub(crate) fn stamp(told: Told, out: &mut String) {
    if let Some(stamp) = told.server_time {
        let _ = write!(out, r#","server_ts":{stamp}"#);
    }
}

/// The end of the record of a whole operation or fault.
pub(crate) fn times(call: Option<i64>, end: Option<Option<i64>>, out: &mut String) {
    if let Some(call) = call {
        let _ = write!(out, r#","call":{call}"#);
    }
    if let Some(Some(end)) = end {
        let _ = write!(out, r#","return":{end}"#);
    }
    out.push_str("}\n");
}

/// What was done to the system: an event, or a whole record where it has an end.
pub(crate) fn fault(history: &History, fault: &Fault, out: &mut String) {
    out.push_str("{\"process\":");
    value(&history.values, fault.process, out);
    let is_whole = fault.end.is_some();
    out.push_str(if is_whole { r#","type":"fault""# } else { r#","type":"info""# });
    let is_function = !is_whole && fault.name.is_some_and(|name| history.values.as_text(name).is_some());
    some(history, if is_function { "f" } else { "name" }, fault.name, out);
    some(history, "value", fault.value, out);
    some(history, "node", fault.node, out);
    if is_whole {
        return times(fault.start.time, Some(fault.end), out);
    }
    if let Some(time) = fault.start.time {
        let _ = write!(out, r#","time":{time}"#);
    }
    out.push_str("}\n");
}

fn header(history: &History, out: &mut String) {
    let declared = &history.declared;
    let mut text = |name: &str, word: Option<&str>| {
        if let Some(word) = word {
            field(name, out);
            quoted(word, out);
        }
    };
    let nil_read = declared.nil_read.map(|rule| match rule {
        NilRead::Value => "value",
        NilRead::Wildcard => "wildcard",
    });
    let failed_cas = declared.failed_cas.map(|rule| match rule {
        FailedCas::Drop => "drop",
        FailedCas::Observe => "observe",
    });
    let ties = declared.ties.map(|rule| match rule {
        Ties::Overlap => "overlap",
        Ties::Ordered => "ordered",
    });
    let order = declared.order.map(|rule| match rule {
        Order::Line => "line",
        Order::Time => "time",
    });
    text("model", declared.model.as_deref());
    text("nil_read", nil_read);
    text("failed_cas", failed_cas);
    text("ties", ties);
    text("order", order);
    if let Some(initial) = declared.initial {
        field("init", out);
        value(&history.values, initial, out);
    }
    out.insert_str(0, "{\"seriatim\":1");
    out.push_str("}\n");
}

/// The numbers of the clients, and whether their operations need numbers, too.
pub(crate) struct Clients {
    numbers: FxHashMap<ValueId, i128>,
    /// Some client had two operations open at once, which only an `id` tells apart.
    overlap: bool,
}

impl Clients {
    /// The clients of a history.
    pub(crate) fn of(history: &History) -> Self {
        let int = |process| history.values.as_int(process);
        let mut free =
            history.operations.iter().filter_map(|operation| int(operation.process)).max().unwrap_or(-1);
        let mut numbers = FxHashMap::default();
        let mut latest: FxHashMap<ValueId, Option<EventId>> = FxHashMap::default();
        let mut overlap = false;
        for operation in &history.operations {
            let process = operation.process;
            numbers.entry(process).or_insert_with(|| {
                int(process).unwrap_or_else(|| {
                    free = free.saturating_add(1);
                    free
                })
            });
            let end = operation.end.map(|end| end.event);
            if let Some(before) = latest.insert(process, end) {
                overlap |= before.is_none_or(|before| before > operation.call.event);
            }
        }
        Self { numbers, overlap }
    }

    fn number(&self, process: ValueId) -> i128 {
        self.numbers[&process]
    }

    fn id(&self, operation: usize) -> Option<usize> {
        self.overlap.then_some(operation)
    }
}

/// An operation of which an event is written.
struct Line<'a> {
    history: &'a History,
    operation: &'a Operation,
    client: i128,
    id: Option<usize>,
}

impl Line<'_> {
    fn call(&self, out: &mut String) {
        self.begin(EventKind::Invoke, out);
        self.value("value", self.operation.argument, out);
        let told = self.history.told(self.operation);
        attempt(told, out);
        if self.operation.end.is_none() {
            stamp(told, out);
        }
        self.finish(self.operation.call, out);
    }

    fn end(&self, end: Point, out: &mut String) {
        let (kind, answer) = match self.operation.completion {
            Completion::Ok(answer) => (EventKind::Ok, Some(answer)),
            Completion::Fail(answer) => (EventKind::Fail, Some(answer)),
            Completion::Unknown => (EventKind::Info, None),
        };
        self.begin(kind, out);
        self.value("value", answer.and_then(|answer| answer.value), out);
        self.some("result", answer.and_then(|answer| answer.result), out);
        self.some("error", self.operation.error, out);
        stamp(self.history.told(self.operation), out);
        self.finish(end, out);
    }

    fn begin(&self, kind: EventKind, out: &mut String) {
        let _ = write!(out, r#"{{"process":{},"type":"{}","f":"#, self.client, kind.word());
        value(&self.history.values, self.operation.function, out);
        self.some("key", self.operation.key, out);
    }

    fn finish(&self, point: Point, out: &mut String) {
        self.some("node", self.operation.node, out);
        if let Some(time) = point.time {
            let _ = write!(out, r#","time":{time}"#);
        }
        if let Some(id) = self.id {
            let _ = write!(out, r#","id":{id}"#);
        }
        out.push_str("}\n");
    }

    fn value(&self, name: &str, what: Option<ValueId>, out: &mut String) {
        if let Some(what) = what {
            field(name, out);
            value(&self.history.values, what, out);
        }
    }

    /// Where nil is the same as nothing.
    fn some(&self, name: &str, what: Option<ValueId>, out: &mut String) {
        self.value(name, what.filter(|&what| what != ValueId::NIL), out);
    }
}

fn field(name: &str, out: &mut String) {
    let _ = write!(out, ",\"{name}\":");
}

fn value(values: &Values, id: ValueId, out: &mut String) {
    match values.get(id) {
        Value::Nil => out.push_str("null"),
        Value::Bool(value) => _ = write!(out, "{value}"),
        Value::Int(value) => _ = write!(out, "{value}"),
        Value::Decimal(text) => out.push_str(text),
        Value::Text(text) => quoted(text, out),
        Value::List(items) | Value::Set(items) => {
            out.push('[');
            for (at, &item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                value(values, item, out);
            }
            out.push(']');
        }
        Value::Map(pairs) => {
            out.push('{');
            let mut seen = FxHashSet::default();
            for &(key, held) in pairs {
                let name = match values.as_text(key) {
                    Some(text) => text.to_owned(),
                    None => values.show(key),
                };
                // An object with a name twice could not be read at all.
                if !seen.insert(name.clone()) {
                    continue;
                }
                out.push_str(if seen.len() > 1 { "," } else { "" });
                quoted(&name, out);
                out.push(':');
                value(values, held, out);
            }
            out.push('}');
        }
    }
}

/// A text in quotation marks, as JSON and EDN both read it.
pub(crate) fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{HistoryBuilder, Overrides};
    use crate::format::{self, Format, csv::ColumnMap};
    use crate::span::{Source, SourceId};

    fn read(format: Format, text: &str) -> History {
        let mut builder = HistoryBuilder::new(format);
        format::read(format, Source { id: SourceId(0), text }, &ColumnMap::default(), &mut builder);
        builder.finish(Overrides::default()).unwrap_or_else(|errors| panic!("{text}: {:?}", errors.first()))
    }

    /// The history with nothing but what is to be the same, values written out.
    fn told(history: &History) -> Vec<String> {
        let show = |value: Option<ValueId>| value.map(|value| history.values.show(value));
        let point = |point: Point| (point.event, point.time);
        let told = history.operations.iter().map(|operation| {
            let answer = match operation.completion {
                Completion::Ok(answer) | Completion::Fail(answer) => {
                    Some((show(answer.value), show(answer.result)))
                }
                Completion::Unknown => None,
            };
            let kind = std::mem::discriminant(&operation.completion);
            let ends = (point(operation.call), operation.end.map(point));
            let who = (show(Some(operation.process)), show(operation.node), show(operation.error));
            let asked = (history.function(operation), show(operation.key), show(operation.argument));
            format!("{who:?} {asked:?} {kind:?} {answer:?} {ends:?}")
        });
        told.collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = concat!(
            r#"{"seriatim":1,"model":"cas-register","nil_read":"wildcard","failed_cas":"observe","ties":"ordered","order":"line","init":{"a":[null,true,1.50]}}"#,
            "\n",
            r#"{"process":3,"type":"invoke","f":"cas","key":"\"k\\\u0001","value":[1,{"x":"é\n"}],"time":5,"node":"n1"}"#,
            "\n",
            r#"{"process":4,"type":"invoke","f":"read","value":null}"#,
            "\n",
            r#"{"process":4,"type":"ok","f":"read","value":170141183460469231731687303715884105727}"#,
            "\n",
            r#"{"process":5,"type":"invoke","f":"write","value":2}"#,
            "\n",
            r#"{"process":3,"type":"fail","f":"cas","value":null,"result":false,"error":"no","time":9}"#,
            "\n",
            r#"{"process":4,"type":"invoke","f":"write","value":2.5}"#,
            "\n",
            r#"{"process":4,"type":"info","f":"write","error":["timeout",7],"time":7}"#,
            "\n",
        );
        let history = read(Format::Jsonl, text);
        let written = write(&history);
        let again = read(Format::Jsonl, &written);
        assert_eq!(told(&again), told(&history), "{written}");
        let declared = |history: &History| {
            let initial = history.declared.initial.map(|initial| history.values.show(initial));
            (crate::Declared { initial: None, ..history.declared.clone() }, initial)
        };
        assert_eq!(declared(&again), declared(&history), "{written}");
    }

    /// Two operations of one client at once, and clients with names.
    #[test]
    fn what_overlaps_is_paired_by_id() {
        let whole = concat!(
            r#"{"process":0,"f":"write","value":1,"call":1,"return":9}"#,
            r#"{"process":0,"f":"write","value":2,"call":2,"type":"info"}"#,
            r#"{"process":0,"f":"read","value":2,"call":3,"return":4}"#,
        );
        let history = read(Format::Jsonl, whole);
        let written = write(&history);
        assert_eq!(told(&read(Format::Jsonl, &written)), told(&history), "{written}");
        let named = "process,f,value,call,return\na,write,1,1,2\n7,write,2,3,4\nb,read,2,5,6\na,read,2,7,8\n";
        let written = write(&read(Format::Csv, named));
        let again = read(Format::Jsonl, &written);
        let processes: Vec<_> =
            again.operations.iter().map(|operation| again.values.show(operation.process)).collect();
        assert_eq!(processes, ["8", "7", "9", "8"], "{written}");
    }
}
