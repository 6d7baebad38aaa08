//! `seriatim models`, `seriatim formats` and `seriatim explain`.

use std::fmt::Write as _;

use seriatim_history::format::FORMATS;
use seriatim_model::catalog::MODELS;
use seriatim_report::lesson::{Subject, list};

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

/// Tells what some anomalies and symptoms are, or lists all.
pub(crate) fn lessons(subjects: &[Subject]) -> Exit {
    if subjects.is_empty() {
        output::say(&list());
    } else {
        let lessons: Vec<_> = subjects.iter().map(|subject| subject.lesson()).collect();
        output::say(&lessons.join("\n"));
    }
    Exit::Valid
}
