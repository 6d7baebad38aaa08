//! Decides all parts of a history, the largest first, on all threads of the pool it is called in.

use seriatim_history::History;
use seriatim_model::{Model, Part, Unreadable};

use crate::limits::Limits;
use crate::verdict::Decision;

/// How to decide; the default is how users want it, the rest is for tests and benches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Use this strategy for every part, whose conditions must hold; otherwise the cheapest whose conditions hold.
    pub strategy: Option<crate::strategy::Strategy>,
}

/// Hears of what a check does. Called from many threads.
pub trait Observer: Sync {
    /// How many parts there are, before any is decided.
    fn parts(&self, count: usize) {
        let _ = count;
    }
    /// The search of a part is at work: called now and then.
    fn searching(&self, part: usize, reached: crate::verdict::Reached) {
        let _ = (part, reached);
    }
    /// Work on a part begins.
    fn started(&self, part: usize) {
        let _ = part;
    }
    /// A part is decided.
    fn decided(&self, part: usize, decision: &Decision) {
        let _ = (part, decision);
    }
}

impl Observer for () {}

/// Splits a history into parts and decides each.
///
/// # Errors
/// The operations that the model cannot read.
pub fn check<M: Model>(
    model: &M,
    history: &History,
    limits: &Limits<'_>,
    options: Options,
    observer: &dyn Observer,
) -> Result<Vec<Decision>, Vec<Unreadable>> {
    let parts = seriatim_model::part::split(model, history)?;
    Ok(check_parts(model, &parts, limits, options, observer))
}

/// Decides parts; the decisions stand in the order of the parts.
pub fn check_parts<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    limits: &Limits<'_>,
    options: Options,
    observer: &dyn Observer,
) -> Vec<Decision> {
    let _ = (model, parts, limits, options, observer);
    Vec::new()
}
