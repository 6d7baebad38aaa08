//! What is left where it starts as late as it can.

use seriatim_history::EventId;
use seriatim_model::start::starts;
use seriatim_model::{Model, part};

use super::{Reducer, Tried, Try};

/// The most operations that a person reads: where no more are left, what they start with stays what it was.
const READ: usize = 15;

impl<M: Model> Reducer<'_, M> {
    /// Whether more is left than a person reads.
    pub(super) fn is_long(&self) -> bool {
        self.history.operations.len() > READ
    }

    /// Starts at later moments and leaves out what can be, by turns, until nothing more goes; `false` where none can.
    pub(super) fn start_later(&mut self) -> bool {
        let mut is_later = false;
        while !self.is_over() && self.start() {
            is_later = true;
            self.shrink();
        }
        is_later
    }

    /// Starts at the latest moment that leaves no linearization. As a rule none does that is later than one that leaves one,
    /// so it is looked for by halves.
    fn start(&mut self) -> bool {
        let (mut is_later, mut end): (bool, Option<EventId>) = (false, None);
        loop {
            let Ok(parts) = part::split(self.model(), &self.history) else { return is_later };
            let [only] = parts.as_slice() else { return is_later };
            let mut all = starts(self.model(), &only.entries);
            all.retain(|start| end.is_none_or(|end| start.ret < end));
            let Some(middle) = all.get(all.len() / 2) else { return is_later };
            match self.try_with(&Try::Start(middle)) {
                Tried::Smaller => is_later = true,
                Tried::Same | Tried::Failed | Tried::Undecided => end = Some(middle.ret),
            }
        }
    }
}
