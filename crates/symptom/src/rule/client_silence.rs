//! Clients that ask too seldom to do something in each stretch, and that still say nothing for so long, so many of them, and all go
//! on at once, that it is no chance.
//!
//! A client that does nothing in a share e of all stretches does nothing in k of them, one after the other, with a probability of
//! e^k, if it does not rest for long now and then; how often clients do is taken into account by counting. That so many of all end
//! such a silence at one time is a binomial tail. That holds of clients of which each goes its own way: of those that work and rest
//! together at other times, too, or while there is less to do for others, nothing is said.

use std::ops::Range;

use super::client_pause::{Client, Idle, LEAST, clients, is_active, is_free, least, middle, pause};
use super::process_pause::GAP;
use crate::cell::Answered;
use crate::rules::{Asked, Q};
use crate::statistics::crowded;
use crate::symptom::Symptom;

/// What is told is so much rarer by chance than other things that are told, since clients may rest by what they have to do.
const RARER: f64 = 1e-2;
/// In how many stretches they go on, one after the other, at the most.
const AT_ONCE: usize = 2;
/// Whoever rests elsewhere, too, for more than this share of the time, is no witness.
const ELSEWHERE: f64 = 2.0 / 3.0;
/// The others must do this share of what they do at all times: else there is less to do.
const AS_EVER: f64 = 0.75;
/// How many clients of a group do something varies by no more than so many times what chance leaves, or one client, at other times.
const BY_CHANCE: f64 = 3.0;
/// Whoever goes on is answered in each of so many parts of a time.
const PARTS: usize = 3;

/// A client that does something now and then: which one, in which share of stretches it does nothing, and how long it lived.
#[derive(Clone, Copy)]
struct Life {
    empty: f64,
    length: usize,
}

/// What is found of clients that ask too seldom to be busy in each stretch.
pub(super) fn find(of: &Asked<'_>) -> Vec<Symptom> {
    let grid = &of.observed.answered;
    let clients = clients(of, grid);
    let shortest = LEAST[0].max((of.thresholds.nanoseconds(&GAP) / grid.width()) as usize);
    let groups =
        groups(&clients, (shortest, least(of, &clients) as usize), |at| is_free(of, middle(grid, at)));
    let told = groups.iter().filter_map(|together| pause(of, grid, &clients, together, goes_on));
    // Where each of them waits for something, much else than a pause of clients may hold them back.
    told.filter(|symptom| !symptom.is_likeness).collect()
}

/// Groups of silences, of so many stretches at the least, of so many clients at the least, that ended together. In stretches that are
/// free no fault lasts.
fn groups(
    clients: &[Client],
    (shortest, least): (usize, usize),
    is_free: impl Fn(usize) -> bool,
) -> Vec<Vec<Idle>> {
    let lives: Vec<_> = clients.iter().map(life).collect();
    let all: Vec<Idle> =
        clients.iter().enumerate().flat_map(|(at, client)| silences(at, client, shortest)).collect();
    let is_witness = |idle: &&Idle| is_witness(&clients[idle.0], **idle, &all, &is_free);
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
    let is_sound = |together: &Vec<Idle>| {
        others_do_as_ever(clients, &lives, together) && go_their_own_ways(clients, together, &is_free)
    };
    found.retain(is_sound);
    found
}

/// When a group did nothing, all of it.
fn common(together: &[Idle]) -> Range<usize> {
    let from = together.iter().map(|idle| idle.1).max().unwrap_or(0);
    from..together.iter().map(|idle| idle.2).min().unwrap_or(from)
}

/// Whether those that are not in a group do meanwhile what they do at all times.
fn others_do_as_ever(clients: &[Client], lives: &[Life], together: &[Idle]) -> bool {
    let during = common(together);
    let others = (0..clients.len()).filter(|other| !together.iter().any(|idle| idle.0 == *other));
    let (mut did, mut usually) = (0, 0.0);
    for other in others {
        did += during.clone().filter(|&at| is_active(&clients[other].all[at])).count();
        usually += (1.0 - lives[other].empty) * during.len() as f64;
    }
    did as f64 >= AS_EVER * usually
}

/// Whether how many of a group do something, in stretches in which all of them live and nothing is done to them, varies about as it
/// does of clients that have nothing to do with each other.
fn go_their_own_ways(clients: &[Client], together: &[Idle], is_free: impl Fn(usize) -> bool) -> bool {
    let members: Vec<_> = together.iter().map(|idle| &clients[idle.0]).collect();
    let from = members.iter().filter_map(|of| active(of).next()).max().unwrap_or(0);
    let to = members.iter().filter_map(|of| active(of).last()).min().unwrap_or(0);
    let during = common(together);
    // At its ends some of them have stopped, and some have not.
    let during = during.start.saturating_sub(AT_ONCE)..during.end + AT_ONCE;
    let places: Vec<_> = (from..to).filter(|at| !during.contains(at) && is_free(*at)).collect();
    let many = places.len().max(1) as f64;
    let at_work = |at: &usize| members.iter().filter(|of| is_active(&of.all[*at])).count() as f64;
    let mean = places.iter().map(at_work).sum::<f64>() / many;
    let variance = places.iter().map(|at| (at_work(at) - mean).powi(2)).sum::<f64>() / many;
    let chance = members.iter().map(|of| {
        let share = places.iter().filter(|&&at| is_active(&of.all[at])).count() as f64 / many;
        share * (1.0 - share)
    });
    variance <= BY_CHANCE * chance.sum::<f64>().max(1.0)
}

/// Whether a client is answered in each part of a time.
fn goes_on(client: &Client, during: Range<usize>) -> bool {
    let length = during.len().div_ceil(PARTS).max(1);
    let part = |cells: &[Answered]| cells.iter().any(|of| of.ok > 0);
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
/// it is about as active as ever on either side, and it does not rest elsewhere while nothing is done to it.
fn is_witness(client: &Client, (at, from, to): Idle, all: &[Idle], is_free: impl Fn(usize) -> bool) -> bool {
    let length = to - from;
    let before = &client.all[from - 1];
    let rests = |&&(other, start, end): &&Idle| {
        let is_other = other == at && (start, end) != (from, to);
        is_other && (end - start) as f64 > ELSEWHERE * length as f64 && is_free(start.midpoint(end))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::process_pause;
    use crate::trace::{Came, READ, Trace, client, ms};

    /// A number that looks like chance, above 0 and below 1; the next one follows from it.
    fn share(seed: &mut u32) -> f64 {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(*seed >> 8) + 0.5) / f64::from(1_u32 << 24)
    }

    /// Twenty clients that ask five times in a second after times that vary by far, of which so many stand still from 8 s on for
    /// 2.5 s, or rest as long and come back one after the other.
    fn seldom(still: u32, apart: i64) -> Vec<Symptom> {
        let mut trace = Trace::new();
        for by in 0..20_u32 {
            let mut seed = (by + 1).wrapping_mul(2_654_435_761);
            let mut now = i64::from(by) * 10;
            while now < 30_000 {
                if by < still && (8_000..10_500).contains(&now) {
                    now = 10_500 + apart * i64::from(by);
                }
                trace.add((by, by % 3), READ, now, Some((4, Came::Ok)));
                // Exponential with a mean of a fifth of a second.
                now += 5 + (-200.0 * share(&mut seed).ln()) as i64;
            }
        }
        trace.find(process_pause::find).symptoms
    }

    #[test]
    fn clients_that_ask_seldom_stand_still_as_well() {
        let found = seldom(8, 1);
        let [symptom] = &found[..] else { panic!("{found:?}") };
        let told = &symptom.scope.processes;
        assert!(told.len() >= 5 && told.iter().all(|of| (0..8).any(|by| client(by) == *of)), "{told:?}");
        assert!(symptom.window.0 >= ms(7_500) && symptom.window.1 <= ms(10_600), "{:?}", symptom.window);
        // Nobody stands still, or each for as long as it likes.
        assert_eq!(seldom(0, 1), []);
        assert_eq!(seldom(8, 700), []);
    }

    #[test]
    fn clients_that_have_less_to_do_now_and_then_do_not_stand_still() {
        // All ask ten times in a second, and once in two; those above 8 ask in bursts only, which come at any time.
        let rest = |from: &'static [i64], some: u32| {
            let mut trace = Trace::new();
            for by in 0..20_u32 {
                let mut seed = (by + 1).wrapping_mul(2_654_435_761);
                let mut now = i64::from(by) * 10;
                while now < 30_000 {
                    trace.add((by, by % 3), READ, now, Some((4, Came::Ok)));
                    let rests = by >= some && from.iter().any(|from| (0..2_500).contains(&(now - from)));
                    now += 5 + ((if rests { -2_000.0 } else { -100.0 }) * share(&mut seed).ln()) as i64;
                }
            }
            trace.find(process_pause::find).symptoms
        };
        assert_eq!(rest(&[8_000], 0), []);
        assert_eq!(rest(&[3_000, 8_000, 15_000, 19_000, 26_000], 8), []);
    }
}
