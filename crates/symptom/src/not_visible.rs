//! What a history cannot show: said beside what it shows, so that silence is not taken for health.

use crate::observed::Observed;
use crate::observer::MOST_KEYS;
use crate::proved::Joined;

/// Something that no rule can see in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotVisible {
    /// No operation has a time, so no rule had anything to go by.
    Times,
    /// So many operations have no time.
    SomeTimes(u64),
    /// No operation tells its node.
    Nodes,
    /// There are more pairs of a client and a node than are told apart.
    Clients,
    /// There are more keys than are told apart.
    Keys,
    /// No fault is recorded.
    Faults,
    /// Faults are recorded without their times: how many.
    FaultTimes(u64),
    /// Nothing tells which try of its request an operation is.
    Attempts,
    /// Nothing was stamped by a server.
    Stamps,
    /// So many operations have no end.
    Ends(u64),
    /// Too little was asked without faults to say what is usual.
    Baseline,
    /// So many wrong answers have no time.
    Wrong(u64),
    /// Why anything was as it was.
    RootCause,
    /// What waited within the system, and where.
    Queueing,
    /// Wrong data that nobody read.
    UnreadCorruption,
    /// Replicas that differ while nobody asks both.
    Divergence,
    /// What the run did not do.
    NeverExercised,
}

/// What no history of clients can show.
const ALWAYS: [NotVisible; 5] = [
    NotVisible::RootCause,
    NotVisible::Queueing,
    NotVisible::UnreadCorruption,
    NotVisible::Divergence,
    NotVisible::NeverExercised,
];

/// With fewer operations outside of faults nobody can say what is usual.
const LEAST_USUAL: u64 = 200;

impl NotVisible {
    /// It in a sentence, which begins with a small letter and has no full stop.
    pub fn sentence(self) -> String {
        let counted = |count: u64, one: &str, many: &str| match count {
            1 => format!("one {one}"),
            _ => format!("{count} {many}"),
        };
        match self {
            Self::Times => "no operation has a time: nothing is known of gaps, latencies and recovery".into(),
            Self::SomeTimes(count) => {
                let those =
                    counted(count, "operation has no time and is", "operations have no times and are");
                format!("{those} in no rate and no latency")
            }
            Self::Nodes => "operations do not tell their node: no node can be told from another".into(),
            Self::Clients => {
                "there are too many clients to follow each: nobody looked at who reached whom".into()
            }
            Self::Keys => {
                format!(
                    "there are more than {MOST_KEYS} keys: nobody looked at whether some of them were not served"
                )
            }
            Self::Faults => "no faults are recorded: nothing is known of recovery".into(),
            Self::FaultTimes(count) => {
                let those = counted(count, "fault has no time", "faults have no times");
                format!("{those}: what followed on them is not known")
            }
            Self::Attempts => {
                "no attempts are recorded: what a driver tries again by itself does not show".into()
            }
            Self::Stamps => "servers stamped nothing: how far their clocks are apart does not show".into(),
            Self::Ends(count) => {
                let those = counted(count, "operation has no end", "operations have no end");
                format!("{those}: how long they waited, and for what, is not known")
            }
            Self::Baseline => {
                "too little was asked outside of faults to say what is usual: nothing was compared with it"
                    .into()
            }
            Self::Wrong(count) => {
                let those =
                    counted(count, "wrong answer has no known time", "wrong answers have no known time");
                format!("{those}: what else went on then is not known")
            }
            Self::RootCause => "root causes: a history tells what came first, not why".into(),
            Self::Queueing => "queues within the system: clients see only how long they waited".into(),
            Self::UnreadCorruption => "wrong data that nobody read".into(),
            Self::Divergence => "replicas that differ while nobody asks both".into(),
            Self::NeverExercised => "whatever the run did not exercise, between its faults as well".into(),
        }
    }
}

/// What this history cannot show: what it lacks first, then what none can show.
pub fn not_visible(observed: &Observed, joined: &Joined) -> Vec<NotVisible> {
    let mut all = Vec::new();
    if observed.operations == 0 {
        return ALWAYS.to_vec();
    }
    let wrong = joined.proved.iter().filter(|proved| proved.time.is_none()).count() as u64;
    if observed.untimed == observed.operations {
        all.push(NotVisible::Times);
    } else {
        let counts = observed.counts(|_, _| true);
        let sum =
            |of: fn(&crate::cell::Cell) -> u32| counts.iter().map(|cell| u64::from(of(cell))).sum::<u64>();
        let open = sum(|cell| cell.calls - cell.ended_calls);
        all.extend((observed.untimed > 0).then_some(NotVisible::SomeTimes(observed.untimed)));
        all.extend((observed.nodes() == [None]).then_some(NotVisible::Nodes));
        all.extend(observed.pairs.is_none().then_some(NotVisible::Clients));
        all.extend(observed.keys.is_none().then_some(NotVisible::Keys));
        let untimed = observed.windows.iter().filter(|window| window.from.is_none()).count() as u64;
        if observed.windows.is_empty() {
            all.push(NotVisible::Faults);
        } else if untimed > 0 {
            all.push(NotVisible::FaultTimes(untimed));
        }
        all.extend((!observed.are_tries_known).then_some(NotVisible::Attempts));
        all.extend(observed.stamps.is_empty().then_some(NotVisible::Stamps));
        all.extend((open > 0).then_some(NotVisible::Ends(open)));
        all.extend((usual(observed) < LEAST_USUAL).then_some(NotVisible::Baseline));
        all.extend((wrong > 0).then_some(NotVisible::Wrong(wrong)));
    }
    all.extend(ALWAYS);
    all
}

/// How many operations were called while no fault lasted.
fn usual(observed: &Observed) -> u64 {
    let is_faulted = |time: i64| {
        let mut timed = observed.windows.iter().filter_map(|window| Some((window.from?, window.to)));
        timed.any(|(from, to)| from <= time && to.is_none_or(|to| time < to))
    };
    let cells = observed.counts(|_, _| true).into_iter().zip(observed.cells.span());
    let free = cells.filter(|&(_, place)| !is_faulted(observed.cells.time(place)));
    free.map(|(cell, _)| u64::from(cell.calls)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observer::Told;
    use crate::trace::{Came, READ, Trace, ms};

    #[test]
    fn what_is_lacking_is_said_first() {
        let mut trace = Trace::new();
        trace.steady(0..1_000, 10, 2).add((0, 0), READ, 500, None);
        let all = not_visible(&trace.observed(), &Joined::default());
        use NotVisible::{Attempts, Baseline, Ends, Faults, Stamps};
        assert_eq!(all[..5], [Faults, Attempts, Stamps, Ends(1), Baseline]);
        assert_eq!(all[5..], ALWAYS);
        assert!(all[3].sentence().starts_with("one operation has no end: "));
    }

    #[test]
    fn what_is_there_is_not_said() {
        let mut trace = Trace::new();
        trace.steady(0..5_000, 10, 2).fault(3_000, 4_000, &[]);
        let told = Told { attempt: Some(1), server_time: Some(ms(100)), ..Told::default() };
        trace.told((0, 0), READ, 100, Some((1, Came::Ok)), told);
        assert_eq!(not_visible(&trace.observed(), &Joined::default()), ALWAYS);
    }

    #[test]
    fn without_times_only_that_is_lacking() {
        let observed =
            crate::observer::Observer::default().finish(Vec::new(), &seriatim_history::Values::new());
        assert_eq!(not_visible(&observed, &Joined::default()), ALWAYS);
        let untimed = Observed { operations: 3, untimed: 3, ..observed };
        assert_eq!(not_visible(&untimed, &Joined::default())[0], NotVisible::Times);
    }
}
