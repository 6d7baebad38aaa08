use rustc_hash::FxHashMap;
use seriatim_model::Part;
use seriatim_testkit::Rng;

use super::*;
use crate::small::{self, Did, INITIAL, Raw, Shape};

mod large;

/// What the guarantees of sessions say, by definition; of what happened.
fn breaks(guarantee: Guarantee, all: &[Raw]) -> bool {
    let all = small::happened(all);
    let writer = |reader: &Raw| {
        let saw = reader.did.saw()?;
        all.iter().find(|write| write.key == reader.key && write.did.put() == Some(saw))
    };
    let is_write = |reader: &Raw| writer(reader).is_some();
    let is_initial = |reader: &Raw| reader.did.saw() == Some(INITIAL);
    let same = |a: &Raw, b: &Raw| a.key == b.key && a.did.saw() == b.did.saw();
    let of = |session: usize| all.iter().filter(move |raw| raw.session == session);
    let own = |raw: &Raw| of(raw.session);
    all.iter().filter(|reader| reader.did.saw().is_some()).any(|reader| {
        let earlier = || own(reader).filter(|other| other.at < reader.at);
        let sights = || earlier().filter_map(|earlier| writer(earlier).map(|write| (earlier, write)));
        match guarantee {
            Guarantee::ReadYourWrites => {
                let writes = earlier().filter(|own| own.key == reader.key && own.did.put().is_some());
                let Some(last) = writes.max_by_key(|own| own.at) else { return false };
                let had = |before: &Raw| is_write(reader) && same(before, reader) && before.at <= last.at;
                let made = |write: &Raw| write.session == reader.session && write.at < last.at;
                let is_own = last.did.put() == reader.did.saw();
                is_initial(reader) || !is_own && (earlier().any(had) || writer(reader).is_some_and(made))
            }
            Guarantee::MonotonicReads => earlier().any(|middle| {
                let is_other = middle.key == reader.key
                    && middle.did.saw().is_some()
                    && middle.did.saw() != reader.did.saw();
                let was_read =
                    earlier().any(|first| is_write(first) && same(first, reader) && first.at < middle.at);
                let runs_back = writer(reader)
                    .zip(writer(middle))
                    .is_some_and(|(old, new)| old.session == new.session && old.at < new.at);
                is_other && (is_initial(reader) && is_write(middle) || was_read || runs_back)
            }),
            Guarantee::MonotonicWrites => sights().any(|(_, seen)| {
                of(seen.session).any(|newer| {
                    let is_newer =
                        newer.key == reader.key && newer.did.put().is_some() && newer.at <= seen.at;
                    let is_older = |old: &Raw| old.session == newer.session && old.at < newer.at;
                    is_newer && (is_initial(reader) || writer(reader).is_some_and(is_older))
                })
            }),
            Guarantee::WritesFollowReads => sights().any(|(_, seen)| {
                of(seen.session).any(|cause| {
                    let is_cause = cause.key == reader.key && cause.at <= seen.at && is_write(cause);
                    let replaced = seen.key == reader.key && same(cause, reader);
                    is_cause && (is_initial(reader) || replaced)
                })
            }),
            _ => unreachable!("not a guarantee of sessions"),
        }
    })
}

/// Whether something holds, by definition.
fn by_definition(guarantee: Guarantee, all: &[Raw]) -> bool {
    match guarantee {
        Guarantee::Sequential => small::is_sequential(all),
        Guarantee::Regular => small::is_regular(all),
        Guarantee::Causal => small::is_causal(all),
        Guarantee::Pram => small::is_pram(all),
        of_sessions => !breaks(of_sessions, all),
    }
}

fn goes_on() -> bool {
    true
}

fn steps_of(all: &[Raw], key: Option<i64>) -> (Vec<Raw>, Steps) {
    let (history, model) = small::history(all);
    let parts = small::parts(&model, &history);
    let wanted: Vec<&Part<_>> = parts
        .iter()
        .filter(|part| {
            let first = part.entries.first().expect("no part is empty");
            key.is_none_or(|key| all[first.id.index()].key == key)
        })
        .collect();
    let kept = all.iter().filter(|raw| key.is_none_or(|key| raw.key == key)).copied().collect();
    let Kind::Register { initial } = model.kind() else { unreachable!("it is a register") };
    let steps = Steps::new(&model, &wanted, initial, &history, &goes_on).expect("it has words");
    (kept, steps)
}

/// Operations, and whoever put in what they saw, and so on.
fn closed(all: &[Raw], ids: &[OpId]) -> Vec<Raw> {
    let mut is_in = vec![false; all.len()];
    let mut todo: Vec<usize> = ids.iter().map(|id| id.index()).collect();
    while let Some(at) = todo.pop() {
        if std::mem::replace(&mut is_in[at], true) {
            continue;
        }
        let Some(saw) = all[at].did.saw() else { continue };
        todo.extend(
            (0..all.len())
                .filter(|&other| all[other].key == all[at].key && all[other].did.put() == Some(saw)),
        );
    }
    all.iter().zip(is_in).filter(|(_, is_in)| *is_in).map(|(raw, _)| *raw).collect()
}

/// Compares an answer with the definition.
fn agrees(guarantee: Guarantee, held: &Held, all: &[Raw], kept: &[Raw]) {
    let holds = by_definition(guarantee, kept);
    let about = || format!("{guarantee:?} {held:?}\n{}", show(kept));
    match held {
        Held::Holds => assert!(holds, "{}", about()),
        Held::Broken(by) => {
            assert!(!holds, "{}", about());
            assert!(!by.is_empty() && by.is_sorted(), "{}", about());
            let few = closed(all, by);
            assert!(!by_definition(guarantee, &few), "{}\nshown by\n{}", about(), show(&few));
        }
        Held::NotDetermined(_) => {}
    }
}

fn show(all: &[Raw]) -> String {
    all.iter().map(|raw| format!("{raw:?}\n")).collect()
}

#[test]
fn random_histories_by_definition() {
    let mut rng = Rng::new(1);
    let mut seen: FxHashMap<(Guarantee, &str), usize> = FxHashMap::default();
    let (mut one_key, mut unknown_of_one, mut several, mut unknown_of_several) = (0, 0, 0, 0);
    for _ in 0..20_000 {
        let shape = small::random_shape(&mut rng);
        let all = small::random(&mut rng, &shape);
        let keys = std::iter::once(None).chain((0..shape.keys as i64).map(Some));
        for key in keys {
            let (kept, steps) = steps_of(&all, key);
            if kept.is_empty() {
                continue;
            }
            let single = [
                (Guarantee::Sequential, sequential::sequential(&steps, &goes_on)),
                (Guarantee::Causal, view::causal(&steps, &goes_on)),
                (Guarantee::Pram, view::pram(&steps, &goes_on)),
            ];
            let joint = of_steps(&steps, &goes_on);
            assert!(
                joint.iter().map(|(guarantee, _)| guarantee).eq(GUARANTEES.iter().map(|row| &row.guarantee))
            );
            for (guarantee, held) in single.iter().chain(&joint) {
                agrees(*guarantee, held, &all, &kept);
                let known = match held {
                    Held::Holds => "holds",
                    Held::Broken(_) => "broken",
                    Held::NotDetermined(Why::NoWriter) => "no writer",
                    Held::NotDetermined(_) => "not determined",
                };
                *seen.entry((*guarantee, known)).or_default() += 1;
                let is_unknown = usize::from(known == "not determined");
                if steps.keys <= 1 {
                    one_key += 1;
                    unknown_of_one += is_unknown;
                } else {
                    several += 1;
                    unknown_of_several += is_unknown;
                }
            }
            respects_implications(&joint);
        }
    }
    assert_eq!(unknown_of_one, 0, "of {one_key}");
    assert!(unknown_of_several * 1000 <= several, "{unknown_of_several} of {several}");
    for row in GUARANTEES {
        for known in ["holds", "broken"] {
            let count = seen.get(&(row.guarantee, known)).copied().unwrap_or_default();
            assert!(count >= 300, "{} {known}: {count}", row.name);
        }
    }
}

/// A write that comes to light late comes before a read that was looked at already.
#[test]
fn what_comes_to_light_brings_more_to_light() {
    use Did::{Read, Write};
    let [x, y, z, u] = [0, 1, 2, 3];
    let lines = [
        (1, x, Write(1)),
        (1, x, Write(2)),
        (1, z, Write(3)),
        (2, x, Write(4)),
        (2, y, Write(5)),
        (2, u, Write(6)),
        (3, y, Write(7)),
        // The second read of 7 tells that 5 was overwritten, so 4 was there before the first, and 2 before 4.
        (0, y, Read(7)),
        (0, x, Read(1)),
        (0, x, Read(4)),
        (0, z, Read(3)),
        (0, x, Read(4)),
        (0, u, Read(6)),
        (0, y, Read(7)),
    ];
    let (kept, steps) = steps_of(&told(&lines), None);
    let held = view::pram(&steps, &goes_on);
    assert!(matches!(held, Held::Broken(_)), "{held:?}");
    agrees(Guarantee::Pram, &held, &kept, &kept);
}

/// What comes to light of a view may bring more to light, where there is enough of it.
#[test]
fn longer_views_by_definition() {
    let mut rng = Rng::new(5);
    for _ in 0..6_000 {
        let shape = small::random_shape(&mut rng);
        let (operations, processes) = (rng.between(8, 10), rng.between(2, 4));
        let all = small::random(&mut rng, &Shape { operations, processes, nowhere: 0.0, ..shape });
        let (kept, steps) = steps_of(&all, None);
        agrees(Guarantee::Causal, &view::causal(&steps, &goes_on), &all, &kept);
        agrees(Guarantee::Pram, &view::pram(&steps, &goes_on), &all, &kept);
    }
}

/// What is implied holds, and what implies something broken is broken.
fn respects_implications(answers: &[(Guarantee, Held)]) {
    for (one, held) in answers {
        for (other, implied) in answers.iter().filter(|(other, _)| one.implies(*other)) {
            if *held == Held::Holds {
                assert_eq!(*implied, Held::Holds, "{one:?} holds and {other:?} does not: {answers:?}");
            }
            if matches!(implied, Held::Broken(_)) {
                assert!(
                    matches!(held, Held::Broken(_)),
                    "{other:?} is broken and {one:?} is not: {answers:?}"
                );
            }
        }
    }
}

#[test]
fn definitions_imply_each_other() {
    let mut rng = Rng::new(2);
    for _ in 0..5_000 {
        let shape = small::random_shape(&mut rng);
        let all = small::random(&mut rng, &Shape { nowhere: 0.0, ..shape });
        for row in GUARANTEES.iter().filter(|row| by_definition(row.guarantee, &all)) {
            for &implied in row.implies {
                assert!(
                    by_definition(implied, &all),
                    "{} holds and not {implied:?}\n{}",
                    row.name,
                    show(&all)
                );
            }
        }
    }
}

/// Where values repeat, what is broken is broken all the same, and nothing holds but what does.
#[test]
fn repeated_values_are_no_excuse() {
    let mut rng = Rng::new(3);
    let (mut broken, mut doubted) = (0, 0);
    for _ in 0..6_000 {
        let shape = small::random_shape(&mut rng);
        let all = small::random(&mut rng, &Shape { repeats: 0.4, swaps: 0.3, crashes: 0.2, ..shape });
        let (kept, steps) = steps_of(&all, None);
        for (guarantee, held) in of_steps(&steps, &goes_on) {
            doubted += usize::from(held == Held::NotDetermined(Why::RepeatedValues));
            let holds = match guarantee {
                Guarantee::Sequential => small::is_sequential(&kept),
                Guarantee::Pram => small::is_pram(&kept),
                _ => continue,
            };
            match held {
                Held::Holds => assert!(holds, "{guarantee:?}\n{}", show(&kept)),
                Held::Broken(_) => {
                    broken += 1;
                    assert!(!holds, "{guarantee:?}\n{}", show(&kept));
                }
                Held::NotDetermined(_) => {}
            }
        }
    }
    assert!(broken > 500 && doubted > 500, "{broken} broken, {doubted} in doubt");
}

/// Operations one after the other: process, key, what it did; the first word of a line is the process.
fn told(lines: &[(i64, i64, Did)]) -> Vec<Raw> {
    let raw = |(at, &(process, key, did)): (usize, &(i64, i64, Did))| Raw {
        process,
        key,
        did,
        call: 2 * at,
        ret: Some(2 * at + 1),
        times: (0, 0),
        session: process as usize,
        at,
    };
    lines.iter().enumerate().map(raw).collect()
}

/// What it is, what happened, and what that breaks.
type Case = (&'static str, &'static [(i64, i64, Did)], &'static [Guarantee]);

/// The histories that tell these models apart in the literature.
#[test]
fn what_tells_models_apart() {
    use Did::{Read, Swap, Write};
    use Guarantee::{
        Causal, MonotonicReads, MonotonicWrites, Pram, ReadYourWrites, Regular, Sequential, WritesFollowReads,
    };
    const X: i64 = 0;
    const Y: i64 = 1;
    let cases: [Case; 9] = [
        ("nothing is wrong", &[(0, X, Write(1)), (1, X, Read(1))], &[]),
        ("a late read", &[(0, X, Write(1)), (1, X, Read(0))], &[Regular]),
        (
            "store buffers (Dekker)",
            &[(0, X, Write(1)), (1, Y, Write(1)), (0, Y, Read(0)), (1, X, Read(0))],
            &[Regular, Sequential],
        ),
        (
            "independent reads of independent writes",
            &[
                (0, X, Write(1)),
                (1, Y, Write(1)),
                (2, X, Read(1)),
                (2, Y, Read(0)),
                (3, Y, Read(1)),
                (3, X, Read(0)),
            ],
            &[Regular, Sequential],
        ),
        (
            "writes that are seen in two orders",
            &[
                (0, X, Write(1)),
                (1, X, Write(2)),
                (2, X, Read(1)),
                (2, X, Read(2)),
                (3, X, Read(2)),
                (3, X, Read(1)),
            ],
            &[Regular, Sequential],
        ),
        (
            "causes that are not seen",
            &[(0, X, Write(1)), (1, X, Read(1)), (1, Y, Write(2)), (2, Y, Read(2)), (2, X, Read(0))],
            &[Regular, Sequential, Causal, WritesFollowReads],
        ),
        (
            "a message that comes before what it tells of",
            &[(0, X, Write(1)), (0, Y, Write(2)), (1, Y, Read(2)), (1, X, Read(0))],
            &[Regular, Sequential, Causal, Pram, MonotonicWrites],
        ),
        (
            "an own write that is not read, and a read that goes back",
            &[(0, X, Write(1)), (0, X, Read(0)), (1, X, Read(1)), (1, X, Read(0))],
            &[Regular, Sequential, Causal, Pram, ReadYourWrites, MonotonicReads, MonotonicWrites],
        ),
        ("two swaps of one version", &[(0, X, Swap(0, 1)), (1, X, Swap(0, 2))], &[Regular, Sequential]),
    ];
    for (name, lines, broken) in cases {
        let (kept, steps) = steps_of(&told(lines), None);
        for (guarantee, held) in of_steps(&steps, &goes_on) {
            agrees(guarantee, &held, &kept, &kept);
            let is_broken = matches!(held, Held::Broken(_));
            assert_eq!(is_broken, broken.contains(&guarantee), "{name}: {guarantee:?} {held:?}");
            assert!(is_broken || held == Held::Holds, "{name}: {guarantee:?} {held:?}");
        }
    }
}

/// Whoever is asked to stop says what is known by then, and nothing else.
#[test]
fn it_stops_when_it_is_time() {
    let mut rng = Rng::new(4);
    let mut stopped = 0;
    for at in 0..3_000_usize {
        let shape = small::random_shape(&mut rng);
        let all = small::random(&mut rng, &shape);
        let (history, model) = small::history(&all);
        let parts = small::parts(&model, &history);
        let parts: Vec<&Part<_>> = parts.iter().collect();
        let left = std::cell::Cell::new(at % 12);
        let goes_on = || left.replace(left.get().saturating_sub(1)) > 0;
        for (guarantee, held) in super::held(&model, &parts, &history, &goes_on) {
            agrees(guarantee, &held, &all, &all);
            stopped += usize::from(held == Held::NotDetermined(Why::TimeUp));
        }
    }
    assert!(stopped > 1000, "{stopped}");
}

/// A refused compare-and-set that saw something leaves it open whether anything holds, and mends nothing.
#[test]
fn refused_swaps_leave_it_open() {
    use seriatim_history::build::EventKind;
    use seriatim_history::{FailedCas, NilRead};
    use seriatim_testkit::{Datum, Line, Script};
    let line = |kind, process, function, value, operation| Line {
        kind,
        process: Some(process),
        function,
        key: None,
        value,
        result: None,
        node: None,
        time: 0,
        operation,
    };
    let pair = || Some(Datum::pair(Datum::Int(0), Datum::Int(7)));
    let mut lines = vec![
        line(EventKind::Invoke, 0, "cas", pair(), 0),
        line(EventKind::Fail, 0, "cas", pair(), 0),
        line(EventKind::Invoke, 0, "write", Some(Datum::Int(1)), 1),
        line(EventKind::Ok, 0, "write", Some(Datum::Int(1)), 1),
    ];
    for is_broken in [false, true] {
        let history = Script { initial: Some(Datum::Int(INITIAL)), lines: lines.clone() }.history();
        let initial = history.declared.initial.expect("it is declared");
        let (nil_read, failed_cas) = (NilRead::Value, FailedCas::Observe);
        let model = seriatim_model::register::Register { initial, nil_read, failed_cas, cas: true };
        let parts = small::parts(&model, &history);
        let parts: Vec<&Part<_>> = parts.iter().collect();
        let answers = super::held(&model, &parts, &history, &goes_on);
        let broken = answers.iter().filter(|(_, held)| matches!(held, Held::Broken(_))).count();
        // All but monotonic reads, monotonic writes and writes-follow-reads.
        assert_eq!(broken, if is_broken { 5 } else { 0 }, "{answers:?}");
        let open = |held: &Held| *held == Held::NotDetermined(Why::FailedSwaps);
        assert_eq!(answers.iter().filter(|(_, held)| open(held)).count(), 8 - broken, "{answers:?}");
        lines.push(line(EventKind::Invoke, 0, "read", None, 2));
        lines.push(line(EventKind::Ok, 0, "read", Some(Datum::Int(INITIAL)), 2));
    }
}
