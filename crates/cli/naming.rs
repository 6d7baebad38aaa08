//! What is wrong with a history, by name: the anomalies of its refuted parts, and what they show together.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use seriatim_anomaly::split::{self, Clues};
use seriatim_anomaly::{
    Anomaly, AnomalyKind, Failed, Guarantee, Held, Refused, SplitBrain, Stuck, came_back, delta, differences,
    gone, held, never_read, saw_too_much, stuck, versions_behind,
};
use seriatim_checker::{Decision, Limits, Memory, Refutation, Verdict};
use seriatim_history::{History, OpId, ValueId, Window, windows};
use seriatim_model::{Kind, Model, Part};

use crate::around::around;
use crate::clock;
use crate::frontier::{Stop, alone, stop};
use crate::placement::{Placements, placements};

/// What operations did, as the model tells it.
pub(crate) type Shows = Vec<(OpId, String)>;

/// What is known of a history's violations beside that they are some.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Those that have a name, each kind once, in the order of the catalogue.
    pub(crate) kinds: Vec<Named>,
    /// When what was done to the system.
    pub(crate) windows: Vec<Window>,
    /// Where two sides were apart.
    pub(crate) splits: Vec<SplitBrain>,
    /// Elements of sets that nobody looked for after they had been added.
    pub(crate) never_read: Vec<OpId>,
    /// A node that told one and the same.
    pub(crate) stuck: Option<Stuck>,
    /// Who was answered a value of a register that had been replaced, after whoever answered had told a newer one.
    pub(crate) back: Vec<OpId>,
    /// Acknowledged writes that are gone, each with who was told what had been there before.
    pub(crate) gone: Vec<(OpId, OpId)>,
    /// Where something was seen before it was put in: of each two clients how soon the second saw what the first had put in.
    pub(crate) differences: Vec<([ValueId; 2], i64)>,
    /// Which weaker guarantees all of it keeps; none where it is of no registers.
    pub(crate) whole: Vec<(Guarantee, Held)>,
    /// The same of each part that was refuted, and by how much its clocks would have to differ for it to be linearizable.
    pub(crate) each: Vec<Kept>,
    /// What the operations did that the two sides and the node name.
    pub(crate) shown: Shows,
    /// The first operations of the parts that have a violation with a name, in order.
    parts: Vec<OpId>,
    /// Where parts stop being linearizable that have none, by their first operations, in order.
    unnamed: Vec<(OpId, Stop)>,
}

impl Names {
    /// Where the part that begins with an operation stops being linearizable, if it has no violation with a name.
    pub(crate) fn stop(&self, first: Option<&OpId>) -> Option<&Stop> {
        let at = self.unnamed.binary_search_by_key(first?, |&(known, _)| known).ok()?;
        Some(&self.unnamed[at].1)
    }

    /// Whether the part that begins with an operation has a violation with a name.
    pub(crate) fn has(&self, first: Option<&OpId>) -> bool {
        first.is_some_and(|first| self.parts.binary_search(first).is_ok())
    }
}

/// What a part keeps that is not linearizable.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) guarantees: Vec<(Guarantee, Held)>,
    /// In nanoseconds; nothing where times do not tell, or that would not help.
    pub(crate) delta: Option<u64>,
    /// The most versions that an answer is behind.
    pub(crate) versions: u32,
}

/// A kind of violation that has a name.
#[derive(Debug)]
pub(crate) struct Named {
    /// The first instance.
    pub(crate) first: Anomaly,
    /// The key of its part.
    pub(crate) key: Option<ValueId>,
    /// What the operations of its evidence did.
    pub(crate) shown: Shows,
    /// What each instance is about.
    pub(crate) subjects: Vec<OpId>,
    /// Of each of them, who was answered what cannot be; of what is lost, somebody who did not see it.
    pub(crate) witnesses: Vec<OpId>,
    /// Of what was seen before it was put in: who saw it, and who put it in.
    pub(crate) inversions: Vec<(OpId, OpId)>,
    /// Of looks at a counter: who saw more than was ever added.
    pub(crate) surplus: Vec<OpId>,
    /// The longest that an answer came after what it overlooked, in nanoseconds.
    pub(crate) lag: Option<u64>,
    /// How many versions the answer of the first instance is behind, at least.
    pub(crate) versions: Option<u32>,
    /// What is known of where the part of the first instance stops being linearizable.
    pub(crate) stop: Option<Arc<Stop>>,
    /// Where its operations could stand in the order that leads there, where somebody wants to see that.
    pub(crate) placements: Option<Placements>,
    /// In how many parts.
    pub(crate) parts: usize,
    /// The place of the first of them among the parts that were checked.
    pub(crate) at: usize,
}

/// What looking for names holds for each operation of a part, in bytes, about.
const NAMING: usize = 384;

/// Which parts of a history are given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Among {
    /// The history is held as a whole.
    pub(crate) is_held: bool,
    /// They are all of it, so that what they show together is of interest.
    pub(crate) are_all: bool,
    /// Findings are drawn.
    pub(crate) are_drawn: bool,
}

/// What can be named in the parts that are refuted, and what they show together. That a violation has a name is a help, and
/// changes nothing: where there is no time or no room for it, it has none.
pub(crate) fn names<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    decisions: &[Decision],
    history: &History,
    limits: &Limits<'_>,
    among: Among,
) -> Names
where
    M::State: Ord,
{
    let (memory, is_whole) = (limits.memory, among.is_held);
    let (kinds, clues) = sought(model, parts, decisions, history, memory);
    let mut parts_named = clues.parts.clone();
    parts_named.sort_unstable();
    let mut names = Names {
        kinds,
        parts: parts_named,
        back: clues.back.clone(),
        gone: clues.gone.clone(),
        ..Names::default()
    };
    if among.are_all {
        names.never_read = never_read(model, parts, history, &clock::has_time_to_spare);
    }
    // What may be the case where parts stop takes memory that is not there where a history is not held.
    for (part, decision) in parts.iter().zip(decisions).filter(|_| is_whole) {
        let first = part.entries.first().map(|entry| entry.id);
        if let (Verdict::NotLinearizable(refutation), Some(first)) = (&decision.verdict, first)
            && !names.has(Some(&first))
        {
            with_room(memory, part.entries.len(), || {
                let stop = stop(model, part, history, refutation, limits);
                names.unnamed.extend(stop.map(|stop| (first, stop)));
            });
        }
    }
    names.unnamed.sort_by_key(|&(first, _)| first);
    if names.kinds.is_empty() {
        return names;
    }
    names.windows = windows(history);
    // Several kinds may be in one part.
    let mut stops: BTreeMap<usize, Arc<Stop>> = BTreeMap::new();
    for named in &mut names.kinds {
        if let Verdict::NotLinearizable(refutation) = &decisions[named.at].verdict {
            let part = &parts[named.at];
            with_room(memory, part.entries.len(), || {
                if is_whole {
                    if let Entry::Vacant(place) = stops.entry(named.at)
                        && let Some(stop) = stop(model, part, history, refutation, limits)
                    {
                        place.insert(Arc::new(stop));
                    }
                    let shown = named.first.evidence.operations();
                    // Whoever saw what cannot be is told of, unless that is where the part stops anyhow.
                    let own = if shown.contains(&refutation.op) {
                        None
                    } else {
                        shown.iter().rev().find_map(|&id| alone(model, part, history, id, limits))
                    };
                    named.stop = own.map(Arc::new).or_else(|| stops.get(&named.at).cloned());
                    if let Some(stop) =
                        named.stop.as_ref().filter(|_| among.are_drawn && clock::has_time_to_spare())
                    {
                        let around = around(history, &shown, part.entries.iter().map(|entry| entry.id));
                        let drawn = [shown, around].concat();
                        named.placements =
                            placements(model, part, &history.values, &stop.strip, stop.of, &drawn);
                    }
                }
                named.versions = versions(model, part, &named.first);
            });
        }
    }
    if among.are_all {
        let all = parts.iter().map(|part| part.entries.len()).sum();
        with_room(memory, all, || together(model, parts, history, &clues, &mut names));
    }
    names
}

/// The named violations in the parts that are refuted, each kind once, in the order of the catalogue.
pub(crate) fn named<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    decisions: &[Decision],
    history: &History,
    memory: &Memory<'_>,
) -> Vec<Named> {
    sought(model, parts, decisions, history, memory).0
}

fn sought<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    decisions: &[Decision],
    history: &History,
    memory: &Memory<'_>,
) -> (Vec<Named>, Clued) {
    let mut sought = Sought { model, history, failed: Failed::default(), clues: Clued::default() };
    let mut kinds: BTreeMap<AnomalyKind, Named> = BTreeMap::new();
    for (at, (part, decision)) in parts.iter().zip(decisions).enumerate() {
        if let Verdict::NotLinearizable(refutation) = &decision.verdict {
            with_room(memory, part.entries.len(), || sought.in_part(at, part, refutation, &mut kinds));
        }
    }
    (kinds.into_values().collect(), sought.clues)
}

/// The violations of a part that has no linearization, by name; of none that has a rule, that of its evidence.
pub(crate) fn found_in<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    refutation: &Refutation,
    history: &History,
    failed: &Failed,
    goes_on: &dyn Fn() -> bool,
) -> Vec<Anomaly> {
    let mut found = seriatim_anomaly::find_while(model, part, history, failed, goes_on);
    if found.is_empty() {
        let core = refutation.evidence.as_ref();
        found.extend(core.map(|core| seriatim_anomaly::name_core(model, part, history, &core.ops)));
    }
    found
}

/// Does something where there is room for it.
fn with_room(memory: &Memory<'_>, operations: usize, what: impl FnOnce()) {
    let bytes = operations * NAMING;
    if memory.change(0, bytes) {
        what();
    }
    memory.change(bytes, 0);
}

/// What the instances of all kinds say together.
#[derive(Default)]
struct Clued {
    lost: Vec<OpId>,
    stale: Vec<(OpId, OpId)>,
    back: Vec<OpId>,
    gone: Vec<(OpId, OpId)>,
    /// The first operations of the parts that have a name.
    parts: Vec<OpId>,
}

struct Sought<'a, M> {
    model: &'a M,
    history: &'a History,
    failed: Failed,
    clues: Clued,
}

impl<M: Model> Sought<'_, M> {
    /// The anomalies of a part that was refuted.
    fn in_part(
        &mut self,
        at: usize,
        part: &Part<M::Op>,
        refutation: &Refutation,
        kinds: &mut BTreeMap<AnomalyKind, Named>,
    ) {
        let Self { model, history, .. } = *self;
        let goes_on = clock::has_time_to_spare;
        let found = found_in(model, part, refutation, history, &self.failed, &goes_on);
        let mut here: Vec<AnomalyKind> = Vec::new();
        let mut looks: Vec<OpId> = Vec::new();
        let mut answers: Vec<OpId> = Vec::new();
        let mut lost: FxHashSet<OpId> = FxHashSet::default();
        for first in found {
            let kind = first.kind;
            let (subject, witness, lag) = (first.subject(), first.witness(), first.lag(history));
            self.clues.take(&first);
            answers.push(witness);
            let inversion = inversion(&first);
            let known = match kinds.entry(kind) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    match first.evidence.verify_while(model, part, history, &goes_on) {
                        Ok(()) => {}
                        Err(Refused::LeftOff) => break,
                        Err(refused) => panic!("what is found as evidence verifies: {refused}"),
                    }
                    let named = first.evidence.operations().into_iter();
                    let shown = named.filter_map(|id| Some((id, what_it_did(model, part, history, id)?)));
                    let (key, shown) = (part.key, shown.collect());
                    place.insert(Named {
                        first,
                        key,
                        shown,
                        subjects: Vec::new(),
                        witnesses: Vec::new(),
                        inversions: Vec::new(),
                        surplus: Vec::new(),
                        lag: None,
                        stop: None,
                        placements: None,
                        versions: None,
                        parts: 0,
                        at,
                    })
                }
            };
            if here.is_empty() {
                self.clues.parts.extend(part.entries.first().map(|entry| entry.id));
            }
            // What is lost is missed by many, and lost once.
            if !kind.is_of_loss() || lost.insert(subject) {
                known.subjects.push(subject);
                known.witnesses.push(witness);
            }
            known.inversions.extend(inversion);
            known.lag = known.lag.max(lag);
            if !here.contains(&kind) {
                known.parts += 1;
                here.push(kind);
            }
            if kind == AnomalyKind::CounterOutOfBounds {
                looks.push(subject);
            }
        }
        if let Some(known) = kinds.get_mut(&AnomalyKind::CounterOutOfBounds).filter(|_| !looks.is_empty()) {
            known.surplus.extend(saw_too_much(model, part, &looks));
        }
        self.clues.back.extend(came_back(model, part, history, &answers, &goes_on));
        if !answers.is_empty() {
            self.clues.gone.extend(gone(model, part, history, &goes_on));
        }
    }
}

/// Who saw something before it was put in, and who put it in; of other anomalies nothing.
fn inversion(anomaly: &Anomaly) -> Option<(OpId, OpId)> {
    if anomaly.kind != AnomalyKind::ReadFromTheFuture {
        return None;
    }
    let seen = anomaly.subject();
    let put = anomaly.evidence.operations().into_iter().find(|&id| id != seen)?;
    Some((seen, put))
}

/// How many versions an answer is behind that overlooked something.
fn versions<M: Model>(model: &M, part: &Part<M::Op>, anomaly: &Anomaly) -> Option<u32> {
    let (_, answer) = anomaly.overlooked()?;
    let behind = versions_behind(model, part, &clock::has_time_to_spare);
    behind.iter().find(|&&(id, _)| id == answer).map(|&(_, by)| by)
}

/// What the parts show together.
fn together<M: Model>(model: &M, parts: &[Part<M::Op>], history: &History, clues: &Clued, names: &mut Names) {
    let goes_on = clock::has_time_to_spare;
    let lost: Vec<OpId> = clues.lost.iter().copied().chain(clues.gone.iter().map(|&(put, _)| put)).collect();
    let of = Clues { lost: &lost };
    names.splits = split::find(model, parts, history, &names.windows, of, &goes_on);
    if names.kinds.iter().any(|named| !named.inversions.is_empty()) {
        names.differences = differences(model, parts, history, &goes_on);
    }
    if names.splits.is_empty() {
        names.stuck = stuck(model, parts, history, &clues.stale, &goes_on);
    }
    // Refuted parts, each by its first operation.
    let refuted = clues.parts.iter().filter_map(|first| {
        parts.iter().find(|part| part.entries.first().is_some_and(|entry| entry.id == *first))
    });
    if matches!(model.kind(), Kind::Register { .. }) {
        let all: Vec<_> = parts.iter().collect();
        names.whole =
            if is_bearable(&all, history) { held(model, &all, history, &goes_on) } else { Vec::new() };
        names.each = refuted.map(|part| kept(model, part, history, &goes_on)).collect();
    }
    let of_splits = names.splits.iter().flat_map(|split| split.shown.iter().map(|&(_, id)| id));
    let of_stuck = names.stuck.iter().flat_map(|stuck| [stuck.shown.0, stuck.shown.1]);
    let shown = of_splits.chain(of_stuck).filter_map(|id| {
        let mut all = parts.iter().filter(|part| part.key == history.operation(id).key);
        let did = all.find_map(|part| {
            let at = part.entries.binary_search_by_key(&id, |entry| entry.id).ok()?;
            Some(model.show_op(&part.entries[at].op, &history.values))
        });
        Some((id, did?))
    });
    names.shown = shown.collect();
}

/// What still holds is looked into for so many operations, times how many clients there are.
const BEARABLE: usize = 3_000_000;

/// How stale answers are is found by deciding a part some forty times, so that it may have so many operations.
const SHIFTED: usize = 20_000;

fn is_bearable<Op>(parts: &[&Part<Op>], history: &History) -> bool {
    let operations: usize = parts.iter().map(|part| part.entries.len()).sum();
    let ids = parts.iter().flat_map(|part| part.entries.iter().map(|entry| entry.id));
    let clients: FxHashSet<ValueId> = ids.map(|id| history.operation(id).process).collect();
    operations.saturating_mul(clients.len()) <= BEARABLE
}

fn kept<M: Model>(model: &M, part: &Part<M::Op>, history: &History, goes_on: &dyn Fn() -> bool) -> Kept {
    Kept {
        guarantees: if is_bearable(&[part], history) {
            held(model, &[part], history, goes_on)
        } else {
            Vec::new()
        },
        delta: if part.entries.len() <= SHIFTED { delta(model, part, history, goes_on) } else { None },
        versions: versions_behind(model, part, goes_on).iter().map(|&(_, by)| by).max().unwrap_or(0),
    }
}

impl Clued {
    /// Takes what one instance says.
    fn take(&mut self, anomaly: &Anomaly) {
        if anomaly.kind.is_of_loss() {
            self.lost.push(anomaly.subject());
        }
        self.stale.extend(anomaly.lacked());
    }
}

/// What an operation did, or what one that failed was asked to do.
fn what_it_did<M: Model>(model: &M, part: &Part<M::Op>, history: &History, id: OpId) -> Option<String> {
    let show = |op: &M::Op| model.show_op(op, &history.values);
    match part.entries.binary_search_by_key(&id, |entry| entry.id) {
        Ok(at) => Some(show(&part.entries[at].op)),
        Err(_) => seriatim_anomaly::asked(model, history, history.operation(id)).as_ref().map(show),
    }
}
