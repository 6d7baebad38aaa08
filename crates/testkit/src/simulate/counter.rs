//! A counter.

use crate::rng::Rng;
use crate::script::Datum;
use crate::simulate::object::{Object, Reply, Request};
use crate::vocabulary::Vocabulary;

#[derive(Clone, Debug)]
pub(super) struct Counter {
    sum: i64,
}

impl Counter {
    /// At 0, or at an integer.
    pub(super) fn new(start: Option<&Datum>) -> Self {
        Self { sum: start.and_then(Datum::as_int).unwrap_or(0) }
    }
}

/// By what a request changes the sum.
fn change(request: &Request) -> i64 {
    let given = match request.argument {
        Some(Datum::Int(amount)) => amount,
        _ => 1,
    };
    match request.function {
        "decrement" | "dec-and-get" | "fetch-and-dec" => -given,
        "read" => 0,
        _ => given,
    }
}

impl Object for Counter {
    fn ask(&self, _: i64, words: &mut Vocabulary, rng: &mut Rng) -> Request {
        let amount = Datum::Int(words.fresh(rng) % 4 - 1);
        match rng.below(15) {
            0..4 => Request::bare("read", rng),
            4 | 5 => Request::with("add", amount),
            6 => Request::bare("increment", rng),
            7 => Request::bare("decrement", rng),
            8 => Request::with("increment", amount),
            9 => Request::with("add-and-get", amount),
            10 => Request::bare("inc-and-get", rng),
            11 => Request::bare("dec-and-get", rng),
            12 => Request::with("fetch-and-add", amount),
            13 => Request::bare("fetch-and-inc", rng),
            _ => Request::bare("fetch-and-dec", rng),
        }
    }

    fn act(&mut self, _: i64, request: &Request, _: &mut Rng) -> Reply {
        let before = self.sum;
        self.sum += change(request);
        match request.function {
            "read" | "add-and-get" | "inc-and-get" | "dec-and-get" => Reply::value(Datum::Int(self.sum)),
            "fetch-and-add" | "fetch-and-inc" | "fetch-and-dec" => Reply::value(Datum::Int(before)),
            _ => Reply::echo(request),
        }
    }

    fn distort(&self, request: &Request, reply: Reply, words: &Vocabulary, rng: &mut Rng) -> Reply {
        match (request.function, &reply.value) {
            ("add" | "increment" | "decrement", _) => reply,
            (_, &Some(Datum::Int(sum))) => Reply::value(Datum::Int(match rng.below(3) {
                0 => sum + 1,
                1 => sum - 1,
                _ => words.any(rng),
            })),
            _ => reply,
        }
    }
}
