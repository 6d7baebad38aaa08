//! Clients that ask too seldom to do something in each stretch, and that still say nothing for so long, so many of them, and all go
//! on at once, that it is no chance.
//!
//! A client that does nothing in a share e of all stretches does nothing in k of them, one after the other, with a probability of
//! e^k, if it does not rest for long now and then; how often clients do is taken into account by counting. That so many of all end
//! such a silence at one time is a binomial tail.

use std::ops::Range;

use super::client_pause::{Client, Idle, is_active};
use crate::rules::Q;
use crate::statistics::crowded;

/// What is told is so much rarer by chance than other things that are told, since clients may rest by what they have to do.
const RARER: f64 = 1e-2;
/// In how many stretches they go on, one after the other, at the most.
const AT_ONCE: usize = 2;
/// Whoever rests elsewhere, too, for more than this share of the time, is no witness.
const ELSEWHERE: f64 = 2.0 / 3.0;
/// Whoever goes on is answered in each of so many parts of a time.
const PARTS: usize = 3;

/// A client that does something now and then: which one, in which share of stretches it does nothing, and how long it lived.
#[derive(Clone, Copy)]
struct Life {
    empty: f64,
    length: usize,
}

/// Groups of silences, of so many stretches at the least, of so many clients at the least, that ended together.
pub(super) fn find(
    clients: &[Client],
    (shortest, least): (usize, usize),
    is_usual: impl Fn(usize) -> bool,
) -> Vec<Vec<Idle>> {
    let lives: Vec<_> = clients.iter().map(life).collect();
    let all: Vec<Idle> =
        clients.iter().enumerate().flat_map(|(at, client)| silences(at, client, shortest)).collect();
    let is_witness = |idle: &&Idle| is_witness(&clients[idle.0], **idle, &all, &is_usual);
    let mut witnesses: Vec<Idle> = all.iter().filter(is_witness).copied().collect();
    witnesses.sort_unstable_by_key(|&(client, from, to)| (to, from, client));
    let mut found = Vec::new();
    while let Some(&(.., first)) = witnesses.first() {
        let ends = witnesses.partition_point(|idle| idle.2 < first + AT_ONCE);
        let together = longest(&witnesses[..ends], (shortest, least), (&lives, &all));
        // Else those that ended a stretch later may go with later ones.
        let gone = together.as_ref().map_or(witnesses.partition_point(|idle| idle.2 <= first), |_| ends);
        witnesses.drain(..gone);
        found.extend(together);
    }
    found
}

/// Whether a client is answered in each part of a time.
pub(super) fn goes_on(client: &Client, during: Range<usize>) -> bool {
    let length = during.len().div_ceil(PARTS).max(1);
    let part = |cells: &[crate::cell::Answered]| cells.iter().any(|of| of.ok > 0);
    client.all.get(during).is_some_and(|cells| !cells.is_empty() && cells.chunks(length).all(part))
}

fn active(client: &Client) -> impl Iterator<Item = usize> {
    client.all.iter().enumerate().filter(|(_, of)| is_active(of)).map(|(at, _)| at)
}

/// What is known of a client; of one of which next to nothing is, that it mostly does nothing.
fn life(client: &Client) -> Life {
    let (first, last) = (active(client).next().unwrap_or(0), active(client).last().unwrap_or(0));
    let (length, active) = (last + 1 - first, active(client).count());
    Life { empty: (length - active.min(length) + 1) as f64 / (length + 2) as f64, length }
}

/// The times in which a client did nothing, between two in which it did something.
fn silences(at: usize, client: &Client, shortest: usize) -> Vec<Idle> {
    let active: Vec<_> = active(client).collect();
    let between = active.windows(2).map(|two| (at, two[0] + 1, two[1]));
    between.filter(|(_, from, to)| to - from >= shortest).collect()
}

/// Whether a silence says something: before it the client had been answered well, since whoever waits before it tries again has not;
/// it is about as active as ever on either side, and it does not rest elsewhere where all is as usual.
fn is_witness(client: &Client, (at, from, to): Idle, all: &[Idle], is_usual: impl Fn(usize) -> bool) -> bool {
    let length = to - from;
    let before = &client.all[from - 1];
    let rests = |&&(other, start, end): &&Idle| {
        let is_other = other == at && (start, end) != (from, to);
        is_other && (end - start) as f64 > ELSEWHERE * length as f64 && is_usual(start.midpoint(end))
    };
    let known = life(client);
    let is_alive = |during: Range<usize>| {
        let did = during.clone().filter(|&at| client.all.get(at).is_some_and(is_active)).count();
        did as f64 >= (1.0 - known.empty) * during.len() as f64 / 2.0
    };
    before.bad <= before.ok
        && known.length >= 3 * length
        && is_alive(from.saturating_sub(length)..from)
        && is_alive(to..to + length)
        && !all.iter().any(|idle| rests(&idle))
}

/// Of silences that ended together, those that chance would leave so together with the least probability; nothing where that is not
/// small enough.
fn longest(
    ended: &[Idle],
    (shortest, least): (usize, usize),
    (lives, all): (&[Life], &[Idle]),
) -> Option<Vec<Idle>> {
    let end = ended.first()?.2;
    let of = |from: usize| -> Vec<Idle> { ended.iter().copied().filter(|idle| idle.1 <= from).collect() };
    let places = lives.iter().map(|life| life.length).max().unwrap_or(0);
    let known = ended.iter().map(|idle| idle.1).filter(|&from| end >= from + shortest).filter_map(|from| {
        let together = of(from);
        let many = (together.len() >= least).then_some(together.len())?;
        let each = alone((from, end), (lives, all));
        Some((crowded(many as u64, lives.len() as u64, each) * (places * ended.len()) as f64, from))
    });
    let (chance, from) = known.min_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)))?;
    (chance <= RARER * Q.default).then(|| of(from))
}

/// The probability that a client does nothing from one stretch to another, and then something, on average over all: as often as it would by
/// chance, or as clients do elsewhere.
fn alone((from, to): (usize, usize), (lives, all): (&[Life], &[Idle])) -> f64 {
    let length = to - from;
    let by_chance = lives.iter().map(|life| life.empty.powi(length as i32)).sum::<f64>() / lives.len() as f64;
    let is_elsewhere = |idle: &&Idle| idle.2 - idle.1 >= length && (idle.2 <= from || to <= idle.1);
    let elsewhere = all.iter().filter(is_elsewhere).count() + 1;
    let stretches: usize = lives.iter().map(|life| life.length).sum();
    by_chance.max(elsewhere as f64 / stretches.max(1) as f64).min(1.0)
}
