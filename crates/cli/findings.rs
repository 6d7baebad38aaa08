//! Turns what has a name into reports of it.

use seriatim_anomaly::catalog::Row;
use seriatim_anomaly::holds::GUARANTEES;
use seriatim_anomaly::split::Rung;
use seriatim_anomaly::{
    Anomaly, AnomalyKind, Because, Evidence, Held, Scope, SplitBrain, Stuck, Why, strongest,
};
use seriatim_checker::Undetermined;
use seriatim_history::{Coverage, EventId, OpId, Overview, ValueId, Window, windows};
use seriatim_report::explain::explain;
use seriatim_report::whereabouts::{apart, told_by_stuck};
use seriatim_report::{
    AnomalyOperation, AnomalyReport, FrontierReport, GuaranteeAnswer, GuaranteeReport, Healed, InsteadReport,
    Justified, KeptReport, LeftReport, OperationReport, PlacementsReport, PossibleAnswer, RunReport,
    ScopeReport, Shown, SplitReport, StandingReport, SurvivingReport, SymptomReport, WindowReport,
};

use crate::around::around;
use crate::describe;
use crate::frontier::{Stood, Stop};
use crate::load::Loaded;
use crate::naming::{Kept, Named, Names, Shows};
use crate::placement::Placements;

/// From here on a recorded time is that of a clock on the wall, and tells nothing to whoever reads it as seconds.
const OF_A_CLOCK: i64 = 1_000_000_000_000_000;

/// What the reports of one history are made from.
pub(crate) struct Findings<'a> {
    loaded: &'a Loaded,
    names: &'a Names,
    /// Whether to tell what recorded the operations, and which others were under way.
    is_full: bool,
    /// The recorded time from which seconds are counted.
    origin: i64,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(loaded: &'a Loaded, names: &'a Names, is_full: bool) -> Self {
        let first = names.windows.iter().filter_map(|window| window.from).min();
        let first = first.or_else(|| loaded.history.operations.first().and_then(|of| of.call.time));
        Self { loaded, names, is_full, origin: first.filter(|&time| time > OF_A_CLOCK).unwrap_or(0) }
    }

    /// The recorded time from which seconds are counted, in nanoseconds.
    pub(crate) fn origin(&self) -> i64 {
        self.origin
    }

    /// A kind of anomaly: `within` is how many operations its first instance's part has, and up to which there is no order;
    /// `part` has these operations.
    pub(crate) fn anomaly(&self, named: &Named, within: (usize, usize), part: &[OpId]) -> AnomalyReport {
        let Named { first, key, shown, subjects, lag, versions, stop, placements, parts, .. } = named;
        let of = |id: OpId| self.with_texts(id, operation(self.loaded, id, shown));
        let row = first.kind.row();
        let (message, operations) = explain(first, of);
        let around = if self.is_full { self.around(&first.evidence.operations(), part) } else { Vec::new() };
        AnomalyReport {
            code: row.code,
            name: row.name,
            count: subjects.len(),
            parts: *parts,
            key: key.map(|key| self.name(key)),
            message,
            operations,
            edges: self.edges(first),
            around,
            subject: self.loaded.number(first.subject()),
            is_lost: matches!(first.kind, AnomalyKind::LostWrite | AnomalyKind::LostElement),
            lag: first.lag(&self.loaded.history).zip(*lag),
            versions: *versions,
            within,
            scope: self.scope(subjects),
            instead: stop.as_ref().and_then(|stop| instead(self.loaded, stop)),
            frontier: stop.as_ref().map(|stop| frontier(self.loaded, stop)),
            placements: placements.as_ref().map(|found| self.placements(found)),
            baselined: None,
            first: None,
        }
    }

    /// The operation with what recorded it, where somebody wants to see that.
    fn with_texts(&self, id: OpId, of: OperationReport) -> OperationReport {
        if !self.is_full {
            return of;
        }
        let Loaded { texts, history, .. } = self.loaded;
        let operation = history.operation(id);
        let end = operation.end.filter(|end| end.span != operation.call.span);
        OperationReport {
            raw: (Some(texts.raw(operation.call.span)), end.map(|end| texts.raw(end.span))),
            ..of
        }
    }

    /// Which operations of an anomaly must come before which: what its evidence says, and what had returned before what was
    /// called.
    fn edges(&self, anomaly: &Anomaly) -> Vec<(u32, u32, &'static str)> {
        let number = |id: OpId| self.loaded.number(id);
        let core = anomaly.evidence.operations();
        let history = &self.loaded.history;
        let precedes = |one: OpId, other: OpId| {
            history.operation(one).ret().is_some_and(|ret| ret < history.operation(other).call.event)
        };
        let mut edges: Vec<_> = match &anomaly.evidence {
            Evidence::Cycle(edges) => {
                let told = edges.iter().filter(|edge| edge.because != Because::RealTime);
                told.map(|edge| (number(edge.from), number(edge.to), because(edge.because))).collect()
            }
            _ => Vec::new(),
        };
        for (&from, &to) in core.iter().flat_map(|from| core.iter().map(move |to| (from, to))) {
            // What follows from two others need not be drawn.
            let is_drawn = |&by: &OpId| precedes(from, by) && precedes(by, to);
            if precedes(from, to) && !core.iter().any(is_drawn) {
                edges.push((number(from), number(to), because(Because::RealTime)));
            }
        }
        edges
    }

    /// Operations of a part that were under way while these were.
    fn around(&self, core: &[OpId], part: &[OpId]) -> Vec<AnomalyOperation> {
        let history = &self.loaded.history;
        let shown = |id: OpId| {
            let of = history.operation(id);
            let argument =
                of.argument.map_or(String::new(), |value| format!(" {}", history.values.show(value)));
            format!("{}{argument}", history.function(of))
        };
        let told = |id: OpId| describe::operation(self.loaded, id, shown(id));
        let near = around(history, core, part.iter().copied());
        near.into_iter().map(|id| AnomalyOperation { role: "other", operation: told(id) }).collect()
    }

    fn placements(&self, found: &Placements) -> PlacementsReport {
        let of = |(id, shown)| describe::operation(self.loaded, id, shown);
        let Placements { earlier, operations, more } = found;
        let operations = operations.iter().map(|placed| placed.clone().map(&of)).collect();
        PlacementsReport { earlier: *earlier, operations, more: *more }
    }

    /// The run as a whole.
    pub(crate) fn run(&self) -> RunReport {
        let history = &self.loaded.history;
        // Nobody looked for them where everything is valid.
        let windows = windows(history);
        let coverage = Coverage::of(history, &windows);
        let functions = coverage.functions.iter().map(|&(id, _)| id);
        let names = functions.chain(windows.iter().map(|window| window.name));
        let text =
            |id: ValueId| history.values.as_text(id).map_or_else(|| history.values.show(id), str::to_owned);
        RunReport {
            names: names.map(|id| (id, text(id))).collect(),
            overview: Overview::of(history),
            windows: windows.iter().map(|window| self.window(window)).collect(),
            coverage,
        }
    }

    /// What the anomalies show together.
    pub(crate) fn symptoms(&self) -> Vec<SymptomReport> {
        let splits = self.names.splits.iter().map(|split| self.split(split));
        splits.chain(self.names.stuck.iter().map(|stuck| self.stuck(stuck))).collect()
    }

    /// What still holds; nothing where nobody asked, as of what is no register.
    pub(crate) fn kept(&self) -> Option<KeptReport> {
        let Names { whole, each, .. } = self.names;
        if each.is_empty() {
            return None;
        }
        let strongest = strongest(whole);
        let answer = |held: &Held| match held {
            Held::Holds => GuaranteeAnswer::Holds,
            Held::Broken(shown) => GuaranteeAnswer::Broken(shown.iter().map(|&id| self.line(id)).collect()),
            Held::NotDetermined(why) => GuaranteeAnswer::NotDetermined(word(*why)),
        };
        let told = whole.iter().map(|(guarantee, held)| GuaranteeReport {
            name: guarantee.row().name,
            is_strongest: strongest.contains(guarantee),
            answer: answer(held),
        });
        let mut parts: Vec<_> = GUARANTEES.iter().map(|row| (row.name, [0; 3])).collect();
        for Kept { guarantees, .. } in each {
            // Too large a part is none of those that are counted.
            for ((_, counts), (_, held)) in parts.iter_mut().zip(guarantees) {
                counts[match held {
                    Held::Holds => 0,
                    Held::Broken(_) => 1,
                    Held::NotDetermined(_) => 2,
                }] += 1;
            }
        }
        let deltas = || each.iter().filter_map(|kept| kept.delta);
        Some(KeptReport {
            whole: told.collect(),
            parts,
            delta: deltas().max().map(|longest| (longest, deltas().count())),
            versions: each.iter().map(|kept| kept.versions).max().unwrap_or(0),
        })
    }

    fn line(&self, id: OpId) -> usize {
        describe::operation(self.loaded, id, String::new()).last_line()
    }

    fn name(&self, id: ValueId) -> Shown {
        Shown::new(&self.loaded.history.values, id)
    }

    fn scope(&self, operations: &[OpId]) -> ScopeReport {
        let windows = &self.names.windows;
        let Scope { of, nodes, keys, processes, windows: within } =
            Scope::of(&self.loaded.history, windows, operations);
        let named = |counts: Vec<(Option<ValueId>, usize)>| {
            counts.into_iter().map(|(id, count)| (id.map(|id| self.name(id)), count)).collect()
        };
        let within = within.into_iter().filter(|_| !windows.is_empty());
        let window = |at: Option<usize>| at.map(|at| self.window(&windows[at]));
        ScopeReport {
            of,
            nodes: named(nodes),
            keys: named(keys),
            processes: named(processes),
            windows: within.map(|(at, count)| (window(at), count)).collect(),
        }
        .sorted()
    }

    fn window(&self, window: &Window) -> WindowReport {
        let text = |id: ValueId| {
            let values = &self.loaded.history.values;
            values.as_text(id).map_or_else(|| values.show(id), ToOwned::to_owned)
        };
        WindowReport {
            name: text(window.name),
            nodes: window.nodes.iter().map(|&node| text(node)).collect(),
            from: window.from.map(|time| self.seconds(time)),
            to: window.to.map(|time| self.seconds(time)),
        }
    }

    fn seconds(&self, time: i64) -> f64 {
        (time - self.origin) as f64 / 1e9
    }

    /// When an operation was over.
    fn end(&self, id: OpId) -> Option<f64> {
        self.loaded.history.operation(id).end?.time.map(|time| self.seconds(time))
    }

    fn split(&self, split: &SplitBrain) -> SymptomReport {
        let history = &self.loaded.history;
        let [first, last] = split.window;
        let event = |id: OpId| history.operation(id).ret().unwrap_or(EventId(u32::MAX));
        // The window of a fault that had begun before it was over; they were apart when it ended, if ever it did.
        let meets = |window: &&Window| {
            window.start <= event(last)
                && window.end.is_none_or(|end| end >= history.operation(first).call.event)
        };
        let met = || self.names.windows.iter().filter(meets);
        let fault = met().find(|window| window.is_partition(&history.values)).or_else(|| met().next());
        let heal = split.heal.map(|id| {
            let read = operation(self.loaded, id, &self.names.shown);
            Healed { line: read.end.as_ref().unwrap_or(&read.call).line, at: self.end(id) }
        });
        let told = SplitReport {
            rung: match split.rung {
                Rung::Grants => "grants",
                Rung::Tokens => "tokens",
                Rung::Prefixes => "prefixes",
                Rung::Jointly => "jointly",
                Rung::Vanished => "vanished",
            },
            are_nodes: split.are_nodes,
            sides: [0, 1].map(|at: usize| split.sides[at].iter().map(|&name| self.name(name)).collect()),
            window: (self.end(first), self.end(last)),
            fault: fault.map(|window| self.window(window)),
            acknowledged: split.acknowledged,
            missed: split.missed,
            parts: split.parts,
            heal,
            lost: split.lost,
        };
        let operations = split.shown.iter().map(|&(role, id)| self.role(role, id)).collect();
        // Who only has clients' names, or overlapping holds, sees what it looks like.
        let is_likeness = !split.are_nodes || matches!(split.rung, Rung::Grants | Rung::Tokens);
        symptom(AnomalyKind::SplitBrain, is_likeness, apart(&told), operations, Some(told))
    }

    fn stuck(&self, stuck: &Stuck) -> SymptomReport {
        let (newer, answer) = stuck.shown;
        let operations = vec![self.role("newer", newer), self.role("answer", answer)];
        let message = told_by_stuck(&self.name(stuck.node), (stuck.answers, stuck.of), stuck.frozen);
        symptom(AnomalyKind::StuckReplica, false, message, operations, None)
    }

    fn role(&self, role: &'static str, id: OpId) -> AnomalyOperation {
        AnomalyOperation { role, operation: operation(self.loaded, id, &self.names.shown) }
    }
}

/// What could have been answered.
pub(crate) fn instead(loaded: &Loaded, stop: &Stop) -> Option<InsteadReport> {
    let instead = stop.instead.as_ref()?;
    let line = |id: OpId| describe::operation(loaded, id, String::new()).last_line();
    let answer = |(value, put): &(String, Option<OpId>)| {
        let by = put.map(|id| {
            let put = loaded.history.operation(id);
            let call = loaded.history.operation(instead.of).call.event;
            let is_open = put.end.is_none_or(|end| end.event > call);
            Justified { line: line(id), is_open }
        });
        PossibleAnswer { value: value.clone(), by }
    };
    Some(InsteadReport {
        operation: operation(loaded, instead.of, &vec![(instead.of, instead.shown.clone())]),
        is_alone: stop.is_alone,
        answers: instead.answers.iter().map(answer).collect(),
        more: instead.more,
        summary: instead.summary.clone(),
        are_all: instead.are_all,
    })
}

/// What may be the case where a part stops being linearizable.
pub(crate) fn frontier(loaded: &Loaded, stop: &Stop) -> FrontierReport {
    let of = |(id, shown): &(OpId, String)| describe::operation(loaded, *id, shown.clone());
    let standing = |stood: &Stood| {
        let left = |(id, shown, leads): &(OpId, String, Vec<String>)| LeftReport {
            operation: describe::operation(loaded, *id, shown.clone()),
            leads: leads.clone(),
        };
        StandingReport {
            state: stood.state.clone(),
            configurations: stood.configurations,
            taken: stood.taken.iter().map(of).collect(),
            left: stood.left.iter().map(left).collect(),
            left_more: stood.left_more,
        }
    };
    let surviving = match &stop.surviving {
        Ok(surviving) => Ok(SurvivingReport {
            configurations: surviving.configurations,
            states: surviving.states,
            standings: surviving.standings.iter().map(standing).collect(),
            furthest: surviving.furthest.as_ref().map(of),
        }),
        Err(Undetermined::TooMany) => Err("it takes too many steps to find out"),
        Err(Undetermined::Memory) => Err("there was no memory left for it"),
        Err(Undetermined::Time) => Err("there was no time left for it"),
        Err(Undetermined::Contradicted) => Err(
            "a second search contradicts the first; this is a mistake of seriatim: please report it, with the history",
        ),
    };
    FrontierReport {
        operation: of(&(stop.of, stop.shown.clone())),
        is_alone: stop.is_alone,
        needs: stop.needs.clone(),
        steps: stop
            .strip
            .steps
            .iter()
            .map(|step| (of(&(step.of, step.shown.clone())), step.state.clone()))
            .collect(),
        surviving: surviving.map_err(str::to_owned),
    }
}

/// Why one operation comes before another.
fn because(because: Because) -> &'static str {
    match because {
        Because::RealTime => "real time",
        Because::Saw { .. } => "read from",
        Because::Older { .. } => "older",
        Because::SwappedAway { .. } => "swapped away",
    }
}

/// Why nobody knows whether a guarantee holds.
fn word(why: Why) -> &'static str {
    match why {
        Why::NoRegister => "this is about registers",
        Why::NoWords => "some operation is none of a register",
        Why::RepeatedValues => "a value that was seen was put in more than once",
        Why::FailedSwaps => "a compare-and-set that was refused tells only that the value was another",
        Why::NoWriter => "a value was seen that nobody put in",
        Why::Overlaps => "a process did several things at once",
        Why::TooLarge => "it is too large",
        Why::Unsolved => "neither an order nor a contradiction was found",
        Why::TimeUp => "the time was up",
        _ => "it was not found out",
    }
}

fn symptom(
    kind: AnomalyKind,
    is_likeness: bool,
    message: String,
    operations: Vec<AnomalyOperation>,
    split: Option<SplitReport>,
) -> SymptomReport {
    let &Row { code, name, .. } = kind.row();
    SymptomReport { code, name, is_likeness, message, operations, split, ..SymptomReport::default() }
}

fn operation(loaded: &Loaded, id: OpId, shown: &Shows) -> OperationReport {
    describe::operation(loaded, id, describe::what_it_did(shown, id))
}
