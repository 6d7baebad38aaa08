//! The fields that an operation has in Jepsen's JSON, and in the native format.

use std::borrow::Cow;

use super::json::{Kind, Scanned, Scanner, integer, nanoseconds};
use crate::build::{Actor, EventKind, HistoryBuilder};
use crate::convention::TimeUnit;
use crate::diagnostic::Diagnostic;
use crate::span::{SourceId, Span};
use crate::told::Told;
use crate::value::{ValueId, Values};

/// Who a record names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Process {
    /// An integer: a client.
    Integer(ValueId),
    /// Anything else: no client.
    Word(ValueId),
}

impl Process {
    /// Texts that write an integer are integers: some recorders quote all they write.
    pub(super) fn of_text(text: &str, values: &mut Values) -> Self {
        match text.parse::<i128>() {
            Ok(number) => Self::Integer(values.int(number)),
            Err(_) => Self::Word(values.text(text.strip_prefix(':').unwrap_or(text))),
        }
    }

    /// As the builder takes it.
    pub(super) fn actor(process: Option<Self>) -> Actor {
        match process {
            Some(Self::Integer(process)) => Actor::Client(process),
            Some(Self::Word(process)) => Actor::Other(process),
            None => Actor::Unnamed,
        }
    }

    /// Its value.
    pub(super) fn value(self) -> ValueId {
        match self {
            Self::Integer(process) | Self::Word(process) => process,
        }
    }
}

/// What a record is, by its `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecordKind {
    /// An event, or the outcome of an operation.
    Event(EventKind),
    /// A fault with its beginning and end.
    Fault,
}

/// A field that matters for the meaning of a record, with the place of its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<T> {
    /// The value.
    pub(super) value: T,
    /// The text of the value.
    pub(super) span: Span,
}

/// The fields of one object. What is absent or `null` is `None`, save that a `value` or an `output` of `null` is nil.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) kind: Option<Placed<RecordKind>>,
    pub(super) process: Option<Process>,
    pub(super) function: Option<ValueId>,
    pub(super) name: Option<ValueId>,
    pub(super) key: Option<ValueId>,
    pub(super) value: Option<ValueId>,
    pub(super) output: Option<ValueId>,
    pub(super) result: Option<ValueId>,
    pub(super) node: Option<ValueId>,
    pub(super) error: Option<ValueId>,
    pub(super) id: Option<ValueId>,
    pub(super) time: Option<i64>,
    pub(super) index: Option<i64>,
    pub(super) told: Told,
    pub(super) call: Option<i64>,
    pub(super) end: Option<Placed<i64>>,
    /// `"nemesis":true` of jepsen-in-java.
    pub(super) is_nemesis: bool,
    /// The whole object.
    pub(super) span: Span,
}

impl Record {
    /// Whether it records that an operation began.
    pub(super) fn is_invocation(&self) -> bool {
        self.kind.is_some_and(|kind| kind.value == RecordKind::Event(EventKind::Invoke))
    }
}

/// What became of an object.
pub(super) enum Outcome {
    /// Its fields.
    Record(Record),
    /// A field is of the wrong type; that has been reported.
    Bad,
    /// It has the key `seriatim`, at this place.
    Header(Span),
}

/// The keys that mean something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Type,
    Process,
    Client,
    Function,
    Name,
    Key,
    Value,
    Output,
    Result,
    Node,
    Nodes,
    Error,
    Id,
    Time,
    Index,
    Attempt,
    Request,
    ServerTime,
    Call,
    Return,
    Nemesis,
    Header,
}

impl Field {
    fn of(key: &str) -> Option<Self> {
        Some(match key.as_bytes() {
            b"type" => Self::Type,
            b"process" => Self::Process,
            b"client" => Self::Client,
            b"f" => Self::Function,
            b"name" => Self::Name,
            b"key" => Self::Key,
            b"value" => Self::Value,
            b"output" => Self::Output,
            b"result" => Self::Result,
            b"node" => Self::Node,
            b"nodes" => Self::Nodes,
            b"error" => Self::Error,
            b"id" => Self::Id,
            b"time" => Self::Time,
            b"index" => Self::Index,
            b"attempt" => Self::Attempt,
            b"op_id" => Self::Request,
            b"server_ts" => Self::ServerTime,
            b"call" => Self::Call,
            b"return" => Self::Return,
            b"nemesis" => Self::Nemesis,
            b"seriatim" => Self::Header,
            _ => return None,
        })
    }
}

/// Reads the objects of one source.
pub(super) struct Records {
    /// The source.
    pub(super) source: SourceId,
    /// The unit of its times.
    pub(super) unit: TimeUnit,
}

impl Records {
    /// Reads the object that `scanner` stands before. Fields of a wrong type are errors, each at its place.
    pub(super) fn read(&self, scanner: &mut Scanner<'_>, builder: &mut HistoryBuilder) -> Scanned<Outcome> {
        let start = scanner.at();
        let mut record = Record {
            kind: None,
            process: None,
            function: None,
            name: None,
            key: None,
            value: None,
            output: None,
            result: None,
            node: None,
            error: None,
            id: None,
            time: None,
            index: None,
            told: Told::default(),
            call: None,
            end: None,
            is_nemesis: false,
            span: Span::default(),
        };
        let (mut client, mut nodes) = (None, None);
        let (mut seen, mut is_first, mut wrong) = (0_u32, true, Vec::new());
        scanner.open_object()?;
        loop {
            let from = scanner.at();
            let Some(name) = scanner.key(is_first)? else { break };
            is_first = false;
            let Some(key) = Field::of(&name) else {
                scanner.skip()?;
                continue;
            };
            let bit = 1 << key as u32;
            if seen & bit != 0 {
                return Err(scanner.duplicate(from, &name));
            }
            seen |= bit;
            if key == Field::Header {
                return Ok(Outcome::Header(Span::new(self.source, start, scanner.at())));
            }
            let kind = scanner.kind()?;
            let from = scanner.at();
            let is_nil_value = matches!(key, Field::Value | Field::Output);
            if kind == Kind::Null && !is_nil_value {
                scanner.null()?;
                continue;
            }
            let values = &mut builder.values;
            match (key, kind) {
                (Field::Type, Kind::Text) => {
                    let word = scanner.string()?;
                    let span = Span::new(self.source, from, scanner.at());
                    match record_kind(&word) {
                        Some(value) => record.kind = Some(Placed { value, span }),
                        None => wrong.push(unknown_type(span, &word)),
                    }
                }
                (Field::Process | Field::Client, Kind::Text | Kind::Number) => {
                    let process = self.process(scanner, values, &mut wrong)?;
                    *(if key == Field::Client { &mut client } else { &mut record.process }) = process;
                }
                (Field::Function, Kind::Text) => record.function = Some(scanner.value(values)?),
                (Field::Name, _) => record.name = Some(scanner.value(values)?),
                (Field::Key, _) => record.key = Some(scanner.value(values)?),
                (Field::Value, _) => record.value = Some(scanner.value(values)?),
                (Field::Output, _) => record.output = Some(scanner.value(values)?),
                (Field::Result, _) => record.result = Some(scanner.value(values)?),
                (Field::Node, _) => record.node = Some(scanner.value(values)?),
                (Field::Nodes, _) => nodes = Some(scanner.value(values)?),
                (Field::Error, _) => record.error = Some(scanner.value(values)?),
                (Field::Id, _) => record.id = Some(scanner.value(values)?),
                (Field::Time, Kind::Number) => record.time = self.time(scanner, &mut wrong)?,
                (Field::Call, Kind::Number) => record.call = self.time(scanner, &mut wrong)?,
                (Field::Return, Kind::Number) => {
                    let value = self.time(scanner, &mut wrong)?;
                    let span = Span::new(self.source, from, scanner.at());
                    record.end = value.map(|value| Placed { value, span });
                }
                (Field::Index, Kind::Number) => match integer(scanner.number()?) {
                    Some(index) => record.index = Some(index),
                    None => {
                        let span = Span::new(self.source, from, scanner.at());
                        wrong.push(Diagnostic::error(span, "`index` is not an integer of 64 bits"));
                    }
                },
                // What is no number is somebody's own, and means nothing here.
                (Field::Attempt, Kind::Number) => {
                    record.told.attempt =
                        integer(scanner.number()?).and_then(|number| u32::try_from(number).ok());
                }
                (Field::ServerTime, Kind::Number) => {
                    record.told.server_time = self.time(scanner, &mut wrong)?
                }
                (Field::Request, Kind::Number) => {
                    record.told.request = integer(scanner.number()?).map(Told::request);
                }
                (Field::Request, Kind::Text) => {
                    record.told.request = Some(Told::named_request(&scanner.string()?));
                }
                (Field::Attempt | Field::Request | Field::ServerTime, _) => scanner.skip()?,
                (Field::Nemesis, Kind::Bool) => record.is_nemesis = scanner.bool()?,
                (Field::Nemesis, _) => scanner.skip()?,
                (key, kind) => {
                    scanner.skip()?;
                    wrong.push(wrong_type(Span::new(self.source, from, scanner.at()), &name, key, kind));
                }
            }
        }
        record.process = record.process.or(client);
        // A fault of one node is shown like an operation on it.
        record.node = record.node.or_else(|| {
            let nodes = nodes?;
            match builder.values.as_list(nodes) {
                Some(&[only]) => Some(only),
                _ => Some(nodes),
            }
        });
        record.span = Span::new(self.source, start, scanner.at());
        if wrong.is_empty() {
            return Ok(Outcome::Record(record));
        }
        wrong.into_iter().for_each(|error| builder.error(error));
        Ok(Outcome::Bad)
    }

    fn process(
        &self,
        scanner: &mut Scanner<'_>,
        values: &mut Values,
        wrong: &mut Vec<Diagnostic>,
    ) -> Scanned<Option<Process>> {
        let from = scanner.at();
        if scanner.kind()? == Kind::Text {
            let text: Cow<'_, str> = scanner.string()?;
            return Ok(Some(Process::of_text(&text, values)));
        }
        let process = scanner.value(values)?;
        if values.as_int(process).is_some() {
            return Ok(Some(Process::Integer(process)));
        }
        let span = Span::new(self.source, from, scanner.at());
        let text = &scanner.text()[from..scanner.at()];
        let message = format!("the process `{text}` is not an integer of 127 bits");
        wrong.push(
            Diagnostic::error(span, message)
                .help("number clients by integers, and name other processes by texts"),
        );
        Ok(None)
    }

    fn time(&self, scanner: &mut Scanner<'_>, wrong: &mut Vec<Diagnostic>) -> Scanned<Option<i64>> {
        let number = scanner.number()?;
        let time = nanoseconds(number, self.unit);
        if time.is_none() {
            let span = Span::new(self.source, scanner.at() - number.len(), scanner.at());
            let message = format!("the time `{number}` is beyond 64 bits of nanoseconds");
            wrong.push(
                Diagnostic::error(span, message)
                    .help("times count from any start; `time_unit` in the header names their unit"),
            );
        }
        Ok(time)
    }
}

fn record_kind(word: &str) -> Option<RecordKind> {
    if let Some(kind) = EventKind::from_word(word) {
        return Some(RecordKind::Event(kind));
    }
    word.strip_prefix(':').unwrap_or(word).eq_ignore_ascii_case("fault").then_some(RecordKind::Fault)
}

fn unknown_type(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error(span, format!("unknown type `{word}`"))
        .help("a type is `invoke`, `ok`, `fail` or `info`; `fault` for a fault with its beginning and end")
}

fn wrong_type(span: Span, name: &str, key: Field, found: Kind) -> Diagnostic {
    let (expected, help) = match key {
        Field::Type => ("a text", "a type is `invoke`, `ok`, `fail`, `info` or `fault`"),
        Field::Function => ("a text", "`f` names the function, such as `\"read\"`"),
        Field::Process | Field::Client => {
            ("an integer or a text", "number clients by integers, and name other processes by texts")
        }
        Field::Index => ("an integer", "`index` counts the events from 0"),
        _ => {
            ("a number", "times are numbers without quotes, in nanoseconds unless the header has `time_unit`")
        }
    };
    Diagnostic::error(span, format!("`{name}` takes {expected}, found {}", found.name())).help(help)
}
