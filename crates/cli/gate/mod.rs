//! What makes a run pass: which findings fail it, which are known and let pass, and what is said of the rest.
//!
//! A gate changes how the process ends, and never a verdict. It goes by the findings of a history: kinds of violations, parts
//! that are violated without a name, and symptoms, each with a fingerprint. A history that is violated passes only if none of
//! these fails it; what else is the matter with it (parts that are not decided, what it lacks) counts then.

pub(crate) mod baseline;
pub(crate) mod fail_on;

use rustc_hash::FxHashSet;
use seriatim_report::document::Baselined;
use seriatim_report::found::{Found, Judged, Sort};
use seriatim_report::{Problem, Verdict};

use crate::args::GateArgs;
use crate::date::Date;
use crate::exit::{Exit, Policy};
use crate::gate::baseline::Baseline;
use crate::gate::fail_on::FailOn;
use crate::output::complain;
use crate::shard::TAKES_ALL_PARTS;

/// So many are named one by one.
const NAMED: usize = 5;

/// The beginning of what a gate says in the notes of a report: it is said anew by whoever judges the report again.
pub(crate) const SAID: &str = "gate: ";

/// What makes a run pass.
pub(crate) struct Gate {
    policy: Policy,
    fail_on: FailOn,
    baseline: Option<Baseline>,
    today: Date,
}

/// How a run ends, and what there is to say of that.
pub(crate) struct Judgement {
    /// How it ends.
    pub(crate) exit: Exit,
    /// What the report says of it.
    pub(crate) notes: Vec<String>,
    /// What passes although it is violated, and why: not only the report says so.
    pub(crate) passed: Option<String>,
}

impl Gate {
    /// The gate that the command line describes.
    ///
    /// # Errors
    /// The baseline cannot be read.
    pub(crate) fn new(args: &GateArgs) -> Result<Self, Problem> {
        Ok(Self {
            policy: args.policy(),
            fail_on: FailOn::new(&args.fail_on)?,
            baseline: args.baseline.as_deref().map(Baseline::read).transpose()?,
            today: args.today.unwrap_or_else(Date::today),
        })
    }

    /// Whether it can judge what was decided of histories part by part.
    ///
    /// # Errors
    /// It asks for what only whole histories have: it would pass whatever was the matter.
    pub(crate) fn takes_parts(&self) -> Result<(), Problem> {
        let Some(asked) = self.fail_on.takes_all_parts() else { return Ok(()) };
        let help = format!(
            "check whole histories, without --shard; of shards, {} are not known",
            TAKES_ALL_PARTS.join(", ")
        );
        Err(Problem::error(format!("--fail-on has `{asked}`, which shards cannot tell")).help(help))
    }

    /// Judges a run that was not interrupted. `is_whole` is whether its histories are: of a share of their parts it is not said
    /// what is gone.
    pub(crate) fn judge<J: Judged>(&self, histories: &mut [J], is_whole: bool) -> Judgement {
        let mut met = FxHashSet::default();
        let mut passed = Vec::new();
        let mut expired = Vec::new();
        let mut counted = Vec::new();
        for history in histories.iter_mut() {
            let mut of = OfHistory::default();
            let mut here = Vec::new();
            history.mark(&mut |found| {
                let baselined = self.known(found);
                if let Some(baselined) = &baselined {
                    met.insert(found.fingerprint.clone().into_owned());
                    if baselined.expired {
                        here.push(format!("{} (until {})", found.fingerprint, baselined.expires));
                    }
                }
                of.take(found, baselined.as_ref(), &self.fail_on);
                baselined
            });
            history.gate(&|found| found.sort == Sort::Symptom && self.fail_on.has(found));
            let path = history.path().to_owned();
            expired.extend(here.into_iter().map(|what| format!("{path}: {what}")));
            let verdict = history.verdict();
            let counts_as = of.counts_as(verdict, &self.fail_on, history.is_open(), history.is_unmet());
            history.count_as(Some(counts_as).filter(|&counts_as| counts_as != verdict));
            if of.is_unlisted && verdict == Verdict::Invalid && counts_as != Verdict::Invalid {
                passed.push(path);
            }
            counted.push(counts_as);
        }
        let mut notes = Vec::new();
        let what = "an entry of the baseline has expired, and its finding is still there";
        notes.extend(expired.iter().take(NAMED).map(|expired| format!("{what}: {expired}")));
        notes.extend(more(
            &expired,
            "more entries of the baseline have expired whose findings are still there",
        ));
        let is_decided = |verdict: &Verdict| !matches!(verdict, Verdict::Unknown | Verdict::Error);
        if is_whole && counted.iter().all(is_decided) {
            notes.extend(self.gone(&met));
        }
        let passed = (!passed.is_empty()).then(|| self.unlisted(&passed));
        notes.extend(passed.clone());
        Judgement {
            exit: self.policy.exit(counted.into_iter()),
            notes: notes.into_iter().map(|note| format!("{SAID}{note}")).collect(),
            passed,
        }
    }

    /// The entry of the baseline that a finding is in.
    fn known(&self, found: &Found<'_>) -> Option<Baselined> {
        let entry = self.baseline.as_ref()?.entry(&found.fingerprint)?;
        Some(Baselined {
            reason: entry.reason.to_string(),
            author: entry.author.to_string(),
            expires: entry.expires.to_string(),
            expired: entry.expires < self.today,
        })
    }

    /// That entries of the baseline are of no use any more.
    fn gone(&self, met: &FxHashSet<String>) -> Vec<String> {
        let entries = self.baseline.iter().flat_map(|baseline| &baseline.entries);
        let gone: Vec<_> = entries.filter(|entry| !met.contains(&entry.fingerprint)).collect();
        let told = gone.iter().take(NAMED).map(|entry| {
            format!("nothing was found of the baseline's entry {}; it can be removed", entry.fingerprint)
        });
        told.chain(more(&gone, "more entries of the baseline can be removed")).collect()
    }

    /// That histories are violated in ways that do not fail the run.
    fn unlisted(&self, paths: &[String]) -> String {
        let (noun, verb) = if paths.len() == 1 { ("history", "is") } else { ("histories", "are") };
        let names: Vec<_> = paths.iter().take(NAMED).map(String::as_str).collect();
        let more = paths.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!(
            "{} {noun} {verb} violated and {} not fail the run, which `--fail-on {}` does not ask for: {}{more}",
            paths.len(),
            if paths.len() == 1 { "does" } else { "do" },
            self.fail_on,
            names.join(", "),
        )
    }
}

impl Judgement {
    /// Says on the standard error what passes although it is violated.
    pub(crate) fn say(&self) {
        if let Some(passed) = &self.passed {
            complain(passed);
        }
    }
}

fn more<T>(all: &[T], what: &str) -> Option<String> {
    all.len().checked_sub(NAMED).filter(|&more| more > 0).map(|more| format!("{more} {what}"))
}

/// What the findings of a history come to.
#[derive(Default)]
struct OfHistory {
    /// Some finding fails the run.
    fails: bool,
    /// Some violation was told.
    has_violation: bool,
    /// Some violation that nothing lets pass is not listed.
    is_unlisted: bool,
}

impl OfHistory {
    fn take(&mut self, found: &Found<'_>, baselined: Option<&Baselined>, fail_on: &FailOn) {
        let is_violation = found.sort != Sort::Symptom;
        self.has_violation |= is_violation;
        if baselined.is_some_and(Baselined::is_in_force) {
            return;
        }
        let is_listed = fail_on.has(found);
        self.fails |= is_listed;
        self.is_unlisted |= is_violation && !is_listed;
    }

    /// As which verdict a history counts.
    fn counts_as(&mut self, verdict: Verdict, fail_on: &FailOn, is_open: bool, is_unmet: bool) -> Verdict {
        // Nothing tells which violation it is, so nothing lets it pass.
        if verdict == Verdict::Invalid && !self.has_violation {
            self.fails |= fail_on.has_violations();
            self.is_unlisted |= !fail_on.has_violations();
        }
        match verdict {
            _ if self.fails => Verdict::Invalid,
            Verdict::Invalid if is_open => Verdict::Unknown,
            Verdict::Invalid if is_unmet => Verdict::Vacuous,
            Verdict::Invalid => Verdict::Valid,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use seriatim_report::found::UNNAMED;

    use super::*;

    /// A history with findings: their sorts, codes and fingerprints.
    struct Of(Verdict, bool, bool, Vec<(Sort, &'static str, &'static str)>, Option<Verdict>);

    impl Judged for Of {
        fn path(&self) -> &str {
            "h"
        }
        fn verdict(&self) -> Verdict {
            self.0
        }
        fn is_open(&self) -> bool {
            self.1
        }
        fn is_unmet(&self) -> bool {
            self.2
        }
        fn mark(&mut self, of: &mut dyn FnMut(&Found<'_>) -> Option<Baselined>) {
            for &(sort, code, fingerprint) in &self.3 {
                let name = code.into();
                of(&Found { sort, fingerprint: fingerprint.into(), code: code.into(), name, count: 1 });
            }
        }
        fn count_as(&mut self, verdict: Option<Verdict>) {
            self.4 = verdict;
        }
    }

    fn gate(fail_on: &str, known: &[(&str, &str)]) -> Gate {
        let listed: Vec<String> = fail_on.split(',').map(str::to_owned).collect();
        let entries =
            known.iter().map(|(fingerprint, expires)| baseline::Entry::of_test(fingerprint, expires));
        Gate {
            policy: Policy { exit_zero: false, unknown_fails: true, vacuous_fails: true },
            fail_on: FailOn::new(&listed).expect("it is known"),
            baseline: Some(Baseline::new(entries.collect())),
            today: Date::parse("2026-06-15").expect("a day"),
        }
    }

    const STALE: (Sort, &str, &str) = (Sort::Anomaly, "LIN001", "a");
    const LOST: (Sort, &str, &str) = (Sort::Anomaly, "LIN002", "b");
    const PART: (Sort, &str, &str) = (Sort::Unnamed, UNNAMED, "p");
    const SPLIT: (Sort, &str, &str) = (Sort::Symptom, "SYM08", "s");

    #[test]
    fn a_history_passes_only_if_nothing_that_is_listed_is_left() {
        use Verdict::{Invalid, Unknown, Valid};
        let until = |fingerprint| (fingerprint, "2026-06-15");
        for (fail_on, known, verdict, found, code) in [
            ("violation", &[][..], Invalid, &[STALE][..], 1),
            ("violation", &[until("a")], Invalid, &[STALE], 0),
            ("violation", &[("a", "2026-06-14")], Invalid, &[STALE], 1),
            ("violation", &[until("a")], Invalid, &[STALE, LOST], 1),
            ("violation", &[until("a")], Invalid, &[STALE, PART], 1),
            ("violation", &[until("a"), until("p")], Invalid, &[STALE, PART], 0),
            ("violation", &[until("a")], Invalid, &[STALE, SPLIT], 0),
            // Nothing says what is violated.
            ("violation", &[until("a")], Invalid, &[], 1),
            ("violation", &[], Invalid, &[SPLIT], 1),
            ("anomaly:LIN001", &[], Invalid, &[], 0),
            ("anomaly:LIN001", &[], Invalid, &[LOST, PART], 0),
            ("anomaly:LIN001", &[], Invalid, &[STALE, LOST], 1),
            ("anomaly:LIN001", &[until("a")], Invalid, &[STALE, LOST], 0),
            ("symptom", &[], Invalid, &[STALE, SPLIT], 1),
            ("symptom", &[until("s")], Invalid, &[STALE, SPLIT], 0),
            ("symptom:SYM08", &[], Valid, &[SPLIT], 1),
            ("symptom:split-brain", &[], Valid, &[SPLIT], 1),
            ("symptom:SYM09", &[], Valid, &[SPLIT], 0),
            ("none", &[], Invalid, &[STALE, PART, SPLIT], 0),
            ("none", &[], Unknown, &[], 3),
            ("none", &[], Verdict::Error, &[], 2),
        ] {
            let mut all = [Of(verdict, false, false, found.to_vec(), None)];
            let judged = gate(fail_on, known).judge(&mut all, true);
            assert_eq!(judged.exit.code(), code, "{fail_on} {known:?} {verdict:?} {found:?}");
            assert_eq!(
                all[0].4,
                (code == 0 && verdict == Invalid)
                    .then_some(Valid)
                    .or((code == 1 && verdict == Valid).then_some(Invalid))
            );
        }
    }

    #[test]
    fn what_else_is_the_matter_counts_where_violations_pass() {
        for (is_open, is_unmet, code) in
            [(false, false, 0), (true, false, 3), (false, true, 4), (true, true, 3)]
        {
            for gate in [gate("violation", &[("a", "2030-01-01")]), gate("none", &[])] {
                let mut all = [Of(Verdict::Invalid, is_open, is_unmet, vec![STALE], None)];
                assert_eq!(gate.judge(&mut all, true).exit.code(), code);
            }
            let mut all = [Of(Verdict::Invalid, is_open, is_unmet, vec![STALE], None)];
            assert_eq!(gate("violation", &[]).judge(&mut all, true).exit.code(), 1);
        }
    }

    #[test]
    fn what_passes_unlisted_or_has_expired_or_is_gone_is_said() {
        let said = |fail_on, known: &[(&str, &str)], is_whole, is_open| {
            let mut all = [Of(Verdict::Invalid, is_open, false, vec![STALE], None)];
            let judged = gate(fail_on, known).judge(&mut all, is_whole);
            (judged.notes.join("\n"), judged.passed.is_some())
        };
        assert_eq!(said("violation", &[], true, false), (String::new(), false));
        let (notes, passed) = said("anomaly:LIN002", &[], true, false);
        assert!(passed && notes.contains("`--fail-on anomaly:LIN002` does not ask for: h"), "{notes}");
        // What is known passes without further ado.
        assert_eq!(said("anomaly:LIN002", &[("a", "2030-01-01")], true, false), (String::new(), false));
        let (notes, _) = said("violation", &[("a", "2020-01-01")], true, false);
        assert!(notes.contains("and its finding is still there: h: a (until 2020-01-01)"), "{notes}");
        let gone = [("a", "2030-01-01"), ("z", "2020-01-01")];
        let (notes, _) = said("violation", &gone, true, false);
        assert!(notes.contains("entry z; it can be removed") && !notes.contains("expired"), "{notes}");
        // What fails the run all the same, and a symptom, are not called violations that pass.
        let passed = |found: &[_]| {
            let mut all = [Of(Verdict::Invalid, false, false, found.to_vec(), None)];
            gate("anomaly:LIN001", &[("b", "2030-01-01")]).judge(&mut all, false).passed
        };
        assert_eq!((passed(&[STALE, PART]), passed(&[LOST, SPLIT])), (None, None));
        assert!(passed(&[LOST, PART]).is_some() && passed(&[]).is_some());
        // What was not looked at may still be there.
        assert_eq!(said("violation", &gone, false, false).0, "");
        assert_eq!(said("violation", &gone, true, true).0, "");
        let mut all = [Of(Verdict::Error, false, false, Vec::new(), None)];
        assert!(gate("violation", &gone).judge(&mut all, true).notes.is_empty());
    }

    #[test]
    fn no_more_than_a_few_are_named_one_by_one() {
        let known = ["a", "b", "c", "d", "e", "f", "g"].map(|fingerprint| (fingerprint, "2020-01-01"));
        for (count, more) in [(NAMED, None), (NAMED + 2, Some("2 more"))] {
            let said = |fail_on, known: &[(&str, &str)], mut all: Vec<Of>| {
                let judged = gate(fail_on, known).judge(&mut all, true);
                judged.notes.into_iter().map(|note| note.replacen(SAID, "", 1)).collect::<Vec<_>>()
            };
            let found = known[..count].iter().map(|&(fingerprint, _)| (Sort::Anomaly, "LIN001", fingerprint));
            let expired = said(
                "violation",
                &known[..count],
                vec![Of(Verdict::Invalid, false, false, found.collect(), None)],
            );
            let gone =
                said("violation", &known[..count], vec![Of(Verdict::Valid, false, false, Vec::new(), None)]);
            let paths = said(
                "none",
                &[],
                (0..count).map(|_| Of(Verdict::Invalid, false, false, vec![STALE], None)).collect(),
            );
            for notes in [expired, gone] {
                assert_eq!(notes.len(), NAMED + usize::from(more.is_some()), "{notes:?}");
                assert!(more.is_none_or(|more| notes[NAMED].starts_with(more)), "{notes:?}");
            }
            let more = more.map_or(String::new(), |more| format!(" and {more}"));
            assert!(paths[0].ends_with(&format!(": h, h, h, h, h{more}")), "{paths:?}");
        }
    }
}
