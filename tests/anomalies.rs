//! The laws between the siblings (docs/ARCHITECTURE.md): what the anomaly finder names has no linearization, and its
//! evidence verifies; evidence that was tampered with does not.

use std::collections::BTreeMap;

use seriatim_anomaly::{AnomalyKind, Because, Evidence, catalog, find};
use seriatim_checker::{Limits, Memory, Options, Stop, Verdict, check_parts};
use seriatim_history::{FailedCas, History, NilRead, OpId};
use seriatim_model::{Access, Model, ModelName, ModelOptions, Part, Visitor, part, with_model};
use seriatim_testkit::{Plan, Rng, simulate};

/// What was seen over many histories.
#[derive(Default)]
struct Seen {
    named: BTreeMap<AnomalyKind, usize>,
    invalid: usize,
    unnamed: usize,
    valid: usize,
}

struct Laws<'a> {
    history: &'a History,
    seen: &'a mut Seen,
}

impl Visitor for Laws<'_> {
    type Out = ();

    fn visit<M: Model + Clone + Send + 'static>(self, model: M)
    where
        M::State: Ord,
    {
        let parts = part::split(&model, self.history).expect("simulated operations are those of the model");
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        let decisions = check_parts(&model, &parts, &limits, Options::default(), &());
        for (part, decision) in parts.iter().zip(decisions) {
            let anomalies = find(&model, part);
            for anomaly in &anomalies {
                anomaly.evidence.verify(&model, part).expect("what is found verifies");
                *self.seen.named.entry(anomaly.kind).or_default() += 1;
                tamper(&model, part, &anomaly.evidence);
            }
            match decision.verdict {
                Verdict::Linearizable(_) => {
                    assert!(anomalies.is_empty(), "a linearizable part with {anomalies:?}");
                    self.seen.valid += 1;
                }
                Verdict::NotLinearizable(_) => {
                    self.seen.invalid += 1;
                    self.seen.unnamed += usize::from(anomalies.is_empty());
                }
                Verdict::Unknown(cause) => panic!("no limits were set: {cause:?}"),
            }
        }
    }
}

/// Every change of the evidence by one operation that changes its meaning is refused.
fn tamper<M: Model>(model: &M, part: &Part<M::Op>, evidence: &Evidence) {
    let foreign = OpId(u32::MAX);
    match evidence {
        Evidence::NoWriter { value, .. } => {
            let tampered = Evidence::NoWriter { reader: foreign, value: *value };
            assert!(tampered.verify(model, part).is_err());
            let writes =
                part.entries.iter().find(|entry| matches!(model.accesses(&entry.op)[..], [Access::Write(_)]));
            if let Some(write) = writes {
                let tampered = Evidence::NoWriter { reader: write.id, value: *value };
                assert!(tampered.verify(model, part).is_err(), "a write saw nothing");
            }
        }
        Evidence::Cycle(edges) => {
            assert!(Evidence::Cycle(edges[1..].to_vec()).verify(model, part).is_err(), "half a cycle");
            for at in 0..edges.len() {
                let mut turned = edges.clone();
                (turned[at].from, turned[at].to) = (turned[at].to, turned[at].from);
                assert!(Evidence::Cycle(turned).verify(model, part).is_err(), "an edge the other way round");
                let mut claimed = edges.clone();
                if claimed[at].because != Because::RealTime {
                    claimed[at].because = Because::RealTime;
                    assert!(
                        Evidence::Cycle(claimed).verify(model, part).is_err(),
                        "real time says otherwise"
                    );
                }
            }
        }
    }
}

#[test]
fn what_is_named_is_not_linearizable() {
    let mut seen = Seen::default();
    for model in [ModelName::Register, ModelName::CasRegister, ModelName::Kv] {
        for seed in 0..10_000 {
            let plan = Plan::small(model, &mut Rng::new(seed));
            let history = simulate::simulate(seed, &plan);
            let failed_cas = if seed % 2 == 0 { FailedCas::Observe } else { FailedCas::Drop };
            let options =
                ModelOptions { initial: history.declared.initial, nil_read: NilRead::Value, failed_cas };
            let laws = Laws { history: &history, seen: &mut seen };
            with_model(model, &options, &history.values, laws).expect("a model of the catalogue");
        }
    }
    let Seen { named, invalid, unnamed, valid } = seen;
    println!(
        "{valid} parts are valid; of {invalid} invalid ones {unnamed} have no name yet; named: {named:?}"
    );
    for row in catalog::CATALOG {
        assert!(named.get(&row.kind).is_some_and(|&count| count > 100), "{} is hardly ever found", row.name);
    }
    assert!(unnamed * 2 < invalid, "most violations of registers have a name");
}
