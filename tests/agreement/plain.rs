//! What the plainest search says is the measure where there are too many orders for the oracle.

use rayon::ThreadPool;
use seriatim_checker::{Limits, Memory, Options, Reductions, Stop, Verdict, check_parts};
use seriatim_history::History;
use seriatim_model::Model;

use crate::judge::{Agreed, Disagreement, SEARCH, SHARED, Ways, compare};

/// Compares every way to decide a history with the plainest one, where there are too many orders for the oracle.
pub(crate) fn compare_ways<M: Model>(
    model: &M,
    history: &History,
    ways: &Ways,
    several: &ThreadPool,
) -> Result<Agreed, Disagreement> {
    let unreadable = |errors| Disagreement(format!("the model cannot read it: {errors:?}"));
    let parts = seriatim_model::part::split(model, history).map_err(unreadable)?;
    let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
    let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
    let plainest = Options { reductions: Reductions::NONE, ..SEARCH };
    let expected = check_parts(model, &parts, &limits, plainest, &()).into_iter().map(|decision| {
        match decision.verdict {
            Verdict::Linearizable(_) => Ok(None),
            Verdict::NotLinearizable(refutation) => Ok(Some(refutation.ret)),
            Verdict::Unknown(cause) => Err(Disagreement(format!("nothing is limited: {cause:?}"))),
        }
    });
    let expected = expected.collect::<Result<Vec<_>, _>>()?;
    for (name, options) in ways {
        compare(name, model, &parts, &expected, *options)?;
    }
    several.install(|| compare("search, shared", model, &parts, &expected, SHARED))?;
    let operations = parts.iter().map(|part| part.entries.len()).sum();
    let bad = expected.into_iter().flatten().min();
    Ok(Agreed { bad, operations, parts: parts.len(), exact: false })
}
