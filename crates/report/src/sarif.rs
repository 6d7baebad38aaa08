//! SARIF 2.1.0: what code scanning services read. Every result is at a line of the recorded log.
//!
//! Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.

use std::collections::BTreeMap;
use std::io;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Location, Message, MultiformatMessageString, Notification,
    PhysicalLocation, Region, ReportingDescriptor, Result as Finding, ResultLevel, Run, SCHEMA_URL, Sarif,
    Suppression, Tool, ToolComponent,
};
use seriatim_anomaly::catalog::{CATALOG, Row};

use crate::document::{Baselined, Document, Verdict};
use crate::notice::{Level, Notice, OTHER_RULES, notices};
use crate::words::count;

/// The key of our fingerprints among those of a result.
const FINGERPRINT: &str = "seriatim/v1";

/// Code scanning shows no more results of a run; the worst come first.
const SHOWN: usize = 5_000;

/// What stands for itself in the path of a URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Writes a document as SARIF.
///
/// # Errors
/// Those of `out`.
pub fn write(document: &Document<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut all = notices(document);
    all.sort_by_key(|notice| notice.level);
    let left_out = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    let is_used = |rule: &str| all.iter().any(|notice| notice.rule == rule);
    // What no table here describes is described by its first result.
    let is_described = |rule: &str| {
        CATALOG.iter().any(|row| row.code == rule) || OTHER_RULES.iter().any(|(name, ..)| *name == rule)
    };
    let mut beside: Vec<(String, String)> = Vec::new();
    for notice in all.iter().filter(|notice| !is_described(&notice.rule)) {
        if !beside.iter().any(|(rule, _)| *rule == notice.rule) {
            let name = notice.title.trim_start_matches(&*notice.rule).trim().to_owned();
            beside.push((notice.rule.to_string(), name));
        }
    }
    let anomalies = CATALOG.iter().filter(|row| is_used(row.code)).map(of_row);
    let others = OTHER_RULES.iter().filter(|(name, ..)| is_used(name)).map(of_other);
    let driver = ToolComponent::builder()
        .name("seriatim")
        .version(env!("CARGO_PKG_VERSION"))
        .rules(anomalies.chain(others).chain(beside.iter().map(of_symptom)).collect::<Vec<_>>())
        .build();
    let more = (left_out > 0).then(|| {
        let text = format!("{} more results are left out, none worse than those here", count(left_out));
        Notification::builder().message(message(text)).build()
    });
    let is_read = |verdict: Verdict| verdict != Verdict::Error;
    let invocation = Invocation::builder()
        .execution_successful(document.histories.iter().all(|history| is_read(history.verdict)))
        .exit_code(i64::from(document.exit_code))
        .tool_execution_notifications(more.into_iter().collect::<Vec<_>>())
        .build();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .invocations(vec![invocation])
        .results(all.iter().map(finding).collect::<Vec<_>>())
        .build();
    let log = Sarif::builder().version("2.1.0").schema(SCHEMA_URL).runs(vec![run]).build();
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn of_row(row: &Row) -> ReportingDescriptor {
    let help = format!("{}\n\nLook at: {}\n\nSource: {}", row.mechanism, row.look_at, row.source);
    ReportingDescriptor::builder()
        .id(row.code)
        .name(row.name.replace(' ', "-"))
        .short_description(words(row.name))
        .full_description(words(row.definition))
        .help(words(&help))
        .build()
}

fn of_other(&(id, name, definition): &(&str, &str, &str)) -> ReportingDescriptor {
    ReportingDescriptor::builder()
        .id(id)
        .name(name.replace(' ', "-"))
        .short_description(words(name))
        .full_description(words(definition))
        .build()
}

fn of_symptom((code, name): &(String, String)) -> ReportingDescriptor {
    let definition = format!("{name}: a pattern of the run, beside its verdict");
    ReportingDescriptor::builder()
        .id(code.as_str())
        .name(name.replace(' ', "-"))
        .short_description(words(name))
        .full_description(words(&definition))
        .help(words(&format!("`seriatim explain {code}` tells what it is, and what looks like it.")))
        .build()
}

fn words(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}

fn message(text: impl Into<String>) -> Message {
    Message::builder().text(text).build()
}

fn finding(notice: &Notice<'_>) -> Finding {
    let fingerprints = notice.fingerprint.map(|of| (FINGERPRINT.to_owned(), of.to_owned()));
    let related = notice.related.iter().zip(1..).map(|((path, line, what), id)| {
        let mut at = location(path, Some(*line));
        (at.id, at.message) = (Some(id), Some(message(what)));
        at
    });
    let mut found = Finding::builder()
        .rule_id(&*notice.rule)
        .level(match notice.level {
            Level::Error => ResultLevel::Error,
            Level::Warning => ResultLevel::Warning,
            Level::Note => ResultLevel::Note,
        })
        .message(message(&notice.message))
        .locations(vec![location(&notice.path, notice.line)])
        .related_locations(related.collect::<Vec<_>>())
        .partial_fingerprints(fingerprints.into_iter().collect::<BTreeMap<_, _>>())
        .build();
    found.suppressions = notice.baselined.map(|baselined| vec![suppression(baselined)]);
    found
}

/// A finding that is let pass is suppressed; one whose entry has expired says that it was, and counts.
fn suppression(baselined: &Baselined) -> Suppression {
    let status = if baselined.is_in_force() { "accepted" } else { "rejected" };
    Suppression::builder().kind("external").status(status).justification(baselined.told()).build()
}

fn location(path: &str, line: Option<usize>) -> Location {
    let uri = utf8_percent_encode(&path.replace('\\', "/"), PATH).to_string();
    let mut place =
        PhysicalLocation::builder().artifact_location(ArtifactLocation::builder().uri(uri).build()).build();
    place.region =
        line.and_then(|line| i64::try_from(line).ok()).map(|line| Region::builder().start_line(line).build());
    Location::builder().physical_location(place).build()
}
