//! What came after what: for each fault, what began after it and while it or its aftermath lasted.
//!
//! A chain claims only what the order in time supports. A link begins no earlier than the one before it; it begins before
//! the fault is over, or within [`AFTERMATH`] of that or of something in the chain that outlasts it; and where nodes are
//! known of a link and of those before it, they share one. That one thing caused the next does not follow, and is not said.

use rustc_hash::FxHashMap;
use seriatim_history::{ValueId, Window};

use crate::kind::SymptomKind;
use crate::observed::Observed;
use crate::proved::{Joined, Proved};
use crate::symptom::Symptom;

/// How long after the fault and all symptoms of a chain are over, in nanoseconds, something may begin and still belong to it.
pub const AFTERMATH: i64 = 5_000_000_000;

/// Things that came one after the other; there are two or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// What came, in the order of their beginnings; the first is the root.
    pub links: Vec<Link>,
}

/// One of the things that came one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it is.
    pub what: What,
    /// From when to when, in nanoseconds of the recorded time. An anomaly lasts from the first wrong answer to the last one.
    pub window: (i64, i64),
}

/// What a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A fault: which of [`Observed::windows`].
    Fault(usize),
    /// A symptom: which of those that were given.
    Symptom(usize),
    /// What others proved, by its code.
    Anomaly(&'static str),
}

/// What a link may be made of, before it is in a chain.
#[derive(Debug)]
struct Piece {
    link: Link,
    /// How much earlier than it seems to it may have begun.
    slack: i64,
    nodes: Nodes,
}

/// The nodes that something is about.
#[derive(Clone, Debug)]
enum Nodes {
    /// Nobody knows, or all of them.
    Any,
    These(Vec<ValueId>),
}

impl Nodes {
    fn of(nodes: impl IntoIterator<Item = ValueId>) -> Self {
        let nodes: Vec<_> = nodes.into_iter().collect();
        if nodes.is_empty() { Self::Any } else { Self::These(nodes) }
    }

    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::These(some), Self::These(others)) => some.iter().any(|node| others.contains(node)),
            _ => true,
        }
    }
}

/// A chain while it grows.
#[derive(Debug)]
struct Growing {
    links: Vec<Link>,
    /// When the last of it is over.
    to: i64,
    nodes: Nodes,
}

impl Growing {
    fn new(root: Link, nodes: Nodes) -> Self {
        Self { links: vec![root], to: root.window.1, nodes }
    }

    /// Whether something may be its next link.
    fn takes(&self, piece: &Piece) -> bool {
        let (root, begins) = (self.links[0].window.0, piece.link.window.0);
        root <= begins.saturating_add(piece.slack)
            && begins <= self.to.saturating_add(AFTERMATH)
            && self.nodes.meets(&piece.nodes)
    }

    fn push(&mut self, piece: &Piece) {
        let Link { what, window: (from, to) } = piece.link;
        let last = self.links.last().expect("a chain has a root").window.0;
        // What may have begun earlier than it seems to, begins with the one before.
        self.links.push(Link { what, window: (from.max(last), to.max(last)) });
        // What was wrong once does not last.
        if matches!(what, What::Symptom(_)) {
            self.to = self.to.max(to);
        }
        match (&mut self.nodes, &piece.nodes, what) {
            (Nodes::These(nodes), Nodes::These(more), _) => nodes.extend(more),
            // A symptom without nodes is one of the whole system; of an anomaly without one nobody knows.
            (nodes, Nodes::Any, What::Symptom(_)) => *nodes = Nodes::Any,
            _ => {}
        }
    }
}

/// What came after what: at most one chain for each fault, and those that no fault came before, in the order of their
/// roots. Each symptom and each code stands in one chain at most: that of the latest fault it may follow on.
pub fn chains(observed: &Observed, joined: &Joined, symptoms: &[Symptom]) -> Vec<Chain> {
    let end = observed.span().map_or(i64::MAX, |(_, to)| to);
    let asked = observed.nodes();
    let fault = |(at, window): (usize, &Window)| {
        let from = window.from?;
        // Names of what nobody asked are those of clients, or of nodes of which nothing was seen.
        let nodes = window.nodes.iter().copied().filter(|&node| asked.contains(&Some(node)));
        let link = Link { what: What::Fault(at), window: (from, window.to.unwrap_or(end).max(from)) };
        Some(Growing::new(link, Nodes::of(nodes)))
    };
    let mut faults: Vec<_> = observed.windows.iter().enumerate().filter_map(fault).collect();
    faults.sort_by_key(|chain| chain.links[0].window.0);
    let mut others: Vec<Growing> = Vec::new();
    for piece in pieces(observed, joined, symptoms) {
        let of_fault = faults.iter_mut().rev().find(|chain| chain.takes(&piece));
        let of = of_fault.or_else(|| others.iter_mut().rev().find(|chain| chain.takes(&piece)));
        match (of, piece.link.what) {
            (Some(chain), _) => chain.push(&piece),
            (None, What::Symptom(_)) => others.push(Growing::new(piece.link, piece.nodes)),
            (None, _) => {}
        }
    }
    let all = faults.into_iter().chain(others).filter(|chain| chain.links.len() > 1);
    let mut all: Vec<_> = all.map(|chain| Chain { links: chain.links }).collect();
    all.sort_by_key(|chain| chain.links[0].window.0);
    all
}

/// Symptoms and codes, in the order of their beginnings.
fn pieces(observed: &Observed, joined: &Joined, symptoms: &[Symptom]) -> Vec<Piece> {
    // The recorder's faults say nothing of the system; what only gives a name to wrong answers is told by their codes.
    let is_told = |kind: SymptomKind| {
        use SymptomKind::{
            DuplicateEffect, NotCovered, RecorderClockFault, Resurrection, ServerClockSkew, SilentWrongData,
        };
        !matches!(
            kind,
            NotCovered
                | RecorderClockFault
                | ServerClockSkew
                | SilentWrongData
                | DuplicateEffect
                | Resurrection
        )
    };
    let symptom = |(at, symptom): (usize, &Symptom)| Piece {
        link: Link { what: What::Symptom(at), window: symptom.window },
        // Rules look at stretches: when a symptom began is known to one of these.
        slack: observed.latencies.width(),
        nodes: Nodes::of(symptom.scope.nodes.iter().copied()),
    };
    let told = symptoms.iter().enumerate().filter(|(_, symptom)| is_told(symptom.kind));
    let mut pieces: Vec<_> = told.map(symptom).collect();
    for (kind, window) in &joined.sides {
        let is_given = symptoms.iter().any(|symptom| symptom.kind == *kind);
        if let (false, &Some(window)) = (is_given, window) {
            let link = Link { what: What::Anomaly(kind.row().code), window };
            pieces.push(Piece { link, slack: 0, nodes: Nodes::Any });
        }
    }
    let mut codes: FxHashMap<&'static str, Vec<(i64, Option<ValueId>)>> = FxHashMap::default();
    for proved in &joined.proved {
        if let (Some(time), node) = proved.began() {
            codes.entry(proved.code).or_default().push((time, node));
        }
    }
    for (code, mut seen) in codes {
        seen.sort_unstable();
        let window = (seen[0].0, seen[seen.len() - 1].0);
        let nodes = if seen.iter().all(|(_, node)| node.is_some()) {
            Nodes::of(seen.iter().filter_map(|&(_, node)| node))
        } else {
            Nodes::Any
        };
        pieces.push(Piece { link: Link { what: What::Anomaly(code), window }, slack: 0, nodes });
    }
    let rank = |what: What| match what {
        What::Fault(at) => (0, at, ""),
        What::Symptom(at) => (1, at, ""),
        What::Anomaly(code) => (2, 0, code),
    };
    pieces.sort_by_key(|piece| (piece.link.window, rank(piece.link.what)));
    pieces
}

/// Wrong answers while all was green: what stands above all else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Green {
    /// How many answers that are proved to be wrong were there while all was as always.
    pub wrong: u64,
    /// Of how many whose time is known.
    pub known: u64,
    /// The largest share of operations that did not happen around them, and the usual one.
    pub errors: (f64, f64),
    /// The longest 99th percentile of latencies around them, and the usual one, in nanoseconds.
    pub p99: (f64, f64),
}

/// What [`SymptomKind::SilentWrongData`] says, where it was found; wrong answers whose time nobody knows are not counted.
pub fn wrong_while_green(symptoms: &[Symptom], joined: &Joined) -> Option<Green> {
    let found = symptoms.iter().find(|symptom| symptom.kind == SymptomKind::SilentWrongData)?;
    let number = |name: &str| found.numbers.iter().find(|number| number.name == name);
    let beside = |name: &str| number(name).and_then(|number| Some((number.value, number.usual?)));
    let is_wrong = |proved: &&Proved| proved.code.starts_with("LIN") && proved.inversion.is_none();
    let timed = joined.proved.iter().filter(is_wrong).filter(|proved| proved.time.is_some());
    Some(Green {
        wrong: number("wrong")?.value as u64,
        known: timed.count() as u64,
        errors: beside("errors")?,
        p99: beside("p99")?,
    })
}

#[cfg(test)]
mod tests;
