//! What shows that there is no linearization, and what may not be left out without showing nothing.

use std::sync::Arc;

use seriatim_history::{EventId, FailedCas, NilRead, OpId, ValueId, Values};

use super::*;
use crate::bag::{self, Bag};
use crate::counter::{self, Counter};
use crate::deque::{self, Deque, End, Shape};
use crate::ids::IdSet;
use crate::log::{self, Log};
use crate::model::Keys;
use crate::mutex::{self, Discipline, Mutex};
use crate::priority_queue::{self, Element, PriorityQueue};
use crate::register::{self, Register};
use crate::semaphore::{self, Semaphore};
use crate::sequence::Sequence;
use crate::set::{self, Set};
use crate::unique_ids::{Got, UniqueIds};

/// Operations with their calls and returns.
type Timed<Op> = [(Op, u32, Option<u32>)];

fn part<Op: Clone>(ops: &Timed<Op>) -> Part<Op> {
    let entry = |(id, (op, call, ret)): (u32, &(Op, u32, Option<u32>))| Entry {
        id: OpId(id),
        op: op.clone(),
        call: EventId(*call),
        ret: ret.map(EventId),
    };
    Part { key: None, touched: Keys::new(), entries: (0..).zip(ops).map(entry).collect() }
}

/// What comes of naming some of these operations.
fn named<M: Model>(model: &M, ops: &Timed<M::Op>, kept: &[u32]) -> Result<(), NotShown> {
    verify(model, &part(ops), &Conflict { ops: kept.iter().map(|&id| OpId(id)).collect() })
}

/// Operations one after the other.
fn in_turn<Op: Clone>(ops: &[Op]) -> Vec<(Op, u32, Option<u32>)> {
    (0..).zip(ops).map(|(at, op)| (op.clone(), 2 * at, Some(2 * at + 1))).collect()
}

/// Of operations one after the other, those in the first list show that they have no linearization, and those in the
/// second, which are fewer, do not.
fn check<M: Model>(model: &M, ops: &[M::Op], shows: &[&[u32]], does_not: &[&[u32]]) {
    let ops = in_turn(ops);
    for kept in shows {
        assert_eq!(named(model, &ops, kept), Ok(()), "{kept:?}");
    }
    for kept in does_not {
        assert_eq!(named(model, &ops, kept), Err(NotShown::Possible), "{kept:?}");
    }
}

fn ints<const N: usize>() -> [ValueId; N] {
    let mut values = Values::new();
    std::array::from_fn(|at| values.int(at as i128))
}

fn register(initial: ValueId) -> Register {
    Register { initial, nil_read: NilRead::Value, failed_cas: FailedCas::Observe, cas: true }
}

#[test]
fn registers() {
    use register::Op::{Cas, CasRefused, Read, Write};
    let [zero, one, two, three] = ints();
    let model = register(zero);
    // What makes the read a stale one cannot be left out. The write that it saw can: it was over by then.
    let stale = [Write(one), Write(two), Read(two), Read(one)];
    check(&model, &stale, &[&[0, 1, 3], &[0, 2, 3], &[1, 3], &[0, 1, 2, 3]], &[&[0, 3], &[3], &[]]);
    // A write that may have come in between cannot.
    let wide = [
        (Write(one), 0, Some(9)),
        (Write(two), 1, Some(2)),
        (Read(one), 3, Some(4)),
        (Read(two), 5, Some(6)),
        (Read(one), 7, Some(8)),
    ];
    assert_eq!(named(&model, &wide, &[1, 2, 4]), Err(NotShown::Possible));
    assert_eq!(named(&model, &wide, &[3, 4]), Err(NotShown::Possible));
    assert_eq!(named(&model, &wide, &[2, 3]), Ok(()));
    assert_eq!(named(&model, &wide, &[0, 1, 3, 4]), Err(NotShown::Possible));
    assert_eq!(named(&model, &wide, &[0, 1, 2, 3]), Ok(()));
    // The initial value needs no write.
    check(&model, &[Write(one), Read(zero)], &[&[0, 1]], &[&[1]]);
    // Whoever else put it in may have done so in between.
    let again =
        [(Write(one), 0, Some(1)), (Write(two), 2, Some(3)), (Write(one), 4, None), (Read(one), 5, Some(6))];
    assert_eq!(named(&model, &again, &[0, 1, 3]), Err(NotShown::Possible));
    let late =
        [(Write(one), 0, Some(1)), (Write(two), 2, Some(3)), (Read(one), 4, Some(5)), (Write(one), 6, None)];
    assert_eq!(named(&model, &late, &[0, 1, 2]), Ok(()));
    // Nor may whoever was called after one that is kept had returned have come in before that one.
    let later = [Write(one), Write(two), Read(one), Write(one), Write(three)];
    check(&model, &later, &[&[0, 1, 2, 4], &[1, 2, 4]], &[&[0, 1, 4]]);
    // Read before it was written, and never written.
    check(&model, &[Read(one), Write(one)], &[&[0], &[0, 1]], &[&[1]]);
    // Behind a long chain of compare-and-sets, of which one is enough.
    let chain = [Write(one), Cas(one, two), Cas(two, three), Cas(three, zero), Read(one)];
    check(&model, &chain, &[&[0, 1, 4], &[0, 2, 4], &[0, 3, 4], &[1, 4]], &[&[0, 4]]);
    // Two took the place of one value.
    check(&model, &[Write(one), Cas(one, two), Cas(one, three)], &[&[0, 1, 2], &[1, 2]], &[&[0, 2]]);
    // Whoever saw a difference needs one: no write may be left out that made it.
    check(&model, &[Write(one), CasRefused(zero)], &[], &[&[1]]);
    check(&model, &[Write(one), Write(zero), CasRefused(zero)], &[&[1, 2], &[0, 1, 2]], &[&[2], &[0, 2]]);
}

#[test]
fn sets() {
    let [one, two, three] = ints();
    let model = Set { initial: IdSet::default(), nil_read: NilRead::Value };
    let read = |all: &[ValueId]| {
        let mut all = all.to_vec();
        all.sort_unstable();
        set::Op::Read(all.into())
    };
    use set::Op::{Add, AddAnswered, Contains, Remove, RemoveAnswered};
    // Reads that contradict each other need no adds.
    check(
        &model,
        &[Add(one), Add(two), read(&[one]), read(&[two])],
        &[&[2, 3], &[0, 3], &[1, 2]],
        &[&[2], &[0, 1]],
    );
    // A remove that was left out may have come in between.
    check(
        &model,
        &[Add(one), Add(three), Remove(one), read(&[three]), read(&[two])],
        &[&[4], &[1, 4]],
        &[&[0, 3]],
    );
    check(&model, &[Add(one), read(&[one, two])], &[&[1]], &[&[0]]);
    let added = AddAnswered(one, true);
    check(&model, &[added.clone(), added.clone()], &[&[0, 1]], &[&[0], &[1]]);
    check(&model, &[added.clone(), RemoveAnswered(one, true), added.clone()], &[], &[&[0, 2]]);
    check(&model, &[Add(one), Contains(one, false)], &[&[0, 1]], &[&[1]]);
    check(&model, &[set::Op::ReadTwice(one)], &[&[0]], &[]);
}

#[test]
fn locks() {
    use mutex::Op::{Acquire, AcquireRefused, Release, ReleaseRefused};
    let [a, b] = ints();
    let lock = |discipline| Mutex { discipline, held: false };
    let anonymous = lock(Discipline::Anonymous);
    let (get, give) = (Acquire(ValueId::NIL, None), Release(ValueId::NIL));
    check(&anonymous, &[get, get], &[&[0, 1]], &[&[0], &[1]]);
    check(&anonymous, &[get, give, get], &[], &[&[0, 2], &[0, 1, 2]]);
    check(&anonymous, &[give, AcquireRefused(ValueId::NIL)], &[&[0], &[1]], &[]);
    let owned = lock(Discipline::Owner);
    check(&owned, &[Acquire(a, None), Acquire(b, None)], &[&[0, 1]], &[&[0], &[1]]);
    check(
        &owned,
        &[Acquire(a, None), Release(a), Acquire(b, None), Release(a)],
        &[&[2, 3], &[1, 3]],
        &[&[0, 2], &[3]],
    );
    check(&owned, &[Acquire(a, None), Release(b)], &[&[1]], &[&[0]]);
    check(&owned, &[Acquire(a, None), ReleaseRefused(a)], &[&[0, 1]], &[&[1]]);
    check(&owned, &[AcquireRefused(b)], &[&[0]], &[]);
    let reentrant = lock(Discipline::Reentrant);
    let twice = [Acquire(a, None), Acquire(a, None), Release(a), Acquire(b, None)];
    // Twice acquired and once released, whoever of these is kept.
    check(&reentrant, &twice, &[&[0, 1, 2, 3], &[0, 3], &[0, 2, 3], &[1, 2, 3]], &[&[0], &[3]]);
    check(&reentrant, &[Acquire(a, None), AcquireRefused(a)], &[&[1]], &[&[0]]);
    let fenced = lock(Discipline::Fenced);
    let tokens = [Acquire(a, Some(7)), Release(a), Acquire(b, Some(7))];
    check(&fenced, &tokens, &[&[0, 2], &[0, 1, 2]], &[&[0], &[1, 2]]);
}

#[test]
fn how_often_an_owner_holds_a_lock() {
    use mutex::Op::{Acquire, AcquireRefused, Release, ReleaseRefused};
    let [a, b] = ints();
    let model = Mutex { discipline: Discipline::Reentrant, held: false };
    let get = Acquire(a, None);
    // Released more often than acquired.
    check(
        &model,
        &[get, get, Release(a), Release(a), Release(a)],
        &[&[3, 4], &[0, 4]],
        &[&[4], &[3], &[2, 3]],
    );
    // Once more acquired than released, for the owner itself and for another, of whom nothing else is kept.
    check(&model, &[get, get, Release(a), ReleaseRefused(a)], &[&[0, 3], &[2, 3]], &[&[3], &[0, 2]]);
    check(&model, &[get, get, Release(a), AcquireRefused(b), Acquire(b, None)], &[&[3, 4]], &[&[4], &[3]]);
    check(&model, &[get, get, Release(a), Release(a), Acquire(b, None)], &[], &[&[0, 4], &[3, 4]]);
    // Nor can anybody else have it then.
    let never = [get, Release(a), Release(a), Acquire(b, None), Release(b)];
    check(&model, &never, &[&[3, 4]], &[&[3], &[4]]);
    // What is released only then comes too late.
    let then = [get, get, Release(a), Acquire(b, None), Release(a), ReleaseRefused(a)];
    check(&model, &then, &[&[0, 3, 5]], &[&[0, 5]]);
    // It is held sixteen times over and more, and then once less often.
    let many = [vec![get; 17], vec![Release(a); 17], vec![Acquire(b, None)]].concat();
    check(&model, &many, &[], &[&[0, 34], &[16, 17], &[17, 33], &[33, 34]]);
    let many = [vec![get; 18], vec![Release(a); 17], vec![Acquire(b, None)]].concat();
    check(&model, &many, &[&[0, 35], &[34, 35]], &[&[17, 18], &[18, 34]]);
    // What may have been released in time, returned or not, and what may have been acquired in time.
    let with = |release: (mutex::Op, u32, Option<u32>)| {
        [(get, 0, Some(1)), (get, 2, Some(3)), (Release(a), 4, Some(5)), release]
    };
    for (release, shows) in [((6, None), false), ((6, Some(20)), false), ((9, Some(20)), false)]
        .into_iter()
        .chain([((11, Some(20)), true), ((11, None), true)])
    {
        let mut ops = with((Release(a), release.0, release.1)).to_vec();
        ops.push((Acquire(b, None), 8, Some(10)));
        ops.sort_by_key(|&(_, call, _)| call);
        let last = (0..).zip(&ops).find(|(_, op)| op.0 == Acquire(b, None)).map_or(0, |(at, _)| at);
        let expected = if shows { Ok(()) } else { Err(NotShown::Possible) };
        assert_eq!(named(&model, &ops, &[0, last]), expected, "{release:?}");
    }
    let late = [
        (get, 0, Some(1)),
        (Release(a), 2, Some(3)),
        (get, 4, None),
        (Release(a), 5, Some(6)),
        (get, 7, None),
        (Release(a), 8, Some(9)),
        (Release(a), 10, Some(11)),
    ];
    assert_eq!(named(&model, &late[..6], &[3, 5]), Err(NotShown::Possible));
    assert_eq!(named(&model, &late, &[3, 6]), Ok(()));
    assert_eq!(named(&model, &late, &[5, 6]), Ok(()));
}

#[test]
fn changes_to_and_fro() {
    use mutex::Op::{Acquire, Release};
    let model = |held| Mutex { discipline: Discipline::Anonymous, held };
    let (get, give) = (Acquire(ValueId::NIL, None), Release(ValueId::NIL));
    let possible = Err(NotShown::Possible);
    // Three got hold of it, and one let go of it.
    let three = [(get, 0, Some(20)), (get, 1, Some(3)), (get, 2, Some(21)), (give, 10, Some(22))];
    for kept in [[0, 2], [0, 3], [1, 2]] {
        let expected = if kept == [1, 2] { possible.clone() } else { Ok(()) };
        assert_eq!(named(&model(false), &three, &kept), expected, "{kept:?}");
    }
    // One alone names no window; where one of them returns behind it, it need not be in it; nor does the window reach
    // beyond its ends where there are more.
    assert_eq!(named(&model(false), &three, &[0]), possible);
    assert_eq!(named(&model(false), &three, &[0, 1]), possible);
    assert_eq!(named(&model(false), &three, &[0, 1, 3]), possible);
    // Another one who may have let go of it, and whose outcome is unknown; or comes too late.
    let with = |more: (mutex::Op, u32, Option<u32>)| [&three[..], &[more]].concat();
    assert_eq!(named(&model(false), &with((give, 11, None)), &[0, 2]), possible);
    assert_eq!(named(&model(false), &with((give, 19, Some(30))), &[0, 2]), possible);
    assert_eq!(named(&model(false), &with((give, 23, Some(30))), &[0, 2]), Ok(()));
    assert_eq!(named(&model(false), &with((give, 23, None)), &[0, 2]), Ok(()));
    // Held at the start, one more has to let go of it. Whoever acquires it without an answer need not have done so.
    let two = [(get, 0, Some(20)), (get, 1, Some(21)), (give, 10, Some(22))];
    assert_eq!(named(&model(true), &two, &[0, 1]), Ok(()));
    assert_eq!(named(&model(false), &two, &[0, 1]), possible);
    let open = [(get, 0, Some(20)), (get, 1, Some(21)), (get, 2, None), (give, 10, Some(22))];
    assert_eq!(named(&model(false), &open, &[0, 1]), possible);
}

#[test]
fn changes_to_and_fro_where_a_window_starts() {
    use mutex::Op::{Acquire, Release, ReleaseRefused};
    let model = |held| Mutex { discipline: Discipline::Anonymous, held };
    let (get, give) = (Acquire(ValueId::NIL, None), Release(ValueId::NIL));
    let possible = Err(NotShown::Possible);
    // Free at the start, it would have to be acquired twice to be released twice.
    let released =
        |at: u32| [(give, at, Some(at + 10)), (give, at + 1, Some(at + 11)), (get, at + 2, Some(at + 12))];
    assert_eq!(named(&model(false), &released(0), &[0, 2]), Ok(()));
    assert_eq!(named(&model(true), &released(0), &[0, 2]), possible);
    // Whoever came before may have changed that, but not if it only saw something.
    let before = |ops: &[(mutex::Op, u32, Option<u32>)]| [ops, &released(10)].concat();
    let seen = before(&[(ReleaseRefused(ValueId::NIL), 0, Some(1))]);
    assert_eq!(named(&model(false), &seen, &[1, 3]), Ok(()));
    let acquired = before(&[(get, 0, Some(1))]);
    assert_eq!(named(&model(false), &acquired, &[1, 3]), possible);
    let both = before(&[(get, 0, Some(1)), (give, 2, Some(3))]);
    assert_eq!(named(&model(false), &both, &[2, 4]), possible);
    assert_eq!(named(&model(false), &both, &[0, 4]), Ok(()));
    assert_eq!(named(&model(false), &both, &[1, 4]), Ok(()), "held or free, it is too much");
    // Whoever returns before a window is not in it, and whoever returns in it may be.
    let gets = [(get, 3, Some(10)), (get, 5, Some(11)), (get, 6, Some(12)), (give, 7, Some(13))];
    let after = |ret| [&[(give, 0, Some(ret))], &gets[..]].concat();
    assert_eq!(named(&model(true), &after(4), &[1, 3]), possible);
    assert_eq!(named(&model(true), &after(2), &[1, 3]), Ok(()));
    assert_eq!(named(&model(true), &[&[(give, 0, None)], &gets[..]].concat(), &[1, 3]), possible);
    // It is in nobody's way that what was called before the window returns in it.
    let earlier = [(get, 0, Some(20)), (get, 1, Some(10)), (get, 2, Some(21)), (give, 3, Some(22))];
    assert_eq!(named(&model(false), &earlier, &[1, 2]), possible);
}

#[test]
fn changes_to_and_fro_that_are_seen() {
    use mutex::Op::{Acquire, AcquireRefused, Release, ReleaseRefused};
    let model = Mutex { discipline: Discipline::Anonymous, held: false };
    let (get, give) = (Acquire(ValueId::NIL, None), Release(ValueId::NIL));
    let (held, free) = (AcquireRefused(ValueId::NIL), ReleaseRefused(ValueId::NIL));
    let possible = Err(NotShown::Possible);
    let with =
        |seen: &[(mutex::Op, u32, Option<u32>)]| [&[(get, 0, Some(40)), (give, 1, Some(41))], seen].concat();
    // Held, free and held again: acquired twice.
    let again = with(&[(held, 2, Some(3)), (free, 4, Some(5)), (held, 6, Some(7))]);
    assert_eq!(named(&model, &again, &[0, 4]), Ok(()));
    assert_eq!(named(&model, &again, &[0, 3]), Ok(()), "the window ends with that of the first");
    assert_eq!(named(&model, &again, &[2, 4]), possible);
    let more = with(&[
        (held, 2, Some(3)),
        (free, 4, Some(5)),
        (held, 6, Some(7)),
        (free, 8, Some(9)),
        (held, 10, Some(11)),
    ]);
    assert_eq!(named(&model, &more, &[2, 6]), Ok(()));
    assert_eq!(named(&model, &more, &[2, 5]), Ok(()));
    assert_eq!(named(&model, &more, &[3, 5]), possible);
    // What was seen while it changed may have been before or after.
    let meanwhile = with(&[(held, 2, Some(3)), (free, 4, Some(7)), (held, 5, Some(6))]);
    assert_eq!(named(&model, &meanwhile, &[0, 4]), possible);
    let earlier = with(&[(free, 2, Some(9)), (held, 3, Some(4)), (held, 10, Some(11))]);
    assert_eq!(named(&model, &earlier, &[0, 4]), possible);
    // Whoever saw something and did not return says nothing.
    let open = with(&[(held, 2, Some(3)), (free, 4, None), (held, 6, Some(7))]);
    assert_eq!(named(&model, &open, &[0, 4]), possible);
}

#[test]
fn changes_to_and_fro_of_elements() {
    use set::Op::{Add, AddAnswered, Contains, Remove, RemoveAnswered};
    let [one, two] = ints();
    let model = Set { initial: IdSet::default(), nil_read: NilRead::Value };
    let possible = Err(NotShown::Possible);
    let added = |call: u32| (AddAnswered(one, true), call, Some(call + 20));
    let three = |more: &[(set::Op, u32, Option<u32>)]| [&[added(0), added(1), added(2)], more].concat();
    // A remove that is told nothing may be one of two, as may one that is told; one of another element is not.
    let remove = (Remove(one), 3, Some(23));
    assert_eq!(named(&model, &three(std::slice::from_ref(&remove)), &[0, 2]), Ok(()));
    assert_eq!(named(&model, &three(&[remove.clone(), (Remove(one), 4, None)]), &[0, 2]), possible);
    let answered = (RemoveAnswered(one, true), 4, Some(24));
    assert_eq!(named(&model, &three(&[remove.clone(), answered]), &[0, 2]), possible);
    assert_eq!(named(&model, &three(&[remove.clone(), (Remove(two), 4, Some(24))]), &[0, 2]), Ok(()));
    assert_eq!(
        named(&model, &three(&[remove.clone(), (RemoveAnswered(one, false), 4, Some(24))]), &[0, 2]),
        Ok(())
    );
    // An add that is told nothing need not be a change, and may be one.
    let told_nothing = [added(0), added(1), (Add(one), 2, Some(22)), remove];
    assert_eq!(named(&model, &told_nothing, &[0, 2]), possible);
    let takes_no_turn = [added(0), (Add(one), 1, Some(9)), (Contains(one, true), 2, Some(3))];
    assert_eq!(named(&model, &takes_no_turn, &[0, 2]), possible);
    // But it leaves the element there, as a remove leaves it absent.
    let wide = [
        (AddAnswered(one, true), 0, Some(30)),
        (Remove(one), 1, Some(2)),
        (Contains(one, true), 3, Some(4)),
        (Remove(one), 5, Some(6)),
        (Contains(one, true), 7, Some(8)),
    ];
    assert_eq!(named(&model, &wide, &[0, 4]), Ok(()));
    let helped = [&[wide[0].clone(), (Add(one), 0, Some(9))], &wide[1..]].concat();
    assert_eq!(named(&model, &helped, &[0, 5]), possible);
    // Reads of the whole say of each element whether it is there; of which one, those say who name it.
    let read = |all: &[ValueId]| set::Op::Read(all.into());
    let reads = |[first, second, third]: [&[ValueId]; 3]| {
        [
            (AddAnswered(two, true), 0, Some(30)),
            (AddAnswered(one, true), 1, Some(31)),
            (RemoveAnswered(one, true), 2, Some(32)),
            (read(first), 3, Some(4)),
            (read(second), 5, Some(6)),
            (read(third), 7, Some(8)),
        ]
    };
    let twice = reads([&[one], &[], &[one]]);
    assert_eq!(named(&model, &twice, &[1, 5]), Ok(()));
    assert_eq!(named(&model, &twice, &[0, 5]), possible);
    assert_eq!(named(&model, &twice, &[3, 5]), possible);
    assert_eq!(named(&model, &reads([&[one], &[], &[two]]), &[1, 5]), possible);
    assert_eq!(named(&model, &reads([&[], &[], &[one]]), &[1, 5]), possible);
}

#[test]
fn sums() {
    use counter::Op::{Add, AddAndGet, Read};
    let model = Counter { initial: 0, nil_read: NilRead::Value };
    let grows = [Add(1), Add(1), Read(1), Read(5)];
    // Whoever saw too little or too much shows it alone, for all amounts count.
    check(&model, &grows, &[&[2], &[3]], &[&[0, 1]]);
    // Going back needs somebody who takes away.
    let back = [(Add(1), 0, Some(9)), (Add(2), 1, Some(10)), (Read(3), 2, Some(3)), (Read(1), 4, Some(5))];
    assert_eq!(named(&model, &back, &[2, 3]), Ok(()));
    let taken = [&back[..3], &[(Add(-2), 4, None), (Read(1), 5, Some(6))]].concat();
    assert_eq!(named(&model, &taken, &[2, 4]), Err(NotShown::Possible));
    // Two were told the same sum, and one cannot have been added twice between two reads.
    check(&model, &[AddAndGet(1, 1), AddAndGet(1, 1)], &[&[0, 1], &[1]], &[&[0]]);
    let more = [(Add(1), 0, Some(1)), (Read(1), 2, Some(3)), (Add(1), 4, Some(9)), (Read(3), 5, Some(6))];
    assert_eq!(named(&model, &more, &[1, 3]), Ok(()));
    // What must have been added in between was.
    let fewer = [
        (Add(1), 0, Some(20)),
        (Read(0), 1, Some(2)),
        (Add(1), 3, Some(4)),
        (Add(1), 5, Some(6)),
        (Read(1), 7, Some(8)),
    ];
    assert_eq!(named(&model, &fewer, &[4]), Ok(()));
    assert_eq!(named(&model, &fewer[..4], &[1]), Err(NotShown::Possible));
    // Sums that cannot be told from each other show nothing, and there is no panic.
    let huge = [Add(i128::MAX), Add(i128::MAX), Read(i128::MIN)];
    assert_eq!(named(&model, &in_turn(&huge), &[2]), Err(NotShown::Possible));
}

#[test]
fn logs() {
    use log::Op::{Append, AppendAt};
    let [one, two, three] = ints();
    let model = Log { initial: Sequence::default(), nil_read: NilRead::Value };
    let read = |all: &[ValueId]| log::Op::Read(all.into());
    let torn = [
        (Append(one), 0, Some(20)),
        (Append(two), 1, Some(21)),
        (read(&[one]), 2, Some(3)),
        (read(&[two, one]), 4, Some(5)),
        (read(&[]), 6, Some(7)),
    ];
    assert_eq!(named(&model, &torn, &[2, 3]), Ok(()));
    assert_eq!(named(&model, &torn, &[2, 4]), Ok(()));
    assert_eq!(named(&model, &torn, &[3]), Err(NotShown::Possible));
    // Missed, never appended, appended once and read twice, and in another order.
    check(&model, &[Append(one), Append(two), read(&[two])], &[&[0, 2], &[2]], &[&[1]]);
    check(&model, &[Append(one), read(&[three])], &[&[1]], &[&[0]]);
    check(&model, &[Append(one), Append(two), read(&[one, one])], &[&[2]], &[&[0, 1]]);
    check(&model, &[Append(one), Append(two), read(&[two, one])], &[&[0, 1, 2]], &[&[2], &[0, 2], &[1, 2]]);
    // A place is taken once, and what stands there is read there.
    check(&model, &[AppendAt(one, 0), AppendAt(two, 0)], &[&[0, 1], &[1]], &[&[0]]);
    let placed =
        [(AppendAt(one, 1), 0, Some(10)), (Append(two), 1, Some(11)), (read(&[one, two]), 2, Some(12))];
    assert_eq!(named(&model, &placed, &[0, 2]), Ok(()));
    assert_eq!(named(&model, &placed, &[1, 2]), Err(NotShown::Possible));
}

#[test]
fn queues_and_stacks() {
    let [one, two] = ints();
    let deque = |shape| Deque { shape, initial: Sequence::default() };
    let put = |value| deque::Op::Push(End::Back, value);
    let (front, back) = (|value| deque::Op::Pop(End::Front, value), |value| deque::Op::Pop(End::Back, value));
    let queue = deque(Shape::Queue);
    // A value cannot lose one of its puts, and a take that was left out may be what made room.
    let overtaken = [put(one), put(two), front(two), front(one)];
    check(&queue, &overtaken, &[&[0, 1, 2, 3], &[0, 1, 2]], &[&[1, 2, 3], &[0, 2, 3], &[0, 3]]);
    let open =
        [(put(one), 0, Some(1)), (put(two), 2, Some(3)), (front(one), 4, Some(9)), (front(two), 5, Some(6))];
    assert_eq!(named(&queue, &open, &[0, 1, 3]), Err(NotShown::Possible));
    check(&queue, &[put(one), put(two), front(two)], &[&[0, 1, 2]], &[&[0, 2], &[1, 2]]);
    check(&queue, &[put(one), front(one), front(one)], &[&[0, 1, 2]], &[&[1, 2], &[0, 2]]);
    check(&queue, &[front(one), put(one)], &[&[0], &[0, 1]], &[&[1]]);
    check(&queue, &[put(one), deque::Op::Empty], &[&[0, 1]], &[&[1]]);
    check(&queue, &[put(one), front(one), deque::Op::Empty], &[], &[&[0, 2], &[0, 1, 2]]);
    check(&queue, &[put(one), put(one), front(one), front(one)], &[], &[&[0, 2, 3], &[1, 3]]);
    // Somebody took nobody knows what, in time or too late.
    let any = deque::Op::PopUnknown(End::Front);
    let late =
        |call| [(put(one), 0, Some(1)), (put(two), 2, Some(3)), (any, call, None), (front(two), 5, Some(6))];
    assert_eq!(named(&queue, &late(4), &[0, 1, 3]), Err(NotShown::Possible));
    assert_eq!(named(&queue, &late(4), &[0, 1, 2, 3]), Err(NotShown::Possible));
    let mut late = late(7);
    late.swap(2, 3);
    assert_eq!(named(&queue, &late, &[0, 1, 2]), Ok(()));
    // One such take takes one value only.
    let both =
        [(put(one), 0, Some(1)), (put(two), 2, Some(3)), (any, 4, None), (deque::Op::Empty, 5, Some(6))];
    assert_eq!(named(&queue, &both, &[0, 1, 2, 3]), Ok(()));
    assert_eq!(named(&queue, &both, &[0, 1, 3]), Err(NotShown::Possible));
    let stack = deque(Shape::Stack);
    check(&stack, &[put(one), put(two), back(one), back(two)], &[&[0, 1, 2, 3], &[0, 1, 2]], &[&[0, 2, 3]]);
    check(&stack, &[put(one), put(two), back(one)], &[&[0, 1, 2]], &[&[0, 2]]);
    check(&stack, &[put(one), put(two), deque::Op::Peek(End::Back, one)], &[&[0, 1, 2]], &[&[0, 2]]);
    check(&stack, &[put(one), put(two), back(two), back(one)], &[], &[&[0, 1, 3], &[0, 1, 2, 3]]);
}

#[test]
fn bags_and_priority_queues() {
    let [one, two] = ints();
    let bag = Bag { initial: Arc::new([]) };
    use bag::Op::{Put, Take, TakeUnknown};
    check(&bag, &[Put(one), bag::Op::Empty], &[&[0, 1]], &[&[1]]);
    check(&bag, &[Put(one), Put(two), Take(two), bag::Op::Empty], &[&[0, 3]], &[&[1, 3], &[2, 3]]);
    check(&bag, &[Put(one), Take(one), Take(one)], &[&[0, 1, 2]], &[&[1, 2]]);
    let crashed = [(Put(one), 0, Some(1)), (TakeUnknown, 2, None), (bag::Op::Empty, 3, Some(4))];
    assert_eq!(named(&bag, &crashed, &[0, 2]), Err(NotShown::Possible));
    let model = PriorityQueue { greatest_first: false, initial: Arc::new([]) };
    let of = |priority: i128, value| Element { priority, value };
    use priority_queue::Op::{Delete, Insert};
    let (low, high) = (of(1, one), of(2, two));
    check(&model, &[Insert(low), Insert(high), Delete(high)], &[&[0, 1, 2]], &[&[0, 2], &[1, 2]]);
    check(&model, &[Insert(high), Insert(low), Delete(low), Delete(high)], &[], &[&[0, 1, 3], &[0, 1, 2, 3]]);
    check(&model, &[Insert(low), priority_queue::Op::Empty], &[&[0, 1]], &[&[1]]);
}

#[test]
fn identifiers_and_models_without_a_kind() {
    let [one, two] = ints();
    check(&UniqueIds, &[Got(one), Got(two), Got(one)], &[&[0, 2], &[0, 1, 2]], &[&[0, 1], &[2]]);
    use semaphore::Op::{Acquire, Release};
    let model = Semaphore { initial: 1 };
    // Nothing may be left out that changes the state before the last of these is done; what comes then may.
    check(&model, &[Acquire(1), Acquire(1), Release(1)], &[&[0, 1], &[0, 1, 2]], &[&[0], &[1], &[1, 2]]);
    check(
        &model,
        &[Acquire(1), Release(1), Acquire(1), Acquire(1)],
        &[&[0, 1, 2, 3]],
        &[&[0, 2, 3], &[2, 3]],
    );
    // What returns later than that may be left, too.
    let open = [
        (Acquire(1), 0, Some(1)),
        (Acquire(1), 2, Some(9)),
        (Acquire(1), 3, Some(4)),
        (Release(1), 5, Some(6)),
    ];
    assert_eq!(named(&model, &open, &[0, 2]), Err(NotShown::Possible));
    assert_eq!(named(&model, &open, &[0, 1, 2]), Ok(()));
}

#[test]
fn what_is_named_wrongly_is_refused() {
    use register::Op::{Read, Write};
    let [zero, one] = ints();
    let model = register(zero);
    let ops = in_turn(&[Write(one), Read(zero)]);
    assert_eq!(named(&model, &ops, &[0, 1]), Ok(()));
    assert_eq!(named(&model, &ops, &[1, 0]), Err(NotShown::OutOfOrder(OpId(0))));
    assert_eq!(named(&model, &ops, &[0, 1, 1]), Err(NotShown::OutOfOrder(OpId(1))));
    assert_eq!(named(&model, &ops, &[0, 1, 2]), Err(NotShown::Foreign(OpId(2))));
    let many: Vec<u32> = (0..13).collect();
    assert_eq!(named(&model, &in_turn(&[Write(one); 13]), &many), Err(NotShown::TooMany(13)));
    // What did not return need not have happened.
    let open = [(Write(one), 0, Some(1)), (Read(zero), 2, None)];
    assert_eq!(named(&model, &open, &[0, 1]), Err(NotShown::Possible));
    // Twelve values in any order are more situations than are looked at.
    let queue = Deque { shape: Shape::Queue, initial: Sequence::default() };
    let wide: [ValueId; 12] = ints();
    let put = |(at, &value): (u32, &ValueId)| (deque::Op::Push(End::Back, value), at, Some(100 + at));
    let wide: Vec<_> = (0..)
        .zip(&wide[..11])
        .map(put)
        .chain([(deque::Op::Pop(End::Front, wide[11]), 50, Some(99))])
        .collect();
    assert_eq!(named(&queue, &wide, &(0..12).collect::<Vec<_>>()), Err(NotShown::TooHard));
}

#[test]
fn what_was_left_off_shows_nothing() {
    use register::Op::{Read, Write};
    let [zero, one] = ints();
    let model = register(zero);
    let part = part(&in_turn(&[Write(one), Read(zero)]));
    let conflict = Conflict { ops: vec![OpId(0), OpId(1)] };
    assert_eq!(verify_while(&model, &part, &conflict, &|| true), Ok(()));
    assert_eq!(verify_while(&model, &part, &conflict, &|| false), Err(NotShown::LeftOff));
    // Whoever was told to leave off once does not go on.
    let is_first = Cell::new(true);
    let goes_on = || !is_first.replace(false);
    assert_eq!(verify_while(&model, &part, &conflict, &goes_on), Err(NotShown::LeftOff));
}
