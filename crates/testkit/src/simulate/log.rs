//! An append log.

use crate::rng::Rng;
use crate::script::Datum;
use crate::simulate::object::{Object, Reply, Request};
use crate::vocabulary::Vocabulary;

#[derive(Clone, Debug)]
pub(super) struct Log {
    /// How often clients are told where an entry went.
    told: f64,
    entries: Vec<i64>,
}

impl Log {
    /// Empty, or holding what a list has.
    pub(super) fn new(start: Option<&Datum>, rng: &mut Rng) -> Self {
        let entries = match start {
            Some(Datum::List(entries)) => entries.iter().filter_map(Datum::as_int).collect(),
            _ => Vec::new(),
        };
        Self { told: *rng.pick(&[0.3, 0.3, 1.0]), entries }
    }
}

fn list(entries: &[i64]) -> Datum {
    Datum::List(entries.iter().copied().map(Datum::Int).collect())
}

impl Object for Log {
    fn ask(&self, _: i64, words: &mut Vocabulary, rng: &mut Rng) -> Request {
        // Long logs are read less often, so that a long history stays linear in size.
        let reads = if self.entries.len() < 256 { 0.4 } else { 2.0 / self.entries.len() as f64 };
        if rng.chance(reads) {
            Request::bare("read", rng)
        } else {
            Request::with("append", Datum::Int(words.fresh(rng)))
        }
    }

    fn act(&mut self, _: i64, request: &Request, rng: &mut Rng) -> Reply {
        match request.argument {
            Some(Datum::Int(entry)) => {
                let place = self.entries.len() as i64;
                self.entries.push(entry);
                // Some logs tell where an entry went; a place is no truth value, so the value stays the argument.
                if rng.chance(self.told) {
                    Reply { result: Some(Datum::Int(place)), ..Reply::echo(request) }
                } else {
                    Reply::echo(request)
                }
            }
            _ => Reply::value(list(&self.entries)),
        }
    }

    fn distort(&self, request: &Request, reply: Reply, words: &Vocabulary, rng: &mut Rng) -> Reply {
        if request.function == "append" {
            let place = self.entries.len() as i64 + rng.below(3) as i64 - 1;
            return Reply { result: Some(Datum::Int(place.max(0))), ..reply };
        }
        let mut entries = self.entries.clone();
        let at = rng.below(entries.len());
        let next = (at + 1) % entries.len().max(1);
        match rng.below(5) {
            0 => drop(entries.pop()),
            1 => entries.push(words.any(rng)),
            2 if !entries.is_empty() => drop(entries.remove(at)),
            3 if entries.len() > 1 => entries.swap(at, next),
            4 if !entries.is_empty() => entries.insert(at, entries[at]),
            _ => entries.insert(at, words.any(rng)),
        }
        Reply::value(list(&entries))
    }
}
