//! The table of anomalies.

mod any;
mod containers;
mod coverage;
mod locks;
mod logs;
mod numbers;
mod registers;
mod sets;
mod sides;

/// A kind of violation that has a name; the one that explains more first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AnomalyKind {
    /// A value was seen that nobody put in.
    ValueFromNowhere,
    /// A value was seen that only an operation which failed would have put in.
    DirtyRead,
    /// A value was seen before it was put in.
    ReadFromTheFuture,
    /// An element came out, or stands in a log, more often than it was put in.
    DuplicateElement,
    /// Two got one and the same identifier.
    DuplicateId,
    /// Two compare-and-sets replaced one and the same value.
    LostUpdate,
    /// Two held a lock at one instant.
    DoubleGrant,
    /// A lock was granted with a token that is not greater than one before it.
    FencingRegression,
    /// Two sides each acknowledged what the other one did not know. A symptom: it stands beside violations.
    SplitBrain,
    /// Two saw logs of which neither is a beginning of the other.
    DivergentLogs,
    /// Somebody saw a log that lacks something in front of what he saw.
    TornLog,
    /// What somebody put in was never seen, although it was looked for.
    LostWrite,
    /// An element that was put in is missing, and nobody sees it again.
    LostElement,
    /// A process saw what had been there before it put something else in.
    OwnWriteNotRead,
    /// An element was seen again that had been taken out.
    ZombieElement,
    /// A node went on answering what it knew once. A symptom: it stands beside violations.
    StuckReplica,
    /// A value was seen that had been overwritten before anybody looked.
    StaleRead,
    /// An element of a set is missing that is known to be there, and somebody sees it later.
    StaleElement,
    /// An element that was put in is missing, and somebody sees it later.
    LateElement,
    /// A log was seen shorter than it had been.
    LogGoesBack,
    /// A counter that is only added to was seen to be less than before.
    CounterGoesBack,
    /// A counter was seen outside of what its additions can come to.
    CounterOutOfBounds,
    /// Of two values one was seen, then the other one, and then the first one again.
    FlipFlop,
    /// A process saw something newer first, and something older then.
    NonMonotonicRead,
    /// Two saw the same values in contrary orders.
    OrderDisagreement,
    /// Elements came out, or stand in a log, in another order than the one they were put in.
    ReorderedElement,
    /// Operations that each must come before the next, round to the first.
    GeneralCycle,
    /// A history exercised less than was required of it. A note: nothing is known of it.
    NotCovered,
    /// An element was added, and nobody looked for it after that. A note: nothing is known of it.
    NeverRead,
    /// Operations that no order explains, and that no other kind fits.
    UnclassifiedCore,
}

/// What is known of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The kind.
    pub kind: AnomalyKind,
    /// Its stable code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub definition: &'static str,
    /// The rule that finds it; a ⟶ b says that a returned before b was called.
    pub rule: &'static str,
    /// A history that has it, as a picture: a line for each process, time from left to right.
    pub picture: &'static str,
    /// How systems come to do this.
    pub mechanism: &'static str,
    /// The guarantees that it breaks.
    pub rules_out: &'static str,
    /// What is usually the reason, each by itself.
    pub causes: &'static [&'static str],
    /// What to look at.
    pub look_at: &'static str,
    /// What is usually done against it, each by itself.
    pub defences: &'static [&'static str],
    /// Where the name or the rule is from.
    pub source: &'static str,
}

/// Every kind, the one that explains more first.
pub const CATALOG: &[Row] = &[
    any::VALUE_FROM_NOWHERE,
    any::DIRTY_READ,
    any::READ_FROM_THE_FUTURE,
    containers::DUPLICATE_ELEMENT,
    numbers::DUPLICATE_ID,
    registers::LOST_UPDATE,
    locks::DOUBLE_GRANT,
    locks::FENCING_REGRESSION,
    sides::SPLIT_BRAIN,
    logs::DIVERGENT_LOGS,
    logs::TORN_LOG,
    registers::LOST_WRITE,
    containers::LOST_ELEMENT,
    registers::OWN_WRITE_NOT_READ,
    sets::ZOMBIE_ELEMENT,
    sides::STUCK_REPLICA,
    registers::STALE_READ,
    sets::STALE_ELEMENT,
    containers::LATE_ELEMENT,
    logs::LOG_GOES_BACK,
    numbers::COUNTER_GOES_BACK,
    numbers::COUNTER_OUT_OF_BOUNDS,
    registers::FLIP_FLOP,
    registers::NON_MONOTONIC_READ,
    registers::ORDER_DISAGREEMENT,
    containers::REORDERED_ELEMENT,
    registers::GENERAL_CYCLE,
    coverage::NOT_COVERED,
    sets::NEVER_READ,
    any::UNCLASSIFIED_CORE,
];

impl AnomalyKind {
    /// Whether it is that something is lost that was acknowledged.
    pub fn is_of_loss(self) -> bool {
        matches!(self, Self::LostWrite | Self::LostElement)
    }

    /// Whether it is no violation by itself: a pattern of a whole history, told beside its violations, or a note.
    pub fn is_symptom(self) -> bool {
        matches!(self, Self::SplitBrain | Self::StuckReplica | Self::NotCovered | Self::NeverRead)
    }

    /// The kind's row in [`CATALOG`].
    pub fn row(self) -> &'static Row {
        CATALOG.iter().find(|row| row.kind == self).expect("every kind has a row")
    }
}

/// The row with a code, in whatever case it is written.
pub fn with_code(code: &str) -> Option<&'static Row> {
    CATALOG.iter().find(|row| row.code.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    use rustc_hash::FxHashSet;

    use super::*;

    #[test]
    fn the_one_that_explains_more_comes_first() {
        assert!(CATALOG.is_sorted_by_key(|row| row.kind));
    }

    #[test]
    fn codes_and_names_are_used_once() {
        let distinct = |of: fn(&Row) -> &'static str| CATALOG.iter().map(of).collect::<FxHashSet<_>>().len();
        assert_eq!(distinct(|row| row.code), CATALOG.len());
        assert_eq!(distinct(|row| row.name), CATALOG.len());
        for row in CATALOG {
            assert_eq!(with_code(&row.code.to_lowercase()).map(|found| found.kind), Some(row.kind));
            assert_eq!(row.kind.row().code, row.code);
            let texts = [
                row.definition,
                row.rule,
                row.picture,
                row.mechanism,
                row.rules_out,
                row.look_at,
                row.source,
            ];
            let lists = row.causes.iter().chain(row.defences);
            assert!(texts.iter().chain(lists).all(|text| !text.is_empty()), "{} has more to tell", row.code);
            assert!(!row.causes.is_empty() && !row.defences.is_empty(), "{} has more to tell", row.code);
        }
        assert!(with_code("LIN000").is_none());
    }
}
