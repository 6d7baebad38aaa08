//! What a gate says of a history: what it lacks, and which of its findings are let pass.

use maud::{Markup, html};

use crate::document::{Baselined, History, Verdict};

/// What is said above the findings of a history.
pub(super) fn told(history: &History<'_>) -> Markup {
    let anomalies = history.anomalies.iter().map(|of| (of.code.to_string(), &of.baselined));
    let unnamed =
        history.parts.iter().filter_map(|part| Some((part.name(), &part.refutation.as_ref()?.baselined)));
    let symptoms = history.symptoms.iter().map(|of| (of.code.to_string(), &of.baselined));
    let all = anomalies.chain(unnamed).chain(symptoms);
    let known: Vec<(String, &Baselined)> =
        all.filter_map(|(name, baselined)| Some((name, baselined.as_ref()?))).collect();
    html! {
        @if let Some(share) = history.share {
            p { "A shard of the run: " (share.parts) " of " (share.of) " parts were decided here." }
        }
        @if history.counts_as == Some(Verdict::Valid) && history.verdict == Verdict::Invalid {
            p { "Its violations do not fail the run." }
        }
        @if !history.unmet.is_empty() {
            ul { @for unmet in &history.unmet { li { span.chip { "COV01" } " " (unmet.message) } } }
        }
        @if !known.is_empty() {
            ul { @for (name, baselined) in &known { li { span.chip { (name) } " " (baselined.told()) } } }
        }
    }
}
