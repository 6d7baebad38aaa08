//! Simulated histories, true and false ones: the oracle, every strategy, the search with and without its reductions,
//! split and whole, in one thread and in several, must all say the same of each.
//!
//! `SERIATIM_CASES` is the number of histories for each model, `SERIATIM_SEED` the first seed. Millions:
//! `SERIATIM_CASES=1000000 cargo test --release --test agreement`.

#![allow(clippy::disallowed_methods, reason = "the environment says how much to test")]

mod judge;
mod run;

use seriatim_history::{FailedCas, NilRead, ValueId};
use seriatim_model::register::Register;
use seriatim_testkit::{Plan, Rng, simulate};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn every_way_to_decide_agrees() {
    let (cases, first) = (number("SERIATIM_CASES", 20_000), number("SERIATIM_SEED", 0));
    let ways = judge::ways();
    for cas in [false, true] {
        let model = Register { initial: ValueId::NIL, nil_read: NilRead::Value, failed_cas: FailedCas::Drop, cas };
        let [bad, several, empty] = run::over(first..first + cases, |seed, pool| {
            let plan = Plan::small(&mut Rng::new(seed));
            let script = simulate::by_name(if cas { "cas-register" } else { "register" }, seed, &plan).expect("simulated");
            match judge::judge(&model, &script.history(), &ways, pool) {
                Ok(agreed) => [agreed.bad.is_some(), agreed.parts > 1, agreed.operations == 0].map(usize::from),
                Err(why) => panic!("seed {seed}, {plan:?}\n{why}\n{script}"),
            }
        });
        println!("cas {cas}: {cases} histories, {bad} invalid, {several} of several parts, {empty} empty");
    }
}
