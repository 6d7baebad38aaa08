//! Runs over seeds on all processors.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::ThreadPool;

use crate::judge;

/// Calls `each` for every seed; what it returns is added up, number by number.
///
/// Each thread works in a pool of one: a check inside takes no work of other seeds on.
pub(crate) fn over<const N: usize>(
    seeds: std::ops::Range<u64>,
    each: impl Fn(u64, &ThreadPool) -> [usize; N] + Sync,
) -> [usize; N] {
    let next = AtomicU64::new(seeds.start);
    let total = Mutex::new([0; N]);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let (one, several) = (judge::pool(1), judge::pool(3));
                one.install(|| {
                    let mut sum = [0; N];
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= seeds.end {
                            break;
                        }
                        let counts = each(seed, &several);
                        sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
                    }
                    let mut total = total.lock().expect("nobody panics while adding");
                    total.iter_mut().zip(sum).for_each(|(total, count)| *total += count);
                });
            });
        }
    });
    total.into_inner().expect("nobody panics while adding")
}
