//! `seriatim check`: reads every input, decides it, and shows what was found.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;
use seriatim_checker::{Decision, Limits, Memory, Options, Verdict as Decided, check_parts};
use seriatim_history::{Format, History, OpId, ValueId};
use seriatim_model::catalog::{OptionError, Visitor, with_model};
use seriatim_model::{Model, Part, Unreadable, part};
use seriatim_report::document::Share;
use seriatim_report::{HistoryReport, Problem, Report, Verdict};
use seriatim_symptom::Thresholds;

use crate::args::{self, CheckArgs};
use crate::aside::{self, Abandoned};
use crate::choose::choose;
use crate::clock::{self, Clock, STOP};
use crate::describe::{self, Details};
use crate::exit::Exit;
use crate::gate::Gate;
use crate::inputs::{self, Directory, Found, Input};
use crate::large;
use crate::load::{Loaded, NoHistory, Problems, load};
use crate::naming::{Among, Names, Shows, names};
use crate::output::Output;
use crate::progress::{Display, Watcher};
use crate::prove::Certificates;
use crate::require::Covered;
use crate::resident;
use crate::settings::Settings;
use crate::shard::Shard;
use crate::sorted::{self, NotSorted};
use crate::source::{self, Origin};
use crate::symptoms;

/// Checks all inputs, and says how the process ends.
pub(crate) fn run(args: &CheckArgs) -> Exit {
    let clock = Clock::new(args.limits.timeout);
    let (output, certificates, gate) = match prepare(args) {
        Ok(prepared) => prepared,
        Err(problem) => return crate::output::fail(&problem, args.output.color),
    };
    resident::watch(args.limits.memory_limit);
    decide(args, &clock, output, certificates, &gate)
}

/// Checks all inputs in a process that was prepared for that before, by [`begin`] and a clock.
pub(crate) fn once_more(args: &CheckArgs, clock: &Arc<Clock>) -> Exit {
    match gate(args).and_then(|gate| Ok((Output::new(&args.output)?, gate))) {
        Ok((output, gate)) => decide(args, clock, output, None, &gate),
        Err(problem) => crate::output::fail(&problem, args.output.color),
    }
}

fn decide(
    args: &CheckArgs,
    clock: &Arc<Clock>,
    output: Output,
    certificates: Option<Certificates>,
    gate: &Gate,
) -> Exit {
    let display = Display::new(Arc::clone(clock), args.output.quiet > 0);
    let memory = Memory::new(resident::left_of(args.limits.memory_limit));
    let mut run = Run {
        args,
        settings: args.settings(),
        thresholds: args.thresholds(),
        limits: Limits {
            configurations: args.limits.max_configurations.unwrap_or(u64::MAX),
            stop: &STOP,
            memory: &memory,
        },
        clock,
        display: &display,
        certificates,
        abandoned: None,
        is_last: false,
        histories: Vec::new(),
        notes: Vec::new(),
    };
    let mut all = inputs::find(&args.paths).into_iter().peekable();
    while let Some(found) = all.next() {
        match found {
            Found::Named(input) => {
                run.is_last = all.peek().is_none();
                run.named(&input);
            }
            Found::Directory(directory) => run.directory(directory),
            Found::Missing(path, problem) => run.histories.push(describe::unusable(&path, problem.into())),
        }
    }
    display.clear();
    let Run { mut histories, mut notes, .. } = run;
    notes.extend(args.shard.map(Shard::note));
    let is_whole = args.shard.is_none() && !clock::is_interrupted();
    let judged = gate.judge(&mut histories, is_whole);
    let exit = if clock::is_interrupted() { Exit::Interrupted } else { judged.exit };
    notes.extend(judged.notes.iter().cloned());
    let verdict = histories.iter().map(|history| history.verdict).max().unwrap_or(Verdict::Vacuous);
    let shard = args.shard.map(Shard::told);
    let report = Report { verdict, exit_code: exit.code(), command: args::given(), histories, notes, shard };
    // Where there are notes on the standard error, it is among them.
    let is_said = output.complains_of_notes() || args.output.quiet >= 2;
    output.show(&report);
    if !is_said {
        judged.say();
    }
    // The process ends here, and gives back all at once.
    std::mem::forget(report);
    exit
}

/// The gate that a run ends by.
fn gate(args: &CheckArgs) -> Result<Gate, Problem> {
    let gate = Gate::new(&args.gate)?;
    if args.shard.is_some() {
        gate.takes_parts()?;
    }
    Ok(gate)
}

/// Whatever can fail before anything is read.
fn prepare(args: &CheckArgs) -> Result<(Output, Option<Certificates>, Gate), Problem> {
    let gate = gate(args)?;
    begin(args.limits.threads)?;
    let certificates = args.output.certificates.as_deref().map(Certificates::into_directory).transpose()?;
    Ok((Output::new(&args.output)?, certificates, gate))
}

/// Starts the threads of this process, and heeds interrupts.
pub(crate) fn begin(threads: Option<u16>) -> Result<(), Problem> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.map_or(0, usize::from))
        .build_global()
        .map_err(|error| Problem::error(format!("cannot start threads: {error}")))?;
    clock::heed_interrupts().map_err(|error| Problem::error(format!("cannot heed interrupts: {error}")))
}

struct Run<'a> {
    args: &'a CheckArgs,
    settings: Settings,
    thresholds: Thresholds,
    limits: Limits<'a>,
    clock: &'a Clock,
    display: &'a Display,
    certificates: Option<Certificates>,
    /// The reading of an earlier input, that was not waited for.
    abandoned: Option<Abandoned>,
    /// Whether no input comes after the one at hand.
    is_last: bool,
    histories: Vec<HistoryReport>,
    notes: Vec<String>,
}

impl Run<'_> {
    /// An input that the user named: whatever it is, there is a report of it.
    fn named(&mut self, input: &Input) {
        let report = match self.input(input) {
            Ok(report) => report,
            Err(NotOne::Empty) => {
                let why =
                    Problem::warning("there is nothing in it").help("was the recording written at all?");
                describe::vacuous(&input.path, why)
            }
            Err(NotOne::Other(problem)) => describe::unusable(&input.path, problem.into()),
        };
        self.histories.push(report);
    }

    /// The histories of a directory; what is none is left out, and counted.
    fn directory(&mut self, directory: Directory) {
        let Directory { path, inputs, mut left_out } = directory;
        let before = self.histories.len();
        for input in &inputs {
            if let [Origin::File(file)] = input.origins.as_slice()
                && source::is_binary(file).unwrap_or(false)
            {
                if has_ending_of_a_history(&input.path) {
                    self.histories.push(describe::no_text(&input.path));
                } else {
                    left_out.push((input.path.clone(), "no text".to_owned()));
                }
                continue;
            }
            match self.input(input) {
                Ok(report) if is_other_table(&report) => {
                    left_out.push((
                        input.path.clone(),
                        "a table without a history's columns; see --map".to_owned(),
                    ));
                }
                Ok(report) => self.histories.push(report),
                Err(NotOne::Empty) if is_named_like_a_history(&input.path) => {
                    let why =
                        Problem::warning("there is nothing in it").help("was the recording written at all?");
                    self.histories.push(describe::vacuous(&input.path, why));
                }
                Err(NotOne::Empty) => left_out.push((input.path.clone(), "empty".to_owned())),
                Err(NotOne::Other(problem)) if is_called_history(&input.path) => {
                    self.histories.push(describe::unusable(&input.path, problem.into()));
                }
                Err(NotOne::Other(_)) => left_out.push((input.path.clone(), "no history".to_owned())),
            }
        }
        left_out.sort();
        if self.histories.len() == before {
            let why = match left_out.len() {
                0 => "there is no file in it".to_owned(),
                1 => "the file in it is no history".to_owned(),
                files => format!("none of the {files} files in it is a history"),
            };
            let help = "name a file to learn why it is none, or give its format with --input-format";
            self.histories.push(describe::vacuous(&path, Problem::warning(why).help(help)));
        }
        if left_out.is_empty() {
            return;
        }
        let (count, noun) = (left_out.len(), if left_out.len() == 1 { "file was" } else { "files were" });
        let list = if self.args.output.verbose { "" } else { "; -v lists them" };
        self.notes.push(format!("{path}: {count} {noun} left out{list}"));
        if self.args.output.verbose {
            self.notes.extend(left_out.into_iter().map(|(path, why)| format!("left out {path}: {why}")));
        }
    }

    fn input(&mut self, input: &Input) -> Result<HistoryReport, NotOne> {
        // It still takes memory and time that this input is to have.
        if let Some(abandoned) = self.abandoned.take()
            && !clock::is_interrupted()
        {
            abandoned.wait();
        }
        self.clock.begin();
        if let Some(reason) = STOP.requested() {
            return Ok(describe::not_read(&input.path, reason));
        }
        if let Some(sorted) = self.sorted(input) {
            return Ok(sorted);
        }
        let memory = self.args.limits.memory_limit;
        let bytes = input.origins.iter().map(Origin::bytes).sum();
        if resident::exceeds(bytes, memory) {
            return Ok(describe::too_large(&input.path, bytes, memory));
        }
        let mut most = memory / (2 * sorted::WHOLE);
        let read = loop {
            let (of, settings) = (input.clone(), self.settings.clone());
            match aside::unless_stopped(move || load(&of, &settings, memory, most)) {
                Ok(Err(NoHistory::Large)) => {
                    if let Some(sorted) = self.sorted(input) {
                        return Ok(sorted);
                    }
                    most = usize::MAX;
                }
                Ok(read) => break read,
                Err((reason, abandoned)) => {
                    self.abandoned = Some(abandoned);
                    return Ok(describe::not_read(&input.path, reason));
                }
            }
        };
        let loaded = match read {
            Ok(loaded) => loaded,
            Err(NoHistory::Large) => unreachable!("as much as there is may be held"),
            Err(NoHistory::Empty) => return Err(NotOne::Empty),
            Err(NoHistory::Other(problem)) => return Err(NotOne::Other(problem)),
            Err(NoHistory::Malformed(format, problems)) => {
                let mut report = describe::unusable(&input.path, problems);
                report.format = format.map(Format::name);
                return Ok(report);
            }
        };
        // What the history holds, the searches cannot.
        let held = loaded.bytes();
        self.limits.memory.change(0, held);
        if self.is_last {
            aside::nothing_follows();
        }
        let report = self.loaded(input, loaded);
        self.limits.memory.change(held, 0);
        Ok(report)
    }

    /// The report of an input that is too large to be read as a whole. `None` where it is not, or has to be all the same.
    fn sorted(&mut self, input: &Input) -> Option<HistoryReport> {
        // A certificate holds as much as a history.
        if self.certificates.is_some() {
            return None;
        }
        let path = &input.path;
        let found = match sorted::sort(input, &self.settings, self.args.limits.memory_limit) {
            Ok(sorted) => {
                let details = Details::of(&self.args.output);
                let args = self.args;
                large::check(path, sorted, &self.settings, self.limits, self.display, details, args)
            }
            Err(NotSorted::Whole) => Ok(None),
            Err(NotSorted::Stopped(reason)) => Ok(Some(describe::not_read(path, reason))),
            Err(NotSorted::Failed(problem)) => Err(problem),
        };
        found.unwrap_or_else(|problem| Some(describe::unusable(path, problem.into())))
    }

    /// The report of an input that was read.
    fn loaded(&mut self, input: &Input, mut loaded: Loaded) -> HistoryReport {
        let mut report = describe::read(&input.path, &loaded, &self.settings);
        let unusable = |report: HistoryReport, problems: Problems| HistoryReport {
            verdict: Verdict::Error,
            diagnostics: problems.first,
            diagnostics_total: problems.total,
            ..report
        };
        let chosen = match choose(&mut loaded, &self.settings) {
            Ok(chosen) => chosen,
            // Whatever the model would have been, there is nothing for it to judge.
            Err(_) if report.operations.ok == 0 && names_no_model(&loaded, &self.settings) => {
                report.notes.insert(0, describe::nothing_completed(report.operations));
                return report;
            }
            Err(problems) => return unusable(report, problems),
        };
        report.model = Some(chosen.model_choice());
        let history = &loaded.history;
        let decide = Decide {
            path: &input.path,
            history,
            limits: self.limits,
            display: self.display,
            is_whole: true,
            are_drawn: Details::of(&self.args.output).run,
            shard: self.args.shard,
            only: None,
        };
        let observer = symptoms::observe(history);
        let mut checked = match with_model(chosen.model, &chosen.options, &history.values, decide) {
            Ok(Ok(Some(checked))) => checked,
            Ok(Ok(None)) => {
                report.verdict = Verdict::Unknown;
                report.notes.extend(STOP.requested().map(describe::not_decided));
                aside::leave(loaded);
                return report;
            }
            Ok(Err(unreadable)) => {
                return unusable(report, Problems::unreadable(&loaded.texts, history, unreadable));
            }
            Err(error) => return unusable(report, wrong_start(&error).into()),
        };
        report.options = chosen.in_force(checked.initial.clone());
        if let Some(certificates) = &mut self.certificates {
            let written = certificates.write(
                &input.path,
                &loaded,
                &chosen,
                &self.settings,
                &checked.decisions,
                self.limits,
            );
            if let Err(problem) = written {
                report.notes.push(problem);
            }
        }
        let left_out = STOP.requested().filter(|_| checked.leave_out());
        let found = match self.args.shard {
            None => symptoms::Found::new(&loaded, &checked.names),
            // It knows what is proved of its own parts only.
            Some(_) => symptoms::Found::default(),
        };
        describe::decided(&mut report, &loaded, checked, left_out, Details::of(&self.args.output));
        symptoms::tell(&mut report, &loaded, observer, (&found, &FxHashMap::default()), &self.thresholds);
        if !self.args.require.is_empty() {
            describe::lacks(&mut report, Covered::of(&loaded.history).unmet(&self.args.require));
        }
        aside::leave(loaded);
        report
    }
}

/// Whether the model is to be inferred.
fn names_no_model(loaded: &Loaded, settings: &Settings) -> bool {
    settings.model.is_none() && loaded.history.declared.model.is_none()
}

/// Why an input has no report of its own.
enum NotOne {
    Empty,
    Other(Problem),
}

/// A model cannot start as it was told to.
pub(crate) fn wrong_start(error: &OptionError) -> Problem {
    let help = match error {
        OptionError::Initial { .. } => {
            "--init gives the value to start with, or `init` in the first line of the file"
        }
        OptionError::NoInitial { .. } => "leave out --init, and `init` in the first line of the file",
    };
    Problem::error(error.to_string()).help(help)
}

/// Whether a table is refused for its header alone: any table may lie in a directory.
fn is_other_table(report: &HistoryReport) -> bool {
    let is_in_header = |problem: &Problem| problem.place.as_ref().is_some_and(|place| place.line == 1);
    report.verdict == Verdict::Error
        && report.format == Some(Format::Csv.name())
        && report.diagnostics.iter().all(is_in_header)
}

/// Whether an empty file in a directory is likely a recording that was lost.
fn is_named_like_a_history(path: &str) -> bool {
    has_ending_of_a_history(path) || is_called_history(path)
}

/// Whether a file in a directory is called a history and may be one, whatever is in it.
fn is_called_history(path: &str) -> bool {
    let path = Path::new(source::bare_name(path));
    let may_be = |ending: &str| matches!(ending, "edn" | "jsonl" | "ndjson" | "json" | "txt" | "log" | "csv");
    path.file_stem().is_some_and(|stem| stem == "history")
        && path.extension().is_none_or(|ending| ending.to_str().is_some_and(may_be))
}

/// Whether a file has an ending that nothing but texts have, and histories most of all.
fn has_ending_of_a_history(path: &str) -> bool {
    let ending = Path::new(source::bare_name(path)).extension();
    ending
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| matches!(ending, "edn" | "jsonl" | "ndjson"))
}

/// What was found out about the parts of a history.
pub(crate) struct Checked {
    /// The state that the model starts in.
    pub(crate) initial: String,
    pub(crate) decisions: Vec<Decision>,
    /// For each part, what the operations did that its refutation names.
    pub(crate) shown: Vec<Shows>,
    pub(crate) elapsed: Vec<Option<Duration>>,
    /// What is wrong, by name.
    pub(crate) names: Names,
    /// Of a share of the parts: how many they are, and whether any operation of all is known to have happened or not.
    pub(crate) share: Option<(Share, bool)>,
}

/// More parts of which nothing but that is to be told are not told one by one.
const READABLE: usize = 1_000;

impl Checked {
    /// Leaves out the parts that nobody had begun to decide when the run was stopped, where they are more than anybody
    /// reads one after the other; `false` where all are kept.
    fn leave_out(&mut self) -> bool {
        let is_begun = |decision: &Decision| match &decision.verdict {
            Decided::Unknown(cause) => cause.reached.returns > 0 || cause.reached.configurations > 0,
            Decided::Linearizable(_) | Decided::NotLinearizable(_) => true,
        };
        let begun: Vec<bool> = self.decisions.iter().map(is_begun).collect();
        if begun.iter().filter(|&&is_begun| !is_begun).count() <= READABLE {
            return false;
        }
        for named in &mut self.names.kinds {
            named.at = begun[..named.at].iter().filter(|&&is_begun| is_begun).count();
        }
        keep(&mut self.decisions, &begun);
        keep(&mut self.shown, &begun);
        keep(&mut self.elapsed, &begun);
        true
    }
}

/// Keeps those of which this is said.
fn keep<T: Send + 'static>(all: &mut Vec<T>, is_kept: &[bool]) {
    let mut each = is_kept.iter();
    let is_other = |_: &mut T| !each.next().expect("it is said of all");
    aside::leave(all.extract_if(.., is_other).collect::<Vec<T>>());
}

/// Decides a history against a model.
pub(crate) struct Decide<'a> {
    pub(crate) path: &'a str,
    pub(crate) history: &'a History,
    pub(crate) limits: Limits<'a>,
    pub(crate) display: &'a Display,
    /// Whether it is all of the history, so that what its parts show together is of interest.
    pub(crate) is_whole: bool,
    /// Whether findings are drawn.
    pub(crate) are_drawn: bool,
    /// Which of its parts are decided, where that is not all.
    pub(crate) shard: Option<Shard>,
    /// Which parts are to be decided; `None` where all are.
    pub(crate) only: Option<&'a Only<'a>>,
}

/// Whether a part with this name, this many operations, and this many of them over, is to be decided.
pub(crate) type Only<'a> = dyn Fn(&str, (usize, usize)) -> bool + 'a;

/// How many operations there are, and how many of them are known to be over.
pub(crate) fn size(history: &History, ops: impl Iterator<Item = OpId>) -> (usize, usize) {
    ops.fold((0, 0), |(all, over), id| (all + 1, over + usize::from(history.operation(id).ret().is_some())))
}

impl Visitor for Decide<'_> {
    /// Nothing where the run was to stop before there was anything to decide.
    type Out = Result<Option<Checked>, Vec<Unreadable>>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let values = &self.history.values;
        let parts = part::split_while(&model, self.history, &|| STOP.requested().is_none())?;
        let Some(mut parts) = parts else { return Ok(None) };
        let name_of = |part: &Part<M::Op>| name(part.key, &part.touched, self.history);
        if let Some(only) = self.only {
            let ids = |part: &Part<M::Op>| part.entries.iter().map(|entry| entry.id).collect::<Vec<_>>();
            parts.retain(|part| only(&name_of(part), size(self.history, ids(part).into_iter())));
        }
        let share = self.shard.map(|shard| {
            let says_something = |part: &Part<M::Op>| {
                part.entries.iter().any(|entry| self.history.operation(entry.id).ret().is_some())
            };
            let (of, has_evidence) = (parts.len(), parts.iter().any(says_something));
            parts.retain(|part| shard.has(self.path, part, values));
            (Share { parts: parts.len(), of }, has_evidence)
        });
        let name = |at: usize| name_of(&parts[at]);
        let watcher = Watcher::new(self.display, self.path, parts.len(), &name);
        let decisions = check_parts(&model, &parts, &self.limits, Options::default(), &watcher);
        let refuted = |(decision, part): (&Decision, &Part<M::Op>)| match &decision.verdict {
            Decided::NotLinearizable(refutation) => {
                let evidence = refutation.evidence.iter().flat_map(|evidence| &evidence.ops);
                let named = std::iter::once(&refutation.op).chain(evidence);
                let at = |id: &OpId| part.entries.binary_search_by_key(id, |entry| entry.id).ok();
                let entry = |id| at(id).map(|at| &part.entries[at]);
                named.filter_map(entry).map(|entry| (entry.id, model.show_op(&entry.op, values))).collect()
            }
            Decided::Linearizable(_) | Decided::Unknown(_) => Vec::new(),
        };
        let shown = decisions.iter().zip(&parts).map(refuted).collect();
        let initial = model.show_state(&model.init(), values);
        let among = Among {
            is_held: self.is_whole,
            are_all: self.is_whole && self.shard.is_none(),
            are_drawn: self.are_drawn,
        };
        let names = names(&model, &parts, &decisions, self.history, &self.limits, among);
        let elapsed = watcher.elapsed();
        aside::leave(parts);
        Ok(Some(Checked { initial, decisions, shown, elapsed, names, share }))
    }
}

/// What a person calls a part: by its key, or the pieces that it touches.
pub(crate) fn name(key: Option<ValueId>, touched: &[ValueId], history: &History) -> String {
    let values = &history.values;
    match (key, touched) {
        (Some(key), _) => format!("key {}", values.show(key)),
        (None, [one]) => format!("key {}", values.show(*one)),
        (None, [first, ..]) => format!("{} keys from {} on", touched.len(), values.show(*first)),
        (None, []) => "the history".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use seriatim_checker::{Cause, Reached, StopReason, Strategy};
    use seriatim_model::Keys;

    use super::*;

    #[test]
    fn what_nobody_began_is_left_out_where_it_is_much() {
        let decision = |key, verdict| Decision {
            key: Some(ValueId::at(key)),
            touched: Keys::new(),
            ops: Vec::new(),
            strategy: Strategy::Search,
            configurations: 0,
            verdict,
        };
        let unknown = |returns| {
            let reached = Reached { returns, ..Reached::default() };
            Decided::Unknown(Cause { reason: StopReason::Timeout, reached })
        };
        let of = |not_begun: usize| {
            let begun = [(2, Decided::Linearizable(Vec::new())), (5, unknown(1))];
            let verdict =
                |key| begun.iter().find(|(at, _)| *at == key).map_or(unknown(0), |(_, known)| known.clone());
            let all = not_begun as u32 + 2;
            let decisions = (0..all).map(|key| decision(key, verdict(key))).collect();
            let elapsed = (0..all).map(|key| Some(Duration::from_secs(u64::from(key)))).collect();
            let shown = vec![Vec::new(); all as usize];
            let (initial, names) = ("nil".to_owned(), Names::default());
            Checked { initial, decisions, shown, elapsed, names, share: None }
        };
        let mut few = of(READABLE);
        assert!(!few.leave_out());
        assert_eq!(few.decisions.len(), READABLE + 2);
        let mut many = of(READABLE + 1);
        assert!(many.leave_out());
        let keys: Vec<_> = many.decisions.iter().map(|decision| decision.key).collect();
        assert_eq!(keys, [2, 5].map(|key| Some(ValueId::at(key))));
        assert_eq!(many.elapsed, [2, 5].map(|seconds| Some(Duration::from_secs(seconds))));
        assert_eq!(many.shown.len(), 2);
    }
}
