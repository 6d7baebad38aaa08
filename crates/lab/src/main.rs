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
mod crew;
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
mod tally;
mod verdict;
mod workload;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;

use crate::args::{Arguments, Command};
use crate::guard::Guard;
use crate::row::Row;
use crate::run::Plan;
use crate::say::{complain, say};
use crate::tally::Tally;

/// How the program ends beside 0, what [`tally::Tally::code`] says, and [`interrupt::INTERRUPTED`].
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
            for prefix in crew::all_prefixes(&place.prefix) {
                drop(Guard::enter(&prefix)?);
            }
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

/// Records rows, and prints the table.
fn record(run: &args::Run) -> Result<u8> {
    let rows = chosen(&run.rows.rows, run.all)?;
    let checker = verdict::program()?;
    // Each turn has all rows: whoever interrupts it has whole turns.
    let turns = (0..run.times).map(|turn| Plan {
        seed: run.seed.wrapping_add(u64::from(turn)),
        seconds: run.seconds,
        out: run.out.clone(),
        keeps_logs: run.keep_logs,
        checker: checker.clone(),
    });
    let tasks: Vec<_> = turns.flat_map(|plan| rows.iter().map(move |row| (*row, plan.clone()))).collect();
    let mut tally = Tally::new(&rows);
    crew::record(&run.place.prefix, run.jobs, &tasks, |row, plan, recorded| match recorded {
        Ok(card) => {
            tally.add(row, &card);
            tell(row, plan, &card);
        }
        Err(error) => {
            complain(&format!("error: {} (seed {}) was not recorded: {error:#}", row.name(), plan.seed));
            tally.failed(row);
        }
    })?;
    let lines = tally.lines();
    if !lines.is_empty() {
        say(&format!("\n{}", table::table(&lines)));
    }
    Ok(tally.code())
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
