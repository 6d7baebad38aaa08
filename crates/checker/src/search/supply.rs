//! Where each value of a register comes from, and who will still need it: what tells a search that it has gone astray.
//!
//! A configuration is *starved* if an operation that has still to return needs a value that the register does not hold,
//! and nobody is left who puts it in before that return: no open operation, no crashed one, none that is called later.
//! It has no completion. With values that are written often this happens rarely, and with distinct ones at once after
//! most wrong turns, where the search would find out only many returns later.

use crate::numbered::{NEVER, Numbered};
use crate::search::uses::Uses;

/// For each value, by its number in [`Uses`], who puts it in and who needs it.
#[derive(Debug)]
pub(super) struct Supply {
    /// The operations that put it in, in the order of their calls.
    puts: Vec<Vec<u32>>,
    /// The operations that return and need it, in the order of their calls, each with the first return among it and
    /// those that follow.
    needs: Vec<Vec<(u32, u32)>>,
}

impl Supply {
    pub(super) fn new(uses: &Uses, numbered: &Numbered) -> Self {
        let mut puts = vec![Vec::new(); uses.values()];
        let mut needs: Vec<Vec<(u32, u32)>> = vec![Vec::new(); uses.values()];
        for (at, op) in (0..).zip(&numbered.ops) {
            // What comes of it then means nothing.
            if numbered.is_over(at as usize) {
                break;
            }
            if let Some(value) = uses.puts(op.class) {
                puts[value].push(at);
            }
            if let Some(value) = uses.needs(op.class)
                && op.ret != NEVER
            {
                needs[value].push((at, op.ret));
            }
        }
        for needs in &mut needs {
            for at in (1..needs.len()).rev() {
                needs[at - 1].1 = needs[at - 1].1.min(needs[at].1);
            }
        }
        Self { puts, needs }
    }

    /// The first operation from `called` on, in the order of calls, that puts a value in.
    pub(super) fn next_put(&self, value: usize, called: u32) -> Option<u32> {
        let puts = &self.puts[value];
        puts.get(puts.partition_point(|&op| op < called)).copied()
    }

    /// The first return of those from `called` on, in the order of calls, that need a value; [`NEVER`] where nobody does.
    pub(super) fn next_need(&self, value: usize, called: u32) -> u32 {
        let needs = &self.needs[value];
        needs.get(needs.partition_point(|&(op, _)| op < called)).map_or(NEVER, |&(_, ret)| ret)
    }
}
