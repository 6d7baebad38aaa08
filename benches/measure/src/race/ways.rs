//! The ways to decide that are raced.

use seriatim_checker::{Options, Reductions, Strategy};

/// A way to decide.
pub(super) struct Way {
    pub(super) name: String,
    pub(super) options: Options,
    /// In several threads.
    pub(super) several: bool,
}

/// Every way. What is left out one by one is named here: a reduction that this list lacks is always made.
pub(super) fn ways() -> Vec<Way> {
    let all = Reductions::default();
    let none = Reductions::NONE;
    let searches = [
        ("all", all),
        ("all but eager observers", Reductions { eager_observers: false, ..all }),
        ("all but dominance", Reductions { dominance: false, ..all }),
        ("all but symmetry", Reductions { symmetry: false, ..all }),
        ("all but dead writes", Reductions { dead_writes: false, ..all }),
        ("all but just in time", Reductions { just_in_time: false, ..all }),
        ("all but impossible reads", Reductions { impossible_reads: false, ..all }),
        ("all but hidden writes", Reductions { hidden_writes: false, ..all }),
        ("all but demand", Reductions { demand: false, ..all }),
        ("all but blame", Reductions { blame: false, ..all }),
        ("all but starvation", Reductions { starvation: false, ..all }),
        ("none", none),
        ("only eager observers", Reductions { eager_observers: true, ..none }),
        ("only dominance", Reductions { dominance: true, ..none }),
        ("only symmetry", Reductions { symmetry: true, ..none }),
        ("only dead writes", Reductions { dead_writes: true, ..none }),
        ("only just in time", Reductions { just_in_time: true, ..none }),
        ("only impossible reads", Reductions { impossible_reads: true, ..none }),
        (
            "only hidden writes and what they lean on",
            Reductions { hidden_writes: true, eager_observers: true, just_in_time: true, ..none },
        ),
        ("only demand and dominance", Reductions { demand: true, dominance: true, ..none }),
        ("only blame and dominance", Reductions { blame: true, dominance: true, ..none }),
        ("only starvation", Reductions { starvation: true, ..none }),
    ];
    let way = |name: String, options| Way { name, options, several: false };
    let mut ways: Vec<_> = searches
        .into_iter()
        .map(|(name, reductions)| {
            way(
                format!("search, reductions: {name}"),
                Options { strategy: Some(Strategy::Search), reductions, ..Options::default() },
            )
        })
        .collect();
    ways.extend(Strategy::ALL.map(|strategy| {
        let options = Options { strategy: Some(strategy), ..Options::default() };
        way(format!("strategy {}", strategy.name()), options)
    }));
    ways.push(way("automatic".to_owned(), Options::default()));
    ways.push(Way {
        name: "automatic, several threads".to_owned(),
        options: Options::default(),
        several: true,
    });
    let search = Options { strategy: Some(Strategy::Search), ..Options::default() };
    ways.push(Way { name: "search, several threads".to_owned(), options: search, several: true });
    let pieces = Options { piece: 1, ..search };
    ways.push(way("search in pieces".to_owned(), pieces));
    ways.push(Way { name: "search in pieces, several threads".to_owned(), options: pieces, several: true });
    let shared = Options { alone: 0, ..search };
    ways.push(Way { name: "search, shared from the start".to_owned(), options: shared, several: true });
    ways
}
