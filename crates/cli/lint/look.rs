//! Looks for what the rules speak of: each in one pass over the operations.

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{
    Answer, Completion, EventId, History, Note, Operation, Span, Value, ValueId, windows,
};
use seriatim_model::ModelName;

use super::rules::{Rule, rule};
use crate::stats;

/// As many places as are shown.
pub(super) const SHOWN: usize = 3;

/// What a rule found.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) rule: &'static Rule,
    /// What of this recording.
    pub(super) message: String,
    /// How often.
    pub(super) count: usize,
    /// The first places; none where it is about the whole.
    pub(super) places: Vec<Span>,
}

/// Functions that look and change nothing.
const LOOKS: &[&str] = &[
    "read",
    "get",
    "peek",
    "contains",
    "size",
    "range",
    "peek-front",
    "peek_front",
    "peek-back",
    "peek_back",
];

/// Functions that put a value somewhere.
const PUTS: &[&str] = &["write", "put", "enqueue", "enq", "push", "append", "insert", "add"];

/// What errors say where nobody knows what happened.
const LOST: &[&str] = &[
    "timeout",
    "timed out",
    "time-out",
    "timed-out",
    "deadline exceeded",
    "connection reset",
    "connection-reset",
    "reset by peer",
    "broken pipe",
    "connection closed",
    "closed connection",
    "socket closed",
    "connection lost",
    "connection-lost",
    "end of file",
    "eof",
    "indeterminate",
];

/// Places that are counted, of which the first are kept.
#[derive(Default)]
struct Places {
    count: usize,
    first: Vec<Span>,
}

impl Places {
    fn add(&mut self, span: Span) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push(span);
        }
    }

    fn of(spans: impl Iterator<Item = Span>) -> Self {
        let mut places = Self::default();
        spans.for_each(|span| places.add(span));
        places
    }

    /// A finding, if there is any place.
    fn found(self, code: &str, message: impl FnOnce(usize) -> String, all: &mut Vec<Finding>) {
        if self.count > 0 {
            all.push(Finding {
                rule: rule(code),
                message: message(self.count),
                count: self.count,
                places: self.first,
            });
        }
    }
}

fn whole(code: &str, message: String, all: &mut Vec<Finding>) {
    all.push(Finding { rule: rule(code), message, count: 1, places: Vec::new() });
}

/// All that is found in a history. `model` is the one that it would be checked against.
pub(super) fn look(history: &History, model: Option<ModelName>) -> Vec<Finding> {
    let mut all = Vec::new();
    let names = Functions::of(history);
    repeated(history, model, &names, &mut all);
    clocks(history, &mut all);
    lost_answers(history, &names, &mut all);
    fails_at_once(history, &names, &mut all);
    let is_empty = |op: &&Operation| {
        names.looks(op) && matches!(op.completion, Completion::Ok(Answer { value: None, result: None }))
    };
    let empty = history.operations.iter().filter(is_empty);
    let places = Places::of(empty.map(|op| op.end.map_or(op.call.span, |end| end.span)));
    places.found(
        "HIS005",
        |count| of(count, "read is ok without a value", "reads are ok without a value"),
        &mut all,
    );
    never_completed(history, &mut all);
    let overlapping = stats::overlapping(history).into_iter().filter(|&overlaps| overlaps).count();
    let total = history.operations.len();
    if total >= 10 && overlapping * 100 < total {
        whole("HIS008", format!("{overlapping} of {total} operations overlap another one"), &mut all);
    }
    reads(history, model, &names, &mut all);
    if history.faults.is_empty() && total > 0 {
        whole("HIS012", "no fault is recorded".to_owned(), &mut all);
    }
    lonely_keys(history, &mut all);
    for window in windows(history) {
        if window.end.is_none() && window.to.is_none() {
            let name = history.values.show(window.name);
            let of_it = history
                .faults
                .iter()
                .filter(|fault| fault.name == Some(window.name) && fault.start.time == window.from);
            let span = of_it.map(|fault| fault.start.span).next();
            let places = Places::of(span.into_iter());
            match places.count {
                0 => whole("HIS014", format!("the fault {name} never ends"), &mut all),
                _ => places.found("HIS014", |_| format!("the fault {name} never ends"), &mut all),
            }
        }
    }
    notes(history, &mut all);
    let unknown = history.operations.iter().filter(|op| op.completion == Completion::Unknown).count();
    if total >= 10 && unknown * 5 >= total {
        whole("HIS016", format!("{unknown} of {total} operations are of unknown outcome"), &mut all);
    }
    all.sort_by_key(|finding| finding.rule.code);
    all
}

fn of(count: usize, one: &str, more: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {more}") }
}

/// What the functions of a history are, by their names.
struct Functions {
    look: FxHashSet<ValueId>,
    put: FxHashSet<ValueId>,
}

impl Functions {
    fn of(history: &History) -> Self {
        let names: FxHashSet<ValueId> =
            history.operations.iter().map(|operation| operation.function).collect();
        let among = |known: &[&str]| {
            let is_known = |name: &ValueId| {
                let text = history.values.as_text(*name).unwrap_or_default();
                known.iter().any(|known| known.eq_ignore_ascii_case(text))
            };
            names.iter().copied().filter(is_known).collect()
        };
        Self { look: among(LOOKS), put: among(PUTS) }
    }

    fn looks(&self, operation: &Operation) -> bool {
        self.look.contains(&operation.function)
    }

    fn puts(&self, operation: &Operation) -> bool {
        self.put.contains(&operation.function)
    }
}

/// Models whose reads tell values that were put there.
fn tells_values(model: Option<ModelName>) -> bool {
    use ModelName::{CasRegister, Kv, Log, MultiRegister, Register, Set};
    model.is_some_and(|model| matches!(model, Register | CasRegister | MultiRegister | Kv | Set | Log))
}

fn repeated(history: &History, model: Option<ModelName>, names: &Functions, all: &mut Vec<Finding>) {
    if model == Some(ModelName::Counter) {
        return;
    }
    let mut seen = FxHashSet::default();
    let mut places = Places::default();
    for operation in history.operations.iter().filter(|operation| names.puts(operation)) {
        // What certainly did not happen was not written.
        let Some(value) = operation.argument.filter(|_| !matches!(operation.completion, Completion::Fail(_)))
        else {
            continue;
        };
        if !seen.insert((operation.key, operation.function, value)) {
            places.add(operation.call.span);
        }
    }
    let message = |count| {
        of(
            count,
            "write of a value that its key had been given before",
            "writes of values that their keys had been given before",
        )
    };
    places.found("HIS001", message, all);
}

fn clocks(history: &History, all: &mut Vec<Finding>) {
    let mut events: Vec<(EventId, ValueId, Option<i64>, Span)> = Vec::with_capacity(history.events);
    for operation in &history.operations {
        for point in [Some(operation.call), operation.end].into_iter().flatten() {
            events.push((point.event, operation.process, point.time, point.span));
        }
    }
    events.sort_unstable_by_key(|&(event, ..)| event);
    let mut latest: FxHashMap<ValueId, i64> = FxHashMap::default();
    let mut places = Places::default();
    for (_, process, time, span) in events {
        // Jepsen writes -1 where it does not know.
        let Some(time) = time.filter(|&time| time >= 0) else { continue };
        let before = latest.entry(process).or_insert(time);
        if time < *before {
            places.add(span);
        }
        *before = time;
    }
    places.found(
        "HIS002",
        |count| {
            of(
                count,
                "event is earlier than the one before it of its process",
                "events are earlier than those before them of their processes",
            )
        },
        all,
    );
}

/// Failures of what may change something, whose errors say that nobody knows.
fn lost_answers(history: &History, names: &Functions, all: &mut Vec<Finding>) {
    let mut known: FxHashMap<ValueId, bool> = FxHashMap::default();
    let mut places = Places::default();
    let mut functions = Vec::new();
    for operation in &history.operations {
        let Completion::Fail(answer) = operation.completion else { continue };
        if names.looks(operation) {
            continue;
        }
        let mut speaks = |value: ValueId| {
            *known.entry(value).or_insert_with(|| {
                let text = history.values.show(value).to_ascii_lowercase();
                LOST.iter().any(|word| says(&text, word))
            })
        };
        // Some clients put the error where the value stands.
        let in_value =
            answer.value.filter(|&value| Some(value) != operation.argument && is_text(history, value));
        if operation.error.is_some_and(&mut speaks) || in_value.is_some_and(&mut speaks) {
            places.add(operation.end.map_or(operation.call.span, |end| end.span));
            let function = history.function(operation);
            if !functions.contains(&function) {
                functions.push(function);
            }
        }
    }
    let functions = functions.join(",");
    places.found(
        "HIS003",
        |count| {
            format!(
                "{} (f={functions})",
                of(
                    count,
                    "timeout or lost connection is recorded as `fail`",
                    "timeouts or lost connections are recorded as `fail`"
                )
            )
        },
        all,
    );
}

/// Whether a text has a word, and not as a piece of another one.
fn says(text: &str, word: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let mut places = text.match_indices(word).map(|(at, _)| at);
    places.any(|at| {
        word.len() > 4
            || !is_letter(text[..at].chars().next_back())
                && !is_letter(text[at + word.len()..].chars().next())
    })
}

fn is_text(history: &History, value: ValueId) -> bool {
    matches!(history.values.get(value), Value::Text(_))
}

/// Functions most of whose failures took about as long as the longest, ten times as long as half of what is ok.
fn fails_at_once(history: &History, names: &Functions, all: &mut Vec<Finding>) {
    const FEWEST: usize = 3;
    let took = |operation: &Operation| Some(operation.end?.time?.saturating_sub(operation.call.time?));
    let mut ok: FxHashMap<ValueId, Vec<i64>> = FxHashMap::default();
    let mut failed: FxHashMap<ValueId, Vec<(i64, Span)>> = FxHashMap::default();
    let mut order = Vec::new();
    for operation in history.operations.iter().filter(|operation| !names.looks(operation)) {
        let Some(latency) = took(operation) else { continue };
        match operation.completion {
            Completion::Ok(_) => ok.entry(operation.function).or_default().push(latency),
            Completion::Fail(_) => {
                let of = failed.entry(operation.function).or_insert_with(|| {
                    order.push(operation.function);
                    Vec::new()
                });
                of.push((latency, operation.end.map_or(operation.call.span, |end| end.span)));
            }
            Completion::Unknown => {}
        }
    }
    for function in order {
        let (Some(fails), Some(oks)) = (failed.get(&function), ok.get_mut(&function)) else { continue };
        oks.sort_unstable();
        let median = oks[(oks.len() - 1) / 2].max(1);
        let longest = fails.iter().map(|&(latency, _)| latency).max().unwrap_or(0);
        let near = fails.iter().filter(|&&(latency, _)| latency >= longest / 10 * 9);
        let places = Places::of(near.map(|&(_, span)| span));
        if places.count >= FEWEST && 2 * places.count > fails.len() && longest / 10 >= median {
            let name = history.values.as_text(function).unwrap_or_default();
            let times = (stats::duration(longest), stats::duration(median));
            let message = |count| {
                format!(
                    "{count} of {} failures of `{name}` took about {}; half of what is ok took no more than {}",
                    fails.len(),
                    times.0,
                    times.1
                )
            };
            places.found("HIS004", message, all);
        }
    }
}

/// Invocations that nothing completes. A record of a whole operation says itself that it has no end.
fn never_completed(history: &History, all: &mut Vec<Finding>) {
    if history
        .operations
        .iter()
        .any(|operation| operation.end.is_some_and(|end| end.span == operation.call.span))
    {
        return;
    }
    let open = history.operations.iter().filter(|operation| operation.end.is_none());
    let places = Places::of(open.map(|operation| operation.call.span));
    places.found(
        "HIS006",
        |count| of(count, "invocation has no completion", "invocations have no completion"),
        all,
    );
}

fn reads(history: &History, model: Option<ModelName>, names: &Functions, all: &mut Vec<Finding>) {
    if !tells_values(model) {
        return;
    }
    let mut last: FxHashMap<Option<ValueId>, EventId> = FxHashMap::default();
    for operation in &history.operations {
        if let (true, Completion::Ok(_), Some(end)) =
            (names.looks(operation), operation.completion, operation.end)
        {
            let event = last.entry(operation.key).or_insert(end.event);
            *event = end.event.max(*event);
        }
    }
    let could = |operation: &&Operation| {
        names.puts(operation) && !matches!(operation.completion, Completion::Fail(_))
    };
    let writes = history.operations.iter().filter(could).count();
    if last.is_empty() {
        // A compare-and-set looks, too.
        let looks = |op: &Operation| matches!(op.completion, Completion::Ok(_)) && !names.puts(op);
        if writes > 0 && !history.operations.iter().any(looks) {
            whole("HIS010", format!("{}, and no read is ok", of(writes, "write", "writes")), all);
        }
        return;
    }
    let unseen = history
        .operations
        .iter()
        .filter(could)
        .filter(|operation| last.get(&operation.key).is_none_or(|&last| last < operation.call.event));
    let places = Places::of(unseen.map(|operation| operation.call.span));
    if places.count * 10 >= writes {
        places.found(
            "HIS011",
            |count| format!("{count} of {writes} writes began after the last read of their key"),
            all,
        );
    }
}

fn lonely_keys(history: &History, all: &mut Vec<Finding>) {
    let mut keys: FxHashMap<ValueId, usize> = FxHashMap::default();
    for key in history.operations.iter().filter_map(|operation| operation.key) {
        *keys.entry(key).or_default() += 1;
    }
    let is_lonely = |operation: &&Operation| operation.key.is_some_and(|key| keys.get(&key) == Some(&1));
    let places = Places::of(history.operations.iter().filter(is_lonely).map(|operation| operation.call.span));
    let total = keys.len();
    places.found(
        "HIS013",
        |count| format!("{count} of {} one operation only", of(total, "key has", "keys have")),
        all,
    );
}

/// What whoever read the history has noted.
fn notes(history: &History, all: &mut Vec<Finding>) {
    let mut add = |code, count, span: Span, message| {
        all.push(Finding { rule: rule(code), message, count, places: vec![span] });
    };
    for note in &history.notes {
        match note {
            Note::StrayInfos(count, first) => {
                add(
                    "HIS007",
                    *count,
                    *first,
                    of(
                        *count,
                        "completion of what was never invoked",
                        "completions of what was never invoked",
                    ),
                );
            }
            Note::ProcessReused(count, first) => {
                let message = of(
                    *count,
                    "operation of a process that went on after an unknown outcome",
                    "operations of processes that went on after an unknown outcome",
                );
                add("HIS009", *count, *first, message);
            }
            Note::TruncatedLine(span) => add("HIS015", 1, *span, "the last line is cut off".to_owned()),
            _ => {}
        }
    }
}
