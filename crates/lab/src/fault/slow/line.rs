//! Frames that are held for a while, in the order in which they came.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So many frames are held at most; what comes then is lost, as in a router whose queue is full.
const ROOM: usize = 8_192;

/// Frames on their way in one direction.
#[derive(Debug, Default)]
pub(super) struct Line {
    held: VecDeque<(Instant, Vec<u8>)>,
}

impl Line {
    /// Takes a frame that is to be let go after a while, and not before the one that came before it.
    pub(super) fn take(&mut self, now: Instant, hold: Duration, frame: &[u8]) {
        if self.held.len() == ROOM {
            return;
        }
        let due = now + hold;
        let due = self.held.back().map_or(due, |(before, _)| due.max(*before));
        self.held.push_back((due, frame.to_vec()));
    }

    /// Lets the next frame go, if it is time.
    pub(super) fn let_go(&mut self, now: Instant) -> Option<Vec<u8>> {
        let (due, _) = self.held.front()?;
        if *due > now {
            return None;
        }
        self.held.pop_front().map(|(_, frame)| frame)
    }

    /// When the next frame is to be let go.
    pub(super) fn next(&self) -> Option<Instant> {
        self.held.front().map(|(due, _)| *due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_late_and_in_their_order() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut line = Line::default();
        line.take(at(0), Duration::from_millis(90), b"a");
        // It would be due before the one that came first.
        line.take(at(1), Duration::from_millis(50), b"b");
        line.take(at(2), Duration::from_millis(100), b"c");
        assert_eq!(line.next(), Some(at(90)));
        assert_eq!(line.let_go(at(89)), None);
        assert_eq!(line.let_go(at(90)).as_deref(), Some(&b"a"[..]));
        assert_eq!(line.let_go(at(90)).as_deref(), Some(&b"b"[..]));
        assert_eq!(line.let_go(at(101)), None);
        assert_eq!(line.let_go(at(102)).as_deref(), Some(&b"c"[..]));
        assert_eq!(line.next(), None);
    }

    #[test]
    fn a_full_line_loses_what_comes_then() {
        let now = Instant::now();
        let mut line = Line::default();
        for number in 0..=ROOM {
            line.take(now, Duration::ZERO, &number.to_be_bytes());
        }
        let frames: Vec<_> = std::iter::from_fn(|| line.let_go(now)).collect();
        assert_eq!(frames.len(), ROOM);
        assert_eq!(frames.last().map(Vec::as_slice), Some(&(ROOM - 1).to_be_bytes()[..]));
    }
}
