//! What must agree about one history, and whether it does.

use std::fmt;

use rayon::ThreadPool;
use seriatim_checker::{Limits, Memory, Options, Reductions, Stop, Strategy, Verdict, check_parts};
use seriatim_history::{EventId, History, OpId};
use seriatim_model::keyed::Keyed;
use seriatim_model::{Choice, Model, Part, Refused, certificate};
use seriatim_testkit::{oracle, unsplit};

/// What was found where all agree.
pub(crate) struct Agreed {
    /// The earliest of the returns that end a shortest bad prefix.
    pub(crate) bad: Option<EventId>,
    /// How many operations were judged.
    pub(crate) operations: usize,
    /// How many parts there were.
    pub(crate) parts: usize,
    /// Whether every part was decided without the search, where nothing else was asked for; of a wide history, whether
    /// every way came to an end.
    pub(crate) exact: bool,
}

/// Who does not agree.
pub(crate) struct Disagreement(pub(crate) String);

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A pool of some threads.
pub(crate) fn pool(threads: usize) -> ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started")
}

/// Ways to decide: a name, and the options.
pub(crate) type Ways = Vec<(String, Options)>;

/// The search, whatever strategy would fit.
pub(crate) const SEARCH: Options = Options {
    strategy: Some(Strategy::Search),
    reductions: Reductions::ALL,
    alone: 1 << 11,
    piece: usize::MAX,
};

/// The search, with all threads at work on a part from the start.
pub(crate) const SHARED: Options = Options { alone: 0, ..SEARCH };

/// The search, between any two cuts by itself.
pub(crate) const IN_PIECES: Options = Options { piece: 1, ..SEARCH };

/// Every way to decide, none of which must matter.
pub(crate) fn ways() -> Ways {
    let all = Reductions::default();
    let none = Reductions::NONE;
    let reductions = [
        ("without eager observers", Reductions { eager_observers: false, ..all }),
        ("without dominance", Reductions { dominance: false, ..all }),
        ("without symmetry", Reductions { symmetry: false, ..all }),
        ("without dead writes", Reductions { dead_writes: false, ..all }),
        ("eagerly, not just in time", Reductions { just_in_time: false, ..all }),
        ("without impossible reads", Reductions { impossible_reads: false, ..all }),
        ("without hidden writes", Reductions { hidden_writes: false, ..all }),
        ("without demand", Reductions { demand: false, ..all }),
        ("without blame", Reductions { blame: false, ..all }),
        ("without starvation", Reductions { starvation: false, ..all }),
        ("without reductions", none),
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
        ("only demand, and dominance", Reductions { demand: true, dominance: true, ..none }),
        ("only blame, and dominance", Reductions { blame: true, dominance: true, ..none }),
        ("only starvation", Reductions { starvation: true, ..none }),
    ];
    let search =
        |(name, reductions): (&str, Reductions)| (format!("search {name}"), Options { reductions, ..SEARCH });
    let forced = |strategy: Strategy| {
        (format!("strategy {}", strategy.name()), Options { strategy: Some(strategy), ..Options::default() })
    };
    let default = ("default".to_owned(), Options::default());
    let pieces = ("search in pieces".to_owned(), IN_PIECES);
    [default, pieces].into_iter().chain(Strategy::ALL.map(forced)).chain(reductions.map(search)).collect()
}

/// Compares the oracle with every way to decide a history, split and whole, in the pool it is called in and in one of
/// several threads.
pub(crate) fn judge<M>(
    model: &M,
    history: &History,
    ways: &Ways,
    several: &ThreadPool,
) -> Result<Agreed, Disagreement>
where
    M: Model + Clone,
    M::State: Ord,
{
    let unreadable = |errors| Disagreement(format!("the model cannot read it: {errors:?}"));
    let parts = seriatim_model::part::split(model, history).map_err(unreadable)?;
    let mut expected = Vec::with_capacity(parts.len());
    for part in &parts {
        let bad = oracle::shortest_bad_prefix(model, part);
        // By definition, too: no return is bad if and only if the whole is good.
        if oracle::is_linearizable(model, part) != bad.is_none() {
            return Err(Disagreement(format!("the oracle contradicts itself about {:?}", part.key)));
        }
        expected.push(bad);
    }
    for (name, options) in ways {
        compare(name, model, &parts, &expected, *options)?;
    }
    let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
    let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
    let decisions = check_parts(model, &parts, &limits, Options::default(), &());
    let exact = decisions.iter().all(|decision| decision.strategy != Strategy::Search);
    let first_bad = expected.iter().copied().flatten().min();
    if parts.len() > 1 {
        several.install(|| compare("several threads", model, &parts, &expected, Options::default()))?;
        let keyed = Keyed(model.clone());
        let whole = unsplit(&keyed, history).map_err(|error| unreadable(vec![error]))?;
        compare("unsplit", &keyed, &[whole], &[first_bad], SEARCH)?;
    }
    several.install(|| compare("search, shared", model, &parts, &expected, SHARED))?;
    let shared = Options { alone: 0, ..IN_PIECES };
    several.install(|| compare("search in pieces, shared", model, &parts, &expected, shared))?;
    let operations = parts.iter().map(|part| part.entries.len()).sum();
    Ok(Agreed { bad: first_bad, operations, parts: parts.len(), exact })
}

/// Decides the parts one way, and compares each verdict with the expected one.
pub(crate) fn compare<M: Model>(
    name: &str,
    model: &M,
    parts: &[Part<M::Op>],
    expected: &[Option<EventId>],
    options: Options,
) -> Result<(), Disagreement> {
    let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
    let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
    let decisions = check_parts(model, parts, &limits, options, &());
    for ((part, decision), bad) in parts.iter().zip(&decisions).zip(expected) {
        let of = |what: String| Disagreement(format!("{name}, part {:?}: {what}", part.key));
        match (&decision.verdict, bad) {
            (Verdict::Linearizable(proof), None) => certify(model, part, proof).map_err(of)?,
            (Verdict::NotLinearizable(refutation), &Some(ret)) => {
                if refutation.ret != ret {
                    return Err(of(format!("refuted at {:?}, by definition at {ret:?}", refutation.ret)));
                }
                let entry = part.entries.iter().find(|entry| entry.ret == Some(ret));
                let called = part.entries.iter().filter(|entry| entry.call < ret).count();
                if entry.map(|entry| entry.id) != Some(refutation.op) || refutation.prefix != called {
                    return Err(of(format!("the refutation {refutation:?} does not fit its return")));
                }
            }
            (verdict, _) => return Err(of(format!("{verdict:?}, by definition {bad:?}"))),
        }
        if let Some(strategy) = options.strategy
            && decision.strategy != strategy
            && decision.strategy != Strategy::Search
        {
            return Err(of(format!("decided by {:?}", decision.strategy)));
        }
    }
    Ok(())
}

/// A proof must be accepted, and what is no proof must be refused.
pub(crate) fn certify<M: Model>(model: &M, part: &Part<M::Op>, proof: &[Choice]) -> Result<(), String> {
    let verify = |proof: &[Choice]| certificate::verify(model, part, proof);
    verify(proof).map_err(|refused| format!("a certificate is refused: {refused}"))?;
    let entry = |choice: &Choice| part.entries.iter().find(|entry| entry.id == choice.op);
    let refuse = |what: &str, changed: &[Choice], expected: &dyn Fn(&Refused) -> bool| match verify(changed) {
        Err(refused) if expected(&refused) => Ok(()),
        other => Err(format!("a certificate with {what}: {other:?}")),
    };
    for at in 0..proof.len() {
        if entry(&proof[at]).is_some_and(|entry| entry.ret.is_some()) {
            let mut changed = proof.to_vec();
            changed.remove(at);
            // What is left may be illegal for the model before it is found that something is missing.
            refuse("an operation left out", &changed, &|refused| {
                matches!(refused, Refused::Missing(_) | Refused::Illegal(_))
            })?;
        }
        let mut changed = proof.to_vec();
        changed.insert(at, proof[at]);
        refuse("an operation twice", &changed, &|refused| *refused == Refused::Twice(proof[at].op))?;
        let mut changed = proof.to_vec();
        let stranger = OpId(u32::MAX);
        changed[at].op = stranger;
        refuse("a foreign operation", &changed, &|refused| *refused == Refused::Foreign(stranger))?;
        let mut changed = proof.to_vec();
        changed[at].outcome = u32::MAX;
        refuse("an outcome that is none", &changed, &|refused| *refused == Refused::Illegal(proof[at].op))?;
        let precedes = |a: &Choice, b: &Choice| {
            entry(a).zip(entry(b)).is_some_and(|(a, b)| a.ret.is_some_and(|ret| ret < b.call))
        };
        for other in at + 1..proof.len() {
            if precedes(&proof[at], &proof[other]) {
                let mut changed = proof.to_vec();
                changed.swap(at, other);
                refuse("real time broken", &changed, &|refused| {
                    matches!(refused, Refused::TooLate { .. } | Refused::Illegal(_))
                })?;
            }
        }
    }
    Ok(())
}
