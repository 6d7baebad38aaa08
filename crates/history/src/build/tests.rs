//! What is well-formed, and what is said of what is not.

use super::*;
use crate::convention::{Order, Ties};
use crate::operation::Answer;
use crate::span::SourceId;

/// Builds a history from events `(process, kind, time)`; the process -1 is the nemesis. Their spans are their places.
fn build(events: &[(i64, EventKind, i64)], overrides: Overrides) -> Result<History, Diagnostics> {
    let mut builder = HistoryBuilder::new(Format::Jsonl);
    let read = builder.values.text("read");
    for (at, &(process, kind, time)) in events.iter().enumerate() {
        let id = builder.values.int(i128::from(process));
        let actor = if process < 0 { Actor::Other(id) } else { Actor::Client(id) };
        let mut event = Event::new(kind, actor, Span::new(SourceId(0), at, at + 1));
        (event.function, event.time) = (Some(read), Some(time));
        builder.event(event);
    }
    builder.finish(overrides)
}

use EventKind::{Fail, Info, Invoke, Ok as Done};

#[test]
fn events_are_paired_by_process() {
    let history = build(&[(0, Invoke, 0), (1, Invoke, 1), (0, Done, 2), (1, Fail, 3)], Overrides::default())
        .expect("well-formed");
    let places: Vec<_> =
        history.operations.iter().map(|op| (op.call.event.0, op.ret().map(|ret| ret.0))).collect();
    assert_eq!(places, [(0, Some(2)), (1, Some(3))]);
    assert!(matches!(history.operations[1].completion, Completion::Fail(_)));
    assert!(history.notes.is_empty());
}

#[test]
fn what_never_completes_is_indeterminate() {
    let history =
        build(&[(0, Invoke, 0), (1, Invoke, 1), (1, Info, 2)], Overrides::default()).expect("well-formed");
    assert!(history.operations.iter().all(|op| op.completion == Completion::Unknown && op.ret().is_none()));
    assert_eq!(history.notes, [Note::MissingCompletions(1)]);
}

#[test]
fn a_process_does_one_thing_at_a_time() {
    let errors = build(&[(0, Invoke, 0), (0, Invoke, 1), (0, Done, 2)], Overrides::default())
        .expect_err("two at once");
    assert_eq!(errors.total(), 1);
    assert_eq!(errors.first()[0].span.map(|span| span.start), Some(1));
    assert_eq!(errors.first()[0].related[0].span.start, 0);
}

#[test]
fn a_completion_needs_an_invocation_unless_it_says_nothing() {
    let errors = build(&[(0, Done, 0), (1, Invoke, 1), (1, Done, 2), (1, Fail, 3)], Overrides::default())
        .expect_err("two of them");
    assert_eq!(
        errors.first().iter().map(|error| error.span.map(|span| span.start)).collect::<Vec<_>>(),
        [Some(0), Some(3)]
    );
    let history =
        build(&[(1, Invoke, 0), (1, Done, 1), (1, Info, 2)], Overrides::default()).expect("a stray info");
    assert_eq!(history.notes, [Note::StrayInfos(1, Span::new(SourceId(0), 2, 3))]);
}

#[test]
fn the_nemesis_is_no_client() {
    let history =
        build(&[(-1, Info, 0), (0, Invoke, 1), (-1, Invoke, 2), (0, Done, 3)], Overrides::default())
            .expect("well-formed");
    assert_eq!((history.operations.len(), history.faults.len()), (1, 2));
    assert_eq!(history.faults.iter().map(|fault| fault.start.event.0).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(history.notes, [Note::NotClients(1, Span::new(SourceId(0), 2, 3))]);
}

#[test]
fn a_process_that_goes_on_after_an_unknown_outcome_is_noted() {
    let history = build(&[(0, Invoke, 0), (0, Info, 1), (0, Invoke, 2), (0, Done, 3)], Overrides::default())
        .expect("well-formed");
    assert_eq!(history.notes, [Note::ProcessReused(1, Span::new(SourceId(0), 2, 3))]);
}

#[test]
fn lines_count_unless_times_are_asked_for() {
    let events = [(0, Invoke, 5), (0, Done, 7), (1, Invoke, 6), (1, Done, 8)];
    let by_line = build(&events, Overrides::default()).expect("well-formed");
    assert_eq!(by_line.notes, [Note::TimesRunBack(1, Span::new(SourceId(0), 2, 3))]);
    assert!(by_line.operations[0].ret() < Some(by_line.operations[1].call.event));
    let by_time =
        build(&events, Overrides { order: Some(Order::Time), ..Overrides::default() }).expect("well-formed");
    assert!(by_time.operations[0].ret() > Some(by_time.operations[1].call.event));
}

/// Builds a history from intervals `(call, end)` of one process each.
fn intervals(times: &[(i64, i64)], ties: Ties) -> History {
    let mut builder = HistoryBuilder::new(Format::Csv);
    let read = builder.values.text("read");
    for (at, &(call, end)) in (0..).zip(times) {
        let answer = Answer { value: Some(ValueId::NIL), result: None };
        let process = builder.values.int(at);
        builder.interval(Interval {
            process,
            function: read,
            key: None,
            argument: None,
            completion: Completion::Ok(answer),
            error: None,
            node: None,
            told: Told::default(),
            call,
            end: Some(end),
            span: Span::default(),
        });
    }
    builder.finish(Overrides { ties: Some(ties), ..Overrides::default() }).expect("well-formed")
}

#[test]
fn ties_overlap_or_are_ordered() {
    let precedes = |times: &[(i64, i64)], ties| {
        let history = intervals(times, ties);
        history.operations[0].ret() < Some(history.operations[1].call.event)
    };
    assert!(!precedes(&[(1, 2), (2, 3)], Ties::Overlap));
    assert!(precedes(&[(1, 2), (2, 3)], Ties::Ordered));
    // An operation that takes no time is called before it returns, whatever ties mean; two of them overlap.
    assert!(precedes(&[(1, 2), (2, 2)], Ties::Ordered));
    assert!(precedes(&[(2, 2), (2, 3)], Ties::Ordered));
    assert!(!precedes(&[(2, 2), (2, 2)], Ties::Ordered));
    assert!(!precedes(&[(2, 2), (2, 2)], Ties::Overlap));
}

#[test]
fn indexes_sort_where_each_event_has_its_own() {
    let mut builder = HistoryBuilder::new(Format::Edn);
    let read = builder.values.text("read");
    for (at, (kind, index)) in [(Done, 9), (Invoke, 4)].into_iter().enumerate() {
        let mut event =
            Event::new(kind, Actor::Client(builder.values.int(0)), Span::new(SourceId(0), at, at + 1));
        (event.function, event.index) = (Some(read), Some(index));
        builder.event(event);
    }
    let history = builder.finish(Overrides::default()).expect("well-formed");
    assert_eq!(history.notes, [Note::SortedByIndex]);
    assert!(matches!(history.operations[0].completion, Completion::Ok(_)));
}

#[test]
fn the_node_that_answers_counts_before_the_one_that_was_asked() {
    let mut builder = HistoryBuilder::new(Format::Edn);
    let read = builder.values.text("read");
    let nodes = [builder.values.text("n1"), builder.values.text("n2")];
    let told = [(Some(nodes[0]), Some(nodes[1])), (Some(nodes[0]), None), (None, Some(nodes[1]))];
    for (process, (asked, answered)) in (0..).zip(told) {
        let process = builder.values.int(process);
        for (kind, node) in [(Invoke, asked), (Done, answered)] {
            let mut event = Event::new(kind, Actor::Client(process), Span::default());
            (event.function, event.node) = (Some(read), node);
            builder.event(event);
        }
    }
    let history = builder.finish(Overrides::default()).expect("well-formed");
    let counted: Vec<_> = history.operations.iter().map(|operation| operation.node).collect();
    assert_eq!(counted, [Some(nodes[1]), Some(nodes[0]), Some(nodes[1])]);
}
