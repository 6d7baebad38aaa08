//! For people: the symptoms of a history that numbers show, what came after what, and what nobody can see.

use std::fmt::Write as _;

use seriatim_history::Severity;

use crate::beside;
use crate::diagnostic::Picture;
use crate::document::{Chain, Symptom};
use crate::report::HistoryReport;
use crate::symptom::SymptomReport;
use crate::text::Text;
use crate::words::{count, plural, wrap};

/// How many symptoms are told in full.
const SHOWN: usize = 5;
/// How many chains are.
const CHAINS_SHOWN: usize = 3;

impl Text {
    /// What stands beside the verdict, below all findings.
    pub(crate) fn beside(&self, out: &mut String, history: &HistoryReport) {
        let mut symptoms: Vec<_> = history.symptoms.iter().filter(|of| !of.is_drawn()).collect();
        // What fails the run is never left out for what does not.
        symptoms.sort_by_key(|of| !of.is_failing());
        let shown = if self.verbose { symptoms.len() } else { SHOWN };
        for symptom in symptoms.iter().take(shown) {
            let _ = write!(out, "\n{}", self.noted(symptom, history));
        }
        if let Some(more @ 1..) = symptoms.len().checked_sub(shown) {
            let _ = writeln!(
                out,
                "\n{} more {} not told; `-v` tells all, and so does `--report html=FILE`",
                count(more),
                plural(more, "symptom is", "symptoms are")
            );
        }
        let arrow = if self.is_ascii { " -> " } else { " → " };
        let chains = if self.verbose { history.chains.len() } else { CHAINS_SHOWN };
        for (at, chain) in history.chains.iter().take(chains).enumerate() {
            let told = beside::chain(&Chain::new(chain), arrow);
            let _ = write!(out, "{}", if at == 0 { "\n" } else { "" });
            wrap(out, self.of_sentences(), "chain: ", 7, &told);
        }
        if let Some(more @ 1..) = history.chains.len().checked_sub(chains) {
            let _ = writeln!(out, "{} more {}", count(more), plural(more, "chain", "chains"));
        }
        if !history.chains.is_empty() {
            wrap(out, self.of_sentences(), "  note: ", 8, beside::ORDER_ONLY);
        }
        self.not_visible(out, history);
    }

    /// What the history cannot show: in full where somebody asks, else beside what it shows.
    fn not_visible(&self, out: &mut String, history: &HistoryReport) {
        let all = &history.not_visible;
        let has_more = !history.symptoms.is_empty() || !history.chains.is_empty() || history.green.is_some();
        if all.is_empty() || !self.verbose && !has_more {
            return;
        }
        if self.verbose {
            let _ = writeln!(out, "\nthis history cannot show:");
            for of in all {
                wrap(out, self.of_sentences(), "  - ", 4, of);
            }
            return;
        }
        let more = match all.len() - 1 {
            0 => String::new(),
            more => format!(", and {} more that `-v` lists", count(more)),
        };
        let told = format!("{}{more}", all[0]);
        out.push('\n');
        wrap(out, self.of_sentences(), "cannot be seen: ", 16, &told);
    }

    fn noted(&self, symptom: &SymptomReport, history: &HistoryReport) -> String {
        let of = Symptom::new(symptom, history);
        let title = format!("{}: {}", beside::called(&of), of.message.trim_end_matches('.'));
        let known = of.baselined.as_ref().map(|known| ("known", known.told()));
        // Where it was is part of its message.
        let facts = beside::facts(&of).into_iter().filter(|(name, _)| *name != "where");
        let facts: Vec<_> = known.into_iter().chain(facts).collect();
        let notes = facts.iter().map(|(name, told)| (*name, told.as_str())).collect();
        let picture = Picture {
            severity: Severity::Error,
            code: symptom.code,
            title: &title,
            marks: Vec::new(),
            notes,
            help: None,
        };
        let columns = self.of_sentences();
        if symptom.is_failing() {
            picture.draw(self.color, columns)
        } else {
            picture.draw_as_note(self.color, columns)
        }
    }
}
