//! What `reduce` leaves of a history: whatever it may leave out, replace by a state or let overlap keeps a linearization,
//! what it leaves has none, and nothing of it can go or overlap by itself.

use std::collections::BTreeMap;

use seriatim_checker::{Goal, Limits, Memory, Options, Reduced, Refutation, Stop, Verdict, check, reduce};
use seriatim_history::build::Overrides;
use seriatim_history::format::{self, csv::ColumnMap};
use seriatim_history::{
    Completion, Format, History, HistoryBuilder, OpId, Operation, Source, SourceId, native,
};
use seriatim_model::catalog::MODELS;
use seriatim_model::removal::{Sort, removals, without};
use seriatim_model::start::{started, starts};
use seriatim_model::widening::{widened, wider};
use seriatim_model::{
    Core, Model, ModelName, ModelOptions, Part, Step, Visitor, part, reduction, with_any_model,
};
use seriatim_testkit::{Plan, Rng, simulate};

const SORTS: [Sort; 2] = [Sort::Values, Sort::Observers];

fn over<T>(history: &History, model: ModelName, visitor: impl Visitor<Out = T>) -> T {
    let declared = &history.declared;
    let options = ModelOptions {
        initial: declared.initial,
        nil_read: declared.nil_read.unwrap_or_default(),
        failed_cas: declared.failed_cas.unwrap_or_default(),
    };
    with_any_model(model, &options, &history.values, visitor).expect("the object can start so")
}

fn is_valid<M: Model>(model: &M, history: &History) -> bool {
    let (stop, memory) = (Stop::new(), Memory::new(1 << 30));
    let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
    let decisions = check(model, history, &limits, Options::default(), &()).expect("every operation is read");
    decisions.iter().all(|decision| match decision.verdict {
        Verdict::Linearizable(_) => true,
        Verdict::NotLinearizable(_) => false,
        Verdict::Unknown(_) => panic!("there are no limits"),
    })
}

/// A history of one object: what may be left out is a matter of one.
fn plan(model: ModelName, seed: u64) -> Plan {
    let mut rng = Rng::new(seed);
    let plan =
        if seed.is_multiple_of(2) { Plan::medium(model, &mut rng) } else { Plan::small(model, &mut rng) };
    Plan { keys: 0, ..plan }
}

/// Tries every removal of a history by itself, and counts those after which there is a linearization.
struct TryEach(History);

impl Visitor for TryEach {
    /// How many removals there are, and how many of them leave a linearization.
    type Out = BTreeMap<&'static str, [usize; 2]>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let Self(mut history) = self;
        let mut out = BTreeMap::new();
        out.insert("starts", starts_of(&model, &mut history.clone()));
        out.insert("overlaps", overlaps_of(&model, &history));
        for sort in SORTS {
            let name = if sort == Sort::Values { "values" } else { "observers" };
            let all = removals(&model, &history, sort);
            // No core shows that there is none, neither by these steps nor by others.
            let part: Vec<OpId> = (0..history.operations.len() as u32).map(OpId).collect();
            let number = |call| (0..).map(OpId).find(|&id| history.operation(id).call.event == call);
            for (removal, at) in all.iter().zip(0..) {
                let mut ops = removal.calls.iter().filter_map(|&call| number(call)).collect::<Vec<_>>();
                if at % 2 == 1 {
                    // One more than may be left out with it, or less.
                    let other = OpId(at % history.operations.len() as u32);
                    match ops.iter().position(|&op| op == other) {
                        Some(at) => _ = ops.remove(at),
                        None => ops.push(other),
                    }
                }
                let left = part.iter().copied().filter(|op| !ops.contains(op)).collect();
                let elements = removal.element.iter().map(|element| element.value).collect();
                let core = Core { steps: vec![Step::LeaveOut { sort, ops, elements }], ops: left };
                assert!(reduction::verify(&model, &history, &part, &core).is_err(), "it is valid");
            }
            let mut valid = 0;
            for removal in &all {
                let left = without(&mut history, std::slice::from_ref(removal));
                let whole = std::mem::replace(&mut history.operations, left);
                valid += usize::from(is_valid(&model, &history));
                history.operations = whole;
            }
            out.insert(name, [all.len(), valid]);
        }
        out
    }
}

/// In how many moments a history may start, and how many of them leave a linearization.
fn starts_of<M: Model>(model: &M, history: &mut History) -> [usize; 2] {
    let parts = part::split(model, history).expect("every operation is read");
    let [only] = parts.as_slice() else { return [0, 0] };
    let (mut all, mut valid) = (0, 0);
    let whole: Vec<OpId> = (0..history.operations.len() as u32).map(OpId).collect();
    for start in starts(model, &only.entries) {
        let Some((later, _)) = model.started(&start.state, &mut history.values) else { continue };
        assert!(later.init() == start.state);
        let left = started(history, &start);
        let is_it = |id: &&OpId| history.operation(**id).ret() == Some(start.ret);
        let first = whole.iter().copied().find(|id| is_it(&id)).expect("an operation returns there");
        let before = std::mem::replace(&mut history.operations, left);
        all += 1;
        valid += usize::from(is_valid(&later, history));
        let calls: Vec<_> = history.operations.iter().map(|operation| operation.call).collect();
        history.operations = before;
        // No core shows that there is none, by such a step.
        let ops = whole.iter().copied().filter(|&id| calls.contains(&history.operation(id).call)).collect();
        let core = Core { steps: vec![Step::Start(first)], ops };
        assert!(reduction::verify(model, history, &whole, &core).is_err(), "it is valid");
    }
    [all, valid]
}

/// How many pairs of operations may overlap that do not, and how often that leaves a linearization.
fn overlaps_of<M: Model>(model: &M, history: &History) -> [usize; 2] {
    /// So many of each history: no two of them are less alike than any others.
    const SOME: usize = 12;
    let (mut all, mut valid) = (0, 0);
    for way in wider(history).into_iter().take(SOME) {
        let new = widened(history, &way.order).expect("it is wider");
        let operations = new.into_iter().map(|(_, operation)| operation).collect();
        all += 1;
        valid += usize::from(is_valid(model, &History { operations, ..history.clone() }));
    }
    [all, valid]
}

/// How many removals of each sort were tried, at the least, over all cases of a model.
const TRIED: usize = 100;

/// Models that can start in any state that they come to.
const STARTED: &[ModelName] = &[
    ModelName::Register,
    ModelName::CasRegister,
    ModelName::Kv,
    ModelName::Mutex,
    ModelName::Queue,
    ModelName::Stack,
    ModelName::Deque,
    ModelName::Counter,
    ModelName::Semaphore,
];

/// Models that have removals of values; the others have observers at the most.
const BY_VALUE: &[ModelName] = &[
    ModelName::Register,
    ModelName::CasRegister,
    ModelName::Kv,
    ModelName::OwnerMutex,
    ModelName::ReentrantMutex,
    ModelName::FencedMutex,
    ModelName::Queue,
    ModelName::Stack,
    ModelName::Deque,
    ModelName::PriorityQueue,
    ModelName::MaxPriorityQueue,
    ModelName::Set,
    ModelName::Bag,
    ModelName::Log,
    ModelName::Semaphore,
    ModelName::UniqueIds,
];

#[test]
fn what_may_be_left_out_keeps_a_linearization() {
    const CASES: u64 = 3_000;
    for row in MODELS {
        let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
        for seed in 0..CASES {
            let plan = Plan { lie: 0.0, ..plan(row.name, seed) };
            let history = simulate(seed, &plan);
            for (sort, [all, valid]) in over(&history, row.name, TryEach(history.clone())) {
                assert_eq!(all, valid, "{} {sort} of seed {seed}: {plan:?}", row.word);
                *tried.entry(sort).or_default() += all;
            }
        }
        println!("{:<20} {tried:?}", row.word);
        assert_eq!(tried["values"] > TRIED, BY_VALUE.contains(&row.name), "{}: {tried:?}", row.word);
        assert_eq!(tried["starts"] > TRIED, STARTED.contains(&row.name), "{}: {tried:?}", row.word);
        assert!(tried["overlaps"] > TRIED, "{}: {tried:?}", row.word);
    }
}

/// Reduces every part of a history that has no linearization.
struct ReduceAll<'a> {
    history: &'a History,
    name: ModelName,
}

/// Asserts that a history has no linearization, and that it has one where anything more goes, or overlaps.
struct NothingToSpare<'a>(&'a History);

impl Visitor for NothingToSpare<'_> {
    type Out = ();

    fn visit<M: Model + Clone + Send + 'static>(self, model: M)
    where
        M::State: Ord,
    {
        let mut left = self.0.clone();
        assert!(!is_valid(&model, &left), "what is left has no linearization");
        for sort in SORTS {
            for removal in removals(&model, &left, sort) {
                let less = without(&mut left, &[removal]);
                let whole = std::mem::replace(&mut left.operations, less);
                assert!(is_valid(&model, &left), "more can be left out");
                left.operations = whole;
            }
        }
        for way in wider(&left) {
            let new = widened(&left, &way.order).expect("it is wider");
            let operations = new.into_iter().map(|(_, operation)| operation).collect();
            let wider = History { operations, ..left.clone() };
            assert!(is_valid(&model, &wider), "more can overlap");
        }
    }
}

impl Visitor for ReduceAll<'_> {
    type Out = Vec<(Reduced, usize)>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let Self { history, name } = self;
        let (stop, memory) = (Stop::new(), Memory::new(1 << 30));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        let decisions =
            check(&model, history, &limits, Options::default(), &()).expect("every operation is read");
        let mut all = Vec::new();
        for decision in &decisions {
            let refuted = matches!(decision.verdict, Verdict::NotLinearizable(_));
            let reduced = reduce(&model, history, decision, &limits, None);
            assert_eq!(reduced.is_some(), refuted);
            let Some(mut reduced) = reduced else { continue };
            // Whoever reads it starts with what stands for all that came before.
            reduced.history.declared.initial = reduced.start.or(reduced.history.declared.initial);
            over(&reduced.history, name, NothingToSpare(&reduced.history));
            assert_eq!((reduced.of, reduced.undecided, reduced.stopped), (decision.ops.len(), 0, None));
            let proof = reduction::verify(&model, history, &decision.ops, &reduced.core);
            assert!(proof.is_ok() || proof.is_err_and(|doubt| doubt.is_only_too_much()), "it is proof");
            let more = Core { ops: decision.ops.clone(), ..reduced.core.clone() };
            let is_whole = more.ops == reduced.core.ops;
            assert!(is_whole || reduction::verify(&model, history, &decision.ops, &more).is_err());
            let again = reduce(&model, history, decision, &limits, None).expect("it is refuted");
            assert_eq!(again.history.operations, reduced.history.operations, "it is the same every time");
            let mut shortened = 0;
            for (operation, &id) in reduced.history.operations.iter().zip(&reduced.core.ops) {
                shortened += usize::from(is_less(operation, history.operation(id)));
            }
            assert_eq!(shortened, reduced.shortened);
            let overlaps = pairs_that_overlap_only_in(&reduced.history, history, &reduced.core.ops);
            assert!(reduced.overlaps.is_none_or(|said| said <= overlaps), "{overlaps} overlap");
            all.push((reduced, decision.ops.len()));
        }
        all
    }
}

/// Reduces every part of a history that has no linearization, with operations that are to stay.
struct KeepSome<'a> {
    history: &'a History,
    seed: u64,
}

impl Visitor for KeepSome<'_> {
    /// How many operations were to stay, and how many were left.
    type Out = [usize; 2];

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let Self { history, seed } = self;
        let mut rng = Rng::new(seed);
        let (stop, memory) = (Stop::new(), Memory::new(1 << 30));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        let decisions =
            check(&model, history, &limits, Options::default(), &()).expect("every operation is read");
        let mut out = [0, 0];
        for decision in decisions.iter().filter(|it| matches!(it.verdict, Verdict::NotLinearizable(_))) {
            let mut keep: Vec<OpId> = decision.ops.iter().copied().filter(|_| rng.chance(0.1)).collect();
            let failed = |id: &OpId| matches!(history.operation(*id).completion, Completion::Fail(_));
            let all = (0..history.operations.len() as u32).map(OpId);
            keep.extend(all.filter(failed).filter(|id| !decision.ops.contains(id)).take(1));
            // That enough of the part is known to have happened, beside that it is refuted.
            let returns = |id: &&OpId| history.operation(**id).ret().is_some();
            let least = rng.below(4).min(decision.ops.iter().filter(returns).count());
            let count = |part: &Part<M::Op>| part.entries.iter().filter(|entry| entry.ret.is_some()).count();
            let shows = |part: &Part<M::Op>, _: &Refutation, _: &History| count(part) >= least;
            let goal = Goal { keep: &keep, shows: &shows };
            let reduced = reduce(&model, history, decision, &limits, Some(&goal)).expect("it is refuted");
            let left = &reduced.history;
            let happened = left.operations.iter().filter(|operation| operation.ret().is_some()).count();
            assert!(!is_valid(&model, left) && happened >= least, "seed {seed}");
            assert!(keep.iter().all(|id| reduced.core.ops.contains(id)), "seed {seed}");
            out[0] += keep.len();
            out[1] += left.operations.len();
        }
        out
    }
}

#[test]
fn what_a_goal_names_stays_and_the_goal_is_met() {
    const CASES: u64 = 100;
    for row in MODELS {
        let (mut kept, mut left) = (0, 0);
        for seed in 0..CASES {
            let plan = plan(row.name, seed);
            let plan = Plan { lie: plan.lie.max(0.15), keys: (seed % 3) as usize, ..plan };
            let history = simulate(seed, &plan);
            let [stay, all] = over(&history, row.name, KeepSome { history: &history, seed });
            kept += stay;
            left += all;
        }
        assert!(0 < kept && kept < left, "{}: {kept} of {left}", row.word);
    }
}

/// How many pairs of operations that are left overlap there and not in the whole; no pair overlaps only in the whole.
fn pairs_that_overlap_only_in(left: &History, whole: &History, ids: &[OpId]) -> usize {
    let follows = |first: &Operation, next: &Operation| first.ret().is_some_and(|ret| ret < next.call.event);
    let mut wider = 0;
    for (first, &first_id) in left.operations.iter().zip(ids) {
        for (next, &next_id) in left.operations.iter().zip(ids) {
            let before = follows(whole.operation(first_id), whole.operation(next_id));
            assert!(before || !follows(first, next), "an operation takes less time");
            wider += usize::from(before && !follows(first, next));
        }
    }
    wider
}

/// Whether a read shows less than it did; everything else about an operation is as it was, or not known any more, but for
/// when it was called and ended.
fn is_less(operation: &Operation, original: &Operation) -> bool {
    let operation =
        &Operation { call: original.call, end: operation.end.and(original.end), ..operation.clone() };
    let is_cut_down = match (operation.completion, original.completion) {
        (Completion::Ok(answer), Completion::Ok(was)) => answer.value != was.value,
        (Completion::Unknown, _) => {
            assert!(operation.end.is_none_or(|end| Some(end) == original.end));
            let kept = Operation {
                completion: original.completion,
                error: original.error,
                end: original.end,
                ..operation.clone()
            };
            assert_eq!(&kept, original);
            return false;
        }
        _ => false,
    };
    let kept = Operation {
        completion: original.completion,
        argument: if is_cut_down { original.argument } else { operation.argument },
        ..operation.clone()
    };
    assert_eq!(&kept, original);
    is_cut_down
}

/// The history in the native format, read again.
fn read_again(history: &History) -> History {
    let text = native::write(history);
    let mut builder = HistoryBuilder::new(Format::Jsonl);
    format::read(Format::Jsonl, Source { id: SourceId(0), text: &text }, &ColumnMap::default(), &mut builder);
    builder.finish(Overrides::default()).unwrap_or_else(|errors| panic!("{text}: {:?}", errors.first()))
}

struct IsValid<'a>(&'a History);

impl Visitor for IsValid<'_> {
    type Out = bool;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> bool
    where
        M::State: Ord,
    {
        is_valid(&model, self.0)
    }
}

#[test]
fn what_is_left_has_no_linearization_and_nothing_to_spare() {
    const CASES: u64 = 400;
    for row in MODELS {
        let (mut before, mut after) = (0, 0);
        for seed in 0..CASES {
            let plan = plan(row.name, seed);
            let plan = Plan { lie: plan.lie.max(0.15), keys: (seed % 3) as usize, ..plan };
            let history = simulate(seed, &plan);
            for (reduced, of) in over(&history, row.name, ReduceAll { history: &history, name: row.name }) {
                before += of;
                after += reduced.history.operations.len();
                // Keys of a map that are no texts are none in JSON.
                if row.name != ModelName::MultiRegister {
                    let again = read_again(&reduced.history);
                    assert!(!over(&again, row.name, IsValid(&again)), "{} seed {seed}", row.word);
                }
            }
        }
        println!("{:<20} {after:>6} of {before:>6} operations", row.word);
        assert!(after < before, "{}: {after} of {before}", row.word);
    }
}
