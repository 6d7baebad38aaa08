//! Which nodes something is done to, as far as its record says so.

use rustc_hash::FxHashSet;

use crate::operation::{Fault, History};
use crate::value::{Value, ValueId, Values};

/// What is known to be a node, since operations were sent there.
pub(super) struct Nodes<'a> {
    values: &'a Values,
    asked: FxHashSet<ValueId>,
    /// What their names look like.
    shapes: FxHashSet<String>,
}

/// A name with all its numbers alike.
fn shape(name: &str) -> String {
    let mut shape = String::new();
    for letter in name.chars() {
        let letter = if letter.is_ascii_digit() { '0' } else { letter };
        if letter != '0' || !shape.ends_with('0') {
            shape.push(letter);
        }
    }
    shape
}

impl<'a> Nodes<'a> {
    pub(super) fn new(history: &'a History) -> Self {
        let values = &history.values;
        let asked: FxHashSet<ValueId> =
            history.operations.iter().filter_map(|operation| operation.node).collect();
        let shapes = asked.iter().filter_map(|&node| values.as_text(node)).map(shape).collect();
        Self { values, asked, shapes }
    }

    /// Whether a text is the name of what something was done to, for all that is known: of a node that somebody asked, of one
    /// that looks like those, or of something with a number, be it a client. Others tell how it went (`healed`), or whom to
    /// choose (`majority`).
    fn has(&self, id: ValueId) -> bool {
        let Value::Text(text) = self.values.get(id) else { return self.asked.contains(&id) };
        let words = text.split_whitespace().count();
        let is_numbered = text.contains(|letter: char| letter.is_ascii_digit());
        let is_likely = || self.asked.contains(&id) || self.shapes.contains(&shape(text));
        !text.contains(['{', '[', '('])
            && (is_numbered && words <= 2 || words == 1 && self.asked.is_empty() || is_likely())
    }

    /// Whether names that end something are like none of those it was begun with: they tell how it went.
    pub(super) fn are_foreign(&self, names: &[ValueId], begun: &[ValueId]) -> bool {
        let of = |&name: &ValueId| self.values.as_text(name).map(shape);
        let begun: FxHashSet<String> = begun.iter().filter_map(of).collect();
        let is_foreign = |name: &ValueId| {
            !self.asked.contains(name)
                && of(name).is_some_and(|shape| !begun.contains(&shape) && !self.shapes.contains(&shape))
        };
        names.iter().all(is_foreign)
    }

    /// The nodes that a fault is done to: its own, or those that its details are.
    pub(super) fn of(&self, fault: &Fault) -> Vec<ValueId> {
        // One node, or a list of them, which may be empty.
        if let Some(node) = fault.node {
            return self.values.as_items(node).map_or_else(|| vec![node], <[_]>::to_vec);
        }
        let Some(value) = fault.value else { return Vec::new() };
        match self.values.get(value) {
            Value::List(items) | Value::Set(items) if items.iter().all(|&item| self.has(item)) => {
                items.to_vec()
            }
            Value::List(items) | Value::Set(items) => self.of_sides(items),
            Value::Map(entries) => self.of_map(entries),
            Value::Text(_) if self.has(value) => vec![value],
            _ => Vec::new(),
        }
    }

    /// Of sides that do not reach each other the lesser one if there are two, else all that are named.
    fn of_sides(&self, items: &[ValueId]) -> Vec<ValueId> {
        let sides: Option<Vec<&[ValueId]>> = items.iter().map(|&item| self.values.as_items(item)).collect();
        let sides = sides.filter(|sides| sides.iter().all(|side| side.iter().all(|&node| self.has(node))));
        match sides.unwrap_or_default()[..] {
            [one, other] if one.len() <= other.len() => one.to_vec(),
            [_, other] => other.to_vec(),
            ref more => more.concat(),
        }
    }

    /// Of a map those that something was done to; of one that says who does not reach whom, the lesser side if there are two.
    fn of_map(&self, entries: &[(ValueId, ValueId)]) -> Vec<ValueId> {
        if !entries.iter().all(|&(node, _)| self.has(node)) {
            return Vec::new();
        }
        let all: Vec<ValueId> = entries.iter().map(|&(node, _)| node).collect();
        let cut: Option<Vec<&[ValueId]>> =
            entries.iter().map(|&(_, from)| self.values.as_items(from)).collect();
        let Some(cut) = cut else { return all };
        // Those who are cut off from the same ones are on one side.
        let side = |of: usize| -> Vec<ValueId> {
            let mut others: Vec<ValueId> = cut[of].to_vec();
            others.sort_unstable();
            others
        };
        let mut sides: Vec<Vec<ValueId>> = (0..cut.len()).map(side).filter(|side| !side.is_empty()).collect();
        sides.sort();
        sides.dedup();
        sides.sort_by_key(Vec::len);
        match &sides[..] {
            [one, other] if one.iter().all(|node| !other.contains(node)) => one.clone(),
            _ => all,
        }
    }
}
