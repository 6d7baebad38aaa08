//! Linearizability by definition (Herlihy & Wing 1990, §2.2): all orders are tried, with no memory and no cleverness,
//! so that there is nothing to get wrong. For parts of up to about nine operations.

use rustc_hash::FxHashSet;
use seriatim_history::{EventId, OpId};
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

/// What the object remembers once some operations have taken effect, those of them that need not have.
pub type Configurations<State> = FxHashSet<(State, Vec<OpId>)>;

/// All that can be the case just before the return `cut`, of operation `of`, in some order of all that had returned before
/// that, together with any of those that were open, `of` left out.
pub fn frontier<M: Model>(model: &M, part: &Part<M::Op>, cut: EventId, of: OpId) -> Configurations<M::State> {
    let all = tasks(part, cut).filter(|task| task.id != of).collect::<Vec<_>>();
    let mut found = FxHashSet::default();
    each_order(model, &all, None, &mut vec![false; all.len()], &model.init(), &mut |done, state, _| {
        let taken = all.iter().zip(done).filter(|(task, done)| **done && task.ret.is_none());
        found.insert((state.clone(), taken.map(|(task, _)| task.id).collect()));
    });
    found
}

/// What could be answered to operation `of`, which returns at `cut` and was asked as `asked` is, in some order of all that
/// had returned before that, together with any of those that were open.
pub fn answers<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    cut: EventId,
    of: OpId,
    asked: &M::Op,
) -> FxHashSet<M::Op> {
    let all = tasks(part, cut).collect::<Vec<_>>();
    let last = all.iter().position(|task| task.id == of).expect("it is called before it returns");
    let mut found = FxHashSet::default();
    let wild = Wild { last, asked };
    each_order(
        model,
        &all,
        Some(&wild),
        &mut vec![false; all.len()],
        &model.init(),
        &mut |done, _, answer| {
            if done[last] {
                found.extend(answer.cloned());
            }
        },
    );
    found
}

/// Whether some order has all operations that had returned before `cut`, together with `with`, which was called before, and
/// any of those that were open.
pub fn comes_to<M: Model>(model: &M, part: &Part<M::Op>, cut: EventId, with: OpId) -> bool {
    let all: Vec<_> = tasks(part, cut)
        .map(|task| if task.id == with { Task { ret: Some(cut), ..task } } else { task })
        .collect();
    all.iter().any(|task| task.id == with)
        && can_continue(model, &all, &mut vec![false; all.len()], &model.init())
}

/// What was called before a return; only what had returned before that, too, has to happen.
fn tasks<Op>(part: &Part<Op>, cut: EventId) -> impl Iterator<Item = Task<'_, Op>> {
    let called = part.entries.iter().filter(move |entry| entry.call < cut);
    called.map(move |entry| Task {
        id: entry.id,
        op: &entry.op,
        call: entry.call,
        ret: entry.ret.filter(|&ret| ret < cut),
    })
}

/// An operation whose answer is not told, and one that was asked the same.
struct Wild<'a, Op> {
    last: usize,
    asked: &'a Op,
}

/// Is told what has happened, the state, and what the wild operation was answered.
type Tell<'a, M> = dyn FnMut(&[bool], &<M as Model>::State, Option<&<M as Model>::Op>) + 'a;

/// Tells of each way to have all that must happen: what has, the state, and what the wild one was answered.
fn each_order<M: Model>(
    model: &M,
    tasks: &[Task<'_, M::Op>],
    wild: Option<&Wild<'_, M::Op>>,
    done: &mut Vec<bool>,
    state: &M::State,
    tell: &mut Tell<'_, M>,
) {
    each_order_from(model, tasks, wild, done, state, None, tell);
}

fn each_order_from<M: Model>(
    model: &M,
    tasks: &[Task<'_, M::Op>],
    wild: Option<&Wild<'_, M::Op>>,
    done: &mut Vec<bool>,
    state: &M::State,
    answer: Option<&M::Op>,
    tell: &mut Tell<'_, M>,
) {
    if tasks.iter().zip(&*done).all(|(task, &done)| done || task.ret.is_none()) {
        tell(done, state, answer);
    }
    for next in 0..tasks.len() {
        if done[next] || !comes_next(tasks, done, next) {
            continue;
        }
        let wild_here = wild.filter(|wild| wild.last == next);
        let ops: Vec<M::Op> = match wild_here {
            None => vec![tasks[next].op.clone()],
            Some(wild) => model.answers(state, wild.asked).unwrap_or_default(),
        };
        done[next] = true;
        for op in &ops {
            let answer = if wild_here.is_some() { Some(op) } else { answer };
            for state in model.step(state, op) {
                each_order_from(model, tasks, wild, done, &state, answer, tell);
            }
        }
        done[next] = false;
    }
}

/// Whether nothing that is left out had returned when an operation was called.
fn comes_next<Op>(tasks: &[Task<'_, Op>], done: &[bool], next: usize) -> bool {
    let comes_first =
        |(task, &done): (&Task<'_, Op>, &bool)| !done && task.ret.is_some_and(|ret| ret < tasks[next].call);
    !tasks.iter().zip(done).any(comes_first)
}

/// One operation of a prefix.
struct Task<'a, Op> {
    id: OpId,
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
            id: entry.id,
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
        if done[next] || !comes_next(tasks, done, next) {
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
    use seriatim_history::{FailedCas, NilRead, ValueId};
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
