//! Parts take turns, so that those that are hard do not starve the others.
//!
//! In a round each part that is left may use a share of what there is: so many configurations, and of the memory as much
//! as leaves each worker the same. Whoever is not decided within its share gives back what it held and waits for the next
//! round, whose shares are many times as large: what is done again is a small part of what is done. Who needs more memory
//! than a share has it to itself, after those who do not. Whoever is left alone may use all that there is from the start:
//! with one part there are no rounds.
//!
//! A share is never what a verdict depends on: it is counted in what the search does and not in time, and what is over
//! at the end is over for the limits of the run.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::limits::{Limits, Memory, StopReason};
use crate::verdict::{Decision, Verdict};

/// The configurations that the first round allows to each part: what is easy takes fewer. With as many comparisons as
/// that may take, a part has its turn for some tens of milliseconds.
const FIRST: u64 = 1 << 14;

/// How many more it allows for each operation of the part: one for each is what the easiest searches take.
const EACH: u64 = 4;

/// How many times as many configurations a round allows as the one before.
const GROWTH: u64 = 8;

/// There are at least so many bundles of parts for each thread, so that all end at about the same time.
const BUNDLES: usize = 64;

/// No bundle has more parts: whoever is hard delays those behind it.
const LARGEST_BUNDLE: usize = 64;

/// A bundle has no more operations, if it has more than one part.
const SMALL: usize = 256;

/// The parts of a history on their way to being decided.
pub(crate) struct Rounds<'a> {
    sizes: &'a [usize],
    limits: &'a Limits<'a>,
    /// For each part what is known of it so far.
    decisions: Vec<Mutex<Option<Decision>>>,
    /// By how much more the round allows than the first.
    scale: u64,
}

/// How much of the memory a part may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    /// So many bytes.
    Share(usize),
    /// All.
    Alone,
}

/// What became of a turn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Decided,
    /// It may be decided with more configurations.
    Longer,
    /// It may be decided with more memory.
    Larger,
}

impl<'a> Rounds<'a> {
    /// Parts of these sizes, in operations, to be decided within limits.
    pub(crate) fn new(sizes: &'a [usize], limits: &'a Limits<'a>) -> Self {
        let decisions = sizes.iter().map(|_| Mutex::new(None)).collect();
        Self { sizes, limits, decisions, scale: 1 }
    }

    /// Decides all parts, the largest of a round first; the decisions stand in the order of the parts. Of a part that is
    /// not decided within the limits that is told for which most is known. `is_decided` hears of each part once.
    pub(crate) fn run(
        mut self,
        decide: impl Fn(usize, &Limits<'_>) -> Decision + Sync,
        is_decided: impl Fn(usize, &Decision) + Sync,
    ) -> Vec<Decision> {
        let mut left: Vec<usize> = (0..self.sizes.len()).collect();
        left.sort_by_key(|&part| std::cmp::Reverse(self.sizes[part]));
        // Those that need more memory than a share.
        let mut large: Vec<usize> = Vec::new();
        while left.len() + large.len() > 0 {
            let is_last = left.len() + large.len() == 1;
            let workers = rayon::current_num_threads().min(left.len());
            let room =
                if workers <= 1 { Room::Alone } else { Room::Share(self.limits.memory.free() / workers) };
            let take = |part: usize, room: Room| self.turn(part, room, is_last, &decide, &is_decided);
            let turns: Vec<Mutex<Turn>> = left.iter().map(|_| Mutex::new(Turn::Decided)).collect();
            let bundles = bundles(&left, self.sizes, workers);
            let next = AtomicUsize::new(0);
            let work = |_| {
                while let Some(bundle) = bundles.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for at in bundle.clone() {
                        *turns[at].lock().expect("no turn panics while it is stored") = take(left[at], room);
                    }
                }
            };
            // To wake a thread for one part takes longer than most parts.
            if workers <= 1 {
                work(0);
            } else {
                (0..workers).into_par_iter().with_max_len(1).for_each(work);
            }
            // Whoever is large has waited for all others, and waits for nobody but its like.
            large.retain(|&part| take(part, Room::Alone) != Turn::Decided);
            let turns =
                turns.into_iter().map(|turn| turn.into_inner().expect("no turn panics while it is stored"));
            let turns: Vec<(usize, Turn)> = left.iter().copied().zip(turns).collect();
            let those =
                |wanted| turns.iter().filter(move |&&(_, turn)| turn == wanted).map(|&(part, _)| part);
            large.extend(those(Turn::Larger));
            left = those(Turn::Longer).collect();
            self.scale = self.scale.saturating_mul(GROWTH);
        }
        let decided = |decision: Mutex<Option<Decision>>| {
            decision.into_inner().expect("no decision panics while it is stored")
        };
        self.decisions.into_iter().map(|decision| decided(decision).expect("every part had a turn")).collect()
    }

    fn turn(
        &self,
        part: usize,
        room: Room,
        is_last: bool,
        decide: &(impl Fn(usize, &Limits<'_>) -> Decision + Sync),
        is_decided: &(impl Fn(usize, &Decision) + Sync),
    ) -> Turn {
        let limits = self.limits;
        let first = FIRST.saturating_add(EACH.saturating_mul(self.sizes[part] as u64));
        let configurations =
            if is_last { u64::MAX } else { first.saturating_mul(self.scale) }.min(limits.configurations);
        let decision = match room {
            Room::Alone => decide(part, &Limits { configurations, ..*limits }),
            Room::Share(bytes) => {
                let share = Memory::share(limits.memory, bytes);
                decide(part, &Limits { configurations, stop: limits.stop, memory: &share })
            }
        };
        let turn = match &decision.verdict {
            Verdict::Unknown(cause) => match cause.reason {
                StopReason::Configurations if configurations < limits.configurations => Turn::Longer,
                StopReason::Memory if room != Room::Alone => Turn::Larger,
                _ => Turn::Decided,
            },
            Verdict::Linearizable(_) | Verdict::NotLinearizable(_) => Turn::Decided,
        };
        let mut known = self.decisions[part].lock().expect("no decision panics while it is stored");
        let decision = further(known.take(), decision);
        if turn == Turn::Decided {
            is_decided(part, &decision);
        }
        *known = Some(decision);
        turn
    }
}

/// The places of `left` in the pieces in which threads take them: parts next to each other share lines of the cache, and
/// where there are very many of a few operations each, a thread takes as many at once as have the operations of a small
/// one together.
fn bundles(left: &[usize], sizes: &[usize], workers: usize) -> Vec<Range<usize>> {
    let most = (left.len() / (workers.max(1) * BUNDLES)).clamp(1, LARGEST_BUNDLE);
    let mut bundles = Vec::with_capacity(left.len() / most + 1);
    let (mut first, mut operations) = (0, 0);
    for (at, &part) in left.iter().enumerate() {
        if at > first && (at - first == most || operations + sizes[part] > SMALL) {
            bundles.push(first..at);
            (first, operations) = (at, 0);
        }
        operations += sizes[part];
    }
    if first < left.len() {
        bundles.push(first..left.len());
    }
    bundles
}

/// What is known after one more turn: where that was stopped before it came as far as an earlier one, how far that came.
fn further(earlier: Option<Decision>, latest: Decision) -> Decision {
    match (earlier, &latest.verdict) {
        (Some(mut earlier), Verdict::Unknown(now)) => match &mut earlier.verdict {
            Verdict::Unknown(before) if before.reached.configurations > now.reached.configurations => {
                before.reason = now.reason;
                earlier
            }
            _ => latest,
        },
        _ => latest,
    }
}

#[cfg(test)]
mod tests {
    use seriatim_model::Keys;

    use super::*;
    use crate::limits::Stop;
    use crate::strategy::Strategy;
    use crate::verdict::{Cause, Reached};

    const MEMORY: usize = 1_000;

    /// What a part takes.
    #[derive(Clone, Copy)]
    struct Needs {
        configurations: u64,
        memory: usize,
    }

    /// Runs parts of ten operations that need so much; each turn in its order, with what it was allowed, and the reason
    /// for which each part is not decided.
    fn run(needs: &[Needs], configurations: u64) -> (Vec<(usize, u64)>, Vec<Option<StopReason>>) {
        let (stop, memory) = (Stop::new(), Memory::new(MEMORY));
        let limits = Limits { configurations, stop: &stop, memory: &memory };
        let (turns, heard) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
        let decide = |part: usize, limits: &Limits<'_>| {
            turns.lock().expect("nobody panics").push((part, limits.configurations));
            let needs = needs[part];
            let fits = limits.memory.change(0, needs.memory);
            limits.memory.change(needs.memory, 0);
            let verdict = |reason| {
                let configurations = needs.configurations.min(limits.configurations);
                let reached = Reached { configurations, ..Reached::default() };
                Verdict::Unknown(Cause { reason, reached })
            };
            let verdict = match (fits, needs.configurations <= limits.configurations) {
                (true, true) => Verdict::Linearizable(Vec::new()),
                (false, _) => verdict(StopReason::Memory),
                (true, false) => verdict(StopReason::Configurations),
            };
            let (touched, ops) = (Keys::new(), Vec::new());
            Decision { key: None, touched, ops, strategy: Strategy::Search, configurations: 0, verdict }
        };
        let sizes = vec![10; needs.len()];
        let is_decided = |part, _: &Decision| heard.lock().expect("nobody panics").push(part);
        let decisions = Rounds::new(&sizes, &limits).run(decide, is_decided);
        let mut heard = heard.into_inner().expect("nobody panics");
        heard.sort_unstable();
        assert!(heard.iter().copied().eq(0..needs.len()), "each is heard of once: {heard:?}");
        assert_eq!(memory.free(), MEMORY, "all is given back");
        let reasons = decisions.into_iter().map(|decision| match decision.verdict {
            Verdict::Unknown(cause) => Some(cause.reason),
            Verdict::Linearizable(_) | Verdict::NotLinearizable(_) => None,
        });
        (turns.into_inner().expect("nobody panics"), reasons.collect())
    }

    fn with_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads can be started")
            .install(run)
    }

    const EASY: Needs = Needs { configurations: 10, memory: 1 };

    #[test]
    fn one_part_has_all_at_once() {
        let hard = Needs { configurations: u64::MAX - 1, memory: MEMORY };
        let (turns, reasons) = with_threads(2, || run(&[hard], u64::MAX));
        assert_eq!((turns, reasons), (vec![(0, u64::MAX)], vec![None]));
    }

    #[test]
    fn hard_parts_wait_until_easy_ones_are_decided() {
        for threads in [1, 2, 3] {
            let hard = Needs { configurations: 1_000_000, memory: 1 };
            let needs: Vec<Needs> = [hard; 3].into_iter().chain([EASY; 20]).collect();
            let (turns, reasons) = with_threads(threads, || run(&needs, u64::MAX));
            assert!(reasons.iter().all(Option::is_none), "{reasons:?}");
            let last_easy = turns.iter().rposition(|&(part, _)| part >= 3).expect("each had a turn");
            assert!(last_easy < needs.len(), "each has a turn before any has a second: {turns:?}");
            assert!(turns.iter().filter(|&&(part, _)| part == 0).count() > 2, "{turns:?}");
        }
    }

    #[test]
    fn limits_of_the_run_stay_what_they_are() {
        let hard = Needs { configurations: 100_001, memory: 1 };
        let (turns, reasons) = with_threads(2, || run(&[hard, EASY, hard], 100_000));
        assert_eq!(reasons, [Some(StopReason::Configurations), None, Some(StopReason::Configurations)]);
        assert_eq!(turns.iter().map(|&(_, allowed)| allowed).max(), Some(100_000));
    }

    #[test]
    fn the_turn_that_came_furthest_is_told() {
        let stopped = |reason, configurations| {
            let reached = Reached { configurations, ..Reached::default() };
            let verdict = Verdict::Unknown(Cause { reason, reached });
            let (touched, ops) = (Keys::new(), Vec::new());
            Decision { key: None, touched, ops, strategy: Strategy::Search, configurations, verdict }
        };
        let long = stopped(StopReason::Configurations, 100);
        let cut_off = further(Some(long.clone()), stopped(StopReason::Timeout, 7));
        assert_eq!(cut_off, stopped(StopReason::Timeout, 100));
        let longer = stopped(StopReason::Memory, 101);
        assert_eq!(further(Some(long.clone()), longer.clone()), longer);
        let decided =
            Decision { verdict: Verdict::Linearizable(Vec::new()), ..stopped(StopReason::Memory, 1) };
        assert_eq!(further(Some(long), decided.clone()), decided);
    }

    #[test]
    fn bundles_hold_all_in_their_order() {
        let of = |sizes: &[usize], workers: usize| {
            let left: Vec<usize> = (0..sizes.len()).collect();
            let bundles = bundles(&left, sizes, workers);
            assert!(bundles.iter().cloned().flatten().eq(left), "{bundles:?}");
            bundles
        };
        assert_eq!(of(&[], 2), []);
        // Few parts are taken one by one, and so are large ones.
        assert_eq!(of(&[1; 2 * 2 * BUNDLES - 1], 2).len(), 2 * 2 * BUNDLES - 1);
        assert!(of(&vec![SMALL; 10_000], 2).iter().all(|bundle| bundle.len() == 1));
        let many = of(&[SMALL + 1, SMALL - 1, 1, 1].repeat(10_000), 2);
        assert_eq!(many[..3], [0..1, 1..3, 3..4]);
        assert!(of(&vec![1; 100_000], 2).iter().all(|bundle| bundle.len() <= LARGEST_BUNDLE));
        assert_eq!(of(&vec![1; 100_000], 2).first(), Some(&(0..LARGEST_BUNDLE)));
    }

    #[test]
    fn who_needs_more_memory_than_a_share_has_it_alone() {
        let [large, too_large] = [MEMORY, MEMORY + 1].map(|memory| Needs { configurations: 10, memory });
        for threads in [1, 2, 4] {
            let (_, reasons) = with_threads(threads, || run(&[too_large, large, EASY, large], u64::MAX));
            assert_eq!(reasons, [Some(StopReason::Memory), None, None, None]);
        }
    }
}
