//! A search that is too hard ends in time, within its memory, and says so; what was decided before is kept.

#![allow(clippy::disallowed_methods, reason = "time is what it is about")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use seriatim_checker::{
    Decision, Limits, Memory, Observer, Options, Stop, StopReason, Strategy, Verdict, check,
};
use seriatim_history::build::EventKind;
use seriatim_history::{History, NilRead, Operation, ValueId, Values};
use seriatim_model::catalog::MODELS;
use seriatim_model::counter::Counter;
use seriatim_model::deque::{Deque, Shape};
use seriatim_model::{
    Accesses, AnyModel, Footprint, Kind, Model, ModelName, ModelOptions, OpError, Visitor, with_any_model,
};
use seriatim_testkit::{Datum, Line, Plan, Script, simulate};

/// Writes a history event by event; each operation by a process of its own.
#[derive(Default)]
struct Pen {
    script: Script,
    next: u32,
}

impl Pen {
    fn line(&mut self, kind: EventKind, key: i64, function: &'static str, value: Datum) {
        let (process, time) = (Some(self.next.into()), self.script.lines.len() as i64);
        let (key, value, result, node) = (Some(key), Some(value), None, None);
        let line = Line { kind, process, function, key, value, result, time, node, operation: self.next };
        self.script.lines.push(line);
    }

    /// An operation that nobody heard of again.
    fn crashed(&mut self, key: i64, function: &'static str, value: i64) {
        self.next += 1;
        self.line(EventKind::Invoke, key, function, Datum::Int(value));
    }

    fn done(&mut self, key: i64, function: &'static str, argument: Datum, answer: Datum) {
        self.next += 1;
        self.line(EventKind::Invoke, key, function, argument);
        self.line(EventKind::Ok, key, function, answer);
    }
}

const HARD: i64 = 0;

/// How many keys are easy: 1, 2, …
const EASY: usize = 5;

/// A counter of which any of 40 powers of two may have been added, and a sum that none of the 2^40 sets of them makes;
/// and a few that are read in order.
fn counters() -> History {
    let mut pen = Pen::default();
    for power in 0..40 {
        pen.crashed(HARD, "add", 2 << power);
    }
    pen.done(HARD, "read", Datum::Nil, Datum::Int(1));
    for key in 1..=EASY as i64 {
        pen.crashed(key, "add", 7);
        pen.done(key, "read", Datum::Nil, Datum::Int(0));
        // The last one is wrong.
        pen.done(key, "read", Datum::Nil, Datum::Int(if key == EASY as i64 { 8 } else { 7 }));
    }
    pen.script.history()
}

/// A queue into which any of 40 elements may have been put, in any order, and out of which came one that stands behind
/// another; 100 clients were at it at once, so that a window has more than 64 slots.
fn queue() -> History {
    let mut pen = Pen::default();
    pen.done(HARD, "enqueue", Datum::Int(-2), Datum::Int(-2));
    pen.done(HARD, "enqueue", Datum::Int(-1), Datum::Int(-1));
    for element in 0..40 {
        pen.crashed(HARD, "enqueue", element);
    }
    let first = pen.next + 1;
    for element in 100..200 {
        pen.crashed(HARD, "enqueue", element);
    }
    for (process, element) in (first..).zip(100..200) {
        pen.next = process;
        pen.line(EventKind::Ok, HARD, "enqueue", Datum::Int(element));
    }
    pen.done(HARD, "dequeue", Datum::Nil, Datum::Int(-1));
    pen.script.history()
}

fn counter() -> AnyModel {
    AnyModel::from(plain_counter())
}

fn plain_counter() -> Counter {
    Counter { initial: 0, nil_read: NilRead::Value }
}

/// What became of the parts, in the order of their first calls.
fn decide(
    model: &AnyModel,
    history: &History,
    limits: &Limits<'_>,
    observer: &dyn Observer,
) -> Vec<Decision> {
    // Some of these have polynomial strategies, which have no budget to keep.
    let options = Options { strategy: Some(Strategy::Search), ..Options::default() };
    check(model, history, limits, options, observer).expect("the model can read it")
}

fn assert_easy_parts_are_decided(decisions: &[Decision]) {
    assert_eq!(decisions.len(), 1 + EASY);
    let (last, good) = decisions[1..].split_last().expect("there are easy parts");
    for decision in good {
        assert!(matches!(decision.verdict, Verdict::Linearizable(_)), "{decision:?}");
    }
    assert!(matches!(last.verdict, Verdict::NotLinearizable(_)), "{last:?}");
}

fn reason(decision: &Decision) -> Option<StopReason> {
    match &decision.verdict {
        Verdict::Unknown(cause) => Some(cause.reason),
        Verdict::Linearizable(_) | Verdict::NotLinearizable(_) => None,
    }
}

/// How long after the request a search ends that is asked to stop.
fn stopped_after(model: &AnyModel, history: &History) -> Duration {
    let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
    let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
    std::thread::scope(|scope| {
        let clock = scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            let asked = Instant::now();
            stop.request(StopReason::Timeout);
            asked
        });
        let decisions = decide(model, history, &limits, &());
        let ended = Instant::now();
        let asked = clock.join().expect("a clock that only sleeps does not panic");
        assert_eq!(reason(&decisions[0]), Some(StopReason::Timeout));
        let Verdict::Unknown(cause) = &decisions[0].verdict else { unreachable!("there is a reason") };
        assert!(cause.reached.configurations > 1000, "it was at work: {cause:?}");
        assert!(cause.reached.returns < cause.reached.of, "it was not done: {cause:?}");
        assert_eq!(cause.reached.indeterminate, 40);
        ended.saturating_duration_since(asked)
    })
}

#[test]
fn a_search_stops_when_it_is_asked_to() {
    let late = Duration::from_millis(100);
    // The machine may be busy elsewhere; a search that does not look often enough is late every time.
    let is_in_time = |measure: &dyn Fn() -> Duration| (0..5).any(|_| measure() <= late);
    assert!(is_in_time(&|| stopped_after(&counter(), &counters())), "the counter's search is late");
    let fifo = AnyModel::from(Deque { shape: Shape::Queue, initial: Default::default() });
    assert!(is_in_time(&|| stopped_after(&fifo, &queue())), "the queue's search is late");
}

#[test]
fn a_run_that_was_stopped_before_it_began_searches_nothing() {
    let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
    stop.request(StopReason::Interrupted);
    stop.request(StopReason::Timeout);
    let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
    for decision in decide(&counter(), &counters(), &limits, &()) {
        assert_eq!(reason(&decision), Some(StopReason::Interrupted), "the first reason stays");
        assert_eq!(decision.configurations, 0);
    }
}

#[test]
fn configurations_are_counted_by_part() {
    // Several threads are granted configurations by the hundred, and may stop before all of theirs are entered.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("threads can be started");
    pool.install(count_configurations);
    let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
    let limits = Limits { configurations: 10_000, stop: &stop, memory: &memory };
    let decisions = decide(&counter(), &counters(), &limits, &());
    assert_eq!(reason(&decisions[0]), Some(StopReason::Configurations));
    assert!((9_000..=10_000).contains(&decisions[0].configurations), "{:?}", decisions[0].configurations);
}

fn count_configurations() {
    let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
    let limits = Limits { configurations: 10_000, stop: &stop, memory: &memory };
    let decisions = decide(&counter(), &counters(), &limits, &());
    assert_eq!(reason(&decisions[0]), Some(StopReason::Configurations));
    assert_eq!(decisions[0].configurations, 10_000, "all that are allowed, and no more");
    assert_eq!(decisions[0].strategy, Strategy::Search);
    assert_easy_parts_are_decided(&decisions);
    // As many as it takes are enough.
    let needed = decisions[1..].iter().map(|decision| decision.configurations).max().unwrap_or_default();
    assert!(needed > 1, "the easy parts are searched: {needed}");
    let enough = Limits { configurations: needed, ..limits };
    assert_easy_parts_are_decided(&decide(&counter(), &counters(), &enough, &()));
    let too_few = Limits { configurations: needed - 1, ..limits };
    let decisions = decide(&counter(), &counters(), &too_few, &());
    assert!(decisions[1..].iter().any(|decision| reason(decision) == Some(StopReason::Configurations)));
}

#[test]
fn memory_runs_out_before_the_machine_does() {
    const BYTES: usize = 4 << 20;
    let (stop, memory) = (Stop::new(), Memory::new(BYTES));
    let limits = Limits { configurations: 10_000_000, stop: &stop, memory: &memory };
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let decide = || decide(&counter(), &counters(), &limits, &());
        let decisions = pool.expect("threads can be started").install(decide);
        assert_eq!(reason(&decisions[0]), Some(StopReason::Memory));
        assert!(decisions[0].configurations > 1000, "a little fits: {:?}", decisions[0].configurations);
        assert_easy_parts_are_decided(&decisions);
        // What a search held it gives back.
        assert!(memory.change(0, BYTES), "something is still charged after a check by {threads} threads");
        memory.change(BYTES, 0);
    }
}

/// Interrupts the run once all easy parts are decided.
struct Impatient<'a> {
    stop: &'a Stop,
    left: Mutex<usize>,
}

impl Observer for Impatient<'_> {
    fn parts(&self, count: usize) {
        assert_eq!(count, 1 + EASY);
    }

    fn decided(&self, _: usize, decision: &Decision) {
        if reason(decision).is_none() {
            let mut left = self.left.lock().expect("counting does not panic");
            *left -= 1;
            if *left == 0 {
                self.stop.request(StopReason::Interrupted);
            }
        }
    }
}

#[test]
fn what_was_decided_before_an_interruption_is_kept() {
    let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
    let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
    let observer = Impatient { stop: &stop, left: Mutex::new(EASY) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("threads can be started");
    let decisions = pool.install(|| decide(&counter(), &counters(), &limits, &observer));
    assert_eq!(reason(&decisions[0]), Some(StopReason::Interrupted));
    assert_easy_parts_are_decided(&decisions);
}

/// Three counters as hard as they come, and a hundred that take `steps` more operations each; with the hard ones in front.
fn three_hard_of_many(steps: i64) -> History {
    let mut pen = Pen::default();
    for key in 0..3 {
        for power in 0..40 {
            pen.crashed(key, "add", 2 << power);
        }
        pen.done(key, "read", Datum::Nil, Datum::Int(1));
    }
    for key in 3..103 {
        // None of the 2^10 sets of these makes the last sum.
        for power in 0..10 {
            pen.crashed(key, "add", 2 << power);
        }
        for _ in 0..steps {
            pen.done(key, "read", Datum::Nil, Datum::Int(0));
        }
        pen.done(key, "read", Datum::Nil, Datum::Int(1));
    }
    pen.script.history()
}

/// Asks to stop once a hundred parts are decided.
struct Content<'a> {
    stop: &'a Stop,
    decided: AtomicUsize,
}

impl Observer for Content<'_> {
    fn decided(&self, _: usize, decision: &Decision) {
        if reason(decision).is_none() && self.decided.fetch_add(1, Ordering::Relaxed) + 1 == 100 {
            self.stop.request(StopReason::Timeout);
        }
    }
}

fn assert_only_hard_parts_are_open(decisions: &[Decision], reasons: &[StopReason]) {
    let (hard, easy) = decisions.split_at(3);
    for decision in easy {
        assert!(matches!(decision.verdict, Verdict::NotLinearizable(_)), "{decision:?}");
    }
    for decision in hard {
        assert!(reason(decision).is_some_and(|reason| reasons.contains(&reason)), "{decision:?}");
    }
}

#[test]
fn hard_parts_do_not_take_the_time_of_easy_ones() {
    // The hard ones are the largest, or the smallest.
    for steps in [0, 50] {
        let history = three_hard_of_many(steps);
        for threads in [1, 2] {
            let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
            let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
            let content = Content { stop: &stop, decided: AtomicUsize::new(0) };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.expect("threads can be started");
            let decisions = std::thread::scope(|scope| {
                let (done, patience) = std::sync::mpsc::channel::<()>();
                let stop = &stop;
                scope.spawn(move || {
                    // Where the hard ones come first nothing else is decided, however long this is.
                    let _ = patience.recv_timeout(Duration::from_secs(20));
                    stop.request(StopReason::Interrupted);
                });
                let decisions = pool.install(|| decide(&counter(), &history, &limits, &content));
                drop(done);
                decisions
            });
            assert_only_hard_parts_are_open(&decisions, &[StopReason::Timeout]);
        }
    }
}

#[test]
fn hard_parts_do_not_take_the_memory_of_easy_ones() {
    const BYTES: usize = 8 << 20;
    for steps in [0, 50] {
        let history = three_hard_of_many(steps);
        for threads in [1, 2, 4] {
            let (stop, memory) = (Stop::new(), Memory::new(BYTES));
            let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let decide = || decide(&counter(), &history, &limits, &());
            let decisions = pool.expect("threads can be started").install(decide);
            assert_only_hard_parts_are_open(&decisions, &[StopReason::Memory]);
            for decision in &decisions[..3] {
                assert!(decision.configurations > 4_000, "a little fits: {decision:?}");
            }
            assert!(memory.change(0, BYTES), "something is still charged after a check by {threads} threads");
        }
    }
}

/// A model that asks to stop at its so-manieth answer, and counts those that it is asked for.
struct Hasty<'a, M> {
    model: M,
    stop: &'a Stop,
    /// At which question about what an operation means to strategies.
    access: usize,
    /// At which step.
    step: usize,
    accesses: AtomicUsize,
    steps: AtomicUsize,
}

impl<M> Hasty<'_, M> {
    fn count(&self, counter: &AtomicUsize, most: usize) {
        if counter.fetch_add(1, Ordering::Relaxed) >= most {
            self.stop.request(StopReason::Timeout);
        }
    }
}

impl<M: Model> Model for Hasty<'_, M> {
    type Op = M::Op;
    type State = M::State;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Self::Op>, OpError> {
        self.model.parse(operation, values)
    }

    fn init(&self) -> Self::State {
        self.model.init()
    }

    fn step(&self, state: &Self::State, op: &Self::Op) -> impl IntoIterator<Item = Self::State> {
        self.count(&self.steps, self.step);
        self.model.step(state, op)
    }

    fn advance(&self, state: &mut Self::State, op: &Self::Op, outcome: usize) -> bool {
        self.count(&self.steps, self.step);
        self.model.advance(state, op, outcome)
    }

    fn observes(&self, op: &Self::Op) -> bool {
        self.model.observes(op)
    }

    fn footprint(&self, op: &Self::Op) -> Footprint {
        self.model.footprint(op)
    }

    fn kind(&self) -> Kind {
        self.model.kind()
    }

    fn accesses(&self, op: &Self::Op) -> Accesses {
        self.count(&self.accesses, self.access);
        self.model.accesses(op)
    }

    fn value_of(&self, state: &Self::State) -> Option<ValueId> {
        self.model.value_of(state)
    }

    fn heap(&self, state: &Self::State) -> usize {
        self.model.heap(state)
    }

    fn show_op(&self, op: &Self::Op, values: &Values) -> String {
        self.model.show_op(op, values)
    }

    fn show_state(&self, state: &Self::State, values: &Values) -> String {
        self.model.show_state(state, values)
    }
}

/// Checks a history with a model that asks to stop in the midst of it.
struct InHaste<'a> {
    history: &'a History,
    name: ModelName,
}

/// So many more operations may be looked at once it was asked to stop: of each thread that is at work, as many as lie
/// between two looks.
const LEEWAY: usize = 10_000;

impl Visitor for InHaste<'_> {
    type Out = ();

    fn visit<M: Model + Clone + Send + 'static>(self, model: M)
    where
        M::State: Ord,
    {
        let hasty = |access: usize, step: usize| {
            let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
            let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
            let count = || AtomicUsize::new(0);
            let model = model.clone();
            let hasty = Hasty { model, stop: &stop, access, step, accesses: count(), steps: count() };
            let decisions = check(&hasty, self.history, &limits, Options::default(), &());
            let decisions = decisions.expect("the model can read it");
            (decisions, hasty.accesses.into_inner(), hasty.steps.into_inner())
        };
        let (decisions, accesses, steps) = hasty(usize::MAX, usize::MAX);
        assert!(decisions.iter().all(|decision| reason(decision).is_none()), "{:?}", self.name);
        for (access, step) in [(accesses / 4, usize::MAX), (usize::MAX, 0), (usize::MAX, steps / 4)] {
            let (decisions, asked, taken) = hasty(access, step);
            let left_off = decisions.iter().any(|decision| reason(decision) == Some(StopReason::Timeout));
            assert!(left_off || access == accesses, "{:?}: nothing was left off", self.name);
            let asked_on = asked.saturating_sub(access);
            assert!(asked_on < LEEWAY, "{:?}: {asked_on} operations were asked about", self.name);
            let went_on = taken.saturating_sub(step);
            assert!(went_on < LEEWAY, "{:?}: {went_on} more steps were taken", self.name);
        }
    }
}

#[test]
fn strategies_and_verifier_stop_when_they_are_asked_to() {
    for name in MODELS.iter().map(|entry| entry.name) {
        let plan = Plan { values: 0, ..Plan::long(name, 40_000, 4) };
        let history = simulate::script(1, &plan).history();
        let rules = ModelOptions::default();
        with_any_model(name, &rules, &history.values, InHaste { history: &history, name })
            .expect("a model can start as it usually does");
    }
}

/// A counter whose steps panic after so many.
struct Brittle {
    counter: Counter,
    steps: AtomicUsize,
}

impl Model for Brittle {
    type Op = <Counter as Model>::Op;
    type State = <Counter as Model>::State;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Self::Op>, OpError> {
        self.counter.parse(operation, values)
    }

    fn init(&self) -> Self::State {
        self.counter.init()
    }

    fn step(&self, state: &Self::State, op: &Self::Op) -> impl IntoIterator<Item = Self::State> {
        assert!(self.steps.fetch_add(1, Ordering::Relaxed) < 3_000, "it breaks");
        self.counter.step(state, op)
    }

    fn show_op(&self, op: &Self::Op, values: &Values) -> String {
        self.counter.show_op(op, values)
    }

    fn show_state(&self, state: &Self::State, values: &Values) -> String {
        self.counter.show_state(state, values)
    }
}

#[test]
fn nobody_waits_for_a_thread_that_panicked() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("threads can be started");
    for _ in 0..20 {
        let model = Brittle { counter: plain_counter(), steps: AtomicUsize::new(0) };
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        let options = Options { strategy: Some(Strategy::Search), alone: 0, ..Options::default() };
        let check = || pool.install(|| check(&model, &counters(), &limits, options, &()));
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check));
        assert!(ended.is_err(), "a panic is not passed over");
    }
}
