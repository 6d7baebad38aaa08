//! Few operations that show by themselves that a part has no linearization, and the verification of that.
//!
//! Say that a part has a linearization, and that some operations of it are *kept*. The linearization puts the kept ones
//! into an order that real time allows, and between two of them, before the first and after the last there are those
//! that were left out. So if every order of the kept ones is impossible *whatever those that were left out may have done
//! in between*, there is no linearization. That is tried here, for at most [`LARGEST`] operations, order by order.
//!
//! What is left out may be anywhere that real time does not forbid: not before a kept operation that had returned when
//! it was called, and not behind one that was called when it had returned (`gap`). There it may take effect as
//! often as helps, or not at all, whether its answer allows it or not. That makes more orders possible than there are,
//! never fewer, so nothing has to be promised about what may be left out: whoever leaves out too much shows nothing. What
//! is known of an object while orders are tried is hence a set of states that holds the true one. For each [`Kind`]:
//!
//! | kind | what is known | what those that were left out do |
//! | --- | --- | --- |
//! | register | which values it may hold (`register`) | put their value in, whatever they saw |
//! | set, anonymous lock | for each element whether it may be there and whether it may be absent (`toggles`) | put it in and take it out |
//! | lock with owners | who may hold it, how often, and a bound on the tokens (`owners`) | acquire and release for their owner; where two operations are kept or more, each once, and they must have where real time says so; tokens only raise the bound |
//! | counter | the sums that were seen, and for any two of them bounds on what was added between (`sums`) | add their amount, once; they must have where real time says so |
//! | log | as for a counter of entries, and that what was read is a beginning of what is read later (`entries`) | append their entry, once |
//! | queue, stack, bag, priority queue | the values that may be there, in order; only of those all of whose puts are kept (`container`) | take theirs out; their values come and go, and are in nobody's way |
//! | unique ids | which were given (`identifiers`) | nothing that matters |
//! | any model | the model's own state (`plain`) | nothing: only the prefix counts that ends where the first of them is called that is no observer |
//!
//! Where those that were left out may do something as often as helps, nothing shows that there are too few of them. Of a
//! set or an anonymous lock two kept operations hence say one thing more: they name a window, from the first call to the
//! last return, and all operations that overlap it are counted (`alternation`). What each of these does, and whether it
//! returns in the window, is taken from the part, so nothing is left out there. It is one operation's use that is bounded,
//! not its place: no order is tried.
//!
//! Real time is kept to in full: an order of kept operations is tried only if none stands before one that had returned
//! when it was called, and those that return must all be in it.

mod alternation;
mod container;
mod entries;
mod gap;
mod identifiers;
mod orders;
mod owners;
mod plain;
mod register;
mod sums;
#[cfg(test)]
mod tests;
mod toggles;

use std::cell::Cell;

use seriatim_history::OpId;
use thiserror::Error;

use self::gap::Kept;
use self::orders::{Found, Object, any_order};
use crate::access::{Access, Kind};
use crate::model::Model;
use crate::part::{Entry, Part};

/// The most operations that are looked at: their orders are tried one by one.
pub const LARGEST: usize = 12;

/// Few operations of a part that no order can explain, whatever the others did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The operations, in the order of their calls.
    pub ops: Vec<OpId>,
}

/// Why operations do not show that a part has no linearization. That is no sign that it has one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotShown {
    /// There are too many of them.
    #[error("{0} operations are more than the {LARGEST} whose orders are tried")]
    TooMany(usize),
    /// One is not of the part.
    #[error("operation {} is not of this part", .0.0)]
    Foreign(OpId),
    /// They do not stand in the order of their calls, or one stands there twice.
    #[error("operation {} stands there twice, or before one that was called earlier", .0.0)]
    OutOfOrder(OpId),
    /// Some order of them is possible, as far as can be told.
    #[error("some order of these operations is possible, for all they tell")]
    Possible,
    /// There are too many orders.
    #[error("these operations have too many orders to try them all")]
    TooHard,
    /// Somebody asked to leave off.
    #[error("it was left off before all was looked at")]
    LeftOff,
}

/// Checks that the operations of `conflict` have no order, whatever the other operations of `part` did: then the part
/// has no linearization. O(n) for those that were left out, beside a bounded number of orders.
///
/// # Errors
/// Why that is not shown.
pub fn verify<M: Model>(model: &M, part: &Part<M::Op>, conflict: &Conflict) -> Result<(), NotShown> {
    verify_while(model, part, conflict, &|| true)
}

/// The same, for as long as `goes_on` says so, which is asked now and then.
///
/// # Errors
/// As [`verify`], and where it was left off.
pub fn verify_while<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    conflict: &Conflict,
    goes_on: &dyn Fn() -> bool,
) -> Result<(), NotShown> {
    if conflict.ops.len() > LARGEST {
        return Err(NotShown::TooMany(conflict.ops.len()));
    }
    if let Some(pair) = conflict.ops.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(NotShown::OutOfOrder(pair[1]));
    }
    let mut kept: Vec<&Entry<M::Op>> = Vec::with_capacity(conflict.ops.len());
    for &id in &conflict.ops {
        let at = part.entries.binary_search_by_key(&id, |entry| entry.id);
        kept.push(&part.entries[at.map_err(|_| NotShown::Foreign(id))?]);
    }
    let watch = Watch { goes_on, is_left_off: Cell::new(false) };
    let scene = Scene { model, part, kept: Kept::new(&kept), ops: kept, watch: &watch };
    let mut found = scene.by_kind();
    if found == Found::Order {
        found = alternation::count(&scene);
    }
    if found == Found::Order {
        found = any_order(&plain::Plain::new(&scene), &scene.kept);
    }
    // Of what was not looked at, nothing is known.
    match found {
        _ if watch.is_left_off.get() => Err(NotShown::LeftOff),
        Found::Order => Err(NotShown::Possible),
        Found::None => Ok(()),
        Found::TooMany => Err(NotShown::TooHard),
    }
}

/// Whether to go on with those that were left out.
struct Watch<'a> {
    goes_on: &'a dyn Fn() -> bool,
    /// Whether some were not looked at.
    is_left_off: Cell<bool>,
}

impl Watch<'_> {
    /// Asks once in many steps, and never goes on once it was told not to.
    fn goes_on_at(&self, step: usize) -> bool {
        /// So many operations take less than a millisecond.
        const STEPS: usize = 1 << 12;
        if step.is_multiple_of(STEPS) && !(self.goes_on)() {
            self.is_left_off.set(true);
        }
        !self.is_left_off.get()
    }
}

/// The operations that are kept, among the others.
struct Scene<'a, M: Model> {
    model: &'a M,
    part: &'a Part<M::Op>,
    kept: Kept,
    ops: Vec<&'a Entry<M::Op>>,
    watch: &'a Watch<'a>,
}

impl<M: Model> Scene<'_, M> {
    /// Tries the orders with what is known of objects of the model's kind.
    fn by_kind(&self) -> Found {
        // Where there are no words for what an operation does, nothing is known about its kind of object.
        let Some(accesses) = self.ops.iter().map(|entry| self.access(entry)).collect::<Option<Vec<_>>>()
        else {
            return Found::Order;
        };
        if let Some(never) = accesses.iter().position(|access| *access == Access::Never) {
            return if self.kept.is_required(never) { Found::None } else { Found::Order };
        }
        match self.model.kind() {
            Kind::Register { initial } => {
                self.tried(&register::Register::new(initial, &accesses, self.others()))
            }
            Kind::Set => self.tried(&toggles::Toggles::of_set(&accesses, self.others())),
            Kind::Mutex { held } => self.tried(&toggles::Toggles::of_mutex(held, &accesses, self.others())),
            Kind::OwnedMutex { reentrant } => {
                self.tried(&owners::Owners::new(reentrant, &accesses, self.others()))
            }
            Kind::Counter { initial } => {
                self.tried(&sums::Sums::of_counter(initial, &accesses, self.others()))
            }
            Kind::Log => self.tried(&entries::Entries::new(&accesses, self.others())),
            kind @ (Kind::Queue | Kind::Stack | Kind::Bag | Kind::PriorityQueue) => {
                self.tried(&container::Container::new(kind, &accesses, self.others()))
            }
            Kind::UniqueIds => self.tried(&identifiers::Identifiers::new(&accesses)),
            Kind::Other => Found::Order,
        }
    }

    fn tried<O: Object>(&self, object: &Option<O>) -> Found {
        object.as_ref().map_or(Found::Order, |object| any_order(object, &self.kept))
    }

    /// What one operation does; `None` where there are no words for it.
    fn access(&self, entry: &Entry<M::Op>) -> Option<Access> {
        let mut accesses = self.model.accesses(&entry.op);
        accesses.pop().filter(|_| accesses.is_empty())
    }

    /// The operations that were left out and may take effect before all kept ones are done.
    fn left_out(&self) -> impl Iterator<Item = (&Entry<M::Op>, gap::Window)> {
        let mut kept = self.ops.iter().map(|entry| entry.id).peekable();
        let all = self.part.entries.iter().enumerate();
        let all = all.take_while(|&(at, _)| self.watch.goes_on_at(at)).map(|(_, entry)| entry);
        let others = all.filter(move |entry| kept.next_if_eq(&entry.id).is_none());
        others.filter_map(|entry| Some((entry, self.kept.window(entry.call, entry.ret)?)))
    }

    fn others(&self) -> impl Iterator<Item = gap::Other> {
        self.left_out().map(|(entry, window)| gap::Other { access: self.access(entry), window })
    }
}
