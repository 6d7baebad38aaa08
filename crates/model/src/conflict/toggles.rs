//! Elements that are there or not, each for itself: of a set, or the one that stands for a lock that is held.

use std::collections::hash_map::Entry as Slot;

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::ValueId;

use super::gap::{Mask, Other, Windows};
use super::orders::Object;
use crate::access::Access;

/// What a kept operation has to do with an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Does {
    Nothing,
    /// Saw that it is there, or not.
    See(bool),
    /// Made it be there, or not, when it was the other way.
    Change(bool),
    /// Made it be there, or not, whatever it was.
    Make(bool),
}

/// Whether an element may be there, and whether it may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct May {
    present: bool,
    absent: bool,
}

/// An element: equal ones need to be looked at only once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Element {
    does: Vec<Does>,
    /// Where those that were left out may put it in.
    put: Windows,
    /// Where they may take it out.
    take: Windows,
}

pub(super) struct Toggles {
    elements: Vec<Element>,
    is_present: bool,
}

impl Toggles {
    /// `None` where an operation is none of a set.
    pub(super) fn of_set(accesses: &[Access], others: impl Iterator<Item = Other>) -> Option<Self> {
        let mut elements: FxHashMap<ValueId, Element> = FxHashMap::default();
        // An element that a read does not show is absent from it.
        let missed = accesses.iter().map(|access| match access {
            Access::ReadAll(_) => Does::See(false),
            _ => Does::Nothing,
        });
        let missed: Vec<Does> = missed.collect();
        let mut say = |value: ValueId, op: usize, does| {
            let element = match elements.entry(value) {
                Slot::Occupied(known) => known.into_mut(),
                Slot::Vacant(new) => new.insert(Element {
                    does: missed.clone(),
                    put: Windows::default(),
                    take: Windows::default(),
                }),
            };
            element.does[op] = does;
        };
        for (op, access) in accesses.iter().enumerate() {
            match access {
                Access::ReadAll(all) => all.iter().for_each(|&value| say(value, op, Does::See(true))),
                &Access::Added(value) => say(value, op, Does::Change(true)),
                &Access::Removed(value) => say(value, op, Does::Change(false)),
                &Access::Add(value) => say(value, op, Does::Make(true)),
                &Access::Remove(value) => say(value, op, Does::Make(false)),
                &Access::Present(value) => say(value, op, Does::See(true)),
                &Access::Absent(value) => say(value, op, Does::See(false)),
                _ => return None,
            }
        }
        for other in others {
            match other.access {
                Some(Access::Add(value) | Access::Added(value)) => {
                    elements.entry(value).and_modify(|element| element.put.add(other.window));
                }
                Some(Access::Remove(value) | Access::Removed(value)) => {
                    elements.entry(value).and_modify(|element| element.take.add(other.window));
                }
                Some(Access::Present(_) | Access::Absent(_) | Access::ReadAll(_) | Access::Never) => {}
                _ => return None,
            }
        }
        let different: FxHashSet<Element> = elements.into_values().collect();
        Some(Self { elements: different.into_iter().collect(), is_present: false })
    }

    /// `None` where an operation is none of a lock.
    pub(super) fn of_mutex(
        held: bool,
        accesses: &[Access],
        others: impl Iterator<Item = Other>,
    ) -> Option<Self> {
        let does = accesses.iter().map(|access| {
            Some(match access {
                Access::Acquire(..) => Does::Change(true),
                Access::Release(_) => Does::Change(false),
                Access::AcquireRefused(_) => Does::See(true),
                Access::ReleaseRefused(_) => Does::See(false),
                _ => return None,
            })
        });
        let does = does.collect::<Option<Vec<_>>>()?;
        let mut lock = Element { does, put: Windows::default(), take: Windows::default() };
        for other in others {
            match other.access {
                Some(Access::Acquire(..)) => lock.put.add(other.window),
                Some(Access::Release(_)) => lock.take.add(other.window),
                Some(Access::AcquireRefused(_) | Access::ReleaseRefused(_)) => {}
                _ => return None,
            }
        }
        Some(Self { elements: vec![lock], is_present: held })
    }
}

impl Object for Toggles {
    type State = Vec<May>;

    fn start(&self) -> Vec<May> {
        vec![May { present: self.is_present, absent: !self.is_present }; self.elements.len()]
    }

    fn next(&self, state: &Vec<May>, done: Mask, op: usize) -> impl IntoIterator<Item = Vec<May>> {
        let next = self.elements.iter().zip(state).map(|(element, &May { present, absent })| {
            let before = May {
                present: present || element.put.is_open(done),
                absent: absent || element.take.is_open(done),
            };
            let may_be = |is_present| if is_present { before.present } else { before.absent };
            let known = |is_present: bool| May { present: is_present, absent: !is_present };
            match element.does[op] {
                Does::Nothing => Some(before),
                Does::See(is_present) => may_be(is_present).then(|| known(is_present)),
                Does::Change(to) => may_be(!to).then(|| known(to)),
                Does::Make(to) => Some(known(to)),
            }
        });
        next.collect::<Option<Vec<_>>>()
    }
}
