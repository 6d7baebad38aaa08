//! Holds clients up while they are paused.

use tokio::sync::watch;

/// A gate for each client.
#[derive(Debug)]
pub(crate) struct Gates(Vec<watch::Sender<bool>>);

/// The gate of one client.
#[derive(Clone, Debug)]
pub(crate) struct Gate(watch::Receiver<bool>);

impl Gates {
    /// Open gates for so many clients.
    pub(crate) fn new(clients: usize) -> Self {
        Self((0..clients).map(|_| watch::Sender::new(true)).collect())
    }

    /// How many clients there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The gate of a client.
    pub(crate) fn of(&self, client: usize) -> Gate {
        Gate(self.0[client].subscribe())
    }

    /// From now on these clients wait at their gates.
    pub(crate) fn shut(&self, clients: &[usize]) {
        self.turn(clients, false);
    }

    /// These clients go on.
    pub(crate) fn open(&self, clients: &[usize]) {
        self.turn(clients, true);
    }

    fn turn(&self, clients: &[usize], is_open: bool) {
        for client in clients {
            self.0[*client].send_replace(is_open);
        }
    }
}

impl Gate {
    /// Waits until the gate is open, and says whether it was shut.
    pub(crate) async fn pass(&mut self) -> bool {
        let was_shut = !*self.0.borrow();
        // Without a keeper nobody shuts it any more.
        let _ = self.0.wait_for(|is_open| *is_open).await;
        was_shut
    }
}
