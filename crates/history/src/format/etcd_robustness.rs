//! `operations.json` of etcd's robustness tests (tests/robustness in etcd): one file for each client, read one after
//! the other into the same builder.
//!
//! etcd's own model has revisions and leases. What needs neither becomes an operation of a key-value store; the rest
//! keeps the name that etcd gives it, and a model that does not have it says so.

use super::json::{Kind, Scanned, Scanner, integer};
use super::json_stream;
use crate::build::{HistoryBuilder, Interval};
use crate::diagnostic::Diagnostic;
use crate::operation::{Answer, Completion, Note};
use crate::span::{Source, SourceId, Span};
use crate::told::Told;
use crate::value::{ValueId, Values};

/// The revision of answers that etcd itself takes out of the check of linearizability.
const NOT_LINEARIZABLE: i64 = -1;

/// Reads a stream of objects, a request and its answer each.
///
/// Times are nanoseconds. A write that ended in an error may have happened at any time since; a read that did says
/// nothing and is kept as failed. Reads of an earlier revision are answered from the past on purpose: they are kept as
/// failed too, and a note counts them.
pub fn read(source: Source<'_>, builder: &mut HistoryBuilder) {
    builder.declared.model.get_or_insert_with(|| "kv".to_owned());
    let mut stale = 0;
    json_stream::objects(source, builder, |scanner, builder, _| {
        let mut record = Record { source: source.id, ..Record::default() };
        let start = scanner.at();
        record.scan(scanner, &mut builder.values)?;
        let span = Span::new(source.id, start, scanner.at());
        match record.interval(span, &mut builder.values) {
            Ok(interval) => {
                stale += usize::from(record.is_stale());
                builder.interval(interval);
            }
            Err(error) => builder.error(*error),
        }
        Ok(())
    });
    if stale > 0 {
        builder.note(Note::Format(format!(
            "{stale} reads of an earlier revision are not linearizable by intent, and were left out of the check"
        )));
    }
}

/// What a client asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// One key.
    Get { key: ValueId },
    /// Several keys, or a limited number of them.
    Range,
    /// One key, without conditions and lease.
    Put { key: ValueId, value: ValueId },
    /// One key with a lease.
    PutWithLease,
    /// One key, without conditions.
    Delete { key: ValueId },
    /// Anything else in a transaction; whether it only reads.
    Txn { is_read: bool },
}

/// The fields of one object of the stream.
#[derive(Default)]
struct Record {
    source: SourceId,
    client: Option<ValueId>,
    call: Option<i64>,
    end: Option<i64>,
    kind: Option<ValueId>,
    range: Option<Asked>,
    asked_revision: i64,
    conditions: usize,
    on_success: Vec<Asked>,
    on_failure: usize,
    is_read_on_failure: bool,
    has_txn: bool,
    has_output: bool,
    answered: Option<Answered>,
    deleted: Option<i64>,
    is_failure: bool,
    revision: i64,
    is_persisted: bool,
    error: Option<ValueId>,
    client_error: Option<ValueId>,
}

/// The answer of a read.
#[derive(Clone, Copy, Debug)]
struct Answered {
    count: usize,
    only: Option<(ValueId, ValueId)>,
    span: Span,
}

/// Calls `field` with every key of the object that `scanner` stands before. Go compares keys without case.
fn fields(
    scanner: &mut Scanner<'_>,
    mut field: impl FnMut(&mut Scanner<'_>, &str) -> Scanned<()>,
) -> Scanned<()> {
    if scanner.kind()? == Kind::Null {
        return scanner.null();
    }
    scanner.open_object()?;
    let mut seen: Vec<String> = Vec::new();
    let mut is_first = true;
    loop {
        let from = scanner.at();
        let Some(key) = scanner.key(is_first)? else { return Ok(()) };
        is_first = false;
        let lower = key.to_ascii_lowercase();
        if seen.contains(&lower) {
            return Err(scanner.duplicate(from, &key));
        }
        field(scanner, &lower)?;
        seen.push(lower);
    }
}

/// Calls `member` before every member of the list that `scanner` stands before; `null` is an empty list in Go.
fn members(
    scanner: &mut Scanner<'_>,
    mut member: impl FnMut(&mut Scanner<'_>) -> Scanned<()>,
) -> Scanned<()> {
    if scanner.kind()? == Kind::Null {
        return scanner.null();
    }
    scanner.open_list()?;
    let mut is_first = true;
    while scanner.member(is_first)? {
        is_first = false;
        member(scanner)?;
    }
    Ok(())
}

fn int(scanner: &mut Scanner<'_>) -> Scanned<i64> {
    scanner.kind()?;
    let start = scanner.at();
    let number = scanner.number()?;
    integer(number).ok_or_else(|| scanner.wrong(start, scanner.at(), "expected an integer of 64 bits"))
}

fn text(scanner: &mut Scanner<'_>, values: &mut Values) -> Scanned<ValueId> {
    let text = scanner.string()?;
    Ok(values.text(&text))
}

/// A text; `None` where it is empty, which is Go's way to leave it out.
fn text_unless_empty(scanner: &mut Scanner<'_>, values: &mut Values) -> Scanned<Option<ValueId>> {
    let text = scanner.string()?;
    Ok((!text.is_empty()).then(|| values.text(&text)))
}

/// `{"Value":"x"}`, or `{"Hash":7}` where the value was too long to be recorded. Equal values have equal hashes.
fn value_or_hash(scanner: &mut Scanner<'_>, values: &mut Values) -> Scanned<ValueId> {
    let (mut value, mut hash) = (None, None);
    fields(scanner, |scanner, key| {
        match key {
            "value" => value = text_unless_empty(scanner, values)?,
            "hash" => hash = Some(int(scanner)?).filter(|&hash| hash != 0),
            _ => scanner.skip()?,
        }
        Ok(())
    })?;
    Ok(match (value, hash) {
        (Some(value), _) => value,
        (None, Some(hash)) => values.int(i128::from(hash)),
        (None, None) => values.text(""),
    })
}

impl Record {
    fn scan(&mut self, scanner: &mut Scanner<'_>, values: &mut Values) -> Scanned<()> {
        fields(scanner, |scanner, key| match key {
            "clientid" => scanner.value(values).map(|client| self.client = Some(client)),
            "input" => self.input(scanner, values),
            "call" => int(scanner).map(|call| self.call = Some(call)),
            "output" => self.output(scanner, values),
            "return" => int(scanner).map(|end| self.end = Some(end)),
            _ => scanner.skip(),
        })
    }

    fn input(&mut self, scanner: &mut Scanner<'_>, values: &mut Values) -> Scanned<()> {
        fields(scanner, |scanner, key| match key {
            "type" => text(scanner, values).map(|kind| self.kind = Some(kind)),
            "range" => {
                if scanner.kind()? == Kind::Null {
                    return scanner.null();
                }
                let (asked, revision) = range(scanner, values)?;
                (self.range, self.asked_revision) = (Some(asked), revision);
                Ok(())
            }
            "txn" => self.txn(scanner, values),
            _ => scanner.skip(),
        })
    }

    fn txn(&mut self, scanner: &mut Scanner<'_>, values: &mut Values) -> Scanned<()> {
        self.has_txn = scanner.kind()? == Kind::Object;
        self.is_read_on_failure = true;
        fields(scanner, |scanner, key| match key {
            "conditions" => members(scanner, |scanner| {
                self.conditions += 1;
                scanner.skip()
            }),
            "operationsonsuccess" => members(scanner, |scanner| {
                let step = step(scanner, values)?;
                self.on_success.push(step);
                Ok(())
            }),
            "operationsonfailure" => members(scanner, |scanner| {
                let step = step(scanner, values)?;
                self.on_failure += 1;
                self.is_read_on_failure &= step.is_read();
                Ok(())
            }),
            _ => scanner.skip(),
        })
    }

    fn output(&mut self, scanner: &mut Scanner<'_>, values: &mut Values) -> Scanned<()> {
        self.has_output = scanner.kind()? == Kind::Object;
        let source = self.source;
        fields(scanner, |scanner, key| match key {
            "range" => {
                if scanner.kind()? == Kind::Null {
                    return scanner.null();
                }
                self.answered = Some(answered(source, scanner, values)?);
                Ok(())
            }
            "txn" => fields(scanner, |scanner, key| match key {
                "failure" => scanner.bool().map(|is_failure| self.is_failure = is_failure),
                "results" => members(scanner, |scanner| {
                    fields(scanner, |scanner, key| match key {
                        "deleted" => int(scanner).map(|deleted| self.deleted = Some(deleted)),
                        _ => scanner.skip(),
                    })
                }),
                _ => scanner.skip(),
            }),
            "revision" => int(scanner).map(|revision| self.revision = revision),
            "persisted" => scanner.bool().map(|is_persisted| self.is_persisted = is_persisted),
            "error" => text_unless_empty(scanner, values).map(|error| self.error = error),
            "clienterror" => text_unless_empty(scanner, values).map(|error| self.client_error = error),
            _ => scanner.skip(),
        })
    }

    /// Whether the answer is about the past on purpose.
    fn is_stale(&self) -> bool {
        self.asked_revision > 0 || self.revision == NOT_LINEARIZABLE
    }

    fn interval(&self, span: Span, values: &mut Values) -> Result<Interval, Box<Diagnostic>> {
        let missing = |what: &str| {
            let help = "a record has `ClientId`, `Input` with its `Type`, `Call`, `Output` and `Return`";
            Box::new(Diagnostic::error(span, format!("this record has no `{what}`")).help(help))
        };
        let process = self.client.ok_or_else(|| missing("ClientId"))?;
        let call = self.call.ok_or_else(|| missing("Call"))?;
        let kind = self.kind.ok_or_else(|| missing("Type"))?;
        let asked = match values.as_text(kind) {
            Some("range") => Some(self.range.ok_or_else(|| missing("Range"))?),
            Some("txn") if self.has_txn => Some(self.transaction()),
            Some("txn") => return Err(missing("Txn")),
            // Leases, compaction and the like.
            _ => None,
        };
        let is_read = asked.is_some_and(|asked| asked.is_read());
        if !self.has_output {
            return Err(missing("Output"));
        }
        let (completion, end) =
            if self.client_error.is_some() || is_read && (self.is_stale() || self.error.is_some()) {
                (Completion::Fail(Answer::default()), self.end)
            } else if self.error.is_some() {
                // The recorded time of return is that of the error.
                (Completion::Unknown, None)
            } else {
                let end = self.end.ok_or_else(|| missing("Return"))?;
                if let (Some(Asked::Get { .. }), None) = (asked, self.answered) {
                    return Err(missing("Range` in its `Output"));
                }
                (Completion::Ok(self.answer(asked, values)?), Some(end))
            };
        let (function, key, argument) = match asked {
            Some(Asked::Get { key }) => (values.text("get"), Some(key), Some(ValueId::NIL)),
            Some(Asked::Put { key, value }) => (values.text("put"), Some(key), Some(value)),
            Some(Asked::Delete { key }) => (values.text("delete"), Some(key), None),
            Some(Asked::PutWithLease) => (values.text("putWithLease"), None, None),
            Some(Asked::Range) => (values.text("range"), None, None),
            Some(Asked::Txn { .. }) => (values.text("txn"), None, None),
            None => (kind, None, None),
        };
        // A failed operation of some versions has 0 for a time of return.
        let end = end.filter(|&end| end >= call || matches!(completion, Completion::Ok(_)));
        let error = self.error.or(self.client_error);
        Ok(Interval {
            process,
            function,
            key,
            argument,
            completion,
            error,
            node: None,
            told: Told::default(),
            call,
            end,
            span,
        })
    }

    /// What a transaction asks, where one operation is all that it does.
    fn transaction(&self) -> Asked {
        if let (0, 0, &[only]) = (self.conditions, self.on_failure, &self.on_success[..])
            && let Asked::Put { .. } | Asked::PutWithLease | Asked::Delete { .. } = only
        {
            return only;
        }
        Asked::Txn { is_read: self.is_read_on_failure && self.on_success.iter().all(|step| step.is_read()) }
    }

    fn answer(&self, asked: Option<Asked>, values: &Values) -> Result<Answer, Box<Diagnostic>> {
        let value = match (asked, self.answered) {
            (Some(Asked::Get { key }), Some(answered)) => match answered.only {
                _ if answered.count == 0 => Some(ValueId::NIL),
                Some((found, value)) if answered.count == 1 && found == key => Some(value),
                _ => {
                    let message = format!("the answer is not about the key `{}` alone", values.show(key));
                    let help = "a request for one key is answered with that key or with nothing";
                    return Err(Box::new(Diagnostic::error(answered.span, message).help(help)));
                }
            },
            _ => None,
        };
        let result = match asked {
            Some(Asked::Delete { .. }) => self.deleted.map(|deleted| values.bool(deleted > 0)),
            _ => None,
        };
        Ok(Answer { value, result })
    }
}

impl Asked {
    fn is_read(self) -> bool {
        matches!(self, Self::Get { .. } | Self::Range | Self::Txn { is_read: true })
    }
}

/// A request for a range and the revision it asks for.
fn range(scanner: &mut Scanner<'_>, values: &mut Values) -> Scanned<(Asked, i64)> {
    let (mut start, mut is_single, mut revision) = (None, true, 0);
    fields(scanner, |scanner, key| match key {
        "start" => text(scanner, values).map(|key| start = Some(key)),
        "end" => scanner.string().map(|end| is_single &= end.is_empty()),
        "limit" => int(scanner).map(|limit| is_single &= limit == 0),
        "keysonly" => scanner.bool().map(|keys_only| is_single &= !keys_only),
        "revision" => int(scanner).map(|asked| revision = asked),
        _ => scanner.skip(),
    })?;
    Ok((start.filter(|_| is_single).map_or(Asked::Range, |key| Asked::Get { key }), revision))
}

/// An operation of a transaction.
fn step(scanner: &mut Scanner<'_>, values: &mut Values) -> Scanned<Asked> {
    scanner.kind()?;
    let from = scanner.at();
    let (mut kind, mut found, mut put, mut delete) = (None, None, None, None);
    fields(scanner, |scanner, key| match key {
        "type" => {
            kind = Some(scanner.string()?.into_owned());
            Ok(())
        }
        "range" => range(scanner, values).map(|(asked, _)| found = Some(asked)),
        "put" => {
            let (mut key, mut value, mut lease) = (None, None, 0);
            fields(scanner, |scanner, field| match field {
                "key" => text(scanner, values).map(|text| key = Some(text)),
                "value" => value_or_hash(scanner, values).map(|found| value = Some(found)),
                "leaseid" => int(scanner).map(|id| lease = id),
                _ => scanner.skip(),
            })?;
            put = match (key, value) {
                (Some(_), Some(_)) if lease != 0 => Some(Asked::PutWithLease),
                (Some(key), Some(value)) => Some(Asked::Put { key, value }),
                _ => None,
            };
            Ok(())
        }
        "delete" => fields(scanner, |scanner, field| match field {
            "key" => text(scanner, values).map(|key| delete = Some(Asked::Delete { key })),
            _ => scanner.skip(),
        }),
        _ => scanner.skip(),
    })?;
    let asked = match kind.as_deref() {
        Some("range-operation") => found,
        Some("put-operation") => put,
        Some("delete-operation") => delete,
        _ => None,
    };
    asked.ok_or_else(|| {
        let message = match kind {
            Some(kind) => format!("this `{kind}` is not known, or does not say what it does"),
            None => "this operation of a transaction has no `Type`".to_owned(),
        };
        let mut error = scanner.wrong(from, scanner.at(), message);
        error.help = Some(
            "there are `range-operation`, `put-operation` and `delete-operation`, with a field of that name",
        );
        error
    })
}

/// The answer of a range: how many keys, and the key and value if it is one.
fn answered(source: SourceId, scanner: &mut Scanner<'_>, values: &mut Values) -> Scanned<Answered> {
    let from = scanner.at();
    let (mut count, mut only) = (0, None);
    fields(scanner, |scanner, key| match key {
        "kvs" => members(scanner, |scanner| {
            let (mut key, mut value) = (None, None);
            fields(scanner, |scanner, field| match field {
                "key" => text(scanner, values).map(|text| key = Some(text)),
                "value" => value_or_hash(scanner, values).map(|found| value = Some(found)),
                _ => scanner.skip(),
            })?;
            count += 1;
            // Go leaves an empty value out.
            only = key.map(|key| (key, value.unwrap_or_else(|| values.text(""))));
            Ok(())
        }),
        _ => scanner.skip(),
    })?;
    Ok(Answered { count, only, span: Span::new(source, from, scanner.at()) })
}

#[cfg(test)]
mod tests;
