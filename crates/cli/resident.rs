//! The memory of this process as the kernel counts it. What a history, its parts and the strategies hold is estimated at
//! the best; here is the truth, and whoever looks at it often enough can stop before there is too much.

use std::thread;
use std::time::Duration;

use seriatim_checker::StopReason;

use crate::clock::STOP;

/// The bytes that this process has in memory; `None` where nobody tells.
pub(crate) fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

/// Below so many bytes a limit is one of what histories and searches hold, and no more: a process takes about half of that
/// for itself.
const LEAST: usize = 32 << 20;

/// How many bytes of a limit are left to histories and searches.
pub(crate) fn left_of(limit: usize) -> usize {
    if limit < LEAST { limit } else { limit - resident().unwrap_or(0).min(LEAST / 2) }
}

/// Whether so many bytes cannot be held within a limit, whatever is done with them.
pub(crate) fn exceeds(bytes: usize, limit: usize) -> bool {
    bytes > limit.max(LEAST)
}

/// From now on whoever is at work is asked to stop once this process has more than `limit` bytes, and a little: what the
/// searches count themselves is to stop the one that is at fault first.
pub(crate) fn watch(limit: usize) {
    let limit = limit.max(LEAST);
    let most = limit.saturating_add(limit / 50);
    if resident().is_none() {
        return;
    }
    thread::spawn(move || {
        while let Some(bytes) = resident() {
            if bytes > most {
                STOP.request(StopReason::Memory);
            }
            thread::sleep(pause(most.saturating_sub(bytes)));
        }
    });
}

/// How long to wait until the next look where so many bytes are left: no thread fills half of them by then.
fn pause(left: usize) -> Duration {
    /// About what all threads together can fill at the most.
    const BYTES_A_MILLISECOND: usize = 4 << 20;
    let milliseconds = (left / BYTES_A_MILLISECOND / 2).clamp(1, 50);
    Duration::from_millis(milliseconds as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_seen() {
        let Some(before) = resident() else { return };
        let held = vec![1_u8; 64 << 20];
        let after = resident().expect("it was told before");
        assert!(after >= before + (48 << 20), "{before} {after} {}", held.len());
    }

    #[test]
    fn the_nearer_the_limit_the_shorter_the_pause() {
        let pauses = [0, 16 << 20, 256 << 20, usize::MAX].map(pause);
        assert!(pauses.is_sorted(), "{pauses:?}");
        assert_eq!((pauses[0], pauses[3]), (Duration::from_millis(1), Duration::from_millis(50)));
    }
}
