//! What else could have been answered: the answers with which the shortest prefix without a linearization has one.
//!
//! The prefix that a refutation names has an order without the operation that ends it. So the answers that fit into some
//! order are those that could have been given, and what was answered is none of them: that is why there is no order. Each is
//! decided anew, so the cost is that of the prefix for each.

use seriatim_history::OpId;
use seriatim_model::{Entry, Model, Part};

use crate::check::{Options, check_parts};
use crate::limits::Limits;
use crate::verdict::{Refutation, Verdict};

/// For each of some operations whether it could have happened in the place of the one that ends the prefix of a refutation;
/// `None` where it is time to stop, or `goes_on` says so, which is asked before each.
///
/// # Panics
/// If the refutation is not of this part.
pub fn possible<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    refutation: &Refutation,
    instead: &[M::Op],
    limits: &Limits<'_>,
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<bool>>
where
    M::State: Ord,
{
    let mut prefix = until(part, refutation);
    let at = prefix.entries.binary_search_by_key(&refutation.op, |entry| entry.id);
    let at = at.expect("the operation that ends the prefix is in it");
    instead
        .iter()
        .map(|op| {
            if !goes_on() {
                return None;
            }
            prefix.entries[at].op = op.clone();
            let decisions =
                check_parts(model, std::slice::from_ref(&prefix), limits, Options::default(), &());
            match decisions.first().map(|decision| &decision.verdict) {
                Some(Verdict::Linearizable(_)) | None => Some(true),
                Some(Verdict::NotLinearizable(_)) => Some(false),
                Some(Verdict::Unknown(_)) => None,
            }
        })
        .collect()
}

/// The prefix that a refutation names: what is open at its end may happen, as it was answered later, or not.
fn until<Op: Clone>(part: &Part<Op>, refutation: &Refutation) -> Part<Op> {
    let called = part.entries.iter().take_while(|entry| entry.call <= refutation.ret);
    let cut =
        |entry: &Entry<Op>| Entry { ret: entry.ret.filter(|&ret| ret <= refutation.ret), ..entry.clone() };
    Part { key: part.key, touched: part.touched.clone(), entries: called.map(cut).collect() }
}

/// The operations that could still be seen when one was called, the latest first: those that were called before it returned
/// and that no other one surely replaced, each with whether it had returned.
pub fn not_replaced<Op>(part: &Part<Op>, of: OpId, puts: &[usize]) -> Vec<usize> {
    let Ok(at) = part.entries.binary_search_by_key(&of, |entry| entry.id) else { return Vec::new() };
    let (call, ret) = (part.entries[at].call, part.entries[at].ret);
    let is_called = |&&put: &&usize| put != at && ret.is_none_or(|ret| part.entries[put].call < ret);
    let mut called: Vec<usize> = puts.iter().filter(is_called).copied().collect();
    let returned = called.iter().filter(|&&put| part.entries[put].ret.is_some_and(|ret| ret < call));
    let latest = returned.map(|&put| part.entries[put].call).max();
    called.retain(|&put| part.entries[put].ret.is_none_or(|ret| latest.is_none_or(|latest| ret >= latest)));
    called.reverse();
    called
}

#[cfg(test)]
mod tests {
    use seriatim_history::{EventId, FailedCas, NilRead, ValueId};
    use seriatim_model::Keys;
    use seriatim_model::register::{Op, Register};

    use super::*;
    use crate::limits::{Memory, Stop};

    fn register() -> Register {
        let (initial, nil_read) = (ValueId::NIL, NilRead::Value);
        Register { initial, nil_read, failed_cas: FailedCas::Drop, cas: true }
    }

    fn part(ops: &[(Op, u32, Option<u32>)]) -> Part<Op> {
        let entry = |(at, (op, call, ret)): (u32, &(Op, u32, Option<u32>))| {
            let (call, ret) = (EventId(*call), ret.map(EventId));
            Entry { id: OpId(at), op: *op, call, ret }
        };
        Part { key: None, touched: Keys::new(), entries: (0..).zip(ops).map(entry).collect() }
    }

    #[test]
    fn what_is_written_and_what_is_being_written_could_be_read() {
        let value = ValueId::at;
        let all = part(&[
            (Op::Write(value(10)), 0, Some(1)),
            (Op::Write(value(11)), 2, Some(3)),
            (Op::Write(value(12)), 4, Some(9)),
            (Op::Read(value(10)), 5, Some(6)),
            (Op::Write(value(13)), 7, Some(8)),
        ]);
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        let model = register();
        let decisions = check_parts(&model, std::slice::from_ref(&all), &limits, Options::default(), &());
        let [decision] = decisions.try_into().expect("there is one part");
        let Verdict::NotLinearizable(refutation) = decision.verdict else { panic!("10 was overwritten") };
        assert_eq!(refutation.op, OpId(3));
        let candidates = not_replaced(&all, refutation.op, &[0, 1, 2, 4]);
        assert_eq!(candidates, [2, 1]);
        let instead = [10, 11, 12, 13].map(|at| Op::Read(value(at)));
        let possible = possible(&model, &all, &refutation, &instead, &limits, &|| true);
        assert_eq!(possible, Some(vec![false, true, true, false]));
    }
}
