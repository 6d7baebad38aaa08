//! `must`: every line of what must be reached, as a row: the limit, what was measured, and whether that will do.
//!
//! Times are those of a whole process that reads a file and prints a verdict; the time that the decision alone took, in
//! a process that has the history in memory, stands beside it. Only where a line speaks of the search alone is that the
//! time that counts.

pub(crate) use self::given::etcd_logs;
pub(crate) use self::reading::{ReadArgs, run as read};

mod budgets;
mod given;
mod made;
mod reading;

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use clap::Args;

use crate::error::Error;
use crate::place::Scratch;
use crate::runs::{Ask, Program, ask};
use crate::section::Section;
use crate::table::{self, Table};
use crate::tool::{Answer, Tool};

#[derive(Debug, Clone, Args)]
pub(crate) struct MustArgs {
    /// Only the rows whose text contains this
    #[arg(long)]
    pub(crate) only: Option<String>,
    /// Small inputs and few seeds: shows that every row can be measured, and nothing else
    #[arg(long)]
    pub(crate) quick: bool,
    /// Leave out the rows of ten million operations
    #[arg(long)]
    pub(crate) no_huge: bool,
}

/// A row is over after so many seeds that were not decided.
const ENOUGH: usize = 3;

/// What a row must reach.
#[derive(Clone, Copy, Debug)]
struct Limit {
    seconds: f64,
    /// Of the median over all seeds.
    median: Option<f64>,
    bytes: Option<u64>,
}

impl Limit {
    fn of(seconds: f64) -> Self {
        Self { seconds, median: None, bytes: None }
    }

    fn show(self) -> String {
        let median = self.median.map(|seconds| format!("median {}, ", table::seconds(seconds)));
        let bytes = self.bytes.map(|bytes| format!(", {}", table::bytes(bytes)));
        let worst = if self.median.is_some() { "worst " } else { "" };
        let seconds = table::seconds(self.seconds);
        format!("{}{worst}{seconds}{}", median.unwrap_or_default(), bytes.unwrap_or_default())
    }

    /// When there is no use in waiting any longer.
    fn give_up(self) -> Duration {
        Duration::from_secs_f64((4.0 * self.seconds).clamp(2.0, self.seconds + 30.0))
    }
}

/// One history of a row.
#[derive(Clone, Debug)]
struct Case {
    file: PathBuf,
    options: Vec<&'static str>,
    /// What must be found, if that is known.
    expected: Option<Answer>,
}

impl Case {
    fn new(file: PathBuf, expected: Option<Answer>) -> Self {
        Self { file, options: Vec::new(), expected }
    }
}

/// Whether a row is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    Yes,
    /// The decision is, and the whole process is not.
    Deciding,
    No,
    /// A verdict is wrong.
    Wrong,
}

impl Reached {
    fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Deciding => "deciding only",
            Self::No => "**no**",
            Self::Wrong => "**WRONG**",
        }
    }
}

/// The rows so far.
struct Must<'a> {
    args: &'a MustArgs,
    section: &'a Section,
    program: Program,
    scratch: Rc<Scratch>,
    table: Table,
    all: Vec<Reached>,
}

/// Measures every row.
///
/// # Errors
/// Something could not be measured; a limit that is not met is no error.
pub(crate) fn run(args: &MustArgs, section: &Section) -> Result<(String, Vec<Reached>), Error> {
    let columns = ["what", "limit", "deciding", "whole process", "peak memory", "answers", "reached"];
    let mut must = Must {
        args,
        section,
        program: Program::build()?,
        scratch: Rc::new(Scratch::new()?),
        table: Table::new(&columns),
        all: Vec::new(),
    };
    type Measure<'a> = fn(&mut Must<'a>) -> Result<(), Error>;
    let groups: [(&str, Measure<'_>); 13] = [
        ("etcd", Must::etcd),
        ("small_values", Must::small_values),
        ("wide", Must::wide),
        ("crashed_long", Must::crashed_long),
        ("crashed_wide", Must::crashed_wide),
        ("shapes", Must::shapes),
        ("keyed", Must::keyed),
        ("porcupine_kv", Must::porcupine_kv),
        ("containers", Must::containers),
        ("recordings", Must::recordings),
        ("reading", Must::reading),
        ("undecided", Must::undecided),
        ("budgets", Must::budgets),
    ];
    for (what, measure) in groups {
        section.attempt(what, || measure(&mut must));
    }
    let reached = must.all.iter().filter(|&&reached| reached == Reached::Yes).count();
    let mut text = format!("{}\n{reached} of {} rows are reached.\n", must.table.into_text(), must.all.len());
    text += &section.told();
    println!("\n{reached} of {} rows are reached", must.all.len());
    Ok((text, must.all))
}

impl Must<'_> {
    fn is_wanted(&self, what: &str) -> bool {
        self.args.only.as_ref().is_none_or(|only| what.contains(only))
    }

    /// How many seeds, where the row says `full`.
    fn seeds(&self, full: u64) -> u64 {
        if self.args.quick { 1 } else { full }
    }

    /// How many operations, where the row says `full`.
    fn size(&self, full: usize) -> usize {
        if self.args.quick { full.min(1_000) } else { full }
    }

    fn push(&mut self, cells: [String; 6], reached: Reached) {
        let mut cells: Vec<String> = cells.into();
        cells.push(reached.word().to_owned());
        self.table.row(cells);
        self.section.so_far(self.table.text());
        self.all.push(reached);
    }

    /// A row that cannot be measured here.
    fn absent(&mut self, what: &str, why: &str) {
        let dash = || "–".to_owned();
        self.table.row(vec![
            what.to_owned(),
            dash(),
            dash(),
            dash(),
            dash(),
            why.to_owned(),
            "not measured".to_owned(),
        ]);
    }

    /// A row about one history or several that must all be within the limit; the seconds that each took, where
    /// all were decided.
    fn cases(
        &mut self,
        what: &str,
        limit: Limit,
        cases: impl IntoIterator<Item = Result<Case, Error>>,
    ) -> Result<Vec<f64>, Error> {
        if !self.is_wanted(what) {
            return Ok(Vec::new());
        }
        let mut found = Found::default();
        for case in cases {
            let case = case?;
            let options = &case.options;
            let checked = self.program.check_best(&case.file, options, limit.give_up(), limit.seconds)?;
            found.answers.push(checked.answer);
            found.seconds.push(checked.metered.seconds);
            found.peak = found.peak.max(checked.metered.peak);
            found.is_wrong |= case.expected.is_some_and(|expected| checked.answer.contradicts(expected));
            if case.options.is_empty() {
                found.files.push(case.file);
            }
            if found.unknown() >= ENOUGH {
                found.ended_early = true;
                break;
            }
        }
        // Where something is unknown there is no use in deciding all again.
        if found.unknown() == 0 && found.files.len() == found.answers.len() {
            let (decided, _) =
                ask(Ask { passes: 2, ..Ask::of(Tool::Seriatim, limit.give_up()) }, &found.files)?;
            found.deciding = decided.iter().map(|decided| decided.seconds).collect();
            let differs = decided
                .iter()
                .zip(&found.answers)
                .any(|(decided, answer)| decided.answer.contradicts(*answer));
            found.is_wrong |= differs;
        }
        found.files.iter().filter(|file| file.starts_with(self.scratch.path())).for_each(|file| {
            // It goes with its folder in any case.
            let _ = std::fs::remove_file(file);
        });
        let reached = found.reached(limit);
        let whole = spread(&found.seconds);
        let cells = [
            what.to_owned(),
            limit.show(),
            spread(&found.deciding),
            whole,
            table::bytes(found.peak),
            found.told(),
        ];
        self.push(cells, reached);
        Ok(if found.unknown() == 0 { found.seconds } else { Vec::new() })
    }
}

/// A time, or the median and the worst of several.
fn spread(all: &[f64]) -> String {
    match all {
        [] => "–".to_owned(),
        [one] => table::seconds(*one),
        all => format!("{}, worst {}", table::seconds(table::median(all)), table::seconds(table::worst(all))),
    }
}

/// What was found of a row's histories.
#[derive(Debug, Default)]
struct Found {
    answers: Vec<Answer>,
    seconds: Vec<f64>,
    deciding: Vec<f64>,
    peak: u64,
    is_wrong: bool,
    ended_early: bool,
    files: Vec<PathBuf>,
}

impl Found {
    fn unknown(&self) -> usize {
        self.answers.iter().filter(|&&answer| answer == Answer::Unknown).count()
    }

    fn reached(&self, limit: Limit) -> Reached {
        let is_within = |all: &[f64]| {
            !all.is_empty()
                && table::worst(all) <= limit.seconds
                && limit.median.is_none_or(|median| table::median(all) <= median)
        };
        let is_small = limit.bytes.is_none_or(|bytes| self.peak <= bytes);
        match () {
            () if self.is_wrong => Reached::Wrong,
            () if self.unknown() > 0 || self.answers.is_empty() => Reached::No,
            () if is_within(&self.seconds) && is_small => Reached::Yes,
            () if is_within(&self.deciding) && is_small => Reached::Deciding,
            () => Reached::No,
        }
    }

    fn told(&self) -> String {
        let count = |wanted| self.answers.iter().filter(|&&answer| answer == wanted).count();
        let all = [Answer::Valid, Answer::Invalid, Answer::Unknown].map(|answer| (count(answer), answer));
        let told: Vec<_> = all
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, answer)| format!("{count} {answer}"))
            .collect();
        let early = if self.ended_early { "; the rest was not tried" } else { "" };
        format!("{}{early}", told.join(", "))
    }
}
