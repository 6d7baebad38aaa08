//! One thing that can be recorded: a system, a workload, a setting, and what is done to it.

use crate::fault::Fault;
use crate::setting::Setting;
use crate::workload::Workload;

/// What is to be found in a recording of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expectation {
    /// The system promises it: anything but `valid` is news.
    Valid,
    /// The system does not promise it, and these codes were found before. They need not appear every time.
    May(&'static [&'static str]),
}

/// What is found of registers of which old values are read, or whose writes are lost.
pub(crate) const OLD_VALUES: Expectation =
    Expectation::May(&["LIN001", "LIN002", "LIN006", "LIN007", "LIN008", "LIN023", "LIN099"]);

/// One thing that can be recorded.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// The name of the system.
    pub(crate) system: &'static str,
    /// What clients do.
    pub(crate) workload: Workload,
    /// What makes it safe or unsafe.
    pub(crate) setting: Setting,
    /// What is done to the system, one after the other.
    pub(crate) faults: &'static [&'static dyn Fault],
    /// How many nodes there are.
    pub(crate) nodes: usize,
    /// What the system promises in this setting, in a sentence or two.
    pub(crate) promise: &'static str,
    /// What is to be found.
    pub(crate) expectation: Expectation,
}

impl Row {
    /// As it is called on the command line: system, workload, setting and faults.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}/{}/{}", self.system, self.workload.name(), self.setting.name, self.fault_names())
    }

    /// Whether half of the clients record by a clock of their own.
    pub(crate) fn has_two_clocks(&self) -> bool {
        self.faults.iter().any(|fault| fault.needs_two_clocks())
    }

    /// The names of its faults, in their order.
    pub(crate) fn fault_names(&self) -> String {
        if self.faults.is_empty() {
            return "none".to_owned();
        }
        self.faults.iter().map(|fault| fault.name()).collect::<Vec<_>>().join("+")
    }
}
