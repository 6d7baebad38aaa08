//! A history as one part, whatever its keys: what splitting is compared with.

use seriatim_history::{Completion, History, OpId};
use seriatim_model::{Entry, Keys, Model, Part, Unreadable};

/// All operations of a history in one part. `model` must look after the keys itself, as
/// [`Keyed`](seriatim_model::keyed::Keyed) does.
///
/// # Errors
/// The first operation that the model cannot read.
pub fn unsplit<M: Model>(model: &M, history: &History) -> Result<Part<M::Op>, Unreadable> {
    let mut entries = Vec::with_capacity(history.operations.len());
    for (id, operation) in (0..).map(OpId).zip(&history.operations) {
        let op = model.parse(operation, &history.values).map_err(|error| Unreadable { id, error })?;
        let Some(op) = op else { continue };
        let ret = if operation.completion == Completion::Unknown { None } else { operation.ret() };
        entries.push(Entry { id, op, call: operation.call.event, ret });
    }
    Ok(Part { key: None, touched: Keys::new(), entries })
}
