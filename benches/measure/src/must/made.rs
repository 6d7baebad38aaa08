//! Rows about histories that are generated.

use std::rc::Rc;
use std::time::Duration;

use seriatim_model::ModelName;
use seriatim_testkit::{Expectation, Lie, Plant, Shape, Traffic};

use crate::error::Error;
use crate::must::{Case, Limit, Must, Reached};
use crate::table;
use crate::tool::Answer;

/// Nothing is false, an answer is old, or an answer was never true.
const LIES: [(&str, Option<Lie>); 3] =
    [("valid", None), ("a stale read", Some(Lie::Stale)), ("a value never written", Some(Lie::NeverWritten))];

/// Where in a history lies are told.
const AT: f64 = 0.9;

/// What must be found, if that is known: an old answer may be possible where values are written again, or where a
/// crashed write may have come late.
fn expected(traffic: &Traffic) -> Option<Answer> {
    match traffic.plant.map(|plant| plant.lie) {
        None => Some(Answer::Valid),
        Some(Lie::NeverWritten) => Some(Answer::Invalid),
        Some(Lie::Stale) => (traffic.values == 0 && traffic.crash == 0.0).then_some(Answer::Invalid),
    }
}

impl Must<'_> {
    /// A row about traffic of several seeds; the seconds of each.
    fn traffic(&mut self, what: &str, limit: Limit, traffic: Traffic, seeds: u64) -> Result<Vec<f64>, Error> {
        let scratch = Rc::clone(&self.scratch);
        let cases = (1..=seeds).map(|seed| {
            let file = scratch.traffic(&format!("{seed}.jsonl"), &traffic, seed)?;
            Ok(Case::new(file, expected(&traffic)))
        });
        self.cases(what, limit, cases)
    }

    /// One key, few values.
    pub(super) fn small_values(&mut self) -> Result<(), Error> {
        let bytes = Some(600_000_000);
        for (operations, limit) in [(100_000, Limit::of(0.2)), (1_000_000, Limit { bytes, ..Limit::of(2.0) })]
        {
            let operations = self.size(operations);
            let traffic = Traffic { values: 5, ..Traffic::new(ModelName::CasRegister, operations, 5) };
            let what = format!("one key, 5 clients, 5 values, {} operations", table::count(operations));
            self.traffic(&what, limit, traffic, 1)?;
        }
        Ok(())
    }

    /// A thousand operations of many clients.
    pub(super) fn wide(&mut self) -> Result<(), Error> {
        for values in [5, 0] {
            for (clients, seconds) in [(30, 0.05), (50, 0.5), (100, 2.0)] {
                for (word, lie) in LIES {
                    let plant = lie.map(|lie| Plant { lie, at: AT });
                    let traffic =
                        Traffic { values, plant, ..Traffic::new(ModelName::CasRegister, 1_000, clients) };
                    let kind =
                        if values == 0 { "distinct values".to_owned() } else { format!("{values} values") };
                    let what = format!("1,000 operations, {kind}, {clients} clients, {word}");
                    self.traffic(&what, Limit::of(seconds), traffic, self.seeds(20))?;
                }
            }
        }
        Ok(())
    }

    /// Many operations, some of unknown outcome.
    pub(super) fn crashed_long(&mut self) -> Result<(), Error> {
        let operations = self.size(100_000);
        for (word, lie) in LIES {
            let plant = lie.map(|lie| Plant { lie, at: AT });
            let traffic = Traffic {
                values: 5,
                crash: 0.01,
                plant,
                ..Traffic::new(ModelName::CasRegister, operations, 10)
            };
            let limit = Limit::of(if lie.is_some() { 10.0 } else { 2.0 });
            let what = format!(
                "{} operations, one key, 5 values, 10 clients, 1 % crashed, {word}",
                table::count(operations)
            );
            self.traffic(&what, limit, traffic, self.seeds(3))?;
        }
        Ok(())
    }

    /// A thousand operations, many of unknown outcome.
    pub(super) fn crashed_wide(&mut self) -> Result<(), Error> {
        for percent in [2_u8, 5, 20] {
            for (word, lie) in LIES {
                let plant = lie.map(|lie| Plant { lie, at: AT });
                let crash = f64::from(percent) / 100.0;
                let traffic =
                    Traffic { values: 5, crash, plant, ..Traffic::new(ModelName::CasRegister, 1_000, 20) };
                let limit = Limit { median: Some(0.05), ..Limit::of(2.0) };
                let what = format!("1,000 operations, 5 values, 20 clients, {percent} % crashed, {word}");
                self.traffic(&what, limit, traffic, self.seeds(50))?;
            }
        }
        Ok(())
    }

    /// What is hard by its shape.
    pub(super) fn shapes(&mut self) -> Result<(), Error> {
        for shape in Shape::ALL {
            for writes in [20, 200, 1_000] {
                let what = format!("{} of {writes} writes", shape.name());
                if !self.is_wanted(&what) {
                    continue;
                }
                let file = self.scratch.shape("shape.jsonl", shape, writes)?;
                let expected = Answer::of(shape.expectation() == Expectation::Valid);
                self.cases(&what, Limit::of(0.1), [Ok(Case::new(file, Some(expected)))])?;
            }
        }
        Ok(())
    }

    /// Many keys, and whether time grows with the operations only.
    pub(super) fn keyed(&mut self) -> Result<(), Error> {
        let sizes = [
            (100_000, None),
            (1_000_000, Some(Limit { bytes: Some(600_000_000), ..Limit::of(1.5) })),
            (10_000_000, Some(Limit { bytes: Some(4_000_000_000), ..Limit::of(15.0) })),
        ];
        let ratio = "time per operation at 10⁷ over that at 10⁵";
        let mut each = Vec::new();
        for (full, limit) in sizes {
            let (operations, keys) = (self.size(full), self.size(full) / 100);
            let traffic = Traffic {
                values: 5,
                keys,
                crash: 0.01,
                ..Traffic::new(ModelName::CasRegister, operations, 20)
            };
            let what = format!(
                "{} operations over {} keys, 20 clients, 1 % crashed, from disk to verdict",
                table::count(operations),
                table::count(keys)
            );
            if operations > 1_000_000 && self.args.no_huge {
                self.absent(&what, "left out");
                continue;
            }
            let seconds = match limit {
                Some(limit) => self.traffic(&what, limit, traffic, 1)?,
                None if self.is_wanted(ratio) => {
                    let file = self.scratch.traffic("ratio.jsonl", &traffic, 1)?;
                    // The best of three.
                    let checked = self.program.check_best(&file, &[], Duration::from_mins(1), 0.0)?;
                    if checked.answer == Answer::Unknown { Vec::new() } else { vec![checked.metered.seconds] }
                }
                None => Vec::new(),
            };
            if full != 1_000_000 {
                each.extend(seconds.first().map(|seconds| seconds / operations as f64));
            }
        }
        if !self.is_wanted(ratio) {
            return Ok(());
        }
        let [small, large] = each[..] else {
            self.absent(ratio, "one of the two was not decided");
            return Ok(());
        };
        let (ratio_is, limit) = (large / small, 1.3);
        let cells = [
            ratio.to_owned(),
            format!("{limit}"),
            "–".to_owned(),
            format!("{ratio_is:.2}"),
            "–".to_owned(),
            format!("{:.0} ns and {:.0} ns", small * 1e9, large * 1e9),
        ];
        self.push(cells, if ratio_is <= limit { Reached::Yes } else { Reached::No });
        Ok(())
    }

    /// Objects that give back what was put into them.
    pub(super) fn containers(&mut self) -> Result<(), Error> {
        let five =
            [ModelName::Queue, ModelName::PriorityQueue, ModelName::Set, ModelName::Bag, ModelName::Log];
        let all = five.map(|model| (model, &[(100_000, 0.1), (1_000_000, 1.5)][..])).into_iter();
        for (model, sizes) in all.chain([(ModelName::Stack, &[(100_000, 1.0)][..])]) {
            for &(operations, seconds) in sizes {
                let operations = self.size(operations);
                let traffic = Traffic::new(model, operations, 5);
                let what = format!(
                    "{} of distinct values, {} operations, 5 clients",
                    model.name(),
                    table::count(operations)
                );
                // Sets come in three uses, which the seed chooses: grown only, asked element by element, and both.
                let seeds = if model == ModelName::Set { 5 } else { 1 };
                self.traffic(&what, Limit::of(seconds), traffic, seeds)?;
            }
        }
        Ok(())
    }
}
