//! An order of all operations that keeps to each session and to the forced order of versions, if going ahead leads to
//! one: the earliest call first, of what may be next.
//!
//! A read waits for its version, a swap for its version and for all others that see it, a write for the end of the chain
//! that is there and of all chains that come before its own. So nothing that was done is in the way of what is left on
//! the same key; over several keys all may wait for each other, and then nothing is said. With one key nothing waits
//! forever, where chains have an order: the first chain that is not at its end has all that its operations wait for. Each
//! operation waits at one place at a time, and at most one of each session waits.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::chain::{Chains, Order};
use crate::pace::Pace;
use crate::session::{Source, Steps};

/// The order; `None` where there is no way on, or it is time to stop.
pub(super) fn schedule(
    steps: &Steps,
    chains: &Chains,
    order: &[Order],
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<usize>> {
    let mut schedule = Schedule::new(steps, chains, order);
    let mut done = Vec::with_capacity(steps.all.len());
    let mut pace = Pace::new(goes_on);
    while let Some(Reverse(step)) = schedule.next.pop() {
        if !pace.goes_on_with(1) {
            return None;
        }
        if schedule.must_wait(step) {
            schedule.waiting[steps.all[step].key].push(step);
        } else {
            done.push(step);
            schedule.finish(step);
        }
    }
    (done.len() == steps.all.len()).then_some(done)
}

struct Schedule<'a> {
    steps: &'a Steps,
    chains: &'a Chains,
    /// What may be next, as far as its session goes.
    next: BinaryHeap<Reverse<usize>>,
    /// By key: what waits for something to change.
    waiting: Vec<Vec<usize>>,
    /// By key: the version and the chain that are there.
    there: Vec<(Source, usize)>,
    /// By key and by write: how many that only see a version have still to do so.
    initial_readers: Vec<usize>,
    readers: Vec<usize>,
    /// By chain: how many of its operations are left, how many chains it waits for, and which wait for it.
    left: Vec<usize>,
    waits_for: Vec<usize>,
    followers: Vec<Vec<usize>>,
}

impl<'a> Schedule<'a> {
    fn new(steps: &'a Steps, chains: &'a Chains, order: &[Order]) -> Self {
        let mut all = Self {
            steps,
            chains,
            next: steps.sessions.iter().filter_map(|session| session.first().copied().map(Reverse)).collect(),
            waiting: vec![Vec::new(); steps.keys],
            there: (0..steps.keys).map(|key| (Source::Initial, key)).collect(),
            initial_readers: vec![0; steps.keys],
            readers: vec![0; steps.all.len()],
            left: chains.all.iter().map(|chain| chain.members).collect(),
            waits_for: vec![0; chains.all.len()],
            followers: vec![Vec::new(); chains.all.len()],
        };
        for step in steps.all.iter().filter(|step| step.reads_only()) {
            if let Some(source) = step.source {
                all.count(step.key, source, |readers| readers + 1);
            }
        }
        for order in order {
            all.waits_for[order.second] += 1;
            all.followers[order.first].push(order.second);
        }
        all
    }

    /// Changes how many have still to see a version; how many these are.
    fn count(&mut self, key: usize, source: Source, change: impl Fn(usize) -> usize) -> usize {
        let readers = match source {
            Source::Write(write) => &mut self.readers[write],
            Source::Initial | Source::Nowhere => &mut self.initial_readers[key],
        };
        *readers = change(*readers);
        *readers
    }

    fn must_wait(&mut self, step: usize) -> bool {
        let what = &self.steps.all[step];
        let (version, chain) = self.there[what.key];
        match what.source {
            Some(source) if source != version => true,
            Some(source) => what.writes && self.count(what.key, source, |readers| readers) > 0,
            None if what.writes => {
                let own = self.chains.places[step].map(|place| place.chain);
                self.left[chain] > 0 || own.is_none_or(|own| self.waits_for[own] > 0)
            }
            None => false,
        }
    }

    /// Notes what was done, and lets go on who waited for that.
    fn finish(&mut self, step: usize) {
        let what = &self.steps.all[step];
        let mut has_changed = what.writes;
        if what.reads_only()
            && let Some(source) = what.source
        {
            has_changed |= self.count(what.key, source, |readers| readers - 1) == 0;
        }
        if let Some(place) = self.chains.places[step] {
            if what.writes {
                self.there[what.key] = (Source::Write(step), place.chain);
            }
            self.left[place.chain] -= 1;
            if self.left[place.chain] == 0 {
                has_changed = true;
                for follower in std::mem::take(&mut self.followers[place.chain]) {
                    self.waits_for[follower] -= 1;
                }
            }
        }
        if has_changed {
            self.next.extend(self.waiting[what.key].drain(..).map(Reverse));
        }
        let session = &self.steps.sessions[what.session];
        self.next.extend(session.get(what.at + 1).copied().map(Reverse));
    }
}
