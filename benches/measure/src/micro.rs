//! `micro`: how fast each format is read, how many configurations the search enters, and how fast each strategy is, in
//! this process.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;
use seriatim_checker::{Options, Strategy};
use seriatim_history::{FailedCas, Format, NilRead};
use seriatim_model::catalog::MODELS;
use seriatim_model::{ModelName, ModelOptions};
use seriatim_testkit::{Traffic, text};

use crate::error::Error;
use crate::generate::count;
use crate::input::{self, Input};
use crate::ours;
use crate::section::{Section, progress};
use crate::table::{self, Table};
use crate::tool::Answer;

#[derive(Debug, Clone, Args)]
pub(crate) struct MicroArgs {
    /// How many operations each history has
    #[arg(long, default_value = "1e5", value_parser = count)]
    pub(crate) operations: usize,
    /// Measure so many times and tell the shortest
    #[arg(long, default_value_t = 5)]
    pub(crate) runs: usize,
}

/// What is not decided by then is not measured again.
const LIMIT: Duration = Duration::from_secs(5);

/// Measures every table.
pub(crate) fn run(args: &MicroArgs, section: &Section) -> Result<String, Error> {
    let threads = rayon::current_num_threads();
    let reading = format!("Reading, from text in memory to history, {threads} threads at the most");
    type Measure = fn(&MicroArgs) -> Result<String, Error>;
    let tables: [(&str, Measure); 3] = [
        (&reading, formats),
        ("The search, one key, one thread", searches),
        ("What decides each model by itself, distinct values, 5 clients", strategies),
    ];
    let mut text = String::new();
    for (what, measure) in tables {
        progress(what);
        if let Some(table) = section.attempt(what, || measure(args)) {
            text += &format!("{}{what}:\n\n{table}", if text.is_empty() { "" } else { "\n" });
            section.so_far(&text);
        }
    }
    Ok(text + &section.told())
}

/// The shortest of several runs, in seconds.
fn best<T>(runs: usize, mut run: impl FnMut() -> Result<T, Error>) -> Result<f64, Error> {
    let mut best = f64::INFINITY;
    for _ in 0..runs.max(1) {
        let started = Instant::now();
        black_box(run()?);
        best = best.min(started.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn formats(args: &MicroArgs) -> Result<String, Error> {
    let mut table = Table::new(&["format", "bytes", "operations", "seconds", "MB/s", "operations/s"]);
    for format in text::WRITTEN {
        // Key-value logs know other functions than registers; what is read is alike.
        let plain = format != Format::Jsonl && format != Format::Edn && format != Format::JsonArray;
        let model = if plain { ModelName::Register } else { ModelName::CasRegister };
        let traffic = Traffic { values: 100, keys: 100, ..Traffic::new(model, args.operations, 10) };
        let (script, _) = traffic.script(1);
        let text = text::script(format, model, &script);
        let name = Path::new("generated");
        let operations = input::read(format, &text, name)?.operations.len();
        let seconds = best(args.runs, || input::read(format, &text, name))?;
        table.row(vec![
            format.name().to_owned(),
            table::bytes(text.len() as u64),
            table::count(operations),
            table::seconds(seconds),
            format!("{:.0}", text.len() as f64 / seconds / 1e6),
            rate(operations as f64 / seconds),
        ]);
    }
    Ok(table.into_text())
}

/// Millions, or thousands, a second.
fn rate(each: f64) -> String {
    if each >= 1e6 { format!("{:.1} M", each / 1e6) } else { format!("{:.0} k", each / 1e3) }
}

fn input(traffic: &Traffic) -> Input {
    let history = traffic.script(1).0.history();
    let options = ModelOptions { initial: None, nil_read: NilRead::Value, failed_cas: FailedCas::Drop };
    Input { history, model: traffic.model, options }
}

fn searches(args: &MicroArgs) -> Result<String, Error> {
    let few =
        |clients| Traffic { values: 5, ..Traffic::new(ModelName::CasRegister, args.operations, clients) };
    let rows = [
        ("cas-register, 5 values, 5 clients", few(5)),
        ("cas-register, 5 values, 10 clients", few(10)),
        ("cas-register, 5 values, 10 clients, 1 % crashed", Traffic { crash: 0.01, ..few(10) }),
        ("register, distinct values, 5 clients", Traffic::new(ModelName::Register, args.operations, 5)),
        ("queue, distinct values, 2 clients", Traffic::new(ModelName::Queue, args.operations.min(1_000), 2)),
        ("mutex, 5 clients", Traffic::new(ModelName::Mutex, args.operations, 5)),
    ];
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let one = one.map_err(|error| Error::new(error.to_string()))?;
    let options = Options { strategy: Some(Strategy::Search), ..Options::default() };
    let mut table = Table::new(&[
        "history",
        "operations",
        "answer",
        "seconds",
        "configurations",
        "configurations/s",
        "operations/s",
    ]);
    for (what, traffic) in rows {
        let input = input(&traffic);
        let mut decided = one.install(|| ours::decide(&input, options, LIMIT))?;
        for _ in 1..args.runs {
            if decided.answer == Answer::Unknown {
                break;
            }
            let again = one.install(|| ours::decide(&input, options, LIMIT))?;
            decided.seconds = decided.seconds.min(again.seconds);
        }
        table.row(vec![
            what.to_owned(),
            table::count(decided.operations),
            decided.answer.to_string(),
            table::seconds(decided.seconds),
            decided.configurations.to_string(),
            rate(decided.configurations as f64 / decided.seconds),
            rate(decided.operations as f64 / decided.seconds),
        ]);
    }
    Ok(table.into_text())
}

/// Every model, decided as users have it, so that each strategy that decides one comes up; and which none did.
fn strategies(args: &MicroArgs) -> Result<String, Error> {
    let mut table = Table::new(&["model", "decided by", "operations", "answer", "seconds", "operations/s"]);
    let mut left: BTreeMap<&str, ()> = Strategy::ALL.iter().map(|strategy| (strategy.name(), ())).collect();
    for row in MODELS {
        // Sets come in three uses, which the seed chooses.
        let traffic = Traffic::new(row.name, args.operations, 5);
        let input = input(&traffic);
        let mut decided = ours::decide(&input, Options::default(), LIMIT)?;
        for _ in 1..args.runs {
            if decided.seconds > 1.0 {
                break;
            }
            decided.seconds = decided.seconds.min(ours::decide(&input, Options::default(), LIMIT)?.seconds);
        }
        for strategy in &decided.strategies {
            left.remove(strategy.as_str());
        }
        table.row(vec![
            row.word.to_owned(),
            decided.strategies.join(", "),
            table::count(decided.operations),
            decided.answer.to_string(),
            table::seconds(decided.seconds),
            rate(decided.operations as f64 / decided.seconds),
        ]);
    }
    let mut text = table.into_text();
    if !left.is_empty() {
        let names: Vec<_> = left.into_keys().collect();
        text += &format!("\nNot asked here: {}.\n", names.join(", "));
    }
    Ok(text)
}
