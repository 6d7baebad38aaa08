//! What clients record of a run: operations with the times of their own clocks, the stamps of servers, and the faults.

use seriatim_history::{Answer, Completion, EventId, OpId, Operation, Point, Span, Values, Window};
use seriatim_symptom::{Gone, Joined, Observed, Observer, Proved, Told};
use seriatim_testkit::Rng;

use crate::run::{Done, What, requests};
use crate::world::{SECOND, World};

/// What was recorded of a run.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// The operations, in the order of their calls.
    pub(crate) operations: Vec<Operation>,
    /// What is told of each beside what it is.
    pub(crate) told: Vec<Told>,
    /// The faults.
    pub(crate) windows: Vec<Window>,
    /// What others would have proved of it.
    pub(crate) joined: Joined,
    /// The names in it.
    pub(crate) values: Values,
    /// The same operations in true times.
    pub(crate) truth: Vec<Done>,
}

/// What clients record of a world.
pub(crate) fn record(world: &World, seed: u64) -> Recorded {
    let mut truth = requests(world, seed);
    truth.sort_by_key(|done| done.call);
    let mut values = Values::new();
    let nodes: Vec<_> = (0..world.nodes).map(|node| values.text(&format!("n{}", node + 1))).collect();
    let functions: Vec<_> = world.functions.iter().map(|function| values.text(function.name)).collect();
    let keys: Vec<_> = (0..world.keys).map(|key| values.text(&format!("k{key}"))).collect();
    let clients: Vec<_> = (0..world.clients as i64).map(|client| values.int64(client)).collect();

    let mut events: Vec<i64> = truth.iter().flat_map(|done| [done.call, done.end]).collect();
    events.sort_unstable();
    let event = |time: i64| EventId(events.partition_point(|&at| at < time) as u32);
    let point = |client: usize, time: i64| Point {
        event: event(time),
        time: Some(world.clock(client % world.hosts, time)),
        span: Span::default(),
    };
    let operations = truth.iter().map(|done| Operation {
        process: clients[done.client],
        function: functions[done.function],
        key: done.key.map(|key| keys[key]),
        argument: None,
        completion: match done.what {
            What::Ok => Completion::Ok(Answer::default()),
            What::Fail => Completion::Fail(Answer::default()),
            What::Unknown => Completion::Unknown,
        },
        error: None,
        node: Some(nodes[done.node]),
        told: None,
        call: point(done.client, done.call),
        end: Some(point(done.client, done.end)),
    });
    let operations = operations.collect();
    let told = truth.iter().map(|done| Told {
        attempt: world.has_attempts.then_some(done.attempt),
        request: None,
        server_time: world.stamps.as_ref().filter(|_| done.what == What::Ok).and_then(|(ahead, unit)| {
            let stamp = done.effect? + ahead[done.node];
            Some(stamp - stamp.rem_euclid(*unit))
        }),
    });
    let told = told.collect();
    let windows = world.faults.iter().filter_map(|fault| {
        let name = values.text(fault.name?);
        let (from, to) = fault.time;
        Some(Window {
            name,
            nodes: fault.nodes.iter().map(|&node| nodes[node]).collect(),
            start: event(from),
            end: fault.is_healed.then(|| event(to)),
            from: Some(from),
            to: fault.is_healed.then_some(to),
        })
    });
    let mut windows: Vec<_> = windows.collect();
    windows.sort_by_key(|window| window.from);
    // All write to one file, so its lines are in the true order.
    let mut lines: Vec<_> =
        truth.iter().flat_map(|done| [(done.call, done.client), (done.end, done.client)]).collect();
    lines.sort_unstable();
    let times: Vec<_> = lines.iter().map(|&(time, client)| world.clock(client % world.hosts, time)).collect();
    let times_run_back = times.windows(2).filter(|two| two[1] < two[0]).count();
    let is_crash = |at: &usize| windows[*at].is_crash(&values);
    let crashes = (0..windows.len()).filter(is_crash).collect();
    let joined = Joined { times_run_back, crashes, ..Joined::default() };
    Recorded { operations, told, windows, joined, values, truth }
}

impl Recorded {
    /// What is seen of it.
    pub(crate) fn observed(&self) -> Observed {
        let mut observer = Observer::default();
        for (operation, &told) in self.operations.iter().zip(&self.told) {
            observer.take(operation, operation.key, told, &self.values);
        }
        observer.finish(self.windows.clone(), &self.values)
    }

    /// Of each second: how many were called, how many were done, did not happen, were not known; the median and the 99th of a
    /// hundred of how many milliseconds what was done took.
    pub(crate) fn seconds(&self) -> String {
        let length = self.truth.iter().map(|done| done.end / SECOND).max().unwrap_or(0);
        let of = |second: i64| {
            let ended = self.truth.iter().filter(|done| done.end / SECOND == second);
            let counts = [What::Ok, What::Fail, What::Unknown]
                .map(|what| ended.clone().filter(|done| done.what == what).count());
            let mut took: Vec<_> = ended
                .filter(|done| done.what == What::Ok)
                .map(|done| (done.end - done.call) / (SECOND / 1_000))
                .collect();
            took.sort_unstable();
            let quantile = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or(0);
            let called = self.truth.iter().filter(|done| done.call / SECOND == second).count();
            format!(
                "{second}:{called}/{}/{}/{} {}~{}",
                counts[0],
                counts[1],
                counts[2],
                quantile(50),
                quantile(99)
            )
        };
        let all: Vec<_> = (0..=length).map(of).collect();
        format!("{} operations: {}", self.truth.len(), all.join("  "))
    }

    /// The operations that happened, whose end is between these times.
    pub(crate) fn happened(&self, from: i64, to: i64, of: impl Fn(&Done) -> bool) -> Vec<usize> {
        let is_one = |done: &Done| done.what == What::Ok && (from..to).contains(&done.end) && of(done);
        (0..self.truth.len()).filter(|&at| is_one(&self.truth[at])).collect()
    }

    /// Has others prove something of operations.
    pub(crate) fn prove(&mut self, code: &'static str, operations: &[usize]) {
        for &at in operations {
            let operation = &self.operations[at];
            self.joined.proved.push(Proved {
                code,
                subject: OpId(at as u32),
                time: operation.end.and_then(|end| end.time),
                node: operation.node,
                acknowledged: None,
                is_surplus: code == "LIN019",
                is_back: code == "LIN023",
                inversion: None,
            });
        }
        self.joined.proved.sort_by_key(|proved| proved.subject);
    }

    /// Has others prove that writes are lost: a later look missed them.
    pub(crate) fn lose(&mut self, code: &'static str, operations: &[usize]) {
        let seen = self.operations.iter().filter_map(|operation| operation.end?.time).max();
        for &at in operations {
            let operation = &self.operations[at];
            let subject = OpId(at as u32);
            let acknowledged = operation.end.and_then(|end| end.time).map(|time| (time, operation.node));
            let gone = acknowledged.map(|acknowledged| Gone { subject, acknowledged, missed: seen });
            self.joined.gone.extend(gone);
            self.joined.proved.push(Proved {
                code,
                subject,
                time: seen,
                node: None,
                acknowledged,
                is_surplus: false,
                is_back: false,
                inversion: None,
            });
        }
        self.joined.proved.sort_by_key(|proved| proved.subject);
    }

    /// Has others prove which values were seen before they were put in, by the clocks that recorded it. The values of so many
    /// keys are what the operations of a run put in and saw in the order of their true effects.
    pub(crate) fn compare_clocks(&mut self, seed: u64, keys: usize) {
        let mut rng = Rng::new(seed);
        let mut order: Vec<_> = (0..self.truth.len()).filter(|&at| self.truth[at].effect.is_some()).collect();
        order.sort_by_key(|&at| self.truth[at].effect);
        let mut put: Vec<Option<usize>> = vec![None; keys];
        for at in order {
            let last = &mut put[rng.below(keys)];
            let is_read = self.values.as_text(self.operations[at].function) == Some("read");
            if !is_read {
                *last = Some(at);
                continue;
            }
            let Some(write) = last.filter(|_| self.truth[at].what == What::Ok) else { continue };
            let (seen, put) = (&self.operations[at], &self.operations[write]);
            let times = seen.end.and_then(|end| end.time).zip(put.call.time);
            let (seen_at, put_at) = times.expect("all operations have times");
            if seen_at < put_at {
                self.joined.proved.push(Proved {
                    code: "LIN005",
                    subject: OpId(at as u32),
                    time: Some(seen_at),
                    node: seen.node,
                    acknowledged: None,
                    is_surplus: false,
                    is_back: false,
                    inversion: Some([(seen_at, seen.process), (put_at, put.process)]),
                });
            }
        }
        self.joined.proved.sort_by_key(|proved| proved.subject);
    }
}
