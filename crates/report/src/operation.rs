//! An operation of a history.

use std::borrow::Cow;

use crate::place::Place;
use crate::shown::Shown;
use crate::words::shortened;

/// One operation of a history.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationReport {
    /// Its number: operations are numbered from 0 in the order of their calls.
    pub id: u32,
    /// Its client.
    pub process: Shown,
    /// What was asked.
    pub function: String,
    /// The argument.
    pub argument: Option<Shown>,
    /// The answer.
    pub value: Option<Shown>,
    /// The node that was asked.
    pub node: Option<Shown>,
    /// What it did, as the model tells it.
    pub shown: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The recorded times of its call and of its end, in nanoseconds.
    pub times: (Option<i64>, Option<i64>),
    /// What recorded its call and its end, where somebody wants to see that.
    pub raw: (Option<String>, Option<String>),
    /// Where its call is recorded.
    pub call: Place,
    /// Where its return is recorded.
    pub end: Option<Place>,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It happened.
    Ok,
    /// It did not happen.
    Fail,
    /// Nobody knows.
    Info,
}

impl Outcome {
    /// Jepsen's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fail => "fail",
            Self::Info => "info",
        }
    }
}

impl OperationReport {
    /// The line on which it ended, as far as is recorded.
    pub fn last_line(&self) -> usize {
        self.end.as_ref().unwrap_or(&self.call).line
    }

    /// What it did, and which client, where the one does not tell the other.
    pub(crate) fn by_whom(&self) -> String {
        let by = format!("by process {}", self.process.text);
        let did = self.in_short();
        if did.contains(&by) { did.into_owned() } else { format!("{did} {by}") }
    }

    /// What it did, for people: the beginning of it, where it names more values than anybody reads.
    pub fn in_short(&self) -> Cow<'_, str> {
        const READABLE: usize = 200;
        shortened(&self.shown, READABLE)
    }
}

#[cfg(test)]
mod tests {
    use seriatim_history::{LineIndex, SourceId, Span};

    use super::*;

    #[test]
    fn what_nobody_reads_is_cut_short() {
        let place = Place::new("p", "", &LineIndex::new(b""), Span::new(SourceId(0), 0, 0));
        let of = |shown: String| OperationReport {
            outcome: Outcome::Ok,
            times: (None, None),
            raw: (None, None),
            id: 0,
            process: Shown { text: "0".to_owned(), json: 0.into() },
            function: "read".to_owned(),
            argument: None,
            value: None,
            node: None,
            shown,
            call: place.clone(),
            end: None,
        };
        assert_eq!(of("é".repeat(200)).in_short(), "é".repeat(200));
        let cut = format!("{}… and 2,800 more characters", "é".repeat(200));
        assert_eq!(of("é".repeat(3_000)).in_short(), cut);
    }
}
