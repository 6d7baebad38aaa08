//! `seriatim reduce`: writes the few operations of a history that show a violation, as a history of their own.

mod finding;

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use seriatim_anomaly::AnomalyKind;
use seriatim_checker::{
    Decision, Limits, Memory, Options, Reduced, StopReason, Verdict, check_parts, reduce,
};
use seriatim_history::build::Overrides;
use seriatim_history::format::{self, csv::ColumnMap, literal};
use seriatim_history::{
    Declared, Format, History, HistoryBuilder, Order, Source, SourceId, ValueId, independent, native,
};
use seriatim_model::catalog::{ModelName, ModelOptions, Visitor, with_any_model};
use seriatim_model::{Model, Part, Unreadable, part};
use seriatim_report::Problem;
use seriatim_report::words::plural;

use self::finding::{Seek, Shows, Sought};
use crate::args::{Color, ReduceArgs};
use crate::aside;
use crate::check::wrong_start;
use crate::choose::{Chosen, choose};
use crate::clock::{self, Clock, STOP};
use crate::describe;
use crate::exit::Exit;
use crate::inputs::{self, Input};
use crate::load::{Loaded, NoHistory, Problems, load};
use crate::output::{self, complain};
use crate::resident;
use crate::source::Origin;

/// Reduces a history, and says how the process ends.
pub(crate) fn run(args: &ReduceArgs) -> Exit {
    match reduced(args) {
        Ok(exit) => exit,
        Err(problems) => {
            let hidden = problems.total - problems.first.len();
            problems.first.iter().for_each(|problem| _ = output::fail(problem, Color::Auto));
            if hidden > 0 {
                complain(&output::not_shown(hidden));
            }
            Exit::Error
        }
    }
}

fn reduced(args: &ReduceArgs) -> Result<Exit, Problems> {
    let threads = args.limits.threads.map_or(0, usize::from);
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .map_err(|error| Problem::error(format!("cannot start threads: {error}")))?;
    clock::heed_interrupts().map_err(|error| Problem::error(format!("cannot heed interrupts: {error}")))?;
    let input = inputs::one(&args.path, "name the one to reduce")?;
    if let Some(out) = &args.output
        && is_same_file(out, &args.path)
    {
        let message = format!("`{}` would be overwritten by what is left of it", out.display());
        return Err(Problem::error(message).help("name another file with -o").into());
    }
    let path = input.path.clone();
    let limit = args.limits.memory_limit;
    resident::watch(limit);
    let memory = Memory::new(resident::left_of(limit));
    Clock::new(args.limits.timeout).begin();
    let bytes = input.origins.iter().map(Origin::bytes).sum();
    if resident::exceeds(bytes, limit) {
        complain(&format!("{path}: it has {bytes} bytes, and no more than {limit} may be held"));
        return Ok(Exit::Unknown);
    }
    let settings = args.meaning.settings();
    let mut loaded = match loaded(input, settings.clone(), limit)? {
        Ok(loaded) => loaded,
        Err(reason) => return Ok(unknown(&path, reason, "before the history was read")),
    };
    // What nobody did in a history cannot be named by a model, and is no violation of any.
    if loaded.history.operations.is_empty() {
        complain(&format!("{path}: nothing to reduce: no client did anything"));
        return Ok(Exit::Vacuous);
    }
    if let Some(warning) = settings.doubted.unknown_in(&loaded.history) {
        let help = warning.help.map_or(String::new(), |help| format!("; {help}"));
        complain(&format!("warning: {}{help}", warning.message));
    }
    let chosen = choose(&mut loaded, &settings)?;
    let key = match &args.key {
        Some(text) => Some(key(text, &mut loaded.history)?),
        None => None,
    };
    memory.change(0, loaded.bytes());
    let limits = Limits { configurations: u64::MAX, stop: &STOP, memory: &memory };
    if let Some(number) = args.finding {
        return shown_alone(args, number as usize, &path, &loaded, &chosen, limits);
    }
    let find = Find { history: &loaded.history, key, limits };
    let found = with_any_model(chosen.model, &chosen.options, &loaded.history.values, find)
        .map_err(|error| wrong_start(&error))?
        .map_err(|unreadable| Problems::unreadable(&loaded.texts, &loaded.history, unreadable))?;
    match found {
        Found::Violation(reduced, key) => {
            let reduced = with_head(*reduced, &chosen);
            let said = summary(&path, &reduced, key.map(|key| loaded.history.values.show(key)));
            write(args, &reduced, &said, None)
        }
        Found::NoViolation => {
            let what = args.key.as_ref().map_or_else(|| path.clone(), |key| format!("{path}, key {key}"));
            complain(&format!("{what}: nothing to reduce: it is linearizable"));
            Ok(Exit::Vacuous)
        }
        Found::NoSuchKey(keys) => {
            let shown = args.key.as_deref().unwrap_or_default();
            let problem =
                Problem::error(format!("no operation of `{path}` that says anything has the key `{shown}`"));
            Err(problem.help(keys_there_are(&loaded.history, &keys)).into())
        }
        Found::Unknown(reason) => Ok(unknown(&path, reason, "before a violation was found")),
    }
}

/// Writes what shows a finding.
fn shown_alone(
    args: &ReduceArgs,
    number: usize,
    path: &str,
    loaded: &Loaded,
    chosen: &Chosen,
    limits: Limits<'_>,
) -> Result<Exit, Problems> {
    let history = &loaded.history;
    let sought =
        with_any_model(chosen.model, &chosen.options, &history.values, Seek { history, number, limits })
            .map_err(|error| wrong_start(&error))?
            .map_err(|unreadable| Problems::unreadable(&loaded.texts, history, unreadable))?;
    match sought {
        Sought::Found(found) => {
            let finding::Found { kind, key, reduced, open } = *found;
            let row = kind.row();
            let of = format!("{path}, finding {number} ({} {})", row.code, row.name);
            let mut said = summary(&of, &reduced, key.map(|key| history.values.show(key)));
            said.push_str(&match reduced.later {
                0 => String::new(),
                1 => "; 1 of them came after what the finding names, and is needed to show it".to_owned(),
                later => {
                    format!("; {later} of them came after what the finding names, and are needed to show it")
                }
            });
            said.push_str(&match open {
                0 => String::new(),
                1 => "; 1 part is undecided, which may have further findings".to_owned(),
                open => format!("; {open} parts are undecided, which may have further findings"),
            });
            let reduced = with_head(reduced, chosen);
            write(args, &reduced, &said, Some(kind))
        }
        Sought::NotThere(all) => Err(finding::not_there(path, number, &all).into()),
        Sought::NoViolation => {
            complain(&format!("{path}: nothing to reduce: it is linearizable"));
            Ok(Exit::Vacuous)
        }
        Sought::Unknown(reason) => Ok(unknown(path, reason, "before all findings were known")),
    }
}

fn loaded(
    input: Input,
    settings: crate::settings::Settings,
    limit: usize,
) -> Result<Result<Loaded, StopReason>, Problems> {
    let path = input.path.clone();
    match aside::unless_stopped(move || load(&input, &settings, limit, usize::MAX)) {
        Ok(Ok(loaded)) => Ok(Ok(loaded)),
        Ok(Err(NoHistory::Empty)) => Err(Problem::error(format!("there is nothing in `{path}`")).into()),
        Ok(Err(NoHistory::Other(problem))) => Err(problem.into()),
        Ok(Err(NoHistory::Large)) => unreachable!("as much as there is may be held"),
        Ok(Err(NoHistory::Malformed(_, problems))) => Err(problems),
        Err((reason, _)) => Ok(Err(reason)),
    }
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

/// The key that a user writes: a value, or else a text.
fn key(text: &str, history: &mut History) -> Result<ValueId, Problem> {
    literal::value(text, &mut history.values).ok_or_else(|| {
        Problem::error(format!("`--key {text}` is neither a JSON nor an EDN value"))
            .help("write for example `--key 7` or `--key '\"text\"'`")
    })
}

/// What a user may have meant by a key that is not there.
fn keys_there_are(history: &History, keys: &[ValueId]) -> String {
    const SHOWN: usize = 8;
    if keys.is_empty() {
        return "its operations have no keys: leave out --key".to_owned();
    }
    let shown: Vec<_> = keys.iter().take(SHOWN).map(|&key| history.values.show(key)).collect();
    let more = if keys.len() > SHOWN { format!(" and {} more", keys.len() - SHOWN) } else { String::new() };
    format!("there are {}{more}", shown.join(", "))
}

fn unknown(path: &str, reason: StopReason, when: &str) -> Exit {
    let met = match reason {
        StopReason::Interrupted => "interrupted".to_owned(),
        reason => format!("a limit was met ({})", describe::reason(reason)),
    };
    complain(&format!("{path}: nothing was written: {met} {when}"));
    if clock::is_interrupted() { Exit::Interrupted } else { Exit::Unknown }
}

/// What there is to reduce.
enum Found {
    /// A part that has no linearization, made smaller; and its key.
    Violation(Box<Reduced>, Option<ValueId>),
    NoViolation,
    /// The keys that there are.
    NoSuchKey(Vec<ValueId>),
    Unknown(StopReason),
}

/// Looks for the first part without a linearization, or for that of a key, and makes it smaller.
struct Find<'a> {
    history: &'a History,
    key: Option<ValueId>,
    limits: Limits<'a>,
}

impl Visitor for Find<'_> {
    type Out = Result<Found, Vec<Unreadable>>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        /// Configurations after which a part has to wait for those that are decided faster: one violation is enough.
        const FAST: u64 = 1 << 16;
        let Self { history, key, limits } = self;
        let stopped = |reason: Option<StopReason>| Found::Unknown(reason.unwrap_or(StopReason::Memory));
        let Some(mut parts) = part::split_while(&model, history, &|| STOP.requested().is_none())? else {
            return Ok(stopped(STOP.requested()));
        };
        if let Some(key) = key {
            let has_key = |part: &Part<M::Op>| part.key == Some(key) || part.touched.contains(&key);
            if !parts.iter().any(has_key) {
                let mut keys: Vec<ValueId> = Vec::new();
                for part in &parts {
                    let of = part.key.iter().chain(part.touched.iter().filter(|_| part.key.is_none()));
                    keys.extend(of.filter(|key| !keys.contains(key)).copied().collect::<Vec<_>>());
                    if keys.len() > 1_000 {
                        break;
                    }
                }
                return Ok(Found::NoSuchKey(keys));
            }
            parts.retain(has_key);
        }
        let is_open = |decision: &Decision| matches!(decision.verdict, Verdict::Unknown(_));
        for configurations in [FAST, limits.configurations] {
            let limits = Limits { configurations, ..limits };
            let decisions = check_parts(&model, &parts, &limits, Options::default(), &());
            for decision in &decisions {
                if let Some(reduced) = reduce(&model, history, decision, &self.limits, None) {
                    return Ok(Found::Violation(Box::new(reduced), decision.key));
                }
            }
            if let Some(reason) = STOP.requested() {
                return Ok(stopped(Some(reason)));
            }
            let mut open = decisions.iter().map(is_open);
            parts.retain(|_| open.next().expect("each part is decided"));
            if parts.is_empty() {
                return Ok(Found::NoViolation);
            }
        }
        Ok(stopped(None))
    }
}

/// Declares what was in force, so that nobody has to say it again.
fn with_head(reduced: Reduced, chosen: &Chosen) -> Reduced {
    let model = chosen.model.entry();
    let declared = Declared {
        model: Some(model.word.to_owned()),
        initial: reduced.start.or(chosen.options.initial),
        nil_read: model.nil_read.then_some(chosen.options.nil_read),
        failed_cas: model.failed_cas.then_some(chosen.options.failed_cas),
        order: Some(Order::Line),
        ..Declared::default()
    };
    Reduced { history: History { declared, ..reduced.history }, ..reduced }
}

/// Writes what is left, and says of it what is to be said; it is to show a finding, or any violation.
fn write(
    args: &ReduceArgs,
    reduced: &Reduced,
    said: &str,
    kind: Option<AnomalyKind>,
) -> Result<Exit, Problems> {
    let text = native::write(&reduced.history);
    let doubt = doubt(&text, kind);
    match &args.output {
        Some(out) => fs::write(out, &text)
            .map_err(|error| Problem::error(format!("cannot write `{}`: {error}", out.display())))?,
        None => {
            let mut stdout = io::stdout().lock();
            match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    let problem = Problem::error(format!("cannot write to the standard output: {error}"));
                    return Err(problem.into());
                }
                _ => {}
            }
        }
    }
    complain(said);
    if let Some(doubt) = doubt {
        complain(&format!("warning: {doubt}"));
    }
    Ok(if clock::is_interrupted() { Exit::Interrupted } else { Exit::Valid })
}

fn summary(path: &str, reduced: &Reduced, key: Option<String>) -> String {
    let of_key = key.map_or(String::new(), |key| format!(" of key {key}"));
    let operations = plural(reduced.of, "operation", "operations");
    let kept =
        format!("{path}: kept {} of {} {operations}{of_key}", reduced.history.operations.len(), reduced.of);
    let reads = match reduced.shortened {
        0 => String::new(),
        1 => "; 1 read was cut down to the elements that are left".to_owned(),
        reads => format!("; {reads} reads were cut down to the elements that are left"),
    };
    let start = reduced.start.map_or(String::new(), |value| {
        let value = reduced.history.values.show(value);
        format!("; what was over before is replaced by the only state that it can have led to: {value}")
    });
    let overlaps = match reduced.overlaps {
        Some(0) => String::new(),
        Some(1) => "; 1 pair of them overlaps that did not".to_owned(),
        Some(pairs) => format!("; {pairs} pairs of them overlap that did not"),
        None => "; so many that it was not tried which of them may overlap".to_owned(),
    };
    let how = match (reduced.stopped, reduced.undecided) {
        (Some(StopReason::Interrupted), _) => "the best so far: interrupted before all was tried".to_owned(),
        (Some(reason), _) => {
            format!("the best so far: a limit was met ({}) before all was tried", describe::reason(reason))
        }
        (None, 0) => "minimal: nothing more can soundly be left out by itself".to_owned(),
        (None, 1) => "nearly minimal: whether 1 more thing can be left out could not be decided".to_owned(),
        (None, more) => {
            format!("nearly minimal: whether {more} more things can be left out could not be decided")
        }
    };
    format!("{kept}{reads}{start}{overlaps}; {how}")
}

/// What keeps a reader from finding what was written invalid without options, and to show what it is to; nothing, as a
/// rule.
fn doubt(text: &str, kind: Option<AnomalyKind>) -> Option<&'static str> {
    const OTHER: &str = "JSON cannot say all that its values say: read by itself it is another history";
    let mut builder = HistoryBuilder::new(Format::Jsonl);
    format::read(Format::Jsonl, Source { id: SourceId(0), text }, &ColumnMap::default(), &mut builder);
    let Ok(history) = builder.finish(Overrides::default()) else { return Some(OTHER) };
    let declared = &history.declared;
    let Some(model) = declared.model.as_deref().and_then(ModelName::from_name) else { return Some(OTHER) };
    if independent::is_certain(&history, |function| model.entry().takes_no_argument(function)) {
        return Some("its values look like tuples `[key value]`: check it with --no-independent");
    }
    let options = ModelOptions {
        initial: declared.initial,
        nil_read: declared.nil_read.unwrap_or_default(),
        failed_cas: declared.failed_cas.unwrap_or_default(),
    };
    match with_any_model(model, &options, &history.values, Shows { history: &history, kind }) {
        Ok(true) => None,
        Ok(false) | Err(_) => Some(OTHER),
    }
}
