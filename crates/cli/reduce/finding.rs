//! One of the findings that `check` lists, and what `reduce` leaves of a history that still shows it.
//!
//! Findings are numbered as reports have them: those of all parts together, from 1. So all parts are decided before it is
//! known which is meant; then only its own part is made smaller, and every try is asked for its findings as `check` would.

use seriatim_anomaly::{AnomalyKind, Failed};
use seriatim_checker::{
    Decision, Goal, Limits, Memory, Options, Reduced, Stop, StopReason, Verdict, check_parts, reduce,
};
use seriatim_history::{History, ValueId};
use seriatim_model::catalog::Visitor;
use seriatim_model::{Model, Part, Unreadable, part};
use seriatim_report::Problem;

use crate::clock::{self, STOP};
use crate::naming::{found_in, named};

/// What became of the finding that was asked for.
pub(crate) enum Sought {
    /// The part that shows it, made smaller.
    Found(Box<Found>),
    /// There are only these.
    NotThere(Vec<AnomalyKind>),
    /// There is no violation.
    NoViolation,
    /// Not all findings could be known.
    Unknown(StopReason),
}

/// What is left of a history that shows a finding.
pub(crate) struct Found {
    pub(crate) kind: AnomalyKind,
    pub(crate) key: Option<ValueId>,
    pub(crate) reduced: Reduced,
    /// How many parts were left open, so that further findings may have been missed.
    pub(crate) open: usize,
}

/// Looks for a finding by its number, from 1.
pub(crate) struct Seek<'a> {
    pub(crate) history: &'a History,
    pub(crate) number: usize,
    pub(crate) limits: Limits<'a>,
}

impl Visitor for Seek<'_> {
    type Out = Result<Sought, Vec<Unreadable>>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let Self { history, number, limits } = self;
        let goes_on = || STOP.requested().is_none();
        let Some(parts) = part::split_while(&model, history, &goes_on)? else {
            return Ok(Sought::Unknown(STOP.requested().unwrap_or(StopReason::Memory)));
        };
        let decisions = check_parts(&model, &parts, &limits, Options::default(), &());
        let all = named(&model, &parts, &decisions, history, limits.memory);
        let is_open = |decision: &&Decision| matches!(decision.verdict, Verdict::Unknown(_));
        let open = decisions.iter().filter(is_open).count();
        // What was left off has other numbers.
        if let Some(reason) = STOP.requested() {
            return Ok(Sought::Unknown(reason));
        }
        if !clock::has_time_to_spare() {
            return Ok(Sought::Unknown(StopReason::Timeout));
        }
        let Some(finding) = number.checked_sub(1).and_then(|at| all.get(at)) else {
            let is_refuted = |decision: &Decision| matches!(decision.verdict, Verdict::NotLinearizable(_));
            return Ok(match decisions.iter().any(is_refuted) {
                true => Sought::NotThere(all.iter().map(|named| named.first.kind).collect()),
                false if open > 0 => Sought::Unknown(StopReason::Memory),
                false => Sought::NoViolation,
            });
        };
        let kind = finding.first.kind;
        let goal = Goal {
            keep: &finding.first.evidence.operations(),
            shows: &|part, refutation, history| {
                let found = found_in(&model, part, refutation, history, &Failed::default(), &goes_on);
                found.iter().any(|anomaly| anomaly.kind == kind)
            },
        };
        let reduced = reduce(&model, history, &decisions[finding.at], &limits, Some(&goal));
        let reduced = reduced.expect("what has a finding is refuted");
        Ok(Sought::Found(Box::new(Found { kind, key: finding.key, reduced, open })))
    }
}

/// What there is where a number is too large.
pub(crate) fn not_there(path: &str, number: usize, all: &[AnomalyKind]) -> Problem {
    let listed = |(number, kind): (usize, &AnomalyKind)| {
        let row = kind.row();
        format!("{number} {} {}", row.code, row.name)
    };
    let shown: Vec<String> = (1..).zip(all).map(listed).collect();
    let (count, help) = match all.len() {
        0 => ("no finding".to_owned(), "leave out --finding: it has a violation without a name".to_owned()),
        1 => ("1 finding".to_owned(), format!("it is {}", shown.join(", "))),
        many => (format!("{many} findings"), format!("they are {}", shown.join(", "))),
    };
    Problem::error(format!("`{path}` has {count}, so none has the number {number}")).help(help)
}

/// Whether a history that was written shows a finding when it is read by itself, or is too hard to tell in a moment.
pub(crate) struct Shows<'a> {
    pub(crate) history: &'a History,
    /// Any violation will do where there is none.
    pub(crate) kind: Option<AnomalyKind>,
}

impl Visitor for Shows<'_> {
    type Out = bool;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> bool
    where
        M::State: Ord,
    {
        /// What was written was decided a moment ago, and is decided once more within that.
        const MOMENT: u64 = 1 << 20;
        let (stop, memory) = (Stop::new(), Memory::new(1 << 30));
        let limits = Limits { configurations: MOMENT, stop: &stop, memory: &memory };
        let Ok(parts) = part::split(&model, self.history) else { return false };
        let decisions = check_parts(&model, &parts, &limits, Options::default(), &());
        let shows = |(part, decision): (&Part<M::Op>, &Decision)| match (&decision.verdict, self.kind) {
            (Verdict::Linearizable(_), _) => false,
            (Verdict::Unknown(_), _) | (Verdict::NotLinearizable(_), None) => true,
            (Verdict::NotLinearizable(refutation), Some(kind)) => {
                let found = found_in(&model, part, refutation, self.history, &Failed::default(), &|| true);
                found.iter().any(|anomaly| anomaly.kind == kind)
            }
        };
        parts.iter().zip(&decisions).any(shows)
    }
}
