//! The events of turnpike: `UniqueID,ClientID,Kind,Action,Payload`, or `Payload1` and so on for its parts.

use super::check_width;
use super::row::Row;
use crate::build::{Actor, Event, EventKind, HistoryBuilder};
use crate::diagnostic::Diagnostic;
use crate::format::json::{Kind, Scanned, Scanner};
use crate::format::object::number_or_text;
use crate::value::{ValueId, Values};

const COLUMNS: [&str; 4] = ["UniqueID", "ClientID", "Kind", "Action"];

/// What turnpike calls the functions of a key-value store.
const FUNCTIONS: &[(&str, &str)] = &[("Write", "put"), ("Read", "get"), ("Delete", "delete")];

/// Whether the first row of a table has these cells.
pub(super) fn is_header<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
    let names: Vec<&str> = names.into_iter().map(str::trim).collect();
    COLUMNS.iter().all(|column| names.contains(column))
        && names.iter().any(|name| name.starts_with("Payload"))
}

/// Reads a row for each event, in the order in which they happened. `UniqueID` pairs them.
pub(super) fn read<'a>(header: &Row<'a>, rows: impl Iterator<Item = Row<'a>>, builder: &mut HistoryBuilder) {
    let places = COLUMNS
        .map(|column| header.cells.iter().position(|name| name.trim() == column).unwrap_or(usize::MAX));
    let payloads: Vec<usize> = (header.cells.iter().enumerate())
        .filter(|(_, name)| name.trim().starts_with("Payload"))
        .map(|(at, _)| at)
        .collect();
    for row in rows {
        let event =
            check_width(header, &row).and_then(|()| event(&row, places, &payloads, &mut builder.values));
        match event {
            Ok(event) => builder.event(event),
            Err(error) => builder.error(*error),
        }
    }
}

fn event(
    row: &Row<'_>,
    [id, client, kind, action]: [usize; 4],
    payloads: &[usize],
    values: &mut Values,
) -> Result<Event, Box<Diagnostic>> {
    let required = |at: usize, name: &str| {
        row.cell(at).map(str::trim).ok_or_else(|| {
            let help = "`UniqueID`, `ClientID`, `Kind` and `Action` are needed in every row";
            Box::new(Diagnostic::error(row.span_of(at), format!("this row has no `{name}`")).help(help))
        })
    };
    let word = required(kind, "Kind")?;
    let action_of = |row: &Row<'_>| row.cell(action).map_or(String::new(), |cell| cell.trim().to_owned());
    let is_client = |action: &str| !action.contains("System.") && !action.ends_with("SimulateTimeout");
    let kind = match word {
        "Invocation" => EventKind::Invoke,
        "Response" => EventKind::Ok,
        // Whatever else is recorded was done to the system: crashes, partitions, timers.
        _ => EventKind::Info,
    };
    let name = action_of(row);
    if kind == EventKind::Info || !is_client(&name) {
        let process = values.text("System");
        let function = if kind == EventKind::Info { word } else { &name };
        let function = Some(values.text(function));
        return Ok(Event { function, ..Event::new(EventKind::Info, Actor::Other(process), row.span) });
    }
    let id = number_or_text(required(id, "UniqueID")?, values);
    let client = number_or_text(required(client, "ClientID")?, values);
    let action = required(action, "Action")?;
    let action = action.rsplit('.').next().unwrap_or(action);
    let function =
        FUNCTIONS.iter().find(|(known, _)| *known == action).map_or(action, |&(_, function)| function);
    let parts = payload(row, payloads, values)?;
    let part = |at: usize| parts.get(at).copied().flatten();
    let (key, value) = match kind {
        // The answer has the first place.
        EventKind::Invoke => (part(1), part(2)),
        _ => (None, part(0)),
    };
    Ok(Event {
        function: Some(values.text(function)),
        key,
        value,
        id: Some(id),
        ..Event::new(kind, Actor::Client(client), row.span)
    })
}

/// The parts of the payload: those of one JSON array, or those of several columns.
fn payload(
    row: &Row<'_>,
    payloads: &[usize],
    values: &mut Values,
) -> Result<Vec<Option<ValueId>>, Box<Diagnostic>> {
    let mut parts = Vec::new();
    let mut read = |text: &str, values: &mut Values| -> Scanned<()> {
        if let [_] = payloads
            && text.trim_start().starts_with('[')
        {
            let mut scanner = Scanner::of(text);
            scanner.open_list()?;
            while scanner.member(parts.is_empty())? {
                let part = if scanner.kind()? == Kind::Text {
                    let text = scanner.string()?;
                    whole(&text, values)?
                } else {
                    spur_value(&mut scanner, values)?
                };
                parts.push(part);
            }
            return end(&mut scanner);
        }
        parts.push(whole(text, values)?);
        Ok(())
    };
    for &at in payloads {
        read(row.cells.get(at).unwrap_or_default(), values).map_err(|error| {
            let message = format!("this payload cannot be read: {}", error.message);
            let help = "a payload is JSON: `{\"type\":\"VString\",\"value\":\"x\"}`, or an array of texts of that form";
            Box::new(Diagnostic::error(row.span_of(at), message).help(help))
        })?;
    }
    Ok(parts)
}

/// A text that is nothing, or a value.
fn whole(text: &str, values: &mut Values) -> Scanned<Option<ValueId>> {
    let mut scanner = Scanner::of(text);
    if scanner.next_byte().is_none() {
        return Ok(None);
    }
    let value = spur_value(&mut scanner, values)?;
    end(&mut scanner)?;
    Ok(value)
}

fn end(scanner: &mut Scanner<'_>) -> Scanned<()> {
    if scanner.next_byte().is_some() {
        return Err(scanner.unexpected("the end"));
    }
    Ok(())
}

/// A value of Spur, the language of turnpike's models: `{"type":"VInt","value":7}`. The empty tuple is no value; an
/// option is nil or what it holds.
fn spur_value(scanner: &mut Scanner<'_>, values: &mut Values) -> Scanned<Option<ValueId>> {
    if scanner.kind()? != Kind::Object {
        return scanner.value(values).map(Some);
    }
    let (mut kind, mut place, mut is_first) = (None, None, true);
    scanner.open_object()?;
    loop {
        let from = scanner.at();
        let Some(key) = scanner.key(is_first)? else { break };
        is_first = false;
        let is_twice = match &*key {
            "type" => kind.replace(scanner.string()?.into_owned()).is_some(),
            "value" => {
                let is_twice = place.replace(scanner.place()).is_some();
                scanner.skip()?;
                is_twice
            }
            _ => {
                scanner.skip()?;
                false
            }
        };
        if is_twice {
            return Err(scanner.duplicate(from, &key));
        }
    }
    let (Some(kind), Some(place)) = (kind, place) else {
        return Err(scanner.unexpected("a value with `type` and `value` before this"));
    };
    // The value may stand before its type, and its type says how to read it.
    let after = scanner.place();
    scanner.go_back(place);
    let value = match (&*kind, scanner.kind()?) {
        ("VOption", Kind::Null) => Some(ValueId::NIL),
        ("VOption", _) => spur_value(scanner, values)?,
        (_, Kind::List) => {
            let mut members = Vec::new();
            scanner.open_list()?;
            while scanner.member(members.is_empty())? {
                members.push(spur_value(scanner, values)?.unwrap_or(ValueId::NIL));
            }
            if kind == "VTuple" && members.is_empty() { None } else { Some(values.list(members)) }
        }
        _ => Some(scanner.value(values)?),
    };
    scanner.go_back(after);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use crate::build::{HistoryBuilder, Overrides};
    use crate::diagnostic::Diagnostics;
    use crate::format::Format;
    use crate::format::csv::{ColumnMap, read};
    use crate::operation::{Completion, History};
    use crate::span::{Source, SourceId};
    use crate::value::ValueId;

    fn history(text: &str) -> Result<History, Diagnostics> {
        let mut builder = HistoryBuilder::new(Format::Csv);
        read(Source { id: SourceId(0), text }, &ColumnMap::default(), &mut builder);
        builder.finish(Overrides::default())
    }

    const ARRAY: &str = r#"UniqueID,ClientID,Kind,Action,Payload
0,0,Invocation,ClientInterface.Write,"["""", ""{\""type\"":\""VString\"",\""value\"":\""k1\""}"", ""{\""type\"":\""VInt\"",\""value\"":7}""]"
1,b,Invocation,ClientInterface.Read,"["""", ""{\""value\"":\""k1\"",\""type\"":\""VString\""}"", """"]"
0,0,Response,ClientInterface.Write,"[""{\""type\"":\""VTuple\"",\""value\"":[]}"", """", """"]"
9,-1,Crash,System.Crash,"[""{\""type\"":\""VNode\"",\""value\"":{\""role\"":0,\""index\"":1}}""]"
1,b,Response,ClientInterface.Read,"[""{\""type\"":\""VOption\"",\""value\"":null}"", """", """"]"
2,0,Invocation,ClientInterface.Delete,"["""", ""{\""type\"":\""VString\"",\""value\"":\""k1\""}"", """"]"
"#;

    fn show(history: &History) -> Vec<String> {
        let show = |id: Option<ValueId>| id.map_or("-".to_owned(), |id| history.values.show(id));
        let operations = history.operations.iter().map(|operation| {
            let answer = match operation.completion {
                Completion::Ok(answer) => show(answer.value),
                Completion::Fail(_) => "fail".to_owned(),
                Completion::Unknown => "unknown".to_owned(),
            };
            format!(
                "{} {} {} {answer}",
                history.function(operation),
                show(operation.key),
                show(operation.argument)
            )
        });
        operations.collect()
    }

    #[test]
    fn both_layouts_are_read() {
        let array = history(ARRAY).expect("well-formed");
        assert_eq!(show(&array), ["put \"k1\" 7 -", "get \"k1\" - nil", "delete \"k1\" - unknown"]);
        assert_eq!(array.faults.len(), 1);
        let columns = r#"UniqueID,ClientID,Kind,Action,Payload1,Payload2,Payload3
1,2,Invocation,ClientInterface.Read,,"{""type"":""VString"",""value"":""k""}",
1,2,Response,ClientInterface.Read,"{""type"":""VOption"",""value"":{""type"":""VString"",""value"":""x""}}",,
"#;
        assert_eq!(show(&history(columns).expect("well-formed")), ["get \"k\" - \"x\""]);
    }

    #[test]
    fn what_is_odd_is_an_error_at_its_row() {
        let head = "UniqueID,ClientID,Kind,Action,Payload\n";
        for (row, message) in [
            (",1,Invocation,C.Read,", "no `UniqueID`"),
            ("1,,Invocation,C.Read,", "no `ClientID`"),
            ("1,1,,C.Read,", "no `Kind`"),
            ("1,1,Invocation,,", "no `Action`"),
            ("1,1,Invocation,C.Read,{", "payload"),
            ("1,1,Invocation,C.Read,[", "payload"),
            ("1,1,Invocation,C.Read,{}", "`type` and `value`"),
            ("1,1,Response,C.Read,", "never invoked"),
            ("1,1", "2 cells"),
        ] {
            let errors = history(&format!("{head}{row}")).expect_err(row);
            assert!(errors.first()[0].message.contains(message), "{row}: {:?}", errors.first());
        }
    }

    #[test]
    fn cuts_do_not_panic() {
        for end in 0..ARRAY.len() {
            assert!(history(&ARRAY[..end]).map_or(0, |history| history.operations.len()) <= 3, "{end}");
        }
    }
}
