//! Simulated histories, true and false ones: the oracle, every strategy, the search with and without its reductions,
//! split and whole, in one thread and in several, must all say the same of each.
//!
//! `SERIATIM_CASES` is the number of histories for each model, `SERIATIM_SEED` the first seed, `SERIATIM_MODEL` the one
//! model to test. Millions: `SERIATIM_CASES=1000000 cargo test --release --test agreement`.

#![allow(
    clippy::disallowed_methods,
    reason = "the environment says how much to test, and one test reads files and starts the program"
)]

mod anomalies;
mod bend;
mod conflicts;
mod containers;
mod corpus;
mod frontier;
mod judge;
mod laws;
mod plain;
mod reduce;
mod rests;
mod run;
mod wide;

use seriatim_history::{FailedCas, History, NilRead};
use seriatim_model::catalog::MODELS;
use seriatim_model::{Model, ModelName, ModelOptions, Visitor, with_any_model};
use seriatim_testkit::{Plan, Rng, Script, simulate};

/// How many histories, and which.
struct Extent {
    first: u64,
    cases: u64,
    models: Vec<ModelName>,
}

impl Extent {
    /// What the environment says, or so many.
    fn of(cases: u64) -> Self {
        let number = |name: &str, default: u64| {
            std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
        };
        let wanted = std::env::var("SERIATIM_MODEL").ok();
        let is_wanted = |name: &ModelName| wanted.as_deref().is_none_or(|wanted| wanted == name.name());
        let models: Vec<_> = MODELS.iter().map(|entry| entry.name).filter(is_wanted).collect();
        assert!(!models.is_empty(), "there is no model `{}`", wanted.unwrap_or_default());
        Self { first: number("SERIATIM_SEED", 0), cases: number("SERIATIM_CASES", cases), models }
    }

    fn seeds(&self) -> std::ops::Range<u64> {
        self.first..self.first + self.cases
    }
}

/// A simulated history and what it is to mean.
struct Case {
    seed: u64,
    plan: Plan,
    script: Script,
    nil_read: NilRead,
    failed_cas: FailedCas,
}

impl Case {
    fn small(model: ModelName, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let plan = Plan::small(model, &mut rng);
        Self::of(seed, plan, &mut rng)
    }

    fn medium(model: ModelName, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let plan = Plan::medium(model, &mut rng);
        Self::of(seed, plan, &mut rng)
    }

    fn wide(model: ModelName, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let plan = Plan::wide(model, &mut rng);
        Self::of(seed, plan, &mut rng)
    }

    fn of(seed: u64, plan: Plan, rng: &mut Rng) -> Self {
        let nil_read = if rng.chance(0.2) { NilRead::Wildcard } else { NilRead::Value };
        let failed_cas = if rng.chance(0.5) { FailedCas::Observe } else { FailedCas::Drop };
        Self { seed, plan, script: simulate::script(seed, &plan), nil_read, failed_cas }
    }

    /// Makes the model of a history that is this one or was made of it.
    fn with_model<V: Visitor>(&self, history: &History, visitor: V) -> V::Out {
        let (nil_read, failed_cas) = (self.nil_read, self.failed_cas);
        let options = ModelOptions { initial: history.declared.initial, nil_read, failed_cas };
        match with_any_model(self.plan.model, &options, &history.values, visitor) {
            Ok(out) => out,
            Err(error) => panic!("{error}\n{}", self.describe()),
        }
    }

    fn describe(&self) -> String {
        let Self { seed, plan, script, nil_read, failed_cas } = self;
        format!("seed {seed}, {plan:?}, {nil_read:?}, {failed_cas:?}\n{script}")
    }
}

/// Who judges whether a history was decided rightly.
#[derive(Clone, Copy)]
enum By {
    /// The definition.
    Oracle,
    /// A search that makes no reduction.
    PlainestSearch,
    /// Those ways that come to an end.
    EachOther,
}

struct Together<'a> {
    history: &'a History,
    several: &'a rayon::ThreadPool,
}

impl Visitor for Together<'_> {
    type Out = Result<u64, judge::Disagreement>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        wide::search_together(&model, self.history, self.several)
    }
}

struct Judge<'a> {
    history: &'a History,
    ways: &'a judge::Ways,
    /// Who judges.
    by: By,
    /// What is decided in one thread is decided again in this pool.
    several: &'a rayon::ThreadPool,
}

impl Visitor for Judge<'_> {
    type Out = Result<judge::Agreed, judge::Disagreement>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        match self.by {
            By::Oracle => judge::judge(&model, self.history, self.ways, self.several),
            By::PlainestSearch => plain::compare_ways(&model, self.history, self.ways, self.several),
            By::EachOther => wide::compare_ways(&model, self.history, self.several),
        }
    }
}

/// The models whose wide histories a search decides, with reductions that other models have no use for. Containers have
/// a test of their own.
const SEARCHED_WIDE: &[ModelName] = &[
    ModelName::Register,
    ModelName::CasRegister,
    ModelName::Kv,
    ModelName::Mutex,
    ModelName::OwnerMutex,
    ModelName::ReentrantMutex,
    ModelName::FencedMutex,
];

/// The models whose objects some strategy decides.
const HAVE_STRATEGIES: &[ModelName] = &[
    ModelName::Register,
    ModelName::CasRegister,
    ModelName::Kv,
    ModelName::UniqueIds,
    ModelName::Mutex,
    ModelName::OwnerMutex,
    ModelName::ReentrantMutex,
    ModelName::FencedMutex,
    ModelName::Log,
    ModelName::Counter,
    ModelName::Set,
    ModelName::Queue,
    ModelName::Stack,
    ModelName::Bag,
    ModelName::PriorityQueue,
    ModelName::MaxPriorityQueue,
];

#[test]
fn every_way_to_decide_agrees() {
    let extent = Extent::of(2_500);
    let ways = judge::ways();
    println!("seeds {:?}", extent.seeds());
    for &model in &extent.models {
        let [invalid, several, empty, exact] = run::over(extent.seeds(), |seed, several| {
            let case = Case::small(model, seed);
            let history = case.script.history();
            match case.with_model(&history, Judge { history: &history, ways: &ways, by: By::Oracle, several })
            {
                Ok(agreed) => {
                    let exact = agreed.exact && agreed.operations > 0;
                    [agreed.bad.is_some(), agreed.parts > 1, agreed.operations == 0, exact].map(usize::from)
                }
                Err(why) => panic!("{why}\n{}", case.describe()),
            }
        });
        let cases = extent.cases as usize;
        let valid = cases - invalid;
        println!(
            "{:<20} {valid} valid, {invalid} invalid, {several} of several parts, {empty} empty, \
             {exact} without the search",
            model.name()
        );
        if cases >= 1000 {
            assert!(valid * 10 > cases && invalid * 10 > cases, "{} is tested one-sidedly", model.name());
            assert!(
                exact * 10 > cases || !HAVE_STRATEGIES.contains(&model),
                "{} is always searched",
                model.name()
            );
            assert!(several * 10 > cases && empty * 10 < cases, "{} is tested too simply", model.name());
        }
    }
}

#[test]
fn ways_agree_on_what_is_too_large_for_the_oracle() {
    let extent = Extent::of(600);
    let ways = judge::ways();
    for &model in &extent.models {
        let [invalid] = run::over(extent.seeds(), |seed, several| {
            let case = Case::medium(model, seed);
            let history = case.script.history();
            match case.with_model(
                &history,
                Judge { history: &history, ways: &ways, by: By::PlainestSearch, several },
            ) {
                Ok(agreed) => [usize::from(agreed.bad.is_some())],
                Err(why) => panic!("{why}\n{}", case.describe()),
            }
        });
        let cases = extent.cases as usize;
        println!("{:<20} {} valid, {invalid} invalid", model.name(), cases - invalid);
        assert!(cases < 1000 || invalid * 10 > cases, "{} is tested one-sidedly", model.name());
    }
}

#[test]
fn ways_agree_on_what_is_wide_and_what_crashes_a_lot() {
    let extent = Extent::of(200);
    for &model in extent.models.iter().filter(|model| SEARCHED_WIDE.contains(model)) {
        let [invalid, undecided] = run::over(extent.seeds(), |seed, several| {
            let case = Case::wide(model, seed);
            let history = case.script.history();
            match case.with_model(
                &history,
                Judge { history: &history, ways: &Vec::new(), by: By::EachOther, several },
            ) {
                Ok(agreed) => [agreed.bad.is_some(), !agreed.exact].map(usize::from),
                Err(why) => panic!("{why}\n{}", case.describe()),
            }
        });
        let cases = extent.cases as usize;
        println!("{:<20} {invalid} invalid, {undecided} not decided by all, of {cases}", model.name());
        assert!(cases < 300 || invalid * 20 > cases, "{} is tested one-sidedly", model.name());
        assert!(cases < 300 || undecided * 2 < cases, "{} is hardly tested", model.name());
    }
}

/// A candidate that gets lost where one thread gives work to another makes a no of a yes, now and then.
#[test]
fn what_is_shared_is_not_lost() {
    let extent = Extent::of(40);
    let [long] = run::over(extent.seeds(), |seed, several| {
        let plan = Plan { crash: 0.02, ..Plan::long(ModelName::CasRegister, 150, 40) };
        let case = Case::of(seed, plan, &mut Rng::new(seed));
        let history = case.script.history();
        match case.with_model(&history, Together { history: &history, several }) {
            Ok(configurations) => [usize::from(configurations > 500)],
            Err(why) => panic!("{why}\n{}", case.describe()),
        }
    });
    println!("{long} of {} took more than 500 configurations", extent.cases);
    assert!(extent.cases < 40 || long > 10, "hardly anything is shared");
}
