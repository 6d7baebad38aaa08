//! How late a stale answer is, by the recorded times.

use seriatim_history::{History, OpId};

use crate::Anomaly;
use crate::evidence::{Because, Evidence};
use crate::role::Role;

impl Anomaly {
    /// What an operation was answered that is older than what another one had put in or seen before: that other one, and
    /// the one that was answered. `None` where the anomaly is of another sort.
    pub fn overlooked(&self) -> Option<(OpId, OpId)> {
        match &self.evidence {
            Evidence::Cycle(edges) => {
                let older = edges.iter().find(|edge| matches!(edge.because, Because::Older { .. }))?;
                Some((older.to, older.from))
            }
            Evidence::NoOrder(cast) => {
                let of = |wanted: &[Role]| cast.iter().find(|(role, _)| wanted.contains(role));
                let newer = of(&[Role::Overwrote, Role::SawNewer])?;
                Some((newer.1, of(&[Role::SawOlder])?.1))
            }
            Evidence::NoWriter { .. } | Evidence::Failed { .. } => None,
        }
    }

    /// The same, of what was missed in a set, a log or a sum as well: what had come before, and the answer that lacks it.
    pub fn lacked(&self) -> Option<(OpId, OpId)> {
        let Evidence::NoOrder(cast) = &self.evidence else { return self.overlooked() };
        let of = |wanted: &[Role]| cast.iter().find(|(role, _)| wanted.contains(role));
        let newer = of(&[Role::Overwrote, Role::SawNewer, Role::Put, Role::Saw, Role::Read, Role::Counted])?;
        let answer = of(&[Role::SawOlder, Role::Missed, Role::ReadLess, Role::CountedLess])?;
        Some((newer.1, answer.1))
    }

    /// How long ago what it overlooked had returned when an operation was called, in nanoseconds: so much its client's clock
    /// would have to be fast for the answer to be right. `None` where nothing was overlooked, or nobody recorded times.
    pub fn lag(&self, history: &History) -> Option<u64> {
        let (newer, reader) = self.overlooked()?;
        let called = history.operation(reader).call.time?;
        let returned = history.operation(newer).end?.time?;
        u64::try_from(called.checked_sub(returned)?).ok()
    }
}
