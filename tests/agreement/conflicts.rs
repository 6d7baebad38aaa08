//! What is said to show that there is no linearization does so: operations drawn at random of histories that have one
//! never pass for such, and those that the checker names are accepted where the definition says no.

use seriatim_history::{History, OpId};
use seriatim_model::conflict::{self, Conflict, LARGEST};
use seriatim_model::{Model, Part, Visitor, part};
use seriatim_testkit::{Rng, oracle};

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
    let extent = Extent::of(3_000);
    for &model in &extent.models {
        let [of_good, of_bad, passed, bad, missed] = run::over(extent.seeds(), |seed, _| {
            let case = Case::small(model, seed);
            let history = case.script.history();
            match case.with_model(&history, Drawn { history: &history, rng: Rng::new(!seed) }) {
                Ok(counts) => {
                    [counts.of_good, counts.of_bad, counts.passed, counts.bad, counts.missed]
                }
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
