//! Rows about limits: a process is gone in time, and never has more memory than it may, whatever it is given.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use seriatim_history::Format;
use seriatim_model::ModelName;
use seriatim_testkit::{Lie, Plant, Traffic};

use crate::error::Error;
use crate::generate::write_traffic;
use crate::must::{Must, Reached};
use crate::runs::Checked;
use crate::table;

/// How late a process may be: a tenth, or 100 ms where that is more.
fn latest(time: Duration) -> f64 {
    time.as_secs_f64() + (0.1 * time.as_secs_f64()).max(0.1)
}

/// A file, and what is said of it in a row.
struct Given {
    what: String,
    file: PathBuf,
}

/// The worst of several runs.
struct Worst {
    /// What it took, as a share of what it may take.
    share: f64,
    cells: [String; 3],
    what: String,
}

impl Worst {
    fn of(runs: Vec<(f64, Checked, String)>) -> Option<Self> {
        let worst = runs.into_iter().max_by(|(a, ..), (b, ..)| a.total_cmp(b))?;
        let (share, Checked { answer, metered }, what) = worst;
        let cells = [table::seconds(metered.seconds), table::bytes(metered.peak), answer.to_string()];
        Some(Self { share, cells, what })
    }
}

impl Must<'_> {
    /// Every model, large and small parts, with and without a lie; and searches that are too hard for any limit.
    pub(super) fn budgets(&mut self) -> Result<(), Error> {
        let is_any_wanted = self.args.only.as_ref().is_none_or(|only| {
            [SHORT, HARD, SMALL].iter().any(|what| what.contains(only) || only.contains(what))
        });
        if !is_any_wanted {
            return Ok(());
        }
        let hard = self.hard()?;
        if self.is_wanted(HARD) {
            self.time(HARD, Duration::from_secs(2), &hard)?;
        }
        for limit in [96_u64 << 20, 256 << 20] {
            let time = Duration::from_secs(if self.args.quick { 2 } else { 30 });
            let what = format!("{HARD} of memory");
            if self.is_wanted(&what) {
                self.memory(&what, limit, time, &hard)?;
            }
        }
        if !self.is_wanted(SHORT) && !self.is_wanted(SMALL) {
            return Ok(());
        }
        let large = self.large()?;
        for milliseconds in [100, 500, 2_000] {
            if self.is_wanted(SHORT) {
                self.time(SHORT, Duration::from_millis(milliseconds), &large)?;
            }
        }
        for limit in [64_u64 << 20, 256 << 20, 1 << 30] {
            if self.is_wanted(SMALL) {
                self.memory(SMALL, limit, Duration::from_secs(10), &large)?;
            }
        }
        Ok(())
    }

    /// A row about the latest of some runs that are given so much time.
    fn time(&mut self, what: &str, time: Duration, all: &[Given]) -> Result<(), Error> {
        let mut runs = Vec::new();
        for given in all {
            // Others may be at work on this machine.
            let checked =
                self.program.check_best(&given.file, &["--memory-limit", "4GiB"], time, latest(time))?;
            runs.push((checked.metered.seconds / latest(time), checked, given.what.clone()));
        }
        self.worst(
            &format!("{what}, {}", table::seconds(time.as_secs_f64())),
            table::seconds(latest(time)),
            runs,
        );
        Ok(())
    }

    /// A row about the largest of some runs that are given so much memory.
    fn memory(&mut self, what: &str, limit: u64, time: Duration, all: &[Given]) -> Result<(), Error> {
        let (option, most) = (format!("{limit}B"), limit + limit / 10);
        let mut runs = Vec::new();
        for given in all {
            let checked = self.program.check(&given.file, &["--memory-limit", &option], time)?;
            runs.push((checked.metered.peak as f64 / most as f64, checked, given.what.clone()));
        }
        self.worst(&format!("{what}, {}", table::bytes(limit)), table::bytes(most), runs);
        Ok(())
    }

    fn worst(&mut self, what: &str, limit: String, runs: Vec<(f64, Checked, String)>) {
        let of = runs.len();
        let Some(Worst { share, cells: [seconds, peak, answer], what: worst }) = Worst::of(runs) else {
            return;
        };
        let what = format!("{what}; the worst of {of}: {worst}");
        let cells = [what, limit, "–".to_owned(), seconds, peak, answer];
        self.push(cells, if share <= 1.0 { Reached::Yes } else { Reached::No });
    }

    /// Histories that no search is done with.
    fn hard(&self) -> Result<Vec<Given>, Error> {
        // 120 even amounts that may have been added, and an odd sum that is read.
        let sums = |lines: &mut dyn Write| {
            let write = |lines: &mut dyn Write| {
                writeln!(lines, r#"{{"seriatim":1,"model":"counter"}}"#)?;
                for process in 0_u64..120 {
                    let amount = 1_000_000_007_u64.wrapping_mul(process + 1) % 998_244_353 * 2 + 2;
                    writeln!(lines, r#"{{"process":{process},"type":"invoke","f":"add","value":{amount}}}"#)?;
                }
                writeln!(lines, r#"{{"process":120,"type":"invoke","f":"read","value":null}}"#)?;
                writeln!(lines, r#"{{"process":120,"type":"ok","f":"read","value":9999999999}}"#)
            };
            write(lines).map_err(|error: std::io::Error| Error::output(&error))
        };
        // 60 elements that may have been put into a queue, one of them twice; and one that came out from behind another.
        let elements = |lines: &mut dyn Write| {
            let write = |lines: &mut dyn Write| {
                writeln!(lines, r#"{{"seriatim":1,"model":"queue"}}"#)?;
                for process in 0..60 {
                    let element = process % 59;
                    writeln!(
                        lines,
                        r#"{{"process":{process},"type":"invoke","f":"enqueue","value":{element}}}"#
                    )?;
                }
                for (process, element) in [(60, 100), (61, 101)] {
                    for kind in ["invoke", "ok"] {
                        writeln!(
                            lines,
                            r#"{{"process":{process},"type":"{kind}","f":"enqueue","value":{element}}}"#
                        )?;
                    }
                }
                writeln!(lines, r#"{{"process":62,"type":"invoke","f":"dequeue","value":null}}"#)?;
                writeln!(lines, r#"{{"process":62,"type":"ok","f":"dequeue","value":101}}"#)
            };
            write(lines).map_err(|error: std::io::Error| Error::output(&error))
        };
        let mut hard = vec![
            Given { what: "sums of a counter".to_owned(), file: self.scratch.write("sums.jsonl", sums)? },
            Given { what: "a queue".to_owned(), file: self.scratch.write("queue.jsonl", elements)? },
        ];
        let stale = Some(Plant { lie: Lie::Stale, at: 0.9 });
        let wide = Traffic { plant: stale, ..Traffic::new(ModelName::CasRegister, 1_000, 100) };
        let crashed = Traffic {
            values: 50,
            crash: 0.2,
            plant: stale,
            ..Traffic::new(ModelName::CasRegister, 1_000, 20)
        };
        for (what, traffic) in [("100 clients", wide), ("50 values, 20 % crashed", crashed)] {
            let file = self.scratch.traffic(&format!("{what}.jsonl"), &traffic, 1)?;
            hard.push(Given { what: what.to_owned(), file });
        }
        Ok(hard)
    }

    /// Histories of a million operations, and of ten.
    fn large(&self) -> Result<Vec<Given>, Error> {
        let million = self.size(1_000_000);
        let mut large = Vec::new();
        let mut give = |what: String, traffic: Traffic, format: Format| {
            let name = format!("{what}.{}", if format == Format::Edn { "edn" } else { "jsonl" });
            let file = self.scratch.write(&name, |out| write_traffic(format, &traffic, 1, out).map(drop))?;
            large.push(Given { what, file });
            Ok::<_, Error>(())
        };
        let lie = Some(Plant { lie: Lie::NeverWritten, at: 0.9 });
        for model in [
            ModelName::CasRegister,
            ModelName::Queue,
            ModelName::Stack,
            ModelName::PriorityQueue,
            ModelName::Bag,
            ModelName::Set,
            ModelName::Log,
            ModelName::Counter,
            ModelName::Mutex,
        ] {
            let traffic = Traffic::new(model, million, 5);
            give(
                format!("{} operations of a {}", table::count(million), model.name()),
                traffic,
                Format::Jsonl,
            )?;
            let traffic = Traffic { plant: lie, ..traffic };
            give(format!("a lie in as many of a {}", model.name()), traffic, Format::Jsonl)?;
        }
        let keyed = |operations| Traffic {
            values: 5,
            keys: operations / 100,
            crash: 0.01,
            ..Traffic::new(ModelName::CasRegister, operations, 20)
        };
        give(format!("{} operations over many keys", table::count(million)), keyed(million), Format::Edn)?;
        if !self.args.no_huge {
            let ten = self.size(10_000_000);
            give(format!("{} operations over many keys", table::count(ten)), keyed(ten), Format::Jsonl)?;
            let one = Traffic::new(ModelName::Register, ten, 5);
            give(format!("{} operations of one register", table::count(ten)), one, Format::Jsonl)?;
        }
        Ok(large)
    }
}

/// What the rows begin with.
const HARD: &str = "a hard search ends within its limits";
const SHORT: &str = "a large history ends within its time";
const SMALL: &str = "a large history is kept within its memory";
