//! Jepsen's `history.txt`: process, type, function, value and error, separated by tabs.

use super::columns::{is_process, lines, take};
use crate::build::HistoryBuilder;
use crate::operation::Note;
use crate::span::Source;

/// Reads lines such as `3<tab>:fail<tab>:cas<tab>[2 4]<tab>:value-mismatch`; blanks will do for tabs.
///
/// Errors are printed as they are, and may go on for several lines: those after an error that begin with neither an
/// integer nor a keyword are taken as its continuation, and counted in a note.
pub fn read(source: Source<'_>, builder: &mut HistoryBuilder) {
    let (mut continued, mut in_error, mut errors) = (0, false, 0);
    for line in lines(source.text) {
        match source.text[line.range.clone()].split_whitespace().next() {
            None => {}
            Some(first) if in_error && !is_process(first) => continued += 1,
            Some(_) => in_error = take(source, &line, line.range.start, &mut errors, builder),
        }
    }
    if continued > 0 {
        builder
            .note(Note::Format(format!("{continued} lines continue an error that was printed before them")));
    }
}
