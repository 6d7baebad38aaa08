//! What is counted in a stretch of time.

use crate::grid::Fold;

/// What a node was asked of one kind in a short stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Operations that were called.
    pub calls: u32,
    /// Those of them whose end is recorded, in whatever stretch.
    pub ended_calls: u32,
    /// Operations that ended, and happened.
    pub ok: u32,
    /// Operations that ended, and did not happen.
    pub fail: u32,
    /// Operations that ended, and nobody knows whether they happened.
    pub info: u32,
    /// Of those that ended, the ones that had taken [`LONG`] or longer.
    pub long: u32,
    /// Those of them that happened.
    pub long_ok: u32,
    /// Calls that are not the first try of their request.
    pub again: u32,
    /// Calls of which it is known which try of their request they are.
    pub numbered: u32,
}

/// From here on an operation is a long one, in nanoseconds.
pub const LONG: i64 = 100_000_000;

impl Cell {
    /// Operations that ended.
    pub fn ends(&self) -> u32 {
        self.ok + self.fail + self.info
    }

    /// Operations of which it is settled whether they were answered: those that ended, and those that were called and whose
    /// end is nowhere recorded.
    pub fn settled(&self) -> u32 {
        self.ends() + self.calls.saturating_sub(self.ended_calls)
    }

    /// The share of these that happened; nothing of none.
    pub fn share(&self) -> Option<f64> {
        (self.settled() > 0).then(|| f64::from(self.ok) / f64::from(self.settled()))
    }

    /// How many of them happened, and how many did not or nobody knows.
    pub fn outcomes(&self) -> [u64; 2] {
        [self.ok.into(), (self.settled() - self.ok).into()]
    }
}

impl Fold for Cell {
    fn fold(&mut self, other: Self) {
        self.calls += other.calls;
        self.ended_calls += other.ended_calls;
        self.ok += other.ok;
        self.fail += other.fail;
        self.info += other.info;
        self.long += other.long;
        self.long_ok += other.long_ok;
        self.again += other.again;
        self.numbered += other.numbered;
    }
}

/// How long operations took: how many of each class. Four classes make an octave, from a microsecond to half an hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies(Option<Box<[u32; CLASSES]>>);

const CLASSES: usize = 4 * 31;

/// A microsecond.
const LEAST: u64 = 1_000;

impl Latencies {
    /// Counts an operation that took so many nanoseconds.
    pub fn count(&mut self, latency: u64) {
        self.0.get_or_insert_with(|| Box::new([0; CLASSES]))[class(latency)] += 1;
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.0.iter().flat_map(|counts| counts.iter()).map(|&count| u64::from(count)).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The latency, in nanoseconds and to a fifth of it, that this share of operations does not exceed; nothing of none.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let counts = self.0.as_ref()?;
        let wanted = (share * self.len() as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let class = counts.iter().position(|&count| {
            seen += u64::from(count);
            seen >= wanted
        })?;
        Some(middle(class))
    }

    /// The same to less than a fifth of it, where those of a class lie evenly in it.
    pub fn interpolated(&self, share: f64) -> Option<f64> {
        let wanted = (share * self.len() as f64 - 0.5).max(0.0);
        let mut seen = 0.0;
        let holds = |(class, count): (usize, u32)| {
            let count = f64::from(count);
            let within = (wanted + 0.5 - seen) / count;
            seen += count;
            (count > 0.0 && seen >= wanted).then(|| {
                let (from, to) = (beginning(class), beginning(class + 1));
                from + (to - from) * within.clamp(0.0, 1.0)
            })
        };
        self.counts().enumerate().find_map(holds)
    }

    /// How many took longer than so many nanoseconds, to a fifth of it.
    pub fn longer(&self, than: f64) -> u64 {
        let counts = self.counts().enumerate().filter(|(class, _)| middle(*class) > than);
        counts.map(|(_, count)| u64::from(count)).sum()
    }

    /// How many there are of each class, the shortest first.
    pub fn counts(&self) -> impl Iterator<Item = u32> {
        (0..CLASSES).map(|class| self.0.as_ref().map_or(0, |counts| counts[class]))
    }
}

/// The class of a latency.
fn class(latency: u64) -> usize {
    let scaled = latency / (LEAST / 4);
    let Some(octave) = scaled.checked_ilog2().and_then(|bits| bits.checked_sub(2)) else { return 0 };
    // The two bits below the first one.
    let quarter = scaled >> octave & 3;
    (4 * octave as usize + quarter as usize + 1).min(CLASSES - 1)
}

/// The middle of a class, in nanoseconds.
fn middle(class: usize) -> f64 {
    (beginning(class) + beginning(class + 1)) / 2.0
}

/// The shortest latency of a class, in nanoseconds.
fn beginning(class: usize) -> f64 {
    let Some(at) = class.checked_sub(1) else { return 0.0 };
    let octave = f64::powi(2.0, (at / 4) as i32);
    LEAST as f64 * octave * (1.0 + (at % 4) as f64 / 4.0)
}

impl Fold for Latencies {
    fn fold(&mut self, other: Self) {
        match (&mut self.0, other.0) {
            (_, None) => {}
            (Some(counts), Some(others)) => {
                counts.iter_mut().zip(others.iter()).for_each(|(count, other)| *count += other)
            }
            (none, others) => *none = others,
        }
    }
}

/// What a client was answered by a node in a stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// Operations that it called.
    pub calls: u32,
    /// Operations that ended, and happened.
    pub ok: u32,
    /// Operations that ended otherwise, or never: these count where they were called.
    pub bad: u32,
}

impl Fold for Answered {
    fn fold(&mut self, other: Self) {
        self.calls += other.calls;
        self.ok += other.ok;
        self.bad += other.bad;
    }
}

/// What was asked of a key in a stretch: as a [`Cell`], but for what only nodes and kinds of operations need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnKey {
    /// Operations that were called.
    pub calls: u32,
    /// Those of them whose end is recorded, in whatever stretch.
    pub ended_calls: u32,
    /// Operations that ended, and happened.
    pub ok: u32,
    /// Operations that ended otherwise.
    pub bad: u32,
}

impl Fold for OnKey {
    fn fold(&mut self, other: Self) {
        self.calls += other.calls;
        self.ended_calls += other.ended_calls;
        self.ok += other.ok;
        self.bad += other.bad;
    }
}

impl From<OnKey> for Cell {
    fn from(OnKey { calls, ended_calls, ok, bad }: OnKey) -> Self {
        Self { calls, ended_calls, ok, fail: bad, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_grow_with_latencies_and_are_narrow() {
        let mut last = 0;
        for exponent in 0..300 {
            let latency = 100.0 * 1.1_f64.powi(exponent);
            let of = class(latency as u64);
            assert!(of >= last);
            last = of;
            if (1_000.0..1e12).contains(&latency) {
                let ratio = middle(of) / latency;
                assert!((0.79..1.26).contains(&ratio), "{latency} is told as {}", middle(of));
            }
        }
        assert_eq!((class(0), class(u64::MAX)), (0, CLASSES - 1));
    }

    #[test]
    fn what_lies_evenly_in_a_class_is_told_exactly() {
        let mut some = Latencies::default();
        assert_eq!(some.interpolated(0.5), None);
        // All of them are of one class, from 65.5 ms on.
        (0..1_000).for_each(|at| some.count(65_600_000 + at * 16_000));
        let ratio = some.interpolated(0.5).expect("there are some") / 73.6e6;
        assert!((0.995..1.005).contains(&ratio), "{ratio}");
        let mut more = Latencies::default();
        (1..=1_000).for_each(|at| more.count(at * 1_000_000));
        for (share, expected) in [(0.1, 100e6), (0.25, 250e6), (0.5, 500e6), (0.9, 900e6)] {
            let ratio = more.interpolated(share).expect("there are some") / expected;
            assert!((0.97..1.03).contains(&ratio), "{share}: {ratio}");
        }
        assert!(more.interpolated(1.0).is_some_and(|most| most <= 1.2e9));
    }

    #[test]
    fn quantiles_are_those_of_the_operations() {
        let mut some = Latencies::default();
        assert_eq!(some.quantile(0.5), None);
        (1..=1_000).for_each(|at| some.count(at * 1_000_000));
        let mut others = Latencies::default();
        others.fold(some);
        for (share, expected) in [(0.5, 500e6), (0.99, 990e6), (0.0, 1e6), (1.0, 1_000e6)] {
            let ratio = others.quantile(share).expect("there are some") / expected;
            assert!((0.8..1.25).contains(&ratio), "{share}: {ratio}");
        }
    }
}
