//! A run as a whole, as plain data.

use seriatim_history::{Coverage, Overview, ValueId};

use crate::finding::WindowReport;

/// A run as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct RunReport {
    /// How many operations of each function there were in each phase.
    pub coverage: Coverage,
    /// What happened when; nothing where no times are told.
    pub overview: Option<Overview>,
    /// What was done to the system, and when.
    pub windows: Vec<WindowReport>,
    /// The names of all that the coverage speaks of.
    pub names: Vec<(ValueId, String)>,
}

impl RunReport {
    /// The name of a function or a fault.
    pub(crate) fn name(&self, id: ValueId) -> &str {
        self.names.iter().find(|&&(known, _)| known == id).map_or("", |(_, name)| name)
    }
}
