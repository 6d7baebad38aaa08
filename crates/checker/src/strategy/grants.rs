//! A lock that only its holder may release: a grant is all that one owner does from getting it to letting go of it, and
//! no two overlap (ALGORITHMS §C6, BLOCKS). Where grants carry tokens, these tell the order (LEVELS).
//!
//! Each owner does one thing at a time, so its own operations tell what a grant is and whether the owner held the lock
//! at a call. A grant whose acquire did not return need not have been; a release that did not return may have been.
//! Those who saw the lock held by another are left out at first and put into the order that was found; where that has
//! no room for one, another order might.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

use super::insert::insert;
use super::zones::{Zone, any_two_conflict, arrange};
use super::{Attempt, Hint};
use crate::numbered::{NEVER, Numbered};

/// What one owner does from getting the lock to letting go of it.
#[derive(Debug)]
struct Grant {
    token: Option<i128>,
    /// Its operations, in order.
    ops: Vec<u32>,
    /// The operation that lets go of it, the last one.
    release: Option<u32>,
}

/// What an operation saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Saw {
    /// Nothing that is not its owner's own doing.
    Own,
    /// That another holds the lock.
    Held,
}

/// A part that meets the conditions: each owner does one thing at a time, and nothing after what did not return.
#[derive(Debug)]
pub(crate) struct Grants<'a> {
    numbered: &'a Numbered<'a>,
    grants: Vec<Grant>,
    /// The operations that only saw something, in the order of their calls.
    observers: Vec<(u32, Saw)>,
    /// The first return of an operation that contradicts what its owner did before.
    contradiction: u32,
    /// Whether tokens tell the order.
    has_tokens: bool,
}

impl<'a> Grants<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered<'a>) -> Option<Self> {
        let Kind::OwnedMutex { reentrant } = model.kind() else { return None };
        /// What an owner did so far.
        #[derive(Default)]
        struct Owner {
            /// When it is done with it.
            free: u32,
            /// Its grant, and how often it acquired the lock and did not release it.
            holds: Option<(usize, u32)>,
        }
        let mut owners: FxHashMap<ValueId, Owner> = FxHashMap::default();
        let mut grants: Vec<Grant> = Vec::new();
        let mut observers = Vec::new();
        let mut contradiction = NEVER;
        for ((at, entry), op) in (0..).zip(&part.entries).zip(&numbered.ops) {
            if numbered.is_over(at as usize) {
                return None;
            }
            let access = model.accesses(&entry.op).into_iter().next()?;
            let owner = owners.entry(access.owner()?).or_default();
            if op.call < owner.free {
                return None;
            }
            owner.free = op.ret;
            match (access, &mut owner.holds) {
                (Access::Acquire(_, token), holds @ None) => {
                    *holds = Some((grants.len(), 1));
                    grants.push(Grant { token, ops: vec![at], release: None });
                }
                (Access::Acquire(..), Some((grant, depth))) if reentrant => {
                    *depth += 1;
                    grants[*grant].ops.push(at);
                }
                (Access::Release(_), holds @ &mut Some((grant, depth))) => {
                    grants[grant].ops.push(at);
                    *holds = (depth > 1).then(|| (grant, depth - 1));
                    if holds.is_none() {
                        grants[grant].release = Some(at);
                    }
                }
                (Access::ReleaseRefused(_), None) => observers.push((at, Saw::Own)),
                (Access::AcquireRefused(_), Some(_)) if !reentrant => observers.push((at, Saw::Own)),
                (Access::AcquireRefused(_), None) => observers.push((at, Saw::Held)),
                _ => contradiction = contradiction.min(op.ret),
            }
        }
        let is_known =
            |grant: &Grant| grant.token.is_some() || numbered.ops[grant.ops[0] as usize].ret == NEVER;
        let has_tokens = grants.iter().any(|grant| grant.token.is_some());
        let is_met = !has_tokens || grants.iter().all(is_known);
        is_met.then_some(Self { numbered, grants, observers, contradiction, has_tokens })
    }

    /// A linearization of the prefix that ends with the return `cut`.
    pub(super) fn linearize(&self, cut: u32) -> Attempt {
        if self.contradiction <= cut {
            return Attempt::Impossible(Hint(self.contradiction));
        }
        let (mut grants, zones): (Vec<&Grant>, Vec<Zone>) =
            self.grants.iter().filter_map(|grant| Some((grant, self.zone(grant, cut)?))).unzip();
        let arranged = if self.has_tokens {
            grants.sort_unstable_by_key(|grant| grant.token);
            let is_twice = grants.windows(2).any(|pair| pair[0].token == pair[1].token);
            (!is_twice).then_some(grants)
        } else if any_two_conflict(&zones).is_some() {
            None
        } else {
            arrange(self.numbered, &zones).map(|order| order.into_iter().map(|at| grants[at]).collect())
        };
        let Some(arranged) = arranged else { return Attempt::Impossible(Hint::NONE) };
        let Some(order) = self.order(&arranged, cut) else { return Attempt::Impossible(Hint::NONE) };
        let latest_token = arranged.last().and_then(|grant| grant.token);
        self.with_observers(cut, order, latest_token)
    }

    fn has_returned(&self, op: u32, cut: u32) -> bool {
        self.numbered.ops[op as usize].ret <= cut
    }

    /// When a grant must be there; `None` where it need not be at all.
    fn zone(&self, grant: &Grant, cut: u32) -> Option<Zone> {
        let acquire = &self.numbered.ops[grant.ops[0] as usize];
        // A release that is called behind the prefix is as late as none for all that returned within it.
        let last_call = grant.release.map_or(NEVER, |release| self.numbered.ops[release as usize].call);
        (acquire.ret <= cut).then_some(Zone { first_ret: acquire.ret, last_call })
    }

    /// The operations of grants that stand in this order; `None` where one is not over before the next, or real time
    /// has them in another order.
    fn order(&self, grants: &[&Grant], cut: u32) -> Option<Vec<u32>> {
        let ops = &self.numbered.ops;
        let mut order = Vec::new();
        let mut latest_call = 0;
        for (at, grant) in grants.iter().enumerate() {
            if self.numbered.is_over(at) {
                return None;
            }
            let is_last = at + 1 == grants.len();
            let release = grant.release.filter(|&release| ops[release as usize].call < cut);
            if release.is_none() && !is_last {
                return None;
            }
            for &op in &grant.ops {
                if self.has_returned(op, cut) || release == Some(op) && !is_last {
                    let interval = &ops[op as usize];
                    latest_call = latest_call.max(interval.call);
                    if interval.ret < latest_call {
                        return None;
                    }
                    order.push(op);
                }
            }
        }
        Some(order)
    }

    /// The order with those in it who only saw something.
    fn with_observers(&self, cut: u32, mut order: Vec<u32>, latest_token: Option<i128>) -> Attempt {
        let observers: Vec<(u32, Saw)> =
            self.observers.iter().copied().filter(|&(op, _)| self.has_returned(op, cut)).collect();
        if let Some(order) = self.insert(&order, &observers) {
            return Attempt::Order(order);
        }
        // One more grant at the end may be of help, to somebody who was never told of it.
        let is_free =
            order.last().is_none_or(|last| self.grants.iter().any(|grant| grant.release == Some(*last)));
        let is_spare = |grant: &&Grant| {
            let acquire = &self.numbered.ops[grant.ops[0] as usize];
            // What it will be told must fit, too.
            let is_next = grant.token.zip(latest_token).is_none_or(|(token, latest)| token > latest);
            acquire.ret > cut && acquire.call < cut && is_next
        };
        match self.grants.iter().find(is_spare).filter(|_| is_free) {
            Some(grant) => order.push(grant.ops[0]),
            None => return Attempt::Unknown,
        }
        self.insert(&order, &observers).map_or(Attempt::Unknown, Attempt::Order)
    }

    fn insert(&self, order: &[u32], observers: &[(u32, Saw)]) -> Option<Vec<u32>> {
        let saw: FxHashMap<u32, Saw> = observers.iter().copied().collect();
        let mut is_release = vec![false; self.numbered.ops.len()];
        for release in self.grants.iter().filter_map(|grant| grant.release) {
            is_release[release as usize] = true;
        }
        // For each place the next one at which the lock is held: behind anything but a release.
        let mut held = vec![order.len() + 1; order.len() + 1];
        for place in (0..=order.len()).rev() {
            let is_held = place > 0 && !is_release[order[place - 1] as usize];
            held[place] =
                if is_held { place } else { held.get(place + 1).copied().unwrap_or(order.len() + 1) };
        }
        let ops: Vec<u32> = observers.iter().map(|&(op, _)| op).collect();
        insert(self.numbered, order, &ops, |op, place| match saw[&op] {
            Saw::Own => place,
            Saw::Held => held[place],
        })
    }
}
