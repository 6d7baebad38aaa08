//! What shows an anomaly, as data, and its verification: each claim is checked against the history by itself.

use seriatim_history::{History, OpId, ValueId};
use seriatim_model::conflict::{self, NotShown};
use seriatim_model::{Access, Conflict, Entry, Kind, Model, Part};
use thiserror::Error;

use crate::failed;
use crate::infer::torn;
use crate::role::Role;
use crate::stretch::Stretches;
use crate::words;

/// Why one operation comes before another in every linearization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// It had returned when the other was called.
    RealTime,
    /// The other saw a value that only it puts in, or one that swaps made of that, one after the other.
    Saw {
        /// The value that it puts in.
        value: ValueId,
    },
    /// It saw a value that is there for one unbroken stretch of time, and the other belongs to a later stretch. Stretches
    /// that swaps join follow each other. Of two that are not joined so the initial value's is the first; or else one
    /// comes first since an operation of it had returned when one of the other was called.
    Older {
        /// Those two operations, where it is so.
        order: Option<(OpId, OpId)>,
    },
    /// It saw a value that only one operation puts in, and the other swapped that for something else.
    SwappedAway {
        /// The value.
        value: ValueId,
    },
}

/// One operation before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The earlier one.
    pub from: OpId,
    /// The later one.
    pub to: OpId,
    /// Why.
    pub because: Because,
}

/// What shows an anomaly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Operations that must each come before the next, and the last before the first.
    Cycle(Vec<Edge>),
    /// An operation that saw a value which nobody puts in.
    NoWriter {
        /// The operation.
        reader: OpId,
        /// The value.
        value: ValueId,
    },
    /// An operation that saw a value which nobody puts in but operations that failed.
    Failed {
        /// The operation.
        reader: OpId,
        /// The value.
        value: ValueId,
        /// One that failed, and would have put it in.
        write: OpId,
    },
    /// Operations that have no order, whatever the others did, and the parts they play; in the order of their calls.
    NoOrder(Vec<(Role, OpId)>),
}

/// Why evidence does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// It names an operation that is not of the part, or not one of a register.
    #[error("operation {} is not of this part", .0.0)]
    Foreign(OpId),
    /// The edges do not follow each other round to where they began.
    #[error("the edges are no cycle")]
    NoCycle,
    /// The reason of an edge is not so.
    #[error("operation {} need not come before operation {}", .0.0, .1.0)]
    Unfounded(OpId, OpId),
    /// The value has a writer.
    #[error("somebody puts the value in that operation {} saw", .0.0)]
    HasWriter(OpId),
    /// What is said to have failed did not, or would have put in something else.
    #[error("operation {} did not fail to put that value in", .0.0)]
    NotFailed(OpId),
    /// An operation does not do what its part is.
    #[error("operation {} does not do what it is said to do", .0.0)]
    AnotherPart(OpId),
    /// Some order of the operations is possible, as far as can be told.
    #[error("some order of these operations is possible, for all they tell")]
    HasOrder,
    /// Somebody asked to leave off.
    #[error("it was left off before all was looked at")]
    LeftOff,
}

impl Evidence {
    /// The operations that it names, the first ones first.
    pub fn operations(&self) -> Vec<OpId> {
        let mut named = match self {
            Self::NoWriter { reader, .. } => vec![*reader],
            Self::Failed { reader, write, .. } => vec![*reader, *write],
            Self::NoOrder(cast) => cast.iter().map(|&(_, id)| id).collect(),
            Self::Cycle(edges) => {
                let of = |edge: &Edge| {
                    let order = if let Because::Older { order } = edge.because { order } else { None };
                    let (early, late) = order.unzip();
                    [Some(edge.from), Some(edge.to), early, late]
                };
                edges.iter().flat_map(of).flatten().collect()
            }
        };
        named.sort_unstable();
        named.dedup();
        named
    }

    /// The operation that it is about: whoever was answered what cannot be, or put in what somebody lacks, where that
    /// `is_lost`.
    pub(crate) fn subject(&self, is_lost: bool) -> OpId {
        match self {
            Self::NoWriter { reader, .. } | Self::Failed { reader, .. } => *reader,
            Self::Cycle(edges) => {
                let of = |edge: &Edge| match edge.because {
                    Because::Older { .. } if is_lost => Some(edge.to),
                    Because::Older { .. } => Some(edge.from),
                    Because::Saw { .. } | Because::SwappedAway { .. } => Some(edge.to),
                    Because::RealTime => None,
                };
                edges.iter().find_map(of).unwrap_or(edges[0].from)
            }
            Self::NoOrder(cast) => {
                let lost = cast.iter().find(|(role, _)| is_lost && matches!(role, Role::Put | Role::Saw));
                let torn = cast.iter().find(|(role, _)| *role == Role::ReadTorn);
                let answered = cast.iter().rev().find(|(role, _)| role.is_answered());
                lost.or(torn).or(answered).or(cast.last()).map(|&(_, id)| id).expect("somebody shows it")
            }
        }
    }

    /// Checks every claim against a part and the history that it is of: what holds here means that the part has no
    /// linearization.
    ///
    /// # Errors
    /// The first claim that does not hold.
    pub fn verify<M: Model>(&self, model: &M, part: &Part<M::Op>, history: &History) -> Result<(), Refused> {
        self.verify_while(model, part, history, &|| true)
    }

    /// The same, for as long as `goes_on` says so, which is asked now and then.
    ///
    /// # Errors
    /// As [`verify`](Evidence::verify), and where it was left off.
    pub fn verify_while<M: Model>(
        &self,
        model: &M,
        part: &Part<M::Op>,
        history: &History,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), Refused> {
        let any = self.operations().first().copied().ok_or(Refused::NoCycle)?;
        if let Self::NoOrder(cast) = self {
            return no_order(model, part, cast, goes_on);
        }
        let Kind::Register { initial } = model.kind() else {
            return self.is_strange(model, part, history, goes_on).unwrap_or(Err(Refused::Foreign(any)));
        };
        let stretches = Stretches::new(model, part, initial, goes_on);
        if !goes_on() {
            return Err(Refused::LeftOff);
        }
        let stretches = stretches.ok_or(Refused::Foreign(any))?;
        let claims = Claims { part, stretches };
        match *self {
            Self::NoWriter { reader, value } => claims.nobody_puts_in(reader, value),
            Self::Failed { reader, value, write } => {
                claims.nobody_puts_in(reader, value)?;
                did_fail(model, part, history, write, value)
            }
            Self::Cycle(ref edges) => {
                let follow =
                    edges.iter().zip(edges.iter().cycle().skip(1)).all(|(edge, next)| edge.to == next.from);
                if edges.is_empty() || !follow {
                    return Err(Refused::NoCycle);
                }
                edges.iter().try_for_each(|edge| claims.edge(edge))
            }
            Self::NoOrder(_) => Err(Refused::NoCycle),
        }
    }

    /// Whether a value that was seen in a set, a container or a log is one that nobody puts in. `None` where it is about
    /// anything else.
    fn is_strange<M: Model>(
        &self,
        model: &M,
        part: &Part<M::Op>,
        history: &History,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<Result<(), Refused>> {
        let (reader, value, write) = match *self {
            Self::NoWriter { reader, value } => (reader, value, None),
            Self::Failed { reader, value, write } => (reader, value, Some(write)),
            Self::Cycle(_) | Self::NoOrder(_) => return None,
        };
        // All of these are empty at the start.
        let (Kind::Set | Kind::Log | Kind::Queue | Kind::Stack | Kind::Bag | Kind::PriorityQueue) =
            model.kind()
        else {
            return None;
        };
        let Some(all) = words::of(model, part, goes_on) else {
            return (!goes_on()).then_some(Err(Refused::LeftOff));
        };
        let Ok(at) = all.binary_search_by_key(&reader, |word| word.id) else {
            return Some(Err(Refused::Foreign(reader)));
        };
        let saw = all[at].has_happened() && words::seen(&all[at].access).contains(&value);
        if !saw || all.iter().any(|word| words::put(&word.access) == Some(value)) {
            return Some(Err(Refused::HasWriter(reader)));
        }
        Some(write.map_or(Ok(()), |write| did_fail(model, part, history, write, value)))
    }
}

/// Whether an operation failed that would have put a value in.
fn did_fail<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    write: OpId,
    value: ValueId,
) -> Result<(), Refused> {
    if failed::puts_in(model, part, history, write, value) { Ok(()) } else { Err(Refused::NotFailed(write)) }
}

/// Whether operations have no order, and play the parts that they are said to.
fn no_order<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    cast: &[(Role, OpId)],
    goes_on: &dyn Fn() -> bool,
) -> Result<(), Refused> {
    for &(role, id) in cast {
        let at =
            part.entries.binary_search_by_key(&id, |entry| entry.id).map_err(|_| Refused::Foreign(id))?;
        let mut accesses = model.accesses(&part.entries[at].op);
        let access = accesses.pop().filter(|_| accesses.is_empty());
        if !role.fits(access.as_ref()) {
            return Err(Refused::AnotherPart(id));
        }
    }
    is_torn(model, part, cast)?;
    let conflict = Conflict { ops: cast.iter().map(|&(_, id)| id).collect() };
    conflict::verify_while(model, part, &conflict, goes_on).map_err(|why| match why {
        NotShown::LeftOff => Refused::LeftOff,
        NotShown::Foreign(id) => Refused::Foreign(id),
        _ => Refused::HasOrder,
    })
}

/// Whether what is said to be a torn read lacks something in front of what it saw, as the other one shows.
fn is_torn<M: Model>(model: &M, part: &Part<M::Op>, cast: &[(Role, OpId)]) -> Result<(), Refused> {
    let Some(&(_, torn)) = cast.iter().find(|(role, _)| *role == Role::ReadTorn) else { return Ok(()) };
    let log = |id: OpId| {
        let at = part.entries.binary_search_by_key(&id, |entry| entry.id).ok()?;
        match model.accesses(&part.entries[at].op).pop()? {
            Access::ReadLog(entries) => Some(entries),
            _ => None,
        }
    };
    let whole = cast.iter().find(|(role, _)| *role == Role::Read).and_then(|&(_, id)| log(id));
    match log(torn).zip(whole) {
        Some((log, whole)) if torn::is_torn(&log, &whole) => Ok(()),
        _ => Err(Refused::AnotherPart(torn)),
    }
}

struct Claims<'a, Op> {
    part: &'a Part<Op>,
    stretches: Stretches,
}

impl<Op> Claims<'_, Op> {
    fn at(&self, id: OpId) -> Result<usize, Refused> {
        self.part.entries.binary_search_by_key(&id, |entry| entry.id).map_err(|_| Refused::Foreign(id))
    }

    fn entry(&self, at: usize) -> &Entry<Op> {
        &self.part.entries[at]
    }

    /// What an operation saw that is known to have happened.
    fn saw(&self, at: usize) -> Option<ValueId> {
        self.stretches.has_happened(at).then(|| self.stretches.touches[at].saw).flatten()
    }

    /// That an operation saw a value which nobody puts in.
    fn nobody_puts_in(&self, reader: OpId, value: ValueId) -> Result<(), Refused> {
        let at = self.at(reader)?;
        if self.saw(at) == Some(value) && self.stretches.is_from_nowhere(value) {
            Ok(())
        } else {
            Err(Refused::HasWriter(reader))
        }
    }

    fn edge(&self, &Edge { from, to, because }: &Edge) -> Result<(), Refused> {
        let (earlier, later) = (self.at(from)?, self.at(to)?);
        let holds = match because {
            Because::RealTime => self.returned_before(earlier, later),
            Because::Saw { value } => self.saw_what_it_put(earlier, later, value),
            Because::Older { order } => self.is_older(earlier, later, order)?,
            Because::SwappedAway { value } => {
                let touch = self.stretches.touches[later];
                let is_swap = touch.saw == Some(value) && touch.put.is_some_and(|put| put != value);
                let has_stretch = self.stretches.place(value).is_some();
                earlier != later
                    && has_stretch
                    && self.saw(earlier) == Some(value)
                    && self.saw(later).is_some()
                    && is_swap
            }
        };
        if holds { Ok(()) } else { Err(Refused::Unfounded(from, to)) }
    }

    fn returned_before(&self, earlier: usize, later: usize) -> bool {
        self.entry(earlier).ret.is_some_and(|ret| ret < self.entry(later).call)
    }

    /// Follows swaps from what an operation put in to what another saw.
    fn saw_what_it_put(&self, writer: usize, reader: usize, value: ValueId) -> bool {
        let is_only = self.stretches.writer(value) == Some(writer);
        let (Some(put), Some(saw)) =
            (self.stretches.place(value), self.saw(reader).and_then(|value| self.stretches.place(value)))
        else {
            return false;
        };
        // What has no beginning is followed one step only.
        let follows = if self.stretches.chains[put.chain].is_known {
            put.chain == saw.chain && put.at <= saw.at
        } else {
            put == saw
        };
        is_only && follows
    }

    fn is_older(&self, reader: usize, newer: usize, order: Option<(OpId, OpId)>) -> Result<bool, Refused> {
        let (Some(old), Some(new)) =
            (self.saw(reader).and_then(|value| self.stretches.place(value)), self.stretches.rank(newer))
        else {
            return Ok(false);
        };
        let [old_chain, new_chain] = [old.chain, new.chain].map(|chain| &self.stretches.chains[chain]);
        if reader == newer || !old_chain.is_known || !new_chain.is_known {
            return Ok(false);
        }
        if old.chain == new.chain {
            return Ok(order.is_none() && new.rank > old.rank_of_sight());
        }
        let Some((early, late)) = order else { return Ok(old_chain.is_first) };
        let (early, late) = (self.at(early)?, self.at(late)?);
        let is_of = |chain: usize, op: usize| self.stretches.members(chain).binary_search(&op).is_ok();
        Ok(is_of(old.chain, early) && is_of(new.chain, late) && self.returned_before(early, late))
    }
}

#[cfg(test)]
mod tests {
    use seriatim_history::build::Overrides;
    use seriatim_history::format::csv::ColumnMap;
    use seriatim_history::{
        Completion, FailedCas, Format, HistoryBuilder, NilRead, Source, SourceId, format,
    };
    use seriatim_model::part;
    use seriatim_model::register::Register;

    use super::*;

    /// A register with these operations, each with its call and its return; claims are made by their places.
    struct Told {
        model: Register,
        history: History,
        part: Part<<Register as Model>::Op>,
    }

    impl Told {
        /// `what`, as JSON of the native format; never returned where the outcome is `info`.
        fn new(operations: &[(&str, u32, u32)]) -> Self {
            let line = |(at, &(what, call, ret)): (usize, &(&str, u32, u32))| {
                format!("{{\"process\":{at},{what},\"call\":{call},\"return\":{ret}}}\n")
            };
            let text: String = operations.iter().enumerate().map(line).collect();
            let mut builder = HistoryBuilder::new(Format::Jsonl);
            let source = Source { id: SourceId(0), text: &text };
            format::read(Format::Jsonl, source, &ColumnMap::default(), &mut builder);
            let history = builder.finish(Overrides::default()).expect("the history is well-formed");
            let (initial, nil_read) = (ValueId::NIL, NilRead::Value);
            let model = Register { initial, nil_read, failed_cas: FailedCas::Drop, cas: true };
            let parts = part::split(&model, &history).expect("the operations are those of a register");
            let [part] = parts.try_into().expect("there is one part");
            Self { model, history, part }
        }

        /// What an operation was answered.
        fn saw(&self, id: u32) -> ValueId {
            match self.history.operation(OpId(id)).completion {
                Completion::Ok(answer) => answer.value.expect("it is a read"),
                other => panic!("{other:?}"),
            }
        }

        fn is_older(&self, reader: u32, newer: u32, order: Option<(u32, u32)>) -> bool {
            let order = order.map(|(early, late)| (OpId(early), OpId(late)));
            self.holds(reader, newer, Because::Older { order })
        }

        /// Whether a claim holds, beside one of real time that closes the cycle.
        fn holds(&self, from: u32, to: u32, because: Because) -> bool {
            let [from, to] = [from, to].map(OpId);
            let back = Edge { from: to, to: from, because: Because::RealTime };
            let evidence = Evidence::Cycle(vec![Edge { from, to, because }, back]);
            let verified = evidence.verify(&self.model, &self.part, &self.history);
            // Real time may say otherwise: then the claim itself was accepted.
            verified.is_ok() || from != to && verified == Err(Refused::Unfounded(to, from))
        }
    }

    const WRITE_1: &str = r#""type":"ok","f":"write","value":1"#;
    const WRITE_2: &str = r#""type":"ok","f":"write","value":2"#;
    const READ_NIL: &str = r#""type":"ok","f":"read","value":null"#;
    const READ_1: &str = r#""type":"ok","f":"read","value":1"#;
    const READ_2: &str = r#""type":"ok","f":"read","value":2"#;
    const SWAP: &str = r#""type":"ok","f":"cas","value":[1,2]"#;

    #[test]
    fn stretches_follow_each_other_where_operations_say_so() {
        let told = Told::new(&[(WRITE_1, 1, 2), (WRITE_2, 3, 20), (READ_2, 4, 5), (READ_1, 6, 7)]);
        assert!(told.is_older(3, 2, Some((0, 1))));
        assert!(told.is_older(3, 1, Some((0, 2))), "any two of them say so");
        for order in [None, Some((1, 0)), Some((3, 1)), Some((0, 3)), Some((2, 1)), Some((0, 0))] {
            assert!(!told.is_older(3, 2, order), "{order:?}");
        }
        assert!(!told.is_older(2, 3, Some((0, 1))), "the newer one is not the older one");
        // Nothing says so where both were written at once.
        let at_once = Told::new(&[(WRITE_1, 1, 19), (WRITE_2, 3, 20), (READ_2, 4, 5), (READ_1, 6, 7)]);
        for order in [(0, 1), (0, 2), (3, 1), (3, 2)] {
            assert!(!at_once.is_older(3, 2, Some(order)), "{order:?}");
        }
    }

    #[test]
    fn those_who_say_so_are_of_the_stretches() {
        let write_3 = r#""type":"ok","f":"write","value":3"#;
        let told =
            Told::new(&[(WRITE_1, 1, 19), (write_3, 2, 3), (WRITE_2, 4, 20), (READ_2, 5, 6), (READ_1, 7, 8)]);
        for order in [(1, 2), (1, 3), (1, 4), (0, 2)] {
            assert!(!told.is_older(4, 3, Some(order)), "{order:?}");
        }
        let alone = |because| {
            let evidence = Evidence::Cycle(vec![Edge { from: OpId(4), to: OpId(4), because }]);
            evidence.verify(&told.model, &told.part, &told.history)
        };
        let one = told.saw(4);
        for because in [
            Because::RealTime,
            Because::Older { order: None },
            Because::Saw { value: one },
            Because::SwappedAway { value: one },
        ] {
            assert_eq!(alone(because), Err(Refused::Unfounded(OpId(4), OpId(4))), "{because:?}");
        }
    }

    #[test]
    fn the_initial_value_is_the_first() {
        let told = Told::new(&[(WRITE_1, 1, 2), (READ_NIL, 3, 4), (READ_1, 5, 6)]);
        assert!(told.is_older(1, 0, None) && told.is_older(1, 2, None));
        assert!(!told.is_older(2, 0, None), "one stretch is not older than itself");
        assert!(!told.is_older(0, 1, None), "a write saw nothing");
        let again = r#""type":"ok","f":"write","value":null"#;
        let back = Told::new(&[(WRITE_1, 1, 2), (again, 1, 9), (READ_NIL, 3, 4)]);
        assert!(!back.is_older(2, 0, None), "somebody put it in again");
    }

    #[test]
    fn swaps_join_stretches() {
        let told =
            Told::new(&[(WRITE_1, 1, 2), (SWAP, 3, 4), (READ_1, 5, 6), (READ_2, 7, 8), (READ_1, 9, 10)]);
        assert!(told.is_older(2, 1, None) && told.is_older(2, 3, None));
        assert!(!told.is_older(2, 4, None), "both saw the same value");
        assert!(!told.is_older(2, 0, None), "who saw a value is not older than who put it in");
        assert!(!told.is_older(3, 1, None) && !told.is_older(1, 1, None));
        assert!(!told.is_older(2, 3, Some((0, 1))), "they need no others to say so");
        let value = |at: u32| told.history.operation(OpId(at)).argument.expect("it is a write");
        let one = value(0);
        assert!(told.holds(0, 3, Because::Saw { value: one }), "what it saw was made of that");
        assert!(!told.holds(3, 0, Because::Saw { value: one }));
        assert!(!told.holds(2, 3, Because::Saw { value: one }), "it did not put that in");
        let two = told.saw(3);
        assert!(told.holds(1, 3, Because::Saw { value: two }));
        assert!(!told.holds(1, 2, Because::Saw { value: two }), "it saw what was there before");
        let own = Edge { from: OpId(1), to: OpId(1), because: Because::SwappedAway { value: one } };
        assert!(Evidence::Cycle(vec![own]).verify(&told.model, &told.part, &told.history).is_err());
        assert!(told.holds(2, 1, Because::SwappedAway { value: one }));
        assert!(!told.holds(3, 1, Because::SwappedAway { value: one }), "it saw something else");
        assert!(!told.holds(1, 1, Because::SwappedAway { value: one }));
        assert!(!told.holds(2, 0, Because::SwappedAway { value: one }), "a write swaps nothing");
    }

    #[test]
    fn what_several_put_in_says_nothing() {
        let told = Told::new(&[(WRITE_1, 1, 2), (WRITE_1, 1, 20), (WRITE_2, 3, 4), (READ_1, 5, 6)]);
        assert!(!told.is_older(3, 2, Some((0, 2))));
        let swap_3 = r#""type":"ok","f":"cas","value":[1,3]"#;
        let twice =
            Told::new(&[(WRITE_1, 1, 2), (WRITE_1, 1, 20), (SWAP, 3, 9), (swap_3, 4, 10), (READ_1, 5, 6)]);
        assert!(!twice.holds(2, 3, Because::SwappedAway { value: twice.saw(4) }), "it was there twice");
        let once = Told::new(&[(WRITE_1, 1, 2), (SWAP, 3, 9), (swap_3, 4, 10), (READ_1, 5, 6)]);
        assert!(once.holds(1, 2, Because::SwappedAway { value: once.saw(3) }));
        let crashed = r#""type":"info","f":"write","value":2"#;
        let never = Told::new(&[(WRITE_1, 1, 2), (crashed, 3, 20), (READ_1, 25, 26)]);
        assert!(!never.is_older(2, 1, Some((0, 1))), "it need not have happened");
        let seen = Told::new(&[(WRITE_1, 1, 2), (crashed, 3, 20), (READ_2, 21, 22), (READ_1, 25, 26)]);
        assert!(seen.is_older(3, 1, Some((0, 1))), "somebody saw it");
    }

    #[test]
    fn failed_operations_are_of_the_object_and_of_the_value() {
        let on = |key: &str, what: &str| format!("\"key\":\"{key}\",{what}");
        let failed = |value: u32| format!(r#""type":"fail","f":"write","value":{value}"#);
        let operations = [
            on("x", &failed(1)),
            on("x", &failed(2)),
            on("y", &failed(1)),
            on("x", READ_1),
            on("x", WRITE_2),
        ];
        let timed: Vec<_> =
            (0..).zip(&operations).map(|(at, what)| (what.as_str(), 2 * at, 2 * at + 1)).collect();
        let told = Told::new(&timed);
        let value = told.saw(3);
        let claim = |reader: u32, write: u32| {
            let evidence = Evidence::Failed { reader: OpId(reader), value, write: OpId(write) };
            evidence.verify(&told.model, &told.part, &told.history)
        };
        assert_eq!(claim(3, 0), Ok(()));
        for other in [1, 2, 4, 9] {
            assert_eq!(claim(3, other), Err(Refused::NotFailed(OpId(other))));
        }
        assert_eq!(claim(4, 0), Err(Refused::HasWriter(OpId(4))));
        let named =
            |all: Vec<crate::Anomaly>| all.into_iter().map(|anomaly| anomaly.evidence).collect::<Vec<_>>();
        let found = named(crate::find(&told.model, &told.part, &told.history));
        assert_eq!(found, [Evidence::Failed { reader: OpId(3), value, write: OpId(0) }]);
    }
}
