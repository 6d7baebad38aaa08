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

    #[test]
    fn what_holds_of_both_is_one() {
        let all = vec![(0, 10), (12, 20), (40, 50), (52, 60)];
        assert_eq!(united(all.clone(), |_, _| true), [(0, 20), (40, 60)]);
        assert_eq!(united(all.clone(), |from, _| from > 5), [(0, 10), (12, 20), (40, 60)]);
        assert_eq!(united(all, |_, _| false).len(), 4);
    }
}
