//! Scripts as text: the syntaxes that benches and tests have written, event by event.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use seriatim_history::Format;
use seriatim_history::build::EventKind;
use seriatim_model::ModelName;

use crate::script::{Datum, Line, Script};

/// The formats that a script can be written in. A table has a row for each operation, so only whole scripts can be
/// written as [`Format::Csv`]; the others are written line by line, too.
pub const WRITTEN: [Format; 8] = [
    Format::Jsonl,
    Format::Edn,
    Format::JsonArray,
    Format::Tuples,
    Format::JepsenTxt,
    Format::JepsenLog,
    Format::PorcupineKv,
    Format::Csv,
];

/// The first line of a table.
const CSV_HEAD: &str = "process,type,f,key,value,output,call,return\n";

/// What stands before the events.
///
/// # Errors
/// Those of `out`.
pub fn head(format: Format, model: ModelName, out: &mut impl Write) -> fmt::Result {
    match format {
        Format::Jsonl => writeln!(out, r#"{{"seriatim":1,"model":"{}"}}"#, model.name()),
        Format::JsonArray => out.write_str("[\n"),
        Format::Csv => out.write_str(CSV_HEAD),
        _ => Ok(()),
    }
}

/// What stands after them.
///
/// # Errors
/// Those of `out`.
pub fn tail(format: Format, out: &mut impl Write) -> fmt::Result {
    // An array must not end with a comma, so every line but the first begins with one.
    if format == Format::JsonArray { out.write_str("]\n") } else { Ok(()) }
}

/// An event. `is_first` is whether it is the first after the head.
///
/// # Errors
/// Those of `out`.
///
/// # Panics
/// In [`Format::Csv`], which has no events.
pub fn line(format: Format, line: &Line, is_first: bool, out: &mut impl Write) -> fmt::Result {
    match format {
        Format::JsonArray => {
            out.write_str(if is_first { "" } else { "," })?;
            json(line, out)
        }
        Format::Edn => edn(line, out),
        Format::PorcupineKv => porcupine(line, out),
        Format::Tuples | Format::JepsenTxt | Format::JepsenLog => columns(format, line, out),
        Format::Csv => unreachable!("a table is written as a whole"),
        _ => json(line, out),
    }
}

/// A whole script as text.
pub fn script(format: Format, model: ModelName, script: &Script) -> String {
    let mut out = String::new();
    let mut write = || {
        head(format, model, &mut out)?;
        if format == Format::Csv {
            return table(script, &mut out);
        }
        for (at, event) in script.lines.iter().enumerate() {
            line(format, event, at == 0, &mut out)?;
        }
        tail(format, &mut out)
    };
    write().expect("texts can be written to");
    out
}

fn json(line: &Line, out: &mut impl Write) -> fmt::Result {
    out.write_str(r#"{"process":"#)?;
    match line.process {
        Some(process) => write!(out, "{process}")?,
        None => out.write_str(r#""nemesis""#)?,
    }
    for part in [r#","type":""#, line.kind.word(), r#"","f":""#, line.function, "\""] {
        out.write_str(part)?;
    }
    if let Some(key) = line.key {
        write!(out, r#","key":{key}"#)?;
    }
    if let Some(value) = &line.value {
        out.write_str(r#","value":"#)?;
        json_value(value, out)?;
    }
    if let Some(result) = &line.result {
        out.write_str(r#","result":"#)?;
        json_value(result, out)?;
    }
    if let Some(node) = line.node {
        write!(out, r#","node":"{node}""#)?;
    }
    writeln!(out, r#","time":{}}}"#, line.time)
}

fn json_value(value: &Datum, out: &mut impl Write) -> fmt::Result {
    match value {
        Datum::Nil => out.write_str("null"),
        Datum::Bool(value) => write!(out, "{value}"),
        Datum::Int(value) => write!(out, "{value}"),
        // What Rust escapes in these short texts, JSON escapes alike.
        Datum::Text(text) => write!(out, "{text:?}"),
        Datum::List(items) | Datum::Set(items) => {
            out.write_str("[")?;
            for (at, item) in items.iter().enumerate() {
                out.write_str(if at > 0 { "," } else { "" })?;
                json_value(item, out)?;
            }
            out.write_str("]")
        }
        Datum::Map(items) => {
            out.write_str("{")?;
            for (at, (key, value)) in items.iter().enumerate() {
                out.write_str(if at > 0 { "," } else { "" })?;
                json_value(key, out)?;
                out.write_str(":")?;
                json_value(value, out)?;
            }
            out.write_str("}")
        }
    }
}

fn edn(line: &Line, out: &mut impl Write) -> fmt::Result {
    for part in ["{:type :", line.kind.word(), ", :f :", line.function] {
        out.write_str(part)?;
    }
    if let Some(value) = &line.value {
        write!(out, ", :value {value}")?;
    }
    if let Some(result) = &line.result {
        write!(out, ", :result {result}")?;
    }
    if let Some(key) = line.key {
        write!(out, ", :key {key}")?;
    }
    if let Some(node) = line.node {
        write!(out, ", :node \"{node}\"")?;
    }
    write!(out, ", :time {}, :process ", line.time)?;
    match line.process {
        Some(process) => writeln!(out, "{process}}}"),
        None => out.write_str(":nemesis}\n"),
    }
}

/// Maps with texts as keys and values, as porcupine's tests have them. The functions are those of a key-value store.
fn porcupine(line: &Line, out: &mut impl Write) -> fmt::Result {
    let (process, kind) = (line.process.unwrap_or_default(), line.kind.word());
    let function = match line.function {
        "read" => "get",
        "write" => "put",
        other => other,
    };
    let key = line.key.unwrap_or_default();
    write!(out, "{{:process {process}, :type :{kind}, :f :{function}, :key \"{key}\", :value ")?;
    match &line.value {
        // A key that was never written holds the empty text.
        None | Some(Datum::Nil) if line.kind == EventKind::Ok => out.write_str("\"\"}\n"),
        None | Some(Datum::Nil) => out.write_str("nil}\n"),
        Some(Datum::Text(text)) => writeln!(out, "{text:?}}}"),
        Some(value) => writeln!(out, "\"{value}\"}}"),
    }
}

/// Process, type, function and value, and what the formats have around them. Keys are told as tuples.
fn columns(format: Format, line: &Line, out: &mut impl Write) -> fmt::Result {
    let gap = if format == Format::Tuples { " " } else { "\t" };
    out.write_str(match format {
        Format::Tuples => "[",
        Format::JepsenLog => "2026-11-23 10:00:00,000{GMT}\tINFO\t[jepsen worker 0] jepsen.util: ",
        _ => "",
    })?;
    match line.process {
        Some(process) => write!(out, "{process}")?,
        None => out.write_str(":nemesis")?,
    }
    write!(out, "{gap}:{}{gap}:{}{gap}", line.kind.word(), line.function)?;
    let value = line.value.as_ref().unwrap_or(&Datum::Nil);
    match line.key {
        Some(key) => write!(out, "[{key} {value}]")?,
        None => write!(out, "{value}")?,
    }
    out.write_str(if format == Format::Tuples { "]\n" } else { "\n" })
}

/// A row for each operation of a client.
fn table(script: &Script, out: &mut impl Write) -> fmt::Result {
    let is_client = |line: &&Line| line.process.is_some();
    let ends = script.lines.iter().filter(is_client).filter(|line| line.kind != EventKind::Invoke);
    let ends: BTreeMap<u32, &Line> = ends.map(|line| (line.operation, line)).collect();
    let cell = |value: &Option<Datum>, out: &mut dyn Write| match value {
        None | Some(Datum::Nil) => Ok(()),
        Some(Datum::Int(value)) => write!(out, "{value}"),
        Some(value) => write!(out, "\"{}\"", value.to_string().replace('"', "\"\"")),
    };
    for line in script.lines.iter().filter(is_client).filter(|line| line.kind == EventKind::Invoke) {
        let end = ends.get(&line.operation);
        let kind = end.map_or("info", |end| end.kind.word());
        write!(out, "{},{kind},{},", line.process.unwrap_or_default(), line.function)?;
        if let Some(key) = line.key {
            write!(out, "{key}")?;
        }
        out.write_str(",")?;
        cell(&line.value, out)?;
        out.write_str(",")?;
        if let Some(end) = end.filter(|end| end.value != line.value) {
            cell(&end.value, out)?;
        }
        write!(out, ",{},", line.time)?;
        if let Some(end) = end {
            write!(out, "{}", end.time)?;
        }
        out.write_str("\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use seriatim_history::format::csv::ColumnMap;
    use seriatim_history::format::detect::{Detected, detect};
    use seriatim_history::{HistoryBuilder, Source, SourceId, build::Overrides, format};

    use super::*;
    use crate::traffic::Traffic;

    /// A text is read as the format that it was written in, with every operation.
    #[test]
    fn what_is_written_can_be_read() {
        for format in WRITTEN {
            let traffic = Traffic { keys: 3, crash: 0.2, ..Traffic::new(ModelName::Register, 200, 4) };
            let (script, summary) = traffic.script(5);
            let text = script_as(format, &script);
            assert_eq!(detect(text.as_bytes(), None), Detected::Format(format), "{}", format.name());
            let mut builder = HistoryBuilder::new(format);
            format::read(
                format,
                Source { id: SourceId(0), text: &text },
                &ColumnMap::default(),
                &mut builder,
            );
            let history = match builder.finish(Overrides::default()) {
                Ok(history) => history,
                Err(errors) => panic!("{}: {:?}", format.name(), errors.first()),
            };
            assert_eq!(history.operations.len(), 200, "{}", format.name());
            let unknown = history.operations.iter().filter(|operation| operation.ret().is_none()).count();
            assert_eq!(unknown, summary.crashed, "{}", format.name());
        }
    }

    fn script_as(format: Format, script: &Script) -> String {
        super::script(format, ModelName::Register, script)
    }
}
