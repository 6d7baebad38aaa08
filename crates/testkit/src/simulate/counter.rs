//! A counter.

use crate::rng::Rng;
use crate::script::Datum;
use crate::simulate::object::{Object, Reply, Request};
use crate::vocabulary::Vocabulary;

/// What clients ask of a counter, so that histories of one kind only come up as well as mixed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// This is added over and over, mostly without an answer, and the sum is read.
    Steps(i64),
    /// The sum before or after comes with every amount, and all amounts lead one way.
    Tickets(i64),
    /// Anything.
    Mixed,
}

#[derive(Clone, Debug)]
pub(super) struct Counter {
    uses: Use,
    sum: i64,
}

impl Counter {
    /// At 0, or at an integer.
    pub(super) fn new(start: Option<&Datum>, rng: &mut Rng) -> Self {
        let step = *rng.pick(&[1, 1, 1, -1, 3]);
        let uses = *rng.pick(&[Use::Steps(step), Use::Tickets(step.signum()), Use::Mixed, Use::Mixed]);
        Self { uses, sum: start.and_then(Datum::as_int).unwrap_or(0) }
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
        match self.uses {
            Use::Mixed => {}
            _ if rng.chance(0.3) => return Request::bare("read", rng),
            Use::Steps(step) => {
                let function = *rng.pick(&["add", "add", "increment", "add-and-get", "fetch-and-add"]);
                return Request::with(function, Datum::Int(step));
            }
            Use::Tickets(sign) => {
                let function = *rng.pick(&["add-and-get", "fetch-and-add"]);
                return Request::with(function, Datum::Int(sign * (1 + words.fresh(rng) % 2)));
            }
        }
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
