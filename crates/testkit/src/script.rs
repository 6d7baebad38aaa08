//! A history as a list of events that can still be changed: what the simulator writes and the metamorphic tests bend.

use std::fmt;

use seriatim_history::build::{Actor, Event, EventKind, HistoryBuilder, Overrides};
use seriatim_history::{Format, History, SourceId, Span, ValueId, Values};

/// A value of a script.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Datum {
    /// Nothing.
    Nil,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
    /// A sequence.
    List(Vec<Datum>),
    /// A set.
    Set(Vec<Datum>),
    /// A map.
    Map(Vec<(Datum, Datum)>),
}

impl Datum {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A list of two.
    pub fn pair(first: Self, second: Self) -> Self {
        Self::List(vec![first, second])
    }

    /// The integer that it is.
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(value) = self { Some(*value) } else { None }
    }

    /// Its number among the values of a history.
    pub fn number(&self, values: &mut Values) -> ValueId {
        match self {
            Self::Nil => ValueId::NIL,
            &Self::Bool(value) => values.bool(value),
            &Self::Int(value) => values.int(value.into()),
            Self::Text(value) => values.text(value),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(|item| item.number(values)).collect();
                values.list(items)
            }
            Self::Set(items) => {
                let items = items.iter().map(|item| item.number(values)).collect();
                values.set(items)
            }
            Self::Map(items) => {
                let items =
                    items.iter().map(|(key, value)| (key.number(values), value.number(values))).collect();
                values.map(items)
            }
        }
    }

    /// The same with every integer changed, however deep it stands.
    #[must_use]
    pub fn map_ints(&self, change: &impl Fn(i64) -> Self) -> Self {
        let all = |items: &[Self]| items.iter().map(|item| item.map_ints(change)).collect();
        match self {
            &Self::Int(value) => change(value),
            Self::List(items) => Self::List(all(items)),
            Self::Set(items) => Self::Set(all(items)),
            Self::Map(items) => Self::Map(
                items.iter().map(|(key, value)| (key.map_ints(change), value.map_ints(change))).collect(),
            ),
            Self::Nil | Self::Bool(_) | Self::Text(_) => self.clone(),
        }
    }
}

impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, items: &[Self]| {
            items.iter().enumerate().try_for_each(|(at, item)| {
                f.write_str(if at > 0 { " " } else { "" }).and_then(|()| write!(f, "{item}"))
            })
        };
        match self {
            Self::Nil => f.write_str("nil"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Text(value) => write!(f, "{value:?}"),
            Self::List(items) => {
                f.write_str("[")?;
                list(f, items)?;
                f.write_str("]")
            }
            Self::Set(items) => {
                f.write_str("#{")?;
                list(f, items)?;
                f.write_str("}")
            }
            Self::Map(items) => {
                f.write_str("{")?;
                for (at, (key, value)) in items.iter().enumerate() {
                    write!(f, "{}{key} {value}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str("}")
            }
        }
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub kind: EventKind,
    /// The client; `None` for the nemesis.
    pub process: Option<i64>,
    /// What was asked, or what the nemesis did.
    pub function: &'static str,
    /// The independent object.
    pub key: Option<i64>,
    /// Argument or answer.
    pub value: Option<Datum>,
    /// A result apart from the value.
    pub result: Option<Datum>,
    /// Recorded time in nanoseconds.
    pub time: i64,
    /// The node that was asked, where that is told.
    pub node: Option<&'static str>,
    /// Which operation of the script it belongs to, whatever place that has in the history; 0 for the nemesis.
    pub operation: u32,
}

/// A history as a list of events, in the order in which they are recorded.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Script {
    /// What every object starts with; `None` where that is what its model starts with when it is not told.
    pub initial: Option<Datum>,
    /// The events.
    pub lines: Vec<Line>,
}

impl Script {
    /// The history that the events are; what it declares is what the objects start with.
    ///
    /// # Panics
    /// Where the events are not well-formed: whoever wrote them has made a mistake.
    pub fn history(&self) -> History {
        self.history_with(Overrides::default())
    }

    /// The same, with the events in another order than that of the lines.
    ///
    /// # Panics
    /// As [`Script::history`].
    pub fn history_with(&self, overrides: Overrides) -> History {
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        let nemesis = builder.values.text("nemesis");
        builder.declared.initial = self.initial.as_ref().map(|initial| initial.number(&mut builder.values));
        for (at, line) in self.lines.iter().enumerate() {
            let values = &mut builder.values;
            let actor = match line.process {
                Some(process) => Actor::Client(values.int(process.into())),
                None => Actor::Other(nemesis),
            };
            let event = Event {
                function: Some(values.text(line.function)),
                key: line.key.map(|key| values.text(&format!("key-{key}"))),
                value: line.value.as_ref().map(|value| value.number(values)),
                result: line.result.as_ref().map(|result| result.number(values)),
                time: Some(line.time),
                node: line.node.map(|node| values.text(node)),
                ..Event::new(line.kind, actor, Span::new(SourceId(0), at, at + 1))
            };
            builder.event(event);
        }
        match builder.finish(overrides) {
            Ok(history) => history,
            Err(errors) => panic!("a script is well-formed: {errors:?}\n{self}"),
        }
    }

    /// The operations' numbers, in the order of their calls: place for place those of the history's operations.
    pub fn operations(&self) -> Vec<u32> {
        let is_call = |line: &&Line| line.kind == EventKind::Invoke && line.process.is_some();
        self.lines.iter().filter(is_call).map(|line| line.operation).collect()
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(initial) = &self.initial {
            writeln!(f, "         starts with {initial}")?;
        }
        for line in &self.lines {
            let who = line.process.map_or("nemesis".to_owned(), |process| process.to_string());
            write!(f, "{who:>8} {:<6} {:<12}", line.kind.word(), line.function)?;
            if let Some(key) = line.key {
                write!(f, " key {key}")?;
            }
            if let Some(value) = &line.value {
                write!(f, " {value}")?;
            }
            if let Some(result) = &line.result {
                write!(f, " -> {result}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_changed_however_deep_they_stand() {
        let value = Datum::Map(vec![(Datum::Int(1), Datum::pair(Datum::Int(2), Datum::Nil))]);
        assert_eq!(value.map_ints(&|int| Datum::Int(int + 1)).to_string(), "{2 [3 nil]}");
    }

    #[test]
    fn a_script_becomes_a_history() {
        let line = |kind, function, value, operation| Line {
            kind,
            process: Some(7),
            function,
            key: Some(1),
            value,
            result: None,
            time: 0,
            node: None,
            operation,
        };
        let lines = vec![
            line(EventKind::Invoke, "write", Some(Datum::Int(3)), 5),
            Line { process: None, ..line(EventKind::Info, "kill", None, 0) },
            line(EventKind::Ok, "write", Some(Datum::Int(3)), 5),
        ];
        let script = Script { initial: None, lines };
        let history = script.history();
        assert_eq!((history.operations.len(), history.faults.len(), history.events), (1, 1, 2));
        assert_eq!(script.operations(), [5]);
    }
}
