//! How clients ask: how many do at a time, and until when.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;

use crate::baseline::{Baseline, spells};
use crate::cell::Cell;
use crate::observed::Observed;
use crate::rule::Part;
use crate::statistics::median;

/// How many clients asked something, or waited for an answer, in each of the stretches of [`Observed::answered`]; nothing
/// where single clients were not looked at.
fn busy(observed: &Observed, part: Part) -> Option<Vec<u32>> {
    let grid = &observed.answered;
    let mut of_client: FxHashMap<ValueId, Vec<usize>> = FxHashMap::default();
    for &((client, node), series) in observed.pairs.as_ref()? {
        if part.node.is_none() || part.node == node {
            of_client.entry(client).or_default().push(series);
        }
    }
    let mut busy = vec![0; grid.span().count()];
    for series in of_client.values() {
        let mut open = 0_i64;
        for (count, place) in busy.iter_mut().zip(grid.span()) {
            let was_open = open > 0;
            let mut calls = 0;
            for cell in series.iter().filter_map(|&series| grid.get(series, place)) {
                calls += cell.calls;
                open += i64::from(cell.calls) - i64::from(cell.ok) - i64::from(cell.bad);
            }
            *count += u32::from(was_open || calls > 0);
        }
    }
    Some(busy)
}

/// How many clients usually asked at a time; nothing where single clients were not looked at.
pub(crate) fn clients(observed: &Observed, baseline: &Baseline, part: Part) -> Option<f64> {
    let grid = &observed.answered;
    let busy = busy(observed, part)?;
    let is_usual =
        |&(_, place): &(u32, i64)| baseline.has(grid.time(place)) && baseline.has(grid.time(place + 1));
    let usual = busy.into_iter().zip(grid.span()).filter(is_usual);
    median(usual.map(|(count, _)| count.into()).collect())
}

/// Until when clients asked as they mostly do, at least half as many: after that, that little happens means nothing.
pub(crate) fn until(observed: &Observed) -> i64 {
    let last = observed.span().map_or(0, |(_, last)| last);
    let Some(busy) = busy(observed, Part::ALL) else { return last };
    let grid = &observed.answered;
    let fault = spells(observed).first().map_or(last, |spell| spell.from);
    let before = usize::try_from(grid.place(fault) - grid.span().start).unwrap_or(0).min(busy.len());
    // As they did before the first fault, where that is long enough; few ask at the end of many runs, and for long.
    let (known, share) = if before >= 4 && before < busy.len() { (before, 0.5) } else { (busy.len(), 0.9) };
    let mut sorted = busy[..known].to_vec();
    sorted.sort_unstable();
    let Some(&mostly) = sorted.get((known as f64 * share) as usize) else { return last };
    let loaded = busy.iter().zip(grid.span()).filter(|(count, _)| 2 * **count >= mostly).last();
    // The last stretch may be one in which most of them left.
    loaded.map_or(last, |(_, place)| if grid.time(place + 1) < last { grid.time(place) } else { last })
}

/// How many operations were open at the end of each short stretch, of those whose end is recorded.
pub(crate) fn open(counts: &[Cell]) -> Vec<i64> {
    let mut open = 0;
    let step = |cell: &Cell| {
        open += i64::from(cell.ended_calls) - i64::from(cell.ends());
        open
    };
    counts.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setting::Thresholds;
    use crate::trace::{Came, READ, Trace, ms, node};

    /// So many clients ask each tenth of a second in such times.
    fn trace(clients: &[(std::ops::Range<i64>, u32)]) -> Trace {
        let mut trace = Trace::new();
        for (time, count) in clients {
            for at in time.clone().step_by(100) {
                (0..*count).for_each(|by| _ = trace.add((by, by % 3), READ, at, Some((5, Came::Ok))));
            }
        }
        trace
    }

    fn until(trace: &Trace) -> i64 {
        super::until(&trace.observed()) / ms(1)
    }

    #[test]
    fn clients_ask_until_less_than_half_of_them_do() {
        let ends = |clients| until(&trace(&[(0..15_000, 8), (15_000..20_000, clients)]));
        assert_eq!([ends(3), ends(4)], [14_750, 19_910]);
        // Who waits for an answer is there.
        let mut all = trace(&[(0..15_000, 8)]);
        (0..4).for_each(|by| _ = all.add((by, 0), READ, 15_000, Some((5_000, Came::Ok))));
        assert_eq!(until(&all), 20_010);
    }

    #[test]
    fn as_many_ask_as_before_the_first_fault() {
        let all = |fault| {
            let mut all = trace(&[(0..2_000, 4), (2_000..10_000, 16), (10_000..20_000, 3)]);
            all.fault(fault, 2_500, &[]);
            until(&all)
        };
        assert_eq!([all(2_000), all(1_000)], [19_910, 19_910]);
        // In less than a second before it nobody can tell.
        assert_eq!(all(900), 9_750);
    }

    #[test]
    fn usually_so_many_ask_at_a_time() {
        let mut all = trace(&[(0..8_000, 6), (8_000..20_000, 12)]);
        all.fault(8_000, 9_000, &[]);
        let observed = all.observed();
        let baseline = Baseline::new(&observed, &Thresholds::default());
        assert_eq!(clients(&observed, &baseline, Part::ALL), Some(6.0));
        assert_eq!(clients(&observed, &baseline, Part::node(node(1))), Some(2.0));
    }

    #[test]
    fn what_began_and_did_not_end_is_open() {
        let of = |calls: u32, ended_calls: u32, ok: u32, fail: u32| Cell {
            calls,
            ended_calls,
            ok,
            fail,
            ..Cell::default()
        };
        assert_eq!(open(&[of(3, 3, 0, 0), of(1, 1, 1, 1), of(4, 0, 0, 0), of(0, 0, 2, 0)]), [3, 2, 2, 0]);
    }
}
