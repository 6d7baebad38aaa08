//! An order of all operations that keeps to each session and to the forced order of versions, if going ahead leads to
//! one.
//!
//! A read waits for its version, a swap for its version and for all others that see it, and neither is in anybody's way
//! once it need not wait. A write that begins a chain waits for the end of the chain that is there and of all chains that
//! come before its own; of several that need not wait one is [preferred](Preference). With one key nothing waits forever,
//! where chains have an order: the first chain that is not at its end has all that its operations wait for. Over several
//! keys all may wait for each other. Then of the chains that are in the way the one that came last is put behind the one
//! that it is in the way of, and what was done since is done anew. That is a guess, too: where there is no way on for it,
//! or it takes too long, nothing is said.
//!
//! At most one operation of each session waits, so it takes no more steps than operations times sessions, and for each
//! repair as many as there are operations.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use crate::chain::{Chains, Order};
use crate::pace::Pace;
use crate::session::{Source, Step, Steps};

/// Which write goes first, of those that may begin a chain. All are guesses: a write whose readers are far away would be
/// in the way until they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Preference {
    /// The one for which no other session has far to go to where it first meets the chain.
    FirstMeeting,
    /// The one for which all sessions together have the least way to go to where they are done with the chain.
    LastMeeting,
    /// The one that was called first.
    Call,
}

/// What is preferred first, and then if that leads nowhere.
pub(super) const PREFERENCES: [Preference; 3] =
    [Preference::FirstMeeting, Preference::LastMeeting, Preference::Call];

/// So many sessions that meet a chain are looked at.
const MEETINGS: usize = 32;

/// How many steps may be done again, since none could go on and a chain was put before another: where more of the order
/// may still come to light, and where none will.
pub(super) const FEW: usize = 1 << 22;
pub(super) const MANY: usize = 1 << 25;

/// The order; `None` where there is no way on, or it is time to stop.
pub(super) fn schedule(
    steps: &Steps,
    chains: &Chains,
    order: &[Order],
    preference: Preference,
    repeats: usize,
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<usize>> {
    let mut order: Vec<(usize, usize)> = order.iter().map(|order| (order.first, order.second)).collect();
    let mut done: Vec<usize> = Vec::with_capacity(steps.all.len());
    let mut pace = Pace::new(goes_on);
    let mut repeated = 0;
    // The same pair does not come up twice, so this ends.
    while repeated <= repeats {
        let mut schedule = Schedule::new(steps, chains, &order, &done);
        while let Some(step) = schedule.next(preference) {
            if !pace.goes_on_with(1 + schedule.roots.len()) {
                return None;
            }
            if schedule.must_wait(step) {
                schedule.waiting[steps.all[step].key].push(step);
            } else {
                done.push(step);
                schedule.finish(step);
            }
        }
        if done.len() == steps.all.len() {
            return Some(done);
        }
        let (first, second) = schedule.too_early(&done)?;
        order.push((first, second));
        let root = chains.all[second].root?;
        done.truncate(done.iter().rposition(|&step| step == root)?);
        repeated += steps.all.len();
        if !pace.goes_on_with(steps.all.len()) {
            return None;
        }
    }
    None
}

/// Where a session meets a chain: the places there of its first and of its last operation of it.
#[derive(Clone, Copy)]
struct Meeting {
    session: usize,
    first: usize,
    last: usize,
}

struct Schedule<'a> {
    steps: &'a Steps,
    chains: &'a Chains,
    /// By session: how much was done.
    done: Vec<usize>,
    /// What may be next, as far as its session goes, and begins no chain.
    next: BinaryHeap<Reverse<usize>>,
    /// And what begins one.
    roots: BTreeSet<usize>,
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
    meetings: Vec<Vec<Meeting>>,
}

impl<'a> Schedule<'a> {
    /// What is left when some steps are done, in their order.
    fn new(steps: &'a Steps, chains: &'a Chains, order: &[(usize, usize)], done: &[usize]) -> Self {
        let mut all = Self {
            steps,
            chains,
            done: vec![0; steps.sessions.len()],
            next: BinaryHeap::new(),
            roots: BTreeSet::new(),
            meetings: meetings(steps, chains),
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
                *all.readers(step.key, source) += 1;
            }
        }
        for &(first, second) in order {
            all.waits_for[second] += 1;
            all.followers[first].push(second);
        }
        for &step in done {
            all.count(step);
        }
        for session in 0..steps.sessions.len() {
            all.offer(all.front(session));
        }
        all
    }

    /// What a session does next.
    fn front(&self, session: usize) -> Option<usize> {
        self.steps.sessions[session].get(self.done[session]).copied()
    }

    /// What may be next, as far as its session goes.
    fn offer(&mut self, steps: impl IntoIterator<Item = usize>) {
        for step in steps {
            let Step { writes, source, .. } = self.steps.all[step];
            if writes && source.is_none() {
                _ = self.roots.insert(step)
            } else {
                self.next.push(Reverse(step))
            }
        }
    }

    /// Takes what is next; `None` where all have to wait.
    fn next(&mut self, preference: Preference) -> Option<usize> {
        if let Some(Reverse(step)) = self.next.pop() {
            return Some(step);
        }
        let may_go = self.roots.iter().copied().filter(|&root| !self.must_wait(root));
        let root = may_go.min_by_key(|&root| (self.way(root, preference), root))?;
        self.roots.remove(&root);
        Some(root)
    }

    /// How far sessions have to go to where they meet the chain that a write begins.
    fn way(&self, root: usize, preference: Preference) -> usize {
        let Some(place) = self.chains.places[root] else { return 0 };
        let meetings = self.meetings[place.chain].iter().take(MEETINGS);
        let to = |session: usize, place: usize| place.saturating_sub(self.done[session]);
        match preference {
            Preference::FirstMeeting => {
                let others = meetings.filter(|meeting| meeting.session != self.steps.all[root].session);
                others.map(|meeting| to(meeting.session, meeting.first)).max().unwrap_or(0)
            }
            Preference::LastMeeting => meetings.map(|meeting| to(meeting.session, meeting.last)).sum(),
            Preference::Call => 0,
        }
    }

    /// How many have still to see a version, and only see it.
    fn readers(&mut self, key: usize, source: Source) -> &mut usize {
        match source {
            Source::Write(write) => &mut self.readers[write],
            Source::Initial | Source::Nowhere => &mut self.initial_readers[key],
        }
    }

    fn must_wait(&self, step: usize) -> bool {
        let what = &self.steps.all[step];
        let (version, chain) = self.there[what.key];
        match what.source {
            Some(source) if source != version => true,
            Some(Source::Write(write)) => what.writes && self.readers[write] > 0,
            Some(Source::Initial | Source::Nowhere) => what.writes && self.initial_readers[what.key] > 0,
            None if what.writes => {
                let own = self.chains.places[step].map(|place| place.chain);
                self.left[chain] > 0 || own.is_none_or(|own| self.waits_for[own] > 0)
            }
            None => false,
        }
    }

    /// Notes what was done, and lets go on who waited for that.
    fn finish(&mut self, step: usize) {
        let Step { key, session, .. } = self.steps.all[step];
        if self.count(step) {
            let waiting = std::mem::take(&mut self.waiting[key]);
            self.offer(waiting);
        }
        self.offer(self.front(session));
    }

    /// Notes what was done; whether somebody may have waited for that.
    fn count(&mut self, step: usize) -> bool {
        let what = &self.steps.all[step];
        self.done[what.session] = what.at + 1;
        let mut has_changed = what.writes;
        if what.reads_only()
            && let Some(source) = what.source
        {
            let readers = self.readers(what.key, source);
            *readers -= 1;
            has_changed |= *readers == 0;
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
        has_changed
    }

    /// Where all wait for each other: of the chains that are there and in the way of others the one that came last, behind
    /// the one that it is in the way of.
    fn too_early(&self, done: &[usize]) -> Option<(usize, usize)> {
        let mut session = (0..self.done.len()).find(|&session| self.front(session).is_some())?;
        // From session to session that is waited for, until one comes again; and what was in the way.
        let mut passed: Vec<(usize, Option<(usize, usize)>)> = Vec::new();
        let round = loop {
            if let Some(at) = passed.iter().position(|&(known, _)| known == session) {
                break at;
            }
            let (next, in_the_way) = self.awaits(session)?;
            passed.push((session, in_the_way));
            session = next;
        };
        let begun = |chain: usize| {
            let root = self.chains.all[chain].root?;
            done.iter().rposition(|&step| step == root)
        };
        let in_the_way = passed[round..].iter().filter_map(|&(_, pair)| pair);
        in_the_way.filter_map(|pair| Some((begun(pair.1)?, pair))).max().map(|(_, pair)| pair)
    }

    /// Which session another waits for; with its own chain and the one in the way, where that is why.
    fn awaits(&self, session: usize) -> Option<(usize, Option<(usize, usize)>)> {
        let front = self.front(session)?;
        let (_, there) = self.there[self.steps.all[front].key];
        let own = self.chains.places[front]?.chain;
        let is_left = |meeting: &&Meeting| self.done[meeting.session] <= meeting.last;
        let next = |chain: usize, but: Option<usize>| {
            let left = self.meetings[chain].iter().filter(is_left);
            left.map(|meeting| meeting.session).find(|&session| Some(session) != but)
        };
        if own == there {
            return Some((next(own, Some(session))?, None));
        }
        match next(there, None) {
            Some(other) => Some((other, Some((own, there)))),
            None => {
                let root = self.chains.all[own].root?;
                Some((self.steps.all[root].session, None)).filter(|&(other, _)| other != session)
            }
        }
    }
}

/// By chain: where sessions meet it.
fn meetings(steps: &Steps, chains: &Chains) -> Vec<Vec<Meeting>> {
    let mut all: Vec<Vec<Meeting>> = vec![Vec::new(); chains.all.len()];
    for &step in steps.sessions.iter().flatten() {
        let Some(place) = chains.places[step] else { continue };
        let Step { session, at, .. } = steps.all[step];
        match all[place.chain].last_mut() {
            Some(known) if known.session == session => known.last = at,
            _ => all[place.chain].push(Meeting { session, first: at, last: at }),
        }
    }
    all
}
