//! Locks and semaphores.

use crate::rng::Rng;
use crate::script::Datum;
use crate::simulate::object::{Object, Reply, Request};
use crate::vocabulary::Vocabulary;

/// Who may do what with a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Anyone may release it.
    Anonymous,
    /// Only its holder may release it.
    Owner,
    /// Its holder may acquire it again.
    Reentrant,
    /// Only its holder may release it, and each acquire gets a greater token.
    Fenced,
}

/// No client has this number.
const NOBODY: i64 = -1;

#[derive(Clone, Debug)]
pub(super) struct Lock {
    rule: Rule,
    holder: Option<i64>,
    /// How often the holder acquired it and did not release it.
    times: u32,
    token: i64,
}

impl Lock {
    /// Free, or held by nobody who is known.
    pub(super) fn new(rule: Rule, start: Option<&Datum>) -> Self {
        let holder = start.map(|_| NOBODY);
        Self { rule, holder, times: holder.map_or(0, |_| 1), token: 0 }
    }

    fn may_acquire(&self, client: i64) -> bool {
        self.holder.is_none() || self.rule == Rule::Reentrant && self.holder == Some(client)
    }

    fn may_release(&self, client: i64) -> bool {
        self.holder.is_some() && (self.rule == Rule::Anonymous || self.holder == Some(client))
    }

    fn granted(&self, request: &Request, rng: &mut Rng) -> Reply {
        if self.rule != Rule::Fenced || request.function != "acquire" {
            return if rng.chance(0.2) { Reply::result(request, true) } else { Reply::echo(request) };
        }
        let token = Datum::Int(self.token);
        Reply::value(if rng.chance(0.5) { token } else { Datum::Map(vec![(Datum::text("token"), token)]) })
    }
}

fn refused(request: &Request, rng: &mut Rng) -> Reply {
    match rng.below(4) {
        0 => Reply::refused(request),
        1 => Reply::value(Datum::Bool(false)),
        _ => Reply::result(request, false),
    }
}

impl Object for Lock {
    fn ask(&self, client: i64, _: &mut Vocabulary, rng: &mut Rng) -> Request {
        let sensible = match self.holder {
            Some(holder) if holder == client => "release",
            _ => "acquire",
        };
        // Now and then a client does what it should not, or goes for a lock that it has.
        let function = if rng.chance(0.7) { sensible } else { ["acquire", "release"][rng.below(2)] };
        Request::bare(function, rng)
    }

    fn act(&mut self, client: i64, request: &Request, rng: &mut Rng) -> Reply {
        if request.function == "acquire" {
            if !self.may_acquire(client) {
                return refused(request, rng);
            }
            self.holder = Some(client);
            self.times += 1;
            self.token += 1 + rng.below(2) as i64;
        } else {
            if !self.may_release(client) {
                return refused(request, rng);
            }
            self.times -= 1;
            if self.times == 0 {
                self.holder = None;
            }
        }
        self.granted(request, rng)
    }

    fn distort(&self, request: &Request, reply: Reply, _: &Vocabulary, rng: &mut Rng) -> Reply {
        match (reply.is_no(), self.rule, request.function) {
            // A token that was given before.
            (false, Rule::Fenced, "acquire") if rng.chance(0.6) => {
                Reply::value(Datum::Int(self.token - 1 - rng.below(2) as i64))
            }
            (false, ..) => refused(request, rng),
            (true, ..) => self.granted(request, rng),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Semaphore {
    free: i64,
}

impl Semaphore {
    /// With one permit, or so many.
    pub(super) fn new(start: Option<&Datum>) -> Self {
        Self { free: start.and_then(Datum::as_int).unwrap_or(1) }
    }
}

/// How many permits a request is about.
fn permits(request: &Request) -> i64 {
    match request.argument {
        Some(Datum::Int(permits)) => permits,
        _ => 1,
    }
}

impl Object for Semaphore {
    fn ask(&self, _: i64, words: &mut Vocabulary, rng: &mut Rng) -> Request {
        let function = if rng.chance(0.6) { "acquire" } else { "release" };
        if rng.chance(0.5) {
            Request::bare(function, rng)
        } else {
            Request::with(function, Datum::Int(words.fresh(rng) % 3))
        }
    }

    fn act(&mut self, _: i64, request: &Request, rng: &mut Rng) -> Reply {
        if request.function == "release" {
            self.free += permits(request);
        } else if self.free >= permits(request) {
            self.free -= permits(request);
        } else {
            return refused(request, rng);
        }
        Reply::echo(request)
    }

    fn distort(&self, request: &Request, reply: Reply, _: &Vocabulary, rng: &mut Rng) -> Reply {
        match (request.function, reply.is_no()) {
            ("release", _) => reply,
            (_, true) => Reply::echo(request),
            (_, false) => refused(request, rng),
        }
    }
}
