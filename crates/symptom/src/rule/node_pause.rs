//! A node that stood still: nothing that was asked of it ended but by its clients' patience, and then nearly all that waited
//! happened at once, while other nodes had answered, or nothing waited for these.

use seriatim_history::ValueId;

use super::process_pause::{GAP, SHARE, WAITING, WITHIN};
use crate::cell::Cell;
use crate::grid::Fold;
use crate::kind::SymptomKind;
use crate::rules::Asked;
use crate::symptom::{Number, Scope, Symptom};

/// As large a share of what a node was asked happened as long before it stood still, at the least.
const WELL: f64 = 0.5;
/// So many answers of other nodes show that these did not stand still.
const ALIVE: u32 = 5;

pub(super) fn find(of: &Asked<'_>) -> Vec<Symptom> {
    let nodes: Vec<_> = of.observed.nodes().into_iter().flatten().collect();
    let find = |&node: &ValueId| pauses(of, node, nodes.len() == 1);
    nodes.iter().flat_map(find).collect()
}

fn pauses(of: &Asked<'_>, node: ValueId, is_only: bool) -> Vec<Symptom> {
    let grid = &of.observed.cells;
    let own = of.observed.counts(|at, _| at == Some(node));
    let others = of.observed.counts(|at, _| at.is_some_and(|at| at != node));
    let waiting = [waiting(&own), waiting(&others)];
    let mut all = Vec::new();
    let mut from = 0;
    for at in 0..own.len() {
        // Who ends what has not long waited, is alive.
        if own[at].ok == 0 && own[at].ends() == own[at].long {
            continue;
        }
        let gap = (at - from) as i64 * grid.width();
        let start = std::mem::replace(&mut from, at + 1);
        let (own_waits, others_wait) = (waiting[0][at], waiting[1][at]);
        let long_enough = at > start && gap >= of.thresholds.nanoseconds(&GAP);
        if !long_enough || (own_waits as f64) < of.thresholds.of(&WAITING) {
            continue;
        }
        let within = (gap as f64 * of.thresholds.of(&WITHIN)) as i64;
        let release = at..(at + 1 + (within / grid.width()) as usize).min(own.len());
        let happened: u32 = own[release.clone()].iter().map(|cell| cell.long_ok).sum();
        let happened = i64::from(happened).min(own_waits);
        let together = happened as f64 / own_waits as f64;
        // At the edges of a stop of the whole system some may have answered a moment earlier or later than others.
        let edge = (at - start) / 10;
        let alive: u32 = others[start + edge..at - edge].iter().map(|cell| cell.ok).sum();
        let is_own = is_only || alive >= ALIVE || 4 * others_wait <= own_waits;
        // A node that had long been ill did not stand still of a sudden.
        let before =
            own[start.saturating_sub(at - start)..start].iter().fold(Cell::default(), |mut all, &more| {
                all.fold(more);
                all
            });
        let was_well = before.share().is_some_and(|share| share >= WELL);
        if together < of.thresholds.of(&SHARE) || !is_own || !was_well {
            continue;
        }
        let place = |at: usize| grid.time(grid.span().start + at as i64);
        all.push(Symptom {
            kind: SymptomKind::ProcessPause,
            // A system of one node may have been out of reach.
            is_likeness: is_only,
            scope: Scope { nodes: vec![node], ..Scope::default() },
            window: (place(start), place(at)),
            numbers: vec![
                Number::time("gap", gap as f64),
                Number::count("held", own_waits as u64),
                Number::share("share", together),
                Number::time("within", release.len() as f64 * grid.width() as f64),
            ],
            effect: None,
            sample: (own_waits as u64, of.observed.operations),
            test: None,
            shown: Vec::new(),
        });
    }
    all
}

/// How many operations whose end is known were under way at the beginning of each stretch.
fn waiting(counts: &[Cell]) -> Vec<i64> {
    let mut open = 0;
    let each = counts.iter().map(|cell| {
        let before = open;
        open += i64::from(cell.ended_calls) - i64::from(cell.ends());
        before
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::process_pause;
    use crate::setting::Setting;
    use crate::trace::{Came, READ, Trace, ms, node};

    /// Twelve clients of three nodes in closed loops for 20 s: client i asks node i modulo 3. What is `held` until a time
    /// comes then, as given.
    fn trace(held: impl Fn(u32, i64) -> Option<i64>, came: impl Fn(u32) -> Came) -> Trace {
        let mut trace = Trace::new();
        for by in 0..12 {
            let mut now = i64::from(by);
            while now < 20_000 {
                let of = by % 3;
                let until = held(by, now).map(|until| until + i64::from(by) / 3);
                let (took, what) = until.map_or((4, Came::Ok), |until| (until - now, came(by)));
                trace.add((by, of), READ, now, Some((took, what)));
                now += took + 30;
            }
        }
        trace
    }

    fn found(held: impl Fn(u32, i64) -> Option<i64>, came: Came) -> Vec<Symptom> {
        trace(held, |_| came).find(process_pause::find).symptoms
    }

    fn within(from: i64, to: i64, now: i64) -> Option<i64> {
        (from..to).contains(&now).then_some(to)
    }

    #[test]
    fn a_node_that_stood_still_is_told() {
        let found = found(|by: u32, now| within(8_000, 11_000, now).filter(|_| by % 3 == 1), Came::Ok);
        let [symptom] = &found[..] else { panic!("{found:?}") };
        assert_eq!(symptom.scope, Scope { nodes: vec![node(1)], ..Scope::default() });
        assert!(
            (symptom.window.0 - ms(8_000)).abs() < ms(50) && (symptom.window.1 - ms(11_000)).abs() < ms(50)
        );
        assert_eq!((symptom.numbers[1].value, symptom.numbers[2].value), (4.0, 1.0));
    }

    #[test]
    fn what_only_looks_like_it_is_not() {
        // All stop at once: that is the system's.
        assert!(found(|_, now| within(8_000, 11_000, now), Came::Ok).is_empty());
        // Clients give up at one time.
        assert!(
            found(|by: u32, now| within(8_000, 11_000, now).filter(|_| by % 3 == 1), Came::Info).is_empty()
        );
        assert!(found(|by: u32, now| within(8_000, 8_500, now).filter(|_| by % 3 == 1), Came::Ok).is_empty());
        // Each takes long by itself.
        let long = |by: u32, now| {
            (by % 3 == 1 && (8_000..14_000).contains(&now)).then_some(now + 700 + 130 * i64::from(by))
        };
        assert!(found(long, Came::Ok).is_empty());
    }

    /// Whether node 1 is told, which stood still from 8 s to 11 s, with a setting.
    fn is_told(setting: &Setting, value: f64, came: impl Fn(u32) -> Came) -> bool {
        let mut trace = trace(|by: u32, now| within(8_000, 11_000, now).filter(|_| by % 3 == 1), came);
        trace.thresholds.set(setting, value);
        let found = trace.find(process_pause::find).symptoms;
        found.iter().any(|symptom| symptom.scope.nodes == [node(1)])
    }

    #[test]
    fn so_many_wait_for_so_long_and_nearly_all_of_it_happens() {
        assert_eq!([4.0, 5.0].map(|least| is_told(&WAITING, least, |_| Came::Ok)), [true, false]);
        assert_eq!([2.9, 3.1].map(|gap| is_told(&GAP, gap, |_| Came::Ok)), [true, false]);
        // One of four gives up.
        let came = |by| if by == 10 { Came::Info } else { Came::Ok };
        assert_eq!([0.75, 0.76].map(|share| is_told(&SHARE, share, came)), [true, false]);
    }

    #[test]
    fn the_numbers_are_of_what_was_held() {
        let found = found(|by: u32, now| within(8_000, 11_000, now).filter(|_| by % 3 == 1), Came::Ok);
        let [gap, _, _, within] = &found[0].numbers[..] else { panic!("{found:?}") };
        assert_eq!(gap.value, (found[0].window.1 - found[0].window.0) as f64);
        // A twentieth of three seconds, and one stretch.
        assert!((150e6..=160e6).contains(&within.value) && found[0].sample.0 == 4, "{found:?}");
    }

    #[test]
    fn a_node_that_had_been_ill_did_not_stand_still() {
        // For as long before most of what it was asked failed, or less.
        let with = |from: i64| {
            let mut trace =
                trace(|by: u32, now| within(8_000, 11_000, now).filter(|_| by % 3 == 1), |_| Came::Ok);
            (from..8_000).step_by(2).for_each(|at| _ = trace.add((1, 1), READ, at, Some((1, Came::Fail))));
            trace.find(process_pause::find).symptoms.len()
        };
        assert_eq!([with(7_400), with(7_000)], [1, 0]);
    }

    #[test]
    fn what_waits_at_the_beginning_of_a_stretch_is_open_there() {
        let of = |ended_calls: u32, ok: u32| Cell { ended_calls, ok, ..Cell::default() };
        assert_eq!(waiting(&[of(3, 0), of(1, 2), of(0, 0), of(0, 2)]), [0, 3, 2, 2]);
    }

    /// Whether node 1 is told, which stood still from 8 s to 11 s, where others did at such times.
    fn is_told_beside(others: impl Fn(u32, i64) -> Option<i64>) -> bool {
        let held = |by: u32, now| if by % 3 == 1 { within(8_000, 11_000, now) } else { others(by, now) };
        found(held, Came::Ok).iter().any(|symptom| symptom.scope.nodes == [node(1)])
    }

    #[test]
    fn others_that_answer_show_that_one_stood_still() {
        // Two clients of another node wait for longer.
        assert!(is_told_beside(|by, now| within(8_000, 14_000, now).filter(|_| by == 0 || by == 3)));
        // All others stop a moment later.
        assert!(!is_told_beside(|_, now| within(8_200, 11_000, now)));
    }
}
