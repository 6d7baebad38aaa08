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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::format::Format;
    use crate::format::columns::testing::{check_errors, summary};
    use crate::operation::History;
    use crate::span::{SourceId, Span};

    fn read_all(text: &str) -> HistoryBuilder {
        let mut builder = HistoryBuilder::new(Format::JepsenTxt);
        read(Source { id: SourceId(0), text }, &mut builder);
        builder
    }

    fn history(text: &str) -> History {
        read_all(text).finish(Overrides::default()).expect("well-formed")
    }

    #[track_caller]
    fn wrong(text: &str, expect: &[(&str, &str)]) {
        check_errors(text, read_all(text), expect);
    }

    #[test]
    fn columns_with_tabs_or_blanks() {
        let text = "4\t:invoke\t:cas\t[2 4]\n3 :invoke :read  nil\r\n\n4\t:fail\t:cas\t[2 4]\t:value-mismatch\n:nemesis\t:info\t:start\tnil\n3\t:info\t:read\tnil\tindeterminate: Read\ttimed out\n";
        let history = history(text);
        let expect = [
            "4 cas [2 4] -> fail [2 4] !\"value-mismatch\"",
            "3 read nil -> unknown !\"indeterminate: Read\\ttimed out\"",
        ];
        assert_eq!(summary(&history), expect);
        assert_eq!((history.faults.len(), history.notes.len()), (1, 0));
        assert_eq!(history.operations[1].call.span, Span::new(SourceId(0), 21, 41));
    }

    #[test]
    fn errors_may_have_several_lines() {
        let text = "0\t:invoke\t:read\tnil\n0\t:info\t:read\tnil\tERROR: gone\n  Detail: none\n\tat java.lang\n1\t:invoke\t:read\tnil\n";
        let history = history(text);
        assert_eq!(summary(&history), ["0 read nil -> unknown !\"ERROR: gone\"", "1 read nil -> unknown"]);
        assert!(
            history
                .notes
                .contains(&Note::Format("2 lines continue an error that was printed before them".to_owned()))
        );
        wrong("0\t:info\t:read\tnil\n  Detail: none\n", &[("none", "`none` is no type of event")]);
    }

    #[test]
    fn lines_that_cannot_be_read() {
        wrong(
            "0\t:invoke\t:read\n1\t:invoked\t:read\tnil\n",
            &[("", "the line ends before its value"), (":invoked", "`:invoked` is no type of event")],
        );
        wrong("0\t:invoke\t[1]\tnil\n", &[("[1]", "`[1]` is no name of a function")]);
        wrong("0\t:ok\t:read\t[1 2\n", &[("[", "this vector is never closed")]);
        wrong("0\t:ok\t:read\t[1]2\n", &[("2", "this text follows the value without a blank")]);
        wrong("0\t:ok\t:read\t12x\tno\n", &[("12x", "`12x` is no number")]);
        wrong("garbage\n", &[("", "the line ends before its type")]);
        wrong("3\t:inv", &[(":inv", "`:inv` is no type of event")]);
    }

    #[test]
    fn whatever_the_nemesis_says_is_a_fault() {
        let history = history(":nemesis\t:info\t:kill\t#<Object {x>\n");
        let value = history.faults[0].value.map(|value| history.values.show(value));
        assert_eq!(value.as_deref(), Some("\"#<Object {x>\""));
    }

    #[test]
    fn a_last_line_that_was_cut_off_is_a_doubt() {
        let (whole, line) = ("0\t:invoke\t:read\tnil\n", "0\t:ok\t:read\t[\"é\" {1 #{2}}]");
        for end in (1..line.len()).filter(|&end| line.is_char_boundary(end)) {
            let text = format!("{whole}{}", &line[..end]);
            let history = history(&text);
            let cut = Note::TruncatedLine(Span::new(SourceId(0), whole.len(), text.len()));
            assert_eq!(summary(&history), ["0 read nil -> unknown"]);
            assert!(history.notes.contains(&cut), "{text}: {:?}", history.notes);
        }
    }
}
