//! Failures that are answers: a queue that was empty, a lock that somebody holds, a value that was another one. Whoever says so serves.

use seriatim_history::{Completion, Operation, Values};

/// Functions that may say no by what they mean, and say nothing else where they fail without an error.
const TAKERS: &[&str] =
    &["dequeue", "deq", "pop", "poll", "take", "receive", "acquire", "lock", "try-lock", "trylock"];

/// Others that may say no; without an error it is not known why they failed.
const SWAPS: &[&str] = &["cas", "compare-and-set", "compare-and-swap", "swap", "remove", "delete"];

/// What they say then; an error that has one of these.
const WORDS: &[&str] = &[
    "empty",
    "exhausted",
    "no message",
    "nothing to",
    "held",
    "already locked",
    "lock is taken",
    "another version",
    "mismatch",
    "did-not-succeed",
    "did not succeed",
    "precondition",
    "not equal",
];

/// Whether an operation failed and was answered all the same.
pub(crate) fn is_answer(operation: &Operation, values: &Values) -> bool {
    if !matches!(operation.completion, Completion::Fail(_)) {
        return false;
    }
    let name = values.as_text(operation.function).unwrap_or_default();
    let (may_say_no, is_swap) = (TAKERS.contains(&name), SWAPS.contains(&name));
    match operation.error {
        None => may_say_no,
        Some(error) => {
            let said = values.as_text(error).map(str::to_lowercase);
            (may_say_no || is_swap) && said.is_some_and(|said| WORDS.iter().any(|word| said.contains(word)))
        }
    }
}

#[cfg(test)]
mod tests {
    use seriatim_history::Answer;

    use super::*;
    use crate::trace::{Came, Trace};

    #[test]
    fn who_says_no_serves() {
        let mut values = Values::new();
        let mut of = |function: &str, error: Option<&str>| {
            let mut operation = Trace::operation(values.text(function), Came::Fail);
            operation.error = error.map(|error| values.text(error));
            is_answer(&operation, &values)
        };
        assert!(of("dequeue", None) && of("dequeue", Some("Empty")) && of("acquire", Some("held by n2")));
        assert!(of("cas", Some("another version")));
        assert!(!of("cas", None) && !of("write", None) && !of("read", Some("empty")));
        assert!(!of("dequeue", Some("connection refused")));
        let mut taken = Trace::operation(values.text("dequeue"), Came::Fail);
        taken.completion = Completion::Ok(Answer::default());
        assert!(!is_answer(&taken, &values));
    }
}
