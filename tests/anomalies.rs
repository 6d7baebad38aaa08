//! The laws between the siblings (docs/ARCHITECTURE.md): what the anomaly finder names has no linearization, and its
//! evidence verifies; evidence that was tampered with does not.

use std::collections::BTreeMap;

use seriatim_anomaly::{AnomalyKind, Because, Evidence, catalog, find};
use seriatim_checker::{Limits, Memory, Options, Stop, Verdict, check_parts};
use seriatim_history::{FailedCas, History, NilRead, OpId, ValueId};
use seriatim_model::kv::Kv;
use seriatim_model::register::Register;
use seriatim_model::{Access, Model, ModelName, Part, part};
use seriatim_testkit::{Plan, Rng, simulate};

/// What was seen over many histories.
#[derive(Default)]
struct Seen {
    named: BTreeMap<AnomalyKind, usize>,
    invalid: usize,
    unnamed: usize,
    valid: usize,
}

impl Seen {
    /// Looks whether the laws hold of a history.
    fn look<M: Model>(&mut self, model: &M, history: &History) {
        let parts = part::split(model, history).expect("simulated operations are those of the model");
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        let decisions = check_parts(model, &parts, &limits, Options::default(), &());
        for (part, decision) in parts.iter().zip(decisions) {
            let anomalies = find(model, part);
            for anomaly in &anomalies {
                anomaly.evidence.verify(model, part).expect("what is found verifies");
                *self.named.entry(anomaly.kind).or_default() += 1;
                tamper(model, part, &anomaly.evidence);
            }
            match decision.verdict {
                Verdict::Linearizable(_) => {
                    assert!(anomalies.is_empty(), "a linearizable part with {anomalies:?}");
                    self.valid += 1;
                }
                Verdict::NotLinearizable(_) => {
                    self.invalid += 1;
                    self.unnamed += usize::from(anomalies.is_empty());
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
            let initial = history.declared.initial.unwrap_or(ValueId::NIL);
            let nil_read = NilRead::Value;
            if model == ModelName::Kv {
                seen.look(&Kv::new(initial, nil_read, failed_cas, &history.values), &history);
            } else {
                let cas = model == ModelName::CasRegister;
                seen.look(&Register { initial, nil_read, failed_cas, cas }, &history);
            }
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
