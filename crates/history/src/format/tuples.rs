//! Histories of Knossos relatives: `[process :type :f value]` for each event, or the same in columns without brackets.

use super::columns::{line_at, take};
use super::edn::error::{Syntax, SyntaxError};
use super::edn::field;
use super::edn::reader::Reader;
use super::edn::recover::give_up;
use crate::build::{Event, HistoryBuilder};
use crate::diagnostic::Diagnostic;
use crate::span::Source;

/// Reads vectors, one after the other or within one vector or list, and lines of columns.
///
/// A vector has a process, a type and a function, and may have a value and an error.
pub fn read(source: Source<'_>, builder: &mut HistoryBuilder) {
    let mut tuples = Tuples { source, reader: Reader::new(source), builder, errors: 0 };
    tuples.read();
}

struct Tuples<'a, 'b> {
    source: Source<'a>,
    reader: Reader<'a>,
    builder: &'b mut HistoryBuilder,
    errors: usize,
}

impl Tuples<'_, '_> {
    fn read(&mut self) {
        // The vector or list that holds all others, if one does.
        let mut open: Option<usize> = None;
        loop {
            let start = self.reader.at();
            if let Err(error) = self.reader.blanks() {
                let discarded = self.reader.discarded_after(start);
                self.give_up(discarded, *error);
                continue;
            }
            let start = self.reader.at();
            match self.reader.peek() {
                None => break,
                Some(b'[' | b'(') if open.is_none() && self.opens_tuples() => open = Some(start),
                Some(b'[' | b'(') => self.tuple(start),
                Some(b']' | b')') if open.take().is_some() => self.reader.go_to(start + 1),
                Some(_) => self.line(start),
            }
        }
        if let Some(bracket) = open {
            self.errors += 1;
            self.builder.error(self.reader.unclosed(bracket, "vector").diagnostic);
        }
    }

    /// Enters the vector that is next if what it holds first is a vector; else stays before it.
    fn opens_tuples(&mut self) -> bool {
        let start = self.reader.at();
        self.reader.go_to(start + 1);
        let is_outer = self.reader.blanks().is_ok() && matches!(self.reader.peek(), Some(b'[' | b'('));
        self.reader.go_to(if is_outer { start + 1 } else { start });
        is_outer
    }

    fn tuple(&mut self, start: usize) {
        match self.event(start) {
            Ok(event) => self.builder.event(event),
            Err(error) => self.give_up(start, *error),
        }
    }

    fn event(&mut self, start: usize) -> Syntax<Event> {
        let (reader, values) = (&mut self.reader, &mut self.builder.values);
        let closer = if reader.peek() == Some(b'[') { b']' } else { b')' };
        reader.go_to(start + 1);
        expect(reader, start, closer, "process")?;
        let actor = field::actor(reader, values)?;
        expect(reader, start, closer, "type")?;
        let kind = field::known_kind(reader)?;
        expect(reader, start, closer, "function")?;
        let function = field::flat(field::function(reader, values))?;
        let value = if goes_on(reader, start, closer)? { Some(reader.value(values)?) } else { None };
        let error = if goes_on(reader, start, closer)? { Some(reader.brief(values)?) } else { None };
        if goes_on(reader, start, closer)? {
            let at = reader.at();
            reader.skip()?;
            return Err(reader.error(at, reader.at(), "nothing is expected after the error of an event"));
        }
        reader.go_to(reader.at() + 1);
        Ok(Event { function, value, error, ..Event::new(kind, actor, reader.span_from(start)) })
    }

    /// Takes a line that has columns, or nothing that is known.
    fn line(&mut self, start: usize) {
        // A closing bracket that closes nothing may stand before the rest of a line; columns never begin with one.
        let Some(line) = line_at(self.source.text, start) else { return };
        self.reader.go_to(line.next);
        take(self.source, &line, start, &mut self.errors, self.builder);
    }

    fn give_up(&mut self, start: usize, error: SyntaxError) {
        give_up(&mut self.reader, start, error, &mut self.errors, self.builder);
    }
}

/// Whether the vector that is opened at `open` goes on; else its closing bracket is next.
fn goes_on(reader: &mut Reader<'_>, open: usize, closer: u8) -> Syntax<bool> {
    reader.blanks()?;
    match reader.peek() {
        None => Err(reader.unclosed(open, "vector")),
        Some(byte) if byte == closer => Ok(false),
        Some(b']' | b')' | b'}') => Err(reader.mismatched(open, closer)),
        Some(_) => Ok(true),
    }
}

fn expect(reader: &mut Reader<'_>, open: usize, closer: u8, what: &str) -> Syntax<()> {
    if goes_on(reader, open, closer)? {
        return Ok(());
    }
    let diagnostic =
        Diagnostic::error(reader.span(open, reader.at() + 1), format!("this vector ends before its {what}"))
            .help("write events as `[process :type :f value]`");
    Err(Box::new(SyntaxError { diagnostic, unfinished: false }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::format::Format;
    use crate::format::columns::testing::{check_errors, summary};
    use crate::operation::{History, Note};
    use crate::span::{SourceId, Span};

    fn read_all(text: &str) -> HistoryBuilder {
        let mut builder = HistoryBuilder::new(Format::Tuples);
        read(Source { id: SourceId(0), text }, &mut builder);
        builder
    }

    #[track_caller]
    fn check(text: &str, expect: &[&str]) -> History {
        let history = read_all(text).finish(Overrides::default()).expect("well-formed");
        assert_eq!(summary(&history), expect);
        history
    }

    #[track_caller]
    fn wrong(text: &str, expect: &[(&str, &str)]) {
        check_errors(text, read_all(text), expect);
    }

    #[test]
    fn vectors() {
        let expect = ["70 read nil -> ok 3", "73 write 3 -> fail - !\"[:no {}]\""];
        let text = "[70  :invoke :read nil]\n[73 :invoke :write 3]\n[:nemesis :info :stop \"fully connected\"] ; stop\n[73 :fail :write nil [:no {}]] [70 :ok :read\n3]\n";
        let history = check(text, &[expect[0], "73 write 3 -> fail nil !\"[:no {}]\""]);
        assert_eq!((history.faults.len(), history.notes.len()), (1, 0));
        assert_eq!(history.operations[1].call.span, Span::new(SourceId(0), 24, 45));
        check("[[0 :invoke :read nil] (0 :ok :read 3)]", &["0 read nil -> ok 3"]);
        check("([0 :invoke :release]\n [0 :ok :release])", &["0 release - -> ok -"]);
    }

    #[test]
    fn bare_columns() {
        let text = "94  :invoke :write  0\n; a remark\n:nemesis  :info :start2 {\"n1\" \"986\", \"n2\" :killed}\n94  :fail :write 0 :conn-not-ready\n8 :invoke :read nil\n8 :ok :read nil";
        let history = check(text, &["94 write 0 -> fail 0 !\"conn-not-ready\"", "8 read nil -> ok nil"]);
        assert_eq!((history.faults.len(), history.notes.len()), (1, 0));
    }

    #[test]
    fn what_cannot_be_read() {
        wrong(
            "[1 :foo :bar 0]\n1 :foo :bar 0\n",
            &[(":foo", "`:foo` is no type of event"), (":foo", "`:foo` is no type of event")],
        );
        wrong("[1 :ok]", &[("[1 :ok]", "this vector ends before its function")]);
        wrong("[]", &[("[]", "this vector ends before its process")]);
        wrong("[1 :info :read nil nil 7]", &[("7", "nothing is expected after the error of an event")]);
        wrong(
            "[1 :info :read)\n[2 :info 7 nil]",
            &[(")", "`)` where `]` is expected"), ("7", "`7` is no name of a function")],
        );
        wrong(
            "[1 :info :read {\n[2 :info 7 nil]",
            &[
                ("[1 :info :read {", "this form is not closed before the next one begins"),
                ("7", "`7` is no name of a function"),
            ],
        );
        wrong("[[1 :info :read nil]", &[("[", "this vector is never closed")]);
        wrong("{:type :invoke}\n", &[("", "the line ends before its type")]);
        wrong("]", &[("]", "`]` closes nothing")]);
        wrong("#_", &[("", "the text ends where a value is expected")]);
    }

    #[test]
    fn a_last_line_that_was_cut_off_is_a_doubt() {
        for (whole, line) in [
            ("[0 :invoke :read nil]\n", "[0 :ok :read {\"é\" 1}]"),
            ("0 :invoke :read nil\n", "0 :ok :read {\"é\" 1}"),
        ] {
            for end in (1..line.len()).filter(|&end| line.is_char_boundary(end)) {
                let text = format!("{whole}{}", &line[..end]);
                let history = check(&text, &["0 read nil -> unknown"]);
                assert!(history.notes.iter().any(|note| matches!(note, Note::TruncatedLine(_))), "{text}");
            }
        }
    }
}
