//! Runs real clusters, breaks them, records what their clients saw, and has `seriatim` check it.

#![allow(clippy::disallowed_methods, reason = "a lab is nothing but files, processes and clocks")]
#![cfg_attr(
    not(feature = "all"),
    allow(dead_code, reason = "some faults and requests are for systems that are left out")
)]

mod args;
mod card;
mod clean;
mod cluster;
mod descent;
mod doctor;
mod drive;
mod fault;
mod gate;
mod guard;
mod interrupt;
mod journal;
mod kept;
mod namespace;
mod net;
mod node;
mod recording;
mod request;
mod row;
mod rows;
mod run;
mod say;
mod schedule;
mod seed;
mod setting;
mod shell;
mod smoke;
mod system;
mod table;
mod verdict;
mod workload;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;

use crate::args::{Arguments, Command};
use crate::guard::Guard;
use crate::row::{Expectation, Row};
use crate::run::Plan;
use crate::say::{complain, say};
use crate::table::Line;

/// How the program ends beside 0 and [`interrupt::INTERRUPTED`].
const UNEXPECTED: u8 = 1;
const USAGE: u8 = 2;
const INCOMPLETE: u8 = 3;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match act(arguments.command) {
        Ok(_) if interrupt::is_asked() => ExitCode::from(interrupt::INTERRUPTED),
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            complain(&format!("error: {error:#}"));
            ExitCode::from(if interrupt::is_asked() { interrupt::INTERRUPTED } else { USAGE })
        }
    }
}

fn act(command: Command) -> Result<u8> {
    match command {
        Command::Doctor => Ok(if doctor::report() { 0 } else { INCOMPLETE }),
        Command::List(rows) => {
            for row in chosen(&rows.rows, rows.rows.is_empty())? {
                say(&row.name());
            }
            Ok(0)
        }
        Command::Run(run) => {
            interrupt::listen()?;
            record(&run)
        }
        Command::Table(kept) => {
            say(&table::table(&kept::lines(&kept::cards(&kept.paths)?, &rows::rows())));
            Ok(0)
        }
        Command::Keep(keep) => {
            for card in kept::cards(&keep.kept.paths)? {
                say(&card.keep(&rows::rows(), &keep.into)?.display().to_string());
            }
            Ok(0)
        }
        Command::Smoke(place) => {
            interrupt::listen()?;
            smoke::smoke(&place.prefix)
        }
        Command::Clean(place) => {
            interrupt::listen()?;
            // To enter is to clean, and says what was there.
            drop(Guard::enter(&place.prefix)?);
            say(&format!("nothing is left of earlier runs under the prefix `{}`", place.prefix));
            Ok(0)
        }
    }
}

/// The rows that somebody asked for, in the order of the table.
fn chosen(patterns: &[String], all: bool) -> Result<Vec<Row>> {
    let rows = rows::rows();
    if all {
        return Ok(rows);
    }
    if patterns.is_empty() {
        bail!("no row was named; `seriatim-lab list` has them, and `--all` takes all");
    }
    let mut chosen: Vec<Row> = Vec::new();
    for pattern in patterns {
        let found = rows::matching(&rows, pattern);
        if found.is_empty() {
            bail!("there is no row `{pattern}`; `seriatim-lab list` has them");
        }
        for row in found {
            if chosen.iter().all(|known| known.name() != row.name()) {
                chosen.push(row);
            }
        }
    }
    Ok(chosen)
}

/// Records rows one after the other, and prints the table.
fn record(run: &args::Run) -> Result<u8> {
    let rows = chosen(&run.rows.rows, run.all)?;
    let checker = verdict::program()?;
    let mut guard = Guard::enter(&run.place.prefix)?;
    let mut lines = Vec::new();
    let (mut is_unexpected, mut is_incomplete) = (false, false);
    'rows: for row in &rows {
        let mut line = Line::new(row);
        for turn in 0..run.times {
            let plan = Plan {
                seed: run.seed.wrapping_add(u64::from(turn)),
                seconds: run.seconds,
                out: run.out.clone(),
                keeps_logs: run.keep_logs,
                checker: checker.clone(),
            };
            let recorded = run::record(&mut guard, row, &plan);
            if interrupt::is_asked() {
                break 'rows;
            }
            match recorded {
                Ok(card) => {
                    line.add(card.found.as_ref());
                    is_incomplete |= card.void.is_some();
                    is_unexpected |= row.expectation == Expectation::Valid && card.verdict() == "invalid";
                    tell(row, &plan, &card);
                }
                Err(error) => {
                    complain(&format!(
                        "error: {} (seed {}) was not recorded: {error:#}",
                        row.name(),
                        plan.seed
                    ));
                    line.failed();
                    is_incomplete = true;
                }
            }
        }
        lines.push(line);
    }
    drop(guard);
    if !lines.is_empty() {
        say(&format!("\n{}", table::table(&lines)));
    }
    Ok(if is_unexpected {
        UNEXPECTED
    } else if is_incomplete {
        INCOMPLETE
    } else {
        0
    })
}

/// A line for whoever waits.
fn tell(row: &Row, plan: &Plan, card: &card::Card) {
    let what = match (&card.found, &card.void) {
        (Some(found), _) => {
            let codes: Vec<_> = found.codes.keys().map(String::as_str).collect();
            format!("{} operations, {} {}", found.operations, found.verdict, codes.join(" "))
        }
        (None, Some(why)) => format!("void: {why}"),
        (None, None) => "void".to_owned(),
    };
    say(&format!("{} (seed {}): {}", row.name(), plan.seed, what.trim_end()));
}
