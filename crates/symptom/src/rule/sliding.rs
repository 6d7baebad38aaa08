//! Windows of one length that slide over the short stretches of a run, four to a length.

use crate::baseline::between;
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
