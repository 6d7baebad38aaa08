//! The report for programs: schema `seriatim-report/1`. Changes only add to it.

use std::io;

use serde::Serialize;

use crate::Renderer;
use crate::document::{Document, History, SCHEMA};
use crate::report::Report;

/// Renders the whole report as one JSON object.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

impl Renderer for Json {
    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        write(&Document::new(report), out)
    }
}

/// Writes a document as one JSON object.
///
/// # Errors
/// Those of `out`.
pub fn write(document: &Document<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)
}

/// Renders each history as one JSON object on a line of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jsonl;

impl Renderer for Jsonl {
    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        for history in &report.histories {
            serde_json::to_writer(&mut *out, &Line { schema: SCHEMA, history: History::new(history) })?;
            writeln!(out)?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    history: History<'a>,
}
