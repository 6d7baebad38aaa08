//! Registers that transactions read and write together.

use std::collections::BTreeMap;

use crate::rng::Rng;
use crate::script::Datum;
use crate::simulate::object::{Object, Reply, Request};
use crate::vocabulary::Vocabulary;

#[derive(Clone, Debug)]
pub(super) struct MultiRegister {
    holds: BTreeMap<String, Datum>,
}

impl MultiRegister {
    /// All holding nil, or one value, or what a map says.
    pub(super) fn new(start: Option<&Datum>) -> Self {
        let all = |value: &Datum| REGISTERS.map(|register| (register.to_owned(), value.clone())).into();
        let holds = match start {
            None => all(&Datum::Nil),
            Some(Datum::Map(items)) => {
                let mut holds: BTreeMap<_, _> = all(&Datum::Nil);
                for (register, value) in items {
                    if let Datum::Text(register) = register {
                        holds.insert(register.clone(), value.clone());
                    }
                }
                holds
            }
            Some(value) => all(value),
        };
        Self { holds }
    }
}

const REGISTERS: [&str; 3] = ["x", "y", "z"];

/// A read or a write: its function, its register, its value.
fn parts(member: &Datum) -> (&str, &str, &Datum) {
    match member {
        Datum::List(items) => match items.as_slice() {
            [Datum::Text(function), Datum::Text(register), value] => (function, register, value),
            _ => unreachable!("this object asks for triples"),
        },
        _ => unreachable!("this object asks for triples"),
    }
}

fn members(request: &Request) -> &[Datum] {
    match &request.argument {
        Some(Datum::List(members)) => members,
        _ => unreachable!("a transaction is a list"),
    }
}

fn member(function: &str, register: &str, value: Datum) -> Datum {
    Datum::List(vec![Datum::text(function), Datum::text(register), value])
}

impl Object for MultiRegister {
    fn ask(&self, _: i64, words: &mut Vocabulary, rng: &mut Rng) -> Request {
        let count = *rng.pick(&[1, 1, 1, 2, 2, 3]);
        let (read, write) = if rng.chance(0.8) { ("r", "w") } else { ("read", "write") };
        let members = (0..count).map(|_| {
            let register = REGISTERS[rng.below(REGISTERS.len())];
            if rng.chance(0.5) {
                member(read, register, Datum::Nil)
            } else {
                member(write, register, Datum::Int(words.fresh(rng)))
            }
        });
        Request::with("txn", Datum::List(members.collect()))
    }

    fn act(&mut self, _: i64, request: &Request, _: &mut Rng) -> Reply {
        let told = members(request).iter().map(|asked| {
            let (function, register, value) = parts(asked);
            if function.starts_with('r') {
                member(function, register, self.holds.get(register).cloned().unwrap_or(Datum::Nil))
            } else {
                self.holds.insert(register.to_owned(), value.clone());
                asked.clone()
            }
        });
        Reply::value(Datum::List(told.collect()))
    }

    fn distort(&self, _: &Request, reply: Reply, words: &Vocabulary, rng: &mut Rng) -> Reply {
        let Some(Datum::List(told)) = reply.value else { return reply };
        let lie = rng.below(told.len());
        let told = told.into_iter().enumerate().map(|(at, told)| match parts(&told) {
            (function, register, _) if at == lie && function.starts_with('r') => {
                member(function, register, words.any_or_nil(rng))
            }
            _ => told,
        });
        Reply::value(Datum::List(told.collect()))
    }
}
