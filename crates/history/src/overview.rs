//! A run as a whole: how many operations ended how in each stretch of time, and how long they took.

use hdrhistogram::Histogram;

use crate::coverage::Outcomes;
use crate::operation::{Completion, History, Operation};
use crate::value::ValueId;

/// The most stretches that a run is cut into.
const BUCKETS: i64 = 120;

/// The most operations that are shown one by one, but for the slowest of each stretch.
const DOTS: usize = 1_500;

/// How long a stretch may be, in nanoseconds, times a power of ten.
const STEPS: [i64; 3] = [1, 2, 5];

/// A run as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// The recorded time of the first event, in nanoseconds.
    pub from: i64,
    /// How long a stretch is, in nanoseconds.
    pub step: i64,
    /// The stretches, one after the other.
    pub buckets: Vec<Bucket>,
    /// Some operations, in the order of their calls.
    pub dots: Vec<Dot>,
}

/// What ended in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bucket {
    /// How many operations ended how. Those whose end was not recorded are in none.
    pub outcomes: Outcomes,
    /// How long those that happened took, in nanoseconds, to one part in a hundred: half of them no longer than the first,
    /// and 99 of a hundred no longer than the second.
    pub latency: Option<(u64, u64)>,
}

/// An operation of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dot {
    /// The recorded time of its call, in nanoseconds.
    pub call: i64,
    /// How long it took, in nanoseconds.
    pub latency: u64,
    /// What was asked.
    pub function: ValueId,
    /// What became of it.
    pub completion: Completion,
}

impl Overview {
    /// The overview of a history; `None` where it tells no times.
    pub fn of(history: &History) -> Option<Self> {
        let operations = &history.operations;
        let times =
            || operations.iter().flat_map(|of| [of.call.time, of.end.and_then(|end| end.time)]).flatten();
        let (from, to) = (times().min()?, times().max()?);
        let step = step(to.saturating_sub(from));
        let place = |time: i64| usize::try_from(time.saturating_sub(from) / step).unwrap_or(0);
        let mut buckets = vec![Bucket::default(); place(to) + 1];
        let mut latencies: Vec<Option<Histogram<u32>>> = vec![None; buckets.len()];
        let mut slowest: Vec<Option<Dot>> = vec![None; buckets.len()];
        let every = operations.len().div_ceil(DOTS).max(1);
        let mut dots = Vec::new();
        for (at, operation) in operations.iter().enumerate() {
            let Some((end, dot)) = ended(operation) else { continue };
            let bucket = place(end);
            buckets[bucket].outcomes.count(operation.completion);
            if let Completion::Ok(_) = operation.completion {
                latencies[bucket].get_or_insert_with(histogram).saturating_record(dot.latency);
            }
            if at % every == 0 {
                dots.push(dot);
            } else if slowest[bucket].is_none_or(|known| known.latency < dot.latency) {
                slowest[bucket] = Some(dot);
            }
        }
        for (bucket, latencies) in buckets.iter_mut().zip(&latencies) {
            let quantile = |histogram: &Histogram<u32>, of| histogram.value_at_quantile(of);
            bucket.latency = latencies.as_ref().map(|all| (quantile(all, 0.5), quantile(all, 0.99)));
        }
        dots.extend(slowest.into_iter().flatten());
        dots.sort_by_key(|dot| (dot.call, dot.latency));
        Some(Self { from, step, buckets, dots })
    }
}

/// The time at which an operation ended, and what is shown of it.
fn ended(operation: &Operation) -> Option<(i64, Dot)> {
    let (call, end) = (operation.call.time?, operation.end?.time?);
    let latency = u64::try_from(end.saturating_sub(call)).unwrap_or(0);
    let &Operation { function, completion, .. } = operation;
    Some((end, Dot { call, latency, function, completion }))
}

fn histogram() -> Histogram<u32> {
    const DIGITS: u8 = 2;
    const DAY: u64 = 86_400_000_000_000;
    Histogram::new_with_bounds(1, DAY, DIGITS).expect("the bounds are in order")
}

/// The shortest round time of which no more than [`BUCKETS`] cover `whole`.
fn step(whole: i64) -> i64 {
    let powers = (0..=18).map(|power| 10_i64.pow(power));
    let mut steps = powers.flat_map(|power| STEPS.map(|step| step.saturating_mul(power)));
    steps.find(|&step| whole / step < BUCKETS).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{self, csv::ColumnMap};
    use crate::{Format, HistoryBuilder, Source, SourceId, build::Overrides};

    fn read(text: &str) -> History {
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        format::read(Format::Jsonl, Source { id: SourceId(0), text }, &ColumnMap::default(), &mut builder);
        builder.finish(Overrides::default()).expect("the history is well-formed")
    }

    #[test]
    fn stretches_are_round_and_cover_the_run() {
        for (whole, expected) in
            [(0, 1), (119, 1), (120, 2), (239, 2), (240, 5), (600, 10), (61_000_000_000, 1_000_000_000)]
        {
            assert_eq!(step(whole), expected, "{whole}");
        }
        assert!(step(i64::MAX) > i64::MAX / BUCKETS);
    }

    #[test]
    fn what_ends_in_a_stretch_counts_there() {
        let mut text = String::new();
        for at in 0..1_000_u64 {
            let (call, end) =
                (at * 10_000_000, at * 10_000_000 + 1_000_000 * (1 + u64::from(at == 500) * 800));
            let kind = if at % 10 == 9 { "fail" } else { "ok" };
            text += &format!(
                "{{\"process\":{at},\"f\":\"write\",\"value\":{at},\"type\":\"{kind}\",\"call\":{call},\"return\":{end}}}\n"
            );
        }
        text += "{\"process\":\"x\",\"f\":\"read\",\"value\":null,\"type\":\"info\",\"call\":0,\"return\":null}\n";
        let overview = Overview::of(&read(&text)).expect("it has times");
        let sum = |of: fn(&Bucket) -> usize| overview.buckets.iter().map(of).sum::<usize>();
        assert_eq!((sum(|of| of.outcomes.ok), sum(|of| of.outcomes.fail)), (900, 100));
        assert_eq!((overview.from, overview.step, overview.buckets.len()), (0, 100_000_000, 100));
        let latency = |at: usize| overview.buckets[at].latency.expect("some happened");
        let is_about = |found: u64, of: u64| found >= of && found * 99 <= of * 100;
        assert!(is_about(latency(0).0, 1_000_000) && is_about(latency(0).1, 1_000_000), "{:?}", latency(0));
        // The slow one ended in the stretch at 5.8 seconds.
        assert!(is_about(latency(58).1, 801_000_000), "{:?}", latency(58));
        assert!(overview.dots.len() <= 1_000 && overview.dots.iter().any(|dot| dot.latency == 801_000_000));
    }

    #[test]
    fn few_of_many_are_shown_and_the_slowest_are_among_them() {
        let text: String = (0..20_000_u64)
            .map(|at| {
                let end = 1_000 * at + 10 + u64::from(at == 7_777) * 5_000;
                format!("{{\"process\":{at},\"f\":\"read\",\"value\":1,\"type\":\"ok\",\"call\":{},\"return\":{end}}}\n", 1_000 * at)
            })
            .collect();
        let overview = Overview::of(&read(&text)).expect("it has times");
        assert!((DOTS / 2..=DOTS + 120).contains(&overview.dots.len()), "{}", overview.dots.len());
        assert!(overview.dots.iter().any(|dot| dot.latency == 5_010));
        assert!(
            Overview::of(&read("{\"process\":0,\"type\":\"invoke\",\"f\":\"read\",\"value\":null}\n"))
                .is_none()
        );
    }
}
