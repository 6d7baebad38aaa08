//! A source of identifiers: it never gives the same one twice.
//!
//! An operation of unknown outcome says nothing: nobody got the identifier that it may have used up.

use seriatim_history::{Completion, Operation, ValueId, Values};
use smallvec::smallvec;

use crate::access::{Access, Accesses, Kind};
use crate::error::OpError;
use crate::ids::IdSet;
use crate::model::Model;
use crate::read::{Function, Reader, Row, functions, without};

/// A source of identifiers, none of which is given at the start.
#[derive(Clone, Debug)]
pub struct UniqueIds;

/// Got this identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Got(pub ValueId);

/// Stands for an identifier that nobody else got: nobody is given nil.
const OTHER: ValueId = ValueId::NIL;

const TABLE: [Row<()>; 1] = [without("generate", &["gen", "id", "next", "next-id", "new-id"], ())];

pub(crate) const FUNCTIONS: &[Function] = &functions(&TABLE);

impl Model for UniqueIds {
    type Op = Got;
    type State = IdSet;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Got>, OpError> {
        let of = Reader::new(operation, values);
        of.function(&TABLE)?;
        let Completion::Ok(answer) = operation.completion else { return Ok(None) };
        let expected = "an identifier";
        match of.answer(answer, expected)? {
            ValueId::NIL => Err(of.bad_answer(answer, expected)),
            id => Ok(Some(Got(id))),
        }
    }

    fn init(&self) -> IdSet {
        IdSet::default()
    }

    fn step(&self, state: &IdSet, &Got(id): &Got) -> impl IntoIterator<Item = IdSet> {
        (!state.contains(id)).then(|| state.insert(id))
    }

    fn advance(&self, state: &mut IdSet, &Got(id): &Got, outcome: usize) -> bool {
        outcome == 0 && state.add(id)
    }

    fn kind(&self) -> Kind {
        Kind::UniqueIds
    }

    fn accesses(&self, &Got(id): &Got) -> Accesses {
        smallvec![Access::Unique(id)]
    }

    fn heap(&self, _: &IdSet) -> usize {
        512 // the nodes on the way to one identifier; the others are shared
    }

    fn answers(&self, _: &IdSet, _: &Got) -> Option<Vec<Got>> {
        Some(vec![Got(OTHER)])
    }

    fn needs(&self, &Got(id): &Got, values: &Values) -> Option<String> {
        Some(format!("that nobody got {}", values.show(id)))
    }

    fn show_op(&self, &Got(id): &Got, values: &Values) -> String {
        if id == OTHER {
            return "get one that nobody else got".to_owned();
        }
        format!("get {}", values.show(id))
    }

    fn show_state(&self, state: &IdSet, _: &Values) -> String {
        format!("{} given", state.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        let mut values = Values::new();
        let [a, b] = [1, 2].map(|int| values.int(int));
        let only_a: IdSet = [a].into_iter().collect();
        let step = |op| UniqueIds.step(&only_a, &op).into_iter().collect::<Vec<_>>();
        assert_eq!(step(Got(a)), []);
        assert_eq!(step(Got(b)), [only_a.insert(b)]);
    }
}
