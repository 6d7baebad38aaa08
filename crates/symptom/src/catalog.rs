//! The table of symptoms: their codes, the sentences that tell them, and what rules go by.

use crate::kind::SymptomKind;
use crate::setting::Setting;

/// What is known of a kind of symptom, for whoever reports it. What there is to learn of it stands in `lesson`.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The kind.
    pub kind: SymptomKind,
    /// Its stable code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What was seen, in a sentence with places for numbers in braces: `{gap}` is the number of that name, `{gap.usual}` what
    /// it usually is, `{where}` nodes, clients and functions.
    pub told: &'static str,
    /// What else leaves the same trace, each in a sentence that is told with it.
    pub confounders: &'static [&'static str],
    /// The measure of the effect, where there is one: what the number of [`crate::Symptom::effect`] is.
    pub effect: Option<&'static str>,
    /// The test, where there is one.
    pub test: Option<&'static str>,
    /// What the rule goes by.
    pub settings: &'static [&'static Setting],
}
