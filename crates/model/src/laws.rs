//! What every model must keep to, on random operations of random shapes.

mod replay;

use rustc_hash::FxHashSet;
use seriatim_history::build::{Actor, Event, EventKind, HistoryBuilder, Overrides};
use seriatim_history::{Completion, FailedCas, Format, History, NilRead, SourceId, Span, ValueId, Values};

use self::replay::Replay;
use crate::access::{Access, Kind};
use crate::catalog::{Entry, MODELS, ModelOptions, Visitor, any, with_any_model};
use crate::model::{Footprint, Model};

/// A linear congruential generator (Knuth's MMIX constants).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// Values of every shape that some function takes or answers.
fn pool(values: &mut Values) -> Vec<ValueId> {
    let ints: Vec<_> = (-1..3).map(|int| values.int(int)).collect();
    let texts: Vec<_> = ["", "a", "b", "ab", "r", "w", "token"].map(|text| values.text(text)).into();
    let mut all = vec![ValueId::NIL, ValueId::FALSE, ValueId::TRUE];
    all.extend(ints.iter().chain(&texts[..4]));
    for &a in &ints[1..] {
        all.push(values.list([a]));
        all.push(values.set(vec![a, ints[1]]));
        all.push(values.map(vec![(texts[6], a)]));
        all.extend([ints[1], ints[2]].map(|b| values.list([a, b])));
        for (function, register) in [(4, 1), (5, 1), (4, 2), (5, 2)] {
            let micro = values.list([texts[function], texts[register], a]);
            all.push(values.list([micro]));
            let read = values.list([texts[4], texts[1], ints[1]]);
            all.push(values.list([micro, read]));
        }
    }
    all.push(values.list([]));
    all.push(values.number("1.5").expect("a number"));
    all
}

/// Operations of a model's functions, most of which make sense.
fn history(entry: &Entry, random: &mut Random) -> History {
    let mut builder = HistoryBuilder::new(Format::Jsonl);
    let pool = pool(&mut builder.values);
    let span = Span::new(SourceId(0), 0, 0);
    for round in 0..1_500 {
        let function = random.of(entry.functions);
        let name = random.of(&[&[function.name], function.aliases].concat());
        let function = builder.values.text(name);
        let argument = random.of(&pool);
        let answer = if random.below(2) == 0 { argument } else { random.of(&pool) };
        let actor = Actor::Client(builder.values.int(round % 3));
        let result = random.of(&[None, None, Some(ValueId::FALSE), Some(ValueId::TRUE), Some(answer)]);
        let kind = random.of(&[EventKind::Ok, EventKind::Ok, EventKind::Ok, EventKind::Fail]);
        let with = |kind, value, result| Event {
            function: Some(function),
            value: Some(value),
            result,
            ..Event::new(kind, actor, span)
        };
        builder.event(with(EventKind::Invoke, argument, None));
        let kind = if random.below(5) == 0 { EventKind::Info } else { kind };
        builder.event(with(kind, answer, result));
    }
    builder.finish(Overrides::default()).expect("well-formed")
}

struct Laws<'a> {
    entry: &'a Entry,
    history: &'a History,
    random: &'a mut Random,
}

impl Visitor for Laws<'_> {
    type Out = ();

    fn visit<M: Model + Clone + Send + 'static>(self, model: M)
    where
        M::State: Ord,
    {
        let Self { entry, history, random } = self;
        let (name, values) = (entry.word, &history.values);
        let mut ops = Vec::new();
        // What was asked, by the place of the operation in `ops`, for those of known outcome.
        let mut asked = Vec::new();
        let mut parsed = FxHashSet::default();
        for operation in &history.operations {
            match model.parse(operation, values) {
                Ok(Some(op)) => {
                    let function = history.function(operation);
                    let function = entry.functions.iter().position(|known| known.is(function));
                    parsed.extend(function);
                    if !ops.contains(&op) {
                        let takes = function.is_some_and(|function| entry.functions[function].takes_argument);
                        let argument = operation.argument.filter(|_| takes);
                        let is_known = matches!(operation.completion, Completion::Ok(_));
                        asked.push(is_known.then_some((function, argument, operation.process)));
                        ops.push(op);
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    let unknown = matches!(error, crate::OpError::UnknownFunction { .. });
                    assert!(!unknown, "{name}: {error}");
                    assert!(error.diagnostic(operation).span.is_some(), "{name}: {error}");
                }
            }
        }
        assert_eq!(parsed.len(), entry.functions.len(), "{name}: a function was never understood");

        let step = |state: &M::State, op: &M::Op| model.step(state, op).into_iter().collect::<Vec<_>>();
        let mut state = model.init();
        let mut replay = Replay::new(model.kind());
        let mut moved = 0;
        for _ in 0..4_000 {
            if random.below(40) == 0 {
                state = model.init();
                replay = Replay::new(model.kind());
            }
            let op = &ops[random.below(ops.len())];
            let shown =
                format!("{name}: {} in {}", model.show_op(op, values), model.show_state(&state, values));
            let next = step(&state, op);
            assert!(next == step(&state.clone(), op), "{shown}: not the same again");
            for outcome in 0..next.len() + 2 {
                let mut advanced = state.clone();
                let is_allowed = model.advance(&mut advanced, op, outcome);
                assert_eq!(is_allowed, outcome < next.len(), "{shown}: the replay's outcome {outcome}");
                assert!(!is_allowed || advanced == next[outcome], "{shown}: the replay's outcome {outcome}");
            }
            let mut different = next.clone();
            different.sort();
            different.dedup();
            assert_eq!(different.len(), next.len(), "{shown}: an outcome twice");
            if model.observes(op) {
                assert!(next.iter().all(|next| *next == state), "{shown}: an observer that changes");
            }
            match &mut replay {
                None => accesses_agree(&model, &state, op, &next, &shown),
                Some(replay) => {
                    let accesses = model.accesses(op);
                    let [access] = accesses.as_slice() else { panic!("{shown}: {accesses:?}") };
                    let after = replay.after(access);
                    assert_eq!(next.len(), usize::from(after.is_some()), "{shown}: {access:?} of {replay:?}");
                    *replay = after.unwrap_or_else(|| replay.clone());
                }
            }
            answers_are_all(&model, &state, &ops, &asked, random.below(ops.len()), &shown);
            let other = &ops[random.below(ops.len())];
            if let (Footprint::Keys(a), Footprint::Keys(b)) = (model.footprint(op), model.footprint(other))
                && !a.iter().any(|key| b.contains(key))
            {
                let both = |first: &M::Op, second: &M::Op| {
                    let after: Vec<_> =
                        step(&state, first).iter().flat_map(|mid| step(mid, second)).collect();
                    FxHashSet::from_iter(after)
                };
                assert!(both(op, other) == both(other, op), "{shown}: apart, but in the way of another");
            }
            if !next.is_empty() {
                let mut chosen = state.clone();
                assert!(model.advance(&mut chosen, op, random.below(next.len())), "{shown}: no outcome");
                moved += usize::from(chosen != state);
                state = chosen;
            }
        }
        assert!(moved > 50, "{name}: stays where it is");
    }
}

/// What could be answered can happen, and whatever can happen could be answered.
fn answers_are_all<M: Model, A: PartialEq>(
    model: &M,
    state: &M::State,
    ops: &[M::Op],
    asked: &[Option<A>],
    of: usize,
    shown: &str,
) {
    let is_allowed = |op: &M::Op| model.step(state, op).into_iter().next().is_some();
    // Whoever is told nothing asked for nothing, and what is invented stands for all that is.
    let is_like = |op: &M::Op, listed: &[M::Op]| {
        listed.contains(op)
            || match model.accesses(op).as_slice() {
                [Access::Acquire(owner, Some(_))] => listed
                    .iter()
                    .any(|other| model.accesses(other).as_slice() == [Access::Acquire(*owner, None)]),
                [Access::Unique(_)] => {
                    matches!(listed, [other] if model.accesses(other).as_slice() == [Access::Unique(ValueId::NIL)])
                }
                [Access::Add(_) | Access::Remove(_) | Access::Append(_)] => true,
                _ => false,
            }
    };
    let tells = |op: &M::Op| {
        !matches!(model.accesses(op).as_slice(), [Access::Add(_) | Access::Remove(_) | Access::Append(_)])
    };
    let Some(question) = asked[of].as_ref() else { return };
    let Some(listed) = model.answers(state, &ops[of]) else { return };
    assert!(listed.iter().all(is_allowed), "{shown}: an answer that contradicts the state");
    for (other, question_of) in ops.iter().zip(asked) {
        if question_of.as_ref() == Some(question) && is_allowed(other) && tells(&ops[of]) {
            assert!(is_like(other, &listed), "{shown}: an answer is missing");
        }
    }
}

/// What an operation claims to have seen and done is what it does.
fn accesses_agree<M: Model>(model: &M, state: &M::State, op: &M::Op, next: &[M::State], shown: &str) {
    let accesses = model.accesses(op);
    let [access] = accesses.as_slice() else {
        assert!(accesses.is_empty(), "{shown}: no register or set does two things");
        return;
    };
    let held = model.value_of(state);
    let after: Vec<_> = next.iter().map(|next| model.value_of(next)).collect();
    let expected = |happens: bool, value| if happens { vec![value] } else { Vec::new() };
    match (model.kind(), access) {
        (Kind::Register { initial }, access) => {
            assert_eq!(model.value_of(&model.init()), Some(initial), "{shown}");
            let expected = match *access {
                Access::Read(value) => expected(held == Some(value), held),
                Access::Write(value) => expected(true, Some(value)),
                Access::Swap(from, to) => expected(held == Some(from), Some(to)),
                Access::Differs(from) => expected(held != Some(from), held),
                ref other => panic!("{shown}: {other:?} of a register"),
            };
            assert_eq!(after, expected, "{shown}");
        }
        (Kind::UniqueIds, Access::Unique(_)) => {
            for next in next {
                assert_eq!(model.step(next, op).into_iter().count(), 0, "{shown}: given twice");
            }
        }
        (Kind::Queue | Kind::Stack | Kind::Bag, Access::Put(_))
        | (Kind::PriorityQueue, Access::PutRanked(..)) => {
            assert!(next.len() == 1 && next[0] != *state, "{shown}: a put always puts in");
        }
        (Kind::Queue | Kind::Stack | Kind::Bag | Kind::PriorityQueue, access) => match access {
            Access::Take(_) => assert!(next.len() <= 1, "{shown}: one value in several ways"),
            Access::TakeAny => {
                let is_empty = *state == model.init();
                assert_eq!(next.is_empty(), is_empty, "{shown}: any value can be taken");
            }
            Access::Empty => assert_eq!(next.len(), usize::from(*state == model.init()), "{shown}"),
            Access::Peek(_) => assert!(model.observes(op), "{shown}"),
            other => panic!("{shown}: {other:?} of a container"),
        },
        (kind, access) => panic!("{shown}: {access:?} of {kind:?}"),
    }
}

#[test]
fn every_model_keeps_the_laws() {
    let mut random = Random(20_261_123);
    for entry in MODELS {
        for round in 0..4 {
            let history = history(entry, &mut random);
            let options = ModelOptions {
                initial: None,
                nil_read: if round % 2 == 0 { NilRead::Value } else { NilRead::Wildcard },
                failed_cas: if round < 2 { FailedCas::Drop } else { FailedCas::Observe },
            };
            let laws = Laws { entry, history: &history, random: &mut random };
            any(entry.name, &options, &history.values).expect("starts").visit_own(laws);
        }
    }
}

/// All that a model says of operations and of the states that they lead to, as text.
struct Said<'a> {
    history: &'a History,
    random: Random,
}

impl Visitor for Said<'_> {
    type Out = Vec<String>;

    fn visit<M: Model + Clone + Send + 'static>(mut self, model: M) -> Vec<String>
    where
        M::State: Ord,
    {
        let values = &self.history.values;
        let parsed: Vec<_> = self.history.operations.iter().map(|of| model.parse(of, values)).collect();
        let ops: Vec<M::Op> = parsed.iter().filter_map(|op| op.clone().ok().flatten()).collect();
        let mut said: Vec<String> = parsed
            .into_iter()
            .map(|op| op.map_or_else(|error| error.to_string(), |op| op.is_some().to_string()))
            .collect();
        said.push(format!("{:?}", model.kind()));
        let mut state = model.init();
        for _ in 0..1_500 {
            let op = &ops[self.random.below(ops.len())];
            let answers = model.answers(&state, op);
            let answers =
                answers.map(|all| all.iter().map(|op| model.show_op(op, values)).collect::<Vec<_>>());
            let started = model
                .started(&state, &mut values.clone())
                .map(|(model, value)| (model.show_state(&model.init(), values), value));
            let next: Vec<M::State> = model.step(&state, op).into_iter().collect();
            let outcome = self.random.below(3);
            let mut advanced = state.clone();
            let is_allowed = model.advance(&mut advanced, op, outcome);
            said.push(format!(
                "{} {} {:?} {:?} {:?} {} {:?} {:?} {} {answers:?} {started:?} {:?} {is_allowed} {}",
                model.show_op(op, values),
                model.show_state(&state, values),
                model.accesses(op),
                model.unit(op),
                model.footprint(op),
                model.observes(op),
                model.text_access(op),
                model.value_of(&state),
                model.heap(&state),
                next.iter().map(|state| model.show_state(state, values)).collect::<Vec<_>>(),
                model.show_state(&advanced, values),
            ));
            said.extend(model.needs(op, values));
            if is_allowed {
                state = advanced;
            }
        }
        said
    }
}

#[test]
fn any_model_hands_every_question_on() {
    let mut random = Random(20_261_126);
    for entry in MODELS {
        let history = history(entry, &mut random);
        let seed = random.0;
        let said = || Said { history: &history, random: Random(seed) };
        let options = ModelOptions::default();
        let own = any(entry.name, &options, &history.values).expect("starts").visit_own(said());
        let any = with_any_model(entry.name, &options, &history.values, said()).expect("starts");
        assert_eq!(own, any, "{}", entry.word);
    }
}
