//! Linearizability by definition (Herlihy & Wing 1990, §2.2): all orders are tried, with no memory and no cleverness,
//! so that there is nothing to get wrong. For parts of up to about nine operations.

use seriatim_history::EventId;
use seriatim_model::{Model, Part};

/// Whether some order of the operations, those of unknown outcome taken or left, is one that the object allows and in
/// which nothing stands before what had returned when it was called.
pub fn is_linearizable<M: Model>(model: &M, part: &Part<M::Op>) -> bool {
    can_finish(model, part, None)
}

/// The earliest return such that no order contains every operation that had returned by then, together with any of
/// those that were called by then. `None` where the part is linearizable.
pub fn shortest_bad_prefix<M: Model>(model: &M, part: &Part<M::Op>) -> Option<EventId> {
    let mut returns: Vec<EventId> = part.entries.iter().filter_map(|entry| entry.ret).collect();
    returns.sort_unstable();
    returns.into_iter().find(|&ret| !can_finish(model, part, Some(ret)))
}

/// One operation of a prefix.
struct Task<'a, Op> {
    op: &'a Op,
    call: EventId,
    /// `None` where it need not happen.
    ret: Option<EventId>,
}

/// Whether the prefix that ends with the return `cut`, or the whole, has a linearization.
fn can_finish<M: Model>(model: &M, part: &Part<M::Op>, cut: Option<EventId>) -> bool {
    let tasks: Vec<_> = part
        .entries
        .iter()
        .filter(|entry| cut.is_none_or(|cut| entry.call < cut))
        .map(|entry| Task {
            op: &entry.op,
            call: entry.call,
            ret: entry.ret.filter(|&ret| cut.is_none_or(|cut| ret <= cut)),
        })
        .collect();
    can_continue(model, &tasks, &mut vec![false; tasks.len()], &model.init())
}

fn can_continue<M: Model>(
    model: &M,
    tasks: &[Task<'_, M::Op>],
    done: &mut Vec<bool>,
    state: &M::State,
) -> bool {
    if tasks.iter().zip(&*done).all(|(task, &done)| done || task.ret.is_none()) {
        return true;
    }
    for next in 0..tasks.len() {
        let comes_first = |(task, &done): (&Task<'_, M::Op>, &bool)| {
            !done && task.ret.is_some_and(|ret| ret < tasks[next].call)
        };
        if done[next] || tasks.iter().zip(&*done).any(comes_first) {
            continue;
        }
        done[next] = true;
        for state in model.step(state, tasks[next].op) {
            if can_continue(model, tasks, done, &state) {
                return true;
            }
        }
        done[next] = false;
    }
    false
}

#[cfg(test)]
mod tests {
    use seriatim_history::{FailedCas, NilRead, OpId, ValueId};
    use seriatim_model::register::{Op, Register};
    use seriatim_model::{Entry, Keys};

    use super::*;

    fn register() -> Register {
        Register { initial: ValueId::NIL, nil_read: NilRead::Value, failed_cas: FailedCas::Drop, cas: true }
    }

    fn part(ops: &[(Op, u32, Option<u32>)]) -> Part<Op> {
        let entry = |(id, &(op, call, ret)): (u32, &(Op, u32, Option<u32>))| Entry {
            id: OpId(id),
            op,
            call: EventId(call),
            ret: ret.map(EventId),
        };
        Part { key: None, touched: Keys::new(), entries: (0..).zip(ops).map(entry).collect() }
    }

    /// The histories of Herlihy & Wing 1990 in spirit: what may be seen depends on what overlaps.
    #[test]
    fn real_time_counts() {
        let (write, read) = (Op::Write(ValueId::TRUE), Op::Read(ValueId::TRUE));
        let old = Op::Read(ValueId::NIL);
        for (ops, bad) in [
            (vec![(write, 0, Some(1)), (read, 2, Some(3))], None),
            (vec![(write, 0, Some(1)), (old, 2, Some(3))], Some(3)),
            (vec![(write, 0, Some(3)), (old, 1, Some(2))], None),
            (vec![(write, 0, Some(5)), (read, 1, Some(2)), (old, 3, Some(4))], Some(4)),
            (vec![(write, 0, None), (read, 1, Some(2)), (old, 3, Some(4))], Some(4)),
            (vec![(write, 0, None), (old, 1, Some(2)), (read, 3, Some(4))], None),
            (vec![(write, 0, None)], None),
            // The write is called too late for the first read, though the read overlaps what comes later.
            (vec![(read, 0, Some(1)), (write, 2, Some(3))], Some(1)),
            (vec![(read, 0, Some(2)), (write, 1, Some(3))], None),
            (vec![], None),
        ] {
            let part = part(&ops);
            assert_eq!(shortest_bad_prefix(&register(), &part), bad.map(EventId), "{ops:?}");
            assert_eq!(is_linearizable(&register(), &part), bad.is_none(), "{ops:?}");
        }
    }
}
