//! Markdown: what a job summary or a comment on a change shows.
//!
//! A summary of GitHub Actions that has more than 1 MiB is not shown at all, so whole sections are left out, and it says
//! which, before a document gets near that.

use std::fmt::Write as _;
use std::io;

use crate::beside;
use crate::document::{Anomaly, Baselined, Document, History, Kept, Part, Symptom, Verdict, shown};
use crate::notice::{Notice, UNMET, of_history};
use crate::words::{count, plural, shortened};

/// The most bytes of a document.
const LARGEST: usize = 900_000;

/// What is kept free for saying what was left out.
const SPARE: usize = 1_000;

/// So many characters of what an operation did, or of a sentence about it, are shown.
const READABLE: usize = 1_000;

/// So many histories have a row of their own in the table.
const ROWS: usize = 1_000;

/// Writes a document as Markdown.
///
/// # Errors
/// Those of `out`.
pub fn write(document: &Document<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut text = head(document);
    let mut left_out = 0;
    for section in document.histories.iter().flat_map(sections) {
        if left_out == 0 && text.len() + section.len() + SPARE <= LARGEST {
            text.push_str(&section);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        let noun = plural(left_out, "section was", "sections were");
        let _ =
            writeln!(text, "\n_{} more {noun} left out for size; a JSON report has them._", count(left_out));
    }
    out.write_all(text.as_bytes())
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid => "✅",
        Verdict::Vacuous => "⚪",
        Verdict::Unknown => "❔",
        Verdict::Error => "⛔",
        Verdict::Invalid => "❌",
    }
}

fn head(document: &Document<'_>) -> String {
    let mut text = format!("# {} seriatim: {}\n\n", mark(document.verdict), document.verdict.word());
    text.push_str("| history | verdict | object | operations | parts | findings |\n| --- | --- | --- | ---: | ---: | --- |\n");
    // The worst are seen even of very many.
    let mut histories: Vec<_> = document.histories.iter().collect();
    histories.sort_by_key(|history| std::cmp::Reverse(history.verdict));
    for history in histories.iter().take(ROWS) {
        let anomalies = history.anomalies.iter();
        let anomalies =
            anomalies.map(|of| format!("{} × {}{}", of.code, count(of.count), known(&of.baselined)));
        let mut symptoms: Vec<_> = history.symptoms.iter().map(|of| of.code.to_string()).collect();
        symptoms.dedup();
        let codes: Vec<_> = anomalies.chain(symptoms).collect();
        let model = history.model.as_deref().unwrap_or("–");
        let _ = writeln!(
            text,
            "| {} | {} {} | {model} | {} | {} | {} |",
            code(&history.path),
            mark(history.verdict),
            history.verdict.word(),
            count(history.operations.total),
            count(history.parts.len()),
            codes.join(", "),
        );
    }
    if let Some(more @ 1..) = histories.len().checked_sub(ROWS) {
        let _ = writeln!(
            text,
            "\n_{} more {}, none of them worse._",
            count(more),
            plural(more, "history", "histories")
        );
    }
    for note in &document.notes {
        let _ = writeln!(text, "\n{}", plain(note));
    }
    text
}

/// What is told of a history, the worst first; nothing of one with which nothing is wrong.
fn sections<'a>(history: &'a History<'_>) -> impl Iterator<Item = String> + use<'a> {
    let is_told =
        history.verdict != Verdict::Valid || !history.notes.is_empty() || !history.symptoms.is_empty();
    let title = is_told.then(|| format!("\n## {} {}\n", mark(history.verdict), code(&history.path)));
    let anomalies = history.anomalies.iter().map(anomaly);
    let unnamed = history.parts.iter().filter_map(refuted);
    let headline = history.headline.iter().map(|of| format!("\n**{}**\n", plain(of)));
    let symptoms = history.symptoms.iter().map(symptom);
    let chains = chains(history);
    let not_visible = (!history.not_visible.is_empty() && is_told).then(|| not_visible(history));
    let kept = history.still_holds.iter().map(kept);
    let others = of_history(history).into_iter();
    let others =
        others.filter(|notice| ["input", "unknown", "vacuous", "doubt", UNMET].contains(&&*notice.rule));
    title
        .into_iter()
        .chain(headline)
        .chain(anomalies)
        .chain(unnamed)
        .chain(symptoms)
        .chain(chains)
        .chain(kept)
        .chain(others.map(|of| other(&of)))
        .chain(not_visible)
}

fn anomaly(anomaly: &Anomaly<'_>) -> String {
    let mut text = format!("\n### {}: {}", anomaly.code, plain(&anomaly.name.replace('-', " ")));
    if let Some(key) = &anomaly.key {
        let _ = write!(text, " of key {}", code(&shown(key)));
    }
    if anomaly.count > 1 {
        let _ = write!(text, " (× {})", count(anomaly.count));
    }
    let _ = writeln!(
        text,
        "\n\n{}\n\n| part | line | process | node | operation |\n| --- | ---: | --- | --- | --- |",
        plain(&anomaly.message)
    );
    for of in &anomaly.operations {
        let node = of.node.as_ref().map_or("–".to_owned(), |node| code(&shown(node)));
        let _ = writeln!(
            text,
            "| {} | {} | {} | {node} | {} |",
            of.role,
            of.line,
            code(&shown(&of.process)),
            code(&of.shown)
        );
    }
    text.push_str(&baselined(&anomaly.baselined));
    if let Some(possible) = &anomaly.possible {
        let answers: Vec<_> = possible.answers.iter().map(|of| code(&of.value)).collect();
        let other = if possible.are_all { "" } else { ", and maybe others" };
        let _ = writeln!(text, "\nCould have been answered: {}{other}", answers.join(", "));
    }
    if let Some(lag) = anomaly.lag {
        let _ = writeln!(text, "\nLate by {} ms, at most {} ms", lag.first_ms, lag.longest_ms);
    }
    let _ = writeln!(text, "\n`seriatim explain {}` tells more.", anomaly.code);
    text
}

fn refuted(part: &Part<'_>) -> Option<String> {
    let refutation = part.refutation.as_ref().filter(|refutation| !refutation.is_named)?;
    let of = &refutation.operation;
    Some(format!(
        "\n### {}: no order\n\nLine {}: {} has no place in any order of the {} {} called by then.\n{}",
        plain(&part.name()),
        of.line,
        code(&of.shown),
        count(refutation.prefix_operations),
        plural(refutation.prefix_operations, "operation that was", "operations that were"),
        baselined(&refutation.baselined),
    ))
}

fn symptom(symptom: &Symptom<'_>) -> String {
    let name = plain(&beside::name(&symptom.name));
    let gated = if symptom.is_failing() { "; fails the run" } else { "" };
    let mut text = format!(
        "\n### {}: {name} ({}{gated})\n\n{}\n",
        symptom.code,
        symptom.confidence,
        plain(&symptom.message)
    );
    if symptom.split.is_none() {
        let facts = beside::facts(symptom);
        let facts = facts.iter().filter(|(name, _)| *name != "numbers" || symptom.numbers.is_empty());
        let facts: Vec<_> = facts.map(|(name, told)| format!("- {name}: {}\n", plain(told))).collect();
        if !symptom.numbers.is_empty() {
            text.push_str("\n| number | seen | usually |\n| --- | ---: | ---: |\n");
        }
        for of in &symptom.numbers {
            let usual = of.usual_shown.as_deref().unwrap_or("–");
            let _ = writeln!(text, "| {} | {} | {} |", plain(&of.name), plain(&of.shown), plain(usual));
        }
        if !facts.is_empty() {
            let _ = write!(text, "\n{}", facts.concat());
        }
    }
    text.push_str(&baselined(&symptom.baselined));
    text
}

/// What came after what.
fn chains(history: &History<'_>) -> Option<String> {
    let all = history.chains.iter().map(|of| format!("- {}\n", plain(&beside::chain(of, " → "))));
    let all: String = all.collect();
    (!all.is_empty()).then(|| format!("\n**What came after what** ({}):\n\n{all}", beside::ORDER_ONLY))
}

fn not_visible(history: &History<'_>) -> String {
    let all: String = history.not_visible.iter().map(|of| format!("- {}\n", plain(of))).collect();
    format!("\n<details><summary>What this history cannot show</summary>\n\n{all}\n</details>\n")
}

/// What a baseline says of a finding, as a paragraph of its own.
fn baselined(of: &Option<Baselined>) -> String {
    of.as_ref().map_or(String::new(), |of| format!("\n**Known:** {}\n", plain(&of.told())))
}

/// The same in a word.
fn known(of: &Option<Baselined>) -> &'static str {
    match of {
        None => "",
        Some(of) if of.is_in_force() => " (baselined)",
        Some(_) => " (baseline expired)",
    }
}

fn kept(kept: &Kept<'_>) -> String {
    let strongest: Vec<_> = kept.strongest.iter().map(|name| plain(name)).collect();
    let what = if strongest.is_empty() {
        "none of the weaker guarantees is proved".to_owned()
    } else {
        strongest.join(", ")
    };
    format!("\n**Still holds:** {what}\n")
}

fn other(notice: &Notice<'_>) -> String {
    let line = notice.line.map_or(String::new(), |line| format!(" (line {line})"));
    format!("\n- {}{line}: {}\n", plain(&notice.title), plain(&notice.message))
}

/// Text in which nothing is markup, on one line.
pub fn plain(text: &str) -> String {
    let text = shortened(text, READABLE);
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' => out.extend(['\\', character]),
            _ if character.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            _ => out.push(character),
        }
    }
    out
}

/// Text as code, on one line. A cell of a table ends at a bar even within code, so there it is another character.
pub fn code(text: &str) -> String {
    let text: String = shortened(text, READABLE)
        .chars()
        .map(|character| match character {
            '|' => '¦',
            _ if character.is_control() => ' ',
            _ => character,
        })
        .collect();
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}
