//! SYM21: what is asked by one function happens, what is asked by another one does not, at one node or everywhere.

use seriatim_history::ValueId;

use crate::baseline::{SAMPLE, between};
use crate::kind::SymptomKind;
use crate::rule::sliding::{sharpened, slides, stretches, united};
use crate::rule::{Part, covered};
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::statistics::fewer;
use crate::symptom::{Number, Scope, Symptom, Tested};

/// See there.
pub(crate) static SERVED: Setting = Setting {
    name: "sym21.served",
    unit: Unit::Share,
    default: 0.95,
    about: "Of what is asked by one function at least this share happens.",
};

/// See there.
pub(crate) static REFUSED: Setting = Setting {
    name: "sym21.refused",
    unit: Unit::Share,
    default: 0.05,
    about: "Of what is asked by the other one at most this share happens.",
};

/// See there.
pub(crate) static LEAST: Setting =
    Setting { name: "sym21.least", unit: Unit::Time, default: 1.5, about: "That lasts at least so long." };

/// Usually so much of what is asked by either happens.
const MOSTLY: f64 = 0.7;
/// In windows of this length the shares are looked at, in nanoseconds.
const LENGTH: i64 = 1_000_000_000;

pub(crate) fn find(asked: &Asked<'_>) -> Candidates {
    let mut all = Candidates::default();
    let functions = asked.observed.functions();
    let nodes: Vec<_> = asked.observed.nodes().into_iter().flatten().collect();
    for &served in &functions {
        for &refused in functions.iter().filter(|of| **of != served) {
            let whole = of_part(asked, Part::ALL, served, refused, &mut all.tests);
            let windows: Vec<_> = whole.iter().map(|symptom| symptom.window).collect();
            all.symptoms.extend(whole);
            if nodes.len() < 2 {
                continue;
            }
            for &node in &nodes {
                let mut some = of_part(asked, Part::node(node), served, refused, &mut all.tests);
                some.retain(|of| windows.iter().map(|&window| covered(of.window, window)).sum::<f64>() < 0.5);
                all.symptoms.extend(some);
            }
        }
    }
    all
}

fn of_part(
    asked: &Asked<'_>,
    part: Part,
    served: ValueId,
    refused: ValueId,
    tests: &mut Vec<f64>,
) -> Vec<Symptom> {
    let Asked { observed, baseline, thresholds, .. } = *asked;
    let sample = thresholds.of(&SAMPLE);
    // What often does not happen, such as taking from a queue that may be empty, is refused by nobody. Where no fault is
    // recorded, the time in question is not what is usual.
    let usual = |function, window| {
        let rest = baseline.without(window)?;
        let usual = rest.usual(observed, sample, |node, of| part.has(node, of) && of == function);
        usual.filter(|usual| usual.cell.share().is_some_and(|share| share >= MOSTLY))
    };
    let Some(span) = observed.span() else { return Vec::new() };
    let counts =
        [served, refused].map(|function| observed.counts(|node, of| part.has(node, of) && of == function));
    let slides = counts.each_ref().map(|counts| slides(observed, counts, span, LENGTH));
    let holds = |cells: [&crate::cell::Cell; 2], least: f64| {
        let shares = cells.map(|cell| cell.share().filter(|_| f64::from(cell.settled()) >= least));
        shares[0].is_some_and(|share| share >= thresholds.of(&SERVED))
            && shares[1].is_some_and(|share| share <= thresholds.of(&REFUSED))
    };
    let windows = stretches(&slides[0], |at, slide| holds([&slide.cell, &slides[1][at].cell], 2.0));
    let windows = united(windows, |from, to| {
        let cells = counts.each_ref().map(|counts| between(observed, counts, from, to));
        holds(cells.each_ref(), 2.0)
    });
    let mut all = Vec::new();
    for window in windows {
        let (from, to) = sharpened(observed, window, LENGTH);
        let cells = counts.each_ref().map(|counts| between(observed, counts, from, to));
        if to - from < thresholds.nanoseconds(&LEAST) || !holds(cells.each_ref(), sample) {
            continue;
        }
        let (Some(_), Some(usual)) = (usual(served, (from, to)), usual(refused, (from, to))) else {
            continue;
        };
        let [good, bad] = cells.map(|cell| cell.outcomes());
        let share = |of: [u64; 2]| of[0] as f64 / (of[0] + of[1]) as f64;
        let p = fewer(bad, good);
        tests.push(p);
        all.push(Symptom {
            kind: SymptomKind::PartialService,
            is_likeness: false,
            scope: Scope { functions: vec![refused], ..part.scope() },
            window: (from, to),
            numbers: vec![
                Number::time("lasted", (to - from) as f64),
                Number::share("refused", share(bad)).usually(usual.cell.share()),
                Number::share("served", share(good)),
                Number::count("refusals", bad[1]),
            ],
            effect: Some(share(good) - share(bad)),
            sample: (bad[0] + bad[1], good[0] + good[1]),
            test: Some(Tested { p, q: 1.0 }),
            shown: Vec::new(),
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Came, READ, Trace, WRITE, ms, node};

    /// Reads and writes at three nodes, which come to this from the fourth to the eighth second.
    fn trace(came: impl Fn(u32, ValueId) -> Came) -> Trace {
        let mut trace = Trace::new();
        for (at, time) in (0..12_000).step_by(10).enumerate() {
            let (of, function) = (at as u32 % 3, if at % 2 == 0 { READ } else { WRITE });
            let came = if (4_000..8_000).contains(&time) { came(of, function) } else { Came::Ok };
            trace.add((at as u32 % 6, of), function, time, Some((5, came)));
        }
        trace.fault(4_000, 8_000, &[]);
        trace
    }

    fn scopes(trace: &Trace) -> Vec<(Vec<ValueId>, Vec<ValueId>)> {
        trace.find(find).symptoms.into_iter().map(|of| (of.scope.nodes, of.scope.functions)).collect()
    }

    #[test]
    fn reads_happen_and_writes_do_not() {
        let all = trace(|_, function| if function == WRITE { Came::Fail } else { Came::Ok });
        assert_eq!(scopes(&all), [(vec![], vec![WRITE])]);
    }

    #[test]
    fn it_may_be_one_node() {
        let all = trace(|of, function| if of == 1 && function == READ { Came::Fail } else { Came::Ok });
        assert_eq!(scopes(&all), [(vec![node(1)], vec![READ])]);
    }

    /// Reads that happen, and writes that do not for some seconds, again and again; no fault is recorded.
    fn unrecorded(is_refused: impl Fn(i64) -> bool) -> Trace {
        let mut trace = Trace::new();
        for (at, time) in (0..12_000).step_by(10).enumerate() {
            let function = if at % 2 == 0 { READ } else { WRITE };
            let came = if function == WRITE && is_refused(time) { Came::Fail } else { Came::Ok };
            trace.add((at as u32 % 6, 0), function, time, Some((5, came)));
        }
        trace
    }

    #[test]
    fn it_is_not_usual_where_no_fault_was_recorded() {
        let once = unrecorded(|time| (4_000..8_500).contains(&time));
        assert_eq!(scopes(&once), [(vec![], vec![WRITE])]);
        // What comes again and again, or lasts for most of the time, is usual.
        assert_eq!(scopes(&unrecorded(|time| time % 4_000 > 1_500)), []);
        assert_eq!(scopes(&unrecorded(|time| time > 4_000)), []);
    }

    #[test]
    fn what_fails_alike_or_in_part_is_not_told() {
        assert_eq!(scopes(&trace(|_, _| Came::Fail)), []);
        // A compare-and-set that seldom fits is refused all along.
        let mut all = Trace::new();
        for (at, time) in (0..12_000).step_by(10).enumerate() {
            let function = if at % 2 == 0 { READ } else { WRITE };
            let came = if function == WRITE && at % 16 != 1 { Came::Fail } else { Came::Ok };
            all.add((at as u32 % 6, 0), function, time, Some((5, came)));
        }
        assert_eq!(scopes(&all), []);
    }

    /// Reads and writes in turn at two nodes for 20 s, of which so many of a hundred happen.
    fn with(share: impl Fn(u32, ValueId, i64) -> i64) -> Vec<Symptom> {
        let mut trace = Trace::new();
        for at in 0..4_000_i64 {
            let (function, of) = (if at % 2 == 0 { READ } else { WRITE }, (at / 2 % 2) as u32);
            let time = 5 * at;
            // Spread over each hundred.
            let is_ok = at / 4 * 37 % 100 < share(of, function, time);
            trace.add(
                (at as u32 % 6, of),
                function,
                time,
                Some((2, if is_ok { Came::Ok } else { Came::Fail })),
            );
        }
        trace.fault(6_000, 10_000, &[]);
        trace.find(find).symptoms
    }

    #[test]
    fn nearly_all_of_one_happens_and_nearly_nothing_of_the_other() {
        let told = |served: i64, refused: i64, usually: i64| {
            let found = with(|_, function, time| match (function == READ, (6_000..10_000).contains(&time)) {
                (true, true) => served,
                (true, false) => 100,
                (false, true) => refused,
                (false, false) => usually,
            });
            let apart = (served - refused) as f64 / 100.0;
            assert!(
                found.iter().all(|of| of.effect.is_some_and(|of| (of - apart).abs() < 0.01)),
                "{found:?}"
            );
            found.into_iter().map(|of| of.scope.nodes.len()).collect::<Vec<_>>()
        };
        assert_eq!([told(97, 0, 100), told(92, 0, 100)], [vec![0], vec![]]);
        assert_eq!([told(100, 3, 100), told(100, 8, 100)], [vec![0], vec![]]);
        assert_eq!([told(100, 0, 73), told(100, 0, 67)], [vec![0], vec![]]);
    }

    #[test]
    fn it_lasts_for_a_second_and_a_half() {
        let told = |until: i64| {
            with(
                |_, function, time| if function == WRITE && (6_000..until).contains(&time) { 0 } else { 100 },
            )
        };
        assert_eq!(told(7_250), []);
        let found = told(7_500);
        let [symptom] = &found[..] else { panic!("{found:?}") };
        assert_eq!((symptom.window, symptom.effect), ((ms(6_000), ms(7_500)), Some(1.0)));
        let numbers: Vec<_> = symptom.numbers.iter().map(|of| (of.value, of.usual)).collect();
        assert_eq!(numbers, [(1.5e9, None), (0.0, Some(1.0)), (1.0, None), (150.0, None)]);
        assert_eq!(symptom.sample, (150, 150));
    }

    #[test]
    fn a_node_that_refuses_for_longer_than_all_is_told_as_well() {
        let nodes = |until: i64| {
            let found = with(|of, function, time| {
                let until = if of == 1 { until } else { 8_000 };
                if function == WRITE && (6_000..until).contains(&time) { 0 } else { 100 }
            });
            found.into_iter().map(|of| of.scope.nodes).collect::<Vec<_>>()
        };
        assert_eq!(nodes(16_000), [vec![], vec![node(1)]]);
        // All do for half of that.
        assert_eq!(nodes(10_000), [vec![]]);
    }
}
