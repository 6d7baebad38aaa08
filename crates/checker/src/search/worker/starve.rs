//! Configurations that have no completion, because somebody needs a value that nobody is left to put in.

use super::Worker;
use crate::numbered::NEVER;
use crate::search::config::Config;
use crate::search::dead::DEAD;
use crate::search::window::Window;
use crate::table::StateId;

/// What is known of the values of a register at the configuration that is looked at.
#[derive(Debug, Default)]
pub(super) struct Hunger {
    /// For each value, the last look in which it was asked about.
    asked: Vec<u32>,
    /// For each value, the last look in which an open operation could put it in.
    supplied: Vec<u32>,
    /// For each value that was asked about, the first return of an open operation that needs it.
    earliest: Vec<u32>,
    /// The values that are asked about.
    values: Vec<u32>,
    look: u32,
    /// For each value, the kinds of crashed operations that put it in.
    kinds: Vec<Vec<u32>>,
    /// For each state, the number of the value that it holds; [`UNKNOWN`] until somebody asks.
    by_state: Vec<u32>,
}

const UNKNOWN: u32 = u32::MAX;

const NO_VALUE: u32 = u32::MAX - 1;

impl Hunger {
    /// `kinds` names, for each value, the kinds of crashed operations that put it in.
    pub(super) fn new(kinds: Vec<Vec<u32>>) -> Self {
        let values = kinds.len();
        Self {
            asked: vec![0; values],
            supplied: vec![0; values],
            earliest: vec![NEVER; values],
            kinds,
            ..Self::default()
        }
    }

    fn ask(&mut self, value: usize, ret: u32) {
        if std::mem::replace(&mut self.asked[value], self.look) != self.look {
            self.earliest[value] = NEVER;
            self.values.push(u32::try_from(value).expect("fewer than 2^32 values"));
        }
        self.earliest[value] = self.earliest[value].min(ret);
    }
}

impl<W: Window> Worker<'_, '_, W> {
    /// The value that a configuration, at which the cursor stands, is starved of, and the return by which it is needed;
    /// `left` is the state before the step that led there. Only values that the step could have used up are looked at, and those that open operations need.
    pub(in crate::search) fn starved(&mut self, config: &Config<W>, left: StateId) -> Option<(usize, u32)> {
        let setup = self.shared.setup;
        let (uses, supply) = (setup.uses?, setup.supply?);
        self.hunger.look += 1;
        self.hunger.values.clear();
        let ops = &setup.numbered.ops;
        for &op in self.cursor.open() {
            let op_slot = setup.slots[op as usize];
            let interval = &ops[op as usize];
            let is_linearized = config.linearized.has(op_slot);
            if !is_linearized && let Some(value) = uses.needs(interval.class) {
                self.hunger.ask(value, interval.ret);
            }
            if let Some(value) = uses.puts(interval.class) {
                if is_linearized {
                    self.hunger.ask(value, NEVER);
                } else {
                    self.hunger.supplied[value] = self.hunger.look;
                }
            }
        }
        if left != config.state
            && let Some(value) = self.held(left)
        {
            self.hunger.ask(value, NEVER);
        }
        let here = self.held(config.state);
        let called = self.cursor.called();
        for at in 0..self.hunger.values.len() {
            let value = self.hunger.values[at] as usize;
            if Some(value) == here || self.hunger.supplied[value] == self.hunger.look {
                continue;
            }
            let needed = self.hunger.earliest[value].min(supply.next_need(value, called));
            if needed == NEVER || needed > setup.horizon {
                continue;
            }
            let is_put_later =
                supply.next_put(value, called).is_some_and(|op| ops[op as usize].call < needed);
            if !is_put_later && !self.has_crashed(config, value) {
                let returns = &setup.numbered.returns;
                self.shared.starve(returns.partition_point(|&op| ops[op as usize].ret < needed));
                return Some((value, needed));
            }
        }
        None
    }

    /// The kinds of crashed operations that put a value in.
    pub(super) fn kinds_of(&self, value: usize) -> impl Iterator<Item = u32> {
        self.hunger.kinds[value].iter().copied()
    }

    /// Whether a crashed operation is left that puts a value in.
    fn has_crashed(&self, config: &Config<W>, value: usize) -> bool {
        let spent = &self.shared.spent;
        self.hunger.kinds[value]
            .iter()
            .any(|&kind| self.cursor.available(kind) > spent.count(config.spent, kind))
    }

    /// The number of the value that the register holds.
    fn held(&mut self, state: StateId) -> Option<usize> {
        let uses = self.shared.setup.uses?;
        if state == DEAD {
            return None;
        }
        let at = state as usize;
        if self.hunger.by_state.len() <= at {
            self.hunger.by_state.resize(at + 1, UNKNOWN);
        }
        if self.hunger.by_state[at] == UNKNOWN {
            let number = self.table.value_of(state).and_then(|value| uses.number(value));
            self.hunger.by_state[at] =
                number.map_or(NO_VALUE, |number| u32::try_from(number).expect("fewer than 2^32 values"));
        }
        Some(self.hunger.by_state[at]).filter(|&number| number != NO_VALUE).map(|number| number as usize)
    }
}
