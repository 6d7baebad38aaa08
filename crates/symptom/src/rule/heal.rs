//! The ends of faults, and what there is after each until something else begins.

use crate::baseline::{Spell, spells};
use crate::rule::load;
use crate::rules::Asked;

/// The end of a fault while no other one lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heal {
    pub(crate) spell: Spell,
    /// When nothing was being done to the system for the first time since the fault began.
    pub(crate) at: i64,
    /// When the next fault of the system begins, or most clients leave.
    pub(crate) until: i64,
}

/// All of them whose time is known, in order.
pub(crate) fn heals(asked: &Asked<'_>) -> Vec<Heal> {
    let observed = asked.observed;
    let spells = spells(observed);
    let until = load::until(observed);
    // What is done to clients ends nothing that a fault of the system left behind.
    let nodes: Vec<_> = observed.nodes().into_iter().flatten().collect();
    let is_of_clients = |spell: &Spell| {
        let of = &observed.windows[spell.window].nodes;
        !nodes.is_empty() && !of.is_empty() && !of.iter().any(|node| nodes.contains(node))
    };
    let of = |spell: &Spell| {
        let at = spell.to;
        let is_over = spell.has_ended
            && spells
                .iter()
                .all(|other| other.window == spell.window || !(other.from <= at && at < other.to));
        let others = spells.iter().filter(|other| other.from > at && !is_of_clients(other));
        let next = others.map(|other| other.from).min();
        let until = next.map_or(until, |next| next.min(until));
        (is_over && at < until).then_some(Heal { spell: *spell, at, until })
    };
    let mut all: Vec<_> = spells.iter().filter_map(of).collect();
    all.sort_by_key(|heal| (heal.at, heal.spell.from));
    all.dedup_by_key(|heal| heal.at);
    all
}
