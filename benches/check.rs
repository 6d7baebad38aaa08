//! How fast histories are read and decided: `cargo bench --bench check` prints a table. Under `cargo test` each row runs
//! once on a small input, so that none rots.

#![allow(clippy::disallowed_methods, reason = "a bench owns the clock and reads its arguments")]

use std::hint::black_box;
use std::time::Instant;

use seriatim_checker::{Limits, Memory, Options, Stop, Strategy, Verdict, check};
use seriatim_history::format::csv::ColumnMap;
use seriatim_history::{
    FailedCas, Format, History, HistoryBuilder, NilRead, Source, SourceId, ValueId, build::Overrides, format,
};
use seriatim_model::mutex::{Discipline, Mutex};
use seriatim_model::register::Register;
use seriatim_model::{Model, ModelName};
use seriatim_testkit::{Plan, simulate, text};

/// A row of the second table.
struct Row {
    what: &'static str,
    plan: Plan,
    strategy: Option<Strategy>,
}

fn main() {
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let (operations, runs) = if is_bench { (100_000, 5) } else { (500, 1) };
    println!("| reading | bytes | MB/s |\n| --- | --- | --- |");
    let keyed = Plan { keys: 100, crash: 0.01, ..Plan::long(ModelName::CasRegister, operations, 10) };
    let script = simulate::script(1, &keyed);
    for format in [Format::Jsonl, Format::Edn] {
        let text = text::script(format, keyed.model, &script);
        let best = best(runs, || black_box(read(format, &text)));
        println!("| {} | {} | {:.0} |", format.name(), text.len(), text.len() as f64 / best / 1e6);
    }
    println!(
        "\n| deciding | operations | seconds | operations/s | configurations |\n| --- | --- | --- | --- | --- |"
    );
    let long = |model, clients| Plan::long(model, operations, clients);
    let rows = [
        Row {
            what: "blocks: one register, distinct values",
            plan: long(ModelName::Register, 10),
            strategy: None,
        },
        Row { what: "automatic: 100 cas-registers, 1 % crashed", plan: keyed, strategy: None },
        Row {
            what: "search: one cas-register, 5 values, 5 clients",
            plan: Plan { values: 5, ..long(ModelName::CasRegister, 5) },
            strategy: Some(Strategy::Search),
        },
        Row {
            what: "search: one cas-register, 5 values, 20 clients, 2 % crashed",
            plan: Plan { values: 5, crash: 0.02, ..long(ModelName::CasRegister, 20) },
            strategy: Some(Strategy::Search),
        },
        Row { what: "search: one mutex", plan: long(ModelName::Mutex, 5), strategy: Some(Strategy::Search) },
    ];
    for Row { what, plan, strategy } in rows {
        let history = simulate::simulate(1, &plan);
        let initial = history.declared.initial.unwrap_or(ValueId::NIL);
        let cas = plan.model == ModelName::CasRegister;
        let register = Register { initial, nil_read: NilRead::Value, failed_cas: FailedCas::Drop, cas };
        let mutex = Mutex { discipline: Discipline::Anonymous, held: false };
        let mut configurations = 0;
        let best = best(runs, || {
            configurations = match plan.model {
                ModelName::Mutex => decide(&mutex, &history, strategy),
                _ => decide(&register, &history, strategy),
            };
        });
        println!(
            "| {what} | {} | {best:.4} | {:.0} | {configurations} |",
            plan.operations,
            plan.operations as f64 / best
        );
    }
}

/// The shortest of several runs, in seconds.
fn best<T>(runs: usize, mut run: impl FnMut() -> T) -> f64 {
    let time = |_| {
        let started = Instant::now();
        black_box(run());
        started.elapsed().as_secs_f64()
    };
    (0..runs).map(time).fold(f64::INFINITY, f64::min)
}

fn read(format: Format, text: &str) -> History {
    let mut builder = HistoryBuilder::new(format);
    format::read(format, Source { id: SourceId(0), text }, &ColumnMap::default(), &mut builder);
    builder.finish(Overrides::default()).expect("what was simulated is well-formed")
}

/// Decides a history, and says how many configurations were entered.
fn decide<M: Model>(model: &M, history: &History, strategy: Option<Strategy>) -> u64 {
    let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
    let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
    let options = Options { strategy, ..Options::default() };
    let decisions = check(model, history, &limits, options, &()).expect("operations of the model");
    let is_proved = |verdict: &Verdict<_>| matches!(verdict, Verdict::Linearizable(_));
    assert!(decisions.iter().all(|decision| is_proved(&decision.verdict)), "all is well in these histories");
    decisions.iter().map(|decision| decision.configurations).sum()
}
