//! Where a part stops being linearizable: what may be the case there, and what could have been answered instead.

use seriatim_checker::{
    Frontier, Limits, Options, Refutation, Standing, Undetermined, Verdict, check_parts, frontier,
};
use seriatim_history::{Completion, History, OpId, Operation, ValueId};
use seriatim_model::{Entry, Model, Part};

use crate::clock;
use crate::instead::{self, Instead};
use crate::strip::{Strip, strip};

/// What is known of the operation with which a part stops being linearizable.
#[derive(Debug)]
pub(crate) struct Stop {
    /// The operation.
    pub(crate) of: OpId,
    /// What it did.
    pub(crate) shown: String,
    /// Whether other observers are left aside.
    pub(crate) is_alone: bool,
    /// What a state must have for it to happen.
    pub(crate) needs: Option<String>,
    /// What may be the case there instead.
    pub(crate) surviving: Result<Surviving, Undetermined>,
    /// An order that leads there.
    pub(crate) strip: Strip,
    /// What could have been answered.
    pub(crate) instead: Option<Instead>,
}

/// What may be the case just before a return.
#[derive(Debug)]
pub(crate) struct Surviving {
    pub(crate) configurations: usize,
    pub(crate) states: usize,
    /// The first states.
    pub(crate) standings: Vec<Stood>,
    /// The operation at whose return every order ends that has the one in question.
    pub(crate) furthest: Option<(OpId, String)>,
}

/// A state, how it comes about, and what may follow.
#[derive(Debug)]
pub(crate) struct Stood {
    pub(crate) state: String,
    pub(crate) configurations: usize,
    /// The open operations that the first configuration took.
    pub(crate) taken: Vec<(OpId, String)>,
    /// Open operations that not all configurations took, with the states that they lead to.
    pub(crate) left: Vec<(OpId, String, Vec<String>)>,
    /// How many more.
    pub(crate) left_more: usize,
}

/// So many states are told, and of each so many open operations.
const STATES: usize = 8;
const OPEN: usize = 8;
/// How much of a text is told: its beginning and its end.
const TEXT: usize = 160;

/// So many steps are tried, and so many more for each operation of the prefix.
const STEPS: u64 = 1 << 18;
const STEPS_EACH: u64 = 1 << 4;
/// Over so many operations at the most.
const OPERATIONS: usize = 100_000;

/// What is known of the operation with which a part stops being linearizable; nothing where there is no time for it.
pub(crate) fn stop<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    refutation: &Refutation,
    limits: &Limits<'_>,
) -> Option<Stop>
where
    M::State: Ord,
{
    let at = part.entries.binary_search_by_key(&refutation.op, |entry| entry.id).ok()?;
    let op = &part.entries[at].op;
    if !clock::has_time_to_spare() {
        return None;
    }
    let asked = asked(model, part, history, at);
    let length = frontier::length(model, part, refutation);
    let steps = STEPS + STEPS_EACH * length as u64;
    let few = Limits { configurations: steps, ..*limits };
    let goes_on = clock::has_time_to_spare;
    let found = if length <= OPERATIONS {
        frontier::frontier(model, part, refutation, &asked, &few, &goes_on)
    } else {
        Err(Undetermined::TooMany)
    };
    let told = Told { model, part, history };
    let instead = match &found {
        Ok(found) => Some(instead::of_frontier(model, part, history, refutation, found)),
        Err(_) => instead::tried(model, part, history, refutation, limits),
    };
    Some(Stop {
        of: refutation.op,
        shown: told.op(op),
        is_alone: false,
        needs: model.needs(op, &history.values).map(shortened),
        strip: strip(model, part, &history.values, refutation, &few, |state| told.state(state)),
        surviving: found.map(|found| told.surviving(&found)),
        instead,
    })
}

/// What is known of an observer that no order explains, but with which its part does not stop being linearizable, since that
/// stops at another one before. Observers change nothing, so those but for this one are left aside: a part with fewer of
/// them has all the orders that the whole one has. `None` where it is no observer, or not the reason even then.
pub(crate) fn alone<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    observer: OpId,
    limits: &Limits<'_>,
) -> Option<Stop>
where
    M::State: Ord,
{
    let at = part.entries.binary_search_by_key(&observer, |entry| entry.id).ok()?;
    if !model.observes(&part.entries[at].op) || !clock::has_time_to_spare() {
        return None;
    }
    let stays = |entry: &&Entry<M::Op>| entry.id == observer || !model.observes(&entry.op);
    let entries = part.entries.iter().filter(stays).cloned().collect();
    let rest = Part { key: part.key, touched: part.touched.clone(), entries };
    let decisions = check_parts(model, std::slice::from_ref(&rest), limits, Options::default(), &());
    let Verdict::NotLinearizable(refutation) = &decisions.first()?.verdict else { return None };
    if refutation.op != observer {
        return None;
    }
    stop(model, &rest, history, refutation, limits).map(|stop| Stop { is_alone: true, ..stop })
}

/// What turns a frontier into texts.
struct Told<'a, M: Model> {
    model: &'a M,
    part: &'a Part<M::Op>,
    history: &'a History,
}

impl<M: Model> Told<'_, M> {
    fn op(&self, op: &M::Op) -> String {
        self.model.show_op(op, &self.history.values)
    }

    fn state(&self, state: &M::State) -> String {
        shortened(self.model.show_state(state, &self.history.values))
    }

    fn named(&self, id: OpId) -> (OpId, String) {
        let at = self.part.entries.binary_search_by_key(&id, |entry| entry.id);
        (id, at.map_or(String::new(), |at| self.op(&self.part.entries[at].op)))
    }

    fn surviving(&self, found: &Frontier<M::State, M::Op>) -> Surviving {
        let stood = |standing: &Standing<M::State>| {
            let leads = |&(id, ref leads): &(OpId, Vec<usize>)| {
                let (id, shown) = self.named(id);
                (id, shown, leads.iter().map(|&at| self.state(&found.standings[at].state)).collect())
            };
            Stood {
                state: self.state(&standing.state),
                configurations: standing.taken.len(),
                taken: standing.taken[0].iter().map(|&id| self.named(id)).collect(),
                left: standing.left.iter().take(OPEN).map(leads).collect(),
                left_more: standing.left.len().saturating_sub(OPEN),
            }
        };
        Surviving {
            configurations: found.configurations(),
            states: found.standings.len(),
            standings: found.standings.iter().take(STATES).map(stood).collect(),
            furthest: found.furthest.map(|id| self.named(id)),
        }
    }
}

/// The beginning and the end of a text that is longer than anybody reads.
pub(crate) fn shortened(text: String) -> String {
    let count = text.chars().count();
    if count <= TEXT {
        return text;
    }
    let half = TEXT / 2;
    let beginning: String = text.chars().take(half).collect();
    let end: String = text.chars().skip(count - half).collect();
    format!("{beginning} … {end}")
}

/// An operation that tells what was asked of the one at a place: itself, or as it would be with another answer.
fn asked<M: Model>(model: &M, part: &Part<M::Op>, history: &History, at: usize) -> M::Op {
    let op = &part.entries[at].op;
    let operation = history.operation(part.entries[at].id);
    let tells = |op: &M::Op| model.answers(&model.init(), op).is_some();
    let read = |operation: &Operation| model.parse(operation, &history.values).ok().flatten();
    if tells(op) {
        return op.clone();
    }
    let unknown = Operation { completion: Completion::Unknown, ..operation.clone() };
    if let Some(unknown) = read(&unknown).filter(tells) {
        return unknown;
    }
    /// How many values are tried that somebody put in.
    const VALUES: usize = 16;
    let put = part.entries.iter().filter_map(|entry| history.operation(entry.id).argument);
    let mut values = put.filter(|&value| value != ValueId::NIL).take(VALUES);
    values
        .find_map(|value| read(&instead::answered(operation, value)?).filter(tells))
        .unwrap_or_else(|| op.clone())
}
