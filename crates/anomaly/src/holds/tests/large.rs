//! Histories of many operations, made so that it is known what they keep.

use seriatim_testkit::Rng;

use super::*;

/// So many operations: enough to show what is not near linear.
const OPERATIONS: usize = 20_000;
const PROCESSES: usize = 10;

/// How far a session's clock may be behind.
const SKEW: usize = 300;

/// What is done when, by whom; each operation takes no time.
struct Timeline {
    all: Vec<Raw>,
    skews: Vec<usize>,
    done: Vec<usize>,
}

impl Timeline {
    fn new(rng: &mut Rng, skew: usize) -> Self {
        let skews = (0..PROCESSES).map(|_| rng.below(skew + 1)).collect();
        Self { all: Vec::new(), skews, done: vec![0; PROCESSES] }
    }

    fn push(&mut self, process: usize, key: usize, did: Did) {
        let at = 2 * PROCESSES * (self.all.len() + self.skews[process]) + process;
        let (call, ret) = (at, Some(at + PROCESSES));
        let (place, session) = (self.done[process], process);
        self.done[process] += 1;
        let (process, key) = (process as i64, key as i64);
        self.all.push(Raw { process, key, did, call, ret, times: (0, 0), session, at: place });
    }

    fn held(mut self) -> Vec<(Guarantee, Held)> {
        self.all.sort_unstable_by_key(|raw| raw.call);
        let (history, model) = small::history(&self.all);
        let parts = small::parts(&model, &history);
        let parts: Vec<&Part<_>> = parts.iter().collect();
        super::super::held(&model, &parts, &history, &goes_on)
    }
}

/// One order, in which the clocks of sessions are wrong.
fn sequential(rng: &mut Rng, keys: usize) -> Vec<(Guarantee, Held)> {
    let mut timeline = Timeline::new(rng, SKEW);
    let mut state = vec![INITIAL; keys];
    for at in 0..OPERATIONS {
        let (process, key) = (rng.below(PROCESSES), rng.below(keys));
        let value = 1 + at as i64;
        let did = match rng.below(4) {
            0 => Did::Write(value),
            1 => Did::Swap(state[key], value),
            _ => Did::Read(state[key]),
        };
        state[key] = did.put().unwrap_or(state[key]);
        timeline.push(process, key, did);
    }
    timeline.held()
}

/// A write on its way: its key, its value, and how many of each process's writes come before it.
struct Sent {
    key: usize,
    value: i64,
    needs: Vec<usize>,
}

/// A copy for each process, which writes reach in the order of their process: after their causes, or not.
fn copies(rng: &mut Rng, keys: usize, causal: bool) -> Vec<(Guarantee, Held)> {
    let mut timeline = Timeline::new(rng, 0);
    let mut sent: Vec<Vec<Sent>> = (0..PROCESSES).map(|_| Vec::new()).collect();
    let mut got = vec![vec![0; PROCESSES]; PROCESSES];
    let mut copies = vec![vec![INITIAL; keys]; PROCESSES];
    for at in 0..OPERATIONS {
        let process = rng.below(PROCESSES);
        for _ in 0..12 {
            let other = rng.below(PROCESSES);
            let Some(next) = sent[other].get(got[process][other]) else { continue };
            let is_ready = next.needs.iter().zip(&got[process]).all(|(need, got)| need <= got);
            if other != process && (is_ready || !causal) {
                copies[process][next.key] = next.value;
                got[process][other] += 1;
            }
        }
        let (key, value) = (rng.below(keys), 1 + at as i64);
        if rng.chance(0.3) {
            copies[process][key] = value;
            sent[process].push(Sent { key, value, needs: got[process].clone() });
            got[process][process] += 1;
            timeline.push(process, key, Did::Write(value));
        } else {
            timeline.push(process, key, Did::Read(copies[process][key]));
        }
    }
    timeline.held()
}

fn is(answers: &[(Guarantee, Held)], guarantee: Guarantee) -> &'static str {
    let (_, held) = answers.iter().find(|(other, _)| *other == guarantee).expect("each is answered");
    match held {
        Held::Holds => "holds",
        Held::Broken(by) if by.len() <= 60 => "broken",
        Held::Broken(_) => "broken by many",
        Held::NotDetermined(_) => "not determined",
    }
}

#[test]
fn one_key_in_one_order() {
    let answers = sequential(&mut Rng::new(31), 1);
    assert_eq!(is(&answers, Guarantee::Sequential), "holds");
    assert_eq!(is(&answers, Guarantee::Regular), "broken");
    assert_eq!(is(&answers, Guarantee::WritesFollowReads), "holds");
}

#[test]
fn several_keys_in_one_order() {
    for (seed, keys) in [(32, 2), (33, 7), (34, 7), (35, 40)] {
        let answers = sequential(&mut Rng::new(seed), keys);
        assert_eq!(is(&answers, Guarantee::Sequential), "holds", "{seed} {keys}");
        assert_eq!(is(&answers, Guarantee::Regular), "broken", "{seed} {keys}");
    }
}

#[test]
fn copies_that_keep_causes() {
    for keys in [1, 7] {
        let answers = copies(&mut Rng::new(33), keys, true);
        assert_eq!(is(&answers, Guarantee::Sequential), "broken");
        assert_eq!(is(&answers, Guarantee::Causal), "holds");
        assert_eq!(is(&answers, Guarantee::Pram), "holds");
    }
}

#[test]
fn copies_that_keep_the_order_of_each() {
    for keys in [1, 7] {
        let answers = copies(&mut Rng::new(34), keys, false);
        assert_eq!(is(&answers, Guarantee::Sequential), "broken");
        assert_eq!(is(&answers, Guarantee::Causal), "broken");
        assert_eq!(is(&answers, Guarantee::Pram), "holds");
    }
}
