//! Proof that a part has no linearization, where no few operations of it show that whatever the others did: sound steps
//! that make the part smaller, and the few operations that are left, which have none by definition.
//!
//! Each step keeps a linearization if there is one, so what has none at the end had none at the beginning:
//!
//! - *a cut*: a prefix of a history that has a linearization has one, where what is open at its end may have happened or
//!   not (Herlihy & Wing 1990, §2.2: the definition completes a history or leaves out what is pending);
//! - *a removal*, by one of the rules of [`removal`](crate::removal), several of one list together: what one of them leaves
//!   out forbids none of the others;
//! - *a part* of what is left (locality: Herlihy & Wing 1990, Theorem 1);
//! - *a start* in the middle, by the rule of [`start`](crate::start): all that was over by a return goes, and the object
//!   starts in the only state that it can be in then;
//! - *a widening*, by the rule of [`widening`](crate::widening): operations overlap that did not.
//!
//! The verifier takes none of this on trust: it makes the list of removals, the parts and the state at a start anew from
//! what is left then. A step costs O(n), but for a start, which is limited by [`start`](crate::start). Of at most [`LARGEST`] operations all orders are tried that real time allows, each set of operations
//! and state once, at most [`MOST`] of them. This is the only search in this crate, and it knows nothing but the model.

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{Completion, EventId, History, OpId, Operation, ValueId};
use thiserror::Error;

use crate::model::Model;
use crate::part::{self, Entry};
use crate::removal::{Removal, Sort, removals, without};
use crate::start::{started, starts};
use crate::widening::widened;

/// The most operations that may be left.
pub const LARGEST: usize = 20;

/// The most sets of operations, each with a state that they lead to, that are looked at.
pub const MOST: usize = 1 << 17;

/// One sound step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// What comes after an operation is over is cut off: after its return, or its call where its outcome is unknown.
    Cut(OpId),
    /// Removals of one list are left out.
    LeaveOut {
        /// What they are about.
        sort: Sort,
        /// Their operations.
        ops: Vec<OpId>,
        /// What whole reads show no more.
        elements: Vec<ValueId>,
    },
    /// Nothing but one part stays.
    Part(Vec<OpId>),
    /// What was over by the return of an operation goes, and its state stands for it.
    Start(OpId),
    /// The events stand in another order, in which more operations overlap: of each its call, and then its return where it
    /// has one.
    Widen(Vec<OpId>),
}

/// What is left of a part without a linearization, and how it came to that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Core {
    /// The steps, one after the other.
    pub steps: Vec<Step>,
    /// The operations that are left, in the order of their calls.
    pub ops: Vec<OpId>,
}

/// Why a core does not show that a part has no linearization. That is no sign that it has one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Doubt {
    /// More are left than are tried.
    #[error("{0} operations are more than the {LARGEST} whose orders are tried")]
    TooMany(usize),
    /// They have too many orders.
    #[error("the operations that are left have too many orders to try them all")]
    TooHard,
    /// A step names what is not there.
    #[error("step {step} speaks of operation {}, which is not there then", .op.0)]
    Foreign {
        /// The step, from 1.
        step: usize,
        /// The operation.
        op: OpId,
    },
    /// A step leaves out what may make the difference.
    #[error("step {0} leaves out what may not be left out by itself")]
    Unsound(usize),
    /// A step keeps what is no part.
    #[error("step {0} keeps other operations than those of a part")]
    NoPart(usize),
    /// A step starts where several states are possible, or nobody knows which.
    #[error("step {0} starts where it is not certain what state the object is in")]
    Uncertain(usize),
    /// A step makes an operation be over before another is called, which it was not.
    #[error("step {0} gives an order of events in which some operation takes less time")]
    Narrower(usize),
    /// The steps lead to other operations.
    #[error("the steps leave other operations than it says")]
    Others,
    /// What is left has a linearization.
    #[error("what is left has an order")]
    HasOrder,
}

impl Doubt {
    /// Whether nothing is wrong with the core, but that it is too much to be looked at.
    pub fn is_only_too_much(&self) -> bool {
        matches!(self, Self::TooMany(_) | Self::TooHard)
    }
}

/// Checks that each step of `core` is sound, and that what they leave of the operations `part` of a history has no
/// linearization: then the part has none.
///
/// # Errors
/// Why that is not shown.
pub fn verify<M: Model>(model: &M, history: &History, part: &[OpId], core: &Core) -> Result<(), Doubt> {
    if core.ops.len() > LARGEST {
        return Err(Doubt::TooMany(core.ops.len()));
    }
    let mut left = Left::new(model, history, part);
    for (step, number) in core.steps.iter().zip(1..) {
        left.take(step, number)?;
    }
    if left.ids() != core.ops {
        return Err(Doubt::Others);
    }
    let parts = part::split(left.model(), &left.history).map_err(|_| Doubt::Others)?;
    let [only] = parts.as_slice() else { return Err(Doubt::Others) };
    match has_order(left.model(), &only.entries) {
        Some(true) => Err(Doubt::HasOrder),
        Some(false) => Ok(()),
        None => Err(Doubt::TooHard),
    }
}

/// What was called up to an event of a history; what had not returned by then never does.
pub fn cut(history: &History, event: EventId) -> Vec<Operation> {
    let called = history.operations.iter().filter(|operation| operation.call.event <= event);
    called
        .map(|operation| {
            if operation.end.is_none_or(|end| end.event <= event) {
                return operation.clone();
            }
            Operation { completion: Completion::Unknown, error: None, end: None, ..operation.clone() }
        })
        .collect()
}

/// The event after which an operation has nothing to tell.
pub fn over(operation: &Operation) -> EventId {
    operation.ret().unwrap_or(operation.call.event)
}

/// What is left of a part, step by step.
struct Left<'a, M> {
    model: &'a M,
    /// The object where it starts in the middle.
    started: Option<M>,
    history: History,
    /// The numbers of the operations in the whole history, by their calls.
    numbers: FxHashMap<EventId, OpId>,
}

impl<'a, M: Model> Left<'a, M> {
    fn new(model: &'a M, history: &History, part: &[OpId]) -> Self {
        let number = |&id: &OpId| (history.operation(id).call.event, id);
        let left = History {
            format: history.format,
            values: history.values.clone(),
            operations: part.iter().map(|&id| history.operation(id).clone()).collect(),
            faults: Vec::new(),
            events: history.events,
            declared: history.declared.clone(),
            notes: Vec::new(),
            told: history.told.clone(),
        };
        Self { model, started: None, history: left, numbers: part.iter().map(number).collect() }
    }

    fn model(&self) -> &M {
        self.started.as_ref().unwrap_or(self.model)
    }

    fn number(&self, call: EventId) -> OpId {
        self.numbers[&call]
    }

    fn ids(&self) -> Vec<OpId> {
        self.history.operations.iter().map(|operation| self.number(operation.call.event)).collect()
    }

    fn take(&mut self, step: &Step, number: usize) -> Result<(), Doubt> {
        let there: FxHashMap<OpId, usize> = self.ids().into_iter().zip(0..).collect();
        let place = |op: &OpId| there.get(op).copied().ok_or(Doubt::Foreign { step: number, op: *op });
        let places = |ops: &[OpId]| ops.iter().map(place).collect::<Result<Vec<usize>, Doubt>>();
        self.history.operations = match step {
            Step::Cut(op) => cut(&self.history, over(&self.history.operations[place(op)?])),
            Step::LeaveOut { sort, ops, elements } => {
                places(ops)?;
                self.leave_out(*sort, ops, elements).ok_or(Doubt::Unsound(number))?
            }
            Step::Part(ops) => {
                places(ops)?;
                self.part(ops).ok_or(Doubt::NoPart(number))?
            }
            Step::Start(op) => {
                let ret = self.history.operations[place(op)?].ret();
                self.start(ret).ok_or(Doubt::Uncertain(number))?
            }
            Step::Widen(ops) => self.widen(&places(ops)?).ok_or(Doubt::Narrower(number))?,
        };
        Ok(())
    }

    /// What is left without operations and elements; `None` where they may not be left out.
    fn leave_out(&mut self, sort: Sort, ops: &[OpId], elements: &[ValueId]) -> Option<Vec<Operation>> {
        let named: FxHashSet<OpId> = ops.iter().copied().collect();
        let hidden: FxHashSet<ValueId> = elements.iter().copied().collect();
        let mut all = removals(self.model(), &self.history, sort);
        all.retain(|removal| match &removal.element {
            Some(element) => hidden.contains(&element.value),
            None => removal.calls.iter().all(|&call| named.contains(&self.number(call))),
        });
        // Whoever names a part of a removal leaves out what may make the difference.
        let calls = all.iter().flat_map(|removal| &removal.calls);
        let left_out: FxHashSet<OpId> = calls.map(|&call| self.number(call)).collect();
        (left_out == named).then(|| without(&mut self.history, &all))
    }

    /// The operations of a part; `None` where these are none.
    fn part(&self, ops: &[OpId]) -> Option<Vec<Operation>> {
        let parts = part::split(self.model(), &self.history).ok()?;
        let is_it = |entries: &[Entry<M::Op>]| {
            entries.iter().map(|entry| self.number(entry.call)).eq(ops.iter().copied())
        };
        let kept = parts.iter().find(|part| is_it(&part.entries))?;
        Some(kept.entries.iter().map(|entry| self.history.operation(entry.id).clone()).collect())
    }

    /// What is left from a return on; `None` where it is not certain with which state.
    fn start(&mut self, ret: Option<EventId>) -> Option<Vec<Operation>> {
        let parts = part::split(self.model(), &self.history).ok()?;
        let [only] = parts.as_slice() else { return None };
        let all = starts(self.model(), &only.entries);
        let start = all.iter().find(|start| Some(start.ret) == ret)?;
        let (model, _) =
            self.started.as_ref().unwrap_or(self.model).started(&start.state, &mut self.history.values)?;
        let is_it = model.init() == start.state;
        self.started = Some(model);
        is_it.then(|| started(&self.history, start))
    }

    /// What is left with the events in another order; `None` where that is no widening.
    fn widen(&mut self, order: &[usize]) -> Option<Vec<Operation>> {
        let ids = self.ids();
        let wider = widened(&self.history, order)?;
        self.numbers = wider.iter().map(|(at, operation)| (operation.call.event, ids[*at])).collect();
        Some(wider.into_iter().map(|(_, operation)| operation).collect())
    }
}

impl Step {
    /// The step that leaves out removals of one list, whose operations have the numbers that `number` gives them; none
    /// for those that are not there any more.
    pub fn leave_out(sort: Sort, removals: &[Removal], number: impl Fn(EventId) -> Option<OpId>) -> Self {
        let calls = removals.iter().flat_map(|removal| &removal.calls);
        let mut ops: Vec<OpId> = calls.filter_map(|&call| number(call)).collect();
        ops.sort_unstable();
        let elements = removals.iter().filter_map(|removal| removal.element.as_ref());
        Self::LeaveOut { sort, ops, elements: elements.map(|element| element.value).collect() }
    }
}

/// Whether these operations have a linearization, by definition: in some order that real time allows all that happened
/// are done. `None` where there are too many ways.
fn has_order<M: Model>(model: &M, entries: &[Entry<M::Op>]) -> Option<bool> {
    let mask = |fits: &dyn Fn(&Entry<M::Op>) -> bool| -> u32 {
        entries.iter().enumerate().filter(|(_, entry)| fits(entry)).map(|(at, _)| 1_u32 << at).sum()
    };
    let required = mask(&|entry| entry.ret.is_some());
    let before: Vec<u32> =
        entries.iter().map(|next| mask(&|entry| entry.ret.is_some_and(|ret| ret < next.call))).collect();
    let mut seen: FxHashSet<(u32, M::State)> = FxHashSet::default();
    let mut open = vec![(0_u32, model.init())];
    while let Some((done, state)) = open.pop() {
        if done & required == required {
            return Some(true);
        }
        for (at, entry) in entries.iter().enumerate() {
            if done & (1 << at) != 0 || before[at] & !done != 0 {
                continue;
            }
            for next in model.step(&state, &entry.op) {
                let next = (done | 1 << at, next);
                if !seen.insert(next.clone()) {
                    continue;
                }
                if seen.len() > MOST {
                    return None;
                }
                open.push(next);
            }
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use seriatim_history::build::Overrides;
    use seriatim_history::format::{self, csv::ColumnMap};
    use seriatim_history::{FailedCas, Format, HistoryBuilder, NilRead, Source, SourceId};

    use super::*;
    use crate::register::Register;

    /// A history of whole operations: what was done with which value, from when to when; it never ended where that is 0.
    fn history(ops: &[(&str, u32, u32, u32)]) -> History {
        let line = |(process, &(f, value, call, ret)): (usize, &(&str, u32, u32, u32))| match ret {
            0 => format!(r#"{{"process":{process},"f":"{f}","value":{value},"call":{call},"type":"info"}}"#),
            _ => format!(r#"{{"process":{process},"f":"{f}","value":{value},"call":{call},"return":{ret}}}"#),
        };
        let text = ops.iter().enumerate().map(line).collect::<Vec<_>>().join("\n");
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        let source = Source { id: SourceId(0), text: &text };
        format::read(Format::Jsonl, source, &ColumnMap::default(), &mut builder);
        builder.finish(Overrides::default()).expect("it is well-formed")
    }

    fn verified(history: &History, steps: Vec<Step>, ops: &[u32]) -> Result<(), Doubt> {
        let (nil_read, failed_cas) = (NilRead::Value, FailedCas::Drop);
        let model = Register { initial: ValueId::NIL, nil_read, failed_cas, cas: true };
        let part: Vec<OpId> = (0..history.operations.len() as u32).map(OpId).collect();
        verify(&model, history, &part, &Core { steps, ops: ids(ops) })
    }

    fn ids(numbers: &[u32]) -> Vec<OpId> {
        numbers.iter().copied().map(OpId).collect()
    }

    fn leave_out(sort: Sort, ops: &[u32]) -> Step {
        Step::LeaveOut { sort, ops: ids(ops), elements: Vec::new() }
    }

    /// Two reads go back from 2 to 1, and much else happens.
    fn stale() -> History {
        history(&[
            ("write", 1, 1, 2),
            ("read", 1, 3, 4),
            ("write", 2, 5, 8),
            ("write", 3, 6, 0),
            ("read", 2, 9, 10),
            ("read", 1, 11, 12),
            ("write", 4, 13, 14),
            ("read", 4, 15, 16),
        ])
    }

    #[test]
    fn sound_steps_to_what_has_no_order_are_proof() {
        let all = stale();
        let whole = [0, 1, 2, 3, 4, 5, 6, 7];
        assert_eq!(verified(&all, vec![], &whole), Ok(()));
        let steps = vec![
            Step::Cut(OpId(5)),
            leave_out(Sort::Observers, &[1, 4]),
            leave_out(Sort::Values, &[3]),
            Step::Part(ids(&[0, 2, 5])),
        ];
        assert_eq!(verified(&all, steps, &[0, 2, 5]), Ok(()));
        // What is open where it is cut may have happened or not.
        let open = history(&[("write", 1, 1, 9), ("write", 2, 2, 3), ("read", 1, 4, 5), ("read", 2, 6, 7)]);
        assert_eq!(verified(&open, vec![Step::Cut(OpId(2))], &[0, 1, 2]), Err(Doubt::HasOrder));
        assert_eq!(verified(&open, vec![], &[0, 1, 2, 3]), Ok(()));
        // Nor is it known there what an open read will see, which nobody has put in yet.
        let early = history(&[("read", 2, 1, 9), ("write", 1, 2, 3), ("write", 2, 6, 7)]);
        assert_eq!(verified(&early, vec![Step::Cut(OpId(1))], &[0, 1]), Err(Doubt::HasOrder));
    }

    #[test]
    fn whatever_else_is_claimed_is_refused() {
        let all = stale();
        let there = [0, 1, 2, 3, 4, 5, 6, 7];
        let without =
            |gone: &[u32]| -> Vec<u32> { there.iter().copied().filter(|op| !gone.contains(op)).collect() };
        for (sort, gone, expected) in [
            // The stale read only looked, and with it goes all that is wrong.
            (Sort::Observers, &[5][..], Doubt::HasOrder),
            (Sort::Values, &[0, 1, 5], Doubt::HasOrder),
            // A write is no observer, and a value goes with all operations on it.
            (Sort::Observers, &[2], Doubt::Unsound(1)),
            (Sort::Values, &[2], Doubt::Unsound(1)),
            (Sort::Values, &[0, 1], Doubt::Unsound(1)),
            (Sort::Values, &[6, 7, 4], Doubt::Unsound(1)),
            (Sort::Observers, &[8], Doubt::Foreign { step: 1, op: OpId(8) }),
        ] {
            assert_eq!(
                verified(&all, vec![leave_out(sort, gone)], &without(gone)),
                Err(expected),
                "{gone:?}"
            );
        }
        // What is gone cannot be left out once more, nor be what is cut behind.
        let once = leave_out(Sort::Observers, &[1]);
        for again in [once.clone(), Step::Cut(OpId(1)), Step::Part(ids(&[0, 1]))] {
            let doubt = Doubt::Foreign { step: 2, op: OpId(1) };
            assert_eq!(verified(&all, vec![once.clone(), again], &without(&[1])), Err(doubt));
        }
        assert_eq!(verified(&all, vec![Step::Part(ids(&[0, 2, 5]))], &[0, 2, 5]), Err(Doubt::NoPart(1)));
        assert_eq!(verified(&all, vec![Step::Cut(OpId(4))], &[0, 1, 2, 3, 4]), Err(Doubt::HasOrder));
        // The steps must lead to what is said to be left.
        for wrong in [&without(&[5])[..], &[], &[0, 2, 5], &[7, 6, 5, 4, 3, 2, 1, 0]] {
            assert_eq!(verified(&all, vec![], wrong), Err(Doubt::Others), "{wrong:?}");
        }
    }

    #[test]
    fn the_state_at_a_start_is_found_again() {
        let all = stale();
        for (from, left) in [(2, &[3, 4, 5, 6, 7][..]), (4, &[3, 5, 6, 7])] {
            assert_eq!(verified(&all, vec![Step::Start(OpId(from))], left), Ok(()), "{from}");
        }
        // Twice, and then what is left is made smaller from there.
        let steps = vec![
            Step::Start(OpId(2)),
            leave_out(Sort::Values, &[3]),
            Step::Start(OpId(4)),
            Step::Cut(OpId(5)),
        ];
        assert_eq!(verified(&all, steps, &[5]), Ok(()));
        // What is still open is not gone, and the write of 3 may come yet.
        assert_eq!(verified(&all, vec![Step::Start(OpId(4))], &[5, 6, 7]), Err(Doubt::Others));
        // There is no way past the stale read, and what never returns is never over.
        for op in [3, 5, 7] {
            assert_eq!(verified(&all, vec![Step::Start(OpId(op))], &[]), Err(Doubt::Uncertain(1)), "{op}");
        }
        // Either write may have been the last one when both are over; what is left of the other case is 1 from nowhere.
        let both =
            history(&[("write", 1, 1, 9), ("write", 2, 2, 8), ("read", 1, 10, 11), ("read", 2, 12, 13)]);
        assert_eq!(verified(&both, vec![], &[0, 1, 2, 3]), Ok(()));
        assert_eq!(verified(&both, vec![Step::Start(OpId(0))], &[2, 3]), Err(Doubt::Uncertain(1)));
        assert_eq!(verified(&both, vec![Step::Start(OpId(2))], &[3]), Ok(()));
        // With 2 there, the write of 1 may have happened or not: to keep it would be wrong, and so would be not to.
        assert_eq!(verified(&both, vec![Step::Start(OpId(1))], &[0, 2, 3]), Ok(()));
        assert_eq!(verified(&both, vec![Step::Start(OpId(1))], &[2, 3]), Err(Doubt::Others));
    }

    #[test]
    fn an_interval_may_only_grow() {
        let all = history(&[("write", 1, 1, 2), ("write", 2, 3, 4), ("read", 3, 5, 6)]);
        let widen = |order: &[u32]| vec![Step::Widen(ids(order))];
        // What nobody wrote cannot be seen at any time.
        assert_eq!(verified(&all, widen(&[2, 1, 0, 0, 1, 2]), &[2, 1, 0]), Ok(()));
        assert_eq!(verified(&all, widen(&[2, 1, 0, 0, 1, 2]), &[0, 1, 2]), Err(Doubt::Others));
        for narrower in [&[1, 1, 0, 0, 2, 2][..], &[0, 0, 1, 1, 2], &[0, 0, 1, 1], &[0, 0, 0, 1, 1, 2, 2]] {
            assert_eq!(verified(&all, widen(narrower), &[0, 1, 2]), Err(Doubt::Narrower(1)), "{narrower:?}");
        }
        let foreign = Err(Doubt::Foreign { step: 1, op: OpId(3) });
        assert_eq!(verified(&all, widen(&[0, 0, 1, 1, 3, 3]), &[0, 1, 2]), foreign);
        // What overlapped and does not any more is a narrower interval, which makes a no of a yes.
        let open = history(&[("write", 1, 1, 6), ("write", 2, 2, 5), ("read", 1, 7, 8)]);
        assert_eq!(verified(&open, vec![], &[0, 1, 2]), Err(Doubt::HasOrder));
        assert_eq!(verified(&open, widen(&[0, 0, 1, 1, 2, 2]), &[0, 1, 2]), Err(Doubt::Narrower(1)));
        // And what is needed of real time must stay.
        let stale = history(&[("write", 1, 1, 2), ("write", 2, 3, 4), ("read", 1, 5, 6)]);
        assert_eq!(verified(&stale, widen(&[0, 0, 1, 2, 1, 2]), &[0, 1, 2]), Err(Doubt::HasOrder));
        // A step after it speaks of the operations by the same numbers.
        let again = vec![
            Step::Widen(ids(&[2, 1, 0, 0, 1, 2])),
            leave_out(Sort::Values, &[0]),
            Step::Part(ids(&[2, 1])),
        ];
        assert_eq!(verified(&all, again, &[2, 1]), Ok(()));
    }

    #[test]
    fn too_much_is_no_proof() {
        let mut ops: Vec<(&str, u32, u32, u32)> = vec![("read", 99, 1, 2)];
        ops.extend((3..).step_by(2).take(LARGEST).map(|at| ("write", at, at, at + 1)));
        let numbers: Vec<u32> = (0..=LARGEST as u32).collect();
        let much = Err(Doubt::TooMany(LARGEST + 1));
        assert_eq!(verified(&history(&ops), vec![], &numbers), much);
        assert_eq!(verified(&history(&ops[..LARGEST]), vec![], &numbers[..LARGEST]), Ok(()));
        // All at once, with a value of its own each: 2^n sets of operations, and n states.
        let wide: Vec<_> = (0..LARGEST as u32).map(|at| ("write", at + 1, 1, 100)).collect();
        let late = ("read", 99, 101, 102);
        let wide = [&wide[..LARGEST - 1], &[late]].concat();
        let hard = verified(&history(&wide), vec![], &numbers[..LARGEST]);
        assert_eq!(hard, Err(Doubt::TooHard));
        assert!(hard.is_err_and(|doubt| doubt.is_only_too_much()));
    }
}
