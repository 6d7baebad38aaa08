//! The histories that are raced on.

use seriatim_history::{FailedCas, NilRead};
use seriatim_model::catalog::MODELS;
use seriatim_model::{ModelName, ModelOptions};
use seriatim_testkit::{Lie, Plan, Plant, Rng, Script, Traffic, simulate};

/// What a history is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// So small that the oracle judges.
    Small,
    /// Too large for that.
    Medium,
    /// Twenty clients and more at once.
    Wide,
    /// A third of the operations or more are of unknown outcome.
    Crashed,
    /// Both.
    WideCrashed,
}

pub(super) const KINDS: [(Kind, &str); 5] = [
    (Kind::Small, "small"),
    (Kind::Medium, "medium"),
    (Kind::Wide, "wide"),
    (Kind::Crashed, "crashed-heavy"),
    (Kind::WideCrashed, "wide and crashed-heavy"),
];

/// A history and what it is to mean.
pub(super) struct Case {
    pub(super) seed: u64,
    pub(super) kind: usize,
    pub(super) model: ModelName,
    pub(super) script: Script,
    /// How it was made.
    pub(super) made: String,
    /// Nobody lied.
    pub(super) is_honest: bool,
    pub(super) options: ModelOptions,
}

impl Case {
    pub(super) fn new(seed: u64, only: Option<ModelName>) -> Self {
        let mut rng = Rng::new(seed ^ 0x7261_6365);
        let rng = &mut rng;
        let at = rng.below(MODELS.len());
        let model = only.unwrap_or(MODELS[at].name);
        let at = rng.below(KINDS.len());
        let (clients, operations) = match KINDS[at].0 {
            Kind::Small | Kind::Medium => (0, 0),
            Kind::Wide | Kind::WideCrashed => {
                let clients = rng.between(20, 70);
                (clients, clients * rng.between(1, 3))
            }
            Kind::Crashed => (rng.between(2, 6), rng.between(10, 40)),
        };
        let crash = match KINDS[at].0 {
            Kind::Crashed | Kind::WideCrashed => *rng.pick(&[0.3, 0.5, 0.8]),
            _ => *rng.pick(&[0.0, 0.05]),
        };
        let values = *rng.pick(&[0, 0, 1, 2, 3, 5]);
        let (script, made, is_honest) = match KINDS[at].0 {
            kind @ (Kind::Small | Kind::Medium) => {
                let plan =
                    if kind == Kind::Small { Plan::small(model, rng) } else { Plan::medium(model, rng) };
                (simulate::script(seed, &plan), format!("{plan:?}"), plan.lie == 0.0 && plan.fail == 0.0)
            }
            _ if rng.chance(0.5) => {
                let spread = clients as f64 / 2.0;
                let lie = *rng.pick(&[0.0, 0.01, 0.05]);
                let plan = Plan { values, spread, crash, lie, ..Plan::long(model, operations, clients) };
                (simulate::script(seed, &plan), format!("{plan:?}"), lie == 0.0)
            }
            _ => {
                let lie = *rng.pick(&[None, Some(Lie::Stale), Some(Lie::Stale), Some(Lie::NeverWritten)]);
                let plant = lie.map(|lie| Plant { lie, at: rng.unit() });
                let keys = *rng.pick(&[0, 0, 2]);
                let traffic =
                    Traffic { values, keys, crash, plant, ..Traffic::new(model, operations, clients) };
                let (script, summary) = traffic.script(seed);
                (script, format!("{traffic:?}"), summary.planted.is_none())
            }
        };
        let options = ModelOptions {
            initial: None,
            nil_read: if rng.chance(0.2) { NilRead::Wildcard } else { NilRead::Value },
            failed_cas: if rng.chance(0.5) { FailedCas::Observe } else { FailedCas::Drop },
        };
        Self { seed, kind: at, model, script, made, is_honest, options }
    }
}
