//! What there is to know of a kind of anomaly, for people.

use std::fmt::Write as _;

use seriatim_anomaly::catalog::Row;

use crate::text::COLUMNS;
use crate::words::wrap;

/// Where texts begin, behind their labels.
const INDENT: usize = 10;

/// What is told of a row of the catalogue: what the anomaly is, what it looks like, how it comes about, and what to do.
pub fn lesson(row: &Row) -> String {
    let mut out = format!("{}  {}\n\n", row.code, row.name);
    say(&mut out, "what", row.definition);
    say(&mut out, "rule", row.rule);
    out.push('\n');
    for line in row.picture.lines() {
        let _ = writeln!(out, "{:INDENT$}{line}", "");
    }
    out.push('\n');
    say(&mut out, "how", row.mechanism);
    say(&mut out, "breaks", row.rules_out);
    list(&mut out, "causes", row.causes);
    say(&mut out, "look at", row.look_at);
    list(&mut out, "defences", row.defences);
    say(&mut out, "source", row.source);
    out
}

fn say(out: &mut String, label: &str, text: &str) {
    wrap(out, COLUMNS, &format!("{label:<INDENT$}"), INDENT, text);
}

fn list(out: &mut String, label: &str, items: &[&str]) {
    for (at, item) in items.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        wrap(out, COLUMNS, &format!("{label:<INDENT$}- "), INDENT + 2, item);
    }
}
