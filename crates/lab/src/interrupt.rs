//! Ctrl-C and its like: the first asks for an orderly end, the second does not wait for it.

use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use tokio::sync::watch;

use crate::say::complain;

static IS_ASKED: AtomicBool = AtomicBool::new(false);
static BELL: OnceLock<watch::Sender<bool>> = OnceLock::new();

/// The exit code of a run that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

fn bell() -> &'static watch::Sender<bool> {
    BELL.get_or_init(|| watch::Sender::new(false))
}

/// Begins to listen. Signals are caught and not held back: what a program holds back, those that it starts hold back, too.
pub(crate) fn listen() -> Result<()> {
    ctrlc::set_handler(heard).context("cannot listen for Ctrl-C")
}

fn heard() {
    if IS_ASKED.swap(true, Ordering::SeqCst) {
        complain("interrupted again: `seriatim-lab clean` removes what is left");
        process::exit(i32::from(INTERRUPTED));
    }
    complain("interrupted: cleaning up");
    bell().send_replace(true);
}

/// An error once somebody asked for an end.
pub(crate) fn check() -> Result<()> {
    if is_asked() {
        bail!("interrupted");
    }
    Ok(())
}

/// Whether somebody asked for an end.
pub(crate) fn is_asked() -> bool {
    IS_ASKED.load(Ordering::SeqCst)
}

/// Waits until somebody asks for an end.
pub(crate) async fn asked() {
    let mut receiver = bell().subscribe();
    let _ = receiver.wait_for(|is_asked| *is_asked).await;
}
