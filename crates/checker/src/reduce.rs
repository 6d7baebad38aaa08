//! Makes a part without a linearization smaller, so that what is left has none because the whole has none.
//!
//! Nothing is left out but what [`removal`](seriatim_model::removal) says may be, or what comes after the return that ends the shortest bad prefix
//! (ALGORITHMS §G3, §G4). Each step is written down, for [`reduction`] to look at it again. What may be left out soundly may yet be what shows the no, so every try is decided by
//! [`check_parts`], as the whole was: a try that is not refuted is taken back. First all that no evidence names goes, then
//! ever smaller lots (Zeller & Hildebrandt 2002), until none can go by itself.
//!
//! Where more is left than a person reads, what was over before a moment at which the state is certain goes, and the state
//! stands for it: what is left then starts with a value that nobody wrote, so it is not done without need. At last as many
//! of the operations that are left overlap as may, so that what is left of real time is needed, too.
//!
//! Where not just any violation will do, a [`Goal`] names operations that stay, and looks at each try that is refuted,
//! too: what is left then meets it, as the whole did.

mod start;
mod widen;

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{Completion, EventId, History, OpId, Operation, ValueId};
use seriatim_model::reduction::{self, over};
use seriatim_model::removal::{Removal, Sort, removals, without};
use seriatim_model::start::{Start, started};
use seriatim_model::widening::widened;
use seriatim_model::{Core, Kind, Model, Part, Step, part};

use crate::check::{Options, check_parts};
use crate::limits::{Limits, StopReason};
use crate::verdict::{Decision, Refutation, Verdict};

/// What is left of a part.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// The operations that are left, with the values of the whole.
    pub history: History,
    /// The steps that led to it, and the numbers of its operations in the whole.
    pub core: Core,
    /// How many operations the part had, and the goal named beside it.
    pub of: usize,
    /// How many of those that are left were over only after those that the goal names.
    pub later: usize,
    /// The value that the object starts with, where that stands for what was over before.
    pub start: Option<ValueId>,
    /// How many pairs of those that are left overlap only now; `None` where so many are left that it was not tried.
    pub overlaps: Option<usize>,
    /// How many whole reads were cut down to the elements that are left.
    pub shortened: usize,
    /// How many removals could not be decided, so that it is not known whether they are needed.
    pub undecided: usize,
    /// Why not all was tried.
    pub stopped: Option<StopReason>,
}

/// What is to be left of a part, where not just any violation will do. The part itself meets it.
pub struct Goal<'a, M: Model> {
    /// Operations that stay: of the part, or of no part at all, because they failed. No more is cut off than what comes
    /// after them.
    pub keep: &'a [OpId],
    /// Whether a part that is refuted, of a history that is left, shows what it is to. What it says when the run is to
    /// stop means nothing.
    pub shows: &'a Shows<'a, M>,
}

/// Whether a part that is refuted, of a history, shows something.
pub type Shows<'a, M> = dyn Fn(&Part<<M as Model>::Op>, &Refutation, &History) -> bool + 'a;

/// Leaves out of the part that was decided whatever can be, so that it meets the goal, if there is one; `None` where it is
/// not refuted. As long as no limit of time or memory is met, what is left depends on the history and the model only.
pub fn reduce<M: Model>(
    model: &M,
    history: &History,
    decision: &Decision,
    limits: &Limits<'_>,
    goal: Option<&Goal<'_, M>>,
) -> Option<Reduced> {
    let Verdict::NotLinearizable(refutation) = &decision.verdict else { return None };
    /// A try that is harder than the whole was is not worth the time of all the others.
    const LEAST: u64 = 1 << 16;
    let most = decision.configurations.saturating_mul(4).max(LEAST);
    let mut ids = decision.ops.clone();
    ids.extend(goal.iter().flat_map(|goal| goal.keep));
    ids.sort_unstable();
    ids.dedup();
    let limits = Limits { configurations: limits.configurations.min(most), ..*limits };
    let whole = || Reducer::new(model, history, &ids, refutation, limits, goal);
    let mut reducer = whole();
    reducer.shrink();
    if goal.is_none() && reducer.is_long() {
        reducer.start_later();
        if reducer.is_long() && !reducer.is_over() {
            // Whatever went may have been what made a state certain.
            let mut other = whole();
            other.cut();
            if other.start_later() && other.history.operations.len() < reducer.history.operations.len() {
                std::mem::swap(&mut other, &mut reducer);
            }
            limits.memory.change(other.bytes, history.values.bytes());
        }
    }
    let before = reducer.history.operations.clone();
    let overlaps = reducer.widen();
    limits.memory.change(reducer.bytes, history.values.bytes());
    let core = Core { ops: reducer.numbers(), steps: std::mem::take(&mut reducer.steps) };
    let later = reducer.later(history, &before);
    let Reducer { history: left, started, undecided, .. } = reducer;
    let shortened = shortened(history, &left, &core.ops);
    Some(Reduced {
        history: left,
        core,
        of: ids.len(),
        later,
        start: started.map(|(_, value)| value),
        overlaps,
        shortened,
        undecided,
        stopped: limits.stop.requested(),
    })
}

/// How many operations that are left answer less than they did.
fn shortened(history: &History, left: &History, ids: &[OpId]) -> usize {
    let answer = |operation: &Operation| match operation.completion {
        Completion::Ok(answer) => answer.value,
        Completion::Fail(_) | Completion::Unknown => None,
    };
    let pairs = left.operations.iter().zip(ids);
    let answers = pairs.map(|(operation, &id)| (answer(operation), answer(history.operation(id))));
    answers.filter(|(now, before)| now.is_some() && now != before).count()
}

fn operations(history: &History, ids: &[OpId]) -> Vec<Operation> {
    ids.iter().map(|&id| history.operation(id).clone()).collect()
}

/// What shows that there is no linearization.
struct Shown {
    /// The return that ends the shortest bad prefix.
    ret: EventId,
    /// The calls of the operations that show it, where some are known.
    evidence: FxHashSet<EventId>,
}

impl Shown {
    fn new(history: &History, refutation: &Refutation) -> Self {
        let named = refutation.evidence.iter().flat_map(|evidence| &evidence.ops);
        let evidence = named.map(|&id| history.operation(id).call.event).collect();
        Self { ret: refutation.ret, evidence }
    }
}

/// What is tried.
#[derive(Clone, Copy, Debug)]
enum Try<'a, S> {
    /// What comes after an event goes.
    Cut(EventId),
    /// Removals of one list go.
    LeaveOut(Sort, &'a [Removal]),
    /// What was over by a return goes.
    Start(&'a Start<S>),
    /// The events stand in another order.
    Widen(&'a [usize]),
}

/// What a try leaves.
struct After<M> {
    operations: Vec<Operation>,
    /// The object where it starts later, and the value that says with what.
    start: Option<(M, ValueId)>,
    /// The numbers of the operations by their calls, where these are others now.
    numbers: Option<FxHashMap<EventId, OpId>>,
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tried {
    /// It has no linearization and meets the goal, and is what is left now.
    Smaller,
    /// It is what is left already.
    Same,
    /// It has a linearization, or does not meet the goal.
    Failed,
    /// The limits were met first.
    Undecided,
}

struct Reducer<'a, M: Model> {
    model: &'a M,
    limits: Limits<'a>,
    /// The object where it starts in the middle, and the value that says with what.
    started: Option<(M, ValueId)>,
    /// What is left: one part, without a linearization, and what the goal names beside it.
    history: History,
    shown: Shown,
    goal: Option<&'a Goal<'a, M>>,
    /// The numbers of the operations in the whole, by their calls.
    numbers: FxHashMap<EventId, OpId>,
    /// What was done so far.
    steps: Vec<Step>,
    /// What the values hold that whole reads were cut down to, among the others.
    bytes: usize,
    undecided: usize,
}

impl<'a, M: Model> Reducer<'a, M> {
    /// Nothing went yet of a part of a history.
    fn new(
        model: &'a M,
        history: &History,
        ids: &[OpId],
        refutation: &Refutation,
        limits: Limits<'a>,
        goal: Option<&'a Goal<'a, M>>,
    ) -> Self {
        let whole = History {
            format: history.format,
            values: history.values.clone(),
            operations: operations(history, ids),
            faults: Vec::new(),
            events: history.events,
            declared: history.declared.clone(),
            notes: Vec::new(),
            told: history.told.clone(),
        };
        let calls = whole.operations.iter().map(|operation| operation.call.event);
        Self {
            model,
            limits,
            started: None,
            shown: Shown::new(history, refutation),
            goal,
            bytes: whole.values.bytes(),
            numbers: calls.zip(ids.iter().copied()).collect(),
            history: whole,
            steps: Vec::new(),
            undecided: 0,
        }
    }

    /// Leaves out whatever can be.
    fn shrink(&mut self) {
        // To leave an element out every whole read is written anew, so these go first.
        let sorts = match self.model.kind() {
            Kind::Set | Kind::Log => [Sort::Observers, Sort::Values],
            _ => [Sort::Values, Sort::Observers],
        };
        loop {
            self.undecided = 0;
            let mut is_smaller = self.cut();
            is_smaller |= self.aim(sorts);
            for sort in sorts {
                is_smaller |= self.leave_out(sort);
            }
            if !is_smaller || self.is_over() {
                return;
            }
        }
    }

    fn is_over(&self) -> bool {
        self.limits.stop.requested().is_some()
    }

    fn model(&self) -> &M {
        self.started.as_ref().map_or(self.model, |(started, _)| started)
    }

    fn number(&self, operation: &Operation) -> OpId {
        self.numbers[&operation.call.event]
    }

    /// The numbers of the operations that are left.
    fn numbers(&self) -> Vec<OpId> {
        self.history.operations.iter().map(|operation| self.number(operation)).collect()
    }

    /// Whether an operation stays because the goal names it.
    fn is_kept(&self, call: EventId) -> bool {
        self.goal.is_some_and(|goal| goal.keep.contains(&self.numbers[&call]))
    }

    /// When all that the goal names is over, as far as it ever is; `None` where it is nothing.
    fn kept_until(&self) -> Option<EventId> {
        let kept = self.history.operations.iter().filter(|operation| self.is_kept(operation.call.event));
        kept.map(over).max()
    }

    /// How many of those that are left were over only after what the goal names, before the events stood in another order.
    fn later(&self, history: &History, before: &[Operation]) -> usize {
        let Some(goal) = self.goal else { return 0 };
        let last = goal.keep.iter().map(|&id| over(history.operation(id))).max();
        last.map_or(0, |last| before.iter().filter(|operation| over(operation) > last).count())
    }

    /// What is done where a try succeeds.
    fn step(&self, way: &Try<'_, M::State>) -> Step {
        let over_at = |event| {
            let found = self.history.operations.iter().find(|operation| over(operation) == event);
            self.number(found.expect("an operation is over there"))
        };
        match *way {
            Try::Cut(event) => Step::Cut(over_at(event)),
            Try::LeaveOut(sort, removals) => {
                let there: FxHashSet<OpId> = self.numbers().into_iter().collect();
                let number = |call| self.numbers.get(&call).copied().filter(|id| there.contains(id));
                Step::leave_out(sort, removals, number)
            }
            Try::Start(start) => Step::Start(over_at(start.ret)),
            Try::Widen(order) => {
                let numbers = self.numbers();
                Step::Widen(order.iter().map(|&at| numbers[at]).collect())
            }
        }
    }

    /// What a try leaves of the operations, of the object and of the numbers; `None` where the object cannot start so, or
    /// that is no order.
    fn after(&mut self, way: &Try<'_, M::State>) -> Option<After<M>> {
        let (mut start, mut numbers) = (None, None);
        let operations = match *way {
            Try::Cut(event) => reduction::cut(&self.history, event),
            Try::LeaveOut(_, removals) => without(&mut self.history, removals),
            Try::Start(at) => {
                let model = self.started.as_ref().map_or(self.model, |(started, _)| started);
                start = Some(model.started(&at.state, &mut self.history.values)?);
                started(&self.history, at)
            }
            Try::Widen(order) => {
                let old = self.numbers();
                let new = widened(&self.history, order)?;
                numbers = Some(new.iter().map(|(at, operation)| (operation.call.event, old[*at])).collect());
                new.into_iter().map(|(_, operation)| operation).collect()
            }
        };
        Some(After { operations, start, numbers })
    }

    /// Decides whether what this leaves has no linearization either, and keeps of it the first part that has none.
    fn try_with(&mut self, way: &Try<'_, M::State>) -> Tried {
        let Some(After { operations, start, numbers }) = self.after(way) else { return Tried::Failed };
        if operations == self.history.operations {
            return Tried::Same;
        }
        let bytes = self.history.values.bytes();
        let has_room = self.limits.memory.change(self.bytes, bytes);
        self.bytes = bytes;
        if !has_room || self.is_over() {
            return Tried::Undecided;
        }
        let step = self.step(way);
        let before = std::mem::replace(&mut self.history.operations, operations);
        let started = start.map(|start| self.started.replace(start));
        let old = numbers.map(|numbers| std::mem::replace(&mut self.numbers, numbers));
        let (tried, kept) = self.decide();
        let Some(kept) = kept else {
            self.history.operations = before;
            started.into_iter().for_each(|started| self.started = started);
            old.into_iter().for_each(|old| self.numbers = old);
            return tried;
        };
        let tried_with = std::mem::replace(&mut self.history.operations, kept);
        self.steps.push(step);
        if tried_with.len() > self.history.operations.len() {
            self.steps.push(Step::Part(self.numbers()));
        }
        tried
    }

    /// The operations of the first part without a linearization, where there is one.
    fn decide(&mut self) -> (Tried, Option<Vec<Operation>>) {
        let Limits { stop, .. } = self.limits;
        let goes_on = || stop.requested().is_none();
        let Ok(Some(parts)) = part::split_while(self.model(), &self.history, &goes_on) else {
            return (Tried::Undecided, None);
        };
        let decisions = check_parts(self.model(), &parts, &self.limits, Options::default(), &());
        for (part, decision) in parts.iter().zip(&decisions) {
            if let Verdict::NotLinearizable(refutation) = &decision.verdict
                && let Some(ids) = self.left_of(&parts, part, refutation)
            {
                self.shown = Shown::new(&self.history, refutation);
                return (Tried::Smaller, Some(operations(&self.history, &ids)));
            }
        }
        let is_open = |decision: &Decision| matches!(decision.verdict, Verdict::Unknown(_));
        let is_undecided = decisions.iter().any(is_open) || self.is_over();
        (if is_undecided { Tried::Undecided } else { Tried::Failed }, None)
    }

    /// What is left where this part of a try is refuted; `None` where the goal is not met.
    fn left_of(
        &self,
        parts: &[Part<M::Op>],
        part: &Part<M::Op>,
        refutation: &Refutation,
    ) -> Option<Vec<OpId>> {
        let mut ids: Vec<OpId> = part.entries.iter().map(|entry| entry.id).collect();
        let Some(goal) = self.goal else { return Some(ids) };
        let others = parts.iter().filter(|other| !std::ptr::eq(*other, part));
        let is_elsewhere = others.flat_map(|other| &other.entries).any(|entry| self.is_kept(entry.call));
        if is_elsewhere || !(goal.shows)(part, refutation, &self.history) {
            return None;
        }
        let all = (0..).zip(&self.history.operations);
        ids.extend(all.filter(|(_, operation)| self.is_kept(operation.call.event)).map(|(at, _)| OpId(at)));
        ids.sort_unstable();
        ids.dedup();
        Some(ids)
    }

    /// What may be left out, but for what stays.
    fn removals(&self, sort: Sort) -> Vec<Removal> {
        let mut all = removals(self.model(), &self.history, sort);
        if self.goal.is_some() {
            all.retain(|removal| removal.calls.iter().all(|&call| !self.is_kept(call)));
        }
        all
    }

    /// Leaves out what comes after the shortest bad prefix, or after what stays. What was open at its end may have happened
    /// or not; since with its answer something may be lost that showed the no, the prefix may have to be longer.
    fn cut(&mut self) -> bool {
        let end = self.kept_until().unwrap_or(self.shown.ret);
        match self.try_with(&Try::Cut(end)) {
            Tried::Smaller => return true,
            Tried::Same => return false,
            Tried::Failed | Tried::Undecided => {}
        }
        let ends = self.history.operations.iter().filter_map(Operation::ret);
        let mut later: Vec<EventId> = ends.filter(|&ret| ret > end).collect();
        later.sort_unstable();
        let (mut low, mut high) = (0, later.len());
        let mut is_smaller = false;
        while low < high {
            let middle = low.midpoint(high);
            let tried = self.try_with(&Try::Cut(later[middle]));
            is_smaller |= tried == Tried::Smaller;
            match tried {
                Tried::Smaller | Tried::Same => high = middle,
                Tried::Failed | Tried::Undecided => low = middle + 1,
            }
        }
        is_smaller
    }

    /// Leaves out all at once that has nothing to do with the evidence.
    fn aim(&mut self, sorts: [Sort; 2]) -> bool {
        if self.shown.evidence.is_empty() && self.goal.is_none() {
            return false;
        }
        let mut is_smaller = false;
        for sort in sorts {
            let mut all = self.removals(sort);
            if self.goal.is_none() {
                all.retain(|removal| removal.calls.iter().all(|call| !self.shown.evidence.contains(call)));
            }
            is_smaller |= self.try_with(&Try::LeaveOut(sort, &all)) == Tried::Smaller;
        }
        is_smaller
    }

    /// Leaves out ever smaller lots, until none can go by itself.
    fn leave_out(&mut self, sort: Sort) -> bool {
        let mut left: Vec<Removal> = self.removals(sort);
        let mut lot = left.len();
        let mut is_smaller = false;
        while lot > 0 {
            let (mut at, mut went) = (0, false);
            while at < left.len() {
                if self.is_over() {
                    return is_smaller;
                }
                let end = left.len().min(at + lot);
                let tried = self.try_with(&Try::LeaveOut(sort, &left[at..end]));
                match tried {
                    Tried::Smaller | Tried::Same => {
                        left.drain(at..end);
                        went |= tried == Tried::Smaller;
                    }
                    Tried::Failed | Tried::Undecided => at = end,
                }
                self.undecided += usize::from(tried == Tried::Undecided && lot == 1);
            }
            is_smaller |= went;
            lot = match lot {
                1 if !went => 0,
                lot => lot.div_ceil(2),
            };
        }
        is_smaller
    }
}
