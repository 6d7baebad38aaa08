//! The native format: a JSON object for each event, operation or fault; and Jepsen's operations as JSON, for which the
//! native format has the same names (elle-cli, CS4720).

use super::header;
use super::json::{Scanned, Scanner};
use super::json_plain;
use super::json_record::{Outcome, Process, Record, RecordKind, Records};
use super::json_stream;
use crate::build::{Actor, Event, EventKind, HistoryBuilder, Interval};
use crate::diagnostic::Diagnostic;
use crate::operation::{Answer, Completion};
use crate::span::Source;
use crate::value::ValueId;

/// Reads objects on lines of their own, one after the other over several lines, or in one array.
pub fn read(source: Source<'_>, builder: &mut HistoryBuilder) {
    read_from(source, builder, true);
}

/// The same; where it does not begin at the start of the input, there may be no header.
pub(super) fn read_from(source: Source<'_>, builder: &mut HistoryBuilder, is_start: bool) {
    let mut reader = ObjectReader::new(source, builder);
    json_stream::objects(source, builder, |scanner, builder, is_first| {
        reader.read(scanner, builder, is_first && is_start)
    });
}

/// Reads a piece of an array that begins and ends before members of it, or where the text does. `false` where it is
/// something else.
pub(super) fn read_members(
    source: Source<'_>,
    builder: &mut HistoryBuilder,
    is_start: bool,
    is_end: bool,
) -> bool {
    let mut reader = ObjectReader::new(source, builder);
    json_stream::members(source, is_start, is_end, |scanner, is_first| {
        reader.read(scanner, builder, is_first && is_start)
    })
}

/// Reads the objects of one source, one by one.
struct ObjectReader(Records);

impl ObjectReader {
    fn new(source: Source<'_>, builder: &HistoryBuilder) -> Self {
        Self(Records { source: source.id, unit: builder.declared.time_unit.unwrap_or_default() })
    }

    /// Reads the object that is next. Only the first may be a header.
    fn read(
        &mut self,
        scanner: &mut Scanner<'_>,
        builder: &mut HistoryBuilder,
        is_first: bool,
    ) -> Scanned<()> {
        let Self(records) = self;
        let (text, at, unit) = (scanner.text(), scanner.at(), records.unit.nanoseconds());
        if let Some((event, end)) =
            json_plain::event(records.source, text, at, unit, &mut builder.values, &mut builder.told)
        {
            scanner.pass(end);
            builder.event(event);
            return Ok(());
        }
        let begin = scanner.place();
        match records.read(scanner, builder)? {
            Outcome::Record(record) => take(&record, builder),
            Outcome::Bad => {}
            Outcome::Header(_) if is_first => {
                scanner.go_back(begin);
                header::read(records.source, scanner, builder)?;
                records.unit = builder.declared.time_unit.unwrap_or_default();
            }
            Outcome::Header(span) => {
                scanner.go_back(begin);
                scanner.skip()?;
                builder.error(
                    Diagnostic::error(span, "a header after the first record")
                        .help("the header stands once, before all events: move it to the first line"),
                );
            }
        }
        Ok(())
    }
}

fn take(record: &Record, builder: &mut HistoryBuilder) {
    let kind = record.kind.map(|kind| kind.value);
    if kind == Some(RecordKind::Fault) {
        return fault(record, builder);
    }
    if record.call.is_none() {
        return event(record, builder);
    }
    match record.process {
        Some(Process::Word(_)) => fault(record, builder),
        Some(Process::Integer(process)) => interval(record, process, builder),
        None => builder.error(
            Diagnostic::error(record.span, "this operation names no `process`")
                .help("number each client by an integer: `\"process\":0`"),
        ),
    }
}

/// The event that a record without `call` tells.
pub(super) fn event(record: &Record, builder: &mut HistoryBuilder) {
    let Some(RecordKind::Event(kind)) = record.kind.map(|kind| kind.value) else {
        let help = "an event has a `type` of `invoke`, `ok`, `fail` or `info`; a whole operation has `call` and `return`";
        return builder
            .error(Diagnostic::error(record.span, "this record has neither `type` nor `call`").help(help));
    };
    if let Some(end) = record.end {
        let help =
            "a whole operation has both `call` and `return`; an event has neither, but may have a `time`";
        return builder.error(Diagnostic::error(end.span, "a `return` without a `call`").help(help));
    }
    // A fault may be named like one that is told whole. An invocation without a function is the builder's business:
    // histories of elle name none where all are transactions.
    let told = builder.told.tell(None, record.told);
    let is_client = !matches!(record.process, Some(Process::Word(_)));
    builder.event(Event {
        function: record.function.or(if is_client { None } else { record.name }),
        key: record.key,
        value: record.value,
        result: record.result,
        node: record.node,
        error: record.error,
        id: record.id,
        time: record.time,
        told,
        index: record.index,
        ..Event::new(kind, Process::actor(record.process), record.span)
    });
}

fn interval(record: &Record, process: ValueId, builder: &mut HistoryBuilder) {
    let Some(function) = record.function else {
        return builder.error(
            Diagnostic::error(record.span, "this operation names no function")
                .help("`f` names what was asked: `\"f\":\"read\"`"),
        );
    };
    let answer = Answer { value: record.output.or(record.value), result: record.result };
    let completion = match record.kind.map(|kind| kind.value) {
        None if record.end.is_some() => Completion::Ok(answer),
        None | Some(RecordKind::Event(EventKind::Info) | RecordKind::Fault) => Completion::Unknown,
        Some(RecordKind::Event(EventKind::Ok)) => Completion::Ok(answer),
        Some(RecordKind::Event(EventKind::Fail)) => Completion::Fail(answer),
        Some(RecordKind::Event(EventKind::Invoke)) => {
            if let (Some(end), Some(kind)) = (record.end, record.kind) {
                let help = "write how it ended, `ok`, `fail` or `info`, or leave `return` out";
                let error =
                    Diagnostic::error(kind.span, "an operation that returned cannot be of type `invoke`");
                return builder.error(error.related(end.span, "it returned here").help(help));
            }
            Completion::Unknown
        }
    };
    let Some(call) = record.call else { return };
    builder.interval(Interval {
        process,
        function,
        key: record.key,
        argument: record.value,
        completion,
        error: record.error,
        node: record.node,
        told: record.told,
        call,
        end: record.end.map(|end| end.value),
        span: record.span,
    });
}

/// The fault that one record tells whole.
fn fault(record: &Record, builder: &mut HistoryBuilder) {
    let time = record.call.or(record.time);
    if let (None, Some(end)) = (time, record.end) {
        let help = "give the beginning of a fault as `call`, or as `time`";
        return builder.error(Diagnostic::error(end.span, "a fault with an end but no beginning").help(help));
    }
    let process = match record.process {
        Some(process) => process.value(),
        None => builder.values.text("nemesis"),
    };
    let end = record.end.map(|end| end.value);
    let event = Event {
        function: record.name.or(record.function),
        key: record.key,
        value: record.value,
        result: record.result,
        node: record.node,
        error: record.error,
        time,
        ..Event::new(EventKind::Info, Actor::Other(process), record.span)
    };
    builder.fault(event, end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::convention::Order;
    use crate::diagnostic::Diagnostics;
    use crate::format::Format;
    use crate::operation::{History, Note};
    use crate::span::SourceId;
    use crate::told::Told;

    fn history(text: &str) -> Result<History, Diagnostics> {
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        read(Source { id: SourceId(0), text }, &mut builder);
        builder.finish(Overrides::default())
    }

    fn error(text: &str) -> (String, String, String) {
        let errors = history(text).expect_err(text);
        let first = &errors.first()[0];
        let span = first.span.expect("a span");
        let shown = &text[span.start as usize..span.end() as usize];
        (first.message.clone(), first.help.clone().unwrap_or_default(), shown.to_owned())
    }

    #[test]
    fn events_are_paired() {
        let text = concat!(
            r#"{"process":0,"type":"invoke","f":"write","key":"x","value":3,"time":120,"node":"n1","attempt":[1,{}]}"#,
            "\n",
            r#"{"type":":OK","f":"write","key":"x","value":3,"process":"0","time":450.4}"#,
            "\n",
            r#"{"process":"nemesis","type":"info","f":"kill","value":["n1"],"time":460}"#,
            "\n",
            r#"{"process":1,"type":"invoke","f":"read","value":null}"#,
        );
        let history = history(text).expect("well-formed");
        let [write, read] = &history.operations[..] else { panic!("{:?}", history.operations) };
        let values = &history.values;
        assert_eq!(history.function(write), "write");
        assert_eq!(values.as_text(write.key.expect("a key")), Some("x"));
        assert_eq!((write.call.time, write.end.expect("an end").time), (Some(120), Some(450)));
        let three = write.argument.expect("an argument");
        assert_eq!(values.as_int(three), Some(3));
        assert_eq!(write.completion, Completion::Ok(Answer { value: Some(three), result: None }));
        assert_eq!(&text[..write.call.span.end() as usize], text.lines().next().expect("a line"));
        assert_eq!((read.argument, read.completion), (Some(ValueId::NIL), Completion::Unknown));
        let [fault] = &history.faults[..] else { panic!("{:?}", history.faults) };
        assert_eq!(values.as_text(fault.name.expect("a name")), Some("kill"));
    }

    #[test]
    fn intervals_and_faults_are_read() {
        let text = r#"
            {"process":0,"f":"cas","key":"x","value":[1,2],"call":120,"return":450,"type":"ok","result":true}
            {"process":1,"f":"read","value":null,"call":130,"return":200}
            {"process":2,"f":"write","value":5,"call":140,"return":null,"type":"info"}
            {"process":3,"f":"get","value":5,"output":7,"call":150,"return":151}
            {"type":"fault","name":"partition","nodes":["n2"],"call":1,"return":9}
            {"process":"nemesis","f":"pause","call":2,"return":3}
        "#;
        let history = history(text).expect("well-formed");
        let [cas, read, write, get] = &history.operations[..] else { panic!("{:?}", history.operations) };
        assert_eq!(
            cas.completion,
            Completion::Ok(Answer { value: cas.argument, result: Some(ValueId::TRUE) })
        );
        assert_eq!(read.completion, Completion::Ok(Answer { value: Some(ValueId::NIL), result: None }));
        assert_eq!((write.completion, write.end), (Completion::Unknown, None));
        let Completion::Ok(answer) = get.completion else { panic!("{get:?}") };
        assert_eq!(answer.value.and_then(|value| history.values.as_int(value)), Some(7));
        let [partition, pause] = &history.faults[..] else { panic!("{:?}", history.faults) };
        assert_eq!((partition.start.time, partition.end), (Some(1), Some(9)));
        assert_eq!(partition.node.and_then(|node| history.values.as_text(node)), Some("n2"));
        assert_eq!((pause.start.time, pause.end), (Some(2), Some(3)));
    }

    #[test]
    fn what_else_is_told_of_operations_is_kept_aside() {
        // Read plainly, in full, and as a whole record; the stamp may stand with the answer.
        let text = concat!(
            r#"{"seriatim":1,"time_unit":"us"}"#,
            "\n",
            r#"{"process":0,"type":"invoke","f":"read","value":null,"time":1,"op_id":"a","attempt":2}"#,
            "\n",
            r#"{"process":0,"type":"ok","f":"read","value":4,"time":2,"server_ts":7}"#,
            "\n",
            r#"{"process":1,"type":"invoke", "f":"read","time":3,"op_id":[1],"attempt":"first"}"#,
            "\n",
            r#"{"process":2,"f":"write","value":5,"call":4,"return":5,"op_id":12,"attempt":1,"server_ts":4.5}"#,
        );
        let history = history(text).expect("well-formed");
        let told = history.operations.iter().map(|operation| history.told(operation)).collect::<Vec<_>>();
        let of = |attempt, request, server_time| Told { attempt, request, server_time };
        let named = Some(Told::named_request("a"));
        let expected =
            [of(Some(2), named, Some(7_000)), of(None, None, None), of(Some(1), Some(12), Some(4_500))];
        assert_eq!(told, expected);
        let again = crate::native::write(&history);
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        read(Source { id: SourceId(0), text: &again }, &mut builder);
        let again = builder.finish(Overrides::default()).expect("it was written");
        assert_eq!(again.operations.iter().map(|operation| again.told(operation)).collect::<Vec<_>>(), told);
    }

    #[test]
    fn dialects_of_jepsen_are_read() {
        // One array over several lines, `client` for `process`; and events without a process.
        let array = r#"[ {
            "type" : "invoke", "f" : "write", "key" : "k", "value" : 1, "client" : 4, "time" : 8559428065489
        }, {
            "type" : "ok", "f" : "write", "key" : "k", "value" : 1, "client" : 4, "time" : 8559429263670
        } ]"#;
        let history_of_array = history(array).expect("well-formed");
        assert_eq!(history_of_array.operations.len(), 1);
        let process = history_of_array.operations[0].process;
        assert_eq!(history_of_array.values.as_int(process), Some(4));
        let unnamed = r#"{"type":"invoke","value":[["r","x",null]],"index":0}{"type":"ok","value":[["r","x",1]],"index":1}"#;
        assert_eq!(history(unnamed).expect("well-formed").operations.len(), 1);
    }

    #[test]
    fn the_header_scales_times_and_orders() {
        let text = concat!(
            r#"{"seriatim":1,"order":"time","time_unit":"ms"}"#,
            r#"{"process":0,"type":"ok","f":"read","value":1,"time":2.5}"#,
            r#"{"process":0,"type":"invoke","f":"read","time":1}"#,
        );
        let history = history(text).expect("well-formed");
        assert_eq!(history.declared.order, Some(Order::Time));
        assert_eq!(history.operations[0].call.time, Some(1_000_000));
        assert_eq!(history.operations[0].end.and_then(|end| end.time), Some(2_500_000));
        assert_eq!(error("{\"process\":\"n\",\"type\":\"info\"}\n{\"seriatim\":1}").2, "{\"seriatim\":");
    }

    #[test]
    fn wrong_fields_are_errors_at_their_place() {
        for (text, message, shown) in [
            (r#"{"type":"invok","process":0}"#, "unknown type `invok`", "\"invok\""),
            (r#"{"type":3,"process":0}"#, "`type` takes a text, found a number", "3"),
            (r#"{"type":"ok","process":0.5}"#, "`0.5` is not an integer", "0.5"),
            (r#"{"type":"ok","process":9e99}"#, "`9e99` is not an integer of 127 bits", "9e99"),
            (r#"{"type":"ok","process":[1]}"#, "`process` takes an integer or a text", "[1]"),
            (r#"{"type":"ok","process":0,"f":7}"#, "`f` takes a text", "7"),
            (r#"{"type":"ok","process":0,"time":"7"}"#, "`time` takes a number", "\"7\""),
            (r#"{"type":"ok","process":0,"time":1e40}"#, "beyond 64 bits", "1e40"),
            (r#"{"type":"ok","process":0,"index":1.5}"#, "not an integer", "1.5"),
            (r#"{"type":"ok","type":"ok","process":0}"#, "`type` occurs twice", "\"type\""),
            (r#"{"process":0}"#, "neither `type` nor `call`", r#"{"process":0}"#),
            (r#"{"process":0,"type":"ok","return":4}"#, "without a `call`", "4"),
            (
                r#"{"process":0,"f":"read","type":"invoke","call":3,"return":4}"#,
                "cannot be of type",
                "\"invoke\"",
            ),
            (r#"{"f":"read","call":3}"#, "no `process`", r#"{"f":"read","call":3}"#),
            (r#"{"process":1,"call":3}"#, "no function", r#"{"process":1,"call":3}"#),
            (r#"{"type":"fault","return":3}"#, "no beginning", "3"),
            (r#"{"type":"ok","value":"\'"}"#, r"`\'` is no escape", r"\'"),
        ] {
            let found = error(text);
            assert!(found.0.contains(message), "{text}: {found:?}");
            assert_eq!(found.2, shown, "{text}: {found:?}");
        }
        let both = history(r#"{"type":1,"process":[],"f":2}"#).expect_err("three errors");
        assert_eq!(both.total(), 3);
    }

    #[test]
    fn a_cut_at_any_byte_is_a_history_with_a_note_or_an_error() {
        let whole = concat!(
            r#"{"seriatim":1,"init":0}"#,
            "\n",
            r#"{"process":0,"type":"invoke","f":"write","value":"\u00e9é","time":1.5}"#,
            "\n",
            r#"{"process":0,"type":"ok","f":"write","value":[1,{"a":null}]}"#,
        );
        let second = whole.match_indices('\n').nth(1).expect("a line").0 + 1;
        for end in (0..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
            let history = history(&whole[..end]).expect("a cut is no error");
            let is_cut = history.notes.iter().any(|note| matches!(note, Note::TruncatedLine(_)));
            let is_between = matches!(end, 0 | 23 | 24) || end + 1 == second || end == second;
            assert_eq!(is_cut, !is_between, "{end}");
        }
    }
}
