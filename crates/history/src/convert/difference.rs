//! Whether a history that was read again is the one that was written.

use rustc_hash::FxHashMap;

use crate::operation::{Answer, Completion, EventId, Fault, History, OpId, Operation};
use crate::value::{Value, ValueId, Values};

/// What is not the same in two histories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub what: &'static str,
    /// In which operation; `None` where it is in none.
    pub operation: Option<OpId>,
}

/// The first difference between two histories; `None` where operations, their order and their times, faults, and what is
/// declared are the same. Calls next to each other may have changed places, and so may ends: no model can tell.
pub fn difference(one: &History, other: &History) -> Option<Difference> {
    let of = |what| Some(Difference { what, operation: None });
    if one.operations.len() != other.operations.len() {
        return of("the number of operations");
    }
    let mut same = Same { one: &one.values, other: &other.values, known: FxHashMap::default() };
    let ranks = (ranks(one), ranks(other));
    for (at, (a, b)) in one.operations.iter().zip(&other.operations).enumerate() {
        if let Some(what) = in_operation(&mut same, a, b) {
            return Some(Difference { what, operation: Some(OpId(at as u32)) });
        }
        if one.told(a) != other.told(b) {
            return Some(Difference { what: "the attempt or the stamp", operation: Some(OpId(at as u32)) });
        }
        let rank = |ranks: &[u32], event: EventId| ranks.get(event.0 as usize).copied();
        let place = |ranks: &[u32], of: &Operation| {
            (rank(ranks, of.call.event), of.end.map(|end| rank(ranks, end.event)))
        };
        if place(&ranks.0, a) != place(&ranks.1, b) {
            return Some(Difference { what: "the order", operation: Some(OpId(at as u32)) });
        }
    }
    let faults = |history: &History| {
        let mut all: Vec<String> =
            history.faults.iter().map(|fault| told_fault(&history.values, fault)).collect();
        all.sort_unstable();
        all
    };
    if faults(one) != faults(other) {
        return of("the faults");
    }
    let (a, b) = (&one.declared, &other.declared);
    if !same.option(a.initial, b.initial) {
        return of("the initial value");
    }
    if (&a.model, a.nil_read, a.failed_cas, a.ties, a.order)
        != (&b.model, b.nil_read, b.failed_cas, b.ties, b.order)
    {
        return of("what is declared");
    }
    None
}

fn in_operation(same: &mut Same<'_>, a: &Operation, b: &Operation) -> Option<&'static str> {
    let answer = |operation: &Operation| match operation.completion {
        Completion::Ok(answer) | Completion::Fail(answer) => answer,
        Completion::Unknown => Answer::default(),
    };
    let (x, y) = (answer(a), answer(b));
    let of = [
        ("the process", Some(a.process), Some(b.process)),
        ("the function", Some(a.function), Some(b.function)),
        ("the key", a.key, b.key),
        ("the argument", a.argument, b.argument),
        ("the answer", x.value, y.value),
        ("the result", x.result, y.result),
        ("the error", a.error, b.error),
        ("the node", a.node, b.node),
    ];
    if let Some((what, ..)) = of.into_iter().find(|&(_, one, other)| !same.option(one, other)) {
        return Some(what);
    }
    if std::mem::discriminant(&a.completion) != std::mem::discriminant(&b.completion) {
        return Some("the outcome");
    }
    let times = |of: &Operation| (of.call.time, of.end.map(|end| end.time));
    (times(a) != times(b)).then_some("the times")
}

/// For each event, how often calls and ends took turns before it.
fn ranks(history: &History) -> Vec<u32> {
    let mut is_end = vec![false; history.events];
    for end in history.operations.iter().filter_map(|operation| operation.end) {
        is_end[end.event.0 as usize] = true;
    }
    let (mut rank, mut before) = (0, false);
    let each = is_end.into_iter().map(|is_end| {
        rank += u32::from(is_end != before);
        before = is_end;
        rank
    });
    each.collect()
}

/// Which values of two histories are the same. Equal values of one history have equal numbers, so each is looked at once.
struct Same<'a> {
    one: &'a Values,
    other: &'a Values,
    known: FxHashMap<ValueId, ValueId>,
}

impl Same<'_> {
    fn option(&mut self, a: Option<ValueId>, b: Option<ValueId>) -> bool {
        match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => match self.known.get(&a) {
                Some(&known) => known == b,
                None => {
                    let is_same = told(self.one, a) == told(self.other, b);
                    if is_same {
                        self.known.insert(a, b);
                    }
                    is_same
                }
            },
            _ => false,
        }
    }
}

/// A value as a text that no other value has.
pub(super) fn told(values: &Values, id: ValueId) -> String {
    let all = |items: &[ValueId]| items.iter().map(|&item| told(values, item)).collect::<Vec<_>>();
    match values.get(id) {
        Value::List(items) => format!("[{}]", all(items).join(" ")),
        Value::Set(items) => {
            let mut items = all(items);
            items.sort_unstable();
            format!("#{{{}}}", items.join(" "))
        }
        Value::Map(pairs) => {
            let pairs =
                pairs.iter().map(|&(key, held)| format!("{} {}", told(values, key), told(values, held)));
            let mut pairs: Vec<_> = pairs.collect();
            pairs.sort_unstable();
            format!("{{{}}}", pairs.join(","))
        }
        plain => format!("{plain:?}"),
    }
}

fn told_fault(values: &Values, fault: &Fault) -> String {
    let option = |value: Option<ValueId>| value.map(|value| told(values, value));
    let who = (told(values, fault.process), option(fault.name), option(fault.value), option(fault.node));
    format!("{who:?} {:?} {:?} {:?}", fault.start.event, fault.start.time, fault.end)
}
