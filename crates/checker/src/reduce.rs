//! Makes a part without a linearization smaller, so that what is left has none because the whole has none.
//!
//! Nothing is left out but what [`removal`] says may be, or what comes after the return that ends the shortest bad prefix
//! (ALGORITHMS §G3, §G4). What may be left out soundly may yet be what shows the no, so every try is decided by
//! [`check_parts`], as the whole was: a try that is not refuted is taken back. First all that no evidence names goes, then
//! ever smaller lots (Zeller & Hildebrandt 2002), until none can go by itself.

pub mod removal;

use rustc_hash::FxHashSet;
use seriatim_history::{Completion, EventId, History, OpId, Operation};
use seriatim_model::{Kind, Model, part};

use self::removal::{Removal, Sort, removals, without};
use crate::check::{Options, check_parts};
use crate::limits::{Limits, StopReason};
use crate::verdict::{Decision, Refutation, Verdict};

/// What is left of a part.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// The operations that are left, with the values of the whole.
    pub history: History,
    /// How many operations the part had.
    pub of: usize,
    /// How many whole reads were cut down to the elements that are left.
    pub shortened: usize,
    /// How many removals could not be decided, so that it is not known whether they are needed.
    pub undecided: usize,
    /// Why not all was tried.
    pub stopped: Option<StopReason>,
}

/// Leaves out of the part that was decided whatever can be; `None` where it is not refuted. As long as no limit of time or
/// memory is met, what is left depends on the history and the model only.
pub fn reduce<M: Model>(
    model: &M,
    history: &History,
    decision: &Decision,
    limits: &Limits<'_>,
) -> Option<Reduced> {
    let Verdict::NotLinearizable(refutation) = &decision.verdict else { return None };
    /// A try that is harder than the whole was is not worth the time of all the others.
    const LEAST: u64 = 1 << 16;
    let most = decision.configurations.saturating_mul(4).max(LEAST);
    let whole = History {
        format: history.format,
        values: history.values.clone(),
        operations: operations(history, &decision.ops),
        faults: Vec::new(),
        events: history.events,
        declared: history.declared.clone(),
        notes: Vec::new(),
    };
    let mut reducer = Reducer {
        model,
        limits: Limits { configurations: limits.configurations.min(most), ..*limits },
        shown: Shown::new(history, refutation),
        bytes: whole.values.bytes(),
        history: whole,
        undecided: 0,
    };
    reducer.run();
    let Reducer { history: left, undecided, bytes, .. } = reducer;
    limits.memory.change(bytes, history.values.bytes());
    let answer = |operation: &Operation| match operation.completion {
        Completion::Ok(answer) => answer.value,
        Completion::Fail(_) | Completion::Unknown => None,
    };
    let mut originals = decision.ops.iter().map(|&id| history.operation(id));
    let shortened = left.operations.iter().filter(|operation| {
        let is_it = |original: &&Operation| original.call.event == operation.call.event;
        let original = originals.find(is_it).expect("what is left keeps the order of the whole");
        answer(operation).is_some() && answer(operation) != answer(original)
    });
    let shortened = shortened.count();
    Some(Reduced {
        history: left,
        of: decision.ops.len(),
        shortened,
        undecided,
        stopped: limits.stop.requested(),
    })
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

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tried {
    /// It has no linearization, and is what is left now.
    Smaller,
    /// It is what is left already.
    Same,
    /// It has a linearization.
    Valid,
    /// The limits were met first.
    Undecided,
}

struct Reducer<'a, M> {
    model: &'a M,
    limits: Limits<'a>,
    /// What is left: one part, without a linearization.
    history: History,
    shown: Shown,
    /// What the values hold that whole reads were cut down to, among the others.
    bytes: usize,
    undecided: usize,
}

impl<M: Model> Reducer<'_, M> {
    fn run(&mut self) {
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

    /// Decides whether these operations have no linearization either, and keeps of them the first part that has none.
    fn try_with(&mut self, operations: Vec<Operation>) -> Tried {
        if operations == self.history.operations {
            return Tried::Same;
        }
        let bytes = self.history.values.bytes();
        let has_room = self.limits.memory.change(self.bytes, bytes);
        self.bytes = bytes;
        if !has_room || self.is_over() {
            return Tried::Undecided;
        }
        let before = std::mem::replace(&mut self.history.operations, operations);
        let (tried, kept) = self.decide();
        self.history.operations = kept.unwrap_or(before);
        tried
    }

    /// The operations of the first part without a linearization, where there is one.
    fn decide(&mut self) -> (Tried, Option<Vec<Operation>>) {
        let Limits { stop, .. } = self.limits;
        let goes_on = || stop.requested().is_none();
        let Ok(Some(parts)) = part::split_while(self.model, &self.history, &goes_on) else {
            return (Tried::Undecided, None);
        };
        let decisions = check_parts(self.model, &parts, &self.limits, Options::default(), &());
        for decision in &decisions {
            if let Verdict::NotLinearizable(refutation) = &decision.verdict {
                self.shown = Shown::new(&self.history, refutation);
                return (Tried::Smaller, Some(operations(&self.history, &decision.ops)));
            }
        }
        let is_valid = |decision: &Decision| matches!(decision.verdict, Verdict::Linearizable(_));
        (if decisions.iter().all(is_valid) { Tried::Valid } else { Tried::Undecided }, None)
    }

    /// Leaves out what comes after the shortest bad prefix. What was open at its end may have happened or not; since with
    /// its answer something may be lost that showed the no, the prefix may have to be longer.
    fn cut(&mut self) -> bool {
        match self.try_with(self.up_to(self.shown.ret)) {
            Tried::Smaller => return true,
            Tried::Same => return false,
            Tried::Valid | Tried::Undecided => {}
        }
        let ends = self.history.operations.iter().filter_map(Operation::ret);
        let mut later: Vec<EventId> = ends.filter(|&ret| ret > self.shown.ret).collect();
        later.sort_unstable();
        let (mut low, mut high) = (0, later.len());
        let mut is_smaller = false;
        while low < high {
            let middle = low.midpoint(high);
            let tried = self.try_with(self.up_to(later[middle]));
            is_smaller |= tried == Tried::Smaller;
            match tried {
                Tried::Smaller | Tried::Same => high = middle,
                Tried::Valid | Tried::Undecided => low = middle + 1,
            }
        }
        is_smaller
    }

    /// What was called before an event; what had not returned by then never does.
    fn up_to(&self, event: EventId) -> Vec<Operation> {
        let called = self.history.operations.iter().filter(|operation| operation.call.event < event);
        called
            .map(|operation| {
                if operation.end.is_none_or(|end| end.event <= event) {
                    return operation.clone();
                }
                Operation { completion: Completion::Unknown, error: None, end: None, ..operation.clone() }
            })
            .collect()
    }

    /// Leaves out all at once that has nothing to do with the evidence.
    fn aim(&mut self, sorts: [Sort; 2]) -> bool {
        if self.shown.evidence.is_empty() {
            return false;
        }
        let mut is_smaller = false;
        for sort in sorts {
            let mut all = removals(self.model, &self.history, sort);
            all.retain(|removal| removal.calls.iter().all(|call| !self.shown.evidence.contains(call)));
            let left = without(&mut self.history, &all);
            is_smaller |= self.try_with(left) == Tried::Smaller;
        }
        is_smaller
    }

    /// Leaves out ever smaller lots, until none can go by itself.
    fn leave_out(&mut self, sort: Sort) -> bool {
        let mut left: Vec<Removal> = removals(self.model, &self.history, sort);
        let mut lot = left.len();
        let mut is_smaller = false;
        while lot > 0 {
            let (mut at, mut went) = (0, false);
            while at < left.len() {
                if self.is_over() {
                    return is_smaller;
                }
                let end = left.len().min(at + lot);
                let operations = without(&mut self.history, &left[at..end]);
                let tried = self.try_with(operations);
                match tried {
                    Tried::Smaller | Tried::Same => {
                        left.drain(at..end);
                        went |= tried == Tried::Smaller;
                    }
                    Tried::Valid | Tried::Undecided => at = end,
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
