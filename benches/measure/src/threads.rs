//! `threads`: how much faster two threads are than one: over many keys, inside one hard part, and in reading.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;
use seriatim_checker::{Options, Strategy};
use seriatim_history::{FailedCas, Format, NilRead};
use seriatim_model::{ModelName, ModelOptions};
use seriatim_testkit::{Lie, Plant, Traffic, text};

use crate::error::Error;
use crate::generate::count;
use crate::input::{self, Input};
use crate::ours;
use crate::section::Section;
use crate::table::{self, Table};
use crate::tool::Answer;

#[derive(Debug, Clone, Args)]
pub(crate) struct ThreadsArgs {
    /// How many operations the histories of many keys have
    #[arg(long, default_value = "1e6", value_parser = count)]
    pub(crate) operations: usize,
    /// How many operations the hard histories of one key have
    #[arg(long, default_value = "1e3", value_parser = count)]
    pub(crate) hard: usize,
    /// Measure so many times, one thread and two in turn, and tell the shortest of each
    #[arg(long, default_value_t = 3)]
    pub(crate) runs: usize,
}

/// What is not decided by then counts as unknown.
const LIMIT: Duration = Duration::from_secs(30);

const SEED: u64 = 1;

/// Does something once: what came of it, and how many seconds it took.
type Measure<'a> = &'a (dyn Fn() -> Result<(String, f64), Error> + Sync);

/// Measures the table.
pub(crate) fn run(args: &ThreadsArgs, section: &Section) -> Result<String, Error> {
    let pool = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.map_err(|error| Error::new(error.to_string()))
    };
    let pools = [pool(1)?, pool(2)?];
    let mut table = Table::new(&["what", "answer", "one thread", "two threads", "speed-up"]);
    let mut row = |what: String, measure: Measure<'_>| {
        let measured = section.attempt(&what, || best(&pools, args.runs, measure));
        if let Some((answer, [one, two])) = measured {
            let speed_up = format!("{:.2}", one / two);
            table.row(vec![what, answer, table::seconds(one), table::seconds(two), speed_up]);
            section.so_far(table.text());
        }
    };
    let options = ModelOptions { initial: None, nil_read: NilRead::Value, failed_cas: FailedCas::Drop };
    let input = |traffic: &Traffic| Input {
        history: traffic.script(SEED).0.history(),
        model: traffic.model,
        options,
    };
    let decide = |input: &Input, strategy: Option<Strategy>| {
        let decided = ours::decide(input, Options { strategy, ..Options::default() }, LIMIT)?;
        let answer = decided.answer;
        let told = if answer == Answer::Unknown { "unknown (time)".to_owned() } else { answer.to_string() };
        Ok((told, decided.seconds))
    };
    let few = |operations, clients| Traffic {
        values: 5,
        ..Traffic::new(ModelName::CasRegister, operations, clients)
    };
    let operations = args.operations;
    let keys = (operations / 100).max(1);
    let keyed = Traffic { keys, crash: 0.01, ..few(operations, 20) };
    let (count, keys) = (table::count(operations), table::count(keys));
    let of_keys = input(&keyed);
    row(format!("deciding {count} operations over {keys} keys"), &|| decide(&of_keys, None));
    drop(of_keys);
    // What no strategy decides, or is not let to: only then is there much to share.
    let (search, hard) = (Some(Strategy::Search), args.hard);
    let lie = |traffic| Traffic { plant: Some(Plant { lie: Lie::Stale, at: 0.9 }), ..traffic };
    let deque = Traffic::new(ModelName::Deque, hard, 3);
    let queue = Traffic::new(ModelName::Queue, hard, 2);
    let resting = Traffic { rest: 1.0, ..few(1_000 * hard, 5) };
    for (what, strategy, traffic) in [
        ("deque, distinct values, 3 clients, a stale answer", None, lie(deque.clone())),
        ("queue, distinct values, 2 clients, a stale answer, by search", search, lie(queue.clone())),
        ("deque, distinct values, 3 clients", None, deque),
        ("queue, distinct values, 2 clients, by search", search, queue),
        ("cas-register, 5 values, 20 clients, by search", search, few(100 * hard, 20)),
        ("cas-register, 5 values, 5 clients that rest, in pieces", search, resting),
    ] {
        let input = input(&traffic);
        let operations = table::count(traffic.operations);
        row(format!("deciding {operations} operations on one key: {what}"), &|| decide(&input, strategy));
    }
    for format in [Format::Jsonl, Format::Edn, Format::JsonArray] {
        let text = text::script(format, keyed.model, &keyed.script(SEED).0);
        row(format!("reading {count} operations, {}, from memory", format.name()), &|| {
            let started = Instant::now();
            let history = black_box(input::read(format, &text, Path::new("generated"))?);
            let seconds = started.elapsed().as_secs_f64();
            drop(history);
            Ok(("–".to_owned(), seconds))
        });
    }
    Ok(table.into_text() + &section.told())
}

/// The shortest time on each of the pools, measured in turn.
fn best(
    pools: &[rayon::ThreadPool; 2],
    runs: usize,
    measure: Measure<'_>,
) -> Result<(String, [f64; 2]), Error> {
    let mut best = [f64::INFINITY; 2];
    let mut answer = String::new();
    for _ in 0..runs.max(1) {
        for (pool, best) in pools.iter().zip(&mut best) {
            let (told, seconds) = pool.install(measure)?;
            *best = best.min(seconds);
            answer = told;
        }
        if best.iter().sum::<f64>() > 20.0 {
            break;
        }
    }
    Ok((answer, best))
}
