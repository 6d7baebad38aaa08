//! `scaling`: time and peak memory of a whole process, against the number of operations, the concurrency, the share of
//! crashed operations and the number of keys.

use std::time::Duration;

use clap::Args;
use seriatim_model::ModelName;
use seriatim_testkit::{Lie, Plant, Traffic};

use crate::error::Error;
use crate::generate::count;
use crate::place::Scratch;
use crate::runs::Program;
use crate::section::{Section, progress};
use crate::table::{self, Table};
use crate::tool::Answer;

#[derive(Debug, Clone, Args)]
pub(crate) struct ScalingArgs {
    /// The most operations
    #[arg(long, default_value = "1e7", value_parser = count)]
    pub(crate) most: usize,
    /// The most operations on one key
    #[arg(long, default_value = "1e6", value_parser = count)]
    pub(crate) most_on_one_key: usize,
    /// Give up on a history after so many seconds, and five more for each million operations
    #[arg(long, default_value_t = 10.0)]
    pub(crate) limit: f64,
}

/// What is found in three histories that differ in one answer only.
const LIES: [Option<Lie>; 3] = [None, Some(Lie::Stale), Some(Lie::NeverWritten)];

struct Scaling<'a> {
    args: &'a ScalingArgs,
    section: &'a Section,
    program: Program,
    scratch: Scratch,
    /// The tables so far.
    text: String,
}

/// Measures every table.
pub(crate) fn run(args: &ScalingArgs, section: &Section) -> Result<String, Error> {
    let mut scaling =
        Scaling { args, section, program: Program::build()?, scratch: Scratch::new()?, text: String::new() };
    let few = |operations, clients| Traffic {
        values: 5,
        ..Traffic::new(ModelName::CasRegister, operations, clients)
    };
    let tens = |most: usize| (3..=7).map(|power| 10_usize.pow(power)).filter(move |&size| size <= most);
    let one = tens(args.most_on_one_key).map(|size| (table::count(size), few(size, 5)));
    scaling.table("One key, 5 clients, 5 values, against the number of operations", "operations", one);
    let keyed = |size| Traffic { keys: size / 100, crash: 0.01, ..few(size, 20) };
    let keyed = tens(args.most).map(|size| (table::count(size), keyed(size)));
    let what =
        "A key for every 100 operations, 20 clients, 5 values, 1 % crashed, against the number of operations";
    scaling.table(what, "operations", keyed);
    let small = args.most_on_one_key.min(1_000);
    let wide = [5, 10, 20, 30, 50, 100, 200].map(|clients| (clients.to_string(), few(small, clients)));
    let what =
        format!("{} operations, one key, 5 values, against the number of clients", table::count(small));
    scaling.table(&what, "clients", wide);
    let wide = [5, 10, 20, 30, 50, 100, 200]
        .map(|clients| (clients.to_string(), Traffic { values: 0, ..few(small, clients) }));
    let what = format!(
        "{} operations, one key, distinct values, against the number of clients",
        table::count(small)
    );
    scaling.table(&what, "clients", wide);
    for operations in [small, args.most_on_one_key.min(100_000)] {
        let crashed = [0, 1, 2, 5, 10, 20, 30].map(|percent: u8| {
            let traffic = Traffic { crash: f64::from(percent) / 100.0, ..few(operations, 10) };
            (format!("{percent} %"), traffic)
        });
        let what = format!(
            "{} operations, one key, 10 clients, 5 values, against the share of crashed operations",
            table::count(operations)
        );
        scaling.table(&what, "crashed", crashed);
    }
    let operations = args.most.min(1_000_000);
    let keys = [1, 10, 100, 1_000, 10_000, 100_000].into_iter().filter(|keys| keys * 10 <= operations);
    let keys = keys.map(|keys| (table::count(keys), Traffic { keys, crash: 0.001, ..few(operations, 20) }));
    let what = format!(
        "{} operations, 20 clients, 5 values, 0.1 % crashed, against the number of keys",
        table::count(operations)
    );
    scaling.table(&what, "keys", keys);
    Ok(scaling.text + &section.told())
}

impl Scaling<'_> {
    fn table(&mut self, what: &str, against: &str, rows: impl IntoIterator<Item = (String, Traffic)>) {
        println!("\n{what}\n");
        progress(what);
        let mut table = Table::new(&[against, "all is well", "a stale read", "a value never written"]);
        // What was given up once is not tried on more.
        let mut is_over = [false; 3];
        for (place, traffic) in rows {
            let mut cells = vec![place];
            for (lie, is_over) in LIES.into_iter().zip(&mut is_over) {
                let traffic = Traffic { plant: lie.map(|lie| Plant { lie, at: 0.9 }), ..traffic };
                let cell = if *is_over { Some("not tried".to_owned()) } else { self.cell(&traffic, is_over) };
                cells.push(cell.unwrap_or_else(|| "not measured".to_owned()));
            }
            table.row(cells);
            self.section.so_far(&format!("{}{what}:\n\n{}", self.text, table.text()));
        }
        self.text += &format!("{what}:\n\n{}\n", table.into_text());
    }

    /// What came of one history. `is_over` becomes true where it was given up.
    fn cell(&self, traffic: &Traffic, is_over: &mut bool) -> Option<String> {
        self.section.attempt(&format!("{traffic:?}"), || {
            let file = self.scratch.traffic("history.jsonl", traffic, 1)?;
            let seconds = self.args.limit + 5.0 * traffic.operations as f64 / 1e6;
            let checked = self.program.check(&file, &[], Duration::from_secs_f64(seconds))?;
            *is_over = checked.answer == Answer::Unknown;
            let (taken, peak) = (checked.metered.seconds, checked.metered.peak);
            Ok(format!("{}, {}, {}", checked.answer, table::seconds(taken), table::bytes(peak)))
        })
    }
}
