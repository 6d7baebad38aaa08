use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::request::Answer;

/// What so many clients draw in turn, each answered as if all went well.
fn drawn(workload: Workload, seed: u64, count: usize) -> Vec<(usize, Request)> {
    let clients = workload.clients();
    let mut generator = workload.begin(seed, clients);
    (0..count)
        .map(|turn| {
            let client = turn % clients;
            let request = generator.next(client).request;
            let answer = match &request {
                Request::Acquire { .. } => Answer::Granted(Some(turn as i64)),
                Request::ReadAccounts { accounts } => Answer::Balances(vec![50; accounts.len()]),
                _ => Answer::Done,
            };
            generator.saw(client, &request, &Outcome::Ok(answer));
            (client, request)
        })
        .collect()
}

#[test]
fn every_workload_has_a_row_and_a_seed_determines_what_is_asked() {
    for kind in KINDS {
        assert_eq!(kind.workload.kind().name, kind.name);
        assert_eq!(drawn(kind.workload, 7, 500), drawn(kind.workload, 7, 500), "{}", kind.name);
    }
    let names: BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), KINDS.len());
    for workload in [Workload::Register, Workload::Counter, Workload::Lock, Workload::Log, Workload::Bank] {
        assert_ne!(drawn(workload, 7, 500), drawn(workload, 8, 500), "{}", workload.name());
    }
}

/// With keys and nodes tied to one another, what a stale node answers is never compared with what another one has.
#[test]
fn a_key_is_reached_through_every_node() {
    for nodes in [3, 5] {
        for workload in [
            Workload::Register,
            Workload::CasRegister,
            Workload::SmallRegister,
            Workload::Counter,
            Workload::Log,
        ] {
            let mut reached: BTreeMap<(String, bool), BTreeSet<usize>> = BTreeMap::new();
            for (client, request) in drawn(workload, 3, 600) {
                let key = request.key().expect("these have keys").to_owned();
                reached.entry((key, request.only_looks())).or_default().insert(client % nodes);
            }
            let of_first = reached.iter().filter(|((key, _), _)| key.ends_with('0') && key.len() == 2);
            for ((key, looks), through) in of_first {
                assert_eq!(through.len(), nodes, "{} {key}, reads {looks}: {through:?}", workload.name());
            }
        }
    }
    let mut through: BTreeMap<bool, BTreeSet<usize>> = BTreeMap::new();
    for (client, request) in drawn(Workload::Queue, 3, 100) {
        through.entry(matches!(request, Request::Dequeue { .. })).or_default().insert(client % 3);
    }
    assert!(through.values().all(|nodes| nodes.len() == 3), "{through:?}");
}

#[test]
fn values_that_are_said_to_be_unique_are() {
    for workload in [Workload::Register, Workload::CasRegister, Workload::Set, Workload::Queue, Workload::Log]
    {
        let mut seen = BTreeSet::new();
        for (_, request) in drawn(workload, 5, 3_000) {
            let put = match &request {
                Request::Write { key, value }
                | Request::Append { key, value }
                | Request::Enqueue { key, value } => (key.clone(), *value),
                Request::Cas { key, old, new } => {
                    assert!(*old >= 1 && old < new, "{request:?}");
                    (key.clone(), *new)
                }
                Request::Add { key, element } => (key.clone(), *element),
                _ => continue,
            };
            assert!(seen.insert(put), "{}: {request:?} comes twice", workload.name());
        }
        assert!(seen.len() > 1_000, "{}", workload.name());
    }
}

#[test]
fn few_values_come_again_and_swaps_are_among_them() {
    let drawn = drawn(Workload::SmallRegister, 5, 1_000);
    let swaps = drawn.iter().filter(|(_, request)| matches!(request, Request::Cas { .. })).count();
    assert!((100..300).contains(&swaps), "{swaps}");
    for (_, request) in drawn {
        if let Request::Write { value, .. } = request {
            assert!((0..5).contains(&value));
        }
    }
}

#[test]
fn a_key_lives_for_a_while_only() {
    let mut lives: BTreeMap<String, u32> = BTreeMap::new();
    for (_, request) in drawn(Workload::Register, 5, 3_000) {
        *lives.entry(request.key().expect("a register has a key").to_owned()).or_default() += 1;
    }
    assert!(lives.values().all(|count| *count <= 300), "{lives:?}");
    assert!(lives.len() >= 10, "{lives:?}");
}

#[test]
fn who_holds_a_lock_gives_back_that_one_and_nobody_else_does() {
    let mut held: BTreeMap<usize, String> = BTreeMap::new();
    for (client, request) in drawn(Workload::Lock, 5, 500) {
        match request {
            Request::Acquire { key } => assert_eq!(held.insert(client, key), None),
            Request::Release { key } => assert_eq!(held.remove(&client), Some(key)),
            other => panic!("{other:?}"),
        }
    }
    let mut generator = Workload::Lock.begin(1, 1);
    let request = generator.next(0).request;
    generator.saw(0, &request, &Outcome::Info("timed out".to_owned()));
    assert!(matches!(generator.next(0).request, Request::Acquire { .. }), "nobody knows that it is held");
}

#[test]
fn a_transfer_is_between_two_accounts_of_the_bank_that_was_looked_at() {
    let mut seen: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut transfers = 0;
    for (client, request) in drawn(Workload::Bank, 5, 1_000) {
        match request {
            Request::ReadAccounts { accounts } => drop(seen.insert(client, accounts)),
            Request::Transfer { from, to, amount } => {
                let accounts = &seen[&client];
                assert!(accounts.contains(&from.0) && accounts.contains(&to.0) && from.0 != to.0);
                assert_eq!((from.1, to.1), (50, 50));
                assert!((1..=5).contains(&amount));
                transfers += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(transfers, 500);
}

#[test]
fn what_only_the_end_tells_is_asked_at_the_end() {
    for kind in KINDS {
        let mut generator = kind.workload.begin(1, kind.clients);
        for turn in 0..2_000 {
            generator.next(turn % kind.clients);
        }
        let finale = generator.finale();
        let tells_itself = matches!(
            kind.workload,
            Workload::Register
                | Workload::CasRegister
                | Workload::SmallRegister
                | Workload::Crowd
                | Workload::Lock
                | Workload::FencedLock
                | Workload::Guarded
                | Workload::FencedGuarded
        );
        assert_eq!(finale.is_needed, !tells_itself, "{}", kind.name);
        assert!(!finale.is_needed || finale.reads.len() + finale.drains.len() > 0, "{}", kind.name);
        assert!(finale.reads.iter().all(Request::only_looks), "{}", kind.name);
    }
}
