//! What tells the time of an event.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Tells how long ago some fixed moment was.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Clock {
    /// A clock of the caller.
    pub(crate) fn given(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The machine's: it begins with the time of day, so that the recorders of several processes count from one moment,
    /// and goes on by the monotonic clock, so that it never goes back.
    pub(crate) fn machine() -> Self {
        let began = Instant::now();
        let day = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::given(move || day + began.elapsed())
    }

    /// Nanoseconds since the fixed moment.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from((self.0)().as_nanos()).unwrap_or(u64::MAX)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Clock")
    }
}
