//! Values of a register that nobody will ask for again.
//!
//! A value is dead once no operation that has still to return needs it, and none that has still to return only needs
//! it gone. Then it does not matter which dead value the register holds, writes of dead values fit anywhere just
//! before another write, and those of unknown outcome are of no use at all (ALGORITHMS §B2d).

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::Access;

use crate::numbered::{NEVER, Numbered};
use crate::table::{Outcomes, StateId, Table};

/// The state that stands for all states that hold a dead value.
pub(crate) const DEAD: StateId = StateId::MAX;

/// Which values are needed until when.
#[derive(Clone, Debug)]
pub(crate) struct Deadness {
    /// The last return of an operation that needs a value; [`NEVER`] where one of unknown outcome may need it.
    needed: FxHashMap<ValueId, u32>,
    /// The last return of an operation that needs a value to be gone.
    negative: Option<u32>,
    /// Of what a class puts into the register, the last return of an operation that needs it, or 0.
    puts: Vec<Option<u32>>,
    /// Where a class that writes blindly leads, from any state.
    blind: Vec<Option<StateId>>,
    /// `needed` by state; filled as states come up.
    by_state: Vec<Option<u32>>,
}

impl Deadness {
    /// What a register's accesses, by class, ask for; `None` where a write can be refused.
    pub(super) fn new(accesses: &[Access], numbered: &Numbered, table: &mut Table<'_, '_>) -> Option<Self> {
        let mut needed: FxHashMap<ValueId, u32> = FxHashMap::default();
        let mut negative = None;
        for (at, op) in numbered.ops.iter().enumerate() {
            if numbered.is_over(at) {
                return None;
            }
            match accesses[op.class as usize] {
                Access::Read(_) if op.ret == NEVER => {}
                Access::Read(value) | Access::Swap(value, _) => {
                    let last = needed.entry(value).or_default();
                    *last = op.ret.max(*last);
                }
                Access::Differs(_) => negative = negative.max(Some(op.ret)),
                _ => {}
            }
        }
        let mut blind = vec![None; accesses.len()];
        let mut puts = vec![None; accesses.len()];
        for (class, access) in (0..).zip(accesses) {
            if numbered.is_over(class as usize) {
                return None;
            }
            match *access {
                Access::Write(value) => {
                    let Outcomes::One(state) = table.next(Table::INITIAL, class) else { return None };
                    blind[class as usize] = Some(state);
                    puts[class as usize] = Some(value);
                }
                Access::Swap(_, value) => puts[class as usize] = Some(value),
                _ => {}
            }
        }
        let last = |value: Option<ValueId>| Some(needed.get(&value?).copied().unwrap_or(0));
        let puts = puts.into_iter().map(last).collect();
        Some(Self { needed, negative, puts, blind, by_state: Vec::new() })
    }

    /// Whether any value may be dead at a return: none is while an operation has still to see a value gone.
    fn applies(&self, ret: u32) -> bool {
        self.negative.is_none_or(|last| last < ret)
    }

    /// The state itself, or [`DEAD`] where its value is dead at a return.
    pub(crate) fn canonical(&mut self, state: StateId, ret: u32, table: &Table<'_, '_>) -> StateId {
        if state == DEAD || !self.applies(ret) {
            return state;
        }
        let at = state as usize;
        if self.by_state.len() <= at {
            self.by_state.resize(at + 1, None);
        }
        let needed = *self.by_state[at].get_or_insert_with(|| {
            // A state without a value is kept alive for ever.
            table.value_of(state).map_or(NEVER, |value| self.needed.get(&value).copied().unwrap_or(0))
        });
        if needed < ret { DEAD } else { state }
    }

    /// Whether what a class puts into the register is dead at a return.
    pub(crate) fn puts_dead(&self, class: u32, ret: u32) -> bool {
        self.applies(ret) && self.puts[class as usize].is_some_and(|last| last < ret)
    }

    /// Where a class that writes blindly leads.
    pub(crate) fn blind(&self, class: u32) -> Option<StateId> {
        self.blind[class as usize]
    }
}
