//! Which algorithm decides a part: one decision, told in the result.

mod bag;
mod blocks;
mod counter;
mod crashed;
mod distinct;
mod elements;
mod grants;
mod insert;
mod items;
mod ladder;
mod levels;
mod log;
mod numbers;
mod outcome;
mod prefix;
mod priority;
mod queue;
mod stack;
mod toggles;
mod zones;

use seriatim_model::{Model, Part};

use self::bag::Bag;
use self::blocks::Blocks;
use self::counter::Counter;
use self::distinct::Distinct;
pub(crate) use self::elements::{Decided, Elements};
use self::grants::Grants;
use self::levels::Levels;
use self::log::Log;
pub(crate) use self::numbers::Numbers;
use self::priority::Priority;
use self::queue::Queue;
use self::stack::Stack;
use self::toggles::Toggles;
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
    /// An element of a set, or a lock that anyone may release: two states that answers tell.
    Toggles,
    /// A set that is read whole: elements that nobody reads while they change, each by itself; the rest is searched.
    Elements,
    /// A log of distinct entries that is read whole.
    Log,
    /// A counter that only grows or only falls.
    Counter,
    /// Grants of a lock that only its holder may release.
    Grants,
    /// The window search: any model.
    Search,
}

impl Strategy {
    /// Every strategy.
    pub const ALL: [Self; 13] = [
        Self::Blocks,
        Self::Levels,
        Self::Distinct,
        Self::Queue,
        Self::Stack,
        Self::Bag,
        Self::Priority,
        Self::Toggles,
        Self::Elements,
        Self::Log,
        Self::Counter,
        Self::Grants,
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
            Self::Toggles => "toggles",
            Self::Elements => "elements",
            Self::Log => "log",
            Self::Counter => "counter",
            Self::Grants => "grants",
            Self::Search => "search",
        }
    }
}

/// A polynomial strategy that fits a part.
pub(crate) enum Exact<'a> {
    Blocks(Blocks<'a>),
    Levels(Levels<'a>),
    Distinct(Distinct<'a>),
    Queue(Queue<'a>),
    Stack(Stack<'a>),
    Bag(Bag<'a>),
    Priority(Priority<'a>),
    Toggles(Toggles<'a>),
    Log(Log<'a>),
    Counter(Counter<'a>),
    Grants(Grants<'a>),
}

/// What a polynomial strategy says about a part.
pub(crate) enum Outcome {
    /// A linearization.
    Order(Vec<u32>),
    /// There is none.
    Refuted {
        /// The number of the return that ends the shortest prefix without one.
        at: usize,
        /// A linearization of what comes before it, from a strategy that has one at hand.
        before: Option<Vec<u32>>,
    },
    /// It cannot tell; but the prefix that ends with the return of this number has none, where there is one.
    Undecided(Option<usize>),
}

/// What a polynomial strategy says about a prefix.
enum Attempt {
    /// It has this linearization.
    Order(Vec<u32>),
    /// It has none.
    Impossible(Hint),
    /// It may have one or not.
    Unknown,
}

/// The event of a return by which it may have come to light that there is no linearization; [`Hint::NONE`] where that
/// is not known. No more than a hint: a prefix that ends there is judged like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hint(u32);

impl Hint {
    const NONE: Self = Self(NEVER);

    /// By when all of these had returned.
    fn all(rets: impl IntoIterator<Item = u32>) -> Self {
        Self(rets.into_iter().max().unwrap_or(NEVER))
    }
}

/// How many hints are followed before the rest is left to bisection.
const HINTS: usize = 8;

impl From<Option<Vec<u32>>> for Attempt {
    /// Of a strategy that can always tell.
    fn from(order: Option<Vec<u32>>) -> Self {
        order.map_or(Self::Impossible(Hint::NONE), Self::Order)
    }
}

impl<'a> Exact<'a> {
    /// The cheapest whose conditions the part meets, or the one that is asked for; `None` where that leaves the search.
    pub(crate) fn choose<M: Model>(
        model: &M,
        part: &Part<M::Op>,
        numbered: &'a Numbered<'a>,
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
        let toggles = || is_wanted(Strategy::Toggles).then(|| Toggles::new(model, part, numbered)).flatten();
        let log = || is_wanted(Strategy::Log).then(|| Log::new(model, part, numbered)).flatten();
        let counter = || is_wanted(Strategy::Counter).then(|| Counter::new(model, part, numbered)).flatten();
        let grants = || is_wanted(Strategy::Grants).then(|| Grants::new(model, part, numbered)).flatten();
        blocks()
            .map(Self::Blocks)
            .or_else(|| distinct().map(Self::Distinct))
            .or_else(|| queue().map(Self::Queue))
            .or_else(|| stack().map(Self::Stack))
            .or_else(|| bag().map(Self::Bag))
            .or_else(|| priority().map(Self::Priority))
            .or_else(|| toggles().map(Self::Toggles))
            .or_else(|| levels().map(Self::Levels))
            .or_else(|| log().map(Self::Log))
            .or_else(|| counter().map(Self::Counter))
            .or_else(|| grants().map(Self::Grants))
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
            Self::Toggles(_) => Strategy::Toggles,
            Self::Log(_) => Strategy::Log,
            Self::Counter(_) => Strategy::Counter,
            Self::Grants(_) => Strategy::Grants,
        }
    }

    /// A linearization, or the number of the return that ends the shortest prefix without one.
    ///
    /// A prefix of a history that has a linearization has one too, so that return is found by bisection, or where hints
    /// lead there: the one that it ends at has none, and the one before it must have one. Where that cannot be told it
    /// bounds what to search.
    pub(crate) fn decide(&self, numbered: &Numbered) -> Outcome {
        match self {
            Self::Queue(queue) => return queue.decide(),
            Self::Stack(stack) => return stack.decide(),
            Self::Bag(bag) => return bag.decide(),
            Self::Priority(priority) => return priority.decide(),
            _ => {}
        }
        let whole = NEVER - 1;
        match self.linearize(whole) {
            Attempt::Order(order) => return Outcome::Order(order),
            Attempt::Unknown => return Outcome::Undecided(None),
            Attempt::Impossible(_) => {}
        }
        if numbered.is_over(0) {
            return Outcome::Undecided(None);
        }
        let ret = |op: u32| numbered.ops[op as usize].ret;
        let bad = self.shortest(numbered);
        if numbered.is_over(0) {
            return Outcome::Undecided(None);
        }
        let Some(before) = bad.checked_sub(1) else {
            return Outcome::Refuted { at: bad, before: Some(Vec::new()) };
        };
        match self.linearize(ret(numbered.returns[before])) {
            Attempt::Order(before) => Outcome::Refuted { at: bad, before: Some(before) },
            Attempt::Unknown => Outcome::Undecided(Some(bad)),
            // Whoever leaves off has no order either.
            Attempt::Impossible(_) if numbered.is_over(0) => Outcome::Undecided(None),
            Attempt::Impossible(_) => unreachable!("what is not impossible has an order, or is not known"),
        }
    }

    /// The operations of a linearization, and which outcome of the model each has.
    pub(crate) fn outcomes(&self, order: &[u32]) -> Vec<(u32, u32)> {
        match self {
            Self::Bag(bag) => bag.outcomes(order),
            Self::Priority(priority) => priority.outcomes(order),
            _ => order.iter().map(|&op| (op, 0)).collect(),
        }
    }

    fn linearize(&self, cut: u32) -> Attempt {
        match self {
            Self::Blocks(blocks) => blocks.linearize(cut),
            Self::Levels(levels) => levels.linearize(cut).into(),
            Self::Distinct(distinct) => distinct.linearize(cut),
            Self::Queue(_) | Self::Stack(_) | Self::Bag(_) | Self::Priority(_) => {
                unreachable!("containers are decided by themselves")
            }
            Self::Toggles(toggles) => toggles.linearize(cut),
            Self::Log(log) => log.linearize(cut),
            Self::Counter(counter) => counter.linearize(cut),
            Self::Grants(grants) => grants.linearize(cut),
        }
    }

    /// The number of the return that ends the shortest prefix without a linearization, as far as can be told; the whole
    /// has none.
    fn shortest(&self, numbered: &Numbered<'_>) -> usize {
        let returns = &numbered.returns;
        let ret = |at: usize| numbered.ops[returns[at] as usize].ret;
        let place = |Hint(event)| returns.partition_point(|&op| numbered.ops[op as usize].ret < event);
        // The prefixes before `low` are not known to have none; that of `high` has none.
        let last = returns.len().checked_sub(1);
        let (mut low, mut high) =
            (0, last.expect("where nothing returns there is an order: that of nothing"));
        let mut hint = self.conflict(NEVER - 1).map(place);
        let mut hints = 0;
        // How far before the one that a hint led to the next is looked at, where that one has none.
        let mut step = None;
        while low < high {
            let half = low + (high - low) / 2;
            let hinted = hint.take().filter(|hint| (low..high).contains(hint) && hints < HINTS);
            let probe = hinted.or(step.map(|step| half.max(high.saturating_sub(step)))).unwrap_or(half);
            let found = self.conflict(ret(probe));
            step = match (hinted, &found, step) {
                (Some(_), Some(_), _) => Some(1),
                (None, Some(_), Some(step)) => Some(2 * step),
                _ => None,
            };
            hints += usize::from(hinted.is_some());
            match found {
                Some(found) => {
                    high = probe;
                    hint = Some(place(found));
                }
                None => low = probe + 1,
            }
        }
        high
    }

    /// A hint, if the prefix that ends with the return `cut` has no linearization, as far as can be told.
    fn conflict(&self, cut: u32) -> Option<Hint> {
        match self {
            Self::Blocks(blocks) => blocks.conflict(cut),
            _ => match self.linearize(cut) {
                Attempt::Impossible(hint) => Some(hint),
                Attempt::Order(_) | Attempt::Unknown => None,
            },
        }
    }
}
