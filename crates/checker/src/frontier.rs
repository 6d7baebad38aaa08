//! The frontier: every configuration with which the orders of a refuted prefix arrive at the return that ends it, why the
//! operation that returns there can happen in none of them, and what could have been answered to it instead.
//!
//! Whatever had returned before that return is in every order. Whatever was open is in some and not in others, for the prefix
//! allows both. So a configuration is a state and the open operations that have taken effect. Whoever has taken fewer of
//! them can still take the others: of configurations of one state only those are kept that took the least (an *antichain*),
//! and of operations that are equal the earliest called are taken first. What may follow is kept, too: the states are closed
//! under taking what is open. So that the operation is impossible in each of them is all there is to say why it comes too
//! late; that it could have come earlier in some order is told by the return up to which such an order comes.
//!
//! The search is breadth first over the returns, and takes operations just in time (Lowe 2017): an order is a path of it, cut
//! at the returns. Of a register it begins at the last determined cut. It is exact, or says why it is not.

mod antichain;
mod start;
mod sweep;

use std::hash::Hash;

use rustc_hash::FxHashMap;
use seriatim_history::OpId;
use seriatim_model::{Entry, Model, Part};

use self::sweep::Sweep;
use crate::limits::Limits;
use crate::verdict::Refutation;

/// All configurations just before the return that ends a refuted prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontier<State, Op> {
    /// The states, each once; those that took the fewest open operations first.
    pub standings: Vec<Standing<State>>,
    /// The operations that were open, and may change something, in the order of their calls.
    pub open: Vec<OpId>,
    /// The last return before which the operation can have taken effect in some order of all that had returned by then; no
    /// order that has it contains the operation of that return, too, and comes further. `None` where it can nowhere.
    pub furthest: Option<OpId>,
    /// What could have been answered to the operation, in the order in which it was found, with the last change before it in
    /// some order; nothing where it comes at the start.
    pub answers: Vec<(Op, Option<OpId>)>,
    /// Whether no other answer is possible.
    pub are_all: bool,
}

/// A state of the frontier, and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing<State> {
    /// What the object remembers.
    pub state: State,
    /// The open operations that had taken effect, of each configuration that took the least; each in the order of calls.
    pub taken: Vec<Vec<OpId>>,
    /// The open operations that not all of these took, and what each would do: the places of the states that it leads to, this
    /// one where it changes nothing; none where it is impossible there.
    pub left: Vec<(OpId, Vec<usize>)>,
}

/// Why the frontier is not determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undetermined {
    /// It takes too many steps.
    TooMany,
    /// There was no memory for it.
    Memory,
    /// There was no time for it.
    Time,
    /// An order of the prefix was found, which is to have none: either this or the refutation is wrong.
    Contradicted,
}

/// How many operations a sweep has before it over the prefix of a refutation: those behind the last determined cut.
///
/// # Panics
/// If the refutation is not of this part.
pub fn length<M: Model>(model: &M, part: &Part<M::Op>, refutation: &Refutation) -> usize {
    let last = part.entries.binary_search_by_key(&refutation.op, |entry| entry.id);
    let last = last.expect("the operation that ends the prefix is in the part");
    refutation.prefix - start::start(model, &part.entries, last).map_or(0, |(first, _)| first)
}

impl<State, Op> Frontier<State, Op> {
    /// How many configurations there are.
    pub fn configurations(&self) -> usize {
        self.standings.iter().map(|standing| standing.taken.len()).sum()
    }
}

/// The frontier of a part that was refuted. `asked` is the operation that ends the prefix, or another one that was asked the
/// same, by which the model knows what it could have been [answered](Model::answers). `goes_on` is asked now and then.
///
/// # Errors
/// Why it is not determined: it takes more steps than [`Limits::configurations`], or too much memory or time; or there is an
/// order, so that the refutation is none.
///
/// # Panics
/// If the refutation is not of this part.
pub fn frontier<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    refutation: &Refutation,
    asked: &M::Op,
    limits: &Limits<'_>,
    goes_on: &dyn Fn() -> bool,
) -> Result<Frontier<M::State, M::Op>, Undetermined> {
    let prefix = Prefix::new(model, part, refutation);
    let mut sweep = Sweep::new(model, &prefix, asked, limits, goes_on);
    let last = sweep.run()?;
    let configs: Vec<_> = last.into_configs().filter(|config| config.answer == sweep::NONE).collect();
    let mut places: FxHashMap<&M::State, usize> = FxHashMap::default();
    let mut taken: Vec<(&M::State, Vec<Vec<OpId>>)> = Vec::new();
    for config in &configs {
        let place = *places.entry(&config.state).or_insert_with(|| {
            taken.push((&config.state, Vec::new()));
            taken.len() - 1
        });
        taken[place].1.push(prefix.taken(&config.used));
    }
    // Those that took the fewest first; the search finds them in an order that depends on nothing but the history.
    let mut order: Vec<usize> = (0..taken.len()).collect();
    order.sort_by_key(|&at| taken[at].1.iter().map(Vec::len).min());
    for (place, &at) in order.iter().enumerate() {
        places.insert(taken[at].0, place);
    }
    let open: Vec<OpId> = prefix.optional.iter().map(|&at| part.entries[at].id).collect();
    let standing = |&at: &usize| {
        let (state, ref taken) = taken[at];
        let mut taken = taken.clone();
        taken.sort_by(|one, other| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
        let is_left = |id: OpId| taken.iter().any(|taken| taken.binary_search(&id).is_err());
        let left = prefix.optional.iter().map(|&at| &part.entries[at]).filter(|entry| is_left(entry.id));
        let leads = |entry: &Entry<M::Op>| {
            let known =
                |state: M::State| *places.get(&state).expect("the states are closed under what is open");
            (entry.id, model.step(state, &entry.op).into_iter().map(known).collect())
        };
        Standing { state: state.clone(), left: left.map(leads).collect(), taken }
    };
    let standings = order.iter().map(standing).collect();
    let (furthest, answers, are_all) = sweep.found();
    Ok(Frontier { standings, open, furthest, answers, are_all })
}

/// What a refuted prefix has, by the places of its operations in the part.
struct Prefix<'a, Op> {
    part: &'a Part<Op>,
    /// The operation that ends it.
    last: usize,
    /// The first operation behind a determined cut, and a write of what is there; nothing where it begins at the start.
    start: Option<(usize, usize)>,
    /// Those that had returned before that, in the order of their returns.
    returns: Vec<usize>,
    /// Those that were open then and may change something, in the order of their calls.
    optional: Vec<usize>,
    /// The same by kind, equal ones together, in the order of the first call of each.
    kinds: Vec<Vec<usize>>,
    /// The kind of each.
    kind_of: FxHashMap<usize, usize>,
}

impl<'a, Op: Eq + Hash> Prefix<'a, Op> {
    fn new<M: Model<Op = Op>>(model: &M, part: &'a Part<Op>, refutation: &Refutation) -> Self {
        let last = part.entries.binary_search_by_key(&refutation.op, |entry| entry.id);
        let last = last.expect("the operation that ends the prefix is in the part");
        let is_returned = |at: &usize| part.entries[*at].ret.is_some_and(|ret| ret < refutation.ret);
        let start = start::start(model, &part.entries, last);
        let first = start.map_or(0, |(first, _)| first);
        let called = (first..part.entries.len()).take_while(|&at| part.entries[at].call < refutation.ret);
        let (mut returns, mut optional): (Vec<_>, Vec<_>) =
            called.filter(|&at| at != last).partition(is_returned);
        returns.sort_unstable_by_key(|&at| part.entries[at].ret);
        optional.retain(|&at| !model.observes(&part.entries[at].op));
        let mut kind_by_op = FxHashMap::default();
        let mut kind_of = FxHashMap::default();
        let mut kinds: Vec<Vec<usize>> = Vec::new();
        for &at in &optional {
            let kind = *kind_by_op.entry(&part.entries[at].op).or_insert_with(|| {
                kinds.push(Vec::new());
                kinds.len() - 1
            });
            kinds[kind].push(at);
            kind_of.insert(at, kind);
        }
        Self { part, last, start, returns, optional, kinds, kind_of }
    }

    /// Whether an operation had returned before the prefix ends.
    fn is_required(&self, at: usize) -> bool {
        let ret = |at: usize| self.part.entries[at].ret;
        ret(at).is_some_and(|returned| ret(self.last).is_some_and(|end| returned < end))
    }

    /// The kind of one that was open then, if it may change something.
    fn kind_of(&self, at: usize) -> Option<usize> {
        self.kind_of.get(&at).copied()
    }

    /// The operations of some kinds that were taken, as often as each stands there.
    fn taken(&self, used: &[u32]) -> Vec<OpId> {
        let runs = used.chunk_by(|one, other| one == other);
        let ops = runs.flat_map(|run| &self.kinds[run[0] as usize][..run.len()]);
        let mut ids: Vec<OpId> = ops.map(|&at| self.part.entries[at].id).collect();
        ids.sort_unstable();
        ids
    }
}

#[cfg(test)]
mod tests {
    use seriatim_history::{EventId, FailedCas, NilRead, ValueId};
    use seriatim_model::Keys;
    use seriatim_model::register::{Op, Register};

    use super::*;
    use crate::check::{Options, check_parts};
    use crate::limits::{Memory, Stop};
    use crate::verdict::Verdict;

    #[test]
    fn what_is_open_is_taken_or_left_and_leads_on() {
        let value = |value: u32| ValueId::at(10 + value);
        let ops = [
            (Op::Write(value(0)), 0, Some(1)),
            // Never returns; and one that can only come after it.
            (Op::Write(value(1)), 2, None),
            (Op::Cas(value(1), value(2)), 3, Some(20)),
            (Op::Read(value(7)), 4, Some(5)),
            // Is called too late.
            (Op::Write(value(7)), 6, Some(7)),
        ];
        let entry = |(at, &(op, call, ret)): (u32, &(Op, u32, Option<u32>))| {
            let (call, ret) = (EventId(call), ret.map(EventId));
            Entry { id: OpId(at), op, call, ret }
        };
        let part = Part { key: None, touched: Keys::new(), entries: (0..).zip(&ops).map(entry).collect() };
        let (initial, nil_read) = (ValueId::NIL, NilRead::Value);
        let model = Register { initial, nil_read, failed_cas: FailedCas::Drop, cas: true };
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        let decisions = check_parts(&model, std::slice::from_ref(&part), &limits, Options::default(), &());
        let Verdict::NotLinearizable(refutation) = &decisions[0].verdict else { panic!("7 comes too late") };
        assert_eq!(refutation.op, OpId(3));
        let asked = Op::Read(value(7));
        let found = frontier(&model, &part, refutation, &asked, &limits, &|| true).expect("it is small");
        let [write, swap] = [OpId(1), OpId(2)];
        let standing = |state, taken: &[OpId], left: &[(OpId, Vec<usize>)]| Standing {
            state: value(state),
            taken: vec![taken.to_vec()],
            left: left.to_vec(),
        };
        let expected = [
            standing(0, &[], &[(write, vec![1]), (swap, vec![])]),
            standing(1, &[write], &[(swap, vec![2])]),
            standing(2, &[write, swap], &[]),
        ];
        assert_eq!(found.standings, expected);
        assert_eq!((found.open.as_slice(), found.configurations()), (&[write, swap][..], 3));
        let answers = [(0, OpId(0)), (1, write), (2, swap)].map(|(at, by)| (Op::Read(value(at)), Some(by)));
        assert_eq!(found.answers, answers);
        assert!(found.are_all && found.furthest.is_none());
        let late = frontier(&model, &part, refutation, &asked, &limits, &|| false);
        assert_eq!(late.map(|found| found.open.len()), Ok(2), "so few steps take no time");
        // What says that there is no order is not believed where there is one.
        let mut valid = part.clone();
        valid.entries[3].op = Op::Read(value(0));
        let wrong = frontier(&model, &valid, refutation, &Op::Read(value(0)), &limits, &|| true);
        assert_eq!(wrong, Err(Undetermined::Contradicted));
    }
}
