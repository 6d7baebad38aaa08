//! What follows from the definition: no lie, no refutation; and what was true stays true when less is known.

use seriatim_history::FailedCas;
use seriatim_history::build::EventKind;
use seriatim_model::ModelName;
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
    let extent = Extent::of(2_000);
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
        run::over(extent.first..extent.first + extent.cases.min(1000), |seed, _| {
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
    let extent = Extent::of(4_000);
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
