//! Several labs at work side by side, each under a prefix of its own.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Result, ensure};

use crate::card::Card;
use crate::guard::Guard;
use crate::interrupt;
use crate::row::Row;
use crate::run::{self, Plan};

/// The most that work side by side.
pub(crate) const MOST: u8 = 8;

/// All prefixes that labs under one may have.
pub(crate) fn all_prefixes(prefix: &str) -> Vec<String> {
    let mut all = vec![prefix.to_owned()];
    all.extend(numbered(prefix, MOST));
    all
}

fn numbered(prefix: &str, count: u8) -> impl Iterator<Item = String> {
    (1..=count).map(move |number| format!("{prefix}{number}"))
}

/// Records rows in their order, so many at a time, until somebody interrupts it, and tells of each. Threads do it: the network of
/// a run is that of the thread that made it, and of those that this one begins.
pub(crate) fn record(
    prefix: &str,
    jobs: u8,
    tasks: &[(Row, Plan)],
    tell: impl FnMut(&Row, &Plan, Result<Card>) + Send,
) -> Result<()> {
    let prefixes = if jobs == 1 { vec![prefix.to_owned()] } else { numbered(prefix, jobs).collect() };
    let guards: Vec<Guard> = prefixes.iter().map(|prefix| Guard::enter(prefix)).collect::<Result<_>>()?;
    let left = Mutex::new(tasks.iter());
    let tell = Mutex::new(tell);
    let next = || lock(&left).next().filter(|_| !interrupt::is_asked());
    let work = |mut guard: Guard| {
        while let Some((row, plan)) = next() {
            let recorded = run::record(&mut guard, row, plan);
            if !interrupt::is_asked() {
                lock(&tell)(row, plan, recorded);
            }
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = guards.into_iter().map(|guard| scope.spawn(|| work(guard))).collect();
        let panicked = workers.into_iter().map(thread::ScopedJoinHandle::join).filter(Result::is_err).count();
        ensure!(panicked == 0, "{panicked} labs panicked");
        Ok(())
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labs_side_by_side_have_prefixes_of_their_own() {
        assert_eq!(numbered("sl", 3).collect::<Vec<_>>(), ["sl1", "sl2", "sl3"]);
        let all = all_prefixes("sl");
        assert_eq!(all.len(), 1 + usize::from(MOST));
        assert!(numbered("sl", MOST).all(|prefix| all.contains(&prefix)), "`clean` looks for all of them");
    }
}
