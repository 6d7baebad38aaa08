//! A set that is read whole: what nobody reads while it changes is decided element by element.
//!
//! Let no operation that may change an element overlap a read of the whole set. Then real time alone tells of each read and
//! each such operation which comes first, and so what the read says of the element does not depend on the order of all
//! else. Hence there is a linearization if and only if there is one of that element, with what the reads say of it, and
//! one of everything else, with reads that do not show it: let each operation take effect at the latest call of those
//! that stand no later in its own order; by these times all stand in one order, and each element's stand as before. It
//! is the same with every prefix, so the shortest one without a linearization is that of one of the two.
//!
//! Between two such operations an element stays as it is, so of the reads in between only two matter: the first to return
//! of those that show it, and of those that do not. What changes while somebody reads is searched, together with all
//! reads: as few elements as reads are seldom.

use std::ops::Range;

use seriatim_history::{EventId, OpId, ValueId};
use seriatim_model::set::Op;
use seriatim_model::{Access, Entry, Keys, Kind, Model, Part};

use super::numbers::Numbers;
use super::toggles::{Does as Toggle, Toggles};
use super::{Exact, Outcome};
use crate::limits::StopReason;
use crate::numbered::{Interval, NEVER, Numbered};
use crate::search::{Answer, Found};
use crate::verdict::Reached;

/// What an operation does.
#[derive(Clone, Debug)]
enum Does {
    /// Something to or with one element.
    One(u32, Toggle),
    /// Saw all elements: where in the list of all that were seen these stand.
    Read(Range<usize>),
    /// Saw what no set shows.
    Never,
    /// Nothing that anybody needs: it does not return, and need not take effect.
    Nothing,
}

/// A part that meets the conditions: somebody reads the whole, not everybody else only adds, and no more than half of all
/// operations are about elements that change while somebody reads.
#[derive(Debug)]
pub(crate) struct Elements<'a> {
    numbered: &'a Numbered<'a>,
    does: Vec<Does>,
    /// The elements that were seen, read by read; in the order of their values.
    seen: Vec<u32>,
    /// The values of the elements.
    values: Vec<u32>,
    reads: Reads,
    /// For each element its operations, in the order of their calls.
    ops: Rows,
    /// For each element the reads that show it, in the order of their calls.
    shown: Rows,
    /// For each element whether it is decided by itself.
    is_apart: Vec<bool>,
}

/// The reads of a part; all of them return.
#[derive(Debug, Default)]
struct Reads {
    /// In the order of their calls.
    all: Vec<u32>,
    /// Their calls and returns.
    calls: Vec<u32>,
    rets: Vec<u32>,
    /// For each, the latest return of all up to it.
    latest: Vec<u32>,
}

impl Reads {
    fn add(&mut self, op: u32, interval: Interval) {
        self.all.push(op);
        self.calls.push(interval.call);
        self.rets.push(interval.ret);
        self.latest.push(self.latest.last().map_or(interval.ret, |&latest| latest.max(interval.ret)));
    }

    /// How many are called before an event.
    fn before(&self, event: u32) -> usize {
        self.calls.partition_point(|&call| call < event)
    }

    /// Whether one of them overlaps an operation.
    fn overlap(&self, of: Interval) -> bool {
        self.before(of.ret).checked_sub(1).is_some_and(|last| self.latest[last] > of.call)
    }
}

/// Lists of operations, one behind the other.
#[derive(Debug)]
struct Rows {
    starts: Vec<u32>,
    all: Vec<u32>,
}

impl Rows {
    /// So many lists, of what `each` names: the list, and the operation. It is asked twice.
    fn new(count: usize, each: impl Fn(&mut dyn FnMut(u32, u32))) -> Self {
        let mut starts = vec![0; count + 1];
        each(&mut |row, _| starts[row as usize + 1] += 1);
        for row in 1..starts.len() {
            starts[row] += starts[row - 1];
        }
        let mut next = starts.clone();
        let mut all = vec![0; starts.last().map_or(0, |&end| end as usize)];
        each(&mut |row, op| {
            all[next[row as usize] as usize] = op;
            next[row as usize] += 1;
        });
        Self { starts, all }
    }

    fn of(&self, row: u32) -> &[u32] {
        &self.all[self.starts[row as usize] as usize..self.starts[row as usize + 1] as usize]
    }
}

/// Decides a part of a few elements, or of one.
pub(crate) type Search<'a> = dyn Fn(&Part<Op>) -> Found + 'a;

/// What became of a part.
pub(crate) enum Decided {
    /// It has this linearization.
    Order(Vec<u32>),
    /// It has none: the number of the return that ends the shortest prefix without one.
    Refuted(usize),
    /// A search met its limits.
    Stopped(StopReason, Reached),
}

impl<'a> Elements<'a> {
    /// `None` where the part does not meet the conditions.
    pub(crate) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered<'a>) -> Option<Self> {
        if model.kind() != Kind::Set {
            return None;
        }
        let elements = Self::of_any(model, part, numbered)?;
        let does = || elements.does.iter();
        let is_read = does().any(|does| matches!(does, Does::Read(_) | Does::Never));
        // A set that only grows has levels.
        let is_more = does().any(|does| {
            !matches!(does, Does::One(_, Toggle::Set(true)) | Does::Read(_) | Does::Never | Does::Nothing)
        });
        (is_read && is_more && 2 * elements.in_doubt_count() <= part.entries.len()).then_some(elements)
    }

    /// Of a set whose operations do anything.
    pub(crate) fn of_any<M: Model>(
        model: &M,
        part: &Part<M::Op>,
        numbered: &'a Numbered<'a>,
    ) -> Option<Self> {
        let index = |value: ValueId| u32::try_from(value.index()).expect("values have 32 bits");
        let mut does = Vec::with_capacity(part.entries.len());
        let mut seen = Vec::new();
        let mut reads = Reads::default();
        for (at, entry) in (0..).zip(&part.entries) {
            if numbered.is_over(at as usize) {
                return None;
            }
            let interval = numbered.ops[at as usize];
            let has_returned = interval.ret != NEVER;
            does.push(match model.accesses(&entry.op).as_slice() {
                [Access::ReadAll(elements)] if has_returned => {
                    let start = seen.len();
                    seen.extend(elements.iter().map(|&element| index(element)));
                    reads.add(at, interval);
                    Does::Read(start..seen.len())
                }
                [Access::Never] if has_returned => Does::Never,
                [Access::ReadAll(_) | Access::Never] => Does::Nothing,
                [access] => match Toggle::of_element(access)? {
                    (Toggle::See(_), _) if !has_returned => Does::Nothing,
                    (toggle, element) => Does::One(index(element), toggle),
                },
                _ => return None,
            });
        }
        let named = does.iter().filter_map(|does| match *does {
            Does::One(element, _) => Some(element),
            _ => None,
        });
        let mut numbers = Numbers::new(named.chain(seen.iter().copied()));
        for (at, does) in does.iter_mut().enumerate() {
            if numbered.is_over(at) {
                return None;
            }
            if let Does::One(element, _) = does {
                *element = numbers.number(*element);
            }
        }
        for (at, element) in seen.iter_mut().enumerate() {
            if numbered.is_over(at) {
                return None;
            }
            *element = numbers.number(*element);
        }
        let values = numbers.all;
        let ops = Rows::new(values.len(), |add| {
            let each = (0..).zip(&does).take_while(|&(op, _): &(u32, _)| !numbered.is_over(op as usize));
            for (op, does) in each {
                if let &Does::One(element, _) = does {
                    add(element, op);
                }
            }
        });
        let shown = Rows::new(values.len(), |add| {
            for &read in reads.all.iter().take_while(|_| !numbered.is_over(0)) {
                let Does::Read(elements) = &does[read as usize] else { unreachable!("it read") };
                seen[elements.clone()].iter().for_each(|&element| add(element, read));
            }
        });
        if numbered.is_over(0) {
            return None;
        }
        let is_apart = vec![true; values.len()];
        let mut elements = Self { numbered, does, seen, values, reads, ops, shown, is_apart };
        elements.leave_out();
        elements.find_in_doubt();
        Some(elements)
    }

    /// Leaves out what does not return and leads to where nobody who returns afterwards needs the element to be: in
    /// any order with it, nobody needs what it did.
    fn leave_out(&mut self) {
        let ops = &self.numbered.ops;
        let mut rets: Vec<u32> = self.reads.rets.clone();
        rets.sort_unstable();
        let after = |call: u32| rets.len() - rets.partition_point(|&ret| ret < call);
        let crashed = (0..).zip(ops).filter(|(_, interval)| interval.ret == NEVER);
        let mut needless = Vec::new();
        for (op, &Interval { call, .. }) in crashed {
            if self.numbered.is_over(0) {
                break;
            }
            let Does::One(element, toggle) = self.does[op as usize] else { continue };
            let returns_later = |&other: &u32| {
                let ret = ops[other as usize].ret;
                ret != NEVER && ret > call
            };
            let needs = |other: &u32| match self.does[*other as usize] {
                Does::One(_, Toggle::See(state)) => state == toggle.to(),
                Does::One(_, Toggle::Change(to)) => to != toggle.to(),
                _ => false,
            };
            let shown = self.shown.of(element).iter().filter(|read| returns_later(read)).count();
            let reads = if toggle.to() { shown } else { after(call) - shown };
            let is_needed =
                reads > 0 || self.ops.of(element).iter().any(|other| returns_later(other) && needs(other));
            if !is_needed {
                needless.push(op);
            }
        }
        for op in needless {
            self.does[op as usize] = Does::Nothing;
        }
    }

    /// Finds the elements that change while somebody reads.
    fn find_in_doubt(&mut self) {
        for (op, does) in self.does.iter().enumerate() {
            if self.numbered.is_over(op) {
                break;
            }
            if let &Does::One(element, toggle) = does
                && !matches!(toggle, Toggle::See(_))
                && self.reads.overlap(self.numbered.ops[op])
            {
                self.is_apart[element as usize] = false;
            }
        }
    }

    /// How many operations are about elements that change while somebody reads.
    fn in_doubt_count(&self) -> usize {
        let in_doubt = (0..).zip(&self.is_apart).filter(|&(_, is_apart)| !is_apart);
        in_doubt.map(|(element, _)| self.ops.of(element).len()).sum()
    }

    /// Decides the part; and tells how many configurations the searches entered.
    pub(crate) fn decide(&self, search: &Search<'_>) -> (Decided, u64) {
        let mut run = Run {
            elements: self,
            search,
            placed: Vec::new(),
            bad: NEVER,
            configurations: 0,
            ops: Vec::new(),
        };
        run.placed.reserve(self.does.len());
        let decided = match run.go() {
            Ok(()) if run.bad == NEVER => Decided::Order(run.order()),
            Ok(()) => {
                let numbered = self.numbered;
                let ret = |op: u32| numbered.ops[op as usize].ret;
                Decided::Refuted(numbered.returns.partition_point(|&op| ret(op) < run.bad))
            }
            Err((reason, reached)) => Decided::Stopped(reason, reached),
        };
        (decided, run.configurations)
    }

    fn value(&self, element: u32) -> ValueId {
        ValueId::at(self.values[element as usize])
    }

    /// The reads that tell all that reads tell of an element that is decided by itself; and whether each shows it.
    fn witnesses(&self, element: u32, witnesses: &mut Vec<(u32, bool)>) {
        witnesses.clear();
        let changing = self.ops.of(element).iter().filter_map(|&op| match self.does[op as usize] {
            Does::One(_, Toggle::Change(_) | Toggle::Set(_)) => Some(self.numbered.ops[op as usize].call),
            _ => None,
        });
        let mut shown = self.shown.of(element);
        let mut first = 0;
        // Before anybody changes it, it is not there for sure.
        let mut is_absence_asked = false;
        for until in changing.chain([NEVER]) {
            let last = self.reads.before(until);
            self.witnesses_among(first..last, &mut shown, is_absence_asked, witnesses);
            first = last;
            is_absence_asked = true;
        }
    }

    /// Of some reads in the order of their calls, the first to return that shows an element, and the first that does
    /// not, if that is asked for. `shown` begins with those among them that show it; they are left out of it.
    fn witnesses_among(
        &self,
        among: Range<usize>,
        shown: &mut &[u32],
        is_absence_asked: bool,
        witnesses: &mut Vec<(u32, bool)>,
    ) {
        let Reads { all, calls, rets, .. } = &self.reads;
        let ops = &self.numbered.ops;
        let end = all.get(among.end).copied().unwrap_or(NEVER);
        let count = shown.partition_point(|&read| read < end);
        let (mut shows, rest) = shown.split_at(count);
        *shown = rest;
        let first = shows.iter().copied().min_by_key(|&read| ops[read as usize].ret);
        witnesses.extend(first.map(|read| (read, true)));
        if !is_absence_asked || count == among.len() {
            return;
        }
        let mut best: Option<usize> = None;
        for at in among {
            if best.is_some_and(|best| rets[best] < calls[at]) {
                break;
            }
            if shows.first() == Some(&all[at]) {
                shows = &shows[1..];
            } else if best.is_none_or(|best| rets[at] < rets[best]) {
                best = Some(at);
            }
        }
        witnesses.extend(best.map(|at| (all[at], false)));
    }

    /// What is searched: all reads, and the elements that change while somebody reads. With the operations it is made of.
    fn in_doubt(&self) -> (Part<Op>, Vec<u32>) {
        let mut ops = Vec::new();
        let mut entries = Vec::new();
        for (op, does) in (0..).zip(&self.does) {
            let is_apart = |element: u32| self.is_apart[element as usize];
            let done = match does {
                &Does::One(element, toggle) if !is_apart(element) => self.one(element, toggle),
                Does::Read(elements) => {
                    let elements = self.seen[elements.clone()].iter();
                    let elements = elements.filter(|&&element| !is_apart(element));
                    Op::Read(elements.map(|&element| self.value(element)).collect())
                }
                Does::One(..) | Does::Never | Does::Nothing => continue,
            };
            entries.push(self.entry(op, done));
            ops.push(op);
        }
        (Part { key: None, touched: Keys::new(), entries }, ops)
    }

    fn one(&self, element: u32, toggle: Toggle) -> Op {
        let value = self.value(element);
        match toggle {
            Toggle::Change(true) => Op::AddAnswered(value, true),
            Toggle::Change(false) => Op::RemoveAnswered(value, true),
            Toggle::Set(true) => Op::Add(value),
            Toggle::Set(false) => Op::Remove(value),
            Toggle::See(is) => Op::Contains(value, is),
        }
    }

    fn entry(&self, op: u32, done: Op) -> Entry<Op> {
        let Interval { call, ret, .. } = self.numbered.ops[op as usize];
        let ret = Some(EventId(ret)).filter(|ret| ret.0 != NEVER);
        Entry { id: OpId(op), op: done, call: EventId(call), ret }
    }
}

struct Run<'a, 'b> {
    elements: &'b Elements<'a>,
    search: &'b Search<'b>,
    /// When operations take effect, as the number of the operation that is called then; each order by itself.
    placed: Vec<(u32, u32)>,
    /// The first return known to end a prefix without a linearization.
    bad: u32,
    configurations: u64,
    /// Room for what is said of one element: the operations, what they do, and whether each is a read of the whole.
    ops: Vec<(u32, Toggle, bool)>,
}

impl Run<'_, '_> {
    /// Decides every element that is apart, and then the rest.
    fn go(&mut self) -> Result<(), (StopReason, Reached)> {
        let Elements { numbered, does, is_apart, reads, .. } = self.elements;
        for (op, does) in does.iter().enumerate() {
            if let Does::Never = does {
                self.bad = self.bad.min(numbered.ops[op].ret);
            }
        }
        let mut witnesses = Vec::new();
        for (element, _) in (0..).zip(is_apart).filter(|&(_, &is_apart)| is_apart) {
            if numbered.is_over(element as usize) {
                return Ok(());
            }
            self.alone(element, &mut witnesses)?;
        }
        if is_apart.iter().all(|&is_apart| is_apart) {
            self.placed.extend(reads.all.iter().map(|&read| (read, read)));
            return Ok(());
        }
        let (part, ops) = self.elements.in_doubt();
        self.searched(&part, |op| Some(ops[op as usize]))
    }

    /// Decides an element by itself.
    fn alone(&mut self, element: u32, witnesses: &mut Vec<(u32, bool)>) -> Result<(), (StopReason, Reached)> {
        let elements = self.elements;
        elements.witnesses(element, witnesses);
        let does = elements.ops.of(element).iter().filter_map(|&op| match elements.does[op as usize] {
            Does::One(_, toggle) => Some((op, toggle, false)),
            _ => None,
        });
        let witnesses = witnesses.iter().map(|&(read, is)| (read, Toggle::See(is), true));
        let mut ops = std::mem::take(&mut self.ops);
        ops.clear();
        ops.extend(does.chain(witnesses));
        ops.sort_unstable_by_key(|&(op, ..)| op);
        let returned = || ops.iter().filter(|&&(op, ..)| elements.numbered.ops[op as usize].ret != NEVER);
        // The order of the calls is one of real time, and mostly the one that there was.
        if Toggle::all_happen(false, returned().map(|&(_, toggle, _)| toggle)) {
            self.place(returned().filter(|&&(.., is_read)| !is_read).map(|&(op, ..)| op));
            self.ops = ops;
            return Ok(());
        }
        let numbered = Numbered::of(
            ops.iter().map(|&(op, ..)| elements.numbered.ops[op as usize]).collect(),
            elements.numbered.stop(),
        );
        let toggles = Toggles::of_element(&numbered, ops.iter().map(|&(_, toggle, _)| toggle).collect());
        match Exact::Toggles(toggles).decide(&numbered) {
            Outcome::Order(order) => {
                self.place(
                    order
                        .into_iter()
                        .map(|at| ops[at as usize])
                        .filter_map(|(op, _, is_read)| (!is_read).then_some(op)),
                );
            }
            Outcome::Refuted { at, .. } => {
                self.bad = self.bad.min(numbered.ops[numbered.returns[at] as usize].ret);
            }
            Outcome::Undecided(_) => {
                let entries = ops
                    .iter()
                    .map(|&(op, toggle, _)| elements.entry(op, elements.one(element, toggle)))
                    .collect();
                let part = Part { key: None, touched: Keys::new(), entries };
                let op =
                    |at: u32| Some(ops[at as usize]).filter(|&(.., is_read)| !is_read).map(|(op, ..)| op);
                self.searched(&part, op)?;
            }
        }
        self.ops = ops;
        Ok(())
    }

    /// Searches a part, whose operations are these of the whole, or none to be placed.
    fn searched(
        &mut self,
        part: &Part<Op>,
        op: impl Fn(u32) -> Option<u32>,
    ) -> Result<(), (StopReason, Reached)> {
        let Found { answer, reached } = (self.search)(part);
        self.configurations += reached.configurations;
        let rets = || {
            let mut rets: Vec<u32> =
                part.entries.iter().filter_map(|entry| entry.ret).map(|ret| ret.0).collect();
            rets.sort_unstable();
            rets
        };
        match answer {
            Answer::Yes(order) => self.place(order.into_iter().filter_map(|(at, _)| op(at))),
            Answer::No(at) => self.bad = self.bad.min(rets()[at]),
            Answer::Stopped(reason) => {
                // In terms of the whole: whoever is searched last is what is left.
                let numbered = self.elements.numbered;
                let end = rets().get(reached.returns).copied().unwrap_or(NEVER).min(self.bad);
                return Err((
                    reason,
                    Reached {
                        returns: numbered.returns.partition_point(|&op| numbered.ops[op as usize].ret < end),
                        of: numbered.returns.len(),
                        indeterminate: numbered.indeterminate(),
                        configurations: self.configurations,
                        ..reached
                    },
                ));
            }
        }
        Ok(())
    }

    /// Places operations that stand in this order.
    fn place(&mut self, order: impl Iterator<Item = u32>) {
        let mut latest = 0;
        self.placed.extend(order.map(|op| {
            latest = latest.max(op);
            (latest, op)
        }));
    }

    /// All operations in one order.
    fn order(&self) -> Vec<u32> {
        let numbered = self.elements.numbered;
        let rows = Rows::new(self.elements.does.len(), |add| {
            let placed = self.placed.iter().enumerate().take_while(|&(at, _)| !numbered.is_over(at));
            placed.for_each(|(_, &(time, op))| add(time, op));
        });
        rows.all
    }
}
