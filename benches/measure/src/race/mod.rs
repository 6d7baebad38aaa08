//! `race`: every strategy, every reduction left out and alone, one thread and several, against each other on random
//! histories, wide and crashed-heavy ones among them; and against the oracle where a history is small enough.
//!
//! A way that does not come to an end within its configurations says nothing. Ways that do must give one verdict and,
//! where that is no, end the shortest bad prefix with the same return. Every yes was verified before it comes here.

mod case;
mod ways;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use rayon::{ThreadPool, ThreadPoolBuilder};
use seriatim_checker::{Limits, Memory, Stop, Verdict, check_parts};
use seriatim_history::{EventId, History};
use seriatim_model::{Model, ModelName, ModelOptions, Part, Visitor, part, with_model};
use seriatim_testkit::oracle;

use self::case::{Case, KINDS, Kind};
use self::ways::{Way, ways};
use crate::error::Error;
use crate::table::Table;

#[derive(Debug, Clone, Args)]
pub(crate) struct RaceArgs {
    /// How many histories; 0: until the time is over
    #[arg(long, default_value_t = 0)]
    cases: u64,
    /// For how many seconds
    #[arg(long, default_value_t = 60.0)]
    seconds: f64,
    /// The first seed; a history is the same for the same seed and model
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// One model only
    #[arg(long, value_parser = model)]
    model: Option<ModelName>,
    /// How many configurations each way may enter for a part
    #[arg(long, default_value_t = 2_000)]
    configurations: u64,
}

fn model(name: &str) -> Result<ModelName, String> {
    ModelName::from_name(name)
        .ok_or_else(|| "there is no such model; `seriatim models` lists them".to_owned())
}

/// What a way may hold in memory.
const MEMORY: usize = 1 << 30;

/// What is known of a part: which way says that it is good, or bad from which return on.
type Said = (String, Option<EventId>);

/// What came of a case.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    valid: u64,
    invalid: u64,
    /// No way came to an end.
    open: u64,
    /// Ways that came to an end, over all parts.
    finished: u64,
    /// Ways that did not.
    unfinished: u64,
}

struct Race<'a> {
    case: &'a Case,
    history: &'a History,
    ways: &'a [Way],
    several: &'a ThreadPool,
    configurations: u64,
}

impl Visitor for Race<'_> {
    type Out = Result<Score, String>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let parts =
            part::split(&model, self.history).map_err(|errors| format!("it cannot be read: {errors:?}"))?;
        let mut score = Score::default();
        let mut said: Vec<Option<Said>> = parts.iter().map(|part| self.by_definition(&model, part)).collect();
        for way in self.ways {
            let (stop, memory) = (Stop::new(), Memory::new(MEMORY));
            let limits = Limits { configurations: self.configurations, stop: &stop, memory: &memory };
            let decide = || check_parts(&model, &parts, &limits, way.options, &());
            let decisions = if way.several { self.several.install(decide) } else { decide() };
            for (decision, said) in decisions.iter().zip(&mut said) {
                let bad = match &decision.verdict {
                    Verdict::Linearizable(_) => None,
                    Verdict::NotLinearizable(refutation) => Some(refutation.ret),
                    Verdict::Unknown(_) => {
                        score.unfinished += 1;
                        continue;
                    }
                };
                score.finished += 1;
                match said {
                    None => *said = Some((way.name.clone(), bad)),
                    Some((_, before)) if *before == bad => {}
                    Some((first, before)) => {
                        return Err(format!(
                            "of the part with key {:?}, {first} says {}, and {} says {}",
                            decision.key,
                            show(*before),
                            way.name,
                            show(bad)
                        ));
                    }
                }
            }
        }
        let bad = said.iter().flatten().any(|(_, bad)| bad.is_some());
        if bad && self.case.is_honest {
            return Err("nobody lied, and it is refuted".to_owned());
        }
        match (bad, said.iter().all(Option::is_some)) {
            (true, _) => score.invalid = 1,
            (false, true) => score.valid = 1,
            (false, false) => score.open = 1,
        }
        Ok(score)
    }
}

impl Race<'_> {
    fn by_definition<M: Model>(&self, model: &M, part: &Part<M::Op>) -> Option<Said> {
        let is_small = KINDS[self.case.kind].0 == Kind::Small;
        is_small.then(|| ("the oracle".to_owned(), oracle::shortest_bad_prefix(model, part)))
    }
}

fn show(bad: Option<EventId>) -> String {
    bad.map_or("that it is linearizable".to_owned(), |ret| format!("that it is not from event {} on", ret.0))
}

fn pool(threads: usize) -> Result<ThreadPool, Error> {
    ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| Error::new(error.to_string()))
}

/// Races until the histories or the time are used up; `false` where two ways contradicted each other.
pub(crate) fn run(args: &RaceArgs) -> Result<bool, Error> {
    let (ways, started) = (ways(), Instant::now());
    let time = Duration::try_from_secs_f64(args.seconds).map_err(|error| Error::new(error.to_string()))?;
    let last = if args.cases == 0 { u64::MAX } else { args.seed.saturating_add(args.cases) };
    let (next, failed) = (AtomicU64::new(args.seed), AtomicBool::new(false));
    let scores = Mutex::new([Score::default(); KINDS.len()]);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let pools = (0..workers).map(|_| Ok((pool(1)?, pool(3)?))).collect::<Result<Vec<_>, Error>>()?;
    std::thread::scope(|scope| {
        for (one, several) in &pools {
            scope.spawn(|| {
                while !failed.load(Ordering::Relaxed) && started.elapsed() < time {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= last {
                        break;
                    }
                    let case = Case::new(seed, args.model);
                    let raced = || one.install(|| race(&case, &ways, several, args.configurations));
                    match catch_unwind(AssertUnwindSafe(raced)) {
                        Ok(Ok(score)) => {
                            let mut scores = scores.lock().expect("nobody panics while adding");
                            add(&mut scores[case.kind], score);
                        }
                        Ok(Err(why)) => report(&case, &why, &failed),
                        Err(_) => report(&case, "a way panicked", &failed),
                    }
                }
            });
        }
    });
    let scores = scores.into_inner().expect("nobody panics while adding");
    let mut table =
        Table::new(&["histories", "valid", "invalid", "undecided", "ways finished", "unfinished"]);
    for ((_, name), score) in KINDS.iter().zip(&scores) {
        let cells = [score.valid, score.invalid, score.open, score.finished, score.unfinished];
        let cells = cells.map(|count| count.to_string());
        table.row([(*name).to_owned()].into_iter().chain(cells).collect());
    }
    let raced = next.into_inner().min(last) - args.seed;
    let seconds = started.elapsed().as_secs_f64();
    let good = !failed.into_inner();
    let told = if good { "all agree" } else { "THEY DO NOT AGREE" };
    println!(
        "\nseeds {}..{}, {raced} histories, {} ways, {seconds:.0} s: {told}",
        args.seed,
        args.seed + raced,
        ways.len()
    );
    Ok(good)
}

fn race(case: &Case, ways: &[Way], several: &ThreadPool, configurations: u64) -> Result<Score, String> {
    let history = case.script.history();
    let options = ModelOptions { initial: history.declared.initial, ..case.options };
    let race = Race { case, history: &history, ways, several, configurations };
    with_model(case.model, &options, &history.values, race).map_err(|error| error.to_string())?
}

fn report(case: &Case, why: &str, failed: &AtomicBool) {
    failed.store(true, Ordering::Relaxed);
    let Case { seed, model, script, made, options, .. } = case;
    let ModelOptions { nil_read, failed_cas, .. } = options;
    eprintln!("seed {seed}, {}: {why}\n{made}, {nil_read:?}, {failed_cas:?}\n{script}", model.name());
    eprintln!("again: measure race --seed {seed} --cases 1");
}

fn add(sum: &mut Score, score: Score) {
    sum.valid += score.valid;
    sum.invalid += score.invalid;
    sum.open += score.open;
    sum.finished += score.finished;
    sum.unfinished += score.unfinished;
}
