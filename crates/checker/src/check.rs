//! Decides all parts of a history on all threads of the pool it is called in, round by round: see [`crate::rounds`].

use seriatim_history::{EventId, History, NilRead};
use seriatim_model::ids::IdSet;
use seriatim_model::set::{self, Set};
use seriatim_model::{Choice, Model, NotShown, Part, Unreadable, certificate, conflict};

use crate::limits::{Limits, StopReason};
use crate::numbered::Numbered;
use crate::rounds::Rounds;
use crate::search::{Answer, Reductions, Search};
use crate::strategy::{Decided, Elements, Exact, Outcome, Strategy};
use crate::suspects::Scout;
use crate::verdict::{Cause, Decision, Reached, Refutation, Verdict};

/// How to decide; the default is how users want it, the rest is for tests and benches.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Use this strategy wherever its conditions hold, and the search elsewhere; otherwise the cheapest whose
    /// conditions hold.
    pub strategy: Option<Strategy>,
    /// The reductions of the search.
    pub reductions: Reductions,
    /// How many configurations the search of a part enters without coming any further, before it asks idle threads for
    /// help.
    pub alone: u64,
    /// How many operations a piece between two cuts has at the least; a part of fewer than twice as many is not cut.
    pub piece: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { strategy: None, reductions: Reductions::default(), alone: 1 << 11, piece: 1 << 6 }
    }
}

/// Hears of what a check does. Called from many threads.
pub trait Observer: Sync {
    /// How many parts there are, before any is decided.
    fn parts(&self, count: usize) {
        let _ = count;
    }
    /// Work on a part begins, or goes on after others had their turn.
    fn started(&self, part: usize) {
        let _ = part;
    }
    /// The search of a part is at work: called now and then.
    fn searching(&self, part: usize, reached: Reached) {
        let _ = (part, reached);
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
///
/// # Panics
/// Where a strategy claims a linearization that the verifier refuses: a wrong yes must never leave this function.
pub fn check_parts<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    limits: &Limits<'_>,
    options: Options,
    observer: &dyn Observer,
) -> Vec<Decision> {
    observer.parts(parts.len());
    let decide = |part: usize, limits: &Limits<'_>| {
        observer.started(part);
        decide(model, &parts[part], limits, options, &|reached| observer.searching(part, reached))
    };
    let sizes: Vec<usize> = parts.iter().map(|part| part.entries.len()).collect();
    Rounds::new(&sizes, limits).run(decide, |part, decision| observer.decided(part, decision))
}

fn decide<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    limits: &Limits<'_>,
    options: Options,
    progress: &(dyn Fn(Reached) + Sync),
) -> Decision {
    if let Some(reason) = limits.stop.requested() {
        return stopped(part, reason, Strategy::Search);
    }
    let numbered = Numbered::intervals(part, limits.stop);
    let exact = Exact::choose(model, part, &numbered, options.strategy);
    let outcome = exact.as_ref().map_or(Outcome::Undecided(None), |exact| exact.decide(&numbered));
    let strategy = exact.as_ref().map_or(Strategy::Search, Exact::strategy);
    // Whoever is asked to stop leaves off where it is, and what it says then means nothing.
    if let Some(reason) = limits.stop.requested() {
        return stopped(part, reason, strategy);
    }
    let case = Case { model, part, numbered: &numbered, limits };
    if exact.is_none()
        && let Some(decision) = by_elements(&case, options, progress)
    {
        return decision;
    }
    let verdict = match (outcome, exact) {
        (Outcome::Undecided(bad), _) => return case.search(bad, options, progress),
        (Outcome::Order(order), Some(exact)) => {
            case.certify(part, &exact.outcomes(&order), strategy).map(Verdict::Linearizable)
        }
        (Outcome::Refuted { at, before }, Some(exact)) => {
            // That no prefix is shorter is a claim like any other.
            let certified = before.map(|before| {
                let prefix = numbered.prefix(part, at)?;
                case.certify(&prefix, &exact.outcomes(&before), strategy).map(drop)
            });
            // Evidence takes room, too.
            drop(exact);
            certified.transpose().map(|_| case.refuted(at))
        }
        (Outcome::Order(_) | Outcome::Refuted { .. }, None) => unreachable!("only a strategy decides"),
    };
    match verdict {
        Ok(verdict) => decision(part, strategy, 0, verdict),
        Err(reason) => stopped(part, reason, strategy),
    }
}

/// Decides a set that is read whole, element by element as far as that goes; `None` where that is of no use.
fn by_elements<M: Model>(
    case: &Case<'_, M>,
    options: Options,
    progress: &(dyn Fn(Reached) + Sync),
) -> Option<Decision> {
    let &Case { model, part, numbered, limits } = case;
    let strategy = Strategy::Elements;
    if options.strategy.is_some_and(|wanted| wanted != strategy) {
        return None;
    }
    let stopped = |reason| Some(stopped(part, reason, strategy));
    let Some(elements) = Elements::new(model, part, numbered) else {
        return limits.stop.requested().and_then(stopped);
    };
    let set = Set { initial: IdSet::default(), nil_read: NilRead::Value };
    let search = |part: &Part<set::Op>| {
        let mut numbered = Numbered::intervals(part, limits.stop);
        numbered.classify(part);
        Search { model: &set, part, numbered: &numbered, limits, options, progress }.run()
    };
    let certified = |part: &Part<M::Op>, order: Vec<u32>| {
        let order: Vec<(u32, u32)> = order.into_iter().map(|op| (op, 0)).collect();
        case.certify(part, &order, strategy)
    };
    let (decided, configurations) = elements.decide(&search);
    if let Some(reason) = limits.stop.requested() {
        return stopped(reason);
    }
    let verdict = match decided {
        Decided::Order(order) => match certified(part, order) {
            Ok(proof) => Verdict::Linearizable(proof),
            Err(reason) => return stopped(reason),
        },
        Decided::Refuted(at) => {
            let before = match numbered.prefix(part, at) {
                Ok(before) => before,
                Err(reason) => return stopped(reason),
            };
            let numbered_before = Numbered::intervals(&before, limits.stop);
            let decided =
                Elements::of_any(model, &before, &numbered_before).map(|elements| elements.decide(&search).0);
            let order = match (decided, limits.stop.requested()) {
                (_, Some(reason)) | (Some(Decided::Stopped(reason, _)), _) => return stopped(reason),
                (Some(Decided::Order(order)), None) => order,
                (Some(Decided::Refuted(_)) | None, None) => {
                    unreachable!("the elements of what comes before the first bad return are all well")
                }
            };
            if let Err(reason) = certified(&before, order) {
                return stopped(reason);
            }
            case.refuted(at)
        }
        Decided::Stopped(reason, reached) => Verdict::Unknown(Cause { reason, reached }),
    };
    Some(decision(part, strategy, configurations, verdict))
}

fn decision<Op>(
    part: &Part<Op>,
    strategy: Strategy,
    configurations: u64,
    verdict: Verdict<Vec<Choice>>,
) -> Decision {
    let ops = part.entries.iter().map(|entry| entry.id).collect();
    Decision { key: part.key, touched: part.touched.clone(), ops, strategy, configurations, verdict }
}

/// What is known of a part whose strategy was stopped before it had anything to show.
fn stopped<Op>(part: &Part<Op>, reason: StopReason, strategy: Strategy) -> Decision {
    let of = part.entries.iter().filter(|entry| entry.ret.is_some()).count();
    let reached = Reached { of, indeterminate: part.entries.len() - of, ..Reached::default() };
    decision(part, strategy, 0, Verdict::Unknown(Cause { reason, reached }))
}

/// A part that is being decided.
struct Case<'a, M: Model> {
    model: &'a M,
    part: &'a Part<M::Op>,
    numbered: &'a Numbered<'a>,
    limits: &'a Limits<'a>,
}

impl<M: Model> Case<'_, M> {
    /// What the search finds. Of a part that has no linearization up to the return `bad` only what comes before it is
    /// searched.
    fn search(&self, bad: Option<usize>, options: Options, progress: &(dyn Fn(Reached) + Sync)) -> Decision {
        let prefix = match bad.map(|bad| self.numbered.prefix(self.part, bad)).transpose() {
            Ok(prefix) => prefix,
            Err(reason) => return stopped(self.part, reason, Strategy::Search),
        };
        let searched = prefix.as_ref().unwrap_or(self.part);
        let mut numbered = Numbered::intervals(searched, self.limits.stop);
        numbered.classify(searched);
        let (model, limits) = (self.model, self.limits);
        let found = Search { model, part: searched, numbered: &numbered, limits, options, progress }.run();
        let unknown = |reason| Verdict::Unknown(Cause { reason, reached: found.reached });
        let verdict = match found.answer {
            Answer::Yes(order) => match (self.certify(searched, &order, Strategy::Search), bad) {
                (Ok(proof), None) => Verdict::Linearizable(proof),
                (Ok(_), Some(bad)) => self.refuted(bad),
                (Err(reason), _) => unknown(reason),
            },
            Answer::No(at) => self.refuted(at),
            Answer::Stopped(reason) => unknown(reason),
        };
        decision(self.part, Strategy::Search, found.reached.configurations, verdict)
    }

    /// Turns an order of places in `part`, which is this one or a prefix of it, into one of operations that the verifier
    /// has accepted; or tells why there was no time.
    fn certify(
        &self,
        part: &Part<M::Op>,
        order: &[(u32, u32)],
        strategy: Strategy,
    ) -> Result<Vec<Choice>, StopReason> {
        let stop = self.limits.stop;
        let choice = |&(op, outcome): &(u32, u32)| Choice { op: part.entries[op as usize].id, outcome };
        let proof: Vec<_> = order.iter().map(choice).collect();
        let verified = certificate::verify_while(self.model, part, &proof, || stop.requested().is_none());
        // What was left off while it was written is refused here; but then somebody asked for it.
        match (verified, stop.requested()) {
            (Ok(true), _) => Ok(proof),
            (_, Some(reason)) => Err(reason),
            (Ok(false), None) => unreachable!("only a request to stop ends a replay"),
            (Err(refused), None) => {
                panic!("{strategy:?} claims an order that the verifier refuses: {refused}");
            }
        }
    }

    /// That the shortest prefix without a linearization ends with a return, with operations that show it where such are
    /// found: only what the verifier accepts leaves this crate.
    fn refuted<Yes>(&self, at: usize) -> Verdict<Yes> {
        let &Self { model, part, numbered, limits } = self;
        let op = numbered.returns[at];
        let ret = numbered.ops[op as usize].ret;
        let prefix = numbered.ops.partition_point(|other| other.call < ret);
        let evidence = Scout::new(model, part, op as usize, limits.stop).find().filter(|evidence| {
            let shown = conflict::verify_while(model, part, evidence, &|| limits.stop.requested().is_none());
            debug_assert!(
                matches!(shown, Ok(()) | Err(NotShown::LeftOff)),
                "{evidence:?} is named as evidence: {shown:?}"
            );
            shown.is_ok()
        });
        let op = part.entries[op as usize].id;
        Verdict::NotLinearizable(Refutation { op, ret: EventId(ret), prefix, evidence })
    }
}
