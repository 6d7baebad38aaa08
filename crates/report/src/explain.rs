//! What evidence says, in words: the only place where it becomes a sentence.

use seriatim_anomaly::{Anomaly, Because, Evidence};
use seriatim_history::OpId;

use crate::report::{AnomalyOperation, OperationReport, RefutationReport};

/// The sentence for the evidence of a refutation; `None` where there is none.
pub fn suffices(refutation: &RefutationReport) -> Option<String> {
    match refutation.evidence.len() {
        0 => None,
        1 => Some("it has no place by itself, whatever the others did".to_owned()),
        count => Some(format!("these {count} alone have no order, whatever the others did")),
    }
}

/// The sentence for an anomaly, and the operations that it speaks of with the parts they play in it.
pub fn explain(
    anomaly: &Anomaly,
    operation: impl Fn(OpId) -> OperationReport,
) -> (String, Vec<AnomalyOperation>) {
    let role = |role, id| AnomalyOperation { role, operation: operation(id) };
    let who =
        |of: &AnomalyOperation| format!("{} by process {}", of.operation.shown, of.operation.process.text);
    match &anomaly.evidence {
        Evidence::NoWriter { reader, .. } => {
            let read = role("read", *reader);
            (format!("{}, and nobody put that value in", who(&read)), vec![read])
        }
        Evidence::Cycle(edges) => {
            let replaced = edges.iter().find_map(|edge| match edge.because {
                Because::SawReplaced { write, .. } => Some((edge, write)),
                Because::RealTime | Because::Saw { .. } => None,
            });
            let saw = edges.iter().find(|edge| matches!(edge.because, Because::Saw { .. }));
            if let Some((edge, write)) = replaced {
                let (read, overwrite) = (role("read", edge.from), role("overwrite", edge.to));
                let write = write.map(|write| role("write", write));
                let before =
                    write.as_ref().map_or("the initial value was there before".to_owned(), |write| {
                        format!("{} had returned before that one was called", who(write))
                    });
                let story = format!(
                    "{} was called after {} had returned; {before}, and nobody put it in again",
                    who(&read),
                    who(&overwrite)
                );
                (story, write.into_iter().chain([overwrite, read]).collect())
            } else if let Some(edge) = saw {
                let (write, read) = (role("write", edge.from), role("read", edge.to));
                (
                    format!(
                        "{} had returned before {} was called, which alone puts it in",
                        who(&read),
                        who(&write)
                    ),
                    vec![read, write],
                )
            } else {
                let all: Vec<_> = edges.iter().map(|edge| role("operation", edge.from)).collect();
                let story: Vec<_> = all.iter().map(who).collect();
                (
                    format!(
                        "each must come before the next, and the last before the first: {}",
                        story.join(", ")
                    ),
                    all,
                )
            }
        }
    }
}
