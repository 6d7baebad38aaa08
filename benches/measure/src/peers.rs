//! `peers`: the same histories, decided by us and by others, side by side in one run.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use seriatim_model::ModelName;
use seriatim_testkit::{Lie, Plant, Shape, Traffic};

use crate::error::Error;
use crate::meter::End;
use crate::must::etcd_logs;
use crate::place::{self, Scratch};
use crate::runs::{Ask, ask};
use crate::section::Section;
use crate::table::{self, Table};
use crate::tool::{Answer, Tool};

#[derive(Debug, Clone, Args)]
pub(crate) struct PeersArgs {
    /// Give up on a history after so many seconds
    #[arg(long, default_value_t = 10.0)]
    pub(crate) limit: f64,
    /// Give up on an etcd log after so many seconds
    #[arg(long, default_value_t = 1.0)]
    pub(crate) log_limit: f64,
    /// Small inputs: shows that every row can be measured, and nothing else
    #[arg(long)]
    pub(crate) quick: bool,
}

/// What a tool made of a row.
#[derive(Debug, Default)]
struct Made {
    answers: Vec<Option<Answer>>,
    /// Of those that came to an end.
    operations: usize,
    seconds: f64,
    peak: u64,
    why: Option<&'static str>,
}

impl Made {
    fn show(&self) -> String {
        let mut out = match self.answers[..] {
            [Some(Answer::Unknown) | None] => format!("unknown ({})", self.why.unwrap_or("time")),
            [Some(answer)] => format!("{answer}, {}", table::seconds(self.seconds)),
            ref all => {
                let decided = all.iter().flatten().filter(|&&answer| answer != Answer::Unknown).count();
                format!("{decided} of {} in {}", all.len(), table::seconds(self.seconds))
            }
        };
        write!(out, ", {}", table::bytes(self.peak)).expect("texts can be written to");
        out
    }
}

/// Asks a tool about files, one process for each.
fn made(tool: Tool, files: &[PathBuf], limit: Duration) -> Result<Made, Error> {
    let mut made = Made::default();
    for file in files {
        let (decided, metered) = ask(Ask::of(tool, limit), std::slice::from_ref(file))?;
        made.peak = made.peak.max(metered.peak);
        match metered.end {
            End::Memory => made.why = Some("memory"),
            End::Crash => made.why = Some("it crashed"),
            End::Code(_) | End::Time => {}
        }
        made.seconds += decided.first().map_or(metered.seconds, |decided| decided.seconds);
        made.operations += decided.first().map_or(0, |decided| decided.operations);
        made.answers.push(decided.first().map(|decided| decided.answer));
    }
    Ok(made)
}

/// Compares on each row; `false` where a verdict differs.
pub(crate) fn run(args: &PeersArgs, section: &Section) -> Result<(String, bool), Error> {
    let seconds =
        |seconds| Duration::try_from_secs_f64(seconds).map_err(|error| Error::new(error.to_string()));
    let (limit, log_limit) = (seconds(args.limit)?, seconds(args.log_limit)?);
    let scratch = Scratch::new()?;
    let names = Tool::ALL.map(Tool::package);
    let columns: Vec<_> = ["history", "operations"].into_iter().chain(names).chain(["agree"]).collect();
    let mut table = Table::new(&columns);
    let mut all_agree = true;
    let mut row = |what: String, files: Result<Vec<PathBuf>, Error>, limit| {
        let mades = section.attempt(&what, || {
            let files = files?;
            let mades: Result<Vec<_>, _> =
                Tool::ALL.into_iter().map(|tool| made(tool, &files, limit)).collect();
            Ok((files, mades?))
        });
        let Some((files, mades)) = mades else { return };
        let mut cells = vec![what.clone()];
        let (mut agree, mut compared) = (true, 0);
        let mut ours: Vec<Option<Answer>> = Vec::new();
        for (tool, made) in Tool::ALL.into_iter().zip(mades) {
            if tool == Tool::Seriatim {
                ours.clone_from(&made.answers);
                cells.push(table::count(made.operations));
            } else {
                compared +=
                    made.answers.iter().flatten().filter(|&&answer| answer != Answer::Unknown).count();
            }
            for ((file, ours), theirs) in files.iter().zip(&ours).zip(&made.answers) {
                if let (Some(ours), Some(theirs)) = (ours, theirs)
                    && ours.contradicts(*theirs)
                {
                    agree = false;
                    eprintln!(
                        "{what}: {} says {theirs} of {}, we say {ours}",
                        tool.package(),
                        file.display()
                    );
                }
            }
            cells.push(made.show());
        }
        all_agree &= agree;
        cells.push(match (agree, compared) {
            (false, _) => "**NO**".to_owned(),
            (true, 0) => "nobody to agree".to_owned(),
            (true, compared) => format!("yes, {compared} verdicts"),
        });
        table.row(cells);
        section.so_far(table.text());
    };
    match place::shared() {
        Some(shared) => {
            let logs = etcd_logs(&shared).map(|mut logs| {
                logs.truncate(if args.quick { 2 } else { usize::MAX });
                logs
            });
            row(format!("{} etcd logs", logs.as_ref().map_or(0, Vec::len)), logs, log_limit);
        }
        None => println!("the etcd logs are not here; SERIATIM_SHARED names the folder that has `corpus`"),
    }
    for (what, traffic) in histories(args.quick) {
        let file = scratch.traffic("history.jsonl", &traffic, 1);
        row(what, file.map(|file| vec![file]), limit);
    }
    for (shape, writes) in
        [(Shape::CrashedDistinct, 20), (Shape::ConcurrentNone, 20), (Shape::CrashedStale, 200)]
    {
        let writes = if args.quick { 5 } else { writes };
        let file = scratch.shape("history.jsonl", shape, writes);
        row(format!("{} of {writes} writes", shape.name()), file.map(|file| vec![file]), limit);
    }
    Ok((table.into_text() + &section.told(), all_agree))
}

/// What is compared: a name and how it is made.
fn histories(is_quick: bool) -> Vec<(String, Traffic)> {
    let few = |operations, clients| Traffic {
        values: 5,
        ..Traffic::new(ModelName::CasRegister, operations, clients)
    };
    let with = |lie| Some(Plant { lie, at: 0.9 });
    let (stale, never) = (with(Lie::Stale), with(Lie::NeverWritten));
    let mut all = vec![
        ("one key, 5 clients, 5 values", few(10_000, 5)),
        ("one key, 5 clients, 5 values", few(100_000, 5)),
        ("100 keys, 10 clients", Traffic { keys: 100, ..few(10_000, 10) }),
        ("1,000 keys, 20 clients, 1 % crashed", Traffic { keys: 1_000, crash: 0.01, ..few(100_000, 20) }),
        ("10 clients, 1 % crashed", Traffic { crash: 0.01, ..few(1_000, 10) }),
        (
            "10 clients, 3 % crashed, a value never written",
            Traffic { crash: 0.03, plant: never, ..few(1_000, 10) },
        ),
        ("20 clients, 20 % crashed", Traffic { crash: 0.2, ..few(1_000, 20) }),
        ("20 clients, 20 % crashed, a stale read", Traffic { crash: 0.2, plant: stale, ..few(1_000, 20) }),
        ("20 clients", few(1_000, 20)),
        ("20 clients, a value never written", Traffic { plant: never, ..few(1_000, 20) }),
        ("30 clients", few(1_000, 30)),
        ("30 clients, distinct values", Traffic { values: 0, ..few(1_000, 30) }),
        ("30 clients, distinct values, a stale read", Traffic { values: 0, plant: stale, ..few(1_000, 30) }),
        ("50 clients", few(1_000, 50)),
    ];
    if is_quick {
        all.retain(|(_, traffic)| traffic.operations <= 1_000 && traffic.clients <= 20);
        all.iter_mut().for_each(|(_, traffic)| traffic.operations = 60);
    }
    all.into_iter().map(|(what, traffic)| (what.to_owned(), traffic)).collect()
}
