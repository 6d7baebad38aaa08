//! What a person or a log sees while the searches are at work: a bar on a terminal, elsewhere a line a minute.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use seriatim_checker::{Decision, Observer, Reached};
use seriatim_report::words::{approximately, plural};

use crate::clock::Clock;

/// How long a run is silent before a bar appears.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often a bar's text changes at most.
const FRAME: Duration = Duration::from_millis(100);
/// How often a line is written where there is no bar.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// Where progress is shown.
#[derive(Debug)]
pub(crate) struct Display {
    clock: Arc<Clock>,
    way: Way,
    latest: Mutex<Instant>,
}

#[derive(Debug)]
enum Way {
    Silent,
    Heartbeat,
    Bar(ProgressBar),
}

impl Display {
    /// The display that fits the standard error and the environment.
    pub(crate) fn new(clock: Arc<Clock>, quiet: bool) -> Self {
        let in_ci = env::var_os("CI").is_some_and(|ci| !ci.is_empty());
        let way = if quiet {
            Way::Silent
        } else if io::stderr().is_terminal() && !in_ci {
            let style = ProgressStyle::with_template("{bar:20} {pos}/{len} {wide_msg}");
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
            Way::Bar(bar.with_style(style.expect("the template is well-formed")))
        } else {
            Way::Heartbeat
        };
        Self { clock, way, latest: Mutex::new(Instant::now()) }
    }

    /// Removes the bar.
    pub(crate) fn clear(&self) {
        if let Way::Bar(bar) = &self.way {
            bar.finish_and_clear();
        }
    }

    fn begin(&self, parts: usize) {
        if let Way::Bar(bar) = &self.way {
            bar.set_length(parts as u64);
            bar.set_position(0);
            bar.set_message("");
        }
    }

    fn position(&self, decided: usize) {
        if let Way::Bar(bar) = &self.way {
            self.show_bar(bar);
            bar.set_position(decided as u64);
        }
    }

    fn searching(&self, line: impl FnOnce() -> String) {
        let pause = match &self.way {
            Way::Silent => return,
            Way::Heartbeat => HEARTBEAT,
            Way::Bar(_) => FRAME,
        };
        // Whoever finds it locked comes while another thread already shows something.
        let Ok(mut latest) = self.latest.try_lock() else { return };
        if latest.elapsed() < pause {
            return;
        }
        *latest = Instant::now();
        match &self.way {
            Way::Silent => {}
            // Nobody needs to hear of a standard error that is closed.
            Way::Heartbeat => _ = writeln!(io::stderr(), "seriatim: {}", line()),
            Way::Bar(bar) => {
                self.show_bar(bar);
                bar.set_message(line());
            }
        }
    }

    fn show_bar(&self, bar: &ProgressBar) {
        if bar.is_hidden() && self.clock.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

/// Watches the check of one history: times its parts, and shows how far it is.
pub(crate) struct Watcher<'a> {
    display: &'a Display,
    path: &'a str,
    parts: usize,
    /// What a person calls a part.
    name: &'a (dyn Fn(usize) -> String + Sync),
    began: Instant,
    /// When work on each part began, in nanoseconds since then, and one; 0 where it did not.
    started: Vec<AtomicU64>,
    /// How long each part took, in nanoseconds, and one; 0 where it is not decided.
    elapsed: Vec<AtomicU64>,
    decided: AtomicUsize,
}

impl<'a> Watcher<'a> {
    /// A watcher of the history at `path`, which has so many parts, each with a name.
    pub(crate) fn new(
        display: &'a Display,
        path: &'a str,
        parts: usize,
        name: &'a (dyn Fn(usize) -> String + Sync),
    ) -> Self {
        let none = || (0..parts).map(|_| AtomicU64::new(0)).collect();
        let (started, elapsed) = (none(), none());
        let began = Instant::now();
        Self { display, path, parts, name, began, started, elapsed, decided: AtomicUsize::new(0) }
    }

    /// How long each part took.
    pub(crate) fn elapsed(self) -> Vec<Option<Duration>> {
        let elapsed = |taken: AtomicU64| taken.into_inner().checked_sub(1).map(Duration::from_nanos);
        self.elapsed.into_iter().map(elapsed).collect()
    }

    /// How long it has been watching, in nanoseconds.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX - 1)
    }
}

impl Observer for Watcher<'_> {
    fn parts(&self, count: usize) {
        self.display.begin(count);
    }

    fn started(&self, part: usize) {
        // A part may be gone on with after others had their turn.
        let started = &self.started[part];
        if started.load(Ordering::Relaxed) == 0 {
            started.store(self.now() + 1, Ordering::Relaxed);
        }
    }

    fn searching(&self, part: usize, reached: Reached) {
        self.display.searching(|| {
            let decided = self.decided.load(Ordering::Relaxed);
            let progress = (decided, self.parts);
            heartbeat(self.path, &(self.name)(part), reached, progress, self.display.clock.percent())
        });
    }

    fn decided(&self, part: usize, _: &Decision) {
        if let Some(started) = self.started[part].load(Ordering::Relaxed).checked_sub(1) {
            self.elapsed[part].store(self.now() - started + 1, Ordering::Relaxed);
        }
        self.display.position(self.decided.fetch_add(1, Ordering::Relaxed) + 1);
    }
}

/// "history.edn, key 17: 4.1 M configurations, 23 wide, 38 % of the time; 412 of 413 parts decided".
fn heartbeat(
    path: &str,
    part: &str,
    reached: Reached,
    (decided, parts): (usize, usize),
    percent: Option<u32>,
) -> String {
    let time = percent.map_or(String::new(), |percent| format!(", {percent} % of the time"));
    format!(
        "{path}, {part}: {} {}, {} wide{time}; {decided} of {parts} {} decided",
        approximately(reached.configurations),
        if reached.configurations == 1 { "configuration" } else { "configurations" },
        reached.width,
        plural(parts, "part", "parts")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heartbeat_tells_what_is_at_work() {
        let reached = Reached { returns: 10, of: 20, width: 23, indeterminate: 0, configurations: 4_123_456 };
        assert_eq!(
            heartbeat("h.edn", "key 17", reached, (412, 413), Some(38)),
            "h.edn, key 17: 4.1 M configurations, 23 wide, 38 % of the time; 412 of 413 parts decided"
        );
        assert_eq!(
            heartbeat("h.edn", "the history", reached, (0, 1), None),
            "h.edn, the history: 4.1 M configurations, 23 wide; 0 of 1 part decided"
        );
    }
}
