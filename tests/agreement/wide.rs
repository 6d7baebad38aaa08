//! Histories that are too wide for a plain search: the ways to decide them judge each other.

use rayon::ThreadPool;
use seriatim_checker::{Limits, Memory, Options, Reductions, Stop, Verdict, check_parts};
use seriatim_history::History;
use seriatim_model::Model;

use crate::judge::{Agreed, Disagreement, SEARCH, SHARED, certify};

/// How many configurations each way may enter.
const CONFIGURATIONS: u64 = 5_000;

/// Decides a history in several ways, and compares the verdicts of those that come to an end.
pub(crate) fn compare_ways<M: Model>(
    model: &M,
    history: &History,
    several: &ThreadPool,
) -> Result<Agreed, Disagreement> {
    let unreadable = |errors| Disagreement(format!("the model cannot read it: {errors:?}"));
    let parts = seriatim_model::part::split(model, history).map_err(unreadable)?;
    let without = |change: fn(&mut Reductions)| {
        let mut reductions = Reductions::default();
        change(&mut reductions);
        Options { reductions, ..SEARCH }
    };
    let ways = [
        ("default", Options::default()),
        ("search", SEARCH),
        ("search, shared", SHARED),
        ("search without hidden writes", without(|reductions| reductions.hidden_writes = false)),
        ("search without demand", without(|reductions| reductions.demand = false)),
        ("search without blame", without(|reductions| reductions.blame = false)),
        ("search without starvation", without(|reductions| reductions.starvation = false)),
        (
            "search without either",
            without(|reductions| (reductions.hidden_writes, reductions.demand) = (false, false)),
        ),
        ("search without dead writes", without(|reductions| reductions.dead_writes = false)),
        ("search without impossible reads", without(|reductions| reductions.impossible_reads = false)),
    ];
    let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
    let limits = Limits { configurations: CONFIGURATIONS, stop: &stop, memory: &memory };
    let (mut bad, mut all) = (None, true);
    let mut known = vec![None; parts.len()];
    for (name, options) in ways {
        let decisions = several.install(|| check_parts(model, &parts, &limits, options, &()));
        for ((part, decision), known) in parts.iter().zip(decisions).zip(&mut known) {
            let of = |what: String| Disagreement(format!("{name}, part {:?}: {what}", part.key));
            let found = match &decision.verdict {
                Verdict::Unknown(_) => {
                    all = false;
                    continue;
                }
                Verdict::Linearizable(proof) => {
                    certify(model, part, proof).map_err(of)?;
                    None
                }
                Verdict::NotLinearizable(refutation) => Some(refutation.ret),
            };
            bad = bad.or(found);
            match known {
                None => *known = Some((name, found)),
                Some((earlier, other)) if *other != found => {
                    return Err(of(format!("refuted at {found:?}, but by {earlier} at {other:?}")));
                }
                Some(_) => {}
            }
        }
    }
    let operations = parts.iter().map(|part| part.entries.len()).sum();
    Ok(Agreed { bad, operations, parts: parts.len(), exact: all })
}

/// Searches a history that has an order with all threads from the start: how many configurations that takes where
/// nothing is learnt on the way.
pub(crate) fn search_together<M: Model>(
    model: &M,
    history: &History,
    several: &ThreadPool,
) -> Result<u64, Disagreement> {
    let unreadable = |errors| Disagreement(format!("the model cannot read it: {errors:?}"));
    let parts = seriatim_model::part::split(model, history).map_err(unreadable)?;
    let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
    let limits = Limits { configurations: 4 * CONFIGURATIONS, stop: &stop, memory: &memory };
    // With all reductions there is not much to share.
    let without = |starvation, blame| Options {
        reductions: Reductions { starvation, blame, ..Reductions::ALL },
        ..SHARED
    };
    let mut configurations = 0;
    for options in [SHARED, without(false, true), without(false, false)] {
        let decisions = several.install(|| check_parts(model, &parts, &limits, options, &()));
        for decision in &decisions {
            if let Verdict::NotLinearizable(refutation) = &decision.verdict {
                let reductions = options.reductions;
                return Err(Disagreement(format!(
                    "there is an order, and yet, with {reductions:?}: {refutation:?}"
                )));
            }
        }
        configurations = decisions.iter().map(|decision| decision.configurations).sum();
    }
    Ok(configurations)
}
