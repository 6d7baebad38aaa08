//! Blocks that are read by a thread of their own before they are asked for.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::{Block, Blocks};

/// How many blocks may wait for those who read them.
const WAITING: usize = 2;

/// What is read ahead.
#[derive(Debug)]
pub struct Ahead {
    coming: Receiver<io::Result<Block>>,
    emptied: Sender<Vec<u8>>,
}

impl Ahead {
    /// The blocks as they come, while `wanted` says that there is use for one more.
    pub fn blocks_while(&self, wanted: impl Fn() -> bool) -> impl Iterator<Item = io::Result<Block>> {
        std::iter::from_fn(move || if wanted() { self.coming.recv().ok() } else { None })
    }

    /// Gives back the memory of a block, for those to come.
    pub fn give_back(&self, bytes: Vec<u8>) {
        // Whoever reads ahead may have come to the end, and need no more memory.
        let _ = self.emptied.send(bytes);
    }
}

/// Reads blocks on a thread of their own while `work` takes them. Gives what `work` does, the blocks that it did not take,
/// and those that were not read yet.
pub fn ahead<R: Read + Send, T>(
    blocks: Blocks<R>,
    work: impl FnOnce(&Ahead) -> T,
) -> (T, Vec<io::Result<Block>>, Blocks<R>) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (full, coming) = mpsc::sync_channel(WAITING);
        let (emptied, empty) = mpsc::channel::<Vec<u8>>();
        let is_over = &is_over;
        let reading = scope.spawn(move || {
            let mut blocks = blocks;
            while !is_over.load(Ordering::Relaxed)
                && let Some(block) = blocks.next_in(empty.try_recv().unwrap_or_default()).transpose()
            {
                full.send(block).expect("blocks are taken until there are no more");
            }
            blocks
        });
        let ahead = Ahead { coming, emptied };
        let done = work(&ahead);
        is_over.store(true, Ordering::Relaxed);
        let left = ahead.coming.iter().collect();
        let blocks = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (done, left, blocks)
    })
}
