//! Nodes that are cut off from each other for a while: a split brain, and its look-alike, a stale replica.
//!
//! Every client asks one node, always the same. Until the nodes are divided there is one object, and afterwards there is
//! one again; in between each side has its own. Where both sides take writes, what one of them took is gone when they are
//! one again: a split brain. Where the other side takes none, and only tells what it knew when it was cut off, nothing is
//! lost, and its reads are stale.
//!
//! The order in which the operations of a side acted is the order of their numbers, so which of them acted while the
//! nodes were divided is known from these. As the simulator's, it takes O(n log n) for n operations, and some tries.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use seriatim_history::build::EventKind;
use seriatim_model::ModelName;

use super::draft::{Draft, Op};
use super::lag;
use crate::plan::Plan;
use crate::rng::Rng;
use crate::script::{Datum, Line, Script};
use crate::simulate::object::{Object, Reply, Request};
use crate::simulate::{Visitor, timeline, with_objects};
use crate::vocabulary::Vocabulary;

/// The nodes.
const NODES: [&str; 3] = ["n1", "n2", "n3"];

/// Who is on which side.
const SIDES: [&[&str]; 2] = [&["n1"], &["n2", "n3"]];

/// How many clients there are: as many for each node.
const CLIENTS: usize = 6;

/// From here on a history is large.
const LARGE: usize = 10_000;

/// How many histories are tried for one that shows what it is.
const HISTORIES: usize = 200;

/// What the nodes do while they are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Both sides take writes, and one loses them.
    SplitBrain,
    /// One side takes writes, and the other one only tells what it knew.
    StaleReplica,
}

/// The models in whose histories nodes can be divided.
pub const MODELS: [ModelName; 3] = [ModelName::Register, ModelName::CasRegister, ModelName::Set];

/// A history in which nodes were divided.
#[derive(Clone, Debug)]
pub struct Divided {
    /// The model of its objects.
    pub model: ModelName,
    /// What happened.
    pub fault: Fault,
    /// The history. Every operation tells which node it asked, and a nemesis tells when the nodes were divided.
    pub script: Script,
    /// Who was on which side.
    pub sides: [&'static [&'static str]; 2],
    /// The side that was right: what it took remains.
    pub right: usize,
    /// Between which lines the nodes were divided: those of the nemesis. Each side had its own object from some instant
    /// after the first until some instant after the second.
    pub lines: Range<usize>,
    /// The times of these lines.
    pub times: Range<i64>,
    /// What each side took and acknowledged meanwhile: places of operations in the history, in the order of the calls.
    /// Elements that somebody removes at any time are left out, here and below.
    pub acknowledged: [Vec<usize>; 2],
    /// Keys and values that one side acknowledged and that are gone: none in the case of a stale replica.
    pub lost: Vec<(Option<i64>, i64)>,
    /// Operations on one key that show it, whatever the others did: a write of one side, and a look of the other that was
    /// called when the write had returned, and told of what was there before it. Of a split brain there is such a pair
    /// for each side, that of the first side's write first.
    pub shown_by: Vec<(usize, usize)>,
}

impl Divided {
    /// A history of so many operations, with a key each or without.
    ///
    /// # Panics
    /// Where there are too few operations to show it.
    pub fn new(seed: u64, model: ModelName, fault: Fault, operations: usize) -> Self {
        let mut seeds = Rng::new(seed);
        for _ in 0..HISTORIES {
            if let Some(divided) = attempt(&mut seeds.fork(), model, fault, operations) {
                return divided;
            }
        }
        panic!("{operations} operations do not show what happened");
    }

    /// Whether a system of which each side only lags behind, as far as it likes, could have had this history. All pairs of
    /// operations are looked at.
    pub fn is_explained_by_lag(&self) -> bool {
        let keys: BTreeSet<Option<i64>> =
            self.script.lines.iter().filter(|line| line.process.is_some()).map(|line| line.key).collect();
        keys.into_iter().all(|key| {
            let draft = of_key(self.model, &self.script, key, &mut Rng::new(0));
            let side = |op: &Op| side(op.process);
            match self.model {
                ModelName::Set => lag::explains_set(&draft, side),
                _ => lag::explains_register(&draft, side),
            }
        })
    }
}

/// The operations on one key.
fn of_key(model: ModelName, script: &Script, key: Option<i64>, rng: &mut Rng) -> Draft {
    let of_key = |line: &&Line| line.process.is_some() && line.key == key;
    let lines = script.lines.iter().filter(of_key).cloned().collect();
    Draft::new(model, Script { initial: None, lines }, rng)
}

/// One history, if it shows what it is.
fn attempt(rng: &mut Rng, model: ModelName, fault: Fault, operations: usize) -> Option<Divided> {
    let is_large = operations >= LARGE;
    let share = if is_large { 0.01 } else { 0.04 };
    let plan = Plan {
        model,
        operations,
        clients: CLIENTS,
        values: 0,
        keys: *rng.pick(if is_large { &[0, 1, 10] } else { &[0, 1, 2] }),
        spread: *rng.pick(&[0.7, 1.5]),
        crash: share,
        fail: share,
        lie: 0.0,
        nemesis: false,
    };
    let third = operations / 3;
    let from = third - rng.below(third / 4 + 1);
    let to = 2 * third + rng.below(third / 4 + 1);
    let right = match fault {
        Fault::SplitBrain => rng.below(2),
        Fault::StaleReplica => 1,
    };
    let window = from as u32..to as u32;
    let rules = Rules { fault, window: window.clone(), right };
    let divide = Divide { rules, run: timeline::Run { plan: &plan, seed: rng.bits() } };
    let mut script = with_objects(model, None, plan.keys.max(1), rng, divide);
    tag(&mut script);
    let lines = tell(&mut script, &window);
    let times = script.lines[lines.start].time..script.lines[lines.end].time;
    let truth = Truth::of(model, &script, &window, rng);
    let shown_by = truth.shown_by(fault)?;
    let lost = truth.lost(fault, right)?;
    let acknowledged = truth.acknowledged;
    Some(Divided { model, fault, script, sides: SIDES, right, lines, times, acknowledged, lost, shown_by })
}

/// The node that a client asks, whatever its process is called now.
fn node(process: i64) -> usize {
    process.unsigned_abs() as usize % CLIENTS % NODES.len()
}

/// The side that a client is on.
fn side(process: i64) -> usize {
    usize::from(node(process) > 0)
}

/// Lets every line tell the node that its client asks.
fn tag(script: &mut Script) {
    for line in &mut script.lines {
        line.node = line.process.map(|process| NODES[node(process)]);
    }
}

/// Lets a nemesis tell when the nodes are divided, and when no longer; its lines. All operations from the first of the
/// window on act behind the latest call of those before.
fn tell(script: &mut Script, window: &Range<u32>) -> Range<usize> {
    let behind = |script: &Script, number: u32| {
        let is_earlier =
            |line: &Line| line.process.is_some() && line.kind == EventKind::Invoke && line.operation < number;
        script.lines.iter().rposition(is_earlier).map_or(0, |last| last + 1)
    };
    let nodes = |side: &[&str]| Datum::List(side.iter().copied().map(Datum::text).collect());
    let value = Some(Datum::List(SIDES.iter().copied().map(nodes).collect()));
    let mut places = [0, 0];
    let events = [("start-partition", window.start, value), ("stop-partition", window.end, None)];
    for (place, (function, number, value)) in places.iter_mut().zip(events) {
        *place = behind(script, number);
        let (kind, operation) = (EventKind::Info, 0);
        let (process, key, result, node, time) = (None, None, None, None, 0);
        let line = Line { kind, process, function, key, value, result, time, node, operation };
        script.lines.insert(*place, line);
    }
    // As everywhere here no two times are equal.
    let mut latest = -1;
    for line in &mut script.lines {
        line.time = line.time.max(latest + 1);
        latest = line.time;
    }
    places[0]..places[1]
}

/// When the nodes are divided, and what becomes of it.
#[derive(Clone, Debug)]
struct Rules {
    fault: Fault,
    /// The numbers of the operations that act meanwhile.
    window: Range<u32>,
    right: usize,
}

/// A simulation in which the nodes are divided for a while.
struct Divide<'a> {
    rules: Rules,
    run: timeline::Run<'a>,
}

impl Visitor for Divide<'_> {
    type Out = Script;

    fn of<O: Object>(self, objects: Vec<O>) -> Script {
        let asked = Rc::new(Cell::new(0));
        let copies = |object: O| Copies {
            rules: self.rules.clone(),
            asked: Rc::clone(&asked),
            right: object,
            wrong: None,
        };
        self.run.of(objects.into_iter().map(copies).collect())
    }
}

/// An object, of which there are two while the nodes are divided.
#[derive(Clone)]
struct Copies<O> {
    rules: Rules,
    /// How many operations were asked for, on whatever key: each acts, if ever, before the next is asked for.
    asked: Rc<Cell<u32>>,
    /// What remains.
    right: O,
    /// What the other side has since the nodes were divided.
    wrong: Option<O>,
}

impl<O: Object> Copies<O> {
    /// Whether the operation with a number is one of the side that is wrong, while it is.
    fn is_wrong(&self, number: u32, client: i64) -> bool {
        self.rules.window.contains(&number) && side(client) != self.rules.right
    }
}

impl<O: Object> Object for Copies<O> {
    fn ask(&self, client: i64, words: &mut Vocabulary, rng: &mut Rng) -> Request {
        let number = self.asked.get();
        self.asked.set(number + 1);
        let wrong = self.wrong.as_ref().filter(|_| self.is_wrong(number, client));
        wrong.unwrap_or(&self.right).ask(client, words, rng)
    }

    fn act(&mut self, client: i64, request: &Request, rng: &mut Rng) -> Reply {
        let number = self.asked.get() - 1;
        // What was there when the nodes were divided is not changed by either side before it is divided, too.
        if self.rules.window.contains(&number) && self.wrong.is_none() {
            self.wrong = Some(self.right.clone());
        }
        let is_wrong = self.is_wrong(number, client);
        let takes_none = self.rules.fault == Fault::StaleReplica && !is_look(request.function);
        match self.wrong.as_mut().filter(|_| is_wrong) {
            Some(_) if takes_none => Reply::refused(request),
            Some(wrong) => wrong.act(client, request, rng),
            None => self.right.act(client, request, rng),
        }
    }

    fn distort(&self, request: &Request, reply: Reply, words: &Vocabulary, rng: &mut Rng) -> Reply {
        self.right.distort(request, reply, words, rng)
    }
}

fn is_look(function: &str) -> bool {
    matches!(function, "read" | "contains")
}

/// What happened while the nodes were divided, as it is known from the numbers of the operations.
struct Truth {
    acknowledged: [Vec<usize>; 2],
    /// Of each key the first write of each side that a look of the other had to see and did not, and that look.
    pairs: Vec<[Option<(usize, usize)>; 2]>,
    /// Keys and values that each side acknowledged.
    values: [Vec<(Option<i64>, i64)>; 2],
    /// Keys that somebody looked at when the nodes were one again.
    looked_at: BTreeSet<Option<i64>>,
}

impl Truth {
    fn of(model: ModelName, script: &Script, window: &Range<u32>, rng: &mut Rng) -> Self {
        let keys: BTreeSet<Option<i64>> =
            script.lines.iter().filter(|line| line.process.is_some()).map(|line| line.key).collect();
        let places: BTreeMap<u32, usize> = script.operations().into_iter().zip(0..).collect();
        let mut truth = Self {
            acknowledged: Default::default(),
            pairs: Vec::new(),
            values: Default::default(),
            looked_at: BTreeSet::new(),
        };
        for key in keys {
            let draft = of_key(model, script, key, rng);
            let place = |at: usize| places[&draft.ops()[at].number];
            let meanwhile = |op: &Op| op.is_done() && window.contains(&op.number);
            let mut pairs = [None, None];
            let removed = (0..draft.ops().len()).filter(|&at| draft.ops()[at].function == "remove");
            let removed: BTreeSet<&Datum> = removed.map(|at| draft.argument(at)).collect();
            let puts = (0..draft.ops().len()).filter_map(|at| Some((put(&draft, at)?, at)));
            let writers: BTreeMap<i64, usize> = puts.collect();
            for at in 0..draft.ops().len() {
                let op = &draft.ops()[at];
                if op.is_done() && op.number >= window.end && is_look(op.function) {
                    truth.looked_at.insert(key);
                }
                let Some(value) = put(&draft, at).filter(|_| meanwhile(op)) else { continue };
                // Whoever misses what somebody removes may be right.
                if removed.contains(&Datum::Int(value)) {
                    continue;
                }
                let writer = side(op.process);
                truth.acknowledged[writer].push(place(at));
                truth.values[writer].push((key, value));
                let had_to_see = |&look: &usize| {
                    let look = &draft.ops()[look];
                    meanwhile(look)
                        && is_look(look.function)
                        && side(look.process) != writer
                        && op.is_before(look)
                };
                let misses_it = |&look: &usize| match draft.answer(look) {
                    Datum::Bool(is_there) => *draft.argument(look) == Datum::Int(value) && !is_there,
                    Datum::List(_) | Datum::Set(_) | Datum::Nil => true,
                    // What was written at the same time, or later, may be newer.
                    told => {
                        let since = told.as_int().and_then(|told| writers.get(&told));
                        since.is_some_and(|&since| draft.ops()[since].is_before(op))
                    }
                };
                if pairs[writer].is_none() {
                    let look = (at..draft.ops().len()).filter(had_to_see).find(misses_it);
                    pairs[writer] = look.map(|look| (place(at), place(look)));
                }
            }
            truth.pairs.push(pairs);
        }
        truth.acknowledged.iter_mut().for_each(|places| places.sort_unstable());
        truth
    }

    /// The operations that show it, on one key.
    fn shown_by(&self, fault: Fault) -> Option<Vec<(usize, usize)>> {
        match fault {
            Fault::SplitBrain => {
                let both = |pairs: &[Option<(usize, usize)>; 2]| Some(vec![pairs[0]?, pairs[1]?]);
                self.pairs.iter().find_map(both)
            }
            // The first side only tells what it knew.
            Fault::StaleReplica => self.pairs.iter().find_map(|pairs| Some(vec![pairs[1]?])),
        }
    }

    /// What is gone; `None` where nobody had a look.
    fn lost(&self, fault: Fault, right: usize) -> Option<Vec<(Option<i64>, i64)>> {
        let lost = match fault {
            Fault::SplitBrain => self.values[1 - right].clone(),
            Fault::StaleReplica => Vec::new(),
        };
        let is_seen =
            fault == Fault::StaleReplica || lost.iter().any(|(key, _)| self.looked_at.contains(key));
        is_seen.then_some(lost)
    }
}

/// The value that an operation put in, if it was acknowledged.
fn put(draft: &Draft, at: usize) -> Option<i64> {
    match (draft.ops()[at].function, draft.argument(at)) {
        ("write" | "add", value) => value.as_int(),
        ("cas", Datum::List(pair)) => pair[1].as_int(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(operations: usize, mut look: impl FnMut(u64, &Divided)) {
        for model in MODELS {
            for fault in [Fault::SplitBrain, Fault::StaleReplica] {
                for seed in 0..20 {
                    look(seed, &Divided::new(seed, model, fault, operations));
                }
            }
        }
    }

    #[test]
    fn both_sides_take_writes_or_one_does() {
        all(60, |seed, divided| {
            let Divided { model, fault, acknowledged: [first, second], .. } = divided;
            let name = model.name();
            assert!(!second.is_empty(), "{name} {fault:?} {seed}");
            assert_eq!(first.is_empty(), *fault == Fault::StaleReplica, "{name} {fault:?} {seed}");
        });
    }

    /// What is lost is seen by nobody once the nodes are one again, and what the other side took is, where it remains.
    #[test]
    fn what_one_side_took_is_gone() {
        let mut remains = 0;
        all(60, |seed, divided| {
            let Divided { script, lines, lost, fault, model, .. } = divided;
            assert_eq!(lost.is_empty(), *fault == Fault::StaleReplica, "{} {seed}", model.name());
            let (mut open, mut later) = (BTreeSet::new(), Vec::new());
            for line in &script.lines[lines.end..] {
                match line.kind {
                    EventKind::Invoke => _ = open.insert(line.operation),
                    EventKind::Ok if line.function == "read" && open.contains(&line.operation) => {
                        later.push(line)
                    }
                    _ => {}
                }
            }
            for line in later {
                let told = line.value.clone().unwrap_or(Datum::Nil);
                let has = |value: i64| match &told {
                    Datum::List(items) | Datum::Set(items) => items.contains(&Datum::Int(value)),
                    one => *one == Datum::Int(value),
                };
                let lost = lost.iter().find(|&&(key, value)| key == line.key && has(value));
                assert_eq!(lost, None, "{} {seed}\n{script}", model.name());
                remains += usize::from(told != Datum::Nil);
            }
        });
        assert!(remains > 100, "{remains} reads");
    }

    /// What only lags is explained by lag, and some of what is split is not, such as what was lost.
    #[test]
    fn lag_explains_stale_replicas_and_not_all_splits() {
        for model in MODELS {
            let explained = |fault: Fault| {
                let all = (0..60).map(|seed| Divided::new(seed, model, fault, 60));
                all.filter(Divided::is_explained_by_lag).count()
            };
            assert_eq!(explained(Fault::StaleReplica), 60, "{}", model.name());
            let splits = explained(Fault::SplitBrain);
            assert!(splits < 55, "{}: lag explains {splits} of 60 splits", model.name());
        }
    }

    #[test]
    fn what_shows_it_is_of_both_sides() {
        all(60, |seed, divided| {
            let Divided { script, fault, shown_by, sides, .. } = divided;
            let history = script.history();
            let node = |at: usize| {
                let node = history.operations[at].node.and_then(|node| history.values.as_text(node));
                node.expect("every operation tells its node")
            };
            let pairs = if *fault == Fault::SplitBrain { 2 } else { 1 };
            assert_eq!(shown_by.len(), pairs, "{seed}");
            for &(write, look) in shown_by {
                let [write, look] = [write, look].map(|at| sides[0].contains(&node(at)));
                assert_ne!(write, look, "{seed}\n{script}");
            }
        });
    }

    #[test]
    fn large_ones_are_told_of_too() {
        for model in MODELS {
            let divided = Divided::new(1, model, Fault::SplitBrain, 100_000);
            assert_eq!(divided.script.history().operations.len(), 100_000);
            assert!(divided.lost.len() > 1_000, "{}: {} lost", model.name(), divided.lost.len());
        }
    }
}
