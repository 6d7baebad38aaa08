//! The pieces cannot be told from the history.

use super::*;
use crate::build::HistoryBuilder;
use crate::diagnostic::Diagnostics;
use crate::format::csv::ColumnMap;

pub(super) fn in_one(format: Format, text: &str) -> Result<History, Diagnostics> {
    let mut builder = HistoryBuilder::new(format);
    let source = Source { id: SourceId(0), text };
    super::super::read(format, source, &ColumnMap::default(), &mut builder);
    builder.finish(Overrides::default())
}

fn in_pieces(format: Format, text: &str, piece: usize) -> Option<History> {
    history(format, Source { id: SourceId(0), text }, Overrides::default(), piece)
}

pub(super) fn blocks(format: Format, text: &str, size: usize) -> Option<Blocks<&[u8]>> {
    let (start, rest) = text.as_bytes().split_at(text.len().min(300));
    Blocks::of_size(format, start.into(), rest, size).ok()
}

/// All that can be seen of a history, down to the numbers of its values.
pub(super) fn shown(history: &History) -> String {
    let values: Vec<_> = (0..history.values.len()).map(|at| history.values.nth(at)).collect();
    format!(
        "{values:?}\n{:?}\n{:?}\n{} {:?} {:?}",
        history.operations, history.faults, history.events, history.declared, history.notes
    )
}

fn jsonl() -> String {
    let mut text = r#"{"seriatim":1,"init":7,"time_unit":"us"}"#.to_owned();
    for at in 0..200 {
        let (process, value) = (at % 3, at * at % 50);
        text += &format!(
            "\n{{\"process\":{process},\"type\":\"invoke\",\"f\":\"write\",\"value\":{value},\"time\":{at}}}\n\
             {{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"n{at}\",\"value\":{{\"a\":[{at},\"é\"]}}}}\n\
             {{\"process\":{process},\"type\":\"{}\",\"f\":\"write\",\"value\":{value},\"srv\":\"x\",\"time\":{}}}",
            if at % 7 == 0 { "info" } else { "ok" },
            at - at % 5
        );
    }
    text
}

fn edn() -> String {
    (0..200)
        .map(|at| {
            format!(
                "{{:process {}, :type :invoke, :f :add, :value #{{{} {at} :x}}, :index {}}}\n\
                 {{:process {}, :type :ok, :f :add, :value \"a\n b\", :index {}}} ; so\n",
                at % 5,
                200 - at,
                2 * at,
                at % 5,
                2 * at + 1
            )
        })
        .collect()
}

#[test]
fn pieces_cannot_be_told_from_the_history() {
    for (format, text) in [(Format::Jsonl, jsonl()), (Format::Edn, edn())] {
        let whole = shown(&in_one(format, &text).expect("well-formed"));
        for piece in [1, 100, 1_000, 5_000, 1_000_000] {
            let history = in_pieces(format, &text, piece).expect("nothing is unusual");
            assert_eq!(shown(&history), whole, "{piece}");
        }
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let history = pool.install(|| in_pieces(format, &text, 100)).expect("nothing is unusual");
            assert_eq!(shown(&history), whole, "{threads} threads");
        }
    }
}

#[test]
fn what_is_read_in_passing_is_the_history() {
    for (format, text) in [(Format::Jsonl, jsonl()), (Format::Edn, edn())] {
        let text = text
            + if format == Format::Jsonl {
                "\n{\"process\":9,\"type\":\"invoke\",\"f\":\"x\"}"
            } else {
                "{:process 9, :type :invoke, :f :x, :index 1000}"
            };
        let whole = in_one(format, &text).expect("well-formed");
        let nothing = |_, _: &Operation, _, _: &Values| Ok::<_, ()>(());
        let empty = in_passing(
            format,
            blocks(format, "", 1).expect("it is cut"),
            Overrides::default(),
            nothing,
            drop,
        )
        .expect("nothing is unusual");
        assert_eq!((empty.operations, empty.history.events), (0, 0));
        // Small reads put the drains between the invocations and their completions.
        for size in [1, 50, 1_000, 1_000_000] {
            let mut operations: Vec<(OpId, Operation)> = Vec::new();
            let mut done = Vec::new();
            let take = |id, operation: &Operation, _, _: &Values| {
                operations.push((id, operation.clone()));
                Ok::<_, ()>(())
            };
            let rest = in_passing(
                format,
                blocks(format, &text, size).expect("it is cut"),
                Overrides::default(),
                take,
                |block| {
                    done.extend(block.bytes);
                },
            )
            .expect("nothing is unusual");
            assert_eq!(done, text.as_bytes());
            operations.sort_by_key(|&(id, _)| id);
            assert!((0..).zip(&operations).all(|(at, (id, _))| id.0 == at));
            assert_eq!(rest.operations, operations.len());
            let operations = operations.into_iter().map(|(_, operation)| operation).collect();
            let history = History { operations, ..rest.history };
            assert_eq!(shown(&history), shown(&whole), "{size}");
        }
    }
}

#[test]
fn whatever_is_unusual_is_read_in_one() {
    let line = |process: u32, kind: &str| {
        format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"read\",\"value\":1}}\n")
    };
    let good = line(0, "invoke") + &line(0, "ok");
    for bad in [
        "{\"seriatim\":1}\n".to_owned(),
        line(0, "ok"),
        line(1, "invoke") + &line(1, "invoke"),
        "{\"process\":1}\n".to_owned(),
        "{\n{\n".to_owned(),
        "{\"process\":3,\"type\":\"invoke\",\"f\":\"read\",\n{\"value\":1}\n".to_owned(),
        "{\"process\":2,\"f\":\"read\",\"value\":1,\"call\":1,\"return\":2}\n".to_owned(),
        "{\"process\":2,\"type\":\"invoke\",\"f\":\"read\",\"index\":7}\n".to_owned(),
        "{\"process\":2,\"type\":\"invoke\"}\n".to_owned(),
        "{\"proc".to_owned(),
        "]\n".to_owned(),
    ] {
        for text in [good.clone() + &good + &bad + &good, good.clone() + &good + &bad] {
            assert!(in_pieces(Format::Jsonl, &text, 1).is_none(), "{text}");
        }
    }
    // A list must be closed, and nothing stand behind it.
    let list = format!("[{}]", (good.clone() + &good).trim().replace('\n', ","));
    assert!(in_pieces(Format::JsonArray, &list, 1).is_some());
    for bad in [list.trim_end_matches(']').to_owned(), list.replace(']', ","), list.clone() + "]"] {
        for piece in [1, 100, 10_000] {
            assert!(in_pieces(Format::JsonArray, &bad, piece).is_none(), "{bad} {piece}");
        }
    }
    let ordered = "{\"seriatim\":1,\"order\":\"time\"}\n".to_owned() + &good;
    assert!(in_pieces(Format::Jsonl, &ordered, 1).is_none());
    let by_time = Overrides { order: Some(Order::Time), ..Overrides::default() };
    let source = Source { id: SourceId(0), text: &good };
    assert!(history(Format::Jsonl, source, by_time, 1).is_none());
    assert!(history(Format::Jsonl, source, Overrides::default(), 1).is_some());
}

#[test]
fn a_string_over_several_lines_is_not_cut_in_two() {
    let event =
        |kind: &str, value: &str| format!("{{:process 0, :type {kind}, :f :write, :value {value}}}\n");
    let text =
        event(":invoke", "1") + &event(":ok", "1") + &event(":invoke", "\"a\n{:b\"") + &event(":ok", "2");
    let whole = in_one(Format::Edn, &text).expect("well-formed");
    for piece in 1..text.len() {
        if let Some(history) = in_pieces(Format::Edn, &text, piece) {
            assert_eq!(shown(&history), shown(&whole), "{piece}");
        }
    }
    assert!(in_pieces(Format::Edn, &text, text.len()).is_some());
    assert!(in_pieces(Format::Edn, &text, 1).is_none());
}
