//! JSON lines of jepsen-in-java: Jepsen's operations with Java's habits.

use super::json_record::{Outcome, Process, Record, Records};
use super::{json_stream, jsonl};
use crate::build::HistoryBuilder;
use crate::convention::TimeUnit;
use crate::diagnostic::Diagnostic;
use crate::span::Source;
use crate::value::ValueId;

/// Reads an object for each event.
///
/// Types and functions are in upper case, times are floating-point milliseconds since 1970, `index` is -1 or 0 for all
/// events, and `value` is a Java `int`: the invocation of a read, which has none, carries 0.
pub fn read(source: Source<'_>, builder: &mut HistoryBuilder) {
    // An `int` cannot be null, so what was never written can only be read as 0. In the recorded histories nothing
    // hangs on it: where upstream says `good`, each value that is read was written before, or is being written.
    builder.declared.initial.get_or_insert(builder.values.int(0));
    let records = Records { source: source.id, unit: TimeUnit::Milliseconds };
    json_stream::objects(source, builder, |scanner, builder, _| {
        let begin = scanner.place();
        match records.read(scanner, builder)? {
            Outcome::Record(record) => take(record, builder),
            Outcome::Bad => {}
            Outcome::Header(span) => {
                // The rest of the object is gone over like a value, from its beginning.
                scanner.go_back(begin);
                scanner.skip()?;
                builder.error(
                    Diagnostic::error(span, "a header of the native format in a history of jepsen-in-java")
                        .help("read the file with `--input-format jsonl`"),
                );
            }
        }
        Ok(())
    });
}

fn take(mut record: Record, builder: &mut HistoryBuilder) {
    record.index = None;
    if record.is_nemesis {
        // Its process is an integer like those of the clients.
        record.process = record.process.map(|process| Process::Word(process.value()));
    }
    let is_read = record.function.is_some_and(|function| {
        builder.values.as_text(function).is_some_and(|name| name.eq_ignore_ascii_case("read"))
    });
    if is_read && record.is_invocation() {
        record.value = Some(ValueId::NIL);
    }
    jsonl::event(&record, builder);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::format::Format;
    use crate::operation::Completion;
    use crate::span::SourceId;

    const LINES: &str = r#"{"process":7,"type":"INVOKE","value":0,"f":"READ","time":1.651553871982E12,"subIndex":0,"nemesis":false,"fail":false,"latency":0.0,"index":-1,"position":0}
{"process":8,"type":"INVOKE","value":5,"f":"WRITE","time":1.651553871983E12,"subIndex":0,"nemesis":false,"fail":false,"latency":0.0,"index":-1,"position":0}
{"process":9,"type":"INFO","value":0,"f":"STOP","time":1.651553871983E12,"subIndex":0,"nemesis":true,"fail":false,"latency":0.0,"index":-1,"position":0}
{"process":7,"type":"OK","value":5,"f":"READ","time":1.651553871984E12,"subIndex":0,"nemesis":false,"fail":false,"latency":0.0,"index":-1,"position":0}
{"process":8,"type":"FAIL","value":0,"f":"WRITE","time":1.651553871985E12,"subIndex":0,"nemesis":false,"fail":false,"latency":0.0,"index":-1,"position":0}
"#;

    #[test]
    fn java_habits_are_undone() {
        let mut builder = HistoryBuilder::new(Format::JepsenInJava);
        read(Source { id: SourceId(0), text: LINES }, &mut builder);
        let history = builder.finish(Overrides::default()).expect("well-formed");
        let [read, write] = &history.operations[..] else { panic!("{:?}", history.operations) };
        assert_eq!(read.argument, Some(ValueId::NIL));
        assert_eq!(read.call.time, Some(1_651_553_871_982_000_000));
        let Completion::Ok(answer) = read.completion else { panic!("{read:?}") };
        assert_eq!(answer.value, write.argument);
        assert!(matches!(write.completion, Completion::Fail(_)));
        assert_eq!((history.faults.len(), history.notes.len()), (1, 0));
        assert_eq!(history.declared.initial.and_then(|value| history.values.as_int(value)), Some(0));
    }

    #[test]
    fn cuts_and_headers_do_not_panic() {
        for end in 0..LINES.len() {
            let mut builder = HistoryBuilder::new(Format::JepsenInJava);
            read(Source { id: SourceId(0), text: &LINES[..end] }, &mut builder);
            assert!(builder.finish(Overrides::default()).is_ok(), "{end}");
        }
        let mut builder = HistoryBuilder::new(Format::JepsenInJava);
        read(
            Source { id: SourceId(0), text: "{\"seriatim\":1}\n{\"type\":\"INFO\",\"process\":\"n\"}" },
            &mut builder,
        );
        assert_eq!(builder.finish(Overrides::default()).expect_err("a header").total(), 1);
    }
}
