//! How the system behaved beside its answers: what was seen of a run, joined with what is proved of it, as a report tells it.

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_anomaly::{AnomalyKind, SplitBrain, Stuck};
use seriatim_history::{EventId, History, Note, OpId, Operation, Point, ValueId, Values, Window, windows};
use seriatim_report::told::{digits, listed, place, told};
use seriatim_report::words::fault;
use seriatim_report::{
    AnomalyOperation, ChainReport, GreenReport, HistoryReport, LinkReport, NumberReport, Shown,
    SymptomReport, TestReport, UnitReport, WindowReport,
};
use seriatim_symptom::{
    Chain, Gone, Joined, NotVisible, Number, Observed, Observer, Proved, Symptom, SymptomKind, Thresholds,
    Unit, What, chains, find, not_visible, wrong_while_green,
};

use crate::describe;
use crate::load::Loaded;
use crate::naming::{Named, Names};

/// What is to be known of an operation whose time is not at hand.
#[derive(Clone, Debug)]
struct Subject {
    id: OpId,
    call: Point,
    end: Option<Point>,
    node: Option<ValueId>,
    process: ValueId,
}

impl Subject {
    /// The operation with this place, which has `id` in the whole history.
    fn of(history: &History, at: OpId, id: OpId) -> Self {
        let &Operation { call, end, node, process, .. } = history.operation(at);
        Self { id, call, end, node, process }
    }
}

/// An instance of an anomaly: its kind, what it is about, and who was answered what cannot be.
type Instance = (AnomalyKind, Subject, Subject);

/// What is proved of a history, or of some of its parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// The instances that are known.
    instances: Vec<Instance>,
    /// What was seen before it was put in: who saw it, and who put it in.
    inversions: Vec<(Subject, Subject)>,
    sides: Vec<(SymptomKind, Subject, Subject)>,
    /// The numbers of those that saw more of a counter than was ever added.
    surplus: FxHashSet<OpId>,
    /// Acknowledged writes that are gone, and who was told what had been there before.
    gone: Vec<(Subject, Subject)>,
    /// How soon clients saw what others had put in, where something was seen before.
    differences: Vec<([ValueId; 2], i64)>,
    /// The numbers of those that saw what is old, of whose node it had been newer before.
    back: FxHashSet<OpId>,
}

impl Found {
    /// What these names say of a history.
    pub(crate) fn new(loaded: &Loaded, names: &Names) -> Self {
        let history = &loaded.history;
        let of = |id: OpId| Subject::of(history, id, OpId(loaded.number(id)));
        let mut found = Self::default();
        for Named { first, subjects, witnesses, inversions, surplus, .. } in &names.kinds {
            let both = subjects.iter().zip(witnesses);
            found.instances.extend(both.map(|(&id, &witness)| (first.kind, of(id), of(witness))));
            found.surplus.extend(surplus.iter().map(|&id| OpId(loaded.number(id))));
            found.inversions.extend(inversions.iter().map(|&(seen, put)| (of(seen), of(put))));
        }
        found.back.extend(names.back.iter().map(|&id| OpId(loaded.number(id))));
        found.gone.extend(names.gone.iter().map(|&(write, missed)| (of(write), of(missed))));
        found.differences.clone_from(&names.differences);
        let split = |split: &SplitBrain| (SymptomKind::SplitBrain, of(split.window[0]), of(split.window[1]));
        found.sides.extend(names.splits.iter().map(split));
        let stuck = |stuck: &Stuck| (SymptomKind::StuckReplica, of(stuck.window[0]), of(stuck.window[1]));
        found.sides.extend(names.stuck.iter().map(stuck));
        found
    }

    /// What these and other parts say.
    pub(crate) fn add(&mut self, other: Self) {
        self.instances.extend(other.instances);
        self.inversions.extend(other.inversions);
        self.sides.extend(other.sides);
        self.surplus.extend(other.surplus);
        self.back.extend(other.back);
        self.gone.extend(other.gone);
        self.differences.extend(other.differences);
    }

    /// The events whose times are asked for.
    pub(crate) fn events(&self) -> Vec<EventId> {
        let inversions = self.inversions.iter().flat_map(|(seen, put)| [seen, put]);
        let sides = self.sides.iter().flat_map(|(_, first, last)| [first, last]);
        let all = self
            .instances
            .iter()
            .flat_map(|(_, subject, witness)| [subject, witness])
            .chain(inversions)
            .chain(self.gone.iter().flat_map(|(write, missed)| [write, missed]))
            .chain(sides);
        all.flat_map(|subject| [Some(subject.call), subject.end]).flatten().map(|point| point.event).collect()
    }

    /// What rules go by, with these times of events where the history does not have them.
    fn joined(&self, history: &History, windows: &[Window], times: &FxHashMap<EventId, i64>) -> Joined {
        let time = |point: Point| point.time.or_else(|| times.get(&point.event).copied());
        let end = |of: &Subject| of.end.and_then(time);
        let inversion = |of: &Subject| {
            let (seen, put) = self.inversions.iter().find(|(seen, _)| seen.id == of.id)?;
            Some([(end(seen)?, seen.process), (time(put.call)?, put.process)])
        };
        let proved = |(kind, of, witness): &Instance| Proved {
            code: kind.row().code,
            subject: of.id,
            time: end(witness),
            node: witness.node,
            acknowledged: end(of).filter(|_| kind.is_of_loss()).map(|at| (at, of.node)),
            is_surplus: self.surplus.contains(&of.id),
            is_back: self.back.contains(&witness.id),
            inversion: inversion(of).filter(|_| *kind == AnomalyKind::ReadFromTheFuture),
        };
        let mut proved: Vec<_> = self.instances.iter().map(proved).collect();
        proved.sort_by_key(|of| of.subject);
        let losses = self.instances.iter().filter(|(kind, ..)| kind.is_of_loss());
        let losses = losses.map(|(_, of, missed)| (of, missed));
        let gone = losses.chain(self.gone.iter().map(|(write, missed)| (write, missed)));
        let mut gone: Vec<Gone> = gone
            .filter_map(|(of, missed)| {
                Some(Gone { subject: of.id, acknowledged: (end(of)?, of.node), missed: end(missed) })
            })
            .collect();
        gone.sort_by_key(|of| of.subject);
        gone.dedup_by_key(|of| of.subject);
        let side = |(kind, first, last): &(SymptomKind, Subject, Subject)| {
            let when = end(first).zip(end(last)).map(|(from, to)| (from.min(to), from.max(to)));
            (*kind, when)
        };
        let times_run_back = history.notes.iter().map(|note| match note {
            Note::TimesRunBack(count, _) => *count,
            _ => 0,
        });
        let crashes = windows.iter().enumerate().filter(|(_, window)| window.is_crash(&history.values));
        let crashes = crashes.map(|(at, _)| at);
        Joined {
            crashes: crashes.collect(),
            proved,
            gone,
            differences: self.differences.clone(),
            sides: self.sides.iter().map(side).collect(),
            times_run_back: times_run_back.sum(),
        }
    }
}

/// Looks at all operations of a history.
pub(crate) fn observe(history: &History) -> Observer {
    let mut observer = Observer::default();
    history.operations.iter().for_each(|operation| {
        observer.take(operation, operation.key, history.told(operation), &history.values)
    });
    observer
}

/// Adds what a run shows to the report of it: what was seen, and what is proved, with these times of events where the history does
/// not have them.
pub(crate) fn tell(
    report: &mut HistoryReport,
    loaded: &Loaded,
    observer: Observer,
    (proved, times): (&Found, &FxHashMap<EventId, i64>),
    thresholds: &Thresholds,
) {
    let history = &loaded.history;
    let windows = windows(history);
    let joined = &proved.joined(history, &windows, times);
    let observed = observer.finish(windows, &history.values);
    let found = find(&observed, joined, thresholds);
    let teller = Teller { loaded, observed: &observed, values: &history.values, origin: report.origin };
    // Those that others found have no window of their own; they come in the order of the sides.
    for (symptom, &(kind, window)) in report.symptoms.iter_mut().zip(&joined.sides) {
        assert_eq!(symptom.code, kind.row().code, "sides are told in their order");
        symptom.window = window.map(|window| teller.window(window));
        symptom.fault = window.and_then(|window| teller.fault(window));
    }
    report.symptoms.extend(found.iter().map(|symptom| teller.symptom(symptom)));
    let chains = chains(&observed, joined, &found);
    report.chains = chains.iter().map(|chain| teller.chain(chain, &found)).collect();
    report.green = wrong_while_green(&found, joined).map(|green| GreenReport {
        wrong: green.wrong as usize,
        of: green.known as usize,
        errors: green.errors,
        p99: (green.p99.0 / 1e9, green.p99.1 / 1e9),
    });
    report.not_visible = not_visible(&observed, joined).into_iter().map(NotVisible::sentence).collect();
}

/// Rules look at stretches of time: a symptom may begin so much before what it goes with, in nanoseconds.
const MOMENT: i64 = 500_000_000;

/// Makes reports of what was found in one history.
struct Teller<'a> {
    loaded: &'a Loaded,
    observed: &'a Observed,
    values: &'a Values,
    /// The recorded time from which seconds are counted.
    origin: i64,
}

impl Teller<'_> {
    fn symptom(&self, symptom: &Symptom) -> SymptomReport {
        let row = symptom.kind.row();
        let name = |&id: &ValueId| Shown::new(self.values, id);
        let nodes: Vec<_> = symptom.scope.nodes.iter().map(name).collect();
        let processes: Vec<_> = symptom.scope.processes.iter().map(name).collect();
        let keys: Vec<_> = symptom.scope.keys.iter().map(name).collect();
        let functions: Vec<_> = symptom.scope.functions.iter().map(|&id| self.text(id)).collect();
        let numbers: Vec<_> = symptom.numbers.iter().map(number).collect();
        SymptomReport {
            code: row.code,
            name: row.name,
            is_likeness: symptom.is_likeness,
            message: told(row.told, &numbers, &place(&nodes, &processes, &keys, &functions)),
            window: Some(self.window(symptom.window)),
            nodes,
            processes,
            keys,
            functions,
            numbers,
            effect: row.effect.zip(symptom.effect),
            sample: Some(symptom.sample),
            test: row.test.zip(symptom.test).map(|(name, test)| TestReport { name, p: test.p, q: test.q }),
            confounders: row.confounders,
            fault: self.fault(symptom.window),
            operations: symptom.shown.iter().filter_map(|&(role, id)| self.operation(role, id)).collect(),
            ..SymptomReport::default()
        }
    }

    /// The fault that a window goes with: the last that had begun when it did, or a moment later, and lasted still; else the
    /// first that began in it, and else the last that had ended before.
    fn fault(&self, (from, to): (i64, i64)) -> Option<(WindowReport, &'static str)> {
        let known = || self.observed.windows.iter().filter_map(|window| Some((window, window.from?)));
        let lasts =
            |(window, began): &(&Window, i64)| *began <= to && window.to.is_none_or(|ended| ended > from);
        let had_begun = known().filter(lasts).filter(|(_, began)| *began <= from.saturating_add(MOMENT));
        let meanwhile = had_begun.max_by_key(|(_, began)| *began);
        let meanwhile = meanwhile.or_else(|| known().filter(lasts).min_by_key(|(_, began)| *began));
        if let Some((window, _)) = meanwhile {
            return Some((self.told_window(window), "during"));
        }
        let before =
            known().filter_map(|(window, _)| Some((window, window.to.filter(|&ended| ended <= from)?)));
        let (window, _) = before.max_by_key(|&(_, ended)| ended)?;
        Some((self.told_window(window), "after"))
    }

    fn chain(&self, chain: &Chain, symptoms: &[Symptom]) -> ChainReport {
        let links: Vec<_> = chain
            .links
            .iter()
            .map(|link| {
                let (from, to) = self.window(link.window);
                let (code, label, is_fault) = match link.what {
                    What::Fault(at) => {
                        let window = self.told_window(&self.observed.windows[at]);
                        {
                            let nodes: Vec<&str> = window.nodes.iter().map(String::as_str).collect();
                            (window.name, listed(&nodes), true)
                        }
                    }
                    What::Symptom(at) => {
                        let (row, nodes) = (symptoms[at].kind.row(), &symptoms[at].scope.nodes);
                        let nodes: Vec<_> = nodes.iter().map(|&node| self.text(node)).collect();
                        let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
                        let label = match &nodes[..] {
                            [] => row.name.to_owned(),
                            nodes => format!("{} at {}", row.name, listed(nodes)),
                        };
                        (row.code.to_owned(), label, false)
                    }
                    What::Anomaly(code) => {
                        let row =
                            seriatim_anomaly::catalog::with_code(code).expect("what is proved has a row");
                        (code.to_owned(), row.name.to_owned(), false)
                    }
                };
                // A fault that nobody ended lasts as long as anybody looks.
                let is_open = matches!(link.what, What::Fault(at) if self.observed.windows[at].to.is_none());
                LinkReport { code, label, is_fault, from, to: (!is_open).then_some(to) }
            })
            .collect();
        let message = sentence(&links);
        ChainReport { links, message }
    }

    fn told_window(&self, window: &Window) -> WindowReport {
        WindowReport {
            name: self.text(window.name),
            nodes: window.nodes.iter().map(|&node| self.text(node)).collect(),
            from: window.from.map(|time| self.seconds(time)),
            to: window.to.map(|time| self.seconds(time)),
        }
    }

    /// An operation that is at hand.
    fn operation(&self, role: &'static str, id: OpId) -> Option<AnomalyOperation> {
        let Loaded { history, numbers, .. } = self.loaded;
        if !numbers.is_empty() || id.index() >= history.operations.len() {
            return None;
        }
        let function = history.function(history.operation(id)).to_owned();
        Some(AnomalyOperation { role, operation: describe::operation(self.loaded, id, function) })
    }

    fn window(&self, (from, to): (i64, i64)) -> (f64, f64) {
        (self.seconds(from), self.seconds(to))
    }

    fn seconds(&self, time: i64) -> f64 {
        time.saturating_sub(self.origin) as f64 / 1e9
    }

    fn text(&self, id: ValueId) -> String {
        self.values.as_text(id).map_or_else(|| self.values.show(id), ToOwned::to_owned)
    }
}

/// What came after what, in a sentence.
fn sentence(links: &[LinkReport]) -> String {
    let told = |link: &LinkReport| match (link.is_fault, link.label.as_str()) {
        (true, "") => format!("the fault {} began", fault(&link.code)),
        (true, nodes) => format!("the fault {} of {nodes} began", fault(&link.code)),
        (false, label) => format!("{label} ({})", link.code),
    };
    let at = |link: &LinkReport| format!("at {} s", digits(link.from));
    let [root, rest @ ..] = links else { return String::new() };
    let began = if root.is_fault { told(root) } else { format!("{} began", told(root)) };
    let rest: Vec<_> = rest.iter().map(|link| format!("{} {}", told(link), at(link))).collect();
    format!(
        "{began} {}; after that came {}. That one led to the next is not said by this.",
        at(root),
        rest.join(", then ")
    )
}

fn number(number: &Number) -> NumberReport {
    let (unit, of) = match number.unit {
        Unit::Time => (UnitReport::Seconds, 1e-9),
        Unit::Count => (UnitReport::Count, 1.0),
        Unit::Rate => (UnitReport::Rate, 1.0),
        Unit::Share => (UnitReport::Share, 1.0),
        Unit::Factor => (UnitReport::Factor, 1.0),
    };
    NumberReport {
        name: number.name,
        value: number.value * of,
        unit,
        usual: number.usual.map(|usual| usual * of),
    }
}
