//! When which fault begins and how long it lasts: a pure function of a seed.

use std::time::Duration;

use serde::Serialize;

use crate::fault::Fault;
use crate::seed::Dice;

/// A fault that is to begin at some time of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    /// Its name.
    pub(crate) fault: String,
    /// Its place in the row.
    #[serde(skip)]
    pub(crate) place: usize,
    /// Milliseconds from the start of the load.
    pub(crate) at_ms: u64,
    /// For how many milliseconds.
    pub(crate) lasts_ms: u64,
    /// What was drawn for choosing whom it hits.
    pub(crate) draw: u64,
}

/// What is to happen in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// Faults in their order; they do not overlap.
    pub(crate) steps: Vec<Step>,
    /// How long clients work.
    pub(crate) load: Duration,
}

/// How long a run is that says nothing else, in milliseconds.
const USUAL: u64 = 6_000;
/// How long clients go on after the last fault, at least.
const AFTER: u64 = 2_000;

impl Schedule {
    /// Faults one after the other. A run that must be shorter than they take has them all, shorter.
    pub(crate) fn new(seed: u64, faults: &[&dyn Fault], seconds: Option<f64>) -> Self {
        let mut dice = Dice::new(seed, "schedule");
        let mut now = 0;
        let mut steps = Vec::new();
        for (place, fault) in faults.iter().enumerate() {
            let usual = if place == 0 { (1_500, 2_200) } else { (1_000, 1_600) };
            let (least, most) = fault.comes_after().unwrap_or(usual);
            now += dice.millis(least, most);
            let (least, most) = fault.lasts();
            let lasts = dice.millis(least, most);
            steps.push(Step { fault: fault.name(), place, at_ms: now, lasts_ms: lasts, draw: dice.any() });
            now += lasts;
        }
        let natural = (now + AFTER).max(USUAL);
        let wanted = seconds.map_or(natural, |seconds| Duration::from_secs_f64(seconds).as_millis() as u64);
        if wanted < now + AFTER {
            for step in &mut steps {
                step.at_ms = step.at_ms * wanted / (now + AFTER);
                step.lasts_ms = step.lasts_ms * wanted / (now + AFTER);
            }
        }
        Self { steps, load: Duration::from_millis(wanted) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Who;
    use crate::fault::isolate::Isolate;
    use crate::fault::kill::{Bounce, Kill};

    const FAULTS: &[&dyn Fault] = &[&Isolate(Who::Leader), &Kill(Who::Follower), &Bounce(Who::Leader)];

    #[test]
    fn a_seed_determines_it() {
        assert_eq!(Schedule::new(7, FAULTS, None), Schedule::new(7, FAULTS, None));
        assert_ne!(Schedule::new(7, FAULTS, None), Schedule::new(8, FAULTS, None));
    }

    #[test]
    fn faults_follow_one_another_and_leave_time_to_recover() {
        for seed in 0..200 {
            for seconds in [None, Some(3.0), Some(5.0), Some(30.0)] {
                let Schedule { steps, load } = Schedule::new(seed, FAULTS, seconds);
                assert_eq!(steps.len(), 3);
                let mut over = 0;
                for step in &steps {
                    assert!(step.at_ms > over, "{steps:?}");
                    over = step.at_ms + step.lasts_ms;
                }
                assert!(u128::from(over) < load.as_millis(), "{steps:?} {load:?}");
                assert!(seconds.is_none_or(|seconds| load == Duration::from_secs_f64(seconds)));
            }
        }
    }

    #[test]
    fn a_fault_lasts_as_long_as_it_says() {
        for seed in 0..200 {
            for step in Schedule::new(seed, FAULTS, None).steps {
                let (least, most) = FAULTS[step.place].lasts();
                assert!((least..=most).contains(&step.lasts_ms), "{step:?}");
            }
        }
    }

    #[test]
    fn a_run_without_faults_has_the_usual_length() {
        let schedule = Schedule::new(1, &[], None);
        assert_eq!((schedule.steps.len(), schedule.load), (0, Duration::from_secs(6)));
    }
}
