//! One set, to which all clients add, and which is read at the end.

use std::time::Duration;

use super::{Draw, Finale, Generator};
use crate::request::Request;

struct Set {
    last: i64,
}

const KEY: &str = "set";

/// Nothing is drawn.
pub(super) fn begin(_seed: u64, _clients: usize) -> Box<dyn Generator> {
    Box::new(Set { last: 0 })
}

impl Generator for Set {
    fn next(&mut self, _client: usize) -> Draw {
        self.last += 1;
        Draw { request: Request::Add { key: KEY.to_owned(), element: self.last }, wait: Duration::ZERO }
    }

    fn finale(&self) -> Finale {
        let reads = vec![Request::ReadAll { key: KEY.to_owned() }];
        Finale { reads, is_needed: true, ..Finale::default() }
    }
}
