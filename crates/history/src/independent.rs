//! The `[key value]` tuples of Jepsen's `independent` workloads.
//!
//! In EDN and JSON such a tuple cannot be told from a vector of two, such as the argument of a compare-and-set. So
//! tuples are taken apart where the user says so, or where [`is_certain`] finds that nothing else could be meant.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operation::{Completion, History, Operation};
use crate::value::{ValueId, Values};

/// Whether every value of a client is a vector of two, and some invocation is `[key nil]`.
///
/// The functions in `without_argument` are those that take no argument in the model at hand (`read`, `dequeue`,
/// `acquire`, …): each of their invocations must be `[key nil]`, and there must be one. An argument where none belongs
/// is what makes the tuple certain.
pub fn is_certain(history: &History, without_argument: impl Fn(&str) -> bool) -> bool {
    let mut asked_without = false;
    for operation in &history.operations {
        if operation.key.is_some() {
            return false;
        }
        let Some((_, argument)) = operation.argument.and_then(|value| tuple(&history.values, value)) else {
            return false;
        };
        if without_argument(history.function(operation)) {
            if argument != ValueId::NIL {
                return false;
            }
            asked_without = true;
        }
        if let Completion::Ok(answer) = operation.completion
            && answer.value.and_then(|value| tuple(&history.values, value)).is_none()
        {
            return false;
        }
    }
    asked_without
}

/// Takes the tuples apart: the key becomes the operation's key, the rest its value.
///
/// # Errors
/// Client values that are no tuples, and completions whose key is not that of their invocation.
pub fn split(history: &mut History) -> Result<(), Diagnostics> {
    let History { operations, values, .. } = history;
    let mut errors = Diagnostics::new();
    for operation in operations.iter_mut() {
        if let Err(error) = split_operation(operation, values) {
            errors.push(error);
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn split_operation(operation: &mut Operation, values: &Values) -> Result<(), Diagnostic> {
    let help = "with independent keys every value of a client is a vector `[key value]`";
    let Some((key, argument)) = operation.argument.and_then(|value| tuple(values, value)) else {
        let shown =
            operation.argument.map_or("no value".to_owned(), |value| format!("`{}`", values.show(value)));
        return Err(Diagnostic::error(operation.call.span, format!("expected `[key value]`, found {shown}"))
            .help(help));
    };
    if let (Completion::Ok(answer), Some(end)) = (&mut operation.completion, operation.end) {
        match answer.value.and_then(|value| tuple(values, value)) {
            Some((answered, value)) if answered == key => answer.value = Some(value),
            Some((answered, _)) => {
                let message = format!(
                    "this answers for key {}, but key {} was asked",
                    values.show(answered),
                    values.show(key)
                );
                return Err(Diagnostic::error(end.span, message).related(operation.call.span, "asked here"));
            }
            None => {
                let shown =
                    answer.value.map_or("no value".to_owned(), |value| format!("`{}`", values.show(value)));
                return Err(
                    Diagnostic::error(end.span, format!("expected `[key value]`, found {shown}")).help(help)
                );
            }
        }
    }
    operation.key = Some(key);
    operation.argument = Some(argument);
    Ok(())
}

fn tuple(values: &Values, value: ValueId) -> Option<(ValueId, ValueId)> {
    let &[key, value] = values.as_list(value)? else { return None };
    Some((key, value))
}
