//! What there is to learn of each symptom: the table behind `seriatim explain SYMnn` and docs/failure-modes.md.

use crate::kind::SymptomKind;

/// What there is to learn of a kind of symptom.
#[derive(Clone, Copy, Debug)]
pub struct Lesson {
    /// The kind.
    pub kind: SymptomKind,
    /// What it is, in one or two sentences.
    pub definition: &'static str,
    /// What sets it off.
    pub trigger: &'static str,
    /// What keeps it going when the trigger is gone; that nothing does, where nothing does.
    pub sustaining: &'static str,
    /// What it leaves in a client's history.
    pub trace: &'static str,
    /// The rule, in words, with the defaults of its thresholds.
    pub rule: &'static str,
    /// A picture in text: a line for each node or client, time from left to right; at most 76 columns.
    pub picture: &'static str,
    /// What looks like it, and how to tell it apart; the code of another symptom where it is one.
    pub look_alikes: &'static [(&'static str, &'static str)],
    /// What to look at.
    pub look_at: &'static str,
    /// The standard defences, each by itself.
    pub defences: &'static [&'static str],
    /// Where name and rule are from, each with its section.
    pub sources: &'static [&'static str],
}
