//! Where a sweep over a register may begin: at the last determined cut.
//!
//! At an instant at which nothing is open and nothing was left that may still change something, whatever was called before comes
//! before all that is called later, in every order. Of the changes before it, those may be the last after which no other was
//! called. Where all of these write one value, that is what is there, whatever the order was.

use seriatim_model::{Access, Entry, Kind, Model};

/// The last determined cut before the call of the operation `last`: the first operation behind it, and a write of what is there.
/// `None` where there is none, or the object is no register.
pub(super) fn start<M: Model>(model: &M, entries: &[Entry<M::Op>], last: usize) -> Option<(usize, usize)> {
    if !matches!(model.kind(), Kind::Register { .. }) {
        return None;
    }
    let mut found = None;
    let mut end = None;
    // The changes that may be the last.
    let mut changes: Vec<usize> = Vec::new();
    for (at, entry) in entries.iter().enumerate().take(last + 1) {
        if end.is_none_or(|end| end < entry.call)
            && let Some(&write) = changes.first()
        {
            let writes = |&at: &usize| match model.accesses(&entries[at].op).as_slice() {
                [Access::Write(value)] => Some(*value),
                _ => None,
            };
            let value = writes(&write);
            if value.is_some() && changes.iter().all(|change| writes(change) == value) {
                found = Some((at, write));
            }
        }
        if model.observes(&entry.op) && entry.ret.is_none() {
            continue;
        }
        // What never returns may happen at any time.
        let Some(ret) = entry.ret else { break };
        end = end.max(Some(ret));
        if !model.observes(&entry.op) {
            changes.retain(|&change| entries[change].ret > Some(entry.call));
            changes.push(at);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use seriatim_history::{EventId, FailedCas, NilRead, OpId, ValueId};
    use seriatim_model::register::{Op, Register};

    use super::*;

    fn begins(ops: &[(Op, u32, Option<u32>)]) -> Option<(usize, usize)> {
        let (nil_read, failed_cas) = (NilRead::Value, FailedCas::Drop);
        let model = Register { initial: ValueId::NIL, nil_read, failed_cas, cas: true };
        let entries: Vec<_> = (0..)
            .zip(ops)
            .map(|(id, &(op, call, ret))| {
                let (call, ret) = (EventId(call), ret.map(EventId));
                Entry { id: OpId(id), op, call, ret }
            })
            .collect();
        start(&model, &entries, ops.len() - 1)
    }

    #[test]
    fn a_sweep_begins_behind_the_last_write_that_all_orders_have_last() {
        let write = |value: u32| Op::Write(ValueId::at(10 + value));
        let read = Op::Read(ValueId::at(10));
        for (ops, expected) in [
            (vec![(read, 0, Some(1))], None),
            (vec![(write(1), 0, Some(1)), (read, 2, Some(3))], Some((1, 0))),
            (vec![(write(1), 0, Some(2)), (read, 1, Some(3))], None),
            (vec![(write(1), 0, Some(1)), (write(2), 2, Some(3)), (read, 4, Some(5))], Some((2, 1))),
            // Either may be the last.
            (vec![(write(1), 0, Some(2)), (write(2), 1, Some(3)), (read, 4, Some(5))], None),
            (vec![(write(1), 0, Some(2)), (write(1), 1, Some(3)), (read, 4, Some(5))], Some((2, 0))),
            (vec![(write(1), 0, Some(3)), (write(2), 1, Some(2)), (write(3), 4, Some(5))], None),
            // What it puts in, it may put in after the other.
            (
                vec![
                    (write(1), 0, Some(1)),
                    (Op::Cas(ValueId::at(11), ValueId::at(12)), 2, Some(3)),
                    (read, 4, Some(5)),
                ],
                Some((1, 0)),
            ),
            // What is open, and what never returns.
            (vec![(write(1), 0, Some(1)), (write(2), 2, None), (read, 3, Some(4))], Some((1, 0))),
            (vec![(write(2), 0, None), (write(1), 1, Some(2)), (read, 3, Some(4))], None),
            (vec![(read, 0, None), (write(1), 1, Some(2)), (read, 3, Some(4))], Some((2, 1))),
            (vec![(read, 0, Some(5)), (write(1), 1, Some(2)), (read, 3, Some(4))], None),
        ] {
            assert_eq!(begins(&ops), expected, "{ops:?}");
        }
    }
}
