//! A register, with or without compare-and-set.

use crate::rng::Rng;
use crate::script::Datum;
use crate::simulate::object::{Object, Reply, Request};
use crate::vocabulary::Vocabulary;

#[derive(Clone, Debug)]
pub(super) struct Register {
    pub(super) holds: Datum,
    pub(super) cas: bool,
}

impl Object for Register {
    fn ask(&self, _: i64, words: &mut Vocabulary, rng: &mut Rng) -> Request {
        match rng.below(if self.cas { 10 } else { 7 }) {
            0..4 => Request::bare("read", rng),
            4..7 => Request::with("write", Datum::Int(words.fresh(rng))),
            _ => {
                let from = if rng.chance(0.7) { self.holds.clone() } else { words.any_or_nil(rng) };
                Request::with("cas", Datum::pair(from, Datum::Int(words.fresh(rng))))
            }
        }
    }

    fn act(&mut self, _: i64, request: &Request, rng: &mut Rng) -> Reply {
        match (request.function, &request.argument) {
            ("read", _) => Reply::value(self.holds.clone()),
            ("write", Some(value)) => {
                self.holds = value.clone();
                Reply::echo(request)
            }
            ("cas", Some(Datum::List(pair))) => {
                let is_expected = self.holds == pair[0];
                if is_expected {
                    self.holds = pair[1].clone();
                }
                match (is_expected, rng.below(3)) {
                    (true, 0) => Reply::result(request, true),
                    (true, _) => Reply::echo(request),
                    (false, 0) => Reply::refused(request),
                    (false, _) => Reply::result(request, false),
                }
            }
            _ => unreachable!("this object asks for nothing else"),
        }
    }

    fn distort(&self, request: &Request, reply: Reply, words: &Vocabulary, rng: &mut Rng) -> Reply {
        match request.function {
            "read" => Reply::value(words.any_or_nil(rng)),
            "cas" => Reply::result(request, reply.is_no()),
            _ => reply,
        }
    }
}
