//! Annotations of GitHub Actions: commands on the standard output that the runner turns into marks on lines.
//!
//! The runner shows ten annotations of each kind for a step and silently leaves out the rest, so no more than nine are
//! written, and then how many more there are. Source: GitHub's documentation of workflow commands.

use std::io;

use crate::Renderer;
use crate::document::Document;
use crate::notice::{Level, Notice, notices};
use crate::report::Report;
use crate::words::count;

/// So many annotations of a kind are written; one more says how many others there are.
const SHOWN: usize = 9;

/// Renders a report as annotations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Github;

impl Renderer for Github {
    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        write(&Document::new(report), out)
    }
}

/// Writes a document as annotations.
///
/// # Errors
/// Those of `out`.
pub fn write(document: &Document<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let all = notices(document);
    for (level, command) in [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "notice")] {
        // What is known is worth knowing, and no more.
        let shown = |notice: &Notice<'_>| if notice.is_let_pass() { Level::Note } else { notice.level };
        let of: Vec<_> = all.iter().filter(|notice| shown(notice) == level).collect();
        for notice in of.iter().take(SHOWN) {
            writeln!(out, "::{command} {}::{}", place(notice), data(&notice.in_full()))?;
        }
        if let Some(more @ 1..) = of.len().checked_sub(SHOWN) {
            writeln!(out, "::{command} title=and more::and {} more of them, see the summary", count(more))?;
        }
    }
    for history in &document.histories {
        if let Some(headline) = &history.headline {
            writeln!(out, "{}", data(&format!("{}: {headline}", history.path)))?;
        }
        writeln!(out, "{}", data(&format!("{}: {}", history.path, history.verdict.word())))?;
    }
    Ok(())
}

fn place(notice: &Notice<'_>) -> String {
    let line = notice.line.map_or(String::new(), |line| format!(",line={line}"));
    format!("file={}{line},title={}", property(&notice.path), property(&notice.title))
}

/// What stands after the second pair of colons: one line, in which a percent sign means what it says.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands before them.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
