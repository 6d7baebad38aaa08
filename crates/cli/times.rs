//! When events were, of a history that is not held: as much as it takes to find the first one at some time or later, and
//! when a few of them were.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, Write as _};

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{EventId, Point};

/// Times of events that are written to a file without a name, in any order.
pub(crate) struct Times(BufWriter<File>);

/// The bytes of an event: its number and its time, the least significant byte first.
const EVENT: usize = 12;

impl Times {
    /// None yet; `buffer` bytes are written at a time.
    pub(crate) fn new(buffer: usize) -> io::Result<Self> {
        Ok(Self(BufWriter::with_capacity(buffer, tempfile::tempfile()?)))
    }

    /// Adds an event, if it has a time.
    pub(crate) fn push(&mut self, point: Point) -> io::Result<()> {
        let Some(time) = point.time else { return Ok(()) };
        let mut event = [0; EVENT];
        event[..4].copy_from_slice(&point.event.0.to_le_bytes());
        event[4..].copy_from_slice(&time.to_le_bytes());
        self.0.write_all(&event)
    }

    /// All that were written, to be asked.
    pub(crate) fn finish(self) -> io::Result<Known> {
        let buffer = self.0.capacity();
        let mut file = self.0.into_inner().map_err(io::IntoInnerError::into_error)?;
        let events = file.stream_position()? / EVENT as u64;
        Ok(Known { file, events, buffer })
    }
}

/// Times of events in a file.
pub(crate) struct Known {
    file: File,
    events: u64,
    buffer: usize,
}

impl Known {
    /// For each of these times the first event that has it or a later one.
    pub(crate) fn first_after(&mut self, times: &[i64]) -> io::Result<Vec<Option<EventId>>> {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        // Before any of them, and between each and the next one.
        let mut first: Vec<Option<EventId>> = vec![None; sorted.len() + 1];
        self.each(|number, time| {
            let known = &mut first[sorted.partition_point(|&wanted| wanted <= time)];
            *known = Some(known.map_or(number, |known| known.min(number)));
        })?;
        // What is later than a time is later than those before it, too.
        for at in (1..sorted.len()).rev() {
            first[at] = first[at].into_iter().chain(first[at + 1]).min();
        }
        let of = |time: &i64| first[sorted.partition_point(|wanted| wanted <= time)];
        Ok(times.iter().map(of).collect())
    }

    /// The times of these events, as far as they have some.
    pub(crate) fn of(&mut self, events: &[EventId]) -> io::Result<FxHashMap<EventId, i64>> {
        if events.is_empty() {
            return Ok(FxHashMap::default());
        }
        let wanted: FxHashSet<EventId> = events.iter().copied().collect();
        let mut found = FxHashMap::default();
        self.each(|number, time| {
            if wanted.contains(&number) {
                found.insert(number, time);
            }
        })?;
        Ok(found)
    }

    fn each(&mut self, mut take: impl FnMut(EventId, i64)) -> io::Result<()> {
        self.file.rewind()?;
        let mut file = BufReader::with_capacity(self.buffer, &self.file);
        let mut event = [0; EVENT];
        for _ in 0..self.events {
            file.read_exact(&mut event)?;
            let [number @ .., _, _, _, _, _, _, _, _] = event;
            let [_, _, _, _, time @ ..] = event;
            take(EventId(u32::from_le_bytes(number)), i64::from_le_bytes(time));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use seriatim_history::Span;

    use super::*;

    #[test]
    fn the_first_event_at_a_time_or_later_is_found() {
        let events = [(4, Some(50)), (0, Some(10)), (2, None), (1, Some(20)), (3, Some(15)), (5, Some(50))];
        let mut times = Times::new(16).expect("a file");
        for (event, time) in events {
            times.push(Point { event: EventId(event), time, span: Span::default() }).expect("written");
        }
        let wanted = [51, 10, 16, 20, 21, 50, i64::MIN, 16];
        let mut times = times.finish().expect("written");
        let found = times.first_after(&wanted).expect("read");
        let slowly = |wanted: i64| {
            let after = events.iter().filter(|(_, time)| time.is_some_and(|time| time >= wanted));
            after.map(|&(event, _)| EventId(event)).min()
        };
        assert_eq!(found, wanted.map(slowly));
        // It may be asked again.
        let of = times.of(&[EventId(3), EventId(2), EventId(9), EventId(4)]).expect("read");
        assert_eq!(of, [(EventId(3), 15), (EventId(4), 50)].into_iter().collect());
        let none = Times::new(16).and_then(Times::finish);
        assert_eq!(none.and_then(|mut none| none.first_after(&[3])).expect("read"), [None]);
    }
}
