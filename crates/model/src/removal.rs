//! What may be left out of a history soundly: if the whole has a linearization, so has what remains.
//!
//! - *An observer* leaves every state as it is, so a linearization without it is one.
//! - *All operations on some values of a register*, where no compare-and-set leads from them to others or back, and nobody
//!   saw only what was not there: before every read of another value the last operation that put something in put that
//!   value, and it is still there.
//! - *All operations on a value of a container*: what remains of its contents keeps its order, and its least is still the
//!   least. Whoever took nobody knows what may have taken that value; it need not happen then, for it never returned.
//! - *An element of a set, an entry of a log*: what others do has nothing to do with it, once whole reads show it no more.
//! - *An acquire and the release by the same owner that follows*: where nobody was refused, nothing can stand between the
//!   two, and they leave what they found; a fenced lock's next token must then exceed less.
//! - *Whoever got an identifier*: the others still got each their own.
//! - *What a model says of itself* ([`Model::unit`]), with the reason there.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{Answer, Completion, EventId, History, Operation, ValueId, Values};

use crate::access::{Access, Accesses, Kind, Unit};
use crate::model::Model;

/// Operations that may be left out together, if need be with what whole reads show of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The calls of the operations.
    pub calls: Vec<EventId>,
    /// What reads are to show no more.
    pub element: Option<Element>,
}

/// An element that is left out of what whole reads show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The element.
    pub value: ValueId,
    /// The calls of the whole reads.
    pub reads: Arc<[EventId]>,
}

/// What removals are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Observers, one by one.
    Observers,
    /// Values, elements, grants of a lock, identifiers: with all operations on each.
    Values,
}

/// An operation, as far as it matters what may be left out.
struct Seen {
    call: EventId,
    ret: Option<EventId>,
    observes: bool,
    accesses: Accesses,
    unit: Unit,
}

/// What may be left out of a history of one object that starts as the model does, in the order of the first calls.
pub fn removals<M: Model>(model: &M, history: &History, sort: Sort) -> Vec<Removal> {
    let mut all = Vec::with_capacity(history.operations.len());
    for operation in &history.operations {
        // What says nothing is in no part, and what cannot be read forbids to conclude anything.
        match model.parse(operation, &history.values) {
            Ok(Some(op)) => all.push(Seen {
                call: operation.call.event,
                ret: operation.ret(),
                observes: model.observes(&op),
                accesses: model.accesses(&op),
                unit: model.unit(&op),
            }),
            Ok(None) => {}
            Err(_) => return Vec::new(),
        }
    }
    match sort {
        Sort::Observers => {
            let observers = all.iter().filter(|seen| seen.observes);
            observers.map(|seen| Removal { calls: vec![seen.call], element: None }).collect()
        }
        Sort::Values if model.kind() == Kind::Other => by_unit(&all),
        Sort::Values => by_value(model.kind(), &all).unwrap_or_default(),
    }
}

/// What is left of a history without these, all of which are of one list.
pub fn without(history: &mut History, removals: &[Removal]) -> Vec<Operation> {
    let calls: FxHashSet<EventId> =
        removals.iter().flat_map(|removal| removal.calls.iter().copied()).collect();
    let elements = || removals.iter().filter_map(|removal| removal.element.as_ref());
    let hidden: FxHashSet<ValueId> = elements().map(|element| element.value).collect();
    let reads: FxHashSet<EventId> =
        elements().next().map_or_else(FxHashSet::default, |element| element.reads.iter().copied().collect());
    let History { operations, values, .. } = history;
    let kept = operations.iter().filter(|operation| !calls.contains(&operation.call.event));
    kept.map(|operation| {
        if reads.contains(&operation.call.event) {
            shortened(operation, &hidden, values)
        } else {
            operation.clone()
        }
    })
    .collect()
}

/// A whole read that does not show these elements.
fn shortened(operation: &Operation, hidden: &FxHashSet<ValueId>, values: &mut Values) -> Operation {
    let mut operation = operation.clone();
    let Completion::Ok(answer @ Answer { value: Some(whole), .. }) = operation.completion else {
        return operation;
    };
    let is_list = values.as_list(whole).is_some();
    let Some(items) = values.as_items(whole) else { return operation };
    let left: Vec<ValueId> = items.iter().copied().filter(|item| !hidden.contains(item)).collect();
    if left.len() == items.len() {
        return operation;
    }
    let left = if is_list { values.list(left) } else { values.set(left) };
    // What one record tells whole has its answer for an argument.
    if operation.argument == Some(whole) {
        operation.argument = Some(left);
    }
    operation.completion = Completion::Ok(Answer { value: Some(left), ..answer });
    operation
}

/// What may be left out with all operations on it; `None` where nothing may, or nobody knows.
fn by_value(kind: Kind, all: &[Seen]) -> Option<Vec<Removal>> {
    /// The one thing that an operation saw or did.
    fn only(seen: &Seen) -> Option<&Access> {
        if let [one] = seen.accesses.as_slice() { Some(one) } else { None }
    }
    let each = || all.iter().map(|seen| Some((seen, only(seen)?)));
    match kind {
        Kind::Register { .. } => {
            let mut joined = Joined::default();
            let mut groups = Groups::default();
            for seen in each() {
                match *seen?.1 {
                    Access::Read(_) | Access::Write(_) => {}
                    Access::Swap(from, to) => joined.join(from, to),
                    _ => return None,
                }
            }
            for (seen, access) in each().flatten() {
                let value = access.values().next()?;
                groups.add(joined.root(value), seen.call);
            }
            Some(groups.removals(None))
        }
        Kind::Queue | Kind::Stack | Kind::Bag | Kind::PriorityQueue => {
            let mut groups = Groups::default();
            for seen in each() {
                let (seen, access) = seen?;
                match *access {
                    Access::Put(value)
                    | Access::PutRanked(value, _)
                    | Access::Take(value)
                    | Access::Peek(value) => groups.add(value, seen.call),
                    Access::Empty => {}
                    Access::TakeAny if seen.ret.is_none() => {}
                    _ => return None,
                }
            }
            Some(groups.removals(None))
        }
        Kind::Set | Kind::Log => {
            let mut groups = Groups::default();
            let mut reads = Vec::new();
            for seen in each() {
                let (seen, access) = seen?;
                match access {
                    Access::ReadAll(items) | Access::ReadLog(items) => {
                        reads.push(seen.call);
                        items.iter().for_each(|&item| _ = groups.of(item));
                    }
                    Access::Append(value) => groups.add(*value, seen.call),
                    // Where an entry stands depends on all that came before.
                    Access::AppendAt(..) | Access::Never => return None,
                    _ => groups.add(access.values().next()?, seen.call),
                }
            }
            Some(groups.removals(Some(reads.into())))
        }
        Kind::OwnedMutex { .. } => grants(all, only),
        Kind::UniqueIds => {
            Some(all.iter().map(|seen| Removal { calls: vec![seen.call], element: None }).collect())
        }
        _ => None,
    }
}

/// What a model says may be left out.
fn by_unit(all: &[Seen]) -> Vec<Removal> {
    if all.iter().any(|seen| seen.unit == Unit::Bars) {
        return Vec::new();
    }
    let mut groups = Groups::default();
    let mut alone = Vec::new();
    for seen in all {
        match seen.unit {
            Unit::Value(value) => groups.add(value, seen.call),
            Unit::Alone => alone.push(Removal { calls: vec![seen.call], element: None }),
            Unit::Stays | Unit::Bars => {}
        }
    }
    let mut removals = groups.removals(None);
    removals.append(&mut alone);
    removals
}

/// Acquires with the releases that follow them at once, of owners that do one thing at a time and of all of whose
/// operations it is known that they happened.
fn grants(all: &[Seen], only: impl Fn(&Seen) -> Option<&Access>) -> Option<Vec<Removal>> {
    struct Done {
        call: EventId,
        ret: Option<EventId>,
        acquires: bool,
    }
    let mut owners: FxHashMap<ValueId, Vec<Done>> = FxHashMap::default();
    for seen in all {
        let (owner, acquires) = match *only(seen)? {
            Access::Acquire(owner, _) => (owner, true),
            Access::Release(owner) => (owner, false),
            _ => return None,
        };
        owners.entry(owner).or_default().push(Done { call: seen.call, ret: seen.ret, acquires });
    }
    let mut removals = Vec::new();
    for done in owners.values() {
        let in_turn = done.windows(2).all(|pair| pair[0].ret.is_some_and(|ret| ret < pair[1].call));
        if !in_turn || done.last().is_some_and(|last| last.ret.is_none()) {
            continue;
        }
        // Two pairs never share an operation: one begins with an acquire, and the other would begin with its release.
        let pairs = done.windows(2).filter(|pair| pair[0].acquires && !pair[1].acquires);
        removals.extend(pairs.map(|pair| Removal { calls: vec![pair[0].call, pair[1].call], element: None }));
    }
    removals.sort_by_key(|removal| removal.calls[0]);
    Some(removals)
}

/// Operations by value, in the order in which the values are first met.
#[derive(Default)]
struct Groups {
    place: FxHashMap<ValueId, usize>,
    groups: Vec<(ValueId, Vec<EventId>)>,
}

impl Groups {
    fn of(&mut self, value: ValueId) -> &mut Vec<EventId> {
        let place = *self.place.entry(value).or_insert(self.groups.len());
        if place == self.groups.len() {
            self.groups.push((value, Vec::new()));
        }
        &mut self.groups[place].1
    }

    fn add(&mut self, value: ValueId, call: EventId) {
        self.of(value).push(call);
    }

    fn removals(self, reads: Option<Arc<[EventId]>>) -> Vec<Removal> {
        let element = |value| reads.clone().map(|reads| Element { value, reads });
        let each = self.groups.into_iter();
        each.map(|(value, calls)| Removal { element: element(value), calls }).collect()
    }
}

/// Values that stand and fall together.
#[derive(Default)]
struct Joined {
    parent: FxHashMap<ValueId, ValueId>,
}

impl Joined {
    fn root(&mut self, value: ValueId) -> ValueId {
        let mut root = value;
        while let Some(&parent) = self.parent.get(&root) {
            root = parent;
        }
        let mut at = value;
        while at != root {
            at = self.parent.insert(at, root).expect("it is not the root");
        }
        root
    }

    fn join(&mut self, a: ValueId, b: ValueId) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.parent.insert(b, a);
        }
    }
}
