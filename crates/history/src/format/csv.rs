//! Tables: a row for each operation, its columns found by name or by a mapping; or the events of turnpike.

mod column;
mod event;
mod row;

pub use column::ColumnMap;

use self::column::{Columns, Role};
use self::row::{Row, rows};
use super::json::nanoseconds;
use super::object::number_or_text;
use crate::build::{EventKind, HistoryBuilder, Interval};
use crate::convention::TimeUnit;
use crate::diagnostic::Diagnostic;
use crate::operation::{Answer, Completion};
use crate::span::{Source, SourceId};
use crate::told::Told;
use crate::value::{ValueId, Values};

/// Reads a table whose first row names the columns; commas, semicolons or tabs separate them.
///
/// Where `map` is empty, the usual names are known by themselves.
pub fn read(source: Source<'_>, map: &ColumnMap, builder: &mut HistoryBuilder) {
    let mut rows = rows(source);
    let Some(header) = rows.next() else { return };
    if let Some(error) = header.not_closed() {
        return builder.error(*error);
    }
    if map.columns.is_empty() && event::is_header(&header.cells) {
        return event::read(&header, rows, builder);
    }
    let columns = match Columns::find(&header, map) {
        Ok(columns) => columns,
        Err(errors) => return errors.into_iter().for_each(|error| builder.error(error)),
    };
    let unit = builder.declared.time_unit.unwrap_or_default();
    for row in rows {
        let interval =
            check_width(&header, &row).and_then(|()| interval(&row, &columns, unit, &mut builder.values));
        match interval {
            Ok(interval) => builder.interval(interval),
            Err(error) => builder.error(*error),
        }
    }
}

/// Whether `line` names the columns of a table that is read without a mapping.
pub(super) fn is_header(line: &str) -> bool {
    let id = SourceId(0);
    let Some(header) = rows(Source { id, text: line }).next() else { return false };
    let names: Vec<&str> = header.cells.iter().collect();
    event::is_header(names.iter().copied()) || column::is_header(&names)
}

/// Each row has a cell for each column.
fn check_width(header: &Row<'_>, row: &Row<'_>) -> Result<(), Box<Diagnostic>> {
    if let Some(error) = row.not_closed() {
        return Err(error);
    }
    if row.cells.len() == header.cells.len() {
        return Ok(());
    }
    let message =
        format!("this row has {} cells, but there are {} columns", row.cells.len(), header.cells.len());
    let help = "leave a cell empty rather than out, and put cells that contain a separator in quotes";
    Err(Box::new(Diagnostic::error(row.span, message).related(header.span, "the columns").help(help)))
}

fn interval(
    row: &Row<'_>,
    columns: &Columns,
    unit: TimeUnit,
    values: &mut Values,
) -> Result<Interval, Box<Diagnostic>> {
    let cell = |role: Role| columns.of(role).and_then(|at| row.cell(at));
    let wrong = |role: Role, message: String, help: &str| {
        let span = columns.of(role).map_or(row.span, |at| row.span_of(at));
        Box::new(Diagnostic::error(span, message).help(help))
    };
    let required = |role: Role| {
        let help = "process, function and call are needed in every row; only the return may be empty";
        cell(role).ok_or_else(|| wrong(role, format!("this row has no `{}`", role.name()), help))
    };
    let time = |role: Role, cell: &str| {
        let help = "times are integers of nanoseconds, or decimals";
        nanoseconds(cell.trim(), unit)
            .ok_or_else(|| wrong(role, format!("`{}` is no time", cell.trim()), help))
    };
    let process = number_or_text(required(Role::Process)?.trim(), values);
    let function = values.text(function(required(Role::Function)?.trim()));
    let call = time(Role::Call, required(Role::Call)?)?;
    let end = cell(Role::Return).map(|cell| time(Role::Return, cell)).transpose()?;
    let kind = match cell(Role::Type) {
        None => None,
        Some(word) => Some(EventKind::from_word(word.trim()).ok_or_else(|| {
            wrong(Role::Type, format!("unknown type `{}`", word.trim()), "a type is `ok`, `fail` or `info`")
        })?),
    };
    let argument = cell(Role::Value).map(|cell| value(cell, values));
    // Where answers have a column of their own, an empty cell is no answer.
    let answer = match columns.of(Role::Output) {
        Some(_) => cell(Role::Output).map(|cell| value(cell, values)),
        None => argument,
    };
    let result = cell(Role::Result).map(|cell| match cell.trim() {
        "true" => ValueId::TRUE,
        "false" => ValueId::FALSE,
        _ => value(cell, values),
    });
    let answer = Answer { value: answer, result };
    let completion = match kind {
        None if end.is_some() => Completion::Ok(answer),
        None | Some(EventKind::Info) => Completion::Unknown,
        Some(EventKind::Ok) => Completion::Ok(answer),
        Some(EventKind::Fail) => Completion::Fail(answer),
        Some(EventKind::Invoke) if end.is_none() => Completion::Unknown,
        Some(EventKind::Invoke) => {
            let help = "write how it ended, `ok`, `fail` or `info`, or leave the return empty";
            return Err(wrong(
                Role::Type,
                "an operation that returned cannot be of type `invoke`".to_owned(),
                help,
            ));
        }
    };
    Ok(Interval {
        process,
        function,
        key: cell(Role::Key).map(|cell| value(cell, values)),
        argument,
        completion,
        error: cell(Role::Error).map(|cell| values.text(cell)),
        node: cell(Role::Node).map(|cell| values.text(cell)),
        told: Told::default(),
        call,
        end,
        span: row.span,
    })
}

/// What tables call the functions of the models.
const FUNCTIONS: &[(&str, &str)] =
    &[("ENQ", "enqueue"), ("DEQ", "dequeue"), ("PUT", "put"), ("GET", "get"), ("DELETE", "delete")];

fn function(name: &str) -> &str {
    let known = FUNCTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map_or(name, |&(_, function)| function)
}

/// What a cell that is not empty says.
fn value(cell: &str, values: &mut Values) -> ValueId {
    match cell {
        "NotFound" | "<empty>" => ValueId::NIL,
        // Blanks around a number are layout; around a text they may be part of it.
        _ => {
            let number = number_or_text(cell.trim(), values);
            if values.as_int(number).is_some() { number } else { values.text(cell) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::diagnostic::Diagnostics;
    use crate::format::Format;
    use crate::operation::History;

    fn history(text: &str, map: &str) -> Result<History, Diagnostics> {
        let mut builder = HistoryBuilder::new(Format::Csv);
        let map = ColumnMap::parse(map).expect("a mapping");
        read(Source { id: SourceId(0), text }, &map, &mut builder);
        builder.finish(Overrides::default())
    }

    fn show(text: &str, map: &str) -> Vec<String> {
        let history = history(text, map).expect("well-formed");
        let show = |id: Option<ValueId>| id.map_or("-".to_owned(), |id| history.values.show(id));
        let operations = history.operations.iter().map(|operation| {
            let answer = match operation.completion {
                Completion::Ok(answer) => show(answer.value),
                Completion::Fail(_) => "fail".to_owned(),
                Completion::Unknown => "unknown".to_owned(),
            };
            let (process, key) = (history.values.show(operation.process), show(operation.key));
            format!("{process} {} {key} {} {answer}", history.function(operation), show(operation.argument))
        });
        operations.collect()
    }

    #[test]
    fn usual_columns_are_found() {
        let text = "call_ns,return_ns,client_id,op,key,value,output\r\n-5,9,0,PUT,k1,apple,\r\n1,3,1,GET,k1,,NotFound\r\n4,8,c2,GET,k1,,\"a \"\"b\"\", c\"\r\n5,,3,ENQ,, 7,<empty>\r\n";
        assert_eq!(
            show(text, ""),
            [
                "0 put \"k1\" \"apple\" -",
                "1 get \"k1\" - nil",
                "\"c2\" get \"k1\" - \"a \\\"b\\\", c\"",
                "3 enqueue - 7 unknown"
            ]
        );
        let generic =
            "Process;F;Value;Call;Return;Type\n0;read;7;1;2;ok\n0;write;8;3;4;:FAIL\n\n0;write;9;5;6;info";
        assert_eq!(show(generic, ""), ["0 read - 7 7", "0 write - 8 fail", "0 write - 9 unknown"]);
        assert_eq!(show("\u{feff}process\tf\tcall\treturn\n1\tacquire\t1.5\t2", ""), ["1 acquire - - -"]);
        assert!(show("", "").is_empty() && show("process,f,call,return\n", "").is_empty());
    }

    #[test]
    fn columns_can_be_mapped() {
        let text = "who,what,value,began,ended,output\n1,read,x,1,2,y\n";
        let map = "process=who, f=what,call=began,return=ended,value=output";
        assert_eq!(show(text, map), ["1 read - \"y\" \"y\""]);
        for (map, message) in [
            ("proces=who", "did you mean `process`"),
            ("process", "`process` is not of the form"),
            ("process=a,process=b", "`process` is mapped twice"),
            ("process=", "`process=` is not of the form"),
        ] {
            let error = ColumnMap::parse(map).expect_err(map);
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn what_is_odd_is_an_error_at_its_place() {
        let head = "process,f,call,return,type\n";
        for (row, message, shown) in [
            ("1,read,1", "3 cells, but there are 5", "1,read,1"),
            (",read,1,2,ok", "no `process`", ""),
            ("1,read,x,2,ok", "`x` is no time", "x"),
            ("1,\"re\"\"ad\",1,\"x\",ok", "`x` is no time", "\"x\""),
            ("1,read,,2,ok", "no `call`", ""),
            ("1,read,1,2,maybe", "unknown type `maybe`", "maybe"),
            ("1,read,1,2,invoke", "cannot be of type", "invoke"),
            ("1,read,1,2,\"ok", "not closed", "\"ok"),
            ("1,read,5,2,ok", "before it was called", "1,read,5,2,ok"),
        ] {
            let text = format!("{head}{row}");
            let errors = history(&text, "").expect_err(row);
            let error = &errors.first()[0];
            let span = error.span.expect("a span");
            assert!(error.message.contains(message), "{error:?}");
            assert_eq!(&text[span.start as usize..span.end() as usize], shown, "{row}");
        }
        for (header, map, message) in [
            ("a,b,c", "", "no column for `process`"),
            ("process,client_id,f,call,return", "", "both `process` and `client_id`"),
            ("process,f,call,return", "key=nowhere", "no column `nowhere`"),
            ("process,f,call,return,call", "", "twice"),
            ("process,f,call,\"return", "", "not closed"),
        ] {
            let errors = history(header, map).expect_err(header);
            assert!(errors.first()[0].message.contains(message), "{:?}", errors.first());
        }
        let errors = history("a,b,c", "").expect_err("no columns");
        assert!(errors.first()[0].help.as_deref().is_some_and(|help| help.contains("`a`, `b`, `c`")));
    }

    #[test]
    fn cuts_do_not_panic() {
        let text = "process,f,call,return,value\n1,\"read\",1,2,\"é, \"\"x\"\"\"\n2,write,1,2,7\n";
        for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
            assert!(history(&text[..end], "").map_or(0, |history| history.operations.len()) <= 2, "{end}");
        }
    }
}
