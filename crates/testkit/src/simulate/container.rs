//! What elements are put into and taken out of: queues, stacks, deques, priority queues and bags.

use crate::rng::Rng;
use crate::script::Datum;
use crate::simulate::object::{Object, Reply, Request};
use crate::vocabulary::Vocabulary;

/// Which element comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Discipline {
    /// The oldest.
    Fifo,
    /// The youngest.
    Lifo,
    /// The first or the last, as is asked.
    TwoEnds,
    /// Any of those with the least priority.
    Least,
    /// Any of those with the greatest priority.
    Greatest,
    /// Any.
    Any,
}

/// A container of elements; the front is the first.
#[derive(Clone, Debug)]
pub(super) struct Container {
    discipline: Discipline,
    items: std::collections::VecDeque<Datum>,
}

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Put { in_front: bool },
    Take { front: bool },
    Look { front: bool },
}

const FRONT: bool = true;

/// How many elements a container holds before clients rather take some out.
const LARGE: usize = 32;

/// The functions of a container: how often each is asked, its names, what it does.
type Functions = &'static [(usize, &'static [&'static str], Does)];

const PUT: Does = Does::Put { in_front: false };
const TAKE: Does = Does::Take { front: FRONT };
const LOOK: Does = Does::Look { front: FRONT };

const FIFO: Functions =
    &[(9, &["enqueue", "enq"], PUT), (8, &["dequeue", "deq"], TAKE), (2, &["peek"], LOOK)];
const LIFO: Functions = &[
    (9, &["push"], PUT),
    (8, &["pop"], Does::Take { front: false }),
    (2, &["peek", "top"], Does::Look { front: false }),
];
const TWO_ENDS: Functions = &[
    (4, &["push-front", "add-first"], Does::Put { in_front: true }),
    (5, &["push-back", "push_back"], PUT),
    (4, &["pop-front"], TAKE),
    (4, &["pop-back", "poll-last"], Does::Take { front: false }),
    (1, &["peek-front"], LOOK),
    (1, &["peek-back"], Does::Look { front: false }),
];
const LEAST: Functions =
    &[(9, &["insert", "add"], PUT), (8, &["delete-min", "poll"], TAKE), (2, &["find-min", "peek"], LOOK)];
const GREATEST: Functions =
    &[(9, &["insert"], PUT), (8, &["delete-max", "pop"], TAKE), (2, &["find-max", "top"], LOOK)];
const ANY: Functions = &[(9, &["put", "add"], PUT), (9, &["take", "remove"], TAKE)];

impl Container {
    /// Empty, or holding what a list has, the front first.
    pub(super) fn new(discipline: Discipline, start: Option<&Datum>) -> Self {
        let items = match start {
            Some(Datum::List(items)) => items.iter().cloned().collect(),
            _ => std::collections::VecDeque::new(),
        };
        Self { discipline, items }
    }

    fn functions(&self) -> Functions {
        match self.discipline {
            Discipline::Fifo => FIFO,
            Discipline::Lifo => LIFO,
            Discipline::TwoEnds => TWO_ENDS,
            Discipline::Least => LEAST,
            Discipline::Greatest => GREATEST,
            Discipline::Any => ANY,
        }
    }

    fn does(&self, request: &Request) -> Does {
        let row = self.functions().iter().find(|(_, names, _)| names.contains(&request.function));
        row.expect("this object asks only for what it has").2
    }

    fn is_by_priority(&self) -> bool {
        matches!(self.discipline, Discipline::Least | Discipline::Greatest)
    }

    /// An element: by priority, some are pairs of which several have one priority.
    fn element(&self, value: i64) -> Datum {
        if self.is_by_priority() && value % 2 == 0 {
            Datum::pair(Datum::Int(value % 4), Datum::Int(value))
        } else {
            Datum::Int(value)
        }
    }

    /// The place of the element that is next at an end.
    fn next(&self, front: bool, rng: &mut Rng) -> Option<usize> {
        let last = self.items.len().checked_sub(1)?;
        let best = match self.discipline {
            Discipline::Fifo | Discipline::Lifo | Discipline::TwoEnds => {
                return Some(if front { 0 } else { last });
            }
            Discipline::Any => return Some(rng.below(self.items.len())),
            Discipline::Least => self.items.iter().map(priority).min(),
            Discipline::Greatest => self.items.iter().map(priority).max(),
        };
        let fitting: Vec<usize> =
            (0..self.items.len()).filter(|&at| Some(priority(&self.items[at])) == best).collect();
        Some(*rng.pick(&fitting))
    }
}

fn priority(element: &Datum) -> i64 {
    match element {
        &Datum::Int(value) => value,
        Datum::List(items) => items.first().map_or(0, priority),
        _ => unreachable!("elements by priority are integers or pairs"),
    }
}

impl Object for Container {
    fn ask(&self, _: i64, words: &mut Vocabulary, rng: &mut Rng) -> Request {
        let functions = self.functions();
        // A container that has grown is emptied, so that a long history stays linear in size.
        if self.items.len() > LARGE && rng.chance(0.5) {
            let takes = functions.iter().filter(|(.., does)| matches!(does, Does::Take { .. }));
            let takes: Vec<_> = takes.map(|(_, names, _)| names[0]).collect();
            return Request::bare(takes[rng.below(takes.len())], rng);
        }
        let mut at = rng.below(functions.iter().map(|(weight, ..)| weight).sum());
        let chosen = functions.iter().find(|(weight, ..)| {
            let is_it = at < *weight;
            at = at.saturating_sub(*weight);
            is_it
        });
        let &(_, names, does) = chosen.expect("the weights add up");
        let name = names[rng.below(names.len())];
        match does {
            Does::Put { .. } => Request::with(name, self.element(words.fresh(rng))),
            Does::Take { .. } | Does::Look { .. } => Request::bare(name, rng),
        }
    }

    fn act(&mut self, _: i64, request: &Request, rng: &mut Rng) -> Reply {
        match self.does(request) {
            Does::Put { in_front } => {
                let element = request.argument.clone().expect("a put has an element");
                if in_front {
                    self.items.push_front(element);
                } else {
                    self.items.push_back(element);
                }
                Reply::echo(request)
            }
            Does::Take { front } => match self.next(front, rng) {
                Some(at) => Reply::value(self.items.remove(at).expect("the next element is there")),
                None => Reply::value(Datum::Nil),
            },
            Does::Look { front } => match self.next(front, rng) {
                Some(at) => Reply::value(self.items[at].clone()),
                None => Reply::value(Datum::Nil),
            },
        }
    }

    fn distort(&self, request: &Request, reply: Reply, words: &Vocabulary, rng: &mut Rng) -> Reply {
        match self.does(request) {
            Does::Put { .. } => reply,
            Does::Take { .. } | Does::Look { .. } => Reply::value(match rng.below(4) {
                0 => Datum::Nil,
                1 if !self.items.is_empty() => self.items[rng.below(self.items.len())].clone(),
                _ => self.element(words.any(rng)),
            }),
        }
    }
}
