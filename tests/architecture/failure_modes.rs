//! docs/failure-modes.md: its introduction is written by hand, what follows the mark is made of the lessons.
//! `UPDATE_DOCS=1 cargo test --test architecture` writes it anew.

use std::fmt::Write as _;
use std::fs;

use seriatim_report::lesson::{alike, default, rule};
use seriatim_symptom::Setting;
use seriatim_symptom::catalog::{CATALOG, Row, settings};
use seriatim_symptom::lesson::THEMES;

use super::{read, root};

const PAGE: &str = "docs/failure-modes.md";

/// Behind this line all is made.
const MARK: &str = "<!-- Made of the lessons by `UPDATE_DOCS=1 cargo test --test architecture`: write above this line only. -->\n";

#[test]
fn the_page_of_failure_modes_is_that_of_the_lessons() {
    let page = read(PAGE);
    let (introduction, made) = page.split_once(MARK).expect("the page has a mark");
    let wanted = body();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(PAGE), format!("{introduction}{MARK}{wanted}"))
            .expect("the page can be written");
        return;
    }
    let differs = wanted.lines().zip(made.lines()).find(|(wanted, made)| wanted != made);
    assert!(
        wanted == made,
        "{PAGE} is not what the lessons say; `UPDATE_DOCS=1 cargo test --test architecture` writes it anew: {differs:?}"
    );
}

fn body() -> String {
    let mut out =
        String::from("\n## All codes\n\n| theme | code | name | what it is |\n| --- | --- | --- | --- |\n");
    for theme in THEMES {
        for (at, kind) in theme.kinds.iter().enumerate() {
            let row = kind.row();
            let title =
                if at == 0 { format!("**{}.** {}", theme.title, theme.question) } else { String::new() };
            let (code, name, gist) = (row.code, row.name, kind.lesson().gist());
            let _ = writeln!(out, "| {title} | [{code}](#{}) | {name} | {gist} |", anchor(row));
        }
    }
    out.push_str("\n## What all rules go by\n\n");
    settings().filter(|of| !is_of_a_rule(of)).for_each(|of| setting(&mut out, of));
    for row in CATALOG {
        section(&mut out, row);
    }
    out
}

/// Whether one rule alone goes by it.
fn is_of_a_rule(setting: &Setting) -> bool {
    CATALOG.iter().any(|row| row.settings.iter().any(|own| own.name == setting.name))
}

/// What a heading is called in links.
fn anchor(row: &Row) -> String {
    format!("{} {}", row.code, row.name).to_lowercase().replace(' ', "-")
}

fn section(out: &mut String, row: &Row) {
    let lesson = row.kind.lesson();
    let _ = writeln!(out, "\n## {} {}\n\n{}\n", row.code, row.name, lesson.definition);
    let _ = writeln!(out, "```text\n{}\n```\n", lesson.picture);
    for (label, text) in [
        ("Trigger", lesson.trigger),
        ("What keeps it going", lesson.sustaining),
        ("Trace in a history", lesson.trace),
        ("Rule", &rule(row)),
    ] {
        let _ = writeln!(out, "**{label}.** {text}\n");
    }
    if !row.settings.is_empty() {
        row.settings.iter().for_each(|of| setting(out, of));
        out.push('\n');
    }
    if let Some(effect) = row.effect {
        let _ = writeln!(out, "**Effect size.** {effect}.\n");
    }
    if let Some(test) = row.test {
        let _ = writeln!(out, "**Test.** {test}.\n");
    }
    list(out, "Said with it", row.confounders.iter().map(|&text| text.to_owned()));
    let other = |&(what, apart): &(&str, &str)| format!("*{}.* {apart}", alike(what));
    list(out, "What looks like it", lesson.look_alikes.iter().map(other));
    let _ = writeln!(out, "**What to look at.** {}\n", lesson.look_at);
    list(out, "Defences", lesson.defences.iter().map(|&text| text.to_owned()));
    list(out, "Sources", lesson.sources.iter().map(|&text| text.to_owned()));
    out.pop();
}

fn setting(out: &mut String, setting: &Setting) {
    let _ = writeln!(out, "- `{}` = {}: {}", setting.name, default(setting), setting.about);
}

fn list(out: &mut String, label: &str, items: impl Iterator<Item = String>) {
    let items: Vec<_> = items.map(|item| format!("- {item}\n")).collect();
    if !items.is_empty() {
        let _ = writeln!(out, "**{label}.**\n\n{}", items.concat());
    }
}
