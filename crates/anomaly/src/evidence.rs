//! What shows an anomaly, as data, and its verification: each claim is checked against the part by itself.

use seriatim_history::{OpId, ValueId};
use seriatim_model::{Access, Entry, Kind, Model, Part};
use thiserror::Error;

/// Why one operation comes before another in every linearization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// It had returned when the other was called.
    RealTime,
    /// The other saw a value that only it puts in.
    Saw {
        /// The value.
        value: ValueId,
    },
    /// It saw a value that the other had replaced: only `write` puts that value in, and the other was called when
    /// `write` had returned. Without a `write` it is the initial value.
    SawReplaced {
        /// The value.
        value: ValueId,
        /// The operation that puts it in.
        write: Option<OpId>,
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
}

impl Evidence {
    /// The operations that it names, the first ones first.
    pub fn operations(&self) -> Vec<OpId> {
        match self {
            Self::NoWriter { reader, .. } => vec![*reader],
            Self::Cycle(edges) => {
                let named = edges.iter().flat_map(|edge| {
                    let write =
                        if let Because::SawReplaced { write, .. } = edge.because { write } else { None };
                    [Some(edge.from), Some(edge.to), write]
                });
                let mut named: Vec<_> = named.flatten().collect();
                named.sort_unstable();
                named.dedup();
                named
            }
        }
    }

    /// Checks every claim against a part: what holds here means that the part has no linearization.
    ///
    /// # Errors
    /// The first claim that does not hold.
    pub fn verify<M: Model>(&self, model: &M, part: &Part<M::Op>) -> Result<(), Refused> {
        let seen = Seen { model, part };
        match self {
            Self::NoWriter { reader, value } => {
                let Kind::Register { initial } = model.kind() else { return Err(Refused::Foreign(*reader)) };
                let saw = seen.required(*reader)?.1.saw == Some(*value);
                if saw && *value != initial && seen.writers(*value).next().is_none() {
                    Ok(())
                } else {
                    Err(Refused::HasWriter(*reader))
                }
            }
            Self::Cycle(edges) => {
                let follow =
                    edges.iter().zip(edges.iter().cycle().skip(1)).all(|(edge, next)| edge.to == next.from);
                if edges.is_empty() || !follow {
                    return Err(Refused::NoCycle);
                }
                edges.iter().try_for_each(|edge| seen.edge(edge))
            }
        }
    }
}

/// What one operation saw in a register and put into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touch {
    pub(crate) saw: Option<ValueId>,
    pub(crate) put: Option<ValueId>,
}

impl Touch {
    /// `None` where these words cannot say what an operation does.
    pub(crate) fn of(accesses: &[Access]) -> Option<Self> {
        match *accesses {
            [Access::Read(value)] => Some(Self { saw: Some(value), put: None }),
            [Access::Write(value)] => Some(Self { saw: None, put: Some(value) }),
            [Access::Swap(from, to)] => Some(Self { saw: Some(from), put: Some(to) }),
            [Access::Differs(_)] => Some(Self::default()),
            _ => None,
        }
    }
}

struct Seen<'a, M: Model> {
    model: &'a M,
    part: &'a Part<M::Op>,
}

impl<M: Model> Seen<'_, M> {
    fn entry(&self, id: OpId) -> Result<(&Entry<M::Op>, Touch), Refused> {
        let at = self
            .part
            .entries
            .binary_search_by_key(&id, |entry| entry.id)
            .map_err(|_| Refused::Foreign(id))?;
        let entry = &self.part.entries[at];
        Ok((entry, Touch::of(&self.model.accesses(&entry.op)).ok_or(Refused::Foreign(id))?))
    }

    /// An operation that is known to have happened.
    fn required(&self, id: OpId) -> Result<(&Entry<M::Op>, Touch), Refused> {
        self.entry(id)
            .and_then(|found| if found.0.ret.is_some() { Ok(found) } else { Err(Refused::Foreign(id)) })
    }

    /// Everything that may have put a value in: also what these words cannot tell.
    fn writers(&self, value: ValueId) -> impl Iterator<Item = OpId> {
        let may_put = move |entry: &&Entry<M::Op>| {
            Touch::of(&self.model.accesses(&entry.op)).is_none_or(|touch| touch.put == Some(value))
        };
        self.part.entries.iter().filter(may_put).map(|entry| entry.id)
    }

    fn edge(&self, &Edge { from, to, because }: &Edge) -> Result<(), Refused> {
        let ((earlier, earlier_touch), (later, later_touch)) = (self.entry(from)?, self.entry(to)?);
        let holds = match because {
            Because::RealTime => earlier.ret.is_some_and(|ret| ret < later.call),
            Because::Saw { value } => {
                let initial = matches!(self.model.kind(), Kind::Register { initial } if initial == value);
                later.ret.is_some()
                    && later_touch.saw == Some(value)
                    && !initial
                    && self.writers(value).eq([from])
            }
            Because::SawReplaced { value, write } => {
                let replaced = later.ret.is_some() && later_touch.put.is_some_and(|put| put != value);
                let was_there = match write {
                    Some(write) => {
                        let ret = self.required(write)?.0.ret;
                        let initial =
                            matches!(self.model.kind(), Kind::Register { initial } if initial == value);
                        !initial && self.writers(value).eq([write]) && ret.is_some_and(|ret| ret < later.call)
                    }
                    None => {
                        let initial =
                            matches!(self.model.kind(), Kind::Register { initial } if initial == value);
                        initial && self.writers(value).next().is_none()
                    }
                };
                earlier.ret.is_some() && earlier_touch.saw == Some(value) && replaced && was_there
            }
        };
        if holds { Ok(()) } else { Err(Refused::Unfounded(from, to)) }
    }
}
