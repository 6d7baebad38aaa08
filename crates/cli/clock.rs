//! The clock and the signals of a run: both ask its searches to stop.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use seriatim_checker::{Stop, StopReason};

use crate::exit::Exit;

/// The request to stop that all searches of this process share.
pub(crate) static STOP: Stop = Stop::new();

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From when on the history at hand has no time to spare; never where there is no limit.
static LATE: Mutex<Option<Instant>> = Mutex::new(None);

/// Whether there is time for what only helps: the last quarter belongs to what has to be told.
pub(crate) fn has_time_to_spare() -> bool {
    let late = *LATE.lock().expect(UNBROKEN);
    STOP.requested().is_none() && late.is_none_or(|late| Instant::now() < late)
}

/// Whether somebody has interrupted this process.
pub(crate) fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Goes on as though nobody had interrupted: what had to end because of it has ended.
pub(crate) fn forget_interrupt() {
    INTERRUPTED.store(false, Ordering::Relaxed);
    STOP.withdraw(StopReason::Interrupted);
}

/// From now on an interrupt (Ctrl-C, SIGTERM, SIGHUP) asks the searches to stop, and a second one ends the process.
pub(crate) fn heed_interrupts() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            process::exit(i32::from(Exit::Interrupted.code()));
        }
        STOP.request(StopReason::Interrupted);
    })
}

/// The time of one history after the other: none uses up what belongs to the next.
#[derive(Debug)]
pub(crate) struct Clock {
    limit: Option<Duration>,
    current: Mutex<Current>,
    changed: Condvar,
}

#[derive(Debug)]
struct Current {
    began: Instant,
    /// Whether its time may still run out.
    runs: bool,
}

impl Clock {
    /// A clock that gives each history `limit`; once that is up, its searches are asked to stop.
    pub(crate) fn new(limit: Option<Duration>) -> Arc<Self> {
        let current = Mutex::new(Current { began: Instant::now(), runs: false });
        let clock = Arc::new(Self { limit, current, changed: Condvar::new() });
        if let Some(limit) = limit {
            let clock = Arc::clone(&clock);
            thread::spawn(move || clock.watch(limit));
        }
        clock
    }

    /// The time of the next history begins.
    pub(crate) fn begin(&self) {
        let mut current = self.current();
        *current = Current { began: Instant::now(), runs: true };
        let late = self.limit.and_then(|limit| current.began.checked_add(limit / 4 * 3));
        *LATE.lock().expect(UNBROKEN) = late;
        STOP.withdraw(StopReason::Timeout);
        STOP.withdraw(StopReason::Memory);
        if self.limit == Some(Duration::ZERO) {
            STOP.request(StopReason::Timeout);
        }
        self.changed.notify_one();
    }

    fn watch(&self, limit: Duration) {
        let mut current = self.current();
        loop {
            let left = limit.saturating_sub(current.began.elapsed());
            current = if !current.runs {
                self.changed.wait(current).expect(UNBROKEN)
            } else if left.is_zero() {
                STOP.request(StopReason::Timeout);
                current.runs = false;
                current
            } else {
                self.changed.wait_timeout(current, left).expect(UNBROKEN).0
            };
        }
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().expect(UNBROKEN)
    }

    /// The time since the history at hand began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.current().began.elapsed()
    }

    /// How much of its time is used, in percent; `None` where there is no limit.
    pub(crate) fn percent(&self) -> Option<u32> {
        let limit = self.limit.filter(|limit| !limit.is_zero())?;
        Some((self.elapsed().as_secs_f64() / limit.as_secs_f64() * 100.0).min(100.0) as u32)
    }
}

const UNBROKEN: &str = "nobody panics while the clock is read";
