//! A source of identifiers that never gives the same one twice.

use crate::rng::Rng;
use crate::script::Datum;
use crate::simulate::object::{Object, Reply, Request};
use crate::vocabulary::Vocabulary;

#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    given: i64,
}

impl Object for Ids {
    fn ask(&self, _: i64, _: &mut Vocabulary, rng: &mut Rng) -> Request {
        Request::bare(if rng.chance(0.5) { "generate" } else { "next-id" }, rng)
    }

    fn act(&mut self, _: i64, _: &Request, _: &mut Rng) -> Reply {
        self.given += 1;
        Reply::value(Datum::Int(self.given))
    }

    fn distort(&self, _: &Request, _: Reply, words: &Vocabulary, rng: &mut Rng) -> Reply {
        Reply::value(if rng.chance(0.5) {
            Datum::Int(1 + rng.below(self.given.max(1) as usize) as i64)
        } else {
            Datum::Int(words.any(rng))
        })
    }
}
