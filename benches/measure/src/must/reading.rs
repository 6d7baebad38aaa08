//! Rows about reading, and the process that reads for them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use seriatim_history::Format;
use seriatim_model::ModelName;
use seriatim_testkit::Traffic;

use crate::error::Error;
use crate::generate::write_traffic;
use crate::input;
use crate::meter::{self, Allowed, meter};
use crate::must::{Must, Reached};
use crate::runs::MOST_MEMORY;
use crate::table;

#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// Read so many times and tell the shortest
    #[arg(long, default_value_t = 3)]
    passes: usize,
    /// A history
    file: PathBuf,
}

/// `read`: reads a file to a history and prints how many seconds that took.
pub(crate) fn run(args: &ReadArgs) -> Result<(), Error> {
    let mut best = f64::INFINITY;
    for _ in 0..args.passes.max(1) {
        let started = Instant::now();
        let history = input::stream(&args.file)?;
        best = best.min(started.elapsed().as_secs_f64());
        drop(history);
    }
    println!("{best}");
    Ok(())
}

impl Must<'_> {
    /// How fast files become histories.
    pub(super) fn reading(&mut self) -> Result<(), Error> {
        let operations = self.size(1_000_000);
        let keys = operations / 100;
        let traffic =
            Traffic { values: 5, keys, crash: 0.01, ..Traffic::new(ModelName::CasRegister, operations, 20) };
        for (format, least) in [(Format::Edn, 150.0), (Format::Jsonl, 400.0)] {
            let what = format!(
                "reading {}, {} operations, from disk to history",
                format.name(),
                table::count(operations)
            );
            if !self.is_wanted(&what) {
                continue;
            }
            let name = format!("read.{}", format.name());
            let file = self.scratch.write(&name, |out| write_traffic(format, &traffic, 1, out).map(drop))?;
            let bytes = std::fs::metadata(&file).map_err(|error| Error::file(&file, &error))?.len();
            let args: [OsString; 2] = ["read".into(), file.clone().into()];
            let allowed = Allowed { time: Duration::from_mins(3), bytes: MOST_MEMORY };
            let metered = meter(&meter::this()?, &args, allowed)?;
            let seconds: f64 = metered.output.trim().parse().map_err(|_| Error::new("it was not read"))?;
            let rate = bytes as f64 / seconds / 1e6;
            let cells = [
                what,
                format!("{least} MB/s"),
                format!("{rate:.0} MB/s"),
                "–".to_owned(),
                table::bytes(metered.peak),
                format!("{} in {}", table::bytes(bytes), table::seconds(seconds)),
            ];
            self.push(cells, if rate >= least { Reached::Yes } else { Reached::No });
            // It goes with its folder in any case.
            let _ = std::fs::remove_file(&file);
        }
        Ok(())
    }
}
