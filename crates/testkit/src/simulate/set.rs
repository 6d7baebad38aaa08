//! A set.

use std::collections::BTreeSet;

use crate::rng::Rng;
use crate::script::Datum;
use crate::simulate::object::{Object, Reply, Request};
use crate::vocabulary::Vocabulary;

/// What clients ask of a set, so that histories of one kind only come up as well as mixed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Elements are added without an answer, and all are read.
    GrowOnly,
    /// Single elements are added, removed and asked for.
    Elements,
    /// Anything.
    Mixed,
}

#[derive(Clone, Debug)]
pub(super) struct Set {
    uses: Use,
    items: BTreeSet<i64>,
}

impl Set {
    /// Empty, or holding what a set has.
    pub(super) fn new(start: Option<&Datum>, rng: &mut Rng) -> Self {
        let items = match start {
            Some(Datum::Set(items)) => items.iter().filter_map(Datum::as_int).collect(),
            _ => BTreeSet::new(),
        };
        Self { uses: *rng.pick(&[Use::GrowOnly, Use::Elements, Use::Mixed]), items }
    }

    fn whole(&self, rng: &mut Rng) -> Vec<i64> {
        let mut items: Vec<_> = self.items.iter().copied().collect();
        rng.shuffle(&mut items);
        items
    }

    /// Whether an operation made a difference, if that is told.
    fn told(&self, request: &Request, difference: bool, rng: &mut Rng) -> Reply {
        match (self.uses, rng.below(3)) {
            (Use::GrowOnly, _) | (_, 0) => Reply::echo(request),
            (_, 1) => Reply::result(request, difference),
            _ => Reply::value(Datum::Bool(difference)),
        }
    }
}

fn items(all: Vec<i64>, rng: &mut Rng) -> Datum {
    let all: Vec<_> = all.into_iter().map(Datum::Int).collect();
    let is_distinct = all.iter().collect::<BTreeSet<_>>().len() == all.len();
    if is_distinct && rng.chance(0.5) { Datum::Set(all) } else { Datum::List(all) }
}

fn element(request: &Request) -> i64 {
    match request.argument {
        Some(Datum::Int(element)) => element,
        _ => unreachable!("this object's elements are integers"),
    }
}

impl Object for Set {
    fn ask(&self, _: i64, words: &mut Vocabulary, rng: &mut Rng) -> Request {
        // Large sets are read less often, so that a long history stays linear in size.
        let reads = rng.chance(2.0 / (4.0 + self.items.len() as f64));
        let some = |words: &Vocabulary, rng: &mut Rng| {
            let known = self.items.range(words.any(rng)..).next();
            Datum::Int(known.copied().filter(|_| rng.chance(0.7)).unwrap_or_else(|| words.any(rng)))
        };
        let grows = self.uses == Use::GrowOnly;
        if self.uses != Use::Elements && reads {
            return Request::bare("read", rng);
        }
        match rng.below(if grows { 1 } else { 4 }) {
            0 | 1 => Request::with("add", Datum::Int(words.fresh(rng))),
            2 => Request::with("remove", some(words, rng)),
            _ => Request::with("contains", some(words, rng)),
        }
    }

    fn act(&mut self, _: i64, request: &Request, rng: &mut Rng) -> Reply {
        match request.function {
            "add" => {
                let is_new = self.items.insert(element(request));
                self.told(request, is_new, rng)
            }
            "remove" => {
                let was_there = self.items.remove(&element(request));
                self.told(request, was_there, rng)
            }
            "contains" => Reply::value(Datum::Bool(self.items.contains(&element(request)))),
            _ => {
                let all = self.whole(rng);
                Reply::value(items(all, rng))
            }
        }
    }

    fn distort(&self, request: &Request, reply: Reply, words: &Vocabulary, rng: &mut Rng) -> Reply {
        match request.function {
            "read" => {
                let mut all = self.whole(rng);
                match rng.below(4) {
                    0 => drop(all.pop()),
                    1 => all.push(words.any(rng)),
                    2 => all.extend(all.first().copied()),
                    _ => {
                        all.pop();
                        all.push(words.any(rng));
                    }
                }
                Reply::value(items(all, rng))
            }
            "contains" => Reply::value(Datum::Bool(!self.items.contains(&element(request)))),
            _ if self.uses == Use::GrowOnly => reply,
            // The set is already as it is after the operation, and so both answers may be false.
            _ => Reply::result(request, rng.chance(0.5)),
        }
    }
}
