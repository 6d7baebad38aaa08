//! Lines of Jepsen's log that record operations: the columns of `history.txt` behind the prefix of a logger.

use memchr::memmem;

use super::columns::{is_operation, lines, take};
use crate::build::HistoryBuilder;
use crate::operation::Note;
use crate::span::Source;

/// The logger that writes operations.
const LOGGER: &str = "jepsen.util";

/// What stands before the columns in 2014.
const PREFIX_2014: &str = "INFO  jepsen.util - ";

const BLANKS: [char; 2] = [' ', '\t'];

/// Reads the operations of a log; how many other lines it has is noted.
///
/// These prefixes were met, and whatever stands before `jepsen.util` is left out:
///
/// ```text
/// INFO  jepsen.util - 0 :invoke :write 3
/// INFO [2018-06-07 13:14:12,581] jepsen worker 0 - jepsen.util 0 :ok :read [0 nil]
/// 2020-02-29 22:14:31,054{GMT} INFO [jepsen worker 1] jepsen.util: 1 :invoke :add 0
/// 2024-12-18 01:04:10,882{GMT} INFO [jepsen worker 3] jepsen.util: [ 2327886777 ] 3 :invoke :read [[:r 9 nil]]
/// ```
pub fn read(source: Source<'_>, builder: &mut HistoryBuilder) {
    let (mut others, mut errors) = (0, 0);
    let logger = memmem::Finder::new(LOGGER);
    for line in lines(source.text) {
        let text = &source.text[line.range.clone()];
        match columns(&logger, text) {
            Some(at) => {
                take(source, &line, line.range.start + at, &mut errors, builder);
            }
            None => others += usize::from(!text.trim().is_empty()),
        }
    }
    if others > 0 {
        builder.note(Note::OtherLines(others));
    }
}

/// Whether this line of a log records an operation.
pub fn is_operation_line(line: &str) -> bool {
    columns(&memmem::Finder::new(LOGGER), line).is_some_and(|at| is_operation(&line[at..]))
}

/// Whether this line of a log records an operation as in 2014, without a time or a thread.
pub fn is_2014_line(line: &str) -> bool {
    line.strip_prefix(PREFIX_2014).is_some_and(is_operation)
}

/// Where the columns of an operation begin on this line, if it has any: a process, and what is a type or should be one.
fn columns(logger: &memmem::Finder<'_>, line: &str) -> Option<usize> {
    logger.find_iter(line.as_bytes()).find_map(|at| {
        let rest = &line[at + LOGGER.len()..];
        let tail = rest.strip_prefix(':').unwrap_or(rest).trim_start_matches(BLANKS);
        let tail = tail.strip_prefix("- ").unwrap_or(tail).trim_start_matches(BLANKS);
        let tail = &tail[stopwatch(tail)..];
        if tail.len() == rest.len() {
            // Another logger, whose name only begins like this one's.
            return None;
        }
        let mut words = tail.split(BLANKS).filter(|word| !word.is_empty());
        let (process, word) = (words.next()?, words.next()?);
        let is_client = process.parse::<i128>().is_ok() && word.starts_with(':');
        (is_client || is_operation(tail)).then_some(line.len() - tail.len())
    })
}

/// Length of the `[ 2327886777 ] ` that some logs have before the columns.
fn stopwatch(text: &str) -> usize {
    let Some((inside, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) else { return 0 };
    let digits = inside.trim();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.len() - rest.trim_start().len() } else { 0 }
}
