//! The fields that every EDN format has: who, what kind of event, which function, when.

use super::error::{Syntax, SyntaxError, shown};
use super::literal::Number;
use super::reader::Reader;
use crate::build::{Actor, EventKind};
use crate::diagnostic::Diagnostic;
use crate::value::{Value, ValueId, Values};

/// What to do about an event without a type that is known.
pub(crate) const TYPES_HELP: &str = "the types are `:invoke`, `:ok`, `:fail` and `:info`";

/// A field that is good EDN may still be no such field.
pub(crate) type Field<T> = Syntax<Result<T, Box<Diagnostic>>>;

/// Both kinds of errors as one, for whoever gives up the whole record at either.
pub(crate) fn flat<T>(field: Field<T>) -> Syntax<T> {
    field?.map_err(|diagnostic| Box::new(SyntaxError { diagnostic: *diagnostic, unfinished: false }))
}

/// Reads who recorded an event: integers are clients, also as texts.
pub(crate) fn actor(reader: &mut Reader<'_>, values: &mut Values) -> Syntax<Actor> {
    let process = reader.value(values)?;
    Ok(match values.get(process) {
        Value::Nil => Actor::Unnamed,
        Value::Int(_) => Actor::Client(process),
        Value::Text(text) => text.parse().map_or(Actor::Other(process), |int| Actor::Client(values.int(int))),
        _ => Actor::Other(process),
    })
}

/// Reads the type of an event.
pub(crate) fn kind(reader: &mut Reader<'_>) -> Field<EventKind> {
    reader.blanks()?;
    let start = reader.at();
    let name = reader.name()?;
    if let Some(kind) = name.as_deref().and_then(EventKind::from_word) {
        return Ok(Ok(kind));
    }
    if name.is_none() {
        reader.skip()?;
    }
    let text = shown(&reader.text()[start..reader.at()]);
    let diagnostic = Diagnostic::error(reader.span_from(start), format!("`{text}` is no type of event"));
    Ok(Err(Box::new(diagnostic.help(TYPES_HELP))))
}

/// Reads the type of an event that is lost without one. A type that is cut off with the text is unfinished, not unknown.
pub(crate) fn known_kind(reader: &mut Reader<'_>) -> Syntax<EventKind> {
    let start = reader.at();
    let kind = kind(reader);
    flat(kind).map_err(|mut error| {
        let text = &reader.text()[start..];
        error.unfinished |= [":invoke", ":ok", ":fail", ":info"].iter().any(|known| known.starts_with(text));
        error
    })
}

/// Reads the name of a function; nil is none.
pub(crate) fn function(reader: &mut Reader<'_>, values: &mut Values) -> Field<Option<ValueId>> {
    if reader.nil()? {
        return Ok(Ok(None));
    }
    let start = reader.at();
    if let Some(name) = reader.name()? {
        return Ok(Ok(Some(values.text(&name))));
    }
    reader.skip()?;
    let text = shown(&reader.text()[start..reader.at()]);
    let diagnostic = Diagnostic::error(reader.span_from(start), format!("`{text}` is no name of a function"));
    Ok(Err(Box::new(diagnostic.help("name functions by a keyword, such as `:read`"))))
}

/// Reads a number of nanoseconds, to the nearest; `None` where there is none, and what is there is counted as `odd` unless it is nil.
pub(crate) fn time(reader: &mut Reader<'_>, odd: &mut usize) -> Syntax<Option<i64>> {
    let time = match reader.number()? {
        Some(Number::Int(int)) => i64::try_from(int).ok(),
        Some(Number::Decimal(text)) => {
            let time = text.trim_end_matches('M').parse::<f64>().ok();
            // The cast saturates, and no test runs for 292 years.
            time.filter(|time| time.is_finite()).map(|time| time.round() as i64)
        }
        Some(Number::Ratio(_)) => None,
        None if reader.nil()? => return Ok(None),
        None => {
            reader.skip()?;
            None
        }
    };
    *odd += usize::from(time.is_none());
    Ok(time)
}

/// Reads an integer; `None` where there is none, and what is there is counted as `odd` unless it is nil.
pub(crate) fn index(reader: &mut Reader<'_>, odd: &mut usize) -> Syntax<Option<i64>> {
    let index = match reader.number()? {
        Some(Number::Int(int)) => i64::try_from(int).ok(),
        Some(_) => None,
        None if reader.nil()? => return Ok(None),
        None => {
            reader.skip()?;
            None
        }
    };
    *odd += usize::from(index.is_none());
    Ok(index)
}
