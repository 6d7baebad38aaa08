//! What a simulated object is.

use crate::rng::Rng;
use crate::script::Datum;
use crate::vocabulary::Vocabulary;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The function.
    pub function: &'static str,
    /// The invocation's value.
    pub argument: Option<Datum>,
}

impl Request {
    /// A function without an argument: Jepsen's clients send nil, others nothing.
    pub fn bare(function: &'static str, rng: &mut Rng) -> Self {
        Self { function, argument: rng.chance(0.5).then_some(Datum::Nil) }
    }

    /// A function and its argument.
    pub fn with(function: &'static str, argument: Datum) -> Self {
        Self { function, argument: Some(argument) }
    }
}

/// What an object answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Whether the client records it as `ok`, else as `fail`.
    pub ok: bool,
    /// The completion's value.
    pub value: Option<Datum>,
    /// The result apart from the value.
    pub result: Option<Datum>,
}

impl Reply {
    /// Done, with an answer.
    pub fn value(value: Datum) -> Self {
        Self { ok: true, value: Some(value), result: None }
    }

    /// Done; the completion repeats the argument, as Jepsen's clients do.
    pub fn echo(request: &Request) -> Self {
        Self { ok: true, value: request.argument.clone(), result: None }
    }

    /// "Yes" or "no", apart from the value.
    pub fn result(request: &Request, result: bool) -> Self {
        Self { result: Some(Datum::Bool(result)), ..Self::echo(request) }
    }

    /// Whether it says "no", in whichever way.
    pub fn is_no(&self) -> bool {
        let no = Some(Datum::Bool(false));
        !self.ok || self.result == no || self.value == no
    }

    /// Recorded as `fail`.
    pub fn refused(request: &Request) -> Self {
        Self { ok: false, ..Self::echo(request) }
    }
}

/// An object that acts at one instant.
pub trait Object: Clone {
    /// What a client asks next.
    fn ask(&self, client: i64, words: &mut Vocabulary, rng: &mut Rng) -> Request;

    /// Does what is asked.
    fn act(&mut self, client: i64, request: &Request, rng: &mut Rng) -> Reply;

    /// A reply of the right shape that is probably false.
    fn distort(&self, request: &Request, reply: Reply, words: &Vocabulary, rng: &mut Rng) -> Reply;
}
