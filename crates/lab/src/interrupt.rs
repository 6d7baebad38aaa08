//! Ctrl-C and its like: the first asks for an orderly end, the second does not wait for it.

use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Result, bail};
use nix::sys::signal::{SigSet, Signal};
use tokio::sync::watch;

static IS_ASKED: AtomicBool = AtomicBool::new(false);
static BELL: OnceLock<watch::Sender<bool>> = OnceLock::new();

/// The exit code of a run that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

fn bell() -> &'static watch::Sender<bool> {
    BELL.get_or_init(|| watch::Sender::new(false))
}

/// Begins to listen. To be called before there is another thread, since each inherits which signals it is spared.
pub(crate) fn listen() -> Result<()> {
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        signals.add(signal);
    }
    signals.thread_block()?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        while signals.wait().is_ok() {
            if IS_ASKED.swap(true, Ordering::SeqCst) {
                eprintln!("interrupted again: `seriatim-lab clean` removes what is left");
                process::exit(i32::from(INTERRUPTED));
            }
            eprintln!("interrupted: cleaning up");
            bell().send_replace(true);
        }
    })?;
    Ok(())
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
