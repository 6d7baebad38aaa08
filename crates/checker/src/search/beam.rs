//! A sweep over the returns that keeps the best configurations of each: breadth first, where depth first is stuck.

use std::collections::BTreeMap;

use super::Answer;
use super::config::{Config, Step};
use super::seen::Seen;
use super::window::Window;
use super::worker::{Settled, Worker};
use crate::limits::StopReason;

/// A configuration and how it was reached: its number among all.
type Reached<W> = (Config<W>, u32);

/// The configurations of one return.
struct Front<W> {
    seen: Seen<W>,
    all: Vec<Reached<W>>,
}

/// After how many steps a sweep looks at the limits.
const EVERY: usize = 1 << 8;

/// What a sweep came to.
pub(super) enum Swept {
    /// This is the answer.
    Answer(Answer),
    /// It left configurations out, and found nothing.
    Nothing,
}

impl<W: Window> Worker<'_, '_, W> {
    /// Sweeps over the returns from a configuration on the path on, keeping so many configurations of each and entering
    /// so many in all. Where it finds no order, that means nothing unless it began at the start and left none out.
    pub(super) fn sweep(&mut self, from: usize, width: usize, budget: u64) -> Swept {
        let setup = self.shared.setup;
        let mut steps: Vec<(u32, Step)> = Vec::new();
        let mut fronts: BTreeMap<u32, Front<W>> = BTreeMap::new();
        let new = || Front { seen: Seen::new(setup.width, true), all: Vec::new() };
        let (start, step) = self.on_path(from);
        steps.push((u32::MAX, step));
        fronts.insert(start.event, Front { all: vec![(start, 0)], ..new() });
        let held = size_of::<Reached<W>>() + W::heap(setup.width);
        let mut left_out = from > 0;
        let mut entered = 0;
        let mut furthest = 0;
        let mut next_look = EVERY;
        while let Some((event, mut front)) = fronts.pop_first() {
            furthest = event;
            self.shared.reach(event as usize);
            if setup.end.is_some_and(|end| event as usize >= end) {
                return Swept::Answer(Answer::No(event as usize));
            }
            if front.all.len() > width {
                front.all.sort_by_cached_key(|(config, _)| self.cost(config));
                front.all.truncate(width);
                left_out = true;
            }
            front.all.reverse();
            let mut here = front.all.len();
            while let Some((config, number)) = front.all.pop() {
                entered += 1;
                if !self.count() {
                    return Swept::Answer(Answer::Stopped(StopReason::Configurations));
                }
                for (step, settled) in self.successors(&config) {
                    let place = u32::try_from(steps.len()).expect("fewer than 2^32 steps");
                    steps.push((number, step));
                    match settled {
                        Settled::Done => {
                            return Swept::Answer(Answer::Yes(self.retrace(from, &steps, place)));
                        }
                        Settled::At(next) => {
                            let is_here = next.event == event;
                            let front = if is_here {
                                &mut front
                            } else {
                                fronts.entry(next.event).or_insert_with(new)
                            };
                            self.cursor_to(next.event);
                            if self.starved(&next, config.state).is_some()
                                || !self.enter_into(&mut front.seen, &next)
                            {
                                steps.pop();
                            } else if is_here && here >= width.saturating_mul(8) {
                                left_out = true;
                            } else {
                                here += usize::from(is_here);
                                front.all.push((next, place));
                            }
                        }
                    }
                }
                if entered >= budget || self.shared.is_done() {
                    return Swept::Nothing;
                }
                if steps.len() >= next_look {
                    next_look = steps.len() + EVERY;
                    let kept = fronts
                        .values()
                        .chain([&front])
                        .map(|front| 3 * held * front.all.capacity() + front.seen.held());
                    let bytes = kept.sum::<usize>() + steps.capacity() * size_of::<(u32, Step)>();
                    match self.look(bytes) {
                        // Without the sweep there may be enough.
                        Some(Answer::Stopped(StopReason::Memory)) => return Swept::Nothing,
                        Some(answer) => return Swept::Answer(answer),
                        None => {}
                    }
                }
            }
        }
        if left_out { Swept::Nothing } else { Swept::Answer(Answer::No(furthest as usize)) }
    }

    /// The steps of a path: those that led to where the sweep began, and those of the sweep.
    fn retrace(&mut self, from: usize, steps: &[(u32, Step)], last: u32) -> Vec<(u32, u32)> {
        let mut behind = Vec::new();
        let mut at = last;
        while at != 0 {
            let (before, step) = steps[at as usize];
            behind.push(step);
            at = before;
        }
        behind.reverse();
        self.tell_from(from, behind)
    }
}
