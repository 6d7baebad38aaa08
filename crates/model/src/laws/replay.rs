//! Objects that know nothing but the words of [`Access`]: what they allow is what the models must allow.

use std::collections::BTreeSet;

use seriatim_history::ValueId;

use crate::access::{Access, Kind};

/// An object of some kind, in a state.
#[derive(Clone, Debug)]
pub(super) enum Replay {
    Set(BTreeSet<ValueId>),
    Counter(i128),
    Log(Vec<ValueId>),
    Mutex {
        /// Only who holds it can let go of it.
        owned: bool,
        reentrant: bool,
        holder: Option<ValueId>,
        depth: u32,
        /// A bound that the next token must exceed.
        token: Option<i128>,
    },
}

impl Replay {
    /// The object as it starts; `None` for kinds whose words are not enough to replay, or that have a law of their own.
    pub(super) fn new(kind: Kind) -> Option<Self> {
        let mutex = |owned, reentrant, held: bool| Self::Mutex {
            owned,
            reentrant,
            holder: held.then_some(ValueId::NIL),
            depth: u32::from(held),
            token: None,
        };
        Some(match kind {
            Kind::Set => Self::Set(BTreeSet::new()),
            Kind::Counter { initial } => Self::Counter(initial),
            Kind::Log => Self::Log(Vec::new()),
            Kind::Mutex { held } => mutex(false, false, held),
            Kind::OwnedMutex { reentrant } => mutex(true, reentrant, false),
            _ => return None,
        })
    }

    /// The object after an access; `None` where the access cannot happen.
    pub(super) fn after(&self, access: &Access) -> Option<Self> {
        let mut next = self.clone();
        let is_possible = match (&mut next, access) {
            (_, Access::Never) => false,
            (Self::Set(all), access) => set(all, access),
            (Self::Counter(sum), &Access::Change(amount)) => {
                *sum += amount;
                true
            }
            (Self::Counter(sum), &Access::ChangeFrom(before, amount)) => {
                let is_possible = *sum == before;
                *sum += amount;
                is_possible
            }
            (Self::Counter(sum), &Access::Sum(seen)) => *sum == seen,
            (Self::Log(all), &Access::Append(entry)) => {
                all.push(entry);
                true
            }
            (Self::Log(all), &Access::AppendAt(entry, place)) => {
                all.push(entry);
                all.len() == place + 1
            }
            (Self::Log(all), Access::ReadLog(seen)) => all[..] == seen[..],
            (&mut Self::Mutex { owned, reentrant, ref mut holder, ref mut depth, ref mut token }, access) => {
                let held = holder.is_some();
                let is_own = |owner| *holder == Some(owner);
                match *access {
                    Access::Acquire(owner, got) => {
                        let is_possible = !held || reentrant && is_own(owner);
                        let grows = token.zip(got).is_none_or(|(bound, got)| got > bound);
                        *token = got.or_else(|| token.map(|bound| bound + 1));
                        (*holder, *depth) = (Some(owner), *depth + 1);
                        is_possible && grows
                    }
                    Access::AcquireRefused(owner) => held && !(reentrant && is_own(owner)),
                    Access::Release(owner) => {
                        let is_possible = held && (!owned || is_own(owner));
                        *depth = depth.saturating_sub(1);
                        *holder = holder.filter(|_| *depth > 0);
                        is_possible
                    }
                    Access::ReleaseRefused(owner) => {
                        if owned {
                            !is_own(owner)
                        } else {
                            !held
                        }
                    }
                    _ => panic!("{access:?} of a mutex"),
                }
            }
            (object, access) => panic!("{access:?} of {object:?}"),
        };
        is_possible.then_some(next)
    }
}

fn set(all: &mut BTreeSet<ValueId>, access: &Access) -> bool {
    match access {
        Access::Add(value) => {
            all.insert(*value);
            true
        }
        Access::Remove(value) => {
            all.remove(value);
            true
        }
        Access::Added(value) => all.insert(*value),
        Access::Removed(value) => all.remove(value),
        Access::Present(value) => all.contains(value),
        Access::Absent(value) => !all.contains(value),
        Access::ReadAll(seen) => all.iter().eq(seen.iter()),
        _ => panic!("{access:?} of a set"),
    }
}
