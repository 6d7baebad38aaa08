//! The guarantees of sessions, as far as clients can tell: what a session reads, compared with what it had seen and done.
//!
//! One way over each session, with what it has seen so far of each other session: the furthest write of it, and on each
//! key the furthest. About linear; a read of an initial value asks after every session whose writes were seen, and any
//! other read after every session that had read the same version.
//!
//! Each violation contradicts PRAM, that of writes-follow-reads causal memory: in the order of all writes and own reads
//! the write that is said to be newer comes before the read, since what the session saw of it does, and after the one
//! that was read.

use rustc_hash::FxHashMap;

use super::{Guarantee, Held, Why};
use crate::pace::Pace;
use crate::session::{Source, Step, Steps};

/// Each by itself.
const ALL: [Guarantee; 4] = [
    Guarantee::ReadYourWrites,
    Guarantee::MonotonicReads,
    Guarantee::MonotonicWrites,
    Guarantee::WritesFollowReads,
];

/// What sessions wrote and read, by key.
pub(super) struct Visible<'a> {
    steps: &'a Steps,
    /// By session and key: its writes, in its order.
    writes: FxHashMap<(usize, usize), Vec<usize>>,
    /// By write: of each session that saw it the first read.
    readers: Vec<Vec<usize>>,
    /// By session and key: the first read of another than the initial value.
    informed: FxHashMap<(usize, usize), usize>,
}

impl<'a> Visible<'a> {
    pub(super) fn new(steps: &'a Steps) -> Self {
        let mut all = Self {
            steps,
            writes: FxHashMap::default(),
            readers: vec![Vec::new(); steps.all.len()],
            informed: FxHashMap::default(),
        };
        for &at in steps.sessions.iter().flatten() {
            let step = &steps.all[at];
            if step.writes {
                all.writes.entry((step.session, step.key)).or_default().push(at);
            }
            if let Some(write) = step.source.and_then(Source::write) {
                // Sessions come one after the other.
                let is_first =
                    all.readers[write].last().is_none_or(|&last| steps.all[last].session != step.session);
                if is_first {
                    all.readers[write].push(at);
                }
                all.informed.entry((step.session, step.key)).or_insert(at);
            }
        }
        all
    }

    /// Whether each of the four holds.
    pub(super) fn guarantees(&self, goes_on: &dyn Fn() -> bool) -> Vec<(Guarantee, Held)> {
        let mut broken: [Option<Vec<usize>>; 4] = Default::default();
        let mut pace = Pace::new(goes_on);
        for session in &self.steps.sessions {
            let mut seen = Seen::new(self);
            for &step in session {
                if !pace.goes_on_with(1 + seen.furthest.len()) {
                    return self.answers(broken, &Held::NotDetermined(Why::TimeUp));
                }
                if let Some(source) = self.steps.all[step].source {
                    let shown = [
                        seen.own_write_not_read(step, source),
                        seen.read_back(step, source),
                        seen.write_back(step, source),
                        seen.cause_back(step, source),
                    ];
                    for (broken, shown) in broken.iter_mut().zip(shown) {
                        if broken.is_none() {
                            *broken = shown;
                        }
                    }
                }
                seen.pass(step);
            }
        }
        self.answers(broken, &Held::Holds)
    }

    fn answers(&self, broken: [Option<Vec<usize>>; 4], otherwise: &Held) -> Vec<(Guarantee, Held)> {
        let held = |shown: Option<Vec<usize>>| {
            shown.map_or(otherwise.clone(), |shown| Held::Broken(self.steps.ids(shown)))
        };
        ALL.into_iter().zip(broken.map(held)).collect()
    }

    /// The last write of a key among the operations of a session up to a place.
    fn last_write(&self, session: usize, key: usize, up_to: usize) -> Option<usize> {
        let writes = self.writes.get(&(session, key))?;
        let until = writes.partition_point(|&write| self.steps.all[write].at <= up_to);
        Some(writes[until.checked_sub(1)?])
    }
}

/// A write that was seen, and who saw it.
#[derive(Clone, Copy)]
struct Sight {
    write: usize,
    reader: usize,
}

/// What a session has seen and done so far.
struct Seen<'a> {
    visible: &'a Visible<'a>,
    steps: &'a Steps,
    /// By key: its last write.
    written: FxHashMap<usize, usize>,
    /// By key: its last read.
    read: FxHashMap<usize, usize>,
    /// By version: its first read of it.
    first_read: FxHashMap<usize, usize>,
    /// By session: the furthest write of it.
    furthest: FxHashMap<usize, Sight>,
    /// By session and key: the furthest write of it.
    furthest_on: FxHashMap<(usize, usize), Sight>,
}

impl<'a> Seen<'a> {
    fn new(visible: &'a Visible<'a>) -> Self {
        Self {
            visible,
            steps: visible.steps,
            written: FxHashMap::default(),
            read: FxHashMap::default(),
            first_read: FxHashMap::default(),
            furthest: FxHashMap::default(),
            furthest_on: FxHashMap::default(),
        }
    }

    fn step(&self, at: usize) -> &'a Step {
        &self.steps.all[at]
    }

    /// What a step did is known to those that follow.
    fn pass(&mut self, at: usize) {
        let step = self.step(at);
        if let Some(source) = step.source {
            self.read.insert(step.key, at);
            if let Source::Write(write) = source {
                self.first_read.entry(write).or_insert(at);
                let writer = self.step(write);
                let sight = Sight { write, reader: at };
                for known in [
                    self.furthest.entry(writer.session).or_insert(sight),
                    self.furthest_on.entry((writer.session, writer.key)).or_insert(sight),
                ] {
                    if self.steps.all[known.write].at < writer.at {
                        *known = sight;
                    }
                }
            }
        }
        if step.writes {
            self.written.insert(step.key, at);
        }
    }

    /// The session wrote the key, and sees what was there before, as far as it knows.
    fn own_write_not_read(&self, reader: usize, source: Source) -> Option<Vec<usize>> {
        let step = self.step(reader);
        let &own = self.written.get(&step.key)?;
        match source {
            Source::Initial => Some(vec![own, reader]),
            Source::Nowhere => None,
            Source::Write(write) if write == own => None,
            Source::Write(write) => {
                let writer = self.step(write);
                if writer.session == step.session && writer.at < self.step(own).at {
                    return Some(vec![write, own, reader]);
                }
                let &first = self.first_read.get(&write)?;
                (self.step(first).at <= self.step(own).at).then(|| vec![write, first, own, reader])
            }
        }
    }

    /// The session sees what was there before something that it saw.
    fn read_back(&self, reader: usize, source: Source) -> Option<Vec<usize>> {
        let step = self.step(reader);
        let &last = self.read.get(&step.key)?;
        match source {
            Source::Initial => self.step(last).source?.write().map(|write| vec![write, last, reader]),
            Source::Nowhere => None,
            Source::Write(write) => {
                if self.step(last).source != Some(source)
                    && let Some(&first) = self.first_read.get(&write)
                {
                    return Some(vec![first, last, reader]);
                }
                let writer = self.step(write);
                let sight = self.furthest_on.get(&(writer.session, step.key))?;
                (self.step(sight.write).at > writer.at)
                    .then(|| vec![write, sight.write, sight.reader, reader])
            }
        }
    }

    /// The session saw a write, and sees what its writer had written something over before.
    fn write_back(&self, reader: usize, source: Source) -> Option<Vec<usize>> {
        let step = self.step(reader);
        let over = |session: usize, sight: &Sight| {
            self.visible.last_write(session, step.key, self.step(sight.write).at)
        };
        match source {
            Source::Nowhere => None,
            Source::Initial => self.furthest.iter().find_map(|(&session, sight)| {
                over(session, sight).map(|write| vec![write, sight.write, sight.reader, reader])
            }),
            Source::Write(write) => {
                let writer = self.step(write);
                let sight = self.furthest.get(&writer.session)?;
                let newer = over(writer.session, sight).filter(|&newer| self.step(newer).at > writer.at)?;
                Some(vec![write, newer, sight.write, sight.reader, reader])
            }
        }
    }

    /// The session saw a write, and sees what its writer had read something newer than before.
    fn cause_back(&self, reader: usize, source: Source) -> Option<Vec<usize>> {
        let step = self.step(reader);
        match source {
            Source::Nowhere => None,
            Source::Initial => self.furthest.iter().find_map(|(&session, sight)| {
                let &informed = self.visible.informed.get(&(session, step.key))?;
                let newer = self.step(informed).source?.write()?;
                let is_cause = self.step(informed).at <= self.step(sight.write).at;
                is_cause.then(|| vec![newer, informed, sight.write, sight.reader, reader])
            }),
            Source::Write(write) => self.visible.readers[write].iter().find_map(|&other| {
                let session = self.step(other).session;
                let sight = self.furthest_on.get(&(session, step.key))?;
                let is_effect = self.step(other).at <= self.step(sight.write).at;
                is_effect.then(|| vec![write, other, sight.write, sight.reader, reader])
            }),
        }
    }
}
