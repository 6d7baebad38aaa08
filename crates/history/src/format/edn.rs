//! Jepsen's `history.edn`: a map for each event, one after the other, or all in one vector or list.

pub(crate) mod error;
pub(crate) mod field;
mod literal;
mod plain;
pub(crate) mod reader;
pub(crate) mod recover;
mod sink;
#[cfg(test)]
mod tests;
mod token;

use self::error::{Syntax, SyntaxError, shown};
use self::field::TYPES_HELP;
use self::reader::Reader;
pub(crate) use self::reader::{is_blank, is_end};
use self::recover::give_up;
use crate::build::{Actor, Event, EventKind, HistoryBuilder};
use crate::diagnostic::Diagnostic;
use crate::operation::Note;
use crate::span::{Source, Span};
use crate::told::Told;
use crate::value::ValueId;

/// Reads Jepsen's maps, wherever they break into lines.
///
/// Of each map, `:type`, `:process`, `:f`, `:key`, `:value`, `:time`, `:index`, `:node` and `:error` are read; whatever
/// else it has is read for its syntax alone. After a form that cannot be read, reading goes on with the next.
pub fn read(source: Source<'_>, builder: &mut HistoryBuilder) {
    let mut history = EdnHistory::new(source, builder);
    if let Some((bracket, closer)) = history.read(None) {
        history.unclosed(bracket, closer);
    }
    history.note_odd();
}

/// Reads a piece of a text that begins and ends before maps, or where the text does. `closer` closes the vector or list
/// that is open where the piece begins, if one is; the same is given of where it ends.
pub(super) fn read_within(
    source: Source<'_>,
    builder: &mut HistoryBuilder,
    closer: Option<u8>,
) -> Option<u8> {
    let mut history = EdnHistory::new(source, builder);
    // Nothing is told of where it was opened.
    let open = history.read(closer.map(|closer| (usize::MAX, closer)));
    history.note_odd();
    open.map(|(_, closer)| closer)
}

struct EdnHistory<'a, 'b> {
    reader: Reader<'a>,
    builder: &'b mut HistoryBuilder,
    errors: usize,
    odd_times: usize,
    odd_indexes: usize,
}

/// What a map says so far.
struct Fields {
    kind: Option<EventKind>,
    event: Event,
    told: Told,
    /// What is wrong with what it says.
    wrong: Vec<Diagnostic>,
}

impl<'a, 'b> EdnHistory<'a, 'b> {
    fn new(source: Source<'a>, builder: &'b mut HistoryBuilder) -> Self {
        Self { reader: Reader::new(source), builder, errors: 0, odd_times: 0, odd_indexes: 0 }
    }

    /// Reads to the end. `open` is the vector or list that is open, and what closes it; the same is given of the end.
    fn read(&mut self, mut open: Option<(usize, u8)>) -> Option<(usize, u8)> {
        loop {
            let start = self.reader.at();
            if let Err(error) = self.reader.blanks() {
                let discarded = self.reader.discarded_after(start);
                self.give_up(discarded, *error);
                continue;
            }
            let start = self.reader.at();
            let Some(byte) = self.reader.peek() else { break };
            match (byte, open) {
                (b'{', _) => self.operation(start),
                (b'#', _) if self.is_tag() => self.tagged(start),
                (b'[' | b'(', None) if self.opens_maps() => {
                    open = Some((start, if byte == b'[' { b']' } else { b')' }));
                }
                (b']' | b')' | b'}', Some((_, closer))) if byte == closer => {
                    self.reader.go_to(start + 1);
                    open = None;
                }
                (b'[' | b'(' | b'#', _) => self.other_collection(start),
                _ => self.junk(start),
            }
        }
        open
    }

    fn unclosed(&mut self, bracket: usize, closer: u8) {
        let what = if closer == b']' { "vector" } else { "list" };
        let error = self.reader.unclosed(bracket, what);
        self.error(error.diagnostic);
    }

    fn note_odd(&mut self) {
        let (times, indexes) = (self.odd_times, self.odd_indexes);
        if times > 0 {
            let note = format!("{times} values of `:time` are no numbers and were left out");
            self.builder.note(Note::Format(note));
        }
        if indexes > 0 {
            let note = format!("{indexes} values of `:index` are no integers and were left out");
            self.builder.note(Note::Format(note));
        }
    }

    /// Enters the vector or list that is next if it holds maps or nothing; else stays before it.
    fn opens_maps(&mut self) -> bool {
        let start = self.reader.at();
        self.reader.go_to(start + 1);
        let holds_maps = self.reader.blanks().is_ok()
            && match self.reader.peek() {
                Some(b'#') => self.is_tag(),
                first => matches!(first, None | Some(b'{' | b']' | b')')),
            };
        self.reader.go_to(if holds_maps { start + 1 } else { start });
        holds_maps
    }

    /// Whether the `#` that is next begins a tag, or the namespace of a map.
    fn is_tag(&self) -> bool {
        self.reader.peek_second().is_some_and(|byte| byte == b':' || byte.is_ascii_alphabetic())
    }

    /// Reads a tag, and the map that it should stand before.
    fn tagged(&mut self, start: usize) {
        self.reader.go_to(start + 1);
        self.reader.token();
        let read = self.reader.blanks();
        match read {
            Ok(()) if self.reader.peek() == Some(b'{') => self.operation(start),
            _ => {
                self.reader.go_to(start);
                self.other_collection(start);
            }
        }
    }

    /// Takes a form in brackets, or with a tag, that is no operation.
    fn other_collection(&mut self, start: usize) {
        // It is no event, whatever stands where events do.
        let own_line = self.reader.own_line.take();
        let read = self.reader.skip();
        self.reader.own_line = own_line;
        match read {
            Ok(()) => self.not_an_operation(start, self.reader.at()),
            Err(error) => self.give_up(start, *error),
        }
    }

    /// Takes what is neither a bracket nor between brackets, up to the next bracket or the end of the line.
    fn junk(&mut self, start: usize) {
        let brackets = ['{', '[', '(', '}', ']', ')'];
        let rest = &self.reader.text()[start..];
        let length = match rest.find(|char| char == '\n' || brackets.contains(&char)) {
            // A bracket that closes nothing.
            Some(0) => 1,
            length => length.unwrap_or(rest.len()),
        };
        self.reader.go_to(start + length);
        self.not_an_operation(start, start + rest[..length].trim_end().len());
    }

    fn not_an_operation(&mut self, start: usize, end: usize) {
        let (span, text) = (self.reader.span(start, end), &self.reader.text()[start..end]);
        let error = if matches!(text, "]" | ")" | "}") {
            Diagnostic::error(span, format!("`{text}` closes nothing"))
                .help("take it out, or open it further up")
        } else {
            Diagnostic::error(span, format!("`{}` is no map, and every event is one", shown(text))).help(
                "write events as `{:process 0, :type :invoke, :f :read, :value nil}`; vectors `[process :type :f value]` are read with `--input-format tuples`",
            )
        };
        self.error(error);
    }

    /// Reads the map that is next as an event; it begins at `start`, with its tag if it has one.
    fn operation(&mut self, start: usize) {
        let bracket = self.reader.at();
        // Once a form has swallowed lines, brackets have to be watched.
        if bracket == start
            && self.reader.own_line.is_none()
            && let Some((event, end)) =
                plain::event(self.reader.source(), self.reader.text(), start, &mut self.builder.values)
        {
            self.reader.go_to(end);
            return self.builder.event(event);
        }
        let mut fields = Fields {
            kind: None,
            event: Event::new(EventKind::Info, Actor::Unnamed, Span::default()),
            told: Told::default(),
            wrong: Vec::new(),
        };
        if let Err(error) = self.fields(bracket, &mut fields) {
            return self.give_up(start, *error);
        }
        let span = self.reader.span_from(start);
        match fields.kind {
            Some(kind) if fields.wrong.is_empty() => {
                let told = self.builder.told.tell(None, fields.told);
                self.builder.event(Event { kind, span, told, ..fields.event });
            }
            None if fields.wrong.is_empty() => {
                self.error(Diagnostic::error(span, "this event has no `:type`").help(TYPES_HELP));
            }
            _ => fields.wrong.into_iter().for_each(|wrong| self.error(wrong)),
        }
    }

    fn fields(&mut self, bracket: usize, fields: &mut Fields) -> Syntax<()> {
        self.reader.go_to(bracket + 1);
        loop {
            self.reader.blanks()?;
            let key = self.reader.at();
            let name = match self.reader.peek() {
                None => return Err(self.reader.unclosed(bracket, "map")),
                Some(b'}') => break,
                Some(b']' | b')') => return Err(self.reader.mismatched(bracket, b'}')),
                Some(b':' | b'"') => self.reader.name()?,
                Some(_) => {
                    self.reader.skip()?;
                    None
                }
            };
            let key_end = self.reader.at();
            self.reader.blanks()?;
            match self.reader.peek() {
                None => return Err(self.reader.unclosed(bracket, "map")),
                Some(b'}') => return Err(self.reader.without_value(key, key_end)),
                Some(b']' | b')') => return Err(self.reader.mismatched(bracket, b'}')),
                Some(_) => self.field(name.as_deref().unwrap_or_default(), fields)?,
            }
        }
        self.reader.go_to(self.reader.at() + 1);
        Ok(())
    }

    fn field(&mut self, name: &str, fields: &mut Fields) -> Syntax<()> {
        let (reader, values, event) = (&mut self.reader, &mut self.builder.values, &mut fields.event);
        match name {
            "type" => match field::kind(reader)? {
                Ok(kind) => fields.kind = Some(kind),
                Err(diagnostic) => fields.wrong.push(*diagnostic),
            },
            "process" => event.actor = field::actor(reader, values)?,
            "f" => match field::function(reader, values)? {
                Ok(function) => event.function = function,
                Err(diagnostic) => fields.wrong.push(*diagnostic),
            },
            "key" => event.key = Some(reader.value(values)?),
            "value" => event.value = Some(reader.value(values)?),
            // Clients write what they like there; only an answer of yes or no is one.
            "result" => {
                let result = reader.value(values)?;
                event.result =
                    Some(result).filter(|result| matches!(*result, ValueId::TRUE | ValueId::FALSE));
            }
            "node" => event.node = Some(reader.value(values)?),
            "error" => event.error = Some(reader.brief(values)?),
            "time" => event.time = field::time(reader, &mut self.odd_times)?,
            "attempt" => {
                let number = reader.value(values)?;
                fields.told.attempt = values.as_int(number).and_then(|number| u32::try_from(number).ok());
            }
            "op-id" | "op_id" => {
                let request = reader.value(values)?;
                let number = values.as_int(request).and_then(|number| i64::try_from(number).ok());
                let name = values.as_text(request).map(Told::named_request);
                fields.told.request = number.map(Told::request).or(name);
            }
            "server-ts" | "server_ts" => {
                let stamp = reader.value(values)?;
                fields.told.server_time = values.as_int(stamp).and_then(|stamp| i64::try_from(stamp).ok());
            }
            "index" => event.index = field::index(reader, &mut self.odd_indexes)?,
            _ => reader.skip()?,
        }
        Ok(())
    }

    fn give_up(&mut self, start: usize, error: SyntaxError) {
        give_up(&mut self.reader, start, error, &mut self.errors, self.builder);
    }

    fn error(&mut self, error: Diagnostic) {
        self.errors += 1;
        self.builder.error(error);
    }
}
