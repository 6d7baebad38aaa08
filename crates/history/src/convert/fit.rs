//! Makes of a history what a format can hold.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Target;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operation::{Answer, Completion, EventId, Fault, History, Operation};
use crate::value::{Value, ValueId, Values};

/// Changes what the format cannot hold where that changes no meaning, and notes it.
///
/// # Errors
/// Operations that the format cannot hold.
pub(super) fn fit(history: &mut History, target: Target, notes: &mut Vec<String>) -> Result<(), Diagnostics> {
    number_clients(history, notes);
    name_others(history, notes);
    match target {
        Target::Edn => {
            one_at_a_time(history)?;
            only_truth(history)?;
            two_events(history, notes);
            errors_to_texts(history, notes);
        }
        Target::Jsonl | Target::Intervals => {
            only_names(history, notes)?;
            sets_to_lists(history, notes);
            nil_is_nothing(history);
        }
    }
    if target != Target::Intervals {
        errors_of_ends(history, notes);
    }
    Ok(())
}

fn times(count: usize, one: &str, more: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {more}") }
}

/// Gives clients that are no integers numbers that nobody has.
fn number_clients(history: &mut History, notes: &mut Vec<String>) {
    /// As many as a person reads.
    const TOLD: usize = 8;
    let History { operations, values, .. } = history;
    let known = operations.iter().filter_map(|operation| values.as_int(operation.process));
    let mut free = known.max().unwrap_or(-1);
    let mut numbers: FxHashMap<ValueId, ValueId> = FxHashMap::default();
    let mut told = Vec::new();
    for operation in operations {
        let process = operation.process;
        if values.as_int(process).is_some() {
            continue;
        }
        operation.process = *numbers.entry(process).or_insert_with(|| {
            free = free.saturating_add(1);
            if told.len() < TOLD {
                told.push(format!("{} is {free}", values.show(process)));
            }
            values.int(free)
        });
    }
    if !numbers.is_empty() {
        let more = if numbers.len() > TOLD { ", …" } else { "" };
        let clients =
            times(numbers.len(), "client that is no integer was", "clients that are no integers were");
        notes.push(format!("{clients} numbered: {}{more}", told.join(", ")));
    }
}

/// Names what did a fault, where that could be taken for a client.
fn name_others(history: &mut History, notes: &mut Vec<String>) {
    let History { faults, values, .. } = history;
    let mut count = 0;
    for fault in faults {
        let is_name = |text: &str| text.parse::<i128>().is_err() && !text.starts_with(':');
        if !values.as_text(fault.process).is_some_and(is_name) {
            fault.process = values.text("nemesis");
            count += 1;
        }
    }
    if count > 0 {
        let what = times(
            count,
            "fault whose process could be taken for a client is",
            "faults whose processes could be taken for clients are",
        );
        notes.push(format!("{what} of process `nemesis`"));
    }
}

/// Whether some client had several operations open at once.
pub(super) fn overlapping(operations: &[Operation]) -> Option<&Operation> {
    let mut latest: FxHashMap<ValueId, Option<EventId>> = FxHashMap::default();
    operations.iter().find(|operation| {
        let end = operation.end.map(|end| end.event);
        let before = latest.insert(operation.process, end);
        before.is_some_and(|before| before.is_none_or(|before| before > operation.call.event))
    })
}

/// Events of EDN are paired by their processes, and by nothing else.
fn one_at_a_time(history: &History) -> Result<(), Diagnostics> {
    let Some(operation) = overlapping(&history.operations) else { return Ok(()) };
    let process = history.values.show(operation.process);
    let message = format!(
        "process {process} has several operations open at once, and EDN has no `id` to pair their events"
    );
    let help = "write it with `--to jsonl` or `--to intervals`";
    Err(one(Diagnostic::error(operation.call.span, message).help(help)))
}

/// A result in EDN is `true` or `false`; anything else there is what some client liked to write.
fn only_truth(history: &History) -> Result<(), Diagnostics> {
    let is_other = |answer: Answer| {
        answer.result.is_some_and(|result| !matches!(result, ValueId::TRUE | ValueId::FALSE))
    };
    let mut errors = Diagnostics::new();
    for operation in &history.operations {
        if let Completion::Ok(answer) | Completion::Fail(answer) = operation.completion
            && is_other(answer)
        {
            let message = "a result in EDN is `true` or `false`, and this is neither";
            let span = operation.end.map_or(operation.call.span, |end| end.span);
            errors.push(
                Diagnostic::error(span, message).help("write it with `--to jsonl` or `--to intervals`"),
            );
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Makes texts of errors that are vectors or maps: of EDN, such an error is read as its text.
fn errors_to_texts(history: &mut History, notes: &mut Vec<String>) {
    let History { operations, values, .. } = history;
    let mut count = 0;
    for error in operations.iter_mut().filter_map(|operation| operation.error.as_mut()) {
        if matches!(values.get(*error), Value::List(_) | Value::Set(_) | Value::Map(_)) {
            let text = values.show(*error);
            *error = values.text(&text);
            count += 1;
        }
    }
    if count > 0 {
        let what = times(count, "error that is a vector or a map is", "errors that are vectors or maps are");
        notes.push(format!("{what} written as text"));
    }
}

/// Makes two events of a fault that one record tells whole.
fn two_events(history: &mut History, notes: &mut Vec<String>) {
    let whole = history.faults.iter().filter(|fault| fault.end.is_some()).count();
    if whole == 0 {
        return;
    }
    let what =
        times(whole, "fault with its beginning and end is", "faults with their beginnings and ends are");
    notes.push(format!("{what} written as two events, `start-…` and `stop-…`"));
    let after = event_after(history);
    let mut faults = Vec::with_capacity(history.faults.len() + whole);
    for fault in std::mem::take(&mut history.faults) {
        let Some(to) = fault.end else {
            faults.push(fault);
            continue;
        };
        let name = fault.name.map_or_else(String::new, |name| match history.values.as_text(name) {
            Some(text) => text.to_owned(),
            None => history.values.show(name),
        });
        let mut point = fault.start;
        // Without a name of its own, a fault is one of nodes; they are its value where it has no other.
        let value = fault.value.or(fault.node);
        for (word, time) in [("start", fault.start.time), ("stop", Some(to))] {
            point.event = time.map_or(fault.start.event, &after);
            point.time = time;
            let name = Some(history.values.text(&format!("{word}-{name}")));
            faults.push(Fault { name, value, start: point, end: None, ..fault.clone() });
        }
    }
    faults.sort_by_key(|fault| fault.start.event);
    history.faults = faults;
}

/// For each time, the first event of a client that is recorded then or later.
pub(super) fn event_after(history: &History) -> impl Fn(i64) -> EventId + 'static {
    let mut points: Vec<(i64, EventId)> = Vec::new();
    for operation in &history.operations {
        let all = [Some(operation.call), operation.end];
        points.extend(all.into_iter().flatten().filter_map(|point| Some((point.time?, point.event))));
    }
    points.sort_unstable();
    for at in (1..points.len()).rev() {
        points[at - 1].1 = points[at - 1].1.min(points[at].1);
    }
    let last = EventId(u32::try_from(history.events).unwrap_or(u32::MAX));
    move |time| {
        let at = points.partition_point(|&(known, _)| known < time);
        points.get(at).map_or(last, |&(_, event)| event)
    }
}

/// Refuses maps whose keys are no texts: an object has no others. Those of faults become texts.
fn only_names(history: &mut History, notes: &mut Vec<String>) -> Result<(), Diagnostics> {
    let mut odd = Odd { values: &history.values, known: FxHashMap::default() };
    let mut errors = Diagnostics::new();
    for operation in &history.operations {
        if asked_and_answered(operation).any(|value| odd.is_odd(value)) {
            let message = "a map whose keys are no texts cannot be written in JSON";
            errors.push(Diagnostic::error(operation.call.span, message).help("write it with `--to edn`"));
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let aside = |operation: &Operation| [operation.error, operation.node];
    let told: FxHashSet<ValueId> = {
        let of_operations = history.operations.iter().flat_map(aside);
        let of_faults = history.faults.iter().flat_map(|fault| [fault.value, fault.node, fault.name]);
        of_operations.chain(of_faults).flatten().filter(|&value| odd.is_odd(value)).collect()
    };
    if told.is_empty() {
        return Ok(());
    }
    let texts: FxHashMap<ValueId, ValueId> = told
        .into_iter()
        .map(|value| {
            let text = history.values.show(value);
            (value, history.values.text(&text))
        })
        .collect();
    let mut count = 0;
    let mut replace = |value: &mut Option<ValueId>| {
        if let Some(text) = value.and_then(|value| texts.get(&value)) {
            *value = Some(*text);
            count += 1;
        }
    };
    for operation in &mut history.operations {
        replace(&mut operation.error);
        replace(&mut operation.node);
    }
    for fault in &mut history.faults {
        [&mut fault.value, &mut fault.node, &mut fault.name].into_iter().for_each(&mut replace);
    }
    let what = times(count, "detail of faults and errors is", "details of faults and errors are");
    notes.push(format!("{what} written as text: JSON has no maps whose keys are no texts"));
    Ok(())
}

/// What an operation asked and was answered, and the object.
fn asked_and_answered(operation: &Operation) -> impl Iterator<Item = ValueId> {
    let answer = match operation.completion {
        Completion::Ok(answer) | Completion::Fail(answer) => answer,
        Completion::Unknown => Answer::default(),
    };
    [operation.key, operation.argument, answer.value, answer.result].into_iter().flatten()
}

/// Which values have a map whose keys are no texts.
struct Odd<'a> {
    values: &'a Values,
    known: FxHashMap<ValueId, bool>,
}

impl Odd<'_> {
    fn is_odd(&mut self, id: ValueId) -> bool {
        let values = self.values;
        match values.get(id) {
            Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Text(_) => return false,
            _ => {}
        }
        if let Some(&known) = self.known.get(&id) {
            return known;
        }
        let is_odd = match values.get(id) {
            Value::List(items) | Value::Set(items) => items.iter().any(|&item| self.is_odd(item)),
            Value::Map(pairs) => {
                pairs.iter().any(|&(key, held)| values.as_text(key).is_none() || self.is_odd(held))
            }
            _ => false,
        };
        self.known.insert(id, is_odd);
        is_odd
    }
}

/// Makes lists of sets, which JSON does not have.
fn sets_to_lists(history: &mut History, notes: &mut Vec<String>) {
    let mut lists = Lists { values: &mut history.values, known: FxHashMap::default() };
    let mut count = 0;
    let mut replace = |value: &mut Option<ValueId>| {
        if let Some(was) = *value {
            let list = lists.of(was);
            count += usize::from(list != was);
            *value = Some(list);
        }
    };
    for operation in &mut history.operations {
        [&mut operation.key, &mut operation.argument, &mut operation.error, &mut operation.node]
            .into_iter()
            .for_each(&mut replace);
        if let Completion::Ok(answer) | Completion::Fail(answer) = &mut operation.completion {
            replace(&mut answer.value);
            replace(&mut answer.result);
        }
    }
    for fault in &mut history.faults {
        [&mut fault.value, &mut fault.node, &mut fault.name].into_iter().for_each(&mut replace);
    }
    replace(&mut history.declared.initial);
    if count > 0 {
        let what = times(count, "value has a set", "values have sets");
        notes.push(format!("{what}, written as lists: JSON has none"));
    }
}

struct Lists<'a> {
    values: &'a mut Values,
    known: FxHashMap<ValueId, ValueId>,
}

impl Lists<'_> {
    fn of(&mut self, id: ValueId) -> ValueId {
        let (items, pairs) = match self.values.get(id) {
            Value::List(items) | Value::Set(items) => (Some(items.to_vec()), Vec::new()),
            Value::Map(pairs) => (None, pairs.to_vec()),
            _ => return id,
        };
        if let Some(&known) = self.known.get(&id) {
            return known;
        }
        let list = match items {
            Some(items) => {
                let items: Vec<_> = items.into_iter().map(|item| self.of(item)).collect();
                self.values.list(items)
            }
            None => {
                let pairs = pairs.into_iter().map(|(key, held)| (key, self.of(held))).collect();
                self.values.map(pairs)
            }
        };
        self.known.insert(id, list);
        list
    }
}

/// In JSON, `null` is the same as leaving a field out, but for a `value`.
fn nil_is_nothing(history: &mut History) {
    let drop_nil = |value: &mut Option<ValueId>| *value = value.filter(|&value| value != ValueId::NIL);
    for operation in &mut history.operations {
        drop_nil(&mut operation.error);
        drop_nil(&mut operation.node);
        if let Completion::Ok(answer) | Completion::Fail(answer) = &mut operation.completion {
            drop_nil(&mut answer.result);
        }
    }
    for fault in &mut history.faults {
        drop_nil(&mut fault.node);
        drop_nil(&mut fault.name);
    }
}

/// An event that never came has no error.
fn errors_of_ends(history: &mut History, notes: &mut Vec<String>) {
    let without_end = history.operations.iter_mut().filter(|operation| operation.end.is_none());
    let lost = without_end.filter_map(|operation| operation.error.take()).count();
    if lost > 0 {
        let what = times(
            lost,
            "error of an operation without an end has",
            "errors of operations without an end have",
        );
        notes.push(format!("{what} no event to stand in; `--to intervals` keeps them"));
    }
}

fn one(error: Diagnostic) -> Diagnostics {
    let mut errors = Diagnostics::new();
    errors.push(error);
    errors
}
