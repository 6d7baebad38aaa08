//! Work on a thread of its own, so that whoever waits for it can go on without it when the run is to stop.

use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use seriatim_checker::StopReason;

use crate::clock::STOP;

/// How long it may take to notice a request to stop.
const LOOK: Duration = Duration::from_millis(5);

/// As much as the main thread has: values may be nested deeply.
const STACK: usize = 8 << 20;

/// Work that nobody waits for any more. It cannot be asked to stop, but it ends by itself.
#[derive(Debug)]
pub(crate) struct Abandoned(JoinHandle<()>);

impl Abandoned {
    /// Waits until it has ended, and given back its memory.
    pub(crate) fn wait(self) {
        // Nobody wants to know any more what became of it.
        let _ = self.0.join();
    }
}

/// What `work` comes to; or why that was not waited for, and the work that is left alone.
///
/// # Panics
/// Where the work does.
pub(crate) fn unless_stopped<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, (StopReason, Abandoned)> {
    let (tell, told) = mpsc::channel();
    let work = move || {
        // Nobody may be listening any more.
        let _ = tell.send(work());
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread can be started");
    loop {
        match told.recv_timeout(LOOK) {
            Ok(done) => return Ok(done),
            Err(RecvTimeoutError::Timeout) => {
                if let Some(reason) = STOP.requested() {
                    return Err((reason, Abandoned(thread)));
                }
            }
            Err(RecvTimeoutError::Disconnected) => match thread.join() {
                Err(panicked) => panic::resume_unwind(panicked),
                Ok(()) => unreachable!("whoever does not panic tells what it came to"),
            },
        }
    }
}

/// Whether nothing comes after the history at hand.
static IS_LAST: AtomicBool = AtomicBool::new(false);

/// Nothing comes after the history at hand: once it is described, the process ends, and gives back all at once.
pub(crate) fn nothing_follows() {
    IS_LAST.store(true, Ordering::Relaxed);
}

/// Gets rid of something: aside where there is no time, since the last of its pieces may be freed long after all is said.
pub(crate) fn discard<T: Send + 'static>(garbage: T) {
    if STOP.requested().is_some() {
        thread::spawn(move || std::mem::drop(garbage));
    }
}

/// Gets rid of what is not needed once a history is described; where nothing follows, the end of the process does so.
pub(crate) fn leave<T: Send + 'static>(garbage: T) {
    if IS_LAST.load(Ordering::Relaxed) {
        std::mem::forget(garbage);
    } else {
        discard(garbage);
    }
}
