//! Jepsen's maps, an event a line.

use std::fmt::Write as _;

use super::{Line, completed, lines};
use crate::native::quoted;
use crate::operation::{Fault, History, Operation, Point};
use crate::value::{Value, ValueId, Values};

/// Writes a history that fits.
pub(super) fn write(history: &History) -> String {
    let mut out = String::new();
    for line in lines(history) {
        match line {
            Line::Call(operation, _) => {
                begin(history, operation, "invoke", &mut out);
                some(history, "value", operation.argument, &mut out);
                let told = history.told(operation);
                number("attempt", told.attempt.map(i64::from), &mut out);
                number("op-id", told.request.and_then(|number| i64::try_from(number).ok()), &mut out);
                number("server-ts", told.server_time.filter(|_| operation.end.is_none()), &mut out);
                finish(history, operation, operation.call, &mut out);
            }
            Line::End(operation, _) => {
                let (kind, answer) = completed(operation);
                begin(history, operation, kind.word(), &mut out);
                some(history, "value", answer.value, &mut out);
                some(history, "result", answer.result, &mut out);
                some(history, "error", operation.error, &mut out);
                number("server-ts", history.told(operation).server_time, &mut out);
                if let Some(end) = operation.end {
                    finish(history, operation, end, &mut out);
                }
            }
            Line::Fault(fault) => other(history, fault, &mut out),
        }
    }
    out
}

fn begin(history: &History, operation: &Operation, kind: &str, out: &mut String) {
    let _ = write!(out, "{{:process {}, :type :{kind}, :f ", history.values.show(operation.process));
    word(history.function(operation), out);
    some(history, "key", operation.key, out);
}

fn finish(history: &History, operation: &Operation, point: Point, out: &mut String) {
    some(history, "node", operation.node, out);
    if let Some(time) = point.time {
        let _ = write!(out, ", :time {time}");
    }
    out.push_str("}\n");
}

fn other(history: &History, fault: &Fault, out: &mut String) {
    out.push_str("{:process ");
    word(history.values.as_text(fault.process).unwrap_or("nemesis"), out);
    out.push_str(", :type :info");
    if let Some(name) = fault.name {
        out.push_str(", :f ");
        match history.values.as_text(name) {
            Some(text) => word(text, out),
            None => value(&history.values, name, out),
        }
    }
    some(history, "value", fault.value, out);
    some(history, "node", fault.node, out);
    if let Some(time) = fault.start.time {
        let _ = write!(out, ", :time {time}");
    }
    out.push_str("}\n");
}

fn some(history: &History, name: &str, what: Option<ValueId>, out: &mut String) {
    if let Some(what) = what {
        let _ = write!(out, ", :{name} ");
        value(&history.values, what, out);
    }
}

fn number(name: &str, what: Option<i64>, out: &mut String) {
    if let Some(what) = what {
        let _ = write!(out, ", :{name} {what}");
    }
}

/// A keyword, or a text where that cannot be one.
fn word(text: &str, out: &mut String) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic()) && text.bytes().all(is_plain) {
        out.push(':');
        out.push_str(text);
    } else {
        quoted(text, out);
    }
}

fn value(values: &Values, id: ValueId, out: &mut String) {
    match values.get(id) {
        Value::Nil => out.push_str("nil"),
        Value::Bool(truth) => _ = write!(out, "{truth}"),
        Value::Int(number) => _ = write!(out, "{number}"),
        Value::Decimal(text) => out.push_str(text),
        Value::Text(text) => quoted(text, out),
        Value::List(items) => between("[", items, "]", values, out),
        Value::Set(items) => between("#{", items, "}", values, out),
        Value::Map(pairs) => {
            out.push('{');
            for (at, &(key, held)) in pairs.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                value(values, key, out);
                out.push(' ');
                value(values, held, out);
            }
            out.push('}');
        }
    }
}

fn between(open: &str, items: &[ValueId], close: &str, values: &Values, out: &mut String) {
    out.push_str(open);
    for (at, &item) in items.iter().enumerate() {
        out.push_str(if at > 0 { " " } else { "" });
        value(values, item, out);
    }
    out.push_str(close);
}
