//! `seriatim diff`: what two runs have found, one beside the other.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use seriatim_report::Verdict;
use seriatim_report::diagnostic::printable;
use seriatim_report::document::{Document, History};
use seriatim_report::found::findings;
use seriatim_report::markdown::{code, plain};

use crate::args::{Color, DiffArgs, DiffFormat};
use crate::exit::Exit;
use crate::output;
use crate::render;

/// What two runs have found.
#[derive(Debug, PartialEq, Serialize)]
struct Diff {
    /// `seriatim-diff/1`. Later versions of the program only add fields.
    schema: &'static str,
    /// 0 if nothing is new and no verdict got worse, else 1.
    exit_code: u8,
    /// What was found now and not before.
    new: Vec<Finding>,
    /// What was found before and is not there now.
    resolved: Vec<Finding>,
    /// What was found both times.
    ongoing: Vec<Finding>,
    /// What was found before, in histories of which not all is decided now, or which are not there.
    unsettled: Vec<Finding>,
    /// The verdicts that changed.
    verdicts: Vec<Change>,
}

/// A finding of one history.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Finding {
    path: String,
    code: String,
    name: String,
    subject: String,
    fingerprint: String,
    /// How often it was found before, and now.
    before: usize,
    now: usize,
    /// The history that had it before and is not there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_from: Option<String>,
}

/// A verdict that changed; none where the history is not there.
#[derive(Debug, PartialEq, Serialize)]
struct Change {
    path: String,
    before: Option<Verdict>,
    now: Option<Verdict>,
    is_worse: bool,
}

/// Compares two reports.
pub(crate) fn run(args: &DiffArgs) -> Exit {
    let (old, new) = match render::document(&args.old).and_then(|old| Ok((old, render::document(&args.new)?)))
    {
        Ok(both) => both,
        Err(problem) => return output::fail(&problem, Color::Auto),
    };
    let diff = Diff::new(&old, &new);
    output::say(&match args.output_format {
        DiffFormat::Text => diff.text(),
        DiffFormat::Markdown => diff.markdown(),
        DiffFormat::Json => {
            serde_json::to_string_pretty(&diff).expect("texts and numbers can be written as JSON") + "\n"
        }
    });
    Exit::of_code(diff.exit_code).unwrap_or(Exit::Error)
}

impl Diff {
    fn new(old: &Document<'_>, new: &Document<'_>) -> Self {
        let mut diff = Self {
            schema: "seriatim-diff/1",
            exit_code: 0,
            new: Vec::new(),
            resolved: Vec::new(),
            ongoing: Vec::new(),
            unsettled: Vec::new(),
            verdicts: Vec::new(),
        };
        let mut left: Vec<&History<'_>> = old.histories.iter().collect();
        for now in &new.histories {
            // Of several with one path, each is that in its place.
            let at = left.iter().position(|before| before.path == now.path);
            let before = at.map(|at| left.remove(at));
            diff.both(before, Some(now));
        }
        for before in left {
            diff.both(Some(before), None);
        }
        for found in &mut diff.new {
            let is_elsewhere = |gone: &&Finding| {
                gone.fingerprint == found.fingerprint
                    && new.histories.iter().all(|now| now.path != *gone.path)
            };
            // What is there under the old name, too, did not only move.
            if old.histories.iter().all(|before| before.path != *found.path) {
                found.moved_from = diff.unsettled.iter().find(is_elsewhere).map(|gone| gone.path.clone());
            }
        }
        let is_worse = !diff.new.is_empty() || diff.verdicts.iter().any(|change| change.is_worse);
        diff.exit_code = u8::from(is_worse);
        diff
    }

    fn both(&mut self, before: Option<&History<'_>>, now: Option<&History<'_>>) {
        let path = now.or(before).map_or(String::new(), |history| history.path.to_string());
        let mut all: BTreeMap<(String, String), Finding> = BTreeMap::new();
        for (history, is_now) in [(before, false), (now, true)] {
            for (found, subject) in history.into_iter().flat_map(findings) {
                let key = (found.code.to_string(), found.fingerprint.to_string());
                let known = all.entry(key).or_insert_with(|| Finding {
                    path: path.clone(),
                    code: found.code.to_string(),
                    name: found.name.to_string(),
                    subject: String::new(),
                    fingerprint: found.fingerprint.to_string(),
                    before: 0,
                    now: 0,
                    moved_from: None,
                });
                // What is there now is of more use than what was.
                known.subject = subject;
                *(if is_now { &mut known.now } else { &mut known.before }) += found.count;
            }
        }
        let is_settled = now.is_some_and(|now| {
            let is_open = now.cut_short || now.parts.iter().any(|part| part.verdict == Verdict::Unknown);
            !is_open && !matches!(now.verdict, Verdict::Unknown | Verdict::Error) && now.share.is_none()
        });
        for finding in all.into_values() {
            let list = match (finding.before, finding.now) {
                (0, _) => &mut self.new,
                (_, 0) if is_settled => &mut self.resolved,
                (_, 0) => &mut self.unsettled,
                _ => &mut self.ongoing,
            };
            list.push(finding);
        }
        let verdict = |history: Option<&History<'_>>| history.map(|history| history.verdict);
        let (before, now) = (verdict(before), verdict(now));
        if before != now {
            // What was not there is as good as what is valid.
            let is_worse = now.is_some_and(|now| now > before.unwrap_or(Verdict::Valid));
            self.verdicts.push(Change { path, before, now, is_worse });
        }
    }

    /// The lists, each with what it is.
    fn lists(&self) -> [(&'static str, &[Finding]); 4] {
        [
            ("New", &self.new),
            ("Resolved", &self.resolved),
            ("Ongoing", &self.ongoing),
            ("Unsettled (its history is not there now, or not all decided)", &self.unsettled),
        ]
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for (title, list) in self.lists().iter().filter(|(_, list)| !list.is_empty()) {
            let _ = writeln!(out, "{title}: {}", list.len());
            for of in *list {
                let _ = writeln!(out, "  {} {}, {}: {}", of.code, of.name, of.times(), printable(&of.path));
                let _ = writeln!(out, "    {}", printable(&of.subject));
                if let Some(path) = &of.moved_from {
                    let _ = writeln!(out, "    it was in {} before, which is not there now", printable(path));
                }
            }
        }
        if !self.verdicts.is_empty() {
            let _ = writeln!(out, "Verdicts: {}", self.verdicts.len());
            for change in &self.verdicts {
                let _ = writeln!(out, "  {}: {}", printable(&change.path), change.told());
            }
        }
        let _ = writeln!(out, "{}", self.outcome());
        out
    }

    fn markdown(&self) -> String {
        let mut out = format!("# seriatim diff: {}\n", self.outcome());
        for (title, list) in self.lists().iter().filter(|(_, list)| !list.is_empty()) {
            let _ = write!(
                out,
                "\n## {title}\n\n| finding | times | history | about |\n| --- | --- | --- | --- |\n"
            );
            for of in *list {
                let moved = of.moved_from.as_ref();
                let moved = moved.map_or(String::new(), |path| format!(" (before in {})", code(path)));
                let _ = writeln!(
                    out,
                    "| {} {} | {} | {}{moved} | {} |",
                    of.code,
                    plain(&of.name),
                    of.times(),
                    code(&of.path),
                    code(&of.subject)
                );
            }
        }
        if !self.verdicts.is_empty() {
            out.push_str("\n## Verdicts\n\n| history | verdict |\n| --- | --- |\n");
            for change in &self.verdicts {
                let _ = writeln!(out, "| {} | {} |", code(&change.path), change.told());
            }
        }
        out
    }

    /// What it comes to.
    fn outcome(&self) -> String {
        let worse = self.verdicts.iter().filter(|change| change.is_worse).count();
        match (self.new.len(), worse) {
            (0, 0) => "nothing is new".to_owned(),
            (0, 1) => "nothing is new, and a verdict got worse".to_owned(),
            (0, worse) => format!("nothing is new, and {worse} verdicts got worse"),
            (1, _) => "one finding is new".to_owned(),
            (new, _) => format!("{new} findings are new"),
        }
    }
}

impl Finding {
    fn times(&self) -> String {
        format!("{} → {}", self.before, self.now)
    }
}

impl Change {
    fn told(&self) -> String {
        let word = |verdict: Option<Verdict>| verdict.map_or("not there", Verdict::word);
        let worse = if self.is_worse { " (worse)" } else { "" };
        format!("{} → {}{worse}", word(self.before), word(self.now))
    }
}
