//! Cores for the certificates of parts that have no linearization and no evidence of few operations: what sound removals
//! leave of them, as far as so little is left that the verifier tries all its orders.
//!
//! A core is a help, as evidence is: what the verifier would not accept is left out, and time that is up ends the search
//! for it. It costs a reduction for each such part.

use seriatim_checker::{Decision, Limits, Verdict, reduce};
use seriatim_history::History;
use seriatim_model::catalog::Visitor;
use seriatim_model::{Core, Model, reduction};

use crate::clock;

/// Makes the parts smaller that are refuted without evidence.
pub(crate) struct Cores<'a> {
    pub(crate) history: &'a History,
    pub(crate) decisions: &'a [Decision],
    pub(crate) limits: Limits<'a>,
}

impl Visitor for Cores<'_> {
    /// For each part its core, where it has one.
    type Out = Vec<Option<Core>>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let Self { history, decisions, limits } = self;
        let core = |decision: &Decision| {
            let Verdict::NotLinearizable(refutation) = &decision.verdict else { return None };
            if refutation.evidence.is_some() || !clock::has_time_to_spare() {
                return None;
            }
            let core = reduce(&model, history, decision, &limits, None)?.core;
            match reduction::verify(&model, history, &decision.ops, &core) {
                Ok(()) => Some(core),
                Err(doubt) => {
                    debug_assert!(doubt.is_only_too_much(), "what a reduction leaves is proof: {doubt}");
                    None
                }
            }
        };
        decisions.iter().map(core).collect()
    }
}
