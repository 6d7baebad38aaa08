//! How a worker gives away what it has left to try.

use super::{Frame, GIFTS, GIVEN, Worker};
use crate::search::config::Decision;
use crate::search::shared::Task;
use crate::search::window::Window;

impl<W: Window> Worker<'_, '_, W> {
    /// Gives the oldest half of what is left to try away, where somebody has nothing to do.
    pub(super) fn give(&mut self) {
        // Frames that were tried by their first candidate only have their others listed now.
        let unlisted: Vec<usize> = (0..self.frames.len()).filter(|&at| !self.frames[at].is_listed).collect();
        let open = |frame: &Frame<W>| frame.is_listed && frame.at + 1 < frame.end;
        let listed = self.frames.iter().filter(|frame| open(frame)).count();
        let wanted = ((listed + unlisted.len()) / 2).clamp(1, GIVEN);
        let mut task = Task { frames: Vec::new(), candidates: Vec::new() };
        let mut given = 0;
        for at in 0..self.frames.len().saturating_sub(1) {
            if given == wanted {
                break;
            }
            if !self.frames[at].is_listed {
                // Its candidates are listed apart: the place behind its own is taken by those of later frames.
                let config = self.frames[at].config.clone();
                self.cursor.seek(config.event);
                let start = self.candidates.len();
                self.list(&config);
                let mut its = self.candidates.split_off(start);
                // The operation that returns may have outcomes that were not tried.
                its.splice(0..0, self.first(&config));
                let outcome = self.frames[at].outcome;
                let frame = &mut self.frames[at];
                frame.is_listed = true;
                (frame.at, frame.end) = (frame.start, frame.start);
                self.frames[at].blame.leave_open();
                self.hand_over(&mut task, at, &its);
                task.frames.last_mut().expect("a frame was pushed").outcome = outcome;
                given += usize::from(!its.is_empty());
            } else if open(&self.frames[at]) {
                let (from, to) = (self.frames[at].at as usize + 1, self.frames[at].end as usize);
                let its = self.candidates[from..to].to_vec();
                self.frames[at].end = self.frames[at].at + 1;
                self.frames[at].blame.leave_open();
                self.hand_over(&mut task, at, &its);
                given += 1;
            } else {
                self.hand_over(&mut task, at, &[]);
            }
        }
        while task.frames.last().is_some_and(|frame| frame.at == frame.end) {
            task.frames.pop();
        }
        // Giving costs as much as the path is long.
        self.next_gift = self.entered + GIFTS + self.frames.len() as u64;
        if !task.frames.is_empty() {
            self.shared.offer(task);
        }
    }

    /// Puts a frame on a path that is given away, with these candidates.
    pub(super) fn hand_over(&self, task: &mut Task<W>, at: usize, candidates: &[Decision]) {
        let place = |len: usize| u32::try_from(len).expect("fewer than 2^32 candidates");
        let start = place(task.candidates.len());
        task.candidates.extend_from_slice(candidates);
        let end = place(task.candidates.len());
        let frame = &self.frames[at];
        let mut given = Frame { start, end, at: start, outcome: 0, is_listed: true, ..frame.clone() };
        given.blame.leave_open();
        task.frames.push(given);
    }
}
