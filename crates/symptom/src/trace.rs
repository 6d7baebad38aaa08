//! Small histories for the tests of rules.

use std::sync::LazyLock;

use seriatim_history::{
    Answer, Completion, EventId, Operation, Point, SourceId, Span, ValueId, Values, Window,
};

use crate::baseline::Baseline;
use crate::observed::Observed;
use crate::observer::Observer;
use crate::proved::Joined;
use crate::rules::{Asked, Candidates, Rule};
use crate::setting::Thresholds;
use seriatim_history::Told;

/// Milliseconds, in nanoseconds.
pub(crate) fn ms(of: i64) -> i64 {
    of * 1_000_000
}

/// The value that stands for a node in these histories.
pub(crate) fn node(number: u32) -> ValueId {
    ValueId::at(1_000 + number)
}

/// The value that stands for a client.
pub(crate) fn client(number: u32) -> ValueId {
    ValueId::at(2_000 + number)
}

pub(crate) const READ: ValueId = ValueId::at(3_000);
pub(crate) const WRITE: ValueId = ValueId::at(3_001);

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    Ok,
    Fail,
    Info,
}

/// A history that is being made; times are in milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    operations: Vec<(Operation, Told)>,
    windows: Vec<Window>,
    pub(crate) joined: Joined,
    pub(crate) thresholds: Thresholds,
}

impl Trace {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// An operation of a client that asked a node at a time, and what came of it after so long; nothing of one without an end.
    pub(crate) fn add(
        &mut self,
        (by, of): (u32, u32),
        function: ValueId,
        at: i64,
        came: Option<(i64, Came)>,
    ) -> &mut Self {
        self.told((by, of), function, at, came, Told::default())
    }

    /// The same, with what the recording tells of it.
    pub(crate) fn told(
        &mut self,
        of: (u32, u32),
        function: ValueId,
        at: i64,
        came: Option<(i64, Came)>,
        told: Told,
    ) -> &mut Self {
        self.push(None, of, function, (at, came), told)
    }

    /// The same on a key.
    pub(crate) fn on(
        &mut self,
        key: u32,
        of: (u32, u32),
        function: ValueId,
        at: i64,
        came: Option<(i64, Came)>,
    ) -> &mut Self {
        self.push(Some(Self::key(key)), of, function, (at, came), Told::default())
    }

    /// An operation by itself.
    pub(crate) fn operation(function: ValueId, came: Came) -> Operation {
        let mut trace = Self::new();
        trace.add((0, 0), function, 0, Some((1, came)));
        trace.operations.remove(0).0
    }

    /// The value that stands for a key.
    pub(crate) fn key(number: u32) -> ValueId {
        ValueId::at(5_000 + number)
    }

    fn push(
        &mut self,
        key: Option<ValueId>,
        (by, of): (u32, u32),
        function: ValueId,
        (at, came): (i64, Option<(i64, Came)>),
        told: Told,
    ) -> &mut Self {
        let event = EventId(2 * self.operations.len() as u32);
        let point = |time, event| Point { event, time: Some(ms(time)), span: Span::new(SourceId(0), 0, 0) };
        let completion = match came {
            Some((_, Came::Ok)) => Completion::Ok(Answer::default()),
            Some((_, Came::Fail)) => Completion::Fail(Answer::default()),
            Some((_, Came::Info)) | None => Completion::Unknown,
        };
        let operation = Operation {
            process: client(by),
            function,
            key,
            argument: None,
            completion,
            error: None,
            node: Some(node(of)),
            told: None,
            call: point(at, event),
            end: came.map(|(length, _)| point(at + length, EventId(event.0 + 1))),
        };
        self.operations.push((operation, told));
        self
    }

    /// One happened operation every so many milliseconds, each of which takes some: reads and writes in turn, by clients 0 to
    /// 3, at nodes 0 to 2.
    pub(crate) fn steady(&mut self, during: std::ops::Range<i64>, every: usize, taking: i64) -> &mut Self {
        for (at, time) in during.step_by(every).enumerate() {
            let at = at as u32;
            let function = if at.is_multiple_of(2) { READ } else { WRITE };
            self.add((at % 4, at % 3), function, time, Some((taking, Came::Ok)));
        }
        self
    }

    /// A fault at some nodes.
    pub(crate) fn fault(&mut self, from: i64, to: i64, nodes: &[u32]) -> &mut Self {
        let nodes = nodes.iter().map(|&of| node(of)).collect();
        let (start, end) = (EventId(0), Some(EventId(0)));
        let name = ValueId::at(4_000);
        self.windows.push(Window { name, nodes, start, end, from: Some(ms(from)), to: Some(ms(to)) });
        self
    }

    pub(crate) fn observed(&self) -> Observed {
        let mut observer = Observer::default();
        self.operations
            .iter()
            .for_each(|(operation, told)| observer.take(operation, operation.key, *told, &TEXTS));
        observer.finish(self.windows.clone(), &TEXTS)
    }

    /// What is answered where it is asked as a rule is.
    pub(crate) fn ask<T>(&self, what: impl FnOnce(&Asked<'_>) -> T) -> T {
        let observed = &self.observed();
        let baseline = &Baseline::new(observed, &self.thresholds);
        what(&Asked { observed, baseline, joined: &self.joined, thresholds: &self.thresholds })
    }

    /// What a rule finds, of which every number that the row names has to be there.
    pub(crate) fn find(&self, rule: Rule) -> Candidates {
        let found = self.ask(rule);
        for symptom in &found.symptoms {
            assert!(symptom.window.0 <= symptom.window.1, "{symptom:?}");
            let row = symptom.kind.row();
            for name in names(row.told).filter(|name| *name != "where") {
                let name = name.split_once(' ').map_or(name, |(name, _)| name);
                let (name, of) = name.split_once('.').map_or((name, None), |(name, of)| (name, Some(of)));
                let number = symptom.numbers.iter().find(|number| number.name == name);
                let Some(number) = number else {
                    assert!(is_optional(row.told, name), "{}: there is no {name}", row.code);
                    continue;
                };
                assert!(number.value.is_finite() && number.usual.is_none_or(f64::is_finite), "{number:?}");
                assert!(of.is_none() || number.usual.is_some(), "{}: {name} has no usual value", row.code);
            }
            assert_eq!(row.test.is_some(), symptom.test.is_some(), "{}", row.code);
            assert_eq!(row.effect.is_some(), symptom.effect.is_some(), "{}", row.code);
            let is_made = |p: f64| found.tests.contains(&p);
            assert!(symptom.test.is_none_or(|test| is_made(test.p)), "{}: the test is not counted", row.code);
        }
        found
    }
}

/// Texts for all values that stand for something here; none of them means anything.
static TEXTS: LazyLock<Values> = LazyLock::new(|| {
    let mut values = Values::new();
    (0..6_000).for_each(|at| _ = values.text(&format!("name {at}")));
    values
});

/// Whether a name stands in brackets: what is not known is left out there.
fn is_optional(told: &str, name: &str) -> bool {
    let clauses = told.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    clauses.into_iter().any(|(clause, _)| names(clause).any(|of| of == name))
}

/// What stands in braces.
fn names(told: &str) -> impl Iterator<Item = &str> {
    told.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}
