//! Wide histories of containers of distinct values, with many takes of unknown outcome: too large for the oracle, and for
//! the plainest search. What the strategies say is what the search says, where that ends.

use seriatim_checker::{Decision, Limits, Memory, Options, Stop, Strategy, Verdict, check_parts};
use seriatim_history::{History, OpId};
use seriatim_model::{Access, Kind, Model, ModelName, Visitor, certificate, part};
use seriatim_testkit::{Plan, Rng};

use crate::{Case, Extent, run};

/// The models whose objects the strategies for containers decide.
const CONTAINERS: [ModelName; 5] = [
    ModelName::Queue,
    ModelName::Stack,
    ModelName::Bag,
    ModelName::PriorityQueue,
    ModelName::MaxPriorityQueue,
];

/// A history of distinct values, often wide.
fn wide(model: ModelName, rng: &mut Rng) -> Plan {
    let clients = *rng.pick(&[2, 3, 5, 8, 20, 30]);
    let lies = rng.chance(0.6);
    Plan {
        operations: rng.between(8, 60),
        clients,
        values: 0,
        keys: 0,
        spread: *rng.pick(&[0.7, 1.5, 3.0, clients as f64 / 2.0, clients as f64]),
        crash: *rng.pick(&[0.0, 0.05, 0.1, 0.3, 0.5]),
        lie: if lies { *rng.pick(&[0.02, 0.05, 0.1]) } else { 0.0 },
        ..Plan::small(model, rng)
    }
}

/// What a way to decide said of a history.
struct Said {
    /// The operation at which it is refuted, if it is; `None` where that was too hard.
    bad: Option<Result<(), OpId>>,
    /// Whether the search was asked.
    searched: bool,
}

struct Both<'a>(&'a History);

impl Visitor for Both<'_> {
    type Out = [Said; 2];

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> [Said; 2]
    where
        M::State: Ord,
    {
        let parts = part::split(&model, self.0).expect("operations of the model");
        // What is known to be taken is never searched for; nor is a queue that nobody looked into or found empty.
        let all: Vec<_> = parts.iter().flat_map(|part| &part.entries).collect();
        let has =
            |sort: fn(&Access) -> bool| all.iter().any(|entry| model.accesses(&entry.op).iter().any(sort));
        let is_plain = !has(|access| matches!(access, Access::Peek(_) | Access::Empty));
        let is_exact = !has(|access| *access == Access::TakeAny) || (model.kind() == Kind::Queue && is_plain);
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: 5_000, stop: &stop, memory: &memory };
        [None, Some(Strategy::Search)].map(|strategy| {
            let options = Options { strategy, ..Options::default() };
            let decisions = check_parts(&model, &parts, &limits, options, &());
            for (part, Decision { verdict, .. }) in parts.iter().zip(&decisions) {
                if let Verdict::Linearizable(proof) = verdict {
                    certificate::verify(&model, part, proof).expect("a certificate");
                }
            }
            let bad = decisions.iter().map(|decision| match &decision.verdict {
                Verdict::Linearizable(_) => Some(Ok(())),
                Verdict::NotLinearizable(refutation) => Some(Err(refutation.op)),
                Verdict::Unknown(_) => None,
            });
            let bad: Option<Vec<_>> = bad.collect();
            let searched = decisions.iter().any(|decision| decision.strategy == Strategy::Search);
            assert!(!searched || strategy.is_some() || !is_exact, "an exact strategy asks the search");
            Said { bad: bad.map(|all| all.into_iter().collect()), searched }
        })
    }
}

#[test]
fn containers_are_decided_as_the_search_decides_them() {
    let extent = Extent::of(1_500);
    for model in CONTAINERS.into_iter().filter(|model| extent.models.contains(model)) {
        let [invalid, unknown, searched] = run::over(extent.seeds(), |seed, _| {
            let mut rng = Rng::new(seed);
            let plan = wide(model, &mut rng);
            let case = Case::of(seed, plan, &mut rng);
            // What a container starts with is no distinct value.
            let case = Case { script: seriatim_testkit::Script { initial: None, ..case.script }, ..case };
            let history = case.script.history();
            let [ours, search] = case.with_model(&history, Both(&history));
            if let (Some(ours), Some(search)) = (&ours.bad, &search.bad) {
                assert_eq!(ours, search, "{}", case.describe());
            }
            let is_bad = matches!(ours.bad, Some(Err(_)));
            [is_bad, search.bad.is_none(), ours.searched].map(usize::from)
        });
        let cases = extent.cases as usize;
        println!(
            "{:<20} {} valid, {invalid} invalid; {searched} searched, {unknown} too hard for the search",
            model.name(),
            cases - invalid
        );
        if cases >= 1000 {
            assert!(
                invalid * 10 > cases && invalid * 10 < 9 * cases,
                "{} is tested one-sidedly",
                model.name()
            );
            assert!(unknown * 3 < cases, "{} is seldom compared", model.name());
            assert!(searched * 50 < cases, "{} is searched too often", model.name());
        }
    }
}
