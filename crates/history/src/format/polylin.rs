//! Intervals of PolyLin: `method value… start end` on a line, after a comment that names the object; some versions
//! have the process in front.

use super::fptlin::{Layout, Parts, rows};
use super::words::Word;
use crate::build::HistoryBuilder;
use crate::span::Source;

/// Reads a row for each operation. All operations have returned.
pub fn read(source: Source<'_>, builder: &mut HistoryBuilder) {
    rows(source, builder, &LAYOUT);
}

const LAYOUT: Layout = Layout { columns: "method value… start end", take };

fn take<'a>(words: &[Word<'a>], number: usize, builder: &mut HistoryBuilder) -> Option<Parts<'a>> {
    let is_process = words.first().is_some_and(|(word, _)| word.parse::<i64>().is_ok());
    let (process, words) = if is_process {
        (super::object::number_or_text(words[0].0, &mut builder.values), &words[1..])
    } else {
        // Nothing is known of who did it, so that each operation has a process of its own.
        (builder.values.int(number as i128), words)
    };
    let &[method, ref numbers @ .., call, end] = words else { return None };
    let numbers = numbers.iter().map(|&(number, _)| number).collect();
    Some(Parts { process, method, numbers, call, end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::format::Format;
    use crate::operation::{History, Note};
    use crate::span::SourceId;

    fn history(text: &str) -> Option<History> {
        let mut builder = HistoryBuilder::new(Format::Polylin);
        read(Source { id: SourceId(0), text }, &mut builder);
        builder.finish(Overrides::default()).ok()
    }

    #[test]
    fn rows_are_read_with_and_without_process() {
        let text = "# deque\npush_front 6 3 25\npop_back 6 4 26\npeek_front -1 5 27";
        let history_of_text = history(text).expect("well-formed");
        let names: Vec<&str> =
            history_of_text.operations.iter().map(|operation| history_of_text.function(operation)).collect();
        assert_eq!(names, ["push-front", "pop-back", "peek-front"]);
        assert!(!history_of_text.notes.iter().any(|note| matches!(note, Note::OverlappingProcess(..))));
        assert_eq!(history_of_text.declared.model.as_deref(), Some("deque"));
        let with_process = history("# stack\n4 push 1 1 2\n4 pop 1 3 4").expect("well-formed");
        assert_eq!(with_process.values.as_int(with_process.operations[0].process), Some(4));
    }

    #[test]
    fn cuts_do_not_panic() {
        let text = "# set\ninsert 1 1 5 7\n3 contains 1 1 4 6\n";
        for end in 0..text.len() {
            assert!(history(&text[..end]).is_none_or(|history| history.operations.len() <= 2), "{end}");
        }
    }
}
