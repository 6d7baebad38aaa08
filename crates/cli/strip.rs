//! The way to where a part stops being linearizable: the last steps of an order of what had returned by then.

use seriatim_checker::{Limits, Options, Refutation, Verdict, check_parts};
use seriatim_history::{OpId, Values};
use seriatim_model::{Entry, Model, Part};

/// One step of an order.
#[derive(Debug)]
pub(crate) struct Step {
    /// The operation.
    pub(crate) of: OpId,
    /// What it did.
    pub(crate) shown: String,
    /// The state after it.
    pub(crate) state: String,
}

/// An order, and what is told of it.
#[derive(Debug, Default)]
pub(crate) struct Strip {
    /// All operations of it; none where no order was found.
    pub(crate) order: Vec<OpId>,
    /// Its last steps.
    pub(crate) steps: Vec<Step>,
}

/// So many steps are told, the last of the order.
const TOLD: usize = 12;

/// An order is found for so many operations at the most, since it is found only to be looked at.
const OPERATIONS: usize = 20_000;

/// One order of all that had returned before a part stops being linearizable: there is one, since nothing
/// shorter than the refuted prefix is without. Nothing where it was not found within the limits. States are told by `show`.
pub(crate) fn strip<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    values: &Values,
    refutation: &Refutation,
    limits: &Limits<'_>,
    show: impl Fn(&M::State) -> String,
) -> Strip
where
    M::State: Ord,
{
    if refutation.prefix > OPERATIONS {
        return Strip::default();
    }
    let called = part.entries.iter().filter(|entry| entry.call < refutation.ret && entry.id != refutation.op);
    // Whatever had not returned may have taken effect, or not.
    let cut =
        |entry: &Entry<M::Op>| Entry { ret: entry.ret.filter(|&ret| ret < refutation.ret), ..entry.clone() };
    let before = Part { key: part.key, touched: part.touched.clone(), entries: called.map(cut).collect() };
    let mut decisions = check_parts(model, std::slice::from_ref(&before), limits, Options::default(), &());
    let Some(Verdict::Linearizable(order)) = decisions.pop().map(|decision| decision.verdict) else {
        return Strip::default();
    };
    let untold = order.len().saturating_sub(TOLD);
    let mut state = model.init();
    let mut steps = Vec::new();
    for (at, choice) in order.iter().enumerate() {
        let place = before.entries.binary_search_by_key(&choice.op, |entry| entry.id);
        let Ok(entry) = place.map(|place| &before.entries[place]) else { return Strip::default() };
        if !model.advance(&mut state, &entry.op, choice.outcome as usize) {
            return Strip::default();
        }
        if at >= untold {
            steps.push(Step { of: choice.op, shown: model.show_op(&entry.op, values), state: show(&state) });
        }
    }
    Strip { order: order.iter().map(|choice| choice.op).collect(), steps }
}
