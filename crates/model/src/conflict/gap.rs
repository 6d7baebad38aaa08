//! Where between kept operations those that were left out may be.

use seriatim_history::EventId;

use crate::access::Access;
use crate::part::Entry;

/// Kept operations, a bit each.
pub(super) type Mask = u16;

/// The kept operations in real time.
pub(super) struct Kept {
    calls: Vec<EventId>,
    /// For each, those that had returned when it was called.
    before: Vec<Mask>,
    /// Those that return.
    required: Mask,
    /// The returns in order, each with those that had returned then.
    returned: Vec<(EventId, Mask)>,
}

/// Where an operation that was left out may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Window {
    /// The kept operations that had returned when it was called: all of these come before it.
    after: Mask,
    /// The kept operations that were called when it had returned: none of these comes before it.
    before: Mask,
}

/// An operation that was left out.
pub(super) struct Other {
    /// What it does; `None` where there are no words for it.
    pub(super) access: Option<Access>,
    pub(super) window: Window,
}

impl Kept {
    /// Of at most 16 operations, in the order of their calls.
    pub(super) fn new<Op>(ops: &[&Entry<Op>]) -> Self {
        let mut returns: Vec<(EventId, Mask)> =
            (0..).zip(ops).filter_map(|(at, entry): (u32, _)| Some((entry.ret?, 1 << at))).collect();
        returns.sort_unstable();
        let mut all = 0;
        let returned = returns.into_iter().map(|(ret, bit)| {
            all |= bit;
            (ret, all)
        });
        let mut kept = Self {
            calls: ops.iter().map(|entry| entry.call).collect(),
            before: Vec::new(),
            returned: returned.collect(),
            required: 0,
        };
        kept.required = all;
        kept.before = kept.calls.iter().map(|&call| kept.returned_before(call)).collect();
        kept
    }

    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    /// Those that return, and so must take effect.
    pub(super) fn required(&self) -> Mask {
        self.required
    }

    /// Whether an operation returns.
    pub(super) fn is_required(&self, op: usize) -> bool {
        self.required & 1 << op != 0
    }

    /// Those that had returned when an operation was called.
    pub(super) fn before(&self, op: usize) -> Mask {
        self.before[op]
    }

    /// Where an operation that was left out may be; `None` where all that must take effect had returned when it was
    /// called, so that it comes too late to be of help.
    pub(super) fn window(&self, call: EventId, ret: Option<EventId>) -> Option<Window> {
        let after = self.returned_before(call);
        let called = ret.map_or(self.calls.len(), |ret| self.calls.partition_point(|&call| call < ret));
        let all = (1_u32 << self.calls.len()) - 1;
        let before = all & !((1 << called) - 1);
        (after != self.required).then_some(Window {
            after,
            before: Mask::try_from(before).expect("at most 16 operations are kept"),
        })
    }

    /// Those that had returned at an event.
    pub(super) fn returned_before(&self, event: EventId) -> Mask {
        let count = self.returned.partition_point(|&(ret, _)| ret < event);
        count.checked_sub(1).map_or(0, |last| self.returned[last].1)
    }
}

impl Window {
    /// Whether the operation may be where `done` come before and all others behind.
    pub(super) fn is_open(self, done: Mask) -> bool {
        self.may_precede(done) && !self.must_precede(done)
    }

    /// Whether it may have taken effect when `done` have and nothing else that is kept.
    pub(super) fn may_precede(self, done: Mask) -> bool {
        self.after & !done == 0
    }

    /// Whether one of `done` was called when it had returned.
    pub(super) fn must_precede(self, done: Mask) -> bool {
        self.before & done != 0
    }
}

/// Where operations that all do the same may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Windows(Vec<Window>);

impl Windows {
    pub(super) fn add(&mut self, window: Window) {
        // There are few different ones, and equal ones often follow each other.
        if !self.0.iter().rev().any(|&known| known == window) {
            self.0.push(window);
        }
    }

    /// Whether any of them may be where `done` come before and all others behind.
    pub(super) fn is_open(&self, done: Mask) -> bool {
        self.0.iter().any(|window| window.is_open(done))
    }
}
