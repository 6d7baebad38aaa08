//! "Why not this operation?": where each operation that a finding draws could stand in the order that leads to where its
//! part stops being linearizable.
//!
//! An operation is taken out of the order, if it stands in it, and tried in each gap between the steps that are told. It may
//! stand there if real time allows that with all the others, if it can happen there, and if all steps after it still can: in
//! any of the states that the model may have chosen until then. What is done is counted in steps of the model, so that what
//! comes of it is the same on every machine.

use std::collections::BTreeMap;

use seriatim_history::{OpId, Values};
use seriatim_model::{Entry, Model, Part};
use seriatim_report::{Bar, BrokenReport, Listed, PlacementReport, SpanReport, Stands};

use crate::frontier::shortened;
use crate::strip::Strip;

/// An operation, and what it did.
pub(crate) type Shown = (OpId, String);

/// Where operations could stand.
#[derive(Debug)]
pub(crate) struct Placements {
    /// How many steps of the order come before those that are told.
    pub(crate) earlier: usize,
    pub(crate) operations: Vec<PlacementReport<Shown>>,
    /// How many more were not tried.
    pub(crate) more: usize,
}

/// So many operations are tried.
const OPERATIONS: usize = 64;
/// So many states at once are followed.
const WIDTH: usize = 64;
/// Of more spans than this, those are put together that the model bars, for whatever reason.
const READABLE: usize = 4;
/// So many steps are taken for a finding; a step from a large state counts as several.
const STEPS: usize = 1 << 19;
/// As many bytes of a state count as a step.
const BYTES: usize = 256;

/// Where these operations could stand in the order of a strip, as far as they are of the part; `end` is the one with which
/// the order ends. Nothing where there is no order.
pub(crate) fn placements<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    values: &Values,
    strip: &Strip,
    end: OpId,
    drawn: &[OpId],
) -> Option<Placements> {
    let entry =
        |id: &OpId| part.entries.binary_search_by_key(id, |entry| entry.id).ok().map(|at| &part.entries[at]);
    let order: Option<Vec<_>> = strip.order.iter().map(entry).collect();
    let order = order.filter(|order| !order.is_empty())?;
    let mut ids = drawn.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut tried: Vec<_> = ids.iter().filter_map(entry).collect();
    let more = tried.len().saturating_sub(OPERATIONS);
    tried.truncate(OPERATIONS);
    let first = order.len() - strip.steps.len().min(order.len());
    let mut placing =
        Placing { model, values, order, first, end: entry(&end)?, left: STEPS, reached: BTreeMap::new() };
    placing.reach(&tried);
    let operations = tried.into_iter().map(|entry| placing.place(entry)).collect();
    Some(Placements { earlier: first, operations, more })
}

/// It would take too many steps.
#[derive(Clone, Copy, Debug)]
struct TooMany;

/// The steps around a gap, by their numbers as far as these are told, and what bars an operation from it.
type Gap = (Option<usize>, Option<usize>, Option<Bar<Shown>>);

/// All states that may be there.
type States<M> = Result<Vec<<M as Model>::State>, TooMany>;

struct Placing<'a, M: Model> {
    model: &'a M,
    values: &'a Values,
    order: Vec<&'a Entry<M::Op>>,
    /// The place of the first step that is told.
    first: usize,
    /// The operation with which the order ends.
    end: &'a Entry<M::Op>,
    /// How many steps may still be taken.
    left: usize,
    /// The states before some steps of the whole order: before those that are tried elsewhere, and the first that is told.
    reached: BTreeMap<usize, States<M>>,
}

impl<'a, M: Model> Placing<'a, M> {
    /// Follows the order up to the steps that are told.
    fn reach(&mut self, tried: &[&Entry<M::Op>]) {
        let mut states = Ok(vec![self.model.init()]);
        for at in 0..=self.first {
            if at == self.first || tried.iter().any(|entry| entry.id == self.order[at].id) {
                self.reached.insert(at, states.clone());
            }
            if at < self.first {
                let step: &'a Entry<M::Op> = self.order[at];
                states = states.and_then(|states| self.step(&states, &step.op));
            }
        }
    }

    /// Where an operation could stand.
    fn place(&mut self, entry: &Entry<M::Op>) -> PlacementReport<Shown> {
        let stood = self.order.iter().position(|other| other.id == entry.id);
        let mut spans: Vec<SpanReport<Shown>> = Vec::new();
        for (after, before, bar) in self.gaps(entry, stood) {
            let joined = match spans.last_mut() {
                None => Err(bar),
                Some(last) => match (last.bar.take(), bar) {
                    (None, None) => Ok(None),
                    (Some(one), Some(other)) => match one.joined(other) {
                        Ok(both) => Ok(Some(both)),
                        Err((one, other)) => {
                            last.bar = Some(one);
                            Err(Some(other))
                        }
                    },
                    (one, other) => {
                        last.bar = one;
                        Err(other)
                    }
                },
            };
            match (joined, spans.last_mut()) {
                (Ok(bar), Some(last)) => (last.before, last.bar) = (before, bar),
                (Ok(bar) | Err(bar), _) => spans.push(SpanReport { after, before, bar }),
            }
        }
        if spans.len() > READABLE {
            condense(&mut spans);
        }
        let stands = if entry.id == self.end.id {
            Stands::End
        } else {
            stood.map_or(Stands::Nowhere, |at| self.stands(at))
        };
        PlacementReport { operation: self.shown(entry), stands, spans }
    }

    /// What is to be said of each gap of the order without the operation: the steps around it, and what bars it.
    fn gaps(&mut self, entry: &Entry<M::Op>, stood: Option<usize>) -> Vec<Gap> {
        let others: Vec<usize> = (0..self.order.len()).filter(|&at| Some(at) != stood).collect();
        let returned = |one: &Entry<M::Op>, other: &Entry<M::Op>| one.ret.is_some_and(|ret| ret < other.call);
        let is_beyond = entry.id != self.end.id && returned(self.end, entry);
        // Nothing may come before what had returned before it was called, or after what was called after it had returned.
        let early = others.iter().rposition(|&at| returned(self.order[at], entry));
        let late = others.iter().position(|&at| returned(entry, self.order[at]));
        let from = others.partition_point(|&at| at < self.first);
        // The states before the gap, or the step that cannot happen on the way to it.
        let mut there: Option<Result<States<M>, Broken>> = None;
        let number = |at: usize| at.checked_sub(self.first).map(|at| at + 1);
        let mut gaps = Vec::new();
        for gap in from..=others.len() {
            let after = gap.checked_sub(1).and_then(|before| number(others[before]));
            let before = others.get(gap).and_then(|&at| number(at));
            let bar = match (early, late) {
                _ if is_beyond => Some(Bar::Early(self.shown(self.end), Stands::End)),
                (Some(early), _) if gap <= early => {
                    let at = others[early];
                    Some(Bar::Early(self.shown(self.order[at]), self.stands(at)))
                }
                (_, Some(late)) if gap > late => {
                    let at = others[late];
                    Some(Bar::Late(self.shown(self.order[at]), self.stands(at)))
                }
                _ => None,
            };
            gaps.push((after, before, bar));
        }
        for gap in from..=others.len() {
            if gaps[gap - from].2.is_some() {
                continue;
            }
            let states = match there.take() {
                Some(known) => self.follow(known, &others[gap - 1..gap]),
                None => {
                    let start = stood.filter(|&at| at < self.first).unwrap_or(self.first);
                    let known = self.reached[&start].clone();
                    let start = others.partition_point(|&at| at < start);
                    self.follow(Ok(known), &others[start..gap])
                }
            };
            gaps[gap - from].2 = match &states {
                Ok(states) => self.bar(entry, states, &others[gap..]),
                Err(broken) => Some(self.breaks(broken)),
            };
            there = Some(states);
        }
        gaps
    }

    /// What bars an operation from a gap in which there are some states, and which these steps follow.
    fn bar(&mut self, entry: &Entry<M::Op>, states: &States<M>, rest: &[usize]) -> Option<Bar<Shown>> {
        let next = match states {
            Ok(states) => self.step(states, &entry.op),
            Err(TooMany) => return Some(Bar::NotTried),
        };
        if let (Ok(next), Ok(states)) = (&next, states)
            && next.is_empty()
        {
            let states = Listed::new(states.iter().map(|state| self.state(state)));
            return Some(Bar::Impossible { needs: self.needs(&entry.op), states });
        }
        match self.follow(Ok(next), rest) {
            Ok(Ok(_)) => None,
            Ok(Err(TooMany)) => Some(Bar::NotTried),
            Err(broken) => Some(self.breaks(&broken)),
        }
    }

    /// The states after these steps.
    ///
    /// # Errors
    /// One of them cannot happen.
    fn follow(&mut self, from: Result<States<M>, Broken>, steps: &[usize]) -> Result<States<M>, Broken> {
        let mut states = match from? {
            Ok(states) => states,
            Err(TooMany) => return Ok(Err(TooMany)),
        };
        for &at in steps {
            let step: &'a Entry<M::Op> = self.order[at];
            let next = match self.step(&states, &step.op) {
                Ok(next) => next,
                Err(TooMany) => return Ok(Err(TooMany)),
            };
            if next.is_empty() {
                let found = states.first().map_or(String::new(), |state| self.state(state));
                return Err(Broken { at, found });
            }
            states = next;
        }
        Ok(Ok(states))
    }

    /// All states that an operation leads to from some.
    fn step(&mut self, states: &[M::State], op: &M::Op) -> States<M> {
        let mut next: Vec<M::State> = Vec::new();
        for state in states {
            let cost = 1 + self.model.heap(state) / BYTES;
            self.left = self.left.checked_sub(cost).ok_or(TooMany)?;
            for outcome in self.model.step(state, op) {
                if !next.contains(&outcome) {
                    next.push(outcome);
                }
                if next.len() > WIDTH {
                    return Err(TooMany);
                }
            }
        }
        Ok(next)
    }

    fn breaks(&self, &Broken { at, ref found }: &Broken) -> Bar<Shown> {
        let broken = self.order[at];
        Bar::Breaks(Listed::new([BrokenReport {
            operation: self.shown(broken),
            stands: self.stands(at),
            needs: self.needs(&broken.op),
            state: found.clone(),
        }]))
    }

    fn stands(&self, at: usize) -> Stands {
        at.checked_sub(self.first).map_or(Stands::Before, |at| Stands::At(at + 1))
    }

    fn shown(&self, entry: &Entry<M::Op>) -> Shown {
        (entry.id, self.model.show_op(&entry.op, self.values))
    }

    fn state(&self, state: &M::State) -> String {
        shortened(self.model.show_state(state, self.values))
    }

    fn needs(&self, op: &M::Op) -> Option<String> {
        self.model.needs(op, self.values).map(shortened)
    }
}

/// Puts spans next to each other together that the model bars.
fn condense(spans: &mut Vec<SpanReport<Shown>>) {
    spans.dedup_by(|next, last| match (last.bar.take(), next.bar.take()) {
        (Some(one), Some(other)) => match one.mixed(other) {
            Ok(both) => {
                (last.before, last.bar) = (next.before, Some(both));
                true
            }
            Err((one, other)) => {
                (last.bar, next.bar) = (Some(one), Some(other));
                false
            }
        },
        (one, other) => {
            (last.bar, next.bar) = (one, other);
            false
        }
    });
}

/// A step of the order that cannot happen, and what it finds.
struct Broken {
    at: usize,
    found: String,
}

#[cfg(test)]
mod tests {
    use seriatim_history::{EventId, Operation};
    use seriatim_model::{Keys, OpError};

    use super::*;
    use crate::strip::Step;

    /// A register that may choose what it is given.
    struct Toy;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    enum Op {
        Write(u8),
        Read(u8),
        /// Writes one of so many values.
        Any(u8),
    }

    impl Model for Toy {
        type Op = Op;
        type State = u8;

        fn parse(&self, _: &Operation, _: &Values) -> Result<Option<Op>, OpError> {
            Ok(None)
        }

        fn init(&self) -> u8 {
            0
        }

        fn step(&self, &state: &u8, &op: &Op) -> impl IntoIterator<Item = u8> {
            match op {
                Op::Write(value) => vec![value],
                Op::Read(value) => Vec::from_iter((value == state).then_some(state)),
                Op::Any(count) => (0..count).collect(),
            }
        }

        fn needs(&self, op: &Op, _: &Values) -> Option<String> {
            match op {
                Op::Read(value) => Some(value.to_string()),
                Op::Write(_) | Op::Any(_) => None,
            }
        }

        fn show_op(&self, op: &Op, _: &Values) -> String {
            format!("{op:?}")
        }

        fn show_state(&self, state: &u8, _: &Values) -> String {
            state.to_string()
        }
    }

    /// Numbers that look like any (xorshift: Marsaglia 2003).
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % sides
        }

        fn op(&mut self) -> Op {
            let value = self.roll(3) as u8;
            [Op::Write(value), Op::Read(value), Op::Any(value + 1)][self.roll(3) as usize]
        }
    }

    /// Some operations, an order of which some are steps, so many of them told, and the operation with which it ends.
    struct Drawn {
        part: Part<Op>,
        strip: Strip,
        end: OpId,
    }

    /// Operations by their calls, returns and what they did; the first ones are an order, and the last is its end.
    fn drawn(all: &[(u32, Option<u32>, Op)], order: usize, told: usize) -> Drawn {
        let mut by_call: Vec<usize> = (0..all.len()).collect();
        by_call.sort_by_key(|&at| all[at].0);
        let id = |at: usize| OpId(by_call.iter().position(|&other| other == at).expect("it is there") as u32);
        let entry = |(number, &at): (u32, &usize)| Entry {
            id: OpId(number),
            op: all[at].2,
            call: EventId(all[at].0),
            ret: all[at].1.map(EventId),
        };
        let step = |at| Step { of: id(at), shown: String::new(), state: String::new() };
        Drawn {
            part: Part { key: None, touched: Keys::new(), entries: (0..).zip(&by_call).map(entry).collect() },
            strip: Strip {
                order: (0..order).map(id).collect(),
                steps: (order - told..order).map(step).collect(),
            },
            end: id(all.len() - 1),
        }
    }

    fn placed(of: &Drawn) -> Placements {
        let ids: Vec<OpId> = of.part.entries.iter().map(|entry| entry.id).collect();
        placements(&Toy, &of.part, &Values::new(), &of.strip, of.end, &ids).expect("there is an order")
    }

    fn any(dice: &mut Dice) -> Drawn {
        let order = 1 + dice.roll(9) as usize;
        let told = 1 + dice.roll(order as u64) as usize;
        let mut all = Vec::new();
        let mut state = 0;
        let interval = |dice: &mut Dice, at: u32, number: usize| {
            let middle = 40 + 10 * at;
            let (before, after) = (dice.roll(30) as u32, dice.roll(30) as u32);
            let number = number as u32;
            let ret = (dice.roll(6) > 0).then_some(64 * (middle + after + 1) + number);
            (64 * (middle - before) + number, ret)
        };
        while all.len() < order {
            let op = dice.op();
            let next: Vec<u8> = Toy.step(&state, &op).into_iter().collect();
            if !next.is_empty() {
                state = next[dice.roll(next.len() as u64) as usize];
                let (call, ret) = interval(dice, all.len() as u32, all.len());
                all.push((call, ret, op));
            }
        }
        for number in order..order + 3 {
            let (call, ret) = interval(dice, dice.0 as u32 % (order as u32 + 4), number);
            all.push((call, ret, dice.op()));
        }
        drawn(&all, order, told)
    }

    /// Whether all of these can happen, one after the other.
    fn can(state: u8, ops: &[&Entry<Op>]) -> bool {
        let Some((first, rest)) = ops.split_first() else { return true };
        Toy.step(&state, &first.op).into_iter().any(|next| can(next, rest))
    }

    /// Tries one gap by itself: the bar by its word, and the operation that is in the way.
    fn tried(
        of: &Drawn,
        entry: &Entry<Op>,
        others: &[&Entry<Op>],
        gap: usize,
    ) -> Option<(&'static str, OpId)> {
        let precedes = |one: &Entry<Op>, other: &Entry<Op>| one.ret.is_some_and(|ret| ret < other.call);
        let end = &of.part.entries[of.end.0 as usize];
        if end.id != entry.id && precedes(end, entry) {
            return Some(("early", end.id));
        }
        if let Some(other) = others[gap..].iter().rev().find(|other| precedes(other, entry)) {
            return Some(("early", other.id));
        }
        if let Some(other) = others[..gap].iter().find(|other| precedes(entry, other)) {
            return Some(("late", other.id));
        }
        let mut whole = others.to_vec();
        whole.insert(gap, entry);
        let shortest = (1..=whole.len()).find(|&length| !can(0, &whole[..length]))?;
        let last = whole[shortest - 1].id;
        Some((if last == entry.id { "impossible" } else { "breaks" }, last))
    }

    #[test]
    fn each_gap_is_as_if_it_were_tried_by_itself() {
        let mut dice = Dice(0x5eed_0f0d_1ce5);
        let mut seen = BTreeMap::new();
        for _ in 0..3_000 {
            let of = any(&mut dice);
            let placed = placed(&of);
            let (order, told) = (of.strip.order.len(), of.strip.steps.len());
            assert_eq!((placed.earlier, placed.more), (order - told, 0));
            assert_eq!(placed.operations.len(), of.part.entries.len());
            for (entry, place) in of.part.entries.iter().zip(&placed.operations) {
                assert_eq!(place.operation.0, entry.id);
                let steps = of.strip.order.iter().enumerate().filter(|&(_, &id)| id != entry.id);
                let (places, others): (Vec<_>, Vec<_>) =
                    steps.map(|(at, id)| (at, &of.part.entries[id.0 as usize])).unzip();
                let number = |at: usize| (at + 1).saturating_sub(order - told);
                let mut spans = 0;
                for gap in places.partition_point(|&at| at < order - told)..=others.len() {
                    let after = gap.checked_sub(1).map_or(0, |at| number(places[at]));
                    let before = places.get(gap).map_or(told + 1, |&at| number(at));
                    let covers = |span: &&SpanReport<Shown>| {
                        span.after.unwrap_or(0) <= after && before <= span.before.unwrap_or(told + 1)
                    };
                    let found: Vec<_> = place.spans.iter().filter(covers).collect();
                    let [span] = found[..] else { panic!("{} spans tell of a gap", found.len()) };
                    spans += usize::from(span.after.unwrap_or(0) == after);
                    let expected = tried(&of, entry, &others, gap);
                    let (word, is_same) = match (&span.bar, expected) {
                        (None, None) => ("allowed", true),
                        (Some(Bar::Early(other, _)), Some(("early", id))) => ("early", other.0 == id),
                        (Some(Bar::Late(other, _)), Some(("late", id))) => ("late", other.0 == id),
                        (Some(Bar::Impossible { .. }), Some(("impossible", _))) => ("impossible", true),
                        (Some(Bar::Mixed { states, .. }), Some(("impossible", _))) => {
                            ("mixed", !states.first.is_empty())
                        }
                        (Some(Bar::Breaks(steps) | Bar::Mixed { steps, .. }), Some(("breaks", id))) => (
                            "breaks",
                            steps.more > 0 || steps.first.iter().any(|step| step.operation.0 == id),
                        ),
                        _ => ("another", false),
                    };
                    assert!(is_same, "{entry:?} in gap {gap}: {:?}, not {expected:?}", span.bar);
                    *seen.entry(word).or_insert(0) += 1;
                }
                assert_eq!(spans, place.spans.len(), "each span begins with a gap");
                let is_split = |pair: &[SpanReport<Shown>]| pair[0].bar.is_some() || pair[1].bar.is_some();
                assert!(place.spans.windows(2).all(is_split), "what is allowed is told at once");
            }
        }
        assert!(seen.len() == 6 && seen.values().all(|&count| count > 50), "{seen:?}");
    }

    #[test]
    fn where_operations_stand_is_told() {
        let all = [
            (0, Some(1), Op::Write(1)),
            (2, Some(9), Op::Write(2)),
            (3, Some(8), Op::Read(2)),
            (4, None, Op::Write(3)),
            (5, Some(20), Op::Read(1)),
        ];
        let placed = placed(&drawn(&all, 3, 2));
        let stands: Vec<_> = placed.operations.iter().map(|of| of.stands).collect();
        assert_eq!(stands, [Stands::Before, Stands::At(1), Stands::At(2), Stands::Nowhere, Stands::End]);
        let read = &placed.operations[4];
        let [before, breaks] = &read.spans[..] else { panic!("{:?}", read.spans) };
        assert_eq!((before.after, before.before, &before.bar), (None, Some(1), &None));
        let Some(Bar::Impossible { needs, states }) = &breaks.bar else { panic!("{:?}", breaks.bar) };
        assert_eq!(
            (needs.as_deref(), states.first.as_slice(), states.more),
            (Some("1"), &["2".to_owned()][..], 0)
        );
    }

    #[test]
    fn what_takes_too_many_steps_is_not_tried() {
        let wide = Op::Any(WIDTH as u8 + 1);
        let all = [(0, Some(9), wide), (1, Some(8), Op::Write(2)), (3, Some(20), Op::Read(1))];
        let placed = placed(&drawn(&all, 2, 2));
        let bars: Vec<_> = placed.operations[2].spans.iter().map(|span| span.bar.clone()).collect();
        // Before the first step only one state is there, in which it is impossible.
        assert!(matches!(bars[..], [Some(Bar::Impossible { .. }), Some(Bar::NotTried)]), "{bars:?}");
    }

    #[test]
    fn many_operations_are_counted() {
        let mut all: Vec<_> = (0..80).map(|at| (at, None, Op::Write(1))).collect();
        all.push((90, Some(91), Op::Read(7)));
        let placed = placed(&drawn(&all, 1, 1));
        assert_eq!((placed.operations.len(), placed.more), (OPERATIONS, 17));
    }
}
