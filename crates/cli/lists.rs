//! `seriatim models`, `seriatim formats` and `seriatim explain`.

use std::fmt::Write as _;

use seriatim_anomaly::catalog::{CATALOG, Row};
use seriatim_history::format::FORMATS;
use seriatim_model::catalog::MODELS;
use seriatim_report::lesson::lesson;

use crate::exit::Exit;
use crate::output;
use crate::settings::Rule as _;

/// Lists the models, their functions, and what they start with.
pub(crate) fn models() -> Exit {
    let mut text = String::new();
    for model in MODELS {
        let functions = model.functions.iter().map(|function| match function.aliases {
            [] => function.name.to_owned(),
            aliases => format!("{} ({})", function.name, aliases.join(", ")),
        });
        let functions: Vec<_> = functions.collect();
        let _ = writeln!(text, "{:<19} {}", model.word, model.about);
        let _ = writeln!(text, "{:<19}   functions: {}", "", functions.join(", "));
        if let Some((what, otherwise)) = model.initial {
            let _ = writeln!(text, "{:<19}   --init: {what}; else {otherwise}", "");
        }
    }
    output::say(&text);
    Exit::Valid
}

/// Lists the formats, and what their histories mean where nothing else is said.
pub(crate) fn formats() -> Exit {
    let mut text = String::new();
    for row in FORMATS {
        let (nil, cas, ties) = (row.nil_read.word(), row.failed_cas.word(), row.ties.word());
        let _ = writeln!(text, "{:<16} {}", row.name, row.about);
        let _ = writeln!(text, "{:<16}   nil-read {nil}, failed-cas {cas}, ties {ties}", "");
    }
    output::say(&text);
    Exit::Valid
}

/// Tells what some anomalies are, or lists all.
pub(crate) fn anomalies(rows: &[&Row]) -> Exit {
    if rows.is_empty() {
        let mut all: Vec<&Row> = CATALOG.iter().collect();
        all.sort_unstable_by_key(|row| row.code);
        let line = |row: &&Row| format!("{:<8} {:<24} {}\n", row.code, row.name, row.definition);
        output::say(&all.iter().map(line).collect::<String>());
    } else {
        let lessons: Vec<_> = rows.iter().map(|row| lesson(row)).collect();
        output::say(&lessons.join("\n"));
    }
    Exit::Valid
}
