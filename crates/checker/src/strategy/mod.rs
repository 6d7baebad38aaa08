//! Which algorithm decides a part: one decision, told in the result.

mod bag;
mod blocks;
mod crashed;
mod distinct;
mod items;
mod levels;
mod outcome;
mod prefix;
mod priority;
mod queue;
mod stack;

use seriatim_model::{Model, Part};

use self::bag::Bag;
use self::blocks::Blocks;
use self::distinct::Distinct;
use self::levels::Levels;
use self::priority::Priority;
use self::queue::Queue;
use self::stack::Stack;
use crate::numbered::{NEVER, Numbered};

/// The algorithm that decides a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// Blocks of a register's values: distinct writes, with chains of compare-and-set.
    Blocks,
    /// Levels of a set that only grows and is read whole.
    Levels,
    /// Identifiers that must differ.
    Distinct,
    /// A fifo queue of distinct values.
    Queue,
    /// A stack of distinct values.
    Stack,
    /// A bag of distinct values.
    Bag,
    /// A priority queue of distinct values.
    Priority,
    /// The window search: any model.
    Search,
}

impl Strategy {
    /// Every strategy.
    pub const ALL: [Self; 8] = [
        Self::Blocks,
        Self::Levels,
        Self::Distinct,
        Self::Queue,
        Self::Stack,
        Self::Bag,
        Self::Priority,
        Self::Search,
    ];

    /// The strategy's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Levels => "levels",
            Self::Distinct => "distinct",
            Self::Queue => "queue",
            Self::Stack => "stack",
            Self::Bag => "bag",
            Self::Priority => "priority",
            Self::Search => "search",
        }
    }
}

/// What a strategy says of a part.
#[derive(Debug)]
pub(crate) enum Answered {
    /// A linearization: the operations in order.
    Yes(Vec<u32>),
    /// There is none: the place among the returns of the one that ends the shortest prefix without one.
    No(usize),
    /// The search must decide.
    Undecided,
}

/// A polynomial strategy that fits a part.
pub(crate) enum Exact<'a> {
    Blocks(Blocks<'a>),
    Levels(Levels<'a>),
    Distinct(Distinct),
    Queue(Queue<'a>),
    Stack(Stack<'a>),
    Bag(Bag<'a>),
    Priority(Priority<'a>),
}

impl<'a> Exact<'a> {
    /// The cheapest whose conditions the part meets, or the one that is asked for; `None` where that leaves the search.
    pub(crate) fn choose<M: Model>(
        model: &M,
        part: &Part<M::Op>,
        numbered: &'a Numbered,
        wanted: Option<Strategy>,
    ) -> Option<Self> {
        let is_wanted = |strategy| wanted.is_none_or(|wanted| wanted == strategy);
        let blocks = || is_wanted(Strategy::Blocks).then(|| Blocks::new(model, part, numbered)).flatten();
        let levels = || is_wanted(Strategy::Levels).then(|| Levels::new(model, part, numbered)).flatten();
        let distinct =
            || is_wanted(Strategy::Distinct).then(|| Distinct::new(model, part, numbered)).flatten();
        let queue = || is_wanted(Strategy::Queue).then(|| Queue::new(model, part, numbered)).flatten();
        let stack = || is_wanted(Strategy::Stack).then(|| Stack::new(model, part, numbered)).flatten();
        let bag = || is_wanted(Strategy::Bag).then(|| Bag::new(model, part, numbered)).flatten();
        let priority =
            || is_wanted(Strategy::Priority).then(|| Priority::new(model, part, numbered)).flatten();
        blocks()
            .map(Self::Blocks)
            .or_else(|| levels().map(Self::Levels))
            .or_else(|| distinct().map(Self::Distinct))
            .or_else(|| queue().map(Self::Queue))
            .or_else(|| stack().map(Self::Stack))
            .or_else(|| bag().map(Self::Bag))
            .or_else(|| priority().map(Self::Priority))
    }

    pub(crate) fn strategy(&self) -> Strategy {
        match self {
            Self::Blocks(_) => Strategy::Blocks,
            Self::Levels(_) => Strategy::Levels,
            Self::Distinct(_) => Strategy::Distinct,
            Self::Queue(_) => Strategy::Queue,
            Self::Stack(_) => Strategy::Stack,
            Self::Bag(_) => Strategy::Bag,
            Self::Priority(_) => Strategy::Priority,
        }
    }

    /// A linearization, or the number of the return that ends the shortest prefix without one.
    ///
    /// A prefix of a history that has a linearization has one too, so that return is found by bisection.
    pub(crate) fn decide(&self, numbered: &Numbered) -> Answered {
        match self {
            Self::Queue(queue) => return queue.decide(),
            Self::Stack(stack) => return stack.decide(),
            Self::Bag(bag) => return bag.decide(),
            Self::Priority(priority) => return priority.decide(),
            Self::Blocks(_) | Self::Levels(_) | Self::Distinct(_) => {}
        }
        let whole = NEVER - 1;
        if let Some(order) = self.linearize(whole) {
            return Answered::Yes(order);
        }
        let ret = |op: u32| numbered.ops[op as usize].ret;
        let feasible = numbered.returns.partition_point(|&op| self.is_feasible(ret(op)));
        assert!(
            feasible < numbered.returns.len(),
            "what has no linearization as a whole has a shortest prefix without one"
        );
        Answered::No(feasible)
    }

    /// The operations of a linearization, and which outcome of the model each has.
    pub(crate) fn outcomes(&self, order: &[u32]) -> Vec<(u32, u32)> {
        match self {
            Self::Bag(bag) => bag.outcomes(order),
            Self::Priority(priority) => priority.outcomes(order),
            _ => order.iter().map(|&op| (op, 0)).collect(),
        }
    }

    fn linearize(&self, cut: u32) -> Option<Vec<u32>> {
        match self {
            Self::Blocks(blocks) => blocks.linearize(cut),
            Self::Levels(levels) => levels.linearize(cut),
            Self::Distinct(distinct) => distinct.linearize(cut),
            Self::Queue(_) | Self::Stack(_) | Self::Bag(_) | Self::Priority(_) => None,
        }
    }

    fn is_feasible(&self, cut: u32) -> bool {
        match self {
            Self::Blocks(blocks) => blocks.is_feasible(cut),
            Self::Levels(levels) => levels.linearize(cut).is_some(),
            Self::Distinct(distinct) => distinct.linearize(cut).is_some(),
            Self::Queue(_) | Self::Stack(_) | Self::Bag(_) | Self::Priority(_) => false,
        }
    }
}
