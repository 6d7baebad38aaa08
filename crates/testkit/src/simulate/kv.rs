//! One key of a key-value store.

use crate::rng::Rng;
use crate::script::Datum;
use crate::simulate::object::{Object, Reply, Request};
use crate::vocabulary::Vocabulary;

/// A key that holds nil while it is absent.
#[derive(Clone, Debug)]
pub(super) struct Kv {
    holds: Datum,
    /// Whether values are texts and clients append to them.
    texts: bool,
}

/// Texts of which some put together make another.
const TEXTS: [&str; 6] = ["a", "b", "ab", "ba", "aab", ""];

impl Kv {
    /// Absent, or holding an integer: then nobody appends.
    pub(super) fn new(start: Option<&Datum>, rng: &mut Rng) -> Self {
        Self { holds: start.cloned().unwrap_or(Datum::Nil), texts: start.is_none() && rng.chance(0.5) }
    }

    fn fresh(&self, words: &mut Vocabulary, rng: &mut Rng) -> Datum {
        let value = words.fresh(rng);
        if !self.texts {
            Datum::Int(value)
        } else if words.repeats() {
            Datum::text(TEXTS[value as usize % TEXTS.len()])
        } else {
            Datum::Text(format!("{value} "))
        }
    }

    fn any(&self, words: &Vocabulary, rng: &mut Rng) -> Datum {
        match (rng.below(5), self.texts, &self.holds) {
            (0, ..) => Datum::Nil,
            (1, true, Datum::Text(text)) => Datum::Text(format!("{text}a")),
            (2, true, Datum::Text(text)) => Datum::text(text.get(1..).unwrap_or("?")),
            (_, true, _) if words.repeats() => Datum::text(TEXTS[rng.below(TEXTS.len())]),
            (_, true, _) => Datum::Text(format!("{} ", words.any(rng))),
            (_, false, _) => Datum::Int(words.any(rng)),
        }
    }
}

impl Object for Kv {
    fn ask(&self, _: i64, words: &mut Vocabulary, rng: &mut Rng) -> Request {
        match rng.below(20) {
            0..7 => Request::bare("get", rng),
            7..12 => Request::with("put", self.fresh(words, rng)),
            12 | 13 => Request::bare("delete", rng),
            14..17 => {
                let from = if rng.chance(0.7) { self.holds.clone() } else { self.any(words, rng) };
                Request::with("cas", Datum::pair(from, self.fresh(words, rng)))
            }
            _ if self.texts => Request::with("append", self.fresh(words, rng)),
            _ => Request::with("write", self.fresh(words, rng)),
        }
    }

    fn act(&mut self, _: i64, request: &Request, rng: &mut Rng) -> Reply {
        match (request.function, &request.argument) {
            ("get", _) => return Reply::value(self.holds.clone()),
            ("delete", _) => self.holds = Datum::Nil,
            ("put" | "write", Some(value)) => self.holds = value.clone(),
            ("append", Some(Datum::Text(more))) => {
                let before = if let Datum::Text(text) = &self.holds { text } else { "" };
                self.holds = Datum::Text(format!("{before}{more}"));
            }
            ("cas", Some(Datum::List(pair))) => {
                if self.holds != pair[0] {
                    return if rng.chance(0.3) {
                        Reply::refused(request)
                    } else {
                        Reply::result(request, false)
                    };
                }
                self.holds = pair[1].clone();
                return if rng.chance(0.3) { Reply::result(request, true) } else { Reply::echo(request) };
            }
            _ => unreachable!("this object asks for nothing else"),
        }
        Reply::echo(request)
    }

    fn distort(&self, request: &Request, reply: Reply, words: &Vocabulary, rng: &mut Rng) -> Reply {
        match request.function {
            "get" => Reply::value(self.any(words, rng)),
            "cas" => Reply::result(request, reply.is_no()),
            _ => reply,
        }
    }
}
