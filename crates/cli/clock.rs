//! The clock and the signals of a run: both ask its searches to stop.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use seriatim_checker::{Stop, StopReason};

use crate::exit::Exit;

/// The request to stop that all searches of this process share.
pub(crate) static STOP: Stop = Stop::new();

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether somebody has interrupted this process.
pub(crate) fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
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

/// The time of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Instant,
    limit: Option<Duration>,
}

impl Clock {
    /// Starts the clock; once the time is up, the searches are asked to stop.
    pub(crate) fn start(limit: Option<Duration>) -> Self {
        match limit {
            None => {}
            Some(Duration::ZERO) => STOP.request(StopReason::Timeout),
            Some(limit) => {
                thread::spawn(move || {
                    thread::sleep(limit);
                    STOP.request(StopReason::Timeout);
                });
            }
        }
        Self { started: Instant::now(), limit }
    }

    /// The time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// How much of the time is used, in percent; `None` where there is no limit.
    pub(crate) fn percent(&self) -> Option<u32> {
        let limit = self.limit.filter(|limit| !limit.is_zero())?;
        Some((self.elapsed().as_secs_f64() / limit.as_secs_f64() * 100.0).min(100.0) as u32)
    }
}
