//! Events of EDN as Jepsen writes them: keywords, short integers, plain strings, flat vectors. They are read in one pass
//! over their bytes, without anything in between.
//!
//! Whatever is not plain is left to [`super::reader`], which knows all of EDN and all that can be wrong. Values are
//! numbered in the order in which they stand, by either, so that a map may be begun here and read anew there.

use super::reader::{is_blank, is_end};
use crate::build::{Actor, Event, EventKind};
use crate::span::{SourceId, Span};
use crate::value::{ValueId, Values};

/// The most members of a vector that is plain.
const LONGEST: usize = 8;

/// Reads the map that begins at `at` of `text` as an event, if it is a plain one; the offset is that of its end.
pub(super) fn event(source: SourceId, text: &str, at: usize, values: &mut Values) -> Option<(Event, usize)> {
    #[cfg(test)]
    if crate::format::IN_FULL.get() {
        return None;
    }
    let mut plain = Plain { text, bytes: text.as_bytes(), at: at + 1 };
    let mut event = Event::new(EventKind::Info, Actor::Unnamed, Span::default());
    let mut kind = None;
    while plain.after_blanks()? != b'}' {
        let key = plain.key()?;
        let first = plain.after_blanks()?;
        match key {
            Field::Type => kind = Some(plain.kind()?),
            Field::Process => event.actor = plain.actor(first, values)?,
            Field::Function => event.function = Some(plain.function(first, values)?),
            Field::Key => event.key = Some(plain.value(first, values)?),
            Field::Value => event.value = Some(plain.value(first, values)?),
            // What is neither true nor false is for whoever knows all.
            Field::Result if matches!(first, b't' | b'f') => {
                event.result = Some(plain.scalar(first, values)?)
            }
            Field::Result => return None,
            Field::Node => event.node = Some(plain.value(first, values)?),
            Field::Error => event.error = Some(plain.scalar(first, values)?),
            Field::Time => event.time = Some(plain.integer()?),
            Field::Index => event.index = Some(plain.integer()?),
        }
    }
    event.kind = kind?;
    event.span = Span::new(source, at, plain.at + 1);
    Some((event, plain.at + 1))
}

/// The keys that a plain event has.
#[derive(Clone, Copy)]
enum Field {
    Type,
    Process,
    Function,
    Key,
    Value,
    Result,
    Node,
    Error,
    Time,
    Index,
}

struct Plain<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Plain<'a> {
    /// The first byte that is no blank; the place is before it.
    #[inline]
    fn after_blanks(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if !is_blank(byte) {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Goes over what has just been read, if a token ends there.
    #[inline]
    fn pass(&mut self, length: usize) -> Option<()> {
        is_end(*self.bytes.get(self.at + length)?).then(|| self.at += length)
    }

    #[inline]
    fn key(&mut self) -> Option<Field> {
        let rest = &self.bytes[self.at..];
        let is = |known: &[u8]| rest.starts_with(known);
        let (key, length) = match *rest.get(1)? {
            b't' if is(b":type") => (Field::Type, 5),
            b't' if is(b":time") => (Field::Time, 5),
            b'f' if is(b":f") => (Field::Function, 2),
            b'v' if is(b":value") => (Field::Value, 6),
            b'p' if is(b":process") => (Field::Process, 8),
            b'k' if is(b":key") => (Field::Key, 4),
            b'i' if is(b":index") => (Field::Index, 6),
            b'r' if is(b":result") => (Field::Result, 7),
            b'n' if is(b":node") => (Field::Node, 5),
            b'e' if is(b":error") => (Field::Error, 6),
            _ => return None,
        };
        self.pass(length)?;
        Some(key)
    }

    fn kind(&mut self) -> Option<EventKind> {
        let rest = &self.bytes[self.at..];
        let (kind, length) = if rest.starts_with(b":invoke") {
            (EventKind::Invoke, 7)
        } else if rest.starts_with(b":ok") {
            (EventKind::Ok, 3)
        } else if rest.starts_with(b":fail") {
            (EventKind::Fail, 5)
        } else if rest.starts_with(b":info") {
            (EventKind::Info, 5)
        } else {
            return None;
        };
        self.pass(length)?;
        Some(kind)
    }

    /// The name of a keyword that is not `:nil`.
    #[inline]
    fn keyword(&mut self) -> Option<&'a str> {
        let start = self.at + 1;
        let mut at = start;
        while !is_end(*self.bytes.get(at)?) {
            at += 1;
        }
        self.at = at;
        let name = &self.text[start..at];
        (!matches!(name, "" | "nil")).then_some(name)
    }

    /// A string without escapes.
    fn string(&mut self) -> Option<&'a str> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            match *self.bytes.get(at)? {
                b'"' => break,
                b'\\' => return None,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        Some(&self.text[start..at])
    }

    /// An integer of at most 18 digits, to the base 10 by its looks.
    #[inline]
    fn integer(&mut self) -> Option<i64> {
        let is_negative = self.bytes.get(self.at) == Some(&b'-');
        let start = self.at + usize::from(is_negative);
        let (mut at, mut value) = (start, 0_i64);
        while let Some(digit @ b'0'..=b'9') = self.bytes.get(at) {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            at += 1;
        }
        let is_plain = matches!(at - start, 1..=18) && (self.bytes[start] != b'0' || at == start + 1);
        if !is_plain || !is_end(*self.bytes.get(at)?) {
            return None;
        }
        self.at = at;
        Some(if is_negative { -value } else { value })
    }

    fn actor(&mut self, first: u8, values: &mut Values) -> Option<Actor> {
        match first {
            b':' => {
                let name = self.keyword()?;
                // Whether a name writes an integer is not decided here.
                let is_word = name.starts_with(|char: char| char.is_ascii_alphabetic());
                is_word.then(|| Actor::Other(values.text(name)))
            }
            b'-' | b'0'..=b'9' => Some(Actor::Client(values.int64(self.integer()?))),
            _ => None,
        }
    }

    fn function(&mut self, first: u8, values: &mut Values) -> Option<ValueId> {
        if first == b':' { Some(values.text(self.keyword()?)) } else { None }
    }

    fn word(&mut self, word: &[u8], value: ValueId) -> Option<ValueId> {
        if !self.bytes[self.at..].starts_with(word) {
            return None;
        }
        self.pass(word.len())?;
        Some(value)
    }

    #[inline]
    fn scalar(&mut self, first: u8, values: &mut Values) -> Option<ValueId> {
        match first {
            b'-' | b'0'..=b'9' => Some(values.int64(self.integer()?)),
            b':' => Some(values.text(self.keyword()?)),
            b'"' => Some(values.text(self.string()?)),
            b'n' => self.word(b"nil", ValueId::NIL),
            b't' => self.word(b"true", ValueId::TRUE),
            b'f' => self.word(b"false", ValueId::FALSE),
            _ => None,
        }
    }

    fn value(&mut self, first: u8, values: &mut Values) -> Option<ValueId> {
        if first != b'[' {
            return self.scalar(first, values);
        }
        self.at += 1;
        let (mut members, mut length) = ([ValueId::NIL; LONGEST], 0);
        loop {
            let first = self.after_blanks()?;
            if first == b']' {
                self.at += 1;
                return Some(values.list(&members[..length]));
            }
            *members.get_mut(length)? = self.scalar(first, values)?;
            length += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{HistoryBuilder, Overrides};
    use crate::format::{Format, edn};
    use crate::span::Source;

    fn shown(events: &[Event], values: &Values) -> String {
        let events = format!("{events:?}");
        let at = events.find("span:").unwrap_or(events.len());
        format!("{} {:?}", &events[..at], (0..values.len()).map(|at| values.nth(at)).collect::<Vec<_>>())
    }

    /// What the reader that knows all makes of `text`, to which a comment is added that makes it no plain one.
    fn in_full(text: &str) -> Option<String> {
        let commented = text.replacen('{', "{;\n", 1);
        assert!(event(SourceId(0), &commented, 0, &mut Values::new()).is_none());
        let mut builder = HistoryBuilder::new(Format::Edn);
        edn::read(Source { id: SourceId(0), text: &commented }, &mut builder);
        let found = shown(builder.events(), &builder.values);
        builder.finish(Overrides::default()).is_ok().then_some(found)
    }

    fn plainly(text: &str) -> Option<String> {
        let mut values = Values::new();
        let (event, end) = event(SourceId(0), text, 0, &mut values)?;
        assert_eq!(end, text.len(), "{text}");
        Some(shown(&[event], &values))
    }

    #[test]
    fn what_is_plain_is_read_as_by_the_reader_that_knows_all() {
        for text in [
            "{:process 0, :type :invoke, :f :write, :value 3, :time 120, :index 4}",
            "{:type :invoke :f :cas :value [1 -2] :process 12 :node \"n1\" :key :x}",
            "{:type :info,:f :kill,:value [\"n1\", :a nil true false],:process :nemesis}",
            "{ :type\n:invoke, :f :read, :value nil, :process 1, :error :timeout }",
            "{:type :invoke, :f :read, :value [], :process -1, :key \"a\nb\"}",
            "{:type :invoke, :f :cas, :value [1 2], :result false, :process 1}",
            "{:type :invoke, :f :cas, :value [1 2], :result true, :process 1}",
            "{:type :info, :type :invoke, :f :read, :value 1, :value -0, :process 1}",
        ] {
            let plain = plainly(text);
            assert!(plain.is_some(), "{text}");
            assert_eq!(plain, in_full(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_others() {
        for text in [
            "{:process 0, :type :invoke, :f :write, :value 1.5}",
            "{:process 0, :type :invoke, :f :write, :value 017}",
            "{:process 0, :type :invoke, :f :write, :value 1N}",
            "{:process 0, :type :invoke, :f :write, :value :nil}",
            "{:process 0, :type :invoke, :f :write, :value [[1]]}",
            "{:process 0, :type :invoke, :f :write, :value {:a 1}}",
            "{:process 0, :type :invoke, :f :write, :value \"\\n\"}",
            "{:process 0, :type :invoke, :f :write, :value nilly}",
            "{:process 0, :type :invoke, :f :write, :value #_1 2}",
            "{:process 0, :type :invoke, :f nil}",
            "{:process nil, :type :invoke, :f :read}",
            "{:process :7, :type :invoke, :f :read}",
            "{:process 0, :type :invoked, :f :read}",
            "{:process 0, :type :invoke, :f :read, :else 1}",
            "{:process 0, :type :ok, :f :read, :value 1, :result :found}",
            "{:process 0, :type :ok, :f :read, :value 1, :result 1}",
            "{:process 0, :types :invoke, :f :read}",
            "{:process 0, :type :invoke, :f :read, :error [:x]}",
            "{:process 0, :type :invoke, :f}",
            "{:process 0, :type :invoke, :f :read",
            "{:process 0, :f :read}",
            "{}",
            "{",
        ] {
            assert_eq!(plainly(text), None, "{text}");
        }
    }
}
