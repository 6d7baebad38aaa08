//! What is recorded of Redis with Sentinel.

use crate::fault::Fault;
use crate::fault::Who::Leader;
use crate::fault::isolate::Isolate;
use crate::row::{Expectation, Row};
use crate::setting::Setting;
use crate::workload::Workload;

const PRIMARY: Setting = Setting { name: "primary", options: &[("reads", "primary")] };

const FAILOVER: &str = "Redis replicates asynchronously: what a primary acknowledged and had not passed on when another \
                        was promoted is lost, and until it learns of that it takes writes beside the new one.";

/// The rows.
pub(super) const ROWS: &[Row] = &[row(Workload::CasRegister, PRIMARY, &[&Isolate(Leader)], FAILOVER, Expectation::May(&[]))];

const fn row(
    workload: Workload,
    setting: Setting,
    faults: &'static [&'static dyn Fault],
    promise: &'static str,
    expectation: Expectation,
) -> Row {
    Row { system: "redis", workload, setting, faults, nodes: 3, promise, expectation }
}
