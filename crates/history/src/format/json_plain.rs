//! Events of JSON as nearly every recorder writes them: known keys, plain texts, short integers, flat lists. They are
//! read in one pass over their bytes, without anything in between.
//!
//! Whatever is not plain is left to [`super::json_record`], which knows all of JSON and all that can be wrong. Values are
//! numbered in the order in which they stand, by either, so that a record may be begun here and read anew there.

use super::json_record::Process;
use crate::build::{Event, EventKind};
use crate::span::{SourceId, Span};
use crate::told::{AllTold, Told};
use crate::value::{ValueId, Values};

/// The most members of a list that is plain.
const LONGEST: usize = 8;

/// Reads the object that begins at `at` of `text` as an event, if it is a plain one; the offset is that of its end.
/// Times are multiplied by `unit`.
pub(super) fn event(
    source: SourceId,
    text: &str,
    at: usize,
    unit: i64,
    values: &mut Values,
    told: &mut AllTold,
) -> Option<(Event, usize)> {
    #[cfg(test)]
    if crate::format::IN_FULL.get() {
        return None;
    }
    let mut plain = Plain { text, bytes: text.as_bytes(), at };
    let (mut kind, mut process) = (None, None);
    let mut event = Event::new(EventKind::Info, Process::actor(None), Span::default());
    let (mut seen, mut of) = (0_u16, Told::default());
    plain.take(b'{')?;
    loop {
        let key = plain.key()?;
        // A key that occurs twice is an error, and errors are not told here.
        let bit = 1_u16 << (key as u16);
        if seen & bit != 0 && key != Field::Other {
            return None;
        }
        seen |= bit;
        if plain.bytes[plain.at..].starts_with(b"null") {
            plain.at += 4;
            if key == Field::Value {
                event.value = Some(ValueId::NIL);
            }
        } else {
            match key {
                Field::Type => kind = Some(plain.kind()?),
                Field::Process => process = Some(plain.process(values)?),
                Field::Function => event.function = Some(values.text(plain.text()?)),
                Field::Key => event.key = Some(plain.value(values)?),
                Field::Value => event.value = Some(plain.value(values)?),
                Field::Result => event.result = Some(plain.value(values)?),
                Field::Node => event.node = Some(values.text(plain.text()?)),
                Field::Error => event.error = Some(plain.value(values)?),
                Field::Id => event.id = Some(plain.value(values)?),
                Field::Time => event.time = Some(plain.integer()?.checked_mul(unit)?),
                Field::Index => event.index = Some(plain.integer()?),
                Field::Request => of.request = Some(plain.request()?),
                Field::Attempt => of.attempt = u32::try_from(plain.integer()?).ok(),
                Field::ServerTime => {
                    of.server_time = Some(plain.integer()?.checked_mul(unit)?);
                }
                Field::Other => plain.skip()?,
            }
        }
        match *plain.bytes.get(plain.at)? {
            b',' => plain.at += 1 + usize::from(plain.bytes.get(plain.at + 1) == Some(&b' ')),
            b'}' => break,
            _ => return None,
        }
    }
    (event.kind, event.actor) = (kind?, Process::actor(process));
    event.told = told.tell(None, of);
    event.span = Span::new(source, at, plain.at + 1);
    Some((event, plain.at + 1))
}

/// The keys that an event may have; others are read for their syntax alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Type,
    Process,
    Function,
    Key,
    Value,
    Result,
    Node,
    Error,
    Id,
    Time,
    Index,
    Attempt,
    Request,
    ServerTime,
    Other,
}

struct Plain<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Plain<'a> {
    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        (self.bytes.get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    /// A key and its colon.
    #[inline]
    fn key(&mut self) -> Option<Field> {
        let rest = &self.bytes[self.at..];
        let is = |known: &[u8]| rest.starts_with(known);
        let (key, length) = match *rest.get(1)? {
            b'p' if is(b"\"process\":") => (Field::Process, 10),
            b't' if is(b"\"type\":") => (Field::Type, 7),
            b't' if is(b"\"time\":") => (Field::Time, 7),
            b'f' if is(b"\"f\":") => (Field::Function, 4),
            b'k' if is(b"\"key\":") => (Field::Key, 6),
            b'v' if is(b"\"value\":") => (Field::Value, 8),
            b'n' if is(b"\"node\":") => (Field::Node, 7),
            b'i' if is(b"\"index\":") => (Field::Index, 8),
            b'i' if is(b"\"id\":") => (Field::Id, 5),
            b'e' if is(b"\"error\":") => (Field::Error, 8),
            b'r' if is(b"\"result\":") => (Field::Result, 9),
            b'a' if is(b"\"attempt\":") => (Field::Attempt, 10),
            b'o' if is(b"\"op_id\":") => (Field::Request, 8),
            b's' if is(b"\"server_ts\":") => (Field::ServerTime, 12),
            _ => {
                let name = self.text()?;
                if matches!(
                    name,
                    "client" | "name" | "output" | "nodes" | "call" | "return" | "nemesis" | "seriatim"
                        // Those that did not stand before their colons at once.
                        | "process" | "type" | "time" | "f" | "key" | "value" | "node" | "index" | "id"
                        | "error" | "result" | "attempt" | "op_id" | "server_ts"
                ) {
                    return None;
                }
                self.take(b':')?;
                (Field::Other, 0)
            }
        };
        self.at += length;
        self.at += usize::from(self.bytes.get(self.at) == Some(&b' '));
        Some(key)
    }

    /// The number or the name of a request.
    fn request(&mut self) -> Option<u64> {
        match *self.bytes.get(self.at)? {
            b'"' => self.text().map(Told::named_request),
            _ => self.integer().map(Told::request),
        }
    }

    /// A text without escapes.
    #[inline]
    fn text(&mut self) -> Option<&'a str> {
        self.take(b'"')?;
        let start = self.at;
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' | 0..0x20 => return None,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(&self.text[start..self.at - 1])
    }

    /// An integer of at most 18 digits.
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
        // A fraction or an exponent would follow at once.
        if !is_plain || matches!(self.bytes.get(at), Some(b'.' | b'e' | b'E')) {
            return None;
        }
        self.at = at;
        Some(if is_negative { -value } else { value })
    }

    fn kind(&mut self) -> Option<EventKind> {
        let rest = &self.bytes[self.at..];
        let (kind, length) = if rest.starts_with(b"\"invoke\"") {
            (EventKind::Invoke, 8)
        } else if rest.starts_with(b"\"ok\"") {
            (EventKind::Ok, 4)
        } else if rest.starts_with(b"\"fail\"") {
            (EventKind::Fail, 6)
        } else if rest.starts_with(b"\"info\"") {
            (EventKind::Info, 6)
        } else {
            return None;
        };
        self.at += length;
        Some(kind)
    }

    fn process(&mut self, values: &mut Values) -> Option<Process> {
        if self.bytes.get(self.at) == Some(&b'"') {
            return Some(Process::of_text(self.text()?, values));
        }
        Some(Process::Integer(values.int64(self.integer()?)))
    }

    fn word(&mut self, word: &[u8], value: ValueId) -> Option<ValueId> {
        // What follows is looked at by whoever expects a comma or an end.
        self.bytes[self.at..].starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    fn scalar(&mut self, values: &mut Values) -> Option<ValueId> {
        match *self.bytes.get(self.at)? {
            b'"' => Some(values.text(self.text()?)),
            b'-' | b'0'..=b'9' => Some(values.int64(self.integer()?)),
            b'n' => self.word(b"null", ValueId::NIL),
            b't' => self.word(b"true", ValueId::TRUE),
            b'f' => self.word(b"false", ValueId::FALSE),
            _ => None,
        }
    }

    fn value(&mut self, values: &mut Values) -> Option<ValueId> {
        if self.bytes.get(self.at) != Some(&b'[') {
            return self.scalar(values);
        }
        self.at += 1;
        let (mut members, mut length) = ([ValueId::NIL; LONGEST], 0);
        if self.bytes.get(self.at) == Some(&b']') {
            self.at += 1;
            return Some(values.list([]));
        }
        loop {
            *members.get_mut(length)? = self.scalar(values)?;
            length += 1;
            match *self.bytes.get(self.at)? {
                b',' => self.at += 1 + usize::from(self.bytes.get(self.at + 1) == Some(&b' ')),
                b']' => break,
                _ => return None,
            }
        }
        self.at += 1;
        Some(values.list(&members[..length]))
    }

    fn skip(&mut self) -> Option<()> {
        match *self.bytes.get(self.at)? {
            b'"' => self.text().map(drop),
            b'-' | b'0'..=b'9' => self.integer().map(drop),
            b't' => self.word(b"true", ValueId::TRUE).map(drop),
            b'f' => self.word(b"false", ValueId::FALSE).map(drop),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{HistoryBuilder, Overrides};
    use crate::format::{Format, jsonl};
    use crate::span::Source;

    /// What the reader that knows all makes of `text`; a blank line break inside makes it no plain one.
    fn in_full(text: &str) -> Option<String> {
        assert!(
            event(
                SourceId(0),
                &text.replacen('{', "{\n", 1),
                0,
                1,
                &mut Values::new(),
                &mut AllTold::default()
            )
            .is_none()
        );
        let spaced = text.replacen('{', "{\n", 1);
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        jsonl::read(Source { id: SourceId(0), text: &spaced }, &mut builder);
        let events = format!("{:?}", builder.events());
        let values =
            format!("{:?}", (0..builder.values.len()).map(|at| builder.values.nth(at)).collect::<Vec<_>>());
        builder.finish(Overrides::default()).is_ok().then(|| unplaced(&events) + &values)
    }

    fn plainly(text: &str) -> Option<String> {
        let mut values = Values::new();
        let (event, end) = event(SourceId(0), text, 0, 1, &mut values, &mut AllTold::default())?;
        assert_eq!(end, text.len(), "{text}");
        let events = format!("{:?}", [event]);
        let values = format!("{:?}", (0..values.len()).map(|at| values.nth(at)).collect::<Vec<_>>());
        Some(unplaced(&events) + &values)
    }

    /// Without the place, which a blank more moves.
    fn unplaced(events: &str) -> String {
        let at = events.find("span:").unwrap_or(events.len());
        events[..at].to_owned()
    }

    #[test]
    fn what_is_plain_is_read_as_by_the_reader_that_knows_all() {
        for text in [
            r#"{"process":0,"type":"invoke","f":"write","key":"x","value":3,"time":120,"node":"n1"}"#,
            r#"{"process": 7, "type": "invoke", "f": "cas", "key": 12, "value": [1, -2], "index": 4}"#,
            r#"{"process":"3","type":"invoke","f":"w","value":["a",null,true,false,[]]}"#.replace(",[]", "").as_str(),
            r#"{"process":"nemesis","type":"info","f":"kill","value":["n1"],"node":null,"key":null}"#,
            r#"{"process":1,"type":"invoke","f":"read","value":null,"srv":"10.0.0.1","seq":12,"x":true}"#,
            r#"{"process":1,"type":"invoke","f":"read","value":null,"attempt":3,"server_ts":-12}"#,
            r#"{"process":1,"type":"invoke","f":"read","value":null,"attempt":-3}"#,
            r#"{"process":1,"type":"invoke","f":"read","value":null,"op_id":4984}"#,
            r#"{"process":1,"type":"invoke","f":"read","value":null,"op_id":"a7-é"}"#,
            r#"{"f":"read","process":1,"type":"invoke","value":-0,"id":900719925474099,"error":"é"}"#,
            r#"{"process":1,"type":"invoke","f":"read","value":[],"result":false}"#,
        ] {
            let plain = plainly(text);
            assert!(plain.is_some(), "{text}");
            assert_eq!(plain, in_full(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_others() {
        for text in [
            r#"{"process":0,"type":"invoke","f":"w","f":"w"}"#,
            r#"{"process":0,"type":"Invoke","f":"w"}"#,
            r#"{"process":0,"f":"w","call":1,"return":2}"#,
            r#"{"process":0,"type":"fault","f":"w"}"#,
            r#"{"process":01,"type":"invoke","f":"w"}"#,
            r#"{"process":-,"type":"invoke","f":"w"}"#,
            r#"{"process":1.5,"type":"invoke","f":"w"}"#,
            r#"{"process":1e3,"type":"invoke","f":"w"}"#,
            r#"{"process":1,"type":"invoke","f":"w\n"}"#,
            r#"{"process":1,"type":"invoke","f":"w","value":nullx}"#,
            r#"{"process":1,"type":"invoke","f":"w","value":1234567890123456789}"#,
            r#"{"process":1,"type":"invoke","f":"w","value":[1,]}"#,
            r#"{"process":1,"type":"invoke","f":"w","value":[[1]]}"#,
            r#"{"process":1,"type":"invoke","f":"w","value":{"a":1}}"#,
            r#"{"process":1,"type":"invoke","f":"w","value":1,}"#,
            r#"{"process":1,"type":"invoke","f":7}"#,
            r#"{"process":1,"type":"invoke","f":"w","attempt":"one"}"#,
            r#"{"process":1,"type" :"invoke","f":"w"}"#,
            r#"{"process":1,"type":"invoke","f":"w""#,
            r#"{"process":1,"type":"invoke","f":"w","ty\u0070e":"ok"}"#,
            r#"{"f":"w"}"#,
            r#"{"seriatim":1}"#,
            r#"{}"#,
            r#"{"#,
            "{\"process\":1,\"type\":\"invoke\",\"f\":\"a\tb\"}",
        ] {
            assert_eq!(plainly(text), None, "{text}");
        }
    }
}
