//! What to show of a check. Reports are plain data, filled by the command line; the renderers here turn them into
//! text, one line a history, or JSON. Nothing here can step a model or change a verdict.

#![warn(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

pub mod beside;
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
mod notes;
pub mod notice;
mod operation;
mod part;
mod place;
mod placement;
mod problem;
mod report;
mod run;
pub mod sarif;
mod shown;
mod symptom;
pub mod text;
mod timeline;
pub mod told;
pub mod whereabouts;
pub mod words;

use std::io;

pub use compact::Compact;
pub use finding::{
    AnomalyOperation, AnomalyReport, Counts, GuaranteeAnswer, GuaranteeReport, InsteadReport, Justified,
    KeptReport, PossibleAnswer, ScopeReport, WindowReport,
};
pub use frontier::{FrontierReport, LeftReport, StandingReport, SurvivingReport};
pub use github::Github;
pub use json::{Json, Jsonl};
pub use operation::{OperationReport, Outcome};
pub use part::{Counted, PartReport, PartVerdict, RefutationReport, UnknownReport};
pub use place::Place;
pub use placement::{Bar, BrokenReport, Listed, PlacementReport, PlacementsReport, SpanReport, Stands};
pub use problem::{Problem, Related};
pub use report::{
    FileRead, HistoryReport, ModelChoice, ModelSource, Operations, OptionInForce, OptionSource, Report,
    Verdict,
};
pub use run::RunReport;
pub use shown::Shown;
pub use symptom::{
    ChainReport, GreenReport, Healed, LinkReport, NumberReport, SplitReport, SymptomReport, TestReport,
    UnitReport,
};
pub use text::Text;

/// A way to show a report.
pub trait Renderer {
    /// Writes `report` to `out`.
    ///
    /// # Errors
    /// Those of `out`; a renderer has none of its own.
    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()>;
}
