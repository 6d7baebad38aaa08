//! The rules, a file each.

pub(crate) mod duplicate_effect;
pub(crate) mod durability_loss;
pub(crate) mod fail_slow;
pub(crate) mod gray_failure;
pub(crate) mod partial_partition;
pub(crate) mod process_pause;
pub(crate) mod reach;
pub(crate) mod recorder_clock;
pub(crate) mod resurrection;
pub(crate) mod server_clock;
pub(crate) mod silent_wrong_data;

mod client_pause;
mod codes;
mod node_pause;
