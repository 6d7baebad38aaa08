//! What to show of a check. Reports are plain data, filled by the command line; the renderers here turn them into
//! text, one line a history, or JSON. Nothing here can step a model or change a verdict.

#![warn(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

mod cards;
pub mod compact;
pub mod diagnostic;
pub mod document;
pub mod explain;
mod finding;
pub mod found;
mod frontier;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod lesson;
pub mod markdown;
pub mod notice;
mod place;
mod placement;
mod report;
mod run;
pub mod sarif;
pub mod text;
mod timeline;
pub mod whereabouts;

use std::io;

pub use compact::Compact;
pub use finding::{
    AnomalyOperation, AnomalyReport, Counts, GuaranteeAnswer, GuaranteeReport, Healed, InsteadReport,
    Justified, KeptReport, PossibleAnswer, ScopeReport, SplitReport, SymptomReport, WindowReport,
};
pub use frontier::{FrontierReport, LeftReport, StandingReport, SurvivingReport};
pub use github::Github;
pub use json::{Json, Jsonl};
pub use place::Place;
pub use placement::{Bar, BrokenReport, Listed, PlacementReport, PlacementsReport, SpanReport, Stands};
pub use report::{
    Counted, FileRead, HistoryReport, ModelChoice, ModelSource, OperationReport, Operations, OptionInForce,
    OptionSource, Outcome, PartReport, PartVerdict, Problem, RefutationReport, Related, Report, Shown,
    UnknownReport, Verdict,
};
pub use run::RunReport;
pub use text::Text;

/// A way to show a report.
pub trait Renderer {
    /// Writes `report` to `out`.
    ///
    /// # Errors
    /// Those of `out`; a renderer has none of its own.
    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()>;
}
