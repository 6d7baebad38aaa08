//! What is said to show that there is no linearization does so: operations drawn at random of histories that have one
//! never pass for such, and those that the checker names are accepted where the definition says no.

use seriatim_checker::{Limits, Memory, Options, Stop, Strategy, Verdict, check_parts};
use seriatim_history::{History, OpId};
use seriatim_model::catalog::MODELS;
use seriatim_model::conflict::{self, Conflict, LARGEST};
use seriatim_model::{Keys, Model, ModelName, Part, Visitor, part};
use seriatim_testkit::{Plan, Rng, oracle};

use crate::{Case, Extent, run};

/// Draws operations of each part, and looks whether they pass for a conflict.
struct Drawn<'a> {
    history: &'a History,
    rng: Rng,
}

/// How many were drawn, of parts that have a linearization and of others, and how many passed.
#[derive(Default)]
struct Counts {
    of_good: usize,
    of_bad: usize,
    passed: usize,
    /// Parts that have none, and those of which all operations together do not show that.
    bad: usize,
    missed: usize,
}

/// Some operations of a part: each with a chance, or all.
fn some<Op>(part: &Part<Op>, chance: f64, rng: &mut Rng) -> Conflict {
    let all = part.entries.iter().map(|entry| entry.id);
    let mut ops: Vec<OpId> = all.filter(|_| rng.chance(chance)).collect();
    ops.truncate(LARGEST);
    Conflict { ops }
}

/// Two operations of a part, or one: they say more than that their orders are impossible.
fn two<Op>(part: &Part<Op>, rng: &mut Rng) -> Conflict {
    let mut ops: Vec<OpId> = (0..part.entries.len().min(2)).map(|_| rng.pick(&part.entries).id).collect();
    ops.sort_unstable();
    ops.dedup();
    Conflict { ops }
}

impl Visitor for Drawn<'_> {
    type Out = Result<Counts, String>;

    fn visit<M: Model + Clone + Send + 'static>(mut self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let mut counts = Counts::default();
        for part in part::split(&model, self.history).expect("operations of the model") {
            let is_good = oracle::is_linearizable(&model, &part);
            for _ in 0..12 {
                let chance = *self.rng.pick(&[0.3, 0.5, 0.7, 0.9]);
                let drawn = some(&part, chance, &mut self.rng);
                let passes = conflict::verify(&model, &part, &drawn).is_ok();
                if passes && is_good {
                    return Err(format!("{drawn:?} passes, and there is a linearization"));
                }
                counts.passed += usize::from(passes);
                *(if is_good { &mut counts.of_good } else { &mut counts.of_bad }) += 1;
            }
            for _ in 0..if is_good { 12 } else { 0 } {
                let drawn = two(&part, &mut self.rng);
                if conflict::verify(&model, &part, &drawn).is_ok() {
                    return Err(format!("{drawn:?} passes, and there is a linearization"));
                }
                counts.of_good += 1;
            }
            if !is_good && part.entries.len() <= LARGEST {
                counts.bad += 1;
                let all = some(&part, 1.1, &mut self.rng);
                counts.missed += usize::from(conflict::verify(&model, &part, &all) != Ok(()));
            }
        }
        Ok(counts)
    }
}

#[test]
fn operations_of_what_has_a_linearization_never_pass_for_a_conflict() {
    let extent = Extent::of(1_500);
    for &model in &extent.models {
        let [of_good, of_bad, passed, bad, missed] = run::over(extent.seeds(), |seed, _| {
            let case = Case::small(model, seed);
            let history = case.script.history();
            match case.with_model(&history, Drawn { history: &history, rng: Rng::new(!seed) }) {
                Ok(counts) => [counts.of_good, counts.of_bad, counts.passed, counts.bad, counts.missed],
                Err(why) => panic!("{why}\n{}", case.describe()),
            }
        });
        println!(
            "{:<20} {of_good} drawn of good parts; {passed} of {of_bad} of bad ones pass, \
             as do {} of {bad} taken whole",
            model.name(),
            bad - missed
        );
        assert_eq!(missed, 0, "{}: all operations together show what there is to show", model.name());
        assert!(extent.cases < 1000 || passed * 10 > of_bad, "{}: hardly anything passes", model.name());
    }
}

/// Operations near each other, of histories that are too large for the definition and have a linearization that was verified.
struct Near<'a> {
    history: &'a History,
    rng: Rng,
}

impl Visitor for Near<'_> {
    type Out = Result<usize, String>;

    fn visit<M: Model + Clone + Send + 'static>(mut self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let mut drawn = 0;
        let parts = part::split(&model, self.history).expect("operations of the model");
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: 20_000, stop: &stop, memory: &memory };
        let decisions = check_parts(&model, &parts, &limits, Options::default(), &());
        for (part, decision) in parts.iter().zip(&decisions) {
            // What failed may count as seen, and then it need not be true.
            if !matches!(decision.verdict, Verdict::Linearizable(_)) {
                continue;
            }
            for _ in 0..10 {
                let room = self.rng.between(3, 24).min(part.entries.len());
                let first = self.rng.below(part.entries.len() - room + 1);
                let mut near = Part { key: None, touched: Keys::new(), entries: part.entries.clone() };
                near.entries.drain(..first);
                near.entries.truncate(room);
                let chance = *self.rng.pick(&[0.2, 0.5, 1.1]);
                let near = some(&near, chance, &mut self.rng);
                for conflict in [near, two(part, &mut self.rng)] {
                    if conflict::verify(&model, part, &conflict).is_ok() {
                        return Err(format!("{conflict:?} passes, and there is a linearization"));
                    }
                    drawn += 1;
                }
            }
        }
        Ok(drawn)
    }
}

#[test]
fn nor_do_operations_of_what_is_too_large_for_the_definition() {
    let extent = Extent::of(250);
    for &model in &extent.models {
        let [drawn] = run::over(extent.seeds(), |seed, _| {
            let mut rng = Rng::new(seed);
            let plan = Plan { lie: 0.0, ..larger(Plan::small(model, &mut rng), &mut rng) };
            let plan = Plan { crash: *rng.pick(&[0.0, 0.02, 0.2]), ..plan };
            let case = Case::of(seed, plan, &mut rng);
            let history = case.script.history();
            match case.with_model(&history, Near { history: &history, rng: Rng::new(!seed) }) {
                Ok(drawn) => [drawn],
                Err(why) => panic!("{why}\n{}", case.describe()),
            }
        });
        println!("{:<20} {drawn} drawn", model.name());
        assert!(extent.cases < 100 || drawn as u64 > extent.cases, "{} is hardly tested", model.name());
    }
}

/// What the checker names to show a no.
struct Named<'a> {
    history: &'a History,
    /// Whether there are few enough operations for the definition.
    is_small: bool,
}

/// For each strategy: how many parts it refuted, for how many of these there is evidence, and for how many it is of at
/// most six operations; and how many operations there are in all.
const COUNTS: usize = 4;
const ALL_COUNTS: usize = COUNTS * Strategy::ALL.len();

impl Visitor for Named<'_> {
    type Out = Result<[usize; ALL_COUNTS], String>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let parts = part::split(&model, self.history).expect("operations of the model");
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: 20_000, stop: &stop, memory: &memory };
        let decisions = check_parts(&model, &parts, &limits, Options::default(), &());
        let mut counts = [0; ALL_COUNTS];
        for (part, decision) in parts.iter().zip(&decisions) {
            let Verdict::NotLinearizable(refutation) = &decision.verdict else { continue };
            let place = Strategy::ALL.iter().position(|&strategy| strategy == decision.strategy);
            let counts = &mut counts[COUNTS * place.expect("it is one of all")..];
            counts[0] += 1;
            let Some(evidence) = &refutation.evidence else { continue };
            counts[1] += 1;
            counts[2] += usize::from(evidence.ops.len() <= 6);
            counts[3] += evidence.ops.len();
            conflict::verify(&model, part, evidence).map_err(|refused| format!("{evidence:?}: {refused}"))?;
            // It is of the prefix, and speaks of what ends that.
            let call = |op: &OpId| part.entries.iter().find(|entry| entry.id == *op).map(|entry| entry.call);
            if !evidence.ops.iter().all(|op| call(op) < Some(refutation.ret)) {
                return Err(format!("{evidence:?} goes beyond {:?}", refutation.ret));
            }
            if !evidence.ops.contains(&refutation.op) {
                return Err(format!("{evidence:?} is without {:?}", refutation.op));
            }
            if self.is_small && oracle::is_linearizable(&model, part) {
                return Err(format!("{evidence:?}, and there is a linearization"));
            }
        }
        Ok(counts)
    }
}

/// A history too large to be looked at as a whole, in which little is wrong.
fn larger(plan: Plan, rng: &mut Rng) -> Plan {
    let clients = *rng.pick(&[2, 3, 5, 8, 20]);
    Plan {
        operations: rng.between(20, 400),
        clients,
        values: *rng.pick(&[0, 0, 0, 5]),
        keys: 0,
        spread: *rng.pick(&[0.7, 1.5, 3.0]),
        crash: *rng.pick(&[0.0, 0.0, 0.02]),
        lie: *rng.pick(&[0.01, 0.03]),
        ..plan
    }
}

/// Of all refutations by a strategy, the share of those with evidence of at most six operations, in percent, that there
/// must be at least: of small histories, and of larger ones.
const SHARES: [(Strategy, [usize; 2]); 13] = [
    (Strategy::Blocks, [100, 99]),
    (Strategy::Levels, [100, 99]),
    (Strategy::Distinct, [100, 100]),
    (Strategy::Queue, [100, 96]),
    (Strategy::Stack, [100, 96]),
    (Strategy::Bag, [100, 97]),
    (Strategy::Priority, [100, 97]),
    (Strategy::Toggles, [100, 100]),
    (Strategy::Elements, [100, 100]),
    (Strategy::Log, [100, 99]),
    (Strategy::Counter, [100, 99]),
    (Strategy::Grants, [100, 100]),
    (Strategy::Search, [96, 40]),
];

/// Counts for each strategy what it says of histories, tells it, and looks whether that is enough.
fn named(extent: &Extent, is_small: bool, case: impl Fn(ModelName, u64) -> Case + Sync) {
    let mut all = [0; ALL_COUNTS];
    for &model in &extent.models {
        let counts = run::over(extent.seeds(), |seed, _| {
            let case = case(model, seed);
            let history = case.script.history();
            match case.with_model(&history, Named { history: &history, is_small }) {
                Ok(counts) => counts,
                Err(why) => panic!("{why}\n{}", case.describe()),
            }
        });
        all.iter_mut().zip(counts).for_each(|(all, count)| *all += count);
    }
    for (strategy, counts) in Strategy::ALL.into_iter().zip(all.chunks(COUNTS)) {
        let &[refuted, shown, few, operations] = counts else { unreachable!("chunks of this size") };
        println!(
            "{:<10} {refuted} refuted, {shown} shown, {few} of them with at most 6 operations, {:.2} on average",
            strategy.name(),
            operations as f64 / shown.max(1) as f64
        );
        let share = SHARES.iter().find(|(known, _)| *known == strategy).map(|(_, share)| share);
        let [small, large] = share.expect("every strategy has a share");
        let share = if is_small { small } else { large };
        let is_enough = extent.cases < 500 || extent.models.len() < MODELS.len() || refuted > 10;
        assert!(is_enough, "{} refutes hardly anything", strategy.name());
        assert!(extent.cases < 500 || few * 100 >= refuted * share, "{} shows too little", strategy.name());
    }
}

#[test]
fn refutations_come_with_evidence() {
    let extent = Extent::of(500);
    println!("small histories");
    named(&extent, true, Case::small);
    println!("larger histories");
    named(&extent, false, |model, seed| {
        let mut rng = Rng::new(seed);
        let plan = larger(Plan::small(model, &mut rng), &mut rng);
        Case::of(seed, plan, &mut rng)
    });
}
