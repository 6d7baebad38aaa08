//! A model of one's own: shelves in a warehouse. `put` places an item on a shelf, `take` gets any item of a shelf.
//!
//! Run it with `cargo run --example custom_model`; `cargo test --examples` runs what it asserts.

use seriatim_checker::{Decision, Limits, Memory, Options, Stop, Verdict, check};
use seriatim_history::format::{Format, csv::ColumnMap, read};
use seriatim_history::{
    Completion, History, HistoryBuilder, Operation, Source, SourceId, ValueId, Values, build::Overrides,
};
use seriatim_model::{Footprint, Model, OpError};
use smallvec::smallvec;

/// Shelves that are all empty at first.
struct Warehouse;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Op {
    /// An item on a shelf.
    Put(ValueId, ValueId),
    /// From a shelf, this item; any item where nobody knows which.
    Take(ValueId, Option<ValueId>),
}

impl Model for Warehouse {
    type Op = Op;
    /// What lies where, sorted.
    type State = Vec<(ValueId, ValueId)>;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Op>, OpError> {
        let function = values.as_text(operation.function).unwrap_or_default();
        let argument = operation.argument.unwrap_or(ValueId::NIL);
        let wrong = |expected| OpError::Argument {
            function: function.to_owned(),
            expected,
            found: values.show(argument),
        };
        let op = match function {
            "put" => match values.as_list(argument) {
                Some(&[shelf, item]) => Op::Put(shelf, item),
                _ => return Err(wrong("a pair `[shelf item]`")),
            },
            "take" => match operation.completion {
                Completion::Ok(answer) => Op::Take(argument, answer.value),
                Completion::Fail(_) | Completion::Unknown => Op::Take(argument, None),
            },
            _ => {
                return Err(OpError::UnknownFunction {
                    function: function.to_owned(),
                    known: vec!["put", "take"],
                });
            }
        };
        // What failed did not happen.
        Ok((!matches!(operation.completion, Completion::Fail(_))).then_some(op))
    }

    fn init(&self) -> Self::State {
        Vec::new()
    }

    fn step(&self, state: &Self::State, op: &Op) -> impl IntoIterator<Item = Self::State> {
        match *op {
            Op::Put(shelf, item) => {
                let mut next = state.clone();
                next.insert(next.partition_point(|&lying| lying < (shelf, item)), (shelf, item));
                vec![next]
            }
            Op::Take(shelf, item) => {
                let fits =
                    |&(on, lying): &(ValueId, ValueId)| on == shelf && item.is_none_or(|item| item == lying);
                let places = (0..state.len())
                    .filter(|&at| fits(&state[at]) && (at == 0 || state[at - 1] != state[at]));
                places.map(|at| [&state[..at], &state[at + 1..]].concat()).collect()
            }
        }
    }

    /// Shelves are independent: each is checked by itself.
    fn footprint(&self, op: &Op) -> Footprint {
        let (Op::Put(shelf, _) | Op::Take(shelf, _)) = *op;
        Footprint::Keys(smallvec![shelf])
    }

    fn show_op(&self, op: &Op, values: &Values) -> String {
        match *op {
            Op::Put(shelf, item) => format!("put {} on {}", values.show(item), values.show(shelf)),
            Op::Take(shelf, Some(item)) => format!("take {} from {}", values.show(item), values.show(shelf)),
            Op::Take(shelf, None) => format!("take something from {}", values.show(shelf)),
        }
    }

    fn show_state(&self, state: &Self::State, values: &Values) -> String {
        let lying =
            state.iter().map(|&(shelf, item)| format!("{} on {}", values.show(item), values.show(shelf)));
        lying.collect::<Vec<_>>().join(", ")
    }
}

const RECORDED: &str = r#"
{"process":0,"type":"invoke","f":"put","value":["a","nut"]}
{"process":1,"type":"invoke","f":"take","value":"a"}
{"process":0,"type":"ok","f":"put","value":["a","nut"]}
{"process":1,"type":"ok","f":"take","value":"nut"}
{"process":0,"type":"invoke","f":"put","value":["b","bolt"]}
{"process":0,"type":"ok","f":"put","value":["b","bolt"]}
{"process":1,"type":"invoke","f":"take","value":"b"}
{"process":1,"type":"ok","f":"take","value":"screw"}
"#;

fn history(text: &str) -> History {
    let mut builder = HistoryBuilder::new(Format::Jsonl);
    read(Format::Jsonl, Source { id: SourceId(0), text }, &ColumnMap::default(), &mut builder);
    builder.finish(Overrides::default()).expect("a well-formed history")
}

fn decide(history: &History) -> Vec<Decision> {
    let (stop, memory) = (Stop::new(), Memory::new(1 << 30));
    let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
    check(&Warehouse, history, &limits, Options::default(), &()).expect("operations of a warehouse")
}

fn main() {
    let history = history(RECORDED);
    for decision in decide(&history) {
        let shelves: Vec<_> = decision.touched.iter().map(|&shelf| history.values.show(shelf)).collect();
        let answer = match decision.verdict {
            Verdict::Linearizable(_) => "linearizable".to_owned(),
            Verdict::NotLinearizable(refutation) => {
                format!(
                    "not linearizable: see line {}",
                    1 + RECORDED[..history.operation(refutation.op).call.span.start as usize]
                        .matches('\n')
                        .count()
                )
            }
            Verdict::Unknown(cause) => format!("unknown: {:?}", cause.reason),
        };
        println!("shelf {}: {answer}", shelves.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shelf_is_decided_by_itself() {
        let decisions = decide(&history(RECORDED));
        assert_eq!(decisions.len(), 2);
        assert!(matches!(decisions[0].verdict, Verdict::Linearizable(_)));
        assert!(matches!(decisions[1].verdict, Verdict::NotLinearizable(_)));
    }

    #[test]
    fn a_take_of_unknown_outcome_may_have_taken_any_item() {
        let text = RECORDED.replace("screw", "bolt").lines().take(7).collect::<Vec<_>>().join("\n");
        assert!(
            decide(&history(&text))
                .iter()
                .all(|decision| matches!(decision.verdict, Verdict::Linearizable(_)))
        );
    }
}
