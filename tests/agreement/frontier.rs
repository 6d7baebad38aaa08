//! The frontier of small refuted histories of every model is what an oracle finds that tries all orders; so are the answers
//! that could have been given.

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_checker::frontier::frontier;
use seriatim_checker::{
    Frontier, Limits, Memory, Options, Refutation, Stop, Undetermined, Verdict, check_parts,
};
use seriatim_history::{Completion, History, OpId};
use seriatim_model::catalog::MODELS;
use seriatim_model::{Entry, Model, ModelName, Part, Visitor, part};
use seriatim_testkit::{Plan, Rng, oracle};

use crate::judge::SEARCH;
use crate::{Case, Extent, run};

/// So many operations of a prefix are put into all orders.
const ALL_ORDERS: usize = 8;

struct Compare<'a>(&'a History);

impl Visitor for Compare<'_> {
    /// How many frontiers were compared, how many had several states, how many several configurations of one state, how many
    /// could have been answered something, and in how many the operation could have come earlier.
    type Out = Result<[usize; 5], String>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let parts = part::split(&model, self.0).expect("operations of the model");
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        let mut counts = [0; 5];
        for options in [Options::default(), SEARCH] {
            let decisions = check_parts(&model, &parts, &limits, options, &());
            for (part, decision) in parts.iter().zip(decisions) {
                let Verdict::NotLinearizable(refutation) = decision.verdict else { continue };
                if refutation.prefix > ALL_ORDERS {
                    continue;
                }
                let asked = asked(&model, part, self.0, refutation.op);
                let found = frontier(&model, part, &refutation, &asked, &limits, &|| true);
                let found = found.map_err(|why| format!("without limits: {why:?}"))?;
                compare(&model, part, &refutation, &asked, &found)?;
                let of = &found.standings;
                let told = [
                    true,
                    of.len() > 1,
                    of.iter().any(|standing| standing.taken.len() > 1),
                    !found.answers.is_empty(),
                    found.furthest.is_some(),
                ];
                counts.iter_mut().zip(told).for_each(|(sum, is)| *sum += usize::from(is));
                let few = Limits { configurations: 0, ..limits };
                let cut = frontier(&model, part, &refutation, &asked, &few, &|| true);
                if cut != Err(Undetermined::TooMany) {
                    return Err(format!("without a step: {}", cut.is_ok()));
                }
            }
        }
        Ok(counts)
    }
}

/// An operation that tells what was asked of the one of a history.
fn asked<M: Model>(model: &M, part: &Part<M::Op>, history: &History, id: OpId) -> M::Op {
    let mut unknown = history.operation(id).clone();
    unknown.completion = Completion::Unknown;
    let own = part.entries.iter().find(|entry| entry.id == id).expect("of the part").op.clone();
    let unknown = model.parse(&unknown, &history.values).ok().flatten();
    let tells = |op: &M::Op| model.answers(&model.init(), op).is_some();
    if tells(&own) { own } else { unknown.filter(tells).unwrap_or(own) }
}

fn compare<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    refutation: &Refutation,
    asked: &M::Op,
    found: &Frontier<M::State, M::Op>,
) -> Result<(), String> {
    let id = |id: OpId| part.entries.iter().find(|entry| entry.id == id).expect("of the part");
    let all = oracle::frontier(model, part, refutation.ret, refutation.op);
    let end = refutation.ret;
    let is_open = |entry: &&Entry<M::Op>| entry.call < end && entry.ret.is_none_or(|ret| ret > end);
    let open = part.entries.iter().filter(is_open).filter(|entry| !model.observes(&entry.op));
    if !open.map(|entry| entry.id).eq(found.open.iter().copied()) {
        return Err("what is open is not what was called and had not returned".to_owned());
    }
    // The number of each kind of open operation that changes something.
    let mut kinds: FxHashMap<&M::Op, usize> = FxHashMap::default();
    for &open in &found.open {
        let next = kinds.len();
        kinds.entry(&id(open).op).or_insert(next);
    }
    let by_kind = |taken: &[OpId]| {
        let mut counts = vec![0; kinds.len()];
        for &op in taken.iter().filter(|&&op| !model.observes(&id(op).op)) {
            counts[kinds[&id(op).op]] += 1;
        }
        counts
    };
    let mut of_state: FxHashMap<&M::State, Vec<Vec<usize>>> = FxHashMap::default();
    for (state, taken) in &all {
        of_state.entry(state).or_default().push(by_kind(taken));
    }
    if found.standings.len() != of_state.len() {
        return Err(format!("{} states, and {} of all orders", found.standings.len(), of_state.len()));
    }
    for standing in &found.standings {
        let Some(every) = of_state.get(&standing.state) else { return Err("a state of no order".to_owned()) };
        let is_less = |one: &Vec<usize>, other: &Vec<usize>| {
            one != other && one.iter().zip(other).all(|(one, other)| one <= other)
        };
        let least = every.iter().filter(|one| !every.iter().any(|other| is_less(other, one)));
        let least: FxHashSet<Vec<usize>> = least.cloned().collect();
        let told: FxHashSet<_> = standing.taken.iter().map(|taken| by_kind(taken)).collect();
        if told != least || told.len() != standing.taken.len() {
            return Err(format!("takes {told:?}, and at the least {least:?}"));
        }
        if !standing.taken.iter().all(|taken| all.contains(&(standing.state.clone(), taken.clone()))) {
            return Err("takes what no order takes".to_owned());
        }
        if model.step(&standing.state, &id(refutation.op).op).into_iter().next().is_some() {
            return Err("the operation is possible".to_owned());
        }
        let left: FxHashSet<OpId> = standing.left.iter().map(|(op, _)| *op).collect();
        for &op in &found.open {
            if left.contains(&op) == standing.taken.iter().all(|taken| taken.contains(&op)) {
                return Err("what is left is not what is not taken".to_owned());
            }
        }
        for (op, leads) in &standing.left {
            let told: FxHashSet<_> = leads.iter().map(|&at| found.standings[at].state.clone()).collect();
            let expected: FxHashSet<_> = model.step(&standing.state, &id(*op).op).into_iter().collect();
            if told != expected {
                return Err("an open operation leads elsewhere".to_owned());
            }
        }
    }
    let answers = oracle::answers(model, part, refutation.ret, refutation.op, asked);
    let told: FxHashSet<M::Op> = found.answers.iter().map(|(op, _)| op.clone()).collect();
    if told != answers || told.len() != found.answers.len() {
        return Err(format!("{} answers, and {} of all orders", told.len(), answers.len()));
    }
    let (of, last) = (refutation.op, refutation.ret);
    let mut returns: Vec<_> = part.entries.iter().filter_map(|entry| Some((entry.ret?, entry.id))).collect();
    returns.sort_unstable();
    let before = returns.into_iter().rev().filter(|&(ret, _)| ret < last);
    let furthest =
        before.into_iter().find(|&(ret, _)| oracle::comes_to(model, part, ret, of)).map(|(_, id)| id);
    if found.furthest != furthest {
        return Err(format!("comes to {:?}, and in all orders to {furthest:?}", found.furthest));
    }
    Ok(())
}

/// A history of few values in which much is of unknown outcome.
fn crashing(model: ModelName, seed: u64) -> Case {
    let mut rng = Rng::new(seed);
    let plan = Plan { crash: 0.5, values: 2, keys: 0, lie: 0.5, ..Plan::small(model, &mut rng) };
    Case::of(seed, plan, &mut rng)
}

#[test]
fn frontiers_are_those_of_all_orders() {
    let extent = Extent::of(1_000);
    let mut total = [0; 5];
    for entry in MODELS.iter().filter(|entry| extent.models.contains(&entry.name)) {
        let counts = run::over(extent.seeds(), |seed, _| {
            let case = if seed % 2 == 0 { Case::small(entry.name, seed) } else { crashing(entry.name, seed) };
            let history = case.script.history();
            case.with_model(&history, Compare(&history))
                .unwrap_or_else(|why| panic!("{why}\n{}", case.describe()))
        });
        let [all, states, configurations, answers, earlier] = counts;
        println!(
            "{:<20} {all} frontiers: {states} of several states, {configurations} of several configurations of one, {answers} \
             with answers, {earlier} that could come earlier",
            entry.word
        );
        if extent.cases >= 1_000 {
            assert!(all > 100 && answers > 50, "{} is tested one-sidedly", entry.word);
        }
        total.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    // A lock of which nobody knows who holds it has one state in which something is impossible.
    if extent.cases >= 1_000 && extent.models.len() == MODELS.len() {
        assert!(total.iter().all(|&count| count > 30), "tested one-sidedly: {total:?}");
    }
}
