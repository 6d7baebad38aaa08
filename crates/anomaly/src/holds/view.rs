//! What one session sees: an order of all writes and its own reads that is legal for these. PRAM and causal memory ask
//! for one for each session, and differ in what comes before what.
//!
//! There is an order if and only if nothing comes before itself, once every write of a key that comes before an own read
//! comes before the write that the read saw (bad patterns CyclicHB and WriteHBInitRead of Bouajjani, Enea, Guerraoui &
//! Hamza 2017, with WriteCORead, WriteCOInitRead and CyclicCO among them for causal memory): put what comes before the
//! first own operation first, then what comes before the second, and so on; then all writes of the key that stand before
//! a read come before it, and so before what it saw.
//!
//! Own reads follow each other, so of what comes before any it is enough to know the first own operation that it comes
//! before: its [`first`](View::first). A version that the session sees is seen in one unbroken run of its reads of the
//! key. A write that comes before the last read of such a run comes before the version's write; for the runs behind this
//! follows, so each write has one such edge. Firsts only fall, until nothing changes. One session takes as many steps as
//! there are operations before its last one, times how often a first falls, which is once or twice in practice.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::{Held, Why, first_from_nowhere};
use crate::cycle::Spec;
use crate::graph::RelationGraph;
use crate::pace::Pace;
use crate::relation::{Relation, Relations};
use crate::session::{Source, Step, Steps};

/// Whether each session has an order that keeps to the order of all sessions.
pub(super) fn pram(steps: &Steps, goes_on: &dyn Fn() -> bool) -> Held {
    each(steps, Causes::Process, goes_on)
}

/// The same, with writes before whoever saw them.
pub(super) fn causal(steps: &Steps, goes_on: &dyn Fn() -> bool) -> Held {
    each(steps, Causes::ProcessAndReads, goes_on)
}

/// What comes before what, whoever looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Causes {
    /// What a session did earlier.
    Process,
    /// That, and writes before whoever saw them.
    ProcessAndReads,
}

fn each(steps: &Steps, causes: Causes, goes_on: &dyn Fn() -> bool) -> Held {
    if let Some(reader) = first_from_nowhere(steps) {
        return Held::Broken(steps.ids([reader]));
    }
    if causes == Causes::ProcessAndReads {
        let graph = RelationGraph::of(steps).process(steps).saw(steps);
        if petgraph::algo::toposort(&graph.graph, None).is_err() {
            let cycle = graph.shortest_cycle(&Spec::of(Relations::ALL), goes_on);
            return match cycle {
                Some(cycle) => Held::Broken(steps.ids(cycle.iter().map(|link| steps.at(link.from)))),
                None => Held::NotDetermined(Why::TimeUp),
            };
        }
    }
    let mut view = View::new(steps, causes);
    let mut pace = Pace::new(goes_on);
    for session in 0..steps.sessions.len() {
        match view.look(session, &mut pace, goes_on) {
            None => return Held::NotDetermined(Why::TimeUp),
            Some(Err(shown)) => return Held::Broken(steps.ids(shown)),
            Some(Ok(())) => {}
        }
    }
    Held::Holds
}

/// A run of own reads of one version.
struct Run {
    /// Who put it in; `None` for the initial value.
    write: Option<usize>,
    /// The last of them.
    last: usize,
}

/// A write comes before that of a run, since it comes before a read of the run.
#[derive(Clone, Copy)]
struct Forced {
    write: usize,
    target: usize,
    reader: usize,
    /// The one before that leads to the same target.
    before: usize,
}

/// Comes before none of the own operations.
const NEVER: usize = usize::MAX;

/// None of what is forced.
const NONE: usize = usize::MAX;

/// The view of one session after the other.
struct View<'a> {
    steps: &'a Steps,
    causes: Causes,
    session: usize,
    /// Of each step the place of the first own operation that it comes before, or is.
    first: Vec<usize>,
    /// The steps that come before any.
    before: Vec<usize>,
    /// Own reads by key, run by run.
    runs: FxHashMap<usize, Vec<Run>>,
    /// Writes that come before those of runs, in the order in which that came to light.
    forced: Vec<Forced>,
    /// By write: the last of these that leads from it.
    from: Vec<usize>,
    /// By the write of a run: the last that leads to it.
    to: Vec<usize>,
    /// How many steps that are left a step comes directly before; 0 when nobody counts.
    followers: Vec<u32>,
}

impl<'a> View<'a> {
    fn new(steps: &'a Steps, causes: Causes) -> Self {
        Self {
            steps,
            causes,
            session: 0,
            first: vec![NEVER; steps.all.len()],
            before: Vec::new(),
            runs: FxHashMap::default(),
            forced: Vec::new(),
            from: vec![NONE; steps.all.len()],
            to: vec![NONE; steps.all.len()],
            followers: vec![0; steps.all.len()],
        }
    }

    /// Whether a session has an order; if not, some operations that show it. `None` where it is time to stop.
    fn look(
        &mut self,
        session: usize,
        pace: &mut Pace<'_>,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<Result<(), Vec<usize>>> {
        self.session = session;
        self.before.drain(..).for_each(|step| self.first[step] = NEVER);
        for forced in self.forced.drain(..) {
            (self.from[forced.write], self.to[forced.target]) = (NONE, NONE);
        }
        if let Err(shown) = self.find_runs() {
            return Some(Err(shown));
        }
        if self.runs.is_empty() {
            return Some(Ok(()));
        }
        self.find_before();
        if !pace.goes_on_with(self.before.len()) {
            return None;
        }
        match self.force(pace)? {
            Some((write, reader)) => {
                let mut shown = Shown::default();
                self.show_way(write, reader, self.forced.len(), &mut shown);
                Some(Err(self.show_forced(shown)))
            }
            None => {
                let left = self.left_of_order();
                if left.is_empty() { Some(Ok(())) } else { self.cycle(&left, goes_on).map(Err) }
            }
        }
    }

    /// The session's own operations.
    fn own(&self) -> &'a [usize] {
        &self.steps.sessions[self.session]
    }

    /// The runs of own reads, if each version is seen in one.
    fn find_runs(&mut self) -> Result<(), Vec<usize>> {
        self.runs.clear();
        let mut seen: FxHashMap<(usize, Option<usize>), usize> = FxHashMap::default();
        for &step in self.own() {
            let Step { key, source: Some(source), .. } = self.steps.all[step] else { continue };
            let write = source.write();
            let runs = self.runs.entry(key).or_default();
            match runs.last_mut() {
                Some(run) if run.write == write => run.last = step,
                Some(run) if write.is_none() => return Err(vec![run.last, step]),
                Some(run) if seen.contains_key(&(key, write)) => {
                    return Err(vec![seen[&(key, write)], run.last, step]);
                }
                _ => runs.push(Run { write, last: step }),
            }
            seen.entry((key, write)).or_insert(step);
        }
        Ok(())
    }

    /// What comes directly before a step, whoever looks: what its session did before, and what it saw.
    fn causes_of(&self, step: usize) -> impl Iterator<Item = usize> + use<> {
        let sees = self.causes == Causes::ProcessAndReads || self.steps.all[step].session == self.session;
        let saw = self.steps.all[step].source.filter(|_| sees).and_then(Source::write);
        self.steps.before(step).into_iter().chain(saw)
    }

    /// What comes before own operations, without own reads telling of it.
    fn find_before(&mut self) {
        let mut todo = Vec::new();
        for (at, &own) in self.own().iter().enumerate() {
            // What comes before an earlier own operation is a contradiction: it is found as a cycle.
            if self.first[own] == NEVER {
                self.first[own] = at;
                self.before.push(own);
            }
            todo.extend(self.causes_of(own));
            while let Some(step) = todo.pop() {
                if self.first[step] == NEVER {
                    self.first[step] = at;
                    self.before.push(step);
                    todo.extend(self.causes_of(step));
                }
            }
        }
    }

    /// Lets writes come before those of runs until nothing changes; a write that comes before a read of the initial value,
    /// and that read, where there are any. `None` where it is time to stop.
    fn force(&mut self, pace: &mut Pace<'_>) -> Option<Option<(usize, usize)>> {
        let is_write = |&&step: &&usize| {
            let step = &self.steps.all[step];
            step.writes && self.runs.contains_key(&step.key)
        };
        let mut todo: VecDeque<usize> = self.before.iter().filter(is_write).copied().collect();
        let mut fallen: Vec<(usize, usize)> = Vec::new();
        while let Some(write) = todo.pop_front() {
            if !pace.goes_on_with(1) {
                return None;
            }
            let Some((target, reader)) = self.run_after(write) else { continue };
            let Some(target) = target else { return Some(Some((write, reader))) };
            let known = self.from[write];
            if known == NONE || self.forced[known].target != target {
                let number = self.forced.len();
                let before = std::mem::replace(&mut self.to[target], number);
                self.from[write] = number;
                self.forced.push(Forced { write, target, reader, before });
            }
            fallen.push((write, self.first[target]));
            while let Some((step, first)) = fallen.pop() {
                if first >= self.first[step] {
                    continue;
                }
                if !pace.goes_on_with(1) {
                    return None;
                }
                self.first[step] = first;
                fallen.extend(self.causes_of(step).map(|cause| (cause, first)));
                fallen.extend(self.forced_to(step).map(|forced| (self.forced[forced].write, first)));
                let step_is = &self.steps.all[step];
                if step_is.writes && self.runs.contains_key(&step_is.key) {
                    todo.push_back(step);
                }
            }
        }
        Some(None)
    }

    /// The first run of a write's key with a read that the write comes before, and whose version it did not put in: who
    /// did, and its last read. A swap that ends a run comes before that read, itself, only where that is a contradiction
    /// already.
    fn run_after(&self, write: usize) -> Option<(Option<usize>, usize)> {
        let runs = self.runs.get(&self.steps.all[write].key)?;
        let first = self.first[write];
        let from = runs.partition_point(|run| self.steps.all[run.last].at < first);
        let run = runs[from..].iter().find(|run| run.write != Some(write) && run.last != write)?;
        Some((run.write, run.last))
    }

    /// What is forced before a write, the last first.
    fn forced_to(&self, write: usize) -> impl Iterator<Item = usize> + '_ {
        let next = |&forced: &usize| Some(self.forced[forced].before).filter(|&before| before != NONE);
        std::iter::successors(Some(self.to[write]).filter(|&last| last != NONE), next)
    }

    /// What comes directly before a step in this view, and what tells of that, where it is an own read; by the first so
    /// many of the writes that were forced.
    fn all_before(&self, step: usize, known: usize) -> impl Iterator<Item = (usize, Option<usize>)> + '_ {
        let forced = self.forced_to(step).filter(move |&forced| forced < known);
        let forced = forced.map(|forced| (self.forced[forced].write, Some(forced)));
        self.causes_of(step).map(|cause| (cause, None)).chain(forced)
    }

    /// Of operations among which are some that come before themselves, few that do so, and all that tells of it. `None`
    /// where it is time to stop.
    fn cycle(&self, left: &[usize], goes_on: &dyn Fn() -> bool) -> Option<Vec<usize>> {
        let mut graph = RelationGraph::default();
        let nodes: FxHashMap<usize, _> =
            left.iter().map(|&step| (step, graph.add(self.steps.all[step].id))).collect();
        for &step in left {
            for (before, forced) in self.all_before(step, self.forced.len()) {
                if let Some(&from) = nodes.get(&before) {
                    let same = self.steps.before(step) == Some(before);
                    let relation = if same { Relation::Process } else { Relation::WriteRead };
                    graph.link(from, nodes[&step], Some(forced.map_or(relation, |_| Relation::WriteWrite)));
                }
            }
        }
        let cycle = graph.shortest_cycle(&Spec::of(Relations::ALL), goes_on)?;
        let mut shown = Shown::default();
        for link in cycle {
            let [from, to] = [link.from, link.to].map(|id| self.steps.at(id));
            shown.steps.extend([from, to]);
            if link.relation == Relation::WriteWrite {
                shown
                    .forced
                    .extend(self.forced_to(to).filter(|&forced| self.forced[forced].write == from).last());
            }
        }
        Some(self.show_forced(shown))
    }

    /// What is left if one after the other is taken away that comes before nothing left (Kahn 1962).
    fn left_of_order(&mut self) -> Vec<usize> {
        let mut followers = std::mem::take(&mut self.followers);
        for &step in &self.before {
            for (before, _) in self.all_before(step, self.forced.len()) {
                followers[before] += 1;
            }
        }
        let mut todo: Vec<usize> = self.before.iter().copied().filter(|&step| followers[step] == 0).collect();
        while let Some(step) = todo.pop() {
            for (before, _) in self.all_before(step, self.forced.len()) {
                followers[before] -= 1;
                if followers[before] == 0 {
                    todo.push(before);
                }
            }
        }
        let is_left = |&step: &usize| std::mem::take(&mut followers[step]) > 0;
        let left = self.before.iter().copied().filter(is_left).collect();
        self.followers = followers;
        left
    }

    /// Adds what tells of the writes that are forced: ways from them to the reads, by what had come to light before.
    fn show_forced(&self, mut shown: Shown) -> Vec<usize> {
        let mut at = 0;
        while let Some(&forced) = shown.forced.get(at) {
            let Forced { write, reader, .. } = self.forced[forced];
            self.show_way(write, reader, forced, &mut shown);
            at += 1;
        }
        shown.steps
    }

    /// Adds a shortest way from one step to another that it comes before, by the first so many of the writes that were
    /// forced; and which of these it takes.
    fn show_way(&self, from: usize, to: usize, known: usize, shown: &mut Shown) {
        let mut next: FxHashMap<usize, (usize, Option<usize>)> = FxHashMap::default();
        let mut queue = VecDeque::from([to]);
        while let Some(step) = queue.pop_front() {
            if step == from {
                break;
            }
            for (before, forced) in self.all_before(step, known) {
                if before != to && !next.contains_key(&before) {
                    next.insert(before, (step, forced));
                    queue.push_back(before);
                }
            }
        }
        shown.steps.extend([from, to]);
        let mut at = from;
        while let Some(&(step, forced)) = next.get(&at).filter(|_| at != to) {
            shown.steps.push(step);
            // What told of something told of it before, so this comes to an end.
            shown.forced.extend(forced.filter(|forced| !shown.forced.contains(forced)));
            at = step;
        }
    }
}

/// Operations that show something, and what is forced that they lean on.
#[derive(Default)]
struct Shown {
    steps: Vec<usize>,
    forced: Vec<usize>,
}
