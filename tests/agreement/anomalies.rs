//! The laws between the siblings (docs/ARCHITECTURE.md): what the anomaly finder names has no linearization, and its
//! evidence verifies; evidence that was tampered with does not.

use std::collections::BTreeMap;

use seriatim_anomaly::{Anomaly, AnomalyKind, Because, Evidence, Role, catalog, find};
use seriatim_checker::{Limits, Memory, Options, Stop, Verdict, check_parts};
use seriatim_history::{FailedCas, History, NilRead, OpId, ValueId};
use seriatim_model::kv::Kv;
use seriatim_model::register::Register;
use seriatim_model::{
    Access, Entry, Kind, Model, ModelName, ModelOptions, Part, Visitor, part, with_any_model,
};
use seriatim_testkit::{Plan, Rng, planted, simulate};

/// What was seen over many histories.
#[derive(Default)]
struct Seen {
    named: BTreeMap<AnomalyKind, usize>,
    invalid: usize,
    unnamed: usize,
    valid: usize,
    /// Parts in which every value is put in once.
    distinct: usize,
}

impl Seen {
    /// Looks whether the laws hold of a history.
    fn look<M: Model>(&mut self, model: &M, history: &History) {
        let parts = part::split(model, history).expect("simulated operations are those of the model");
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        let decisions = check_parts(model, &parts, &limits, Options::default(), &());
        for (part, decision) in parts.iter().zip(decisions) {
            let anomalies = find(model, part, history);
            for anomaly in &anomalies {
                let verified = anomaly.evidence.verify(model, part, history);
                assert_eq!(verified, Ok(()), "{anomaly:?} of {}", told(model, part, history));
                *self.named.entry(anomaly.kind).or_default() += 1;
                tamper(model, part, history, anomaly);
                is_what_it_is_called(model, part, anomaly);
            }
            let is_distinct = is_distinct(model, part);
            self.distinct += usize::from(is_distinct);
            match decision.verdict {
                Verdict::Linearizable(_) => {
                    let told = || told(model, part, history);
                    assert!(anomalies.is_empty(), "{anomalies:?} of a linearizable part: {}", told());
                    self.valid += 1;
                }
                Verdict::NotLinearizable(_) => {
                    self.invalid += 1;
                    self.unnamed += usize::from(anomalies.is_empty());
                    assert!(
                        !is_distinct || !anomalies.is_empty(),
                        "no name for {}",
                        told(model, part, history)
                    );
                }
                Verdict::Unknown(cause) => panic!("no limits were set: {cause:?}"),
            }
        }
    }
}

/// Kinds that simulated lies rarely come to: two that see a write which is still open, one of them without it, where nobody
/// saw anything else that is wrong; and rings of compare-and-sets and nothing simpler besides.
const RARE: [&str; 4] = ["LIN006", "LIN008", "LIN012", "LIN023"];

/// The same of other objects: logs that are torn and not two.
const RARE_ELSEWHERE: [&str; 1] = ["LIN024"];

impl Seen {
    /// Looks at histories in which one of these kinds was planted.
    fn look_at_rare_kinds(&mut self, codes: &[&str]) {
        for kind in codes.iter().filter_map(|code| planted::Kind::with_code(code)) {
            for model in kind.models() {
                for seed in 0..600 {
                    let operations = 6 + seed as usize % 12;
                    let Some(planted) = kind.plant(seed, model, operations) else { continue };
                    let history = planted.script.history();
                    let options = ModelOptions::default();
                    with_any_model(model, &options, &history.values, Look(self, &history))
                        .expect("it can start so");
                }
            }
        }
    }
}

/// The operations of a part, a line for each.
fn told<M: Model>(model: &M, part: &Part<M::Op>, history: &History) -> String {
    let line = |entry: &Entry<M::Op>| {
        let Entry { id, op, call, ret } = entry;
        format!("\n{id:?} {} from {call:?} to {ret:?}", model.show_op(op, &history.values))
    };
    part.entries.iter().map(line).collect()
}

/// Every change of the evidence by one operation that changes its meaning is refused.
fn tamper<M: Model>(model: &M, part: &Part<M::Op>, history: &History, anomaly: &Anomaly) {
    let evidence = &anomaly.evidence;
    let is_refused = |evidence: &Evidence, why: &str| {
        assert!(evidence.verify(model, part, history).is_err(), "{why}: {evidence:?}");
    };
    let foreign = OpId(u32::MAX);
    match *evidence {
        Evidence::NoWriter { value, .. } => {
            is_refused(&Evidence::NoWriter { reader: foreign, value }, "nobody");
            let writes =
                part.entries.iter().find(|entry| matches!(model.accesses(&entry.op)[..], [Access::Write(_)]));
            if let Some(write) = writes {
                is_refused(&Evidence::NoWriter { reader: write.id, value }, "a write saw nothing");
            }
        }
        Evidence::Failed { reader, value, write } => {
            is_refused(&Evidence::Failed { reader: write, value, write }, "what failed saw nothing");
            is_refused(&Evidence::Failed { reader, value, write: reader }, "what saw it did not fail");
            is_refused(&Evidence::Failed { reader, value, write: foreign }, "nobody");
            is_refused(&Evidence::Failed { reader, value: ValueId::TRUE, write }, "another value");
        }
        Evidence::NoOrder(ref cast) => {
            is_refused(&Evidence::NoOrder(Vec::new()), "nobody");
            for at in 0..cast.len() {
                let with = |role: Role, id: OpId| {
                    let mut cast = cast.clone();
                    cast[at] = (role, id);
                    Evidence::NoOrder(cast)
                };
                let (role, id) = cast[at];
                is_refused(&with(role, foreign), "nobody");
                let other = if role == Role::Granted { Role::Given } else { Role::Granted };
                is_refused(&with(other, id), "another part");
            }
            let mut twice = cast.clone();
            twice.push(cast[0]);
            is_refused(&Evidence::NoOrder(twice), "one twice");
        }
        Evidence::Cycle(ref edges) => {
            is_refused(&Evidence::Cycle(edges[1..].to_vec()), "half a cycle");
            is_refused(&Evidence::Cycle(Vec::new()), "nothing");
            for at in 0..edges.len() {
                let edge = edges[at];
                let with = |because: Because, why: &str| {
                    let mut claimed = edges.clone();
                    claimed[at].because = because;
                    is_refused(&Evidence::Cycle(claimed), why);
                };
                // Each of two swaps of one value comes before the other.
                if !matches!(edge.because, Because::SwappedAway { .. }) {
                    let mut turned = edges.clone();
                    (turned[at].from, turned[at].to) = (edge.to, edge.from);
                    is_refused(&Evidence::Cycle(turned), "an edge the other way round");
                }
                match edge.because {
                    Because::RealTime => {}
                    Because::Saw { .. } => with(Because::Saw { value: ValueId::TRUE }, "another value"),
                    Because::SwappedAway { .. } => {
                        with(Because::SwappedAway { value: ValueId::TRUE }, "another value");
                    }
                    Because::Older { order: None } => {
                        let order = Some((edge.from, edge.to));
                        with(Because::Older { order }, "the older one returned later");
                    }
                    Because::Older { order: Some((early, late)) } => {
                        with(Because::Older { order: Some((late, early)) }, "the order the other way round");
                        with(Because::Older { order: Some((early, early)) }, "one operation");
                        // What was there at the start is the older one without a reason; whoever tells that it was
                        // seen in between gives one all the same.
                        if anomaly.kind != AnomalyKind::FlipFlop {
                            with(Because::Older { order: None }, "there is a reason to give");
                        }
                    }
                }
                if edge.because != Because::RealTime {
                    let is_so = || {
                        let entry =
                            |id| part.entries.iter().find(|entry| entry.id == id).expect("it is of the part");
                        entry(edge.from).ret.is_some_and(|ret| ret < entry(edge.to).call)
                    };
                    if !is_so() {
                        with(Because::RealTime, "real time says otherwise");
                    }
                }
            }
        }
    }
}

/// What a name says beyond that there is no linearization.
fn is_what_it_is_called<M: Model>(model: &M, part: &Part<M::Op>, anomaly: &Anomaly) {
    if anomaly.kind != AnomalyKind::FlipFlop {
        return;
    }
    let named = anomaly.evidence.operations();
    let entry = |id: &OpId| part.entries.iter().find(|entry| entry.id == *id).expect("it is of the part");
    let [first, second, third] = named.iter().map(entry).collect::<Vec<_>>()[..] else {
        panic!("three show a flip-flop: {anomaly:?}")
    };
    let saw = |entry: &Entry<M::Op>| match model.accesses(&entry.op)[..] {
        [Access::Read(value)] => value,
        // Who swaps a value for itself puts in nothing.
        [Access::Swap(value, same)] if value == same => value,
        _ => panic!("a flip-flop is of reads: {anomaly:?}"),
    };
    assert!(saw(first) == saw(third) && saw(first) != saw(second), "{anomaly:?}");
    let is_before = |one: &Entry<M::Op>, other: &Entry<M::Op>| one.ret.is_some_and(|ret| ret < other.call);
    assert!(is_before(first, second) && is_before(second, third), "{anomaly:?}");
}

/// Whether every value is put in by one operation and is not there at the start, and nobody saw what was not there.
fn is_distinct<M: Model>(model: &M, part: &Part<M::Op>) -> bool {
    let Kind::Register { initial } = model.kind() else { return false };
    let mut put = vec![initial];
    for entry in &part.entries {
        let accesses = model.accesses(&entry.op);
        let [access] = &accesses[..] else { return false };
        if matches!(access, Access::Differs(_)) {
            return false;
        }
        put.extend(access.puts_in());
    }
    let count = put.len();
    put.sort_unstable();
    put.dedup();
    put.len() == count
}

/// The kinds that registers have.
const OF_REGISTERS: [AnomalyKind; 11] = [
    AnomalyKind::ValueFromNowhere,
    AnomalyKind::DirtyRead,
    AnomalyKind::ReadFromTheFuture,
    AnomalyKind::LostUpdate,
    AnomalyKind::LostWrite,
    AnomalyKind::OwnWriteNotRead,
    AnomalyKind::StaleRead,
    AnomalyKind::FlipFlop,
    AnomalyKind::NonMonotonicRead,
    AnomalyKind::OrderDisagreement,
    AnomalyKind::GeneralCycle,
];

/// Looks at a history as one of whatever model.
struct Look<'a>(&'a mut Seen, &'a History);

impl Visitor for Look<'_> {
    type Out = ();

    fn visit<M: Model + Clone + Send + 'static>(self, model: M)
    where
        M::State: Ord,
    {
        self.0.look(&model, self.1);
    }
}

#[test]
fn what_is_named_of_other_objects_is_not_linearizable() {
    let mut all: BTreeMap<AnomalyKind, usize> = BTreeMap::new();
    for model in [
        ModelName::Mutex,
        ModelName::OwnerMutex,
        ModelName::ReentrantMutex,
        ModelName::FencedMutex,
        ModelName::Queue,
        ModelName::Stack,
        ModelName::PriorityQueue,
        ModelName::MaxPriorityQueue,
        ModelName::Bag,
        ModelName::Set,
        ModelName::Counter,
        ModelName::Log,
        ModelName::UniqueIds,
    ] {
        let mut seen = Seen::default();
        for seed in 0..6_000 {
            let mut rng = Rng::new(seed);
            let plan = Plan::small(model, &mut rng);
            let values = if seed % 2 == 0 { 0 } else { plan.values };
            let operations = if seed % 5 == 0 { rng.between(8, 16) } else { plan.operations };
            let history = simulate::simulate(seed, &Plan { values, operations, ..plan });
            let options = ModelOptions {
                initial: history.declared.initial,
                nil_read: NilRead::Value,
                failed_cas: FailedCas::Observe,
            };
            with_any_model(model, &options, &history.values, Look(&mut seen, &history))
                .expect("it can start so");
        }
        let Seen { named, invalid, unnamed, valid, .. } = seen;
        println!(
            "{model:?}: {valid} parts are valid; of {invalid} invalid ones {unnamed} have no name; {named:?}"
        );
        assert!(valid > 300 && invalid > 300, "{model:?}: {valid} valid, {invalid} invalid");
        for (kind, count) in named {
            *all.entry(kind).or_default() += count;
        }
    }
    let mut seen = Seen::default();
    seen.look_at_rare_kinds(&RARE_ELSEWHERE);
    for (kind, count) in seen.named {
        *all.entry(kind).or_default() += count;
    }
    for row in catalog::CATALOG.iter().filter(|row| !row.kind.is_symptom()) {
        let is_found = all.get(&row.kind).is_some_and(|&count| count > 50);
        // What has no other name is told by whoever has the core.
        let is_due = row.kind != AnomalyKind::UnclassifiedCore
            && (!OF_REGISTERS.contains(&row.kind) || row.kind < AnomalyKind::DuplicateElement);
        assert_eq!(is_found, is_due, "{}: {all:?}", row.name);
    }
}

#[test]
fn what_is_named_is_not_linearizable() {
    let mut seen = Seen::default();
    for model in [ModelName::Register, ModelName::CasRegister, ModelName::Kv] {
        for seed in 0..50_000 {
            let mut rng = Rng::new(seed);
            let plan = Plan::small(model, &mut rng);
            // Every other history writes each value once, and some have room for longer stories.
            let values = if seed % 2 == 0 { 0 } else { plan.values };
            let operations = if seed % 5 == 0 { rng.between(8, 16) } else { plan.operations };
            let history = simulate::simulate(seed, &Plan { values, operations, ..plan });
            let failed_cas = if seed % 4 < 2 { FailedCas::Observe } else { FailedCas::Drop };
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
    seen.look_at_rare_kinds(&RARE);
    let Seen { named, invalid, unnamed, valid, distinct } = seen;
    println!(
        "{valid} parts are valid; of {invalid} invalid ones {unnamed} have no name yet; in {distinct} every value is \
         put in once; named: {named:?}"
    );
    for row in catalog::CATALOG.iter().filter(|row| OF_REGISTERS.contains(&row.kind)) {
        assert!(
            named.get(&row.kind).is_some_and(|&count| count > 500),
            "{} is hardly ever found: {named:?}",
            row.name
        );
    }
    assert!(distinct > 100_000, "many histories put each value in once");
    assert!(unnamed * 3 < invalid, "most violations of registers have a name");
}
