//! Registers: who saw a value, and what else had been there when it was called?
//!
//! Where every value is put in by one operation only, a part without any of these has a linearization: of two chains of
//! stretches one lies before the other unless operations of both say the contrary of each other, and then one of the four
//! that show it saw something (Gibbons & Korach 1997, Theorem 4.2).

use rustc_hash::FxHashMap;
use seriatim_history::{EventId, History, OpId, ValueId};
use seriatim_model::{Model, Part};

use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::evidence::{Because, Edge, Evidence};
use crate::failed::Failed;
use crate::infer::flip;
use crate::stretch::{Chain, Stretches};
use crate::touch::BLOCK;

/// The anomalies of a register that starts with `initial`, at most one for each operation that saw something, in the
/// order of their calls. None where some operation's accesses have no words, or it is time to stop.
pub(crate) fn find<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    initial: ValueId,
    failed: &Failed,
    goes_on: &dyn Fn() -> bool,
) -> Vec<Anomaly> {
    let Some(stretches) = Stretches::new(model, part, initial, goes_on) else { return Vec::new() };
    let Some(mut finder) = Finder::new(part, history, &stretches, goes_on) else { return Vec::new() };
    let failed = |value: ValueId| failed.putting(model, part, history, value, goes_on);
    let mut found: Vec<Anomaly> = Vec::new();
    for op in 0..part.entries.len() {
        if op.is_multiple_of(BLOCK) && !goes_on() {
            return Vec::new();
        }
        // What a crashed operation saw counts if it is known to have happened.
        if let Some(value) = stretches.touches[op].saw.filter(|_| stretches.has_happened(op))
            && let Some(anomaly) = finder.look(op, value, &failed)
        {
            found.push(anomaly);
            finder.is_wrong[op] = true;
        }
        finder.pass(op);
    }
    // Whoever was asked to stop cannot tell any more what failed.
    if !goes_on() {
        return Vec::new();
    }
    finder.acquit(&mut found);
    finder.doubt(&mut found);
    flip::name(part, &stretches, &finder.is_wrong, &mut found);
    found.extend(stretches.forks.iter().map(|&(value, first, second)| finder.fork(value, first, second)));
    found.extend(stretches.rings.iter().map(|ring| finder.ring(ring)));
    found
}

/// What may be newer than what an operation saw.
type Guesses<'a> = &'a dyn Fn() -> [Option<usize>; 3];

/// Whoever looks once in vain may be late.
const TWICE: usize = 2;

/// So many looks in vain tell what is lost from what is late, where others are late.
const ENOUGH: usize = 3;

struct Finder<'a, Op> {
    part: &'a Part<Op>,
    history: &'a History,
    stretches: &'a Stretches,
    /// Chains by the first return of an operation that put something in.
    changed: Sweep,
    /// Chains by their first return.
    touched: Sweep,
    /// Of each chain with more than one value, what is known of its operations: of those that put something in, and of all.
    ranks: FxHashMap<usize, [Ranks; 2]>,
    /// Operations that put something in, by their calls; and of each and all later ones the first to return.
    puts: Vec<(EventId, Option<(EventId, usize)>)>,
    /// Of each chain with more than one value, for each value the operation among those that put in it and those before it
    /// that was called last.
    called_last: FxHashMap<usize, Vec<Option<usize>>>,
    /// What each process did last.
    latest: FxHashMap<ValueId, usize>,
    /// What each process put in last.
    latest_put: FxHashMap<ValueId, usize>,
    /// Operations that saw something wrong. What they saw is no evidence against others: that somebody reads an old value
    /// again does not mean that whoever reads the new one is late.
    is_wrong: Vec<bool>,
    later: LaterReads,
}

impl<'a, Op> Finder<'a, Op> {
    /// `None` where it is time to stop, which is asked between what takes about as long each.
    fn new(
        part: &'a Part<Op>,
        history: &'a History,
        stretches: &'a Stretches,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let puts_in = |&op: &usize| stretches.touches[op].put.is_some();
        let first = |chain: usize, wanted: &dyn Fn(&usize) -> bool| {
            let wanted = stretches.members(chain).iter().copied().filter(wanted);
            wanted.filter_map(|op| part.entries[op].ret.map(|ret| (ret, op))).min()
        };
        let known = || (0..stretches.chains.len()).filter(|&chain| stretches.chains[chain].is_known);
        let joined = || known().filter(|&chain| stretches.values(chain).len() > 1);
        let sweep = |wanted: &dyn Fn(&usize) -> bool| {
            let of = |chain: usize| first(chain, wanted).map(|(ret, op)| (ret, op, chain));
            Sweep::new(known().filter_map(of).collect(), &stretches.chains)
        };
        let ranks = |chain: usize| {
            [true, false].map(|only_puts| {
                let members = stretches.members(chain).iter().copied().filter(|op| !only_puts || puts_in(op));
                let ranked = members.filter_map(|op| {
                    let rank = stretches.rank(op).filter(|rank| rank.chain == chain)?;
                    Some((part.entries[op].ret?, rank.rank, op))
                });
                Ranks::new(ranked.collect())
            })
        };
        let mut puts: Vec<(EventId, Option<(EventId, usize)>)> = Vec::new();
        for op in (0..part.entries.len()).filter(puts_in) {
            if let Some(ret) = part.entries[op].ret {
                puts.push((part.entries[op].call, Some((ret, op))));
            }
        }
        let mut first_return = None;
        for put in puts.iter_mut().rev() {
            first_return = put.1.into_iter().chain(first_return).min();
            put.1 = first_return;
        }
        let called_last = |chain: usize| {
            let writers = stretches.values(chain).iter().map(|&value| stretches.writer(value));
            let so_far = writers.scan(None, |latest: &mut Option<usize>, writer| {
                *latest = (*latest).into_iter().chain(writer).max_by_key(|&op| part.entries[op].call);
                Some(*latest)
            });
            so_far.collect()
        };
        let go_on = || goes_on().then_some(());
        go_on()?;
        let changed = sweep(&puts_in);
        go_on()?;
        let touched = sweep(&|_| true);
        go_on()?;
        let ranks = joined().map(|chain| (chain, ranks(chain))).collect();
        go_on()?;
        let called_last = joined().map(|chain| (chain, called_last(chain))).collect();
        go_on()?;
        let later = LaterReads::new(part, stretches);
        let (latest, latest_put) = Default::default();
        Some(Self {
            part,
            history,
            stretches,
            changed,
            touched,
            ranks,
            puts,
            called_last,
            latest,
            latest_put,
            is_wrong: vec![false; part.entries.len()],
            later,
        })
    }

    fn id(&self, op: usize) -> OpId {
        self.part.entries[op].id
    }

    fn process(&self, op: usize) -> ValueId {
        self.history.operation(self.id(op)).process
    }

    /// An operation that later ones of its process come behind.
    fn pass(&mut self, op: usize) {
        if self.part.entries[op].ret.is_none() || !self.is_evidence(op) {
            return;
        }
        let process = self.process(op);
        self.latest.insert(process, op);
        if self.stretches.touches[op].put.is_some() {
            self.latest_put.insert(process, op);
        }
    }

    /// What is wrong with what an operation saw; `failed` tells who failed to put a value in.
    fn look(&self, op: usize, value: ValueId, failed: &dyn Fn(ValueId) -> Option<OpId>) -> Option<Anomaly> {
        if self.stretches.is_from_nowhere(value) {
            return Some(self.out_of_nowhere(op, value, failed(value)));
        }
        let ret = self.part.entries[op].ret;
        let later = |write: &usize| ret.is_some_and(|ret| ret < self.part.entries[*write].call);
        match self.put_in_later(op, value).filter(later) {
            Some(write) => Some(self.out_of_the_future(op, write)),
            None => self.too_old(op, value),
        }
    }

    fn out_of_nowhere(&self, reader: usize, value: ValueId, failed: Option<OpId>) -> Anomaly {
        let reader = self.id(reader);
        match failed {
            Some(write) => {
                Anomaly { kind: AnomalyKind::DirtyRead, evidence: Evidence::Failed { reader, value, write } }
            }
            None => Anomaly {
                kind: AnomalyKind::ValueFromNowhere,
                evidence: Evidence::NoWriter { reader, value },
            },
        }
    }

    /// Of those that put in a value, or one that swaps made it of, the one that was called last.
    fn put_in_later(&self, reader: usize, value: ValueId) -> Option<usize> {
        let place = self.stretches.place(value)?;
        let write = match self.called_last.get(&place.chain) {
            Some(called_last) => called_last[place.at],
            None => self.stretches.writer(value),
        };
        write.filter(|&write| write != reader)
    }

    fn out_of_the_future(&self, reader: usize, write: usize) -> Anomaly {
        let value = self.stretches.touches[write].put.expect("it puts something in");
        let (reader, write) = (self.id(reader), self.id(write));
        let cycle = vec![
            Edge { from: reader, to: write, because: Because::RealTime },
            Edge { from: write, to: reader, because: Because::Saw { value } },
        ];
        Anomaly { kind: AnomalyKind::ReadFromTheFuture, evidence: Evidence::Cycle(cycle) }
    }

    /// Something that had returned when the operation was called, and is newer than what it saw.
    fn too_old(&self, reader: usize, value: ValueId) -> Option<Anomaly> {
        let place = self.stretches.place(value)?;
        let chain = &self.stretches.chains[place.chain];
        if !chain.is_known {
            return None;
        }
        let call = self.part.entries[reader].call;
        let process = self.process(reader);
        let mine = |latest: &FxHashMap<ValueId, usize>| {
            latest
                .get(&process)
                .copied()
                .filter(|&op| self.part.entries[op].ret.is_some_and(|ret| ret < call))
        };
        let rank = place.rank_of_sight();
        let in_chain = |only_puts: bool| {
            let [puts, all] = self.ranks.get(&place.chain)?;
            let ranks = if only_puts { puts } else { all };
            ranks.highest_before(call).filter(|&(known, _)| known > rank).map(|(_, op)| op)
        };
        let since = self.stretches.first_return(place.chain).map(|(ret, _)| ret);
        let first_put = || {
            let from =
                if chain.is_first { 0 } else { self.puts.partition_point(|&(put, _)| Some(put) < since) };
            self.puts.get(from).and_then(|&(_, first)| first).map(|(_, op)| op)
        };
        let in_others = |sweep: &Sweep| sweep.called_last(call, place.chain);
        let kinds: [(AnomalyKind, Guesses<'_>); 4] = [
            (AnomalyKind::OwnWriteNotRead, &|| [mine(&self.latest_put), None, None]),
            (AnomalyKind::StaleRead, &|| [first_put(), in_chain(true), in_others(&self.changed)]),
            (AnomalyKind::NonMonotonicRead, &|| [mine(&self.latest), None, None]),
            (AnomalyKind::OrderDisagreement, &|| [in_chain(false), in_others(&self.touched), None]),
        ];
        for (kind, guesses) in kinds {
            for newer in guesses().into_iter().flatten().filter(|&newer| newer != reader) {
                let Some(edges) = self.is_older(reader, newer) else { continue };
                let kind = match kind {
                    AnomalyKind::StaleRead | AnomalyKind::OwnWriteNotRead
                        if self.looked_in_vain(newer) >= TWICE =>
                    {
                        AnomalyKind::LostWrite
                    }
                    other => other,
                };
                return Some(Anomaly { kind, evidence: Evidence::Cycle(edges) });
            }
        }
        None
    }

    /// Why what `reader` saw is older than `newer`, which had returned when it was called. `None` where it is not, or
    /// where not all that shows it had happened when `reader` returned, so that a later observation tells of it.
    fn is_older(&self, reader: usize, newer: usize) -> Option<Vec<Edge>> {
        let entry = |op: usize| &self.part.entries[op];
        if entry(newer).ret.is_none_or(|ret| ret >= entry(reader).call) || !self.is_evidence(newer) {
            return None;
        }
        let old = self.stretches.place(self.stretches.touches[reader].saw?)?;
        let rank = self.stretches.rank(newer)?;
        let order = if rank.chain == old.chain {
            if rank.rank <= old.rank_of_sight() {
                return None;
            }
            None
        } else {
            let [old, new] = [old.chain, rank.chain];
            let chain = &self.stretches.chains[new];
            if !chain.is_known || chain.is_first {
                return None;
            }
            if self.stretches.chains[old].is_first {
                None
            } else {
                let (ret, early) = self.stretches.first_return(old)?;
                let is_behind = |&op: &usize| entry(op).call > ret && self.is_evidence(op);
                let first = self.stretches.first_return_after(self.part, new, ret).map(|(_, op)| op);
                let last = self.stretches.members(new).last().copied();
                let late = [Some(newer), first, last].into_iter().flatten().find(is_behind)?;
                let saw = self.stretches.touches[late].saw.is_some();
                let is_told_later = |ret| entry(reader).ret.is_some_and(|now| now < ret);
                if saw && entry(late).ret.is_some_and(is_told_later) {
                    return None;
                }
                Some((self.id(early), self.id(late)))
            }
        };
        let (reader, newer) = (self.id(reader), self.id(newer));
        Some(vec![
            Edge { from: newer, to: reader, because: Because::RealTime },
            Edge { from: reader, to: newer, because: Because::Older { order } },
        ])
    }

    /// How many looked after an operation, if none of them saw what it put in, or anything that may be newer; 0 where
    /// one did.
    fn looked_in_vain(&self, write: usize) -> usize {
        let Some(rank) = self.stretches.rank(write) else { return 0 };
        let entry = &self.part.entries[write];
        match entry.ret {
            Some(ret) if self.stretches.members(rank.chain) == [write] => {
                self.later.that_saw_older(ret, entry.call)
            }
            _ => 0,
        }
    }

    /// Takes back what rests on what an operation saw that was called later, and was wrong. That one did not see it wrong
    /// because of those that were called before, so something is left where something was found.
    fn acquit(&self, found: &mut Vec<Anomaly>) {
        found.retain(|anomaly| {
            let Evidence::Cycle(edges) = &anomaly.evidence else { return true };
            let rests_on_wrong = |edge: &Edge| {
                let Because::Older { order: Some((_, late)) } = edge.because else { return false };
                let late = self.part.entries.binary_search_by_key(&late, |entry| entry.id);
                late.is_ok_and(|late| self.part.entries[late].id > edge.from && !self.is_evidence(late))
            };
            !edges.iter().any(rests_on_wrong)
        });
    }

    /// Whether what an operation saw or put in tells something of others.
    fn is_evidence(&self, op: usize) -> bool {
        !self.is_wrong[op] || self.stretches.touches[op].put.is_some()
    }

    /// Where answers lag behind what is seen elsewhere, few looks in vain do not tell what is lost from what is late.
    fn doubt(&self, found: &mut [Anomaly]) {
        let lags =
            |anomaly: &Anomaly| matches!(anomaly.kind, AnomalyKind::StaleRead | AnomalyKind::OwnWriteNotRead);
        if !found.iter().any(lags) {
            return;
        }
        for anomaly in found.iter_mut().filter(|anomaly| anomaly.kind == AnomalyKind::LostWrite) {
            let Evidence::Cycle(edges) = &anomaly.evidence else { continue };
            let write = self.part.entries.binary_search_by_key(&edges[0].from, |entry| entry.id);
            if write.is_ok_and(|write| self.looked_in_vain(write) < ENOUGH) {
                anomaly.kind = AnomalyKind::StaleRead;
            }
        }
    }

    /// Two swaps that replaced one value.
    fn fork(&self, value: ValueId, first: usize, second: usize) -> Anomaly {
        let (first, second) = (self.id(first), self.id(second));
        let because = Because::SwappedAway { value };
        let cycle =
            vec![Edge { from: first, to: second, because }, Edge { from: second, to: first, because }];
        Anomaly { kind: AnomalyKind::LostUpdate, evidence: Evidence::Cycle(cycle) }
    }

    /// Swaps that each saw what the one before put in.
    fn ring(&self, ring: &[usize]) -> Anomaly {
        let pairs = ring.iter().zip(ring.iter().cycle().skip(1));
        let cycle = pairs.map(|(&from, &to)| {
            let value = self.stretches.touches[from].put.expect("a swap puts something in");
            Edge { from: self.id(from), to: self.id(to), because: Because::Saw { value } }
        });
        Anomaly { kind: AnomalyKind::GeneralCycle, evidence: Evidence::Cycle(cycle.collect()) }
    }
}

/// Chains by the return of one of their operations; up to each the two that were called last.
struct Sweep {
    returns: Vec<(EventId, usize, usize)>,
    last: Vec<[Option<(EventId, usize, usize)>; 2]>,
}

impl Sweep {
    /// Of returns with their operations and chains.
    fn new(mut returns: Vec<(EventId, usize, usize)>, chains: &[Chain]) -> Self {
        returns.sort_unstable();
        let mut two = [None, None];
        let last = returns
            .iter()
            .map(|&(_, op, chain)| {
                let this = Some((chains[chain].last_call, op, chain));
                if this > two[0] {
                    two = [this, two[0]];
                } else if this > two[1] {
                    two[1] = this;
                }
                two
            })
            .collect();
        Self { returns, last }
    }

    /// Of the chains other than `but` of which something had returned before `event`, what had done so of the one that is
    /// called last.
    fn called_last(&self, event: EventId, but: usize) -> Option<usize> {
        let before = self.returns.partition_point(|&(ret, ..)| ret < event);
        let two = self.last.get(before.checked_sub(1)?)?;
        two.iter().flatten().find(|&&(.., chain)| chain != but).map(|&(_, op, _)| op)
    }
}

/// Operations of a chain by their returns; up to each the one that stands furthest behind.
struct Ranks {
    returns: Vec<(EventId, (usize, usize))>,
}

impl Ranks {
    fn new(mut ranked: Vec<(EventId, usize, usize)>) -> Self {
        ranked.sort_unstable();
        let mut highest = (0, 0);
        let returns = ranked.into_iter().map(|(ret, rank, op)| {
            highest = highest.max((rank, op));
            (ret, highest)
        });
        Self { returns: returns.collect() }
    }

    /// The highest rank of what had returned before an event, and whose it is.
    fn highest_before(&self, event: EventId) -> Option<(usize, usize)> {
        let before = self.returns.partition_point(|&(ret, _)| ret < event);
        Some(self.returns[before.checked_sub(1)?].1)
    }
}

/// What is seen by whoever looks after some event: how new the newest of it may be.
struct LaterReads {
    /// Calls, and the latest event by which what this or a later one saw may have begun to be there; `None` where anything
    /// is possible.
    calls: Vec<(EventId, Option<EventId>)>,
}

impl LaterReads {
    fn new<Op>(part: &Part<Op>, stretches: &Stretches) -> Self {
        let mut calls = Vec::new();
        for (entry, touch) in part.entries.iter().zip(&stretches.touches) {
            let (Some(value), Some(_)) = (touch.saw, entry.ret) else { continue };
            let chain = stretches.place(value).map(|place| place.chain);
            let known = match chain.map(|chain| (chain, &stretches.chains[chain])) {
                Some((_, Chain { is_first: true, .. })) => Some(EventId(0)),
                Some((chain, Chain { is_known: true, .. })) => {
                    stretches.first_return(chain).map(|(ret, _)| ret)
                }
                _ => None,
            };
            calls.push((entry.call, known));
        }
        let mut newest = Some(EventId(0));
        for (_, known) in calls.iter_mut().rev() {
            newest = newest.zip(*known).map(|(newest, known)| newest.max(known));
            *known = newest;
        }
        Self { calls }
    }

    /// How many were called after `event`, if all of them saw what was there before something that was called at `call`;
    /// 0 where one did not.
    fn that_saw_older(&self, event: EventId, call: EventId) -> usize {
        let from = self.calls.partition_point(|&(known, _)| known < event);
        match self.calls.get(from) {
            Some(&(_, Some(newest))) if newest < call => self.calls.len() - from,
            _ => 0,
        }
    }
}
