//! What follows from the definition: no lie, no refutation; and what was true stays true when less is known.

use seriatim_checker::{Limits, Memory, Options, Stop, Strategy, check};
use seriatim_history::build::EventKind;
use seriatim_history::{FailedCas, History};
use seriatim_model::catalog::MODELS;
use seriatim_model::{Model, ModelName, Visitor};
use seriatim_testkit::{Plan, Rng, Script, simulate};

use crate::bend::Refuted;
use crate::{Case, Extent, run};

fn is_valid(case: &Case, script: &Script) -> bool {
    let history = script.history();
    case.with_model(&history, Refuted { history: &history }).is_empty()
}

/// A history without lies: what is recorded as failed did not happen.
fn honest(case: Case) -> Case {
    let plan = Plan { lie: 0.0, ..case.plan };
    Case { plan, script: simulate::script(case.seed, &plan), failed_cas: FailedCas::Drop, ..case }
}

#[test]
fn without_lies_there_is_a_linearization() {
    let extent = Extent::of(1_500);
    for &model in &extent.models {
        run::over(extent.seeds(), |seed, _| {
            let case = honest(Case::small(model, seed));
            assert!(is_valid(&case, &case.script), "{}", case.describe());
            []
        });
    }
}

#[test]
fn long_histories_without_lies_have_one_too() {
    let extent = Extent::of(20);
    for &model in &extent.models {
        // Appends that nobody reads for a while stand in any of many orders, and the search tries them all.
        let operations = if model == ModelName::Log { 40 } else { 300 };
        run::over(extent.first..extent.first + extent.cases.min(100), |seed, _| {
            let mut rng = Rng::new(seed);
            let plan = Plan {
                keys: rng.below(4),
                values: *rng.pick(&[0, 3, 10]),
                fail: 0.05,
                spread: 2.0,
                nemesis: true,
                ..Plan::long(model, operations, 4)
            };
            let case = honest(Case::of(seed, plan, &mut rng));
            assert!(is_valid(&case, &case.script), "{}", case.describe());
            []
        });
    }
}

/// The completion of an operation becomes one that nobody heard.
fn forget(script: &mut Script, rng: &mut Rng) {
    let is_end = |kind| matches!(kind, EventKind::Ok | EventKind::Fail);
    let ends: Vec<usize> = (0..script.lines.len()).filter(|&at| is_end(script.lines[at].kind)).collect();
    if !ends.is_empty() {
        let at = *rng.pick(&ends);
        script.lines[at].kind = EventKind::Info;
    }
}

/// A completion and a call of another client right after it change places: the two operations overlap.
fn widen(script: &mut Script, rng: &mut Rng) {
    let fits = |&at: &usize| {
        let (end, call) = (&script.lines[at], &script.lines[at + 1]);
        let differ = end.process.is_some() && call.process.is_some() && end.process != call.process;
        differ && end.kind != EventKind::Invoke && call.kind == EventKind::Invoke
    };
    let places: Vec<usize> = (0..script.lines.len().saturating_sub(1)).filter(fits).collect();
    if !places.is_empty() {
        let at = *rng.pick(&places);
        script.lines.swap(at, at + 1);
    }
}

/// Everything after some line is lost.
fn cut(script: &mut Script, rng: &mut Rng) {
    script.lines.truncate(1 + rng.below(script.lines.len()));
}

#[test]
fn what_is_true_stays_true_when_less_is_known() {
    let extent = Extent::of(1_500);
    for &model in &extent.models {
        let [valid] = run::over(extent.seeds(), |seed, _| {
            let mut rng = Rng::new(seed ^ 0x1a35);
            // What failed did not happen; a compare-and-set that is no longer known to have failed may have happened,
            // which takes a failure that counts as an observation for nothing.
            let case = Case { failed_cas: FailedCas::Drop, ..Case::small(model, seed) };
            if !is_valid(&case, &case.script) {
                return [0];
            }
            for change in [forget, widen, cut] {
                let mut script = case.script.clone();
                change(&mut script, &mut rng);
                assert!(is_valid(&case, &script), "{}\nbecame\n{script}", case.describe());
            }
            [1]
        });
        assert!(extent.cases < 1000 || valid > 0, "{} is never valid", model.name());
    }
}

/// By which strategy each part is decided.
struct Strategies<'a> {
    history: &'a History,
    wanted: Option<Strategy>,
}

impl Visitor for Strategies<'_> {
    type Out = Vec<Strategy>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out {
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        let options = Options { strategy: self.wanted, ..Options::default() };
        let decisions = check(&model, self.history, &limits, options, &()).expect("it can be read");
        decisions.iter().map(|decision| decision.strategy).collect()
    }
}

#[test]
fn a_strategy_that_is_asked_for_is_used_where_it_can_be() {
    let mut used = Vec::new();
    for row in MODELS {
        for seed in 0..100 {
            let case = Case::small(row.name, seed);
            let history = case.script.history();
            let by = |wanted| case.with_model(&history, Strategies { history: &history, wanted });
            let chosen = by(None);
            for wanted in Strategy::ALL {
                // No kind of object has two strategies of its own, so what is not chosen does not fit.
                let fits = |&chosen: &Strategy| if chosen == wanted { wanted } else { Strategy::Search };
                let expected: Vec<_> = chosen.iter().map(fits).collect();
                assert_eq!(by(Some(wanted)), expected, "{wanted:?}\n{}", case.describe());
            }
            used.extend(chosen);
        }
    }
    for strategy in Strategy::ALL {
        assert!(used.contains(&strategy), "{strategy:?} is never chosen");
    }
}
