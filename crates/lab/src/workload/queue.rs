//! One queue: half of the clients fill it, the others serve it, and what is left is taken at the end.

use std::time::Duration;

use super::{Draw, Finale, Generator};
use crate::request::Request;

struct Queue {
    last: i64,
}

const KEY: &str = "queue";

/// Nothing is drawn.
pub(super) fn begin(_seed: u64, _clients: usize) -> Box<dyn Generator> {
    Box::new(Queue { last: 0 })
}

impl Generator for Queue {
    /// Clients go by nodes in turn, so who fills and who serves must not go by the same turn.
    fn next(&mut self, client: usize) -> Draw {
        let request = if (client / 3).is_multiple_of(2) {
            self.last += 1;
            Request::Enqueue { key: KEY.to_owned(), value: self.last }
        } else {
            Request::Dequeue { key: KEY.to_owned() }
        };
        Draw { request, wait: Duration::ZERO }
    }

    fn finale(&self) -> Finale {
        Finale { drains: vec![KEY.to_owned()], is_needed: true, ..Finale::default() }
    }
}
