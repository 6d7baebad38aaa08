//! Who saw what somebody had written to a register, and who did not although it was there.
//!
//! An observation *misses* a write if that had returned when it was called, and was called after the write of the value
//! that was seen had returned: that value is older in every order. Values that several operations put in tell nothing.
//! In all O(n · agents · log n).

use rustc_hash::FxHashMap;
use seriatim_history::{EventId, History, OpId, ValueId};
use seriatim_model::{Model, Part};

use super::agents::Agents;
use super::sides::FEW;
use crate::touch::{BLOCK, Touch};

/// So many misses of one observation are kept where there are many agents.
const FIRST: usize = 2;

/// An acknowledged write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Put {
    pub(super) part: usize,
    pub(super) agent: u32,
    pub(super) call: EventId,
    pub(super) ret: EventId,
    pub(super) value: ValueId,
}

/// An observation of what another operation wrote.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    pub(super) read: OpId,
    pub(super) part: usize,
    pub(super) writer: u32,
    pub(super) reader: u32,
    pub(super) value: ValueId,
    /// When the write was called.
    pub(super) since: EventId,
    /// When the observation was called and when it returned.
    pub(super) call: EventId,
    pub(super) ret: EventId,
}

/// An observation that misses a write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Miss {
    pub(super) write: OpId,
    pub(super) read: OpId,
    pub(super) part: usize,
    pub(super) writer: u32,
    pub(super) reader: u32,
    /// When the write was called.
    pub(super) since: EventId,
    /// From the return of the write of what was seen to the call of the observation: so long that was there to be seen.
    pub(super) zone: (EventId, EventId),
    /// When the observation returned.
    pub(super) ret: EventId,
}

/// What was written, seen and missed.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) puts: Vec<Put>,
    /// In the order of the calls of what was seen.
    pub(super) sights: Vec<Sight>,
    /// The last sight of each value by each agent, where not all are among the others.
    pub(super) later: Vec<Sight>,
    pub(super) misses: Vec<Miss>,
}

/// Who puts a value in.
#[derive(Clone, Copy)]
enum Writer {
    One(usize),
    Several,
}

/// Of one agent: acknowledged writes by their calls, and of each and all later ones the first to return.
type Suffix = Vec<(EventId, (EventId, usize))>;

impl Seen {
    /// Of registers that start with `initial`; `None` where some operation has no words, or it is time to stop.
    pub(super) fn of_registers<M: Model>(
        model: &M,
        parts: &[Part<M::Op>],
        history: &History,
        initial: ValueId,
        agents: &Agents,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let mut seen = Self::default();
        for (at, part) in parts.iter().enumerate() {
            let touches = Touch::all(model, part, goes_on)?;
            seen.look(at, part, history, &touches, initial, agents, goes_on)?;
        }
        seen.sights.sort_by_key(|sight| sight.since);
        Some(seen)
    }

    #[expect(clippy::too_many_arguments, reason = "one part of what `of_registers` is given")]
    fn look<Op>(
        &mut self,
        number: usize,
        part: &Part<Op>,
        history: &History,
        touches: &[Touch],
        initial: ValueId,
        agents: &Agents,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<()> {
        let mut writers: FxHashMap<ValueId, Writer> = FxHashMap::default();
        let mut by_agent: Vec<Suffix> = vec![Vec::new(); agents.count()];
        for (at, (entry, touch)) in part.entries.iter().zip(touches).enumerate() {
            let Some(value) = touch.put else { continue };
            let known = writers.entry(value);
            known.and_modify(|writer| *writer = Writer::Several).or_insert(Writer::One(at));
            let is_acknowledged = history.operation(entry.id).ret().is_some();
            if let (Some(ret), Some(agent), true) = (entry.ret, agents.of(entry.id), is_acknowledged) {
                by_agent[agent as usize].push((entry.call, (ret, at)));
                self.puts.push(Put { part: number, agent, call: entry.call, ret, value });
            }
        }
        let mut by_any: Suffix = by_agent.concat();
        by_any.sort_unstable();
        by_agent.iter_mut().chain([&mut by_any]).for_each(first_of_all_later);
        for (at, (entry, touch)) in part.entries.iter().zip(touches).enumerate() {
            if at.is_multiple_of(BLOCK) && !goes_on() {
                return None;
            }
            let (Some(value), Some(ret), Some(reader)) = (touch.saw, entry.ret, agents.of(entry.id)) else {
                continue;
            };
            let since = match writers.get(&value) {
                None if value == initial => None,
                Some(&Writer::One(writer)) if value != initial && writer != at => {
                    let write = &part.entries[writer];
                    if let Some(writer) = agents.of(write.id) {
                        let (read, call) = (entry.id, entry.call);
                        let since = write.call;
                        self.sights.push(Sight {
                            read,
                            part: number,
                            writer,
                            reader,
                            value,
                            since,
                            call,
                            ret,
                        });
                    }
                    let Some(written) = write.ret else { continue };
                    Some(written)
                }
                _ => continue,
            };
            let missed = |suffix: &Suffix| {
                let from = suffix.partition_point(|&(call, _)| since.is_some_and(|since| call < since));
                suffix.get(from).map(|&(_, first)| first).filter(|&(written, _)| written < entry.call)
            };
            // As a rule there is none.
            if missed(&by_any).is_none() {
                continue;
            }
            // Whoever is cut off misses nothing of its own side, so that of many agents the first tell enough.
            let all = (0..).zip(&by_agent).filter_map(|(writer, suffix)| Some((writer, missed(suffix)?)));
            let most = if agents.count() > FEW { FIRST } else { FEW };
            for (writer, (_, write)) in all.take(most) {
                let zone = (since.unwrap_or(EventId(0)), entry.call);
                let write = &part.entries[write];
                let (since, write, read) = (write.call, write.id, entry.id);
                self.misses.push(Miss { write, read, part: number, writer, reader, since, zone, ret });
            }
        }
        Some(())
    }
}

/// Makes of each return the first among it and those of all later calls.
fn first_of_all_later(suffix: &mut Suffix) {
    let mut first: Option<(EventId, usize)> = None;
    for (_, this) in suffix.iter_mut().rev() {
        let earliest = first.map_or(*this, |first| first.min(*this));
        (*this, first) = (earliest, Some(earliest));
    }
}
