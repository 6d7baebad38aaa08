//! What still holds of registers that are not linearizable: which weaker guarantees their history keeps.
//!
//! Asked of some parts taken together: of one part, or of all parts of a history. Answers are proofs or none:
//! [`Held::Holds`] stands where an order was found and replayed or cannot be missing, [`Held::Broken`] where some
//! operations have none, and whatever else has a [reason](Why). What the guarantees imply of each other is so among the
//! answers, too.
//!
//! A compare-and-set that succeeded sees and puts in at one instant; in the order in which one session sees the others'
//! operations only what they put in counts. See [`GUARANTEES`] for the definitions, and for what a session is. About
//! linear in operations times sessions, but for sequential consistency over several keys, which is NP-hard (Gibbons &
//! Korach 1997).

mod guarantees;
mod lift;
mod regular;
mod replay;
mod saturate;
mod schedule;
mod sequential;
mod view;
mod visible;

use seriatim_history::{History, OpId};
use seriatim_model::{Kind, Model, Part};

pub use guarantees::{GUARANTEES, Guarantee, GuaranteeRow, strongest};

use crate::session::{Source, Steps};
use visible::Visible;

/// Whether a guarantee holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// It does.
    Holds,
    /// It does not: these operations show it, in the order of their calls.
    Broken(Vec<OpId>),
    /// Nobody knows.
    NotDetermined(Why),
}

/// Why it is not known whether a guarantee holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Why {
    /// The model is no register.
    NoRegister,
    /// Some operation does what these words cannot say.
    NoWords,
    /// Several operations put in a value that was seen.
    RepeatedValues,
    /// A compare-and-set that was refused saw that the value is another: nobody tells which.
    FailedSwaps,
    /// A value was seen that nobody puts in, so nobody knows how old it is.
    NoWriter,
    /// A process did several things at once, so that its operations have no order.
    Overlaps,
    /// There are too many operations and sessions to keep what each has seen of each.
    TooLarge,
    /// Neither an order nor a contradiction was found, and to find out takes exponential time.
    Unsolved,
    /// It was time to stop.
    TimeUp,
}

/// Which guarantees hold of some parts of a history taken together, from the strongest to the weakest; for as long as
/// `goes_on` says so, which is asked now and then.
pub fn held<M: Model>(
    model: &M,
    parts: &[&Part<M::Op>],
    history: &History,
    goes_on: &dyn Fn() -> bool,
) -> Vec<(Guarantee, Held)> {
    let Kind::Register { initial } = model.kind() else { return all(Why::NoRegister) };
    match Steps::new(model, parts, initial, history, goes_on) {
        Ok(steps) => of_steps(&steps, goes_on),
        Err(why) => all(why),
    }
}

/// Nothing is known.
fn all(why: Why) -> Vec<(Guarantee, Held)> {
    GUARANTEES.iter().map(|row| (row.guarantee, Held::NotDetermined(why))).collect()
}

/// What is known, but for what is in doubt: nothing holds that may not.
fn of_steps(steps: &Steps, goes_on: &dyn Fn() -> bool) -> Vec<(Guarantee, Held)> {
    let mut answers = ask(steps, goes_on);
    for (guarantee, held) in answers.iter_mut().filter(|(_, held)| *held == Held::Holds) {
        let no_writer = || no_writer(steps).filter(|_| guarantee.is_of_sessions());
        if let Some(doubt) = steps.doubt.or_else(no_writer) {
            *held = Held::NotDetermined(doubt);
        }
    }
    answers
}

/// Asks what costs least first: what is broken there is broken above, and what holds above holds there.
fn ask(steps: &Steps, goes_on: &dyn Fn() -> bool) -> Vec<(Guarantee, Held)> {
    let mut answers = vec![(Guarantee::Regular, regular::regular(steps, goes_on))];
    if steps.overlaps {
        return lift::complete(answers, Why::Overlaps);
    }
    answers.extend(Visible::new(steps).guarantees(goes_on));
    let ways: [(Guarantee, &dyn Fn() -> Held); 3] = [
        (Guarantee::Sequential, &|| sequential::sequential(steps, goes_on)),
        (Guarantee::Causal, &|| view::causal(steps, goes_on)),
        (Guarantee::Pram, &|| view::pram(steps, goes_on)),
    ];
    for (guarantee, ask) in ways {
        if !lift::is_known(&answers, guarantee) {
            answers.push((guarantee, ask()));
        }
    }
    lift::complete(answers, Why::TimeUp)
}

/// Whether a value was seen that nobody puts in.
fn no_writer(steps: &Steps) -> Option<Why> {
    first_from_nowhere(steps).map(|_| Why::NoWriter)
}

/// The first operation that saw a value which nobody puts in.
fn first_from_nowhere(steps: &Steps) -> Option<usize> {
    steps.all.iter().position(|step| step.source == Some(Source::Nowhere))
}

#[cfg(test)]
mod tests;
