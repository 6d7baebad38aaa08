//! Who saw what somebody had added to a set, and who did not although it was there.
//!
//! Elements count that one operation adds and nobody removes, or tries to. A look *misses* one if the add had returned when
//! it was called: so it is for every such element, whatever else the look saw. What is missed in front of something that
//! was seen is left aside: it may be lost since long. O(what was read + agents · looks · log n).

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{EventId, History, OpId, ValueId};
use seriatim_model::{Access, Model, Part};

use super::agents::Agents;
use super::sights::{Miss, Put, Seen, Sight};
use crate::words::{self, Word};

/// Among more agents nobody is looked for.
const AGENTS: usize = 64;

/// Of what one look misses of one agent so much is looked through, the latest first.
const TAIL: usize = 1 << 14;

/// An element that was acknowledged.
#[derive(Clone, Copy)]
struct Element {
    op: OpId,
    value: ValueId,
    agent: u32,
    call: EventId,
    ret: EventId,
}

impl Seen {
    /// Of sets; nothing where there are too many agents, and `None` where some operation has no words, or it is time to
    /// stop.
    pub(super) fn of_sets<M: Model>(
        model: &M,
        parts: &[Part<M::Op>],
        history: &History,
        agents: &Agents,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let mut seen = Self::default();
        if agents.count() > AGENTS {
            return Some(seen);
        }
        // Where elements are decided one by one, each is a part of one set.
        let mut sets: FxHashMap<Option<ValueId>, usize> = FxHashMap::default();
        for part in parts {
            let next = sets.len();
            let at = *sets.entry(part.key).or_insert(next);
            let words = words::of(model, part, goes_on)?;
            let set = Set::new(at, &words, history, agents);
            for word in words.iter().filter(|word| word.has_happened()) {
                if !goes_on() {
                    return None;
                }
                set.look(word, agents, &mut seen);
            }
            seen.puts.extend(set.elements.values().map(|element| Put {
                part: at,
                agent: element.agent,
                call: element.call,
                ret: element.ret,
                value: element.value,
            }));
        }
        seen.once();
        Some(seen)
    }

    /// Keeps of what an agent saw of a value only the first sight, and the last one aside: what it saw in between tells no
    /// more.
    fn once(&mut self) {
        let mut last: FxHashMap<(usize, ValueId, u32), Sight> = FxHashMap::default();
        self.sights.sort_by_key(|sight| sight.ret);
        self.sights.retain(|sight| {
            let known = last.insert((sight.part, sight.value, sight.reader), *sight);
            known.is_none()
        });
        self.later.extend(last.into_values());
        self.later.sort_by_key(|sight| sight.ret);
        self.sights.sort_by_key(|sight| (sight.since, sight.ret));
        self.puts.sort_by_key(|put| put.call);
    }
}

/// The elements of one set.
struct Set {
    part: usize,
    elements: FxHashMap<ValueId, Element>,
    /// Of each agent, in the order of the calls.
    by_agent: Vec<Vec<Element>>,
}

impl Set {
    fn new(part: usize, words: &[Word], history: &History, agents: &Agents) -> Self {
        let mut adders: FxHashMap<ValueId, usize> = FxHashMap::default();
        let mut removed: FxHashSet<ValueId> = FxHashSet::default();
        for word in words {
            match word.access {
                Access::Add(value) | Access::Added(value) => *adders.entry(value).or_default() += 1,
                Access::Remove(value) | Access::Removed(value) => _ = removed.insert(value),
                _ => {}
            }
        }
        let mut set =
            Self { part, elements: FxHashMap::default(), by_agent: vec![Vec::new(); agents.count()] };
        for word in words {
            let (Access::Add(value) | Access::Added(value)) = word.access else { continue };
            let operation = history.operation(word.id);
            let (Some(ret), Some(agent)) = (operation.ret(), agents.of(word.id)) else { continue };
            if adders[&value] > 1 || removed.contains(&value) {
                continue;
            }
            let element = Element { op: word.id, value, agent, call: operation.call.event, ret };
            set.elements.insert(value, element);
            set.by_agent[agent as usize].push(element);
        }
        set
    }

    /// What one operation saw and missed.
    fn look(&self, word: &Word, agents: &Agents, seen: &mut Seen) {
        let Some(reader) = agents.of(word.id) else { return };
        let [call, ret] = [word.call, word.ret].map(|event| EventId(event as u32));
        let part = self.part;
        let sight = |element: &Element| Sight {
            read: word.id,
            part,
            writer: element.agent,
            reader,
            value: element.value,
            since: element.call,
            call,
            ret,
        };
        let miss = |element: &Element| Miss {
            write: element.op,
            read: word.id,
            part,
            writer: element.agent,
            reader,
            since: element.call,
            zone: (element.ret, call),
            ret,
        };
        seen.sights
            .extend(words::seen(&word.access).iter().filter_map(|value| self.elements.get(value)).map(sight));
        match &word.access {
            Access::Absent(value) => {
                let element = self.elements.get(value).filter(|element| element.ret < call);
                seen.misses.extend(element.map(miss));
            }
            Access::ReadAll(values) => {
                for all in &self.by_agent {
                    let before = all.partition_point(|element| element.call < call);
                    let is_missed = |element: &&Element| values.binary_search(&element.value).is_err();
                    let tail = all[..before].iter().rev().take(TAIL).take_while(is_missed);
                    let mut missed = tail.filter(|element| element.ret < call);
                    // The latest tells most about when, and the earliest most about how long.
                    let latest = missed.next();
                    seen.misses.extend(latest.into_iter().chain(missed.last()).map(miss));
                }
            }
            _ => {}
        }
    }
}
