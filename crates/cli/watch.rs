//! `seriatim watch`: follows a log that is being written, and checks what is there.
//!
//! What is there is checked when it has grown by a quarter since the last check, so that all these checks together take no more
//! than a few times as long as one of the whole; and also sooner, as long as no more than a tenth of the time goes into that.
//! Of what is read, a part that has not grown is not decided again, and neither is one that is violated: linearizability is
//! closed under prefixes, and an operation that is still open may have taken effect or not.
//!
//! All of the text is held, and read anew for each check. Where that is more than the limit of memory has room for, nothing is
//! followed any further, and what comes later is unknown.

mod follow;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser as _;
use rustc_hash::FxHashMap;
use seriatim_checker::{Decision, Limits, Memory, StopReason, Verdict as Decided};
use seriatim_history::build::Overrides;
use seriatim_history::format::detect::{Detected, detect};
use seriatim_history::{History, OpId, Source, SourceId, format};
use seriatim_model::catalog::with_model;
use seriatim_report::Problem;

use self::follow::{Follow, Growth};
use crate::args::{Cli, Color, Command, WatchArgs};
use crate::check::{self, Decide, wrong_start};
use crate::choose::choose;
use crate::clock::{self, Clock, STOP};
use crate::describe;
use crate::exit::Exit;
use crate::load::{Loaded, Problems};
use crate::output::{self, complain, say};
use crate::progress::Display;
use crate::reading;
use crate::resident;
use crate::settings::Settings;
use crate::sorted;
use crate::source::{Content, Texts};

/// A part of a log may have this share of the time for checks that its growth does not ask for: one in so many.
const SHARE: u32 = 10;

/// What is held for each byte of the text: the text itself, with room to grow, and what a check makes of it.
const HELD: usize = 2 + sorted::WHOLE;

/// As many parts as are told one by one when they are found valid at once.
const TOLD: usize = 8;

/// Follows a log, and says how the process ends.
pub(crate) fn run(args: WatchArgs) -> Exit {
    if args.path.as_os_str() == "-" {
        let problem = Problem::error("the standard input cannot be watched");
        return output::fail(
            &problem.help("write it to a file, and watch that; or `seriatim check -`"),
            Color::Auto,
        );
    }
    let clock = Clock::new(args.limits.timeout);
    if let Err(problem) = check::begin(args.limits.threads) {
        return output::fail(&problem, Color::Auto);
    }
    resident::watch(args.limits.memory_limit);
    let left = resident::left_of(args.limits.memory_limit);
    let mut watch = Watch {
        settings: args.meaning.settings(),
        memory: Memory::new(left),
        most: left / HELD,
        clock: Arc::clone(&clock),
        display: Display::new(Arc::clone(&clock), true),
        known: FxHashMap::default(),
        said: None,
        is_violated: false,
        args: &args,
    };
    let ended = watch.follow();
    let is_violated = watch.is_violated;
    match ended {
        // A violation is never masked.
        Err(problems) => {
            reading::fail(&problems);
            if is_violated { Exit::Invalid } else { Exit::Error }
        }
        Ok(ended) => {
            clock::forget_interrupt();
            if let Ended::Full(bytes) = ended {
                complain(&format!(
                    "`{}` is followed up to byte {bytes} and no further, since no more may be held; what comes later is \
                     unknown: raise --memory-limit",
                    args.path.display()
                ));
            }
            match (conclude(args, &clock), is_violated) {
                (Exit::Interrupted, _) => Exit::Interrupted,
                (_, true) => Exit::Invalid,
                (Exit::Valid | Exit::Vacuous, false) if ended != Ended::Asked => Exit::Unknown,
                (exit, false) => exit,
            }
        }
    }
}

/// Checks what is there at the end, as `check` does.
fn conclude(args: WatchArgs, clock: &Arc<Clock>) -> Exit {
    let path = args.path.display().to_string();
    // Whatever a file is called, it is no option.
    match Cli::try_parse_from(["seriatim", "check", "--", &path]).map(|cli| cli.command) {
        Ok(Some(Command::Check(mut check))) => {
            check.meaning = args.meaning;
            check.limits = args.limits;
            check::once_more(&check, clock)
        }
        _ => output::fail(&Problem::error(format!("`{path}` cannot be named to `check`")), Color::Auto),
    }
}

/// Why a log is followed no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// That was asked for.
    Asked,
    /// No more than so many bytes may be held.
    Full(usize),
}

/// What is known of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    /// How many operations it had, and how many of them had returned.
    size: (usize, usize),
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Valid,
    Violated,
    Unknown,
}

struct Watch<'a> {
    args: &'a WatchArgs,
    settings: Settings,
    memory: Memory<'a>,
    /// How many bytes of the text may be held.
    most: usize,
    clock: Arc<Clock>,
    display: Display,
    /// The parts by their names.
    known: FxHashMap<String, Known>,
    /// Why there was no model the last time.
    said: Option<String>,
    is_violated: bool,
}

impl Watch<'_> {
    /// Checks what is there again and again, until there is a reason to end.
    fn follow(&mut self) -> Result<Ended, Problems> {
        let mut follow = Follow::new(&self.args.path, self.most);
        if !self.args.path.exists() {
            complain(&format!("`{}` is not there yet, and waited for", self.args.path.display()));
        }
        let mut checked = 0;
        let (mut grown_at, mut checked_at, mut took) = (Instant::now(), None, Duration::ZERO);
        loop {
            let growth = follow.look()?;
            if growth != Growth::None {
                grown_at = Instant::now();
            }
            let is_full = growth == Growth::TooMuch;
            let whole = follow.whole();
            let is_due = checked_at.is_none_or(|at: Instant| at.elapsed() >= took * SHARE);
            if whole.len() > checked && (whole.len() - checked >= checked / 4 || is_due || is_full) {
                let began = Instant::now();
                if !self.check(whole)? {
                    return Ok(Ended::Full(checked));
                }
                (took, checked_at, checked) = (began.elapsed(), Some(Instant::now()), whole.len());
            }
            if is_full {
                return Ok(Ended::Full(whole.len()));
            }
            let is_idle = self.args.idle_timeout.is_some_and(|limit| grown_at.elapsed() >= limit);
            if clock::is_interrupted() || is_idle || self.args.until_violation && self.is_violated {
                return Ok(Ended::Asked);
            }
            thread::sleep(self.args.poll);
        }
    }

    /// Checks a text, and tells which parts have another verdict than before; `false` where there was no room for that.
    fn check(&mut self, bytes: &[u8]) -> Result<bool, Problems> {
        let path = self.args.path.display().to_string();
        let content =
            Content { path: path.clone(), packed: bytes.len(), hash: None, unpacked: bytes.to_vec() };
        let format = match self
            .settings
            .format
            .map_or_else(|| detect(bytes, Some(content.name())), Detected::Format)
        {
            Detected::Format(format) => format,
            Detected::Unsupported(what, instead) => {
                return Err(Problem::error(format!("`{path}` is {what}, which is not read"))
                    .help(instead)
                    .into());
            }
            // What is there so far may be the beginning of anything.
            Detected::Unknown => return Ok(true),
        };
        let texts = Texts(vec![content.text()?]);
        let sources: Vec<_> =
            texts.0.iter().map(|text| Source { id: SourceId(0), text: text.text() }).collect();
        let overrides = Overrides { ties: self.settings.ties, order: self.settings.order };
        let mut history = format::history(format, &sources, &self.settings.map, overrides)
            .map_err(|errors| Problems::new(&texts, &errors))?;
        self.settings.doubted.apply(&mut history);
        let mut loaded = Loaded { texts, history, numbers: Vec::new() };
        let chosen = match choose(&mut loaded, &self.settings) {
            Ok(chosen) => chosen,
            // A later operation may tell; at the end, this is an error.
            Err(problems) => {
                let why = problems.first.first().map(|problem| problem.message.clone()).unwrap_or_default();
                if self.said.as_ref() != Some(&why) {
                    complain(&format!("{path}: nothing is checked yet: {why}"));
                    self.said = Some(why);
                }
                return Ok(true);
            }
        };
        self.clock.begin();
        let held = bytes.len() + loaded.bytes();
        if !self.memory.change(0, held) {
            self.memory.change(held, 0);
            return Ok(false);
        }
        let limits = Limits {
            configurations: self.args.limits.max_configurations.unwrap_or(u64::MAX),
            stop: &STOP,
            memory: &self.memory,
        };
        let known = &self.known;
        let has_grown = |name: &str, size: (usize, usize)| {
            let known = known.get(name);
            known.is_none_or(|known| known.state != State::Violated && known.size != size)
        };
        let history = &loaded.history;
        let decide = Decide {
            path: &path,
            history,
            limits,
            display: &self.display,
            is_whole: false,
            are_drawn: false,
            shard: None,
            only: Some(&has_grown),
        };
        let checked = with_model(chosen.model, &chosen.options, &history.values, decide);
        self.memory.change(held, 0);
        let checked = checked
            .map_err(|error| wrong_start(&error))?
            .map_err(|unreadable| Problems::unreadable(&loaded.texts, history, unreadable))?;
        let decisions = checked.map_or_else(Vec::new, |checked| checked.decisions);
        let found = decisions.iter().map(|decision| found(decision, history)).collect();
        self.tell(found, &loaded);
        Ok(STOP.requested() != Some(StopReason::Memory))
    }

    /// Says what is another than before, the worst first.
    fn tell(&mut self, mut found: Vec<Found>, loaded: &Loaded) {
        found.retain(|found| {
            let before = self.known.insert(found.name.clone(), found.known);
            before.is_none_or(|before| before.state != found.known.state)
        });
        let of = |state| found.iter().filter(move |found| found.known.state == state);
        let operations = |found: &Found| match found.known.size.0 {
            1 => "1 operation".to_owned(),
            count => format!("{count} operations"),
        };
        let mut text = String::new();
        for violated in of(State::Violated) {
            let line = violated.at.map_or(0, |at| {
                let operation = loaded.history.operation(at);
                loaded.texts.place(operation.end.unwrap_or(operation.call).span).line
            });
            text.push_str(&format!("violated at line {line}: {}, {}\n", violated.name, operations(violated)));
            self.is_violated = true;
        }
        for unknown in of(State::Unknown) {
            let reason = unknown.reason.unwrap_or_default();
            text.push_str(&format!("unknown ({reason}): {}, {}\n", unknown.name, operations(unknown)));
        }
        let valid = of(State::Valid).count();
        if valid > TOLD {
            text.push_str(&format!("valid so far: {valid} more parts\n"));
        } else {
            of(State::Valid).for_each(|valid| {
                text.push_str(&format!("valid so far: {}, {}\n", valid.name, operations(valid)))
            });
        }
        say(&text);
    }
}

/// What was found of a part.
struct Found {
    name: String,
    known: Known,
    /// The operation that cannot be linearized.
    at: Option<OpId>,
    /// What stopped the search.
    reason: Option<&'static str>,
}

fn found(decision: &Decision, history: &History) -> Found {
    let (state, at, reason) = match &decision.verdict {
        Decided::Linearizable(_) => (State::Valid, None, None),
        Decided::NotLinearizable(refutation) => (State::Violated, Some(refutation.op), None),
        Decided::Unknown(cause) => (State::Unknown, None, Some(describe::reason(cause.reason))),
    };
    let size = check::size(history, decision.ops.iter().copied());
    Found {
        name: check::name(decision.key, &decision.touched, history),
        known: Known { size, state },
        at,
        reason,
    }
}
