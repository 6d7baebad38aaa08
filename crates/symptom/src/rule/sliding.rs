//! Windows of one length that slide over the short stretches of a run, four to a length.

use crate::baseline::{between, spells};
use crate::cell::Cell;
use crate::observed::Observed;

/// A window and what was counted in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slide {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) cell: Cell,
}

/// The windows of a length between two times.
pub(crate) fn slides(
    observed: &Observed,
    counts: &[Cell],
    (from, to): (i64, i64),
    length: i64,
) -> Vec<Slide> {
    let step = (length / 4).max(observed.cells.width());
    let begins = (0..).map(|at| from + at * step).take_while(|begin| begin + length <= to);
    begins
        .map(|begin| {
            let end = begin + length;
            Slide { from: begin, to: end, cell: between(observed, counts, begin, end) }
        })
        .collect()
}

/// The longest stretches of time that windows of which something holds cover without a hole.
pub(crate) fn stretches(slides: &[Slide], holds: impl Fn(usize, &Slide) -> bool) -> Vec<(i64, i64)> {
    let mut all: Vec<(i64, i64)> = Vec::new();
    for (at, slide) in slides.iter().enumerate() {
        if !holds(at, slide) {
            continue;
        }
        match all.last_mut() {
            // Between two windows that overlap, one of which it does not hold is blurred by its neighbours.
            Some((_, end)) if slide.from < *end => *end = slide.to,
            _ => all.push((slide.from, slide.to)),
        }
    }
    all
}

/// The same stretches, of which two that follow each other are one where what holds of either holds of both with what lies between,
/// which is no more than a fourth of that.
pub(crate) fn united(stretches: Vec<(i64, i64)>, holds: impl Fn(i64, i64) -> bool) -> Vec<(i64, i64)> {
    let mut all: Vec<(i64, i64)> = Vec::new();
    for (from, to) in stretches {
        match all.last_mut() {
            Some((begin, end)) if from - *end <= (to - *begin) / 4 && holds(*begin, to) => *end = to,
            _ => all.push((from, to)),
        }
    }
    all
}

/// A stretch of time whose beginning is known to the length of a window: where a fault begins within that, it is taken to begin
/// with it.
pub(crate) fn sharpened(observed: &Observed, (from, to): (i64, i64), length: i64) -> (i64, i64) {
    let spells = spells(observed);
    let is_during = spells.iter().any(|spell| spell.from <= from && from < spell.to);
    let next =
        spells.iter().map(|spell| spell.from).filter(|&begin| from < begin && begin <= from + length).min();
    (next.filter(|&begin| !is_during && begin < to).unwrap_or(from), to)
}

/// What is left of a stretch of windows any of which may be bad by what is at one end of it: that of which a part of the
/// length of a window is cut off at either side, unless it is there that one looked first or last.
pub(crate) fn tight(slides: &[Slide], (from, to): (i64, i64)) -> (i64, i64) {
    let (Some(first), Some(last)) = (slides.first(), slides.last()) else { return (from, to) };
    let step = slides.get(1).map_or(0, |second| second.from - first.from);
    let cut = (first.to - first.from - step).max(0);
    let begin = if from == first.from { from } else { from + cut };
    let end = if to == last.to { to } else { to - cut };
    if begin < end { (begin, end) } else { (from, to) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Trace, ms};

    #[test]
    fn what_holds_of_both_is_one() {
        let all = vec![(0, 10), (12, 20), (40, 50), (52, 60)];
        assert_eq!(united(all.clone(), |_, _| true), [(0, 20), (40, 60)]);
        assert_eq!(united(all.clone(), |from, _| from > 5), [(0, 10), (12, 20), (40, 60)]);
        assert_eq!(united(all, |_, _| false).len(), 4);
    }

    #[test]
    fn what_lies_between_is_a_fourth_at_most() {
        assert_eq!(united(vec![(0, 3), (5, 8)], |_, _| true), [(0, 8)]);
        assert_eq!(united(vec![(0, 3), (6, 9)], |_, _| true), [(0, 3), (6, 9)]);
        assert_eq!(united(vec![(10, 13), (15, 18)], |from, to| (from, to) == (10, 18)), [(10, 18)]);
    }

    /// Windows of four, one after the other.
    fn of_four(until: i64) -> Vec<Slide> {
        (0..=until - 4).map(|from| Slide { from, to: from + 4, cell: Cell::default() }).collect()
    }

    #[test]
    fn windows_that_overlap_are_one_stretch() {
        let of = |places: &[usize]| stretches(&of_four(20), |at, _| places.contains(&at));
        assert_eq!(of(&[2, 5, 8]), [(2, 12)]);
        assert_eq!(of(&[2, 6, 7]), [(2, 6), (6, 11)]);
    }

    #[test]
    fn what_is_blurred_at_either_side_is_cut_off() {
        let of = |window| tight(&of_four(20), window);
        assert_eq!([of((2, 18)), of((2, 9)), of((2, 8))], [(5, 15), (5, 6), (2, 8)]);
        // There nothing was looked at before, or after.
        assert_eq!([of((0, 18)), of((2, 20)), of((0, 20))], [(0, 15), (5, 20), (0, 20)]);
        assert_eq!(tight(&of_four(4), (0, 4)), (0, 4));
        assert_eq!(tight(&of_four(40)[10..], (12, 30)), (15, 27));
    }

    #[test]
    fn windows_slide_by_a_fourth_of_their_length() {
        let mut trace = Trace::new();
        trace.steady(0..3_000, 10, 2);
        let observed = trace.observed();
        let counts = observed.counts(|_, _| true);
        let of = |from, to, length| -> Vec<_> {
            let all = slides(&observed, &counts, (ms(from), ms(to)), ms(length));
            all.iter().map(|of| (of.from / ms(1), of.to / ms(1), of.cell.calls)).collect()
        };
        assert_eq!(of(500, 2_000, 1_000), [(500, 1_500, 100), (750, 1_750, 100), (1_000, 2_000, 100)]);
        // Nothing is known of less than a short stretch.
        assert_eq!(of(0, 40, 20), [(0, 20, 2), (10, 30, 2), (20, 40, 2)]);
    }

    #[test]
    fn what_begins_shortly_before_a_fault_begins_with_it() {
        let mut trace = Trace::new();
        trace.steady(0..10_000, 10, 2).fault(5_000, 8_000, &[]).fault(6_000, 6_500, &[]).fault(
            8_500,
            9_000,
            &[],
        );
        let observed = trace.observed();
        let of = |from, to| sharpened(&observed, (ms(from), ms(to)), ms(1_000)).0 / ms(1);
        assert_eq!([of(4_500, 7_000), of(4_000, 7_000), of(3_990, 7_000)], [5_000, 5_000, 3_990]);
        // What is over before it begins, and what comes while one lasts.
        assert_eq!([of(4_500, 5_000), of(5_000, 7_000), of(5_500, 7_000)], [4_500, 5_000, 5_500]);
        assert_eq!([of(8_000, 9_500), of(7_990, 9_500)], [8_500, 7_990]);
    }
}
