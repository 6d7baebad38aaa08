//! What is simulated: clients on hosts, nodes with workers and a queue, what is done to them, and whose clocks record it.
//!
//! All of it is known before a run begins, so a run is a function of its world and a seed. Times are nanoseconds.

/// A millisecond.
pub(crate) const MS: i64 = 1_000_000;
/// A second.
pub(crate) const SECOND: i64 = 1_000 * MS;

/// So many seconds.
pub(crate) fn seconds(number: f64) -> i64 {
    (number * SECOND as f64) as i64
}

/// How clients come to ask.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Load {
    /// Each client asks, waits for the answer, thinks for so long on average, and asks again.
    Closed(i64),
    /// Requests come so often a second, whatever became of the others; each has a client that is not busy.
    Open(f64),
    /// A closed loop in which all clients begin at every multiple of so long, if they are free.
    InStep(i64),
}

/// Whom a client asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Always the same node: client i asks node i modulo how many there are.
    Fixed,
    /// Any node, each time anew.
    Any,
    /// Always the first node, which does all work.
    First,
    /// The node that a request belongs to, any of them; where that is gone, mostly the next one instead.
    Ring,
}

/// What happens when the answer is that something was not done, or when no answer comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    /// How many tries a request has in all.
    pub(crate) tries: u32,
    /// How long a client waits before the next one.
    pub(crate) wait: i64,
    /// Whether the waits differ, from nothing to twice as long.
    pub(crate) is_jittered: bool,
    /// Whether the waits double.
    pub(crate) doubles: bool,
}

/// Something that clients ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Function {
    /// Its name; a `read` that ends badly has failed, of all else nobody knows.
    pub(crate) name: &'static str,
    /// How large its share is among all.
    pub(crate) weight: f64,
    /// How much more work it is than a read.
    pub(crate) work: f64,
    /// How often it is not done, in the best of times: a lock that somebody else holds.
    pub(crate) refused: f64,
}

/// Reads and writes.
pub(crate) const READ_WRITE: &[Function] = &[
    Function { name: "read", weight: 0.55, work: 1.0, refused: 0.0 },
    Function { name: "write", weight: 0.45, work: 1.4, refused: 0.0 },
];

/// Three kinds of requests, one of which is often turned down.
pub(crate) const WITH_CAS: &[Function] = &[
    Function { name: "read", weight: 0.5, work: 1.0, refused: 0.0 },
    Function { name: "write", weight: 0.3, work: 1.5, refused: 0.0 },
    Function { name: "cas", weight: 0.2, work: 1.6, refused: 0.3 },
];

/// How long a node works for a request: log-normal, and now and then much longer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    /// The median.
    pub(crate) median: i64,
    /// The standard deviation of the logarithm.
    pub(crate) sigma: f64,
    /// How often it takes longer.
    pub(crate) tail: f64,
    /// How many times as long it takes then, on average.
    pub(crate) longer: f64,
}

/// What is done to requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Hurt {
    /// They are turned down at once.
    Refuse,
    /// They never arrive.
    Lose,
    /// They are done, and nobody hears of it.
    Mute,
    /// They take so many times the work.
    Slow(f64),
    /// The node stands still, and goes on afterwards.
    Freeze,
    /// The node is gone, with all that it was doing.
    Crash,
    /// Processes on these hosts stand still, and go on afterwards.
    Still,
    /// Nothing is done to them.
    Nothing,
}

/// What is done to a system for a while.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// From when to when.
    pub(crate) time: (i64, i64),
    /// What is done.
    pub(crate) hurt: Hurt,
    /// At which nodes; at all where there are none.
    pub(crate) nodes: Vec<usize>,
    /// To requests from which hosts; from all where there are none.
    pub(crate) hosts: Vec<usize>,
    /// To requests for which functions; for all where there are none.
    pub(crate) functions: Vec<usize>,
    /// To requests on which keys; on all where there are none.
    pub(crate) keys: Vec<usize>,
    /// To which share of requests.
    pub(crate) share: f64,
    /// What the history calls it; nothing where it does not know of it.
    pub(crate) name: Option<&'static str>,
    /// Whether the history has its end.
    pub(crate) is_healed: bool,
}

impl Fault {
    /// A fault of the whole system that the history tells of by this name.
    pub(crate) fn new(name: &'static str, from: f64, to: f64, hurt: Hurt) -> Self {
        Self { name: Some(name), ..Self::hidden(from, to, hurt) }
    }

    /// One that it does not tell of.
    pub(crate) fn hidden(from: f64, to: f64, hurt: Hurt) -> Self {
        let time = (seconds(from), seconds(to));
        let everywhere = || Vec::new();
        Self {
            time,
            hurt,
            nodes: everywhere(),
            hosts: everywhere(),
            functions: everywhere(),
            keys: everywhere(),
            share: 1.0,
            name: None,
            is_healed: true,
        }
    }

    /// At these nodes alone.
    pub(crate) fn at(mut self, nodes: &[usize]) -> Self {
        self.nodes = nodes.to_vec();
        self
    }

    /// To these hosts alone.
    pub(crate) fn by_hosts(mut self, hosts: &[usize]) -> Self {
        self.hosts = hosts.to_vec();
        self
    }

    /// To these functions alone.
    pub(crate) fn of(mut self, functions: &[usize]) -> Self {
        self.functions = functions.to_vec();
        self
    }

    /// To requests on these keys alone.
    pub(crate) fn on(mut self, keys: &[usize]) -> Self {
        self.keys = keys.to_vec();
        self
    }

    /// To this share of requests.
    pub(crate) fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// Whose end was not recorded.
    pub(crate) fn endless(mut self) -> Self {
        self.is_healed = false;
        self
    }

    /// Whether it is under way at a time.
    pub(crate) fn is_at(&self, time: i64) -> bool {
        (self.time.0..self.time.1).contains(&time)
    }

    /// Whether it is for requests like this.
    pub(crate) fn is_for(&self, node: usize, host: usize, function: usize) -> bool {
        let has = |list: &[usize], one: usize| list.is_empty() || list.contains(&one);
        has(&self.nodes, node) && has(&self.hosts, host) && has(&self.functions, function)
    }

    /// Whether it is for requests on a key.
    pub(crate) fn is_on(&self, key: Option<usize>) -> bool {
        self.keys.is_empty() || key.is_some_and(|key| self.keys.contains(&key))
    }
}

/// A world.
#[derive(Clone, Debug)]
pub(crate) struct World {
    /// How many nodes.
    pub(crate) nodes: usize,
    /// How many clients in a closed loop; how many there may be at most in an open one.
    pub(crate) clients: usize,
    /// On how many hosts they are, in turn.
    pub(crate) hosts: usize,
    /// How long clients ask.
    pub(crate) time: i64,
    /// How they do.
    pub(crate) load: Load,
    /// From when on how many times as much load there is.
    pub(crate) changes: Vec<(i64, f64)>,
    /// Between which times all clients of a closed loop ask at each multiple of how long.
    pub(crate) in_step: Option<((i64, i64), i64)>,
    /// Whom they ask.
    pub(crate) route: Route,
    /// What for.
    pub(crate) functions: &'static [Function],
    /// On how many keys; none where requests are on no key.
    pub(crate) keys: usize,
    /// How long that takes.
    pub(crate) service: Service,
    /// How many requests a node works on at a time.
    pub(crate) workers: usize,
    /// How long a request may have to wait for a worker; one that would wait longer is turned down.
    pub(crate) queue: Option<i64>,
    /// How long clients wait for an answer.
    pub(crate) patience: i64,
    /// By how much that differs, up to so many times as long and as short.
    pub(crate) patience_spread: f64,
    /// What they do where it does not come or is bad.
    pub(crate) retry: Option<Retry>,
    /// Whether the history tells which try of its request each operation is.
    pub(crate) has_attempts: bool,
    /// What is done to them.
    pub(crate) faults: Vec<Fault>,
    /// By how much the clock of a host is ahead from when on: steps add up.
    pub(crate) clocks: Vec<(usize, i64, i64)>,
    /// By how much the clock of each node's server is ahead, where answers have its stamp, and the unit of that.
    pub(crate) stamps: Option<(Vec<i64>, i64)>,
}

impl World {
    /// The faults that are told of, or the hidden ones too, put into it.
    pub(crate) fn with(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults.extend(faults);
        self
    }

    /// For so many seconds.
    pub(crate) fn lasting(mut self, length: f64) -> Self {
        self.time = seconds(length);
        self
    }

    /// How many times the usual load there is at a time, and until when that holds.
    pub(crate) fn load_at(&self, time: i64) -> (f64, i64) {
        let at = self.changes.iter().rposition(|&(from, _)| from <= time);
        let next = at.map_or(0, |at| at + 1);
        let until = self.changes.get(next).map_or(i64::MAX, |&(from, _)| from);
        (at.map_or(1.0, |at| self.changes[at].1), until)
    }

    /// What the clock of a host shows at a time.
    pub(crate) fn clock(&self, host: usize, time: i64) -> i64 {
        let steps = self.clocks.iter().filter(|&&(of, from, _)| of == host && from <= time);
        time + steps.map(|&(.., ahead)| ahead).sum::<i64>()
    }
}
