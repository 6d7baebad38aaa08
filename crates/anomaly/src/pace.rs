//! Whether to go on, asked about as often whatever the steps are that one goes in.

use crate::touch::BLOCK;

/// Counts what was looked at.
pub(crate) struct Pace<'a> {
    goes_on: &'a dyn Fn() -> bool,
    since: usize,
}

impl<'a> Pace<'a> {
    pub(crate) fn new(goes_on: &'a dyn Fn() -> bool) -> Self {
        Self { goes_on, since: BLOCK }
    }

    /// So many things are looked at next; `false` where it is time to stop.
    pub(crate) fn goes_on_with(&mut self, things: usize) -> bool {
        self.since += things;
        if self.since < BLOCK {
            return true;
        }
        self.since = 0;
        (self.goes_on)()
    }
}
