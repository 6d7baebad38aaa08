//! Histories in which exactly one thing went wrong, of which it is known what, and which operations show it.
//!
//! Each begins as one that is linearizable by construction; then one anomaly of one kind is planted at a random place,
//! by changing what a few operations were told, or by adding a few. What is planted is an instance by the definition of
//! its kind and by nothing that finds it: the conditions are on calls, returns and distinct values alone, and where they
//! cannot be met another place, and then another history is tried. Kinds are named by the codes of the catalogue that
//! this crate must not see.
//!
//! A history of n operations takes O(n log n), and some tries.

mod base;
mod containers;
mod counters;
pub mod divided;
mod draft;
mod ids;
mod lag;
mod locks;
mod logs;
mod registers;
mod sets;

use seriatim_model::ModelName;

use self::base::Keys;
use self::draft::Draft;
use crate::rng::Rng;
use crate::script::Script;

/// As many operations as somebody would still look at.
pub const SMALL: usize = 60;

/// As many operations as a long test records.
pub const LARGE: usize = 100_000;

/// How many histories are tried for one in which there is a place.
const HISTORIES: u64 = 100;

/// Plants something in one object of a history; the operations that must be named. `None` where there is no place.
type Plant = fn(&mut Draft, &mut Rng) -> Option<Vec<u32>>;

/// A kind of anomaly that can be planted.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its code in the catalogue of anomalies.
    pub code: &'static str,
    keys: Keys,
    plants: &'static [(ModelName, Plant)],
}

impl Kind {
    /// The models in whose histories it can be planted.
    pub fn models(&self) -> impl Iterator<Item = ModelName> + use<> {
        self.plants.iter().map(|&(model, _)| model)
    }

    /// The kind with a code.
    pub fn with_code(code: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.code == code)
    }

    /// A history of about so many operations in which it is planted once. `None` where there was no place for it, as
    /// happens where operations are few.
    ///
    /// # Panics
    /// Where it cannot be planted in histories of the model.
    pub fn plant(&self, seed: u64, model: ModelName, operations: usize) -> Option<Planted> {
        let plant = self.plants.iter().find(|&&(known, _)| known == model);
        let &(_, plant) =
            plant.unwrap_or_else(|| panic!("no {} is planted in `{}`", self.code, model.name()));
        // Each seed has tries of its own.
        let mut seeds = Rng::new(seed);
        for _ in 0..HISTORIES {
            let mut rng = seeds.fork();
            let script = base::script(rng.bits(), model, self.keys, operations);
            let mut draft = Draft::new(model, script, &mut rng);
            if let Some(named) = plant(&mut draft, &mut rng) {
                return Some(Planted { model, code: self.code, script: draft.finish(), named });
            }
        }
        None
    }
}

/// A history in which something is planted.
#[derive(Clone, Debug)]
pub struct Planted {
    /// The model of its objects.
    pub model: ModelName,
    /// The code of what is planted.
    pub code: &'static str,
    /// The history.
    pub script: Script,
    named: Vec<u32>,
}

impl Planted {
    /// The operations that must be named: their places in the history, in the order of the calls.
    pub fn operations(&self) -> Vec<usize> {
        let all = self.script.operations().into_iter().enumerate();
        all.filter(|(_, operation)| self.named.contains(operation)).map(|(at, _)| at).collect()
    }
}

/// The history that something could have been planted in, as it is without. Each kind has histories of its own.
pub fn nothing_planted(seed: u64, model: ModelName, operations: usize) -> Script {
    base::script(Rng::new(seed).bits(), model, Keys::Few, operations)
}

/// Every kind, in the order of the catalogue: the one that explains more first.
pub const KINDS: &[Kind] = &[
    kind(
        "LIN003",
        &[
            (ModelName::Register, registers::value_from_nowhere),
            (ModelName::CasRegister, registers::value_from_nowhere),
            (ModelName::Kv, registers::value_from_nowhere),
            (ModelName::Set, sets::value_from_nowhere),
            (ModelName::Queue, containers::value_from_nowhere),
            (ModelName::Log, logs::value_from_nowhere),
        ],
    ),
    kind(
        "LIN004",
        &[
            (ModelName::Register, registers::dirty_read),
            (ModelName::CasRegister, registers::dirty_read),
            (ModelName::Kv, registers::dirty_read),
            (ModelName::Set, sets::dirty_read),
            (ModelName::Queue, containers::dirty_read),
            (ModelName::Log, logs::dirty_read),
        ],
    ),
    kind(
        "LIN005",
        &[
            (ModelName::Register, registers::read_from_the_future),
            (ModelName::CasRegister, registers::read_from_the_future),
            (ModelName::Set, sets::read_from_the_future),
            (ModelName::Queue, containers::read_from_the_future),
            (ModelName::Log, logs::read_from_the_future),
        ],
    ),
    kind(
        "LIN011",
        &[
            (ModelName::Queue, containers::duplicate_element),
            (ModelName::Stack, containers::duplicate_element),
            (ModelName::Bag, containers::duplicate_element),
            (ModelName::PriorityQueue, containers::duplicate_element),
            (ModelName::Set, sets::duplicate_element),
            (ModelName::Log, logs::duplicate_element),
        ],
    ),
    kind("LIN021", &[(ModelName::UniqueIds, ids::duplicate_id)]),
    kind(
        "LIN009",
        &[(ModelName::CasRegister, registers::lost_update), (ModelName::Kv, registers::lost_update)],
    ),
    kind(
        "LIN010",
        &[
            (ModelName::Mutex, locks::double_grant),
            (ModelName::OwnerMutex, locks::double_grant),
            (ModelName::ReentrantMutex, locks::double_grant),
            (ModelName::FencedMutex, locks::double_grant),
        ],
    ),
    kind("LIN015", &[(ModelName::FencedMutex, locks::fencing_regression)]),
    kind("LIN018", &[(ModelName::Log, logs::divergent_logs)]),
    kind("LIN024", &[(ModelName::Log, logs::torn_log)]),
    Kind {
        // A write is lost where nothing newer is written: with many keys that may be at any time.
        keys: Keys::Many,
        ..kind(
            "LIN002",
            &[
                (ModelName::Register, registers::lost_write),
                (ModelName::CasRegister, registers::lost_write),
                (ModelName::Kv, registers::lost_write),
            ],
        )
    },
    kind(
        "LIN013",
        &[
            (ModelName::Set, sets::lost_element),
            (ModelName::Queue, containers::lost_element),
            (ModelName::Bag, containers::lost_element),
            (ModelName::Log, logs::lost_element),
        ],
    ),
    kind(
        "LIN007",
        &[
            (ModelName::Register, registers::own_write_not_read),
            (ModelName::CasRegister, registers::own_write_not_read),
            (ModelName::Kv, registers::own_write_not_read),
        ],
    ),
    kind("LIN017", &[(ModelName::Set, sets::zombie_element)]),
    kind(
        "LIN001",
        &[
            (ModelName::Register, registers::stale_read),
            (ModelName::CasRegister, registers::stale_read),
            (ModelName::Kv, registers::stale_read),
        ],
    ),
    kind("LIN025", &[(ModelName::Set, sets::stale_element)]),
    kind(
        "LIN016",
        &[
            (ModelName::Queue, containers::late_element),
            (ModelName::Stack, containers::late_element),
            (ModelName::Bag, containers::late_element),
            (ModelName::PriorityQueue, containers::late_element),
            (ModelName::Log, logs::late_element),
        ],
    ),
    kind("LIN022", &[(ModelName::Log, logs::log_goes_back)]),
    kind("LIN020", &[(ModelName::Counter, counters::counter_goes_back)]),
    kind("LIN019", &[(ModelName::Counter, counters::counter_out_of_bounds)]),
    kind(
        "LIN023",
        &[
            (ModelName::Register, registers::flip_flop),
            (ModelName::CasRegister, registers::flip_flop),
            (ModelName::Kv, registers::flip_flop),
        ],
    ),
    kind(
        "LIN006",
        &[
            (ModelName::Register, registers::non_monotonic_read),
            (ModelName::CasRegister, registers::non_monotonic_read),
            (ModelName::Kv, registers::non_monotonic_read),
        ],
    ),
    kind(
        "LIN008",
        &[
            (ModelName::Register, registers::order_disagreement),
            (ModelName::CasRegister, registers::order_disagreement),
            (ModelName::Kv, registers::order_disagreement),
        ],
    ),
    kind(
        "LIN014",
        &[
            (ModelName::Queue, containers::reordered_element),
            (ModelName::Stack, containers::reordered_element),
            (ModelName::PriorityQueue, containers::reordered_element),
            (ModelName::Log, logs::reordered_element),
        ],
    ),
    kind("LIN012", &[(ModelName::CasRegister, registers::general_cycle)]),
];

/// A kind that few keys suffice for.
const fn kind(code: &'static str, plants: &'static [(ModelName, Plant)]) -> Kind {
    Kind { code, keys: Keys::Few, plants }
}

#[cfg(test)]
mod tests {
    use seriatim_history::History;
    use seriatim_model::{Model, ModelOptions, Visitor, part, with_any_model};

    use super::*;
    use crate::oracle;

    struct Oracle<'a>(&'a History);

    impl Visitor for Oracle<'_> {
        type Out = bool;

        fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> bool
        where
            M::State: Ord,
        {
            let parts = part::split(&model, self.0).expect("operations of the model");
            parts.iter().all(|part| oracle::is_linearizable(&model, part))
        }
    }

    fn is_linearizable(model: ModelName, script: &Script) -> bool {
        let history = script.history();
        let options = ModelOptions::default();
        with_any_model(model, &options, &history.values, Oracle(&history)).expect("a model of the catalogue")
    }

    #[test]
    fn where_nothing_is_planted_there_is_a_linearization() {
        for kind in KINDS {
            for model in kind.models() {
                for seed in 0..60 {
                    let script = base::script(seed, model, kind.keys, 9);
                    assert!(is_linearizable(model, &script), "{} {seed}\n{script}", model.name());
                    let script = nothing_planted(seed, model, 9);
                    assert!(is_linearizable(model, &script), "{} {seed}\n{script}", model.name());
                }
            }
        }
    }

    /// What is planted is a violation by definition, whoever finds it.
    #[test]
    fn where_something_is_planted_there_is_no_linearization() {
        for kind in KINDS {
            for model in kind.models() {
                let mut planted = 0;
                for seed in 0..60 {
                    let Some(found) = kind.plant(seed, model, 8) else { continue };
                    planted += 1;
                    let (name, script) = (model.name(), &found.script);
                    assert!(!is_linearizable(model, script), "{} in {name}, {seed}\n{script}", kind.code);
                    assert!(!found.operations().is_empty(), "{} in {name}, {seed}", kind.code);
                }
                assert!(planted > 10, "{} in {}: {planted} planted", kind.code, model.name());
            }
        }
    }

    #[test]
    fn a_seed_always_plants_the_same() {
        for kind in KINDS {
            for model in kind.models() {
                let plant = |seed| kind.plant(seed, model, SMALL).map(|planted| planted.script);
                assert_eq!(plant(1), plant(1), "{}", kind.code);
                assert!(plant(1).is_some(), "{} in {}", kind.code, model.name());
                assert_ne!(plant(1), plant(2), "{}", kind.code);
            }
        }
    }

    /// Those that must be named are operations of the history, and there are others of unknown outcome and such that
    /// failed.
    #[test]
    fn large_histories_have_what_was_planned() {
        for (code, model) in [("LIN001", ModelName::Kv), ("LIN013", ModelName::Queue)] {
            let kind = Kind::with_code(code).expect("a code of the table");
            let planted = kind.plant(1, model, LARGE).expect("there is a place among so many operations");
            let history = planted.script.history();
            assert!(history.operations.len().abs_diff(LARGE) < 10, "{code}");
            let unknown = history.operations.iter().filter(|operation| operation.ret().is_none()).count();
            assert!(unknown > 100, "{code}: {unknown} of unknown outcome");
            assert!(planted.operations().iter().all(|&at| at < history.operations.len()), "{code}");
        }
    }
}
