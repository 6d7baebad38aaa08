//! Changes that must not matter: other names for values, keys and processes, independent keys in another order, other
//! times.

use std::collections::{BTreeMap, BTreeSet};

use seriatim_checker::{Limits, Memory, Options, Stop, Verdict, check};
use seriatim_history::build::{EventKind, Overrides};
use seriatim_history::{EventId, History, Order};
use seriatim_model::{Model, ModelName, Visitor};
use seriatim_testkit::{Datum, Line, Rng, Script};

use crate::{Case, Extent, run};

/// How the values of a model may be renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Renaming {
    /// One by one to anything.
    Any,
    /// To integers that stand in the same order.
    InOrder,
    /// To integers that stand in the same order and as far from each other: an unknown token takes room between others.
    Shifted,
    /// Not at all: they are amounts.
    Never,
}

fn renaming(model: ModelName) -> Renaming {
    match model {
        ModelName::Register
        | ModelName::CasRegister
        | ModelName::MultiRegister
        | ModelName::Kv
        | ModelName::Queue
        | ModelName::Stack
        | ModelName::Deque
        | ModelName::Set
        | ModelName::Bag
        | ModelName::Log
        | ModelName::UniqueIds => Renaming::Any,
        ModelName::PriorityQueue | ModelName::MaxPriorityQueue => Renaming::InOrder,
        // Locks have no values but tokens.
        ModelName::Mutex | ModelName::OwnerMutex | ModelName::ReentrantMutex | ModelName::FencedMutex => {
            Renaming::Shifted
        }
        ModelName::Counter | ModelName::Semaphore => Renaming::Never,
    }
}

/// New names for everything that has one.
fn renamed(case: &Case, rng: &mut Rng) -> Script {
    let (mask, shift) = (rng.bits() as i64, rng.below(1000) as i64);
    let as_texts = rng.chance(0.5);
    let any = |int: i64| {
        // Exclusive or is a bijection.
        if as_texts { Datum::Text(format!("value {}", int ^ mask)) } else { Datum::Int(int ^ mask) }
    };
    let in_order = |int: i64| Datum::Int(3 * int + shift);
    let value = |value: &Datum| match renaming(case.plan.model) {
        Renaming::Any => swapped_letters(value, case.plan.model).map_ints(&any),
        Renaming::InOrder => value.map_ints(&in_order),
        Renaming::Shifted => value.map_ints(&|int| Datum::Int(int + shift)),
        Renaming::Never => value.clone(),
    };
    let mut script = case.script.clone();
    script.initial = script.initial.as_ref().map(value);
    for line in &mut script.lines {
        line.value = line.value.as_ref().map(value);
        line.key = line.key.map(|key| 77 - key);
        line.process = line.process.map(|process| process * 5 + shift);
    }
    script
}

/// The texts of a key-value store letter by letter, so that appending them still makes what it made.
fn swapped_letters(value: &Datum, model: ModelName) -> Datum {
    match value {
        Datum::Text(text) if model == ModelName::Kv => {
            let swap = |letter| match letter {
                'a' => 'é',
                'b' => 'a',
                'é' => 'b',
                other => other,
            };
            Datum::Text(text.chars().map(swap).collect())
        }
        Datum::List(items) => Datum::List(items.iter().map(|item| swapped_letters(item, model)).collect()),
        other => other.clone(),
    }
}

/// The lines of independent keys woven together in another way.
fn woven(script: &Script, rng: &mut Rng) -> Script {
    let mut by_key: BTreeMap<Option<i64>, Vec<Line>> = BTreeMap::new();
    for line in script.lines.iter().filter(|line| line.process.is_some()) {
        by_key.entry(line.key).or_default().push(line.clone());
    }
    let count = by_key.len() as i64;
    let mut strands: Vec<_> = by_key.into_values().map(|lines| lines.into_iter().peekable()).collect();
    // A process that worked on several keys becomes several: it could not do two things at once.
    let mut lines: Vec<Line> = Vec::with_capacity(script.lines.len());
    while strands.iter_mut().any(|strand| strand.peek().is_some()) {
        let at = rng.below(strands.len());
        for line in strands[at].by_ref().take(rng.between(1, 4)) {
            let process = line.process.map(|process| process * count + at as i64);
            lines.push(Line { process, time: lines.len() as i64, ..line });
        }
    }
    Script { initial: script.initial.clone(), lines }
}

/// Lines in any order, which only their times tell, on another clock.
fn retimed(script: &Script, rng: &mut Rng) -> Script {
    let (start, scale) = (rng.below(1 << 40) as i64, 1 + rng.below(1000) as i64);
    let mut script = script.clone();
    for line in &mut script.lines {
        line.time = start + scale * line.time;
    }
    rng.shuffle(&mut script.lines);
    script
}

/// Which operations of the script end a shortest bad prefix, the first one for each key.
pub(crate) struct Refuted<'a> {
    pub(crate) history: &'a History,
}

impl Visitor for Refuted<'_> {
    /// The numbers of operations in the history.
    type Out = Vec<usize>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out {
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        let decisions =
            check(&model, self.history, &limits, Options::default(), &()).expect("it can be read");
        let mut first: BTreeMap<_, (EventId, usize)> = BTreeMap::new();
        for decision in &decisions {
            match &decision.verdict {
                Verdict::Linearizable(_) => {}
                Verdict::NotLinearizable(refutation) => {
                    let new = (refutation.ret, refutation.op.index());
                    let known = first.entry(decision.key).or_insert(new);
                    *known = new.min(*known);
                }
                Verdict::Unknown(cause) => panic!("nothing is limited: {cause:?}"),
            }
        }
        first.into_values().map(|(_, op)| op).collect()
    }
}

/// The same operations, by their numbers in the script.
fn refuted(case: &Case, script: &Script, overrides: Overrides) -> BTreeSet<u32> {
    let history = script.history_with(overrides);
    let mut lines: Vec<_> = script.lines.iter().collect();
    if overrides.order == Some(Order::Time) {
        lines.sort_by_key(|line| line.time);
    }
    let is_call = |line: &&&Line| line.kind == EventKind::Invoke && line.process.is_some();
    let numbers: Vec<u32> = lines.iter().filter(is_call).map(|line| line.operation).collect();
    case.with_model(&history, Refuted { history: &history }).into_iter().map(|op| numbers[op]).collect()
}

#[test]
fn what_must_not_matter_does_not() {
    let extent = Extent::of(2_500);
    for &model in &extent.models {
        let [invalid] = run::over(extent.seeds(), |seed, _| {
            let mut rng = Rng::new(seed ^ 0x5eed);
            let mut case = Case::small(model, seed);
            // Larger than what the oracle can judge.
            case.plan.operations = rng.between(4, 24);
            case = Case::of(seed, case.plan, &mut rng);
            let expected = refuted(&case, &case.script, Overrides::default());
            let by_time = Overrides { order: Some(Order::Time), ..Overrides::default() };
            for (what, script, overrides) in [
                ("other names", renamed(&case, &mut rng), Overrides::default()),
                ("keys in another order", woven(&case.script, &mut rng), Overrides::default()),
                ("other times", retimed(&case.script, &mut rng), by_time),
            ] {
                let found = refuted(&case, &script, overrides);
                assert_eq!(found, expected, "{what}\n{}\n{script}", case.describe());
            }
            [usize::from(!expected.is_empty())]
        });
        println!("{:<20} {invalid} of {} invalid, unmoved", model.name(), extent.cases);
        assert!(extent.cases < 1000 || invalid > 0, "{} is never invalid", model.name());
    }
}
