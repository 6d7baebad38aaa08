//! What became of the rows of one call.

use crate::card::Card;
use crate::row::{Expectation, Row};
use crate::table::Line;

/// How a program ends that found what a system promises not to do.
const UNEXPECTED: u8 = 1;
/// How it ends if something was not recorded.
const INCOMPLETE: u8 = 3;

/// A line for each row, and how the program is to end.
#[derive(Debug)]
pub(crate) struct Tally {
    lines: Vec<(String, Line)>,
    is_unexpected: bool,
    is_incomplete: bool,
}

impl Tally {
    /// Of rows of which nothing was recorded yet.
    pub(crate) fn new(rows: &[Row]) -> Self {
        let lines = rows.iter().map(|row| (row.name(), Line::new(row))).collect();
        Self { lines, is_unexpected: false, is_incomplete: false }
    }

    /// One more recording.
    pub(crate) fn add(&mut self, row: &Row, card: &Card) {
        self.line(row).add(card.found.as_ref());
        self.is_incomplete |= card.void.is_some();
        self.is_unexpected |= row.expectation == Expectation::Valid && card.verdict() == "invalid";
    }

    /// One more try that became no recording.
    pub(crate) fn failed(&mut self, row: &Row) {
        self.line(row).failed();
        self.is_incomplete = true;
    }

    fn line(&mut self, row: &Row) -> &mut Line {
        let name = row.name();
        let line = self.lines.iter_mut().find(|(known, _)| *known == name);
        &mut line.expect("it has a line for each row that is recorded").1
    }

    /// The lines of rows that were tried.
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.lines.iter().map(|(_, line)| line).filter(|line| !line.verdicts.is_empty()).cloned().collect()
    }

    /// How the program is to end.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self { is_unexpected: true, .. } => UNEXPECTED,
            Self { is_incomplete: true, .. } => INCOMPLETE,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::rows;

    #[test]
    fn a_row_that_was_not_recorded_is_told_and_one_that_was_not_tried_is_not() {
        let rows = rows();
        let mut tally = Tally::new(&rows);
        assert_eq!((tally.code(), tally.lines().len()), (0, 0));
        tally.failed(&rows[1]);
        assert_eq!((tally.code(), tally.lines().len()), (INCOMPLETE, 1));
        assert_eq!(tally.lines()[0].verdicts.get("failed"), Some(&1));
    }
}
