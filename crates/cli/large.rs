//! Checks a history that was sorted by key, file after file: the report is that of the history as a whole.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::thread;

use seriatim_anomaly::AnomalyKind;
use seriatim_checker::{Limits, StopReason};
use seriatim_history::{OpId, independent};
use seriatim_model::catalog::with_model;
use seriatim_report::document::Share;
use seriatim_report::{AnomalyReport, Counted, HistoryReport, PartReport, Problem, Verdict};

use crate::args::CheckArgs;
use crate::check::Decide;
use crate::choose::{Chosen, choose};
use crate::clock::STOP;
use crate::describe::{self, Details};
use crate::load::Loaded;
use crate::progress::Display;
use crate::records::Held;
use crate::require::Covered;
use crate::settings::Settings;
use crate::sorted::{self, Sorted};
use crate::symptoms::{self, Found};

/// The report of a sorted history. `None` where there is an error to tell, which needs the history as a whole.
///
/// # Errors
/// The files cannot be read.
pub(crate) fn check(
    path: &str,
    mut sorted: Sorted,
    settings: &Settings,
    limits: Limits<'_>,
    display: &Display,
    details: Details,
    args: &CheckArgs,
) -> Result<Option<HistoryReport>, Problem> {
    let mut report = describe::read(path, &sorted.loaded, settings);
    report.operations = sorted.operations;
    let Ok(chosen) = choose(&mut sorted.loaded, settings) else { return Ok(None) };
    // The files hold the operations by the keys that they have now.
    if chosen.rules.independent.0 == sorted.is_keyed {
        return Ok(None);
    }
    report.model = Some(chosen.model_choice());
    let files = std::mem::take(&mut sorted.files);
    let mut checking =
        Checking { path, loaded: &mut sorted.loaded, chosen: &chosen, limits, display, details, args };
    let checked = thread::scope(|scope| {
        let files = sorted::read(files, sorted.memory, scope);
        checking.all(files, &mut report)
    })?;
    let Some((mut merged, stopped)) = checked else { return Ok(None) };
    let events = merged.found.events();
    let times = sorted
        .times
        .of(&events)
        .map_err(|error| Problem::error(format!("cannot read a temporary file: {error}")))?;
    merged.parts.sort_by_key(|&(first, _)| first);
    report.parts = merged.parts.into_iter().map(|(_, part)| part).collect();
    report.proved = merged.proved;
    report.anomalies = merged.anomalies.into_values().map(|(_, anomaly)| anomaly).collect();
    if !report.anomalies.is_empty() || details.run {
        report.notes.push(describe::not_together());
    }
    symptoms::tell(&mut report, &sorted.loaded, sorted.observer, (&merged.found, &times), &args.thresholds());
    report.share = merged.share;
    describe::conclude(&mut report, merged.has_evidence, stopped);
    if !args.require.is_empty() {
        let unmet = merged.covered.unmet(&args.require);
        describe::lacks(&mut report, unmet);
    }
    Ok(Some(report))
}

/// What is the same for every file.
struct Checking<'a> {
    path: &'a str,
    loaded: &'a mut Loaded,
    chosen: &'a Chosen,
    limits: Limits<'a>,
    display: &'a Display,
    details: Details,
    args: &'a CheckArgs,
}

impl Checking<'_> {
    /// Checks all files, and says why it did not come to the end of them. `None` as for [`check`].
    fn all(
        &mut self,
        files: impl Iterator<Item = Result<Held, Problem>>,
        report: &mut HistoryReport,
    ) -> Result<Option<(Merged, Option<StopReason>)>, Problem> {
        let Self { path, chosen, limits, display, details, args, .. } = *self;
        let mut merged = Merged::default();
        for held in files {
            if let Some(stopped) = STOP.requested() {
                return Ok(Some((merged, Some(stopped))));
            }
            let Held { operations, numbers } = held?;
            if operations.is_empty() {
                continue;
            }
            let loaded = &mut *self.loaded;
            (loaded.history.operations, loaded.numbers) = (operations, numbers);
            if chosen.rules.independent.0 && independent::split(&mut loaded.history).is_err() {
                return Ok(None);
            }
            let held = loaded.bytes();
            limits.memory.change(0, held);
            if !args.require.is_empty() {
                merged.covered.add_some(&loaded.history);
            }
            let (history, shard) = (&loaded.history, args.shard);
            let decide = Decide {
                path,
                history,
                limits,
                display,
                is_whole: false,
                are_drawn: false,
                shard,
                only: None,
            };
            let checked = with_model(chosen.model, &chosen.options, &loaded.history.values, decide);
            limits.memory.change(held, 0);
            let Ok(Ok(checked)) = checked else { return Ok(None) };
            let Some(checked) = checked else { return Ok(Some((merged, STOP.requested()))) };
            report.options = chosen.in_force(checked.initial.clone());
            let first = |ops: &[OpId]| loaded.number(*ops.first().expect("no part is empty"));
            let firsts: Vec<_> = checked.decisions.iter().map(|decision| first(&decision.ops)).collect();
            let told = checked.decisions.iter().zip(&firsts).filter(|(decision, _)| details.tells(decision));
            let told: Vec<u32> = told.map(|(_, &first)| first).collect();
            let kinds: Vec<_> =
                checked.names.kinds.iter().map(|named| (named.first.kind, firsts[named.at])).collect();
            // A shard knows what is proved of its own parts only.
            if args.shard.is_none() {
                merged.found.add(symptoms::Found::new(loaded, &checked.names));
            }
            let mut of_file = HistoryReport::new(path, Verdict::Vacuous);
            of_file.operations = report.operations;
            describe::decided(&mut of_file, loaded, checked, None, details.of_sorted());
            merged.add(of_file, told, kinds);
        }
        Ok(Some((merged, None)))
    }
}

/// What the files come to.
#[derive(Default)]
struct Merged {
    /// The parts that are told, each with the number of its first operation.
    parts: Vec<(u32, PartReport)>,
    proved: Counted,
    /// The violations that have a name, each kind once, with the number of the first operation of the first part.
    anomalies: BTreeMap<AnomalyKind, (u32, AnomalyReport)>,
    has_evidence: bool,
    /// How many parts were decided, where others are left to other shards.
    share: Option<Share>,
    /// What its operations exercised.
    covered: Covered,
    /// What is proved.
    found: Found,
}

impl Merged {
    fn add(&mut self, of_file: HistoryReport, firsts: Vec<u32>, kinds: Vec<(AnomalyKind, u32)>) {
        self.has_evidence |= of_file.verdict != Verdict::Vacuous;
        if let Some(of) = of_file.share {
            let known = self.share.unwrap_or(Share { parts: 0, of: 0 });
            self.share = Some(Share { parts: known.parts + of.parts, of: known.of + of.of });
        }
        self.proved = self.proved.and(of_file.proved);
        self.parts.extend(firsts.into_iter().zip(of_file.parts));
        for ((kind, first), mut anomaly) in kinds.into_iter().zip(of_file.anomalies) {
            match self.anomalies.entry(kind) {
                Entry::Vacant(place) => _ = place.insert((first, anomaly)),
                Entry::Occupied(mut known) => {
                    let (known_first, known) = known.get_mut();
                    if first < *known_first {
                        std::mem::swap(known, &mut anomaly);
                        *known_first = first;
                    }
                    let longest = known.lag.map(|(_, lag)| lag).max(anomaly.lag.map(|(_, lag)| lag));
                    known.count += anomaly.count;
                    known.parts += anomaly.parts;
                    known.lag = known.lag.map(|(first, _)| first).zip(longest);
                    known.scope = std::mem::take(&mut known.scope).and(anomaly.scope);
                }
            }
        }
    }
}
