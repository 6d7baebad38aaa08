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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::format::Format;
    use crate::format::columns::testing::{check_errors, summary};
    use crate::operation::History;
    use crate::span::SourceId;

    fn read_all(text: &str) -> HistoryBuilder {
        let mut builder = HistoryBuilder::new(Format::JepsenLog);
        read(Source { id: SourceId(0), text }, &mut builder);
        builder
    }

    fn history(text: &str) -> History {
        read_all(text).finish(Overrides::default()).expect("well-formed")
    }

    const PREFIXES: [&str; 5] = [
        "INFO  jepsen.util - ",
        "INFO [2018-06-07 13:14:12,581] jepsen worker 0 - jepsen.util ",
        "2020-02-29 22:14:31,054{GMT}\tINFO\t[jepsen worker 1] jepsen.util: ",
        "2024-12-18 01:04:10,882{GMT}\tINFO\t[jepsen worker 3] jepsen.util: [ 2327886777 ] ",
        "jepsen.util is named in [jepsen.util worker] jepsen.util: [7] ",
    ];

    #[test]
    fn every_prefix() {
        for prefix in PREFIXES {
            for blank in ["\t", "   "] {
                let line = |columns: &[&str]| format!("{prefix}{}\n", columns.join(blank));
                let lines = [
                    line(&["0", ":invoke", ":cas", "[1 4]"]),
                    line(&[":nemesis", ":info", ":isolate", "nil"]),
                    line(&["0", ":fail", ":cas", "[1 4]", ":moved"]),
                    line(&["-1", ":invoke", ":read", "nil"]),
                    line(&["-1", ":fail", ":read", ":timed-out"]),
                ];
                assert!(lines.iter().all(|line| is_operation_line(line.trim_end())), "{prefix}");
                assert_eq!(
                    lines.iter().filter(|line| is_2014_line(line)).count() == 5,
                    prefix == PREFIXES[0]
                );
                let history = history(&lines.concat());
                let expect = ["0 cas [1 4] -> fail [1 4] !\"moved\"", "-1 read nil -> fail \"timed-out\""];
                assert_eq!(summary(&history), expect, "{prefix}");
                assert_eq!((history.faults.len(), history.notes.as_slice()), (1, &[][..]));
            }
        }
    }

    #[test]
    fn other_lines_are_counted() {
        let others = [
            "2020-02-29 22:14:12,512{GMT}\tINFO\t[jepsen test runner] jepsen.core: Running test:",
            " {:read-concern :linearizable,",
            "\tat jepsen.util$timeout.invoke(util.clj:1)",
            "INFO jepsen.utility: 0\t:invoke\t:read\tnil",
            "INFO jepsen.util: ready to go",
            "INFO jepsen.util: :nemesis :starting",
            "0\t:invoke\t:read\tnil",
            "jepsen.util",
        ];
        assert!(!others.iter().any(|line| is_operation_line(line) || is_2014_line(line)));
        let text = format!("{}\n\nINFO  jepsen.util - 0\t:invoke\t:read\tnil\n", others.join("\n"));
        let history = history(&text);
        assert_eq!(history.operations.len(), 1);
        assert!(history.notes.contains(&Note::OtherLines(others.len())));
    }

    #[test]
    fn operations_that_cannot_be_read_are_errors() {
        let check = |columns: &str, expect: (&str, &str)| {
            for prefix in PREFIXES {
                let text = format!("{prefix}{columns}\n");
                check_errors(&text, read_all(&text), &[expect]);
            }
        };
        check("0\t:invokes\t:read\tnil", (":invokes", "`:invokes` is no type of event"));
        check("0\t:invoke\t:read", ("", "the line ends before its value"));
        check(":p\t:invoke\t:read", ("", "the line ends before its value"));
        check("0\t:ok\t:read\t{:a}", (":a", "the key `:a` has no value"));
    }

    #[test]
    fn a_last_line_that_was_cut_off_is_a_doubt() {
        for prefix in PREFIXES {
            let whole = format!("{prefix}0\t:invoke\t:read\t[\"é\"]\n");
            let text = format!("{whole}{prefix}0\t:ok\t:read\t#{{1}}\t:é x");
            for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
                let builder = read_all(&text[..end]);
                if end >= whole.len() {
                    let history = builder.finish(Overrides::default()).expect("only cut off");
                    assert_eq!(history.operations.len(), 1);
                }
            }
        }
    }
}
