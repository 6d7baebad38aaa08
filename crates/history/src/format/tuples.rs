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
        let kind = field::flat(field::kind(reader))?;
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
