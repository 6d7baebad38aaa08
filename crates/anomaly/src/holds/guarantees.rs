//! The guarantees: their names, what they say, and what they imply.

use super::Held;

/// What a history of registers may keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guarantee {
    /// One order of all operations that every session keeps to.
    Sequential,
    /// No read of what was overwritten before it, nor of what was written after it.
    Regular,
    /// For each session an order that keeps to causes.
    Causal,
    /// For each session an order that keeps to the order of every session.
    Pram,
    /// No read behind an own write.
    ReadYourWrites,
    /// No read behind an own read.
    MonotonicReads,
    /// No writes of one session in the other order.
    MonotonicWrites,
    /// No write before what its session had read.
    WritesFollowReads,
}

/// A guarantee, and what there is to say of it.
#[derive(Clone, Copy, Debug)]
pub struct GuaranteeRow {
    /// Which.
    pub guarantee: Guarantee,
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub definition: &'static str,
    /// Who defined it.
    pub source: &'static str,
    /// What it implies directly.
    pub implies: &'static [Guarantee],
}

/// All of them, from the strongest to the weakest. What is linearizable keeps to all.
///
/// A *session* is a process up to its first operation of unknown outcome. An order is *legal* for a read if the last write of
/// its key before it is the one that it saw.
///
/// The four guarantees of sessions are about copies and what they have received (Terry et al. 1994), which no client
/// sees. What is here are the violations that clients can tell of, each of which contradicts PRAM or, in the case of
/// writes-follow-reads, causal consistency: they compare versions only where their order is forced, since one of the two
/// is the initial value, one session wrote both, or the session in question read the one before it had to do with the
/// other. A pair of versions whose order is not forced violates nothing.
pub const GUARANTEES: &[GuaranteeRow] = &[
    GuaranteeRow {
        guarantee: Guarantee::Sequential,
        name: "sequential consistency",
        definition: "There is one order of all operations, legal for every read, that keeps the order of each session.",
        source: "Lamport 1979",
        implies: &[Guarantee::Causal],
    },
    GuaranteeRow {
        guarantee: Guarantee::Regular,
        name: "regular register",
        definition: "No read returned before the write that it saw was called, and no other write was called after that \
                     write had returned and returned before the read was called (of many writers: the weak form, in \
                     which reads need not agree on the order of concurrent writes).",
        source: "Lamport 1986; MWR-Weak of Shao, Welch, Pierce & Lee 2011",
        implies: &[],
    },
    GuaranteeRow {
        guarantee: Guarantee::Causal,
        name: "causal consistency",
        definition: "For each session there is an order of all writes and its own reads, legal for its own reads, that \
                     keeps causes before effects: the order of each session, and writes before whoever saw them.",
        source: "Ahamad et al. 1995 (causal memory); Bouajjani et al. 2017 (CM)",
        implies: &[Guarantee::Pram, Guarantee::WritesFollowReads],
    },
    GuaranteeRow {
        guarantee: Guarantee::Pram,
        name: "PRAM",
        definition: "For each session there is an order of all writes and its own reads, legal for its own reads, that \
                     keeps the order of each session.",
        source: "Lipton & Sandberg 1988",
        implies: &[Guarantee::ReadYourWrites, Guarantee::MonotonicReads, Guarantee::MonotonicWrites],
    },
    GuaranteeRow {
        guarantee: Guarantee::ReadYourWrites,
        name: "read your writes",
        definition: "A session does not read, behind its last write of a key, the key's initial value or a write that \
                     it had itself made or read before that one.",
        source: "Terry et al. 1994, as far as clients can tell",
        implies: &[],
    },
    GuaranteeRow {
        guarantee: Guarantee::MonotonicReads,
        name: "monotonic reads",
        definition: "A session that read a key does not read afterwards the key's initial value, nor, once it has read \
                     another, a write that it had read before, nor one that its writer made before one that was read.",
        source: "Terry et al. 1994, as far as clients can tell",
        implies: &[],
    },
    GuaranteeRow {
        guarantee: Guarantee::MonotonicWrites,
        name: "monotonic writes",
        definition: "A session that saw a write does not read afterwards, of a key that the writer had written by then, \
                     the initial value or an earlier write of the same writer.",
        source: "Terry et al. 1994, as far as clients can tell",
        implies: &[],
    },
    GuaranteeRow {
        guarantee: Guarantee::WritesFollowReads,
        name: "writes follow reads",
        definition: "A session that saw a write does not read afterwards a write of the same key that the writer had \
                     read before it made that one, nor the initial value of a key of which the writer had read a write.",
        source: "Terry et al. 1994, as far as clients can tell",
        implies: &[],
    },
];

impl Guarantee {
    /// What there is to say of it.
    pub fn row(self) -> &'static GuaranteeRow {
        GUARANTEES.iter().find(|row| row.guarantee == self).expect("every guarantee has a row")
    }

    /// Whether one implies another, directly or not.
    pub fn implies(self, other: Self) -> bool {
        self.row().implies.iter().any(|&implied| implied == other || implied.implies(other))
    }

    /// Whether it compares versions two by two, so that what has no version violates nothing.
    pub(super) fn is_of_sessions(self) -> bool {
        matches!(
            self,
            Self::ReadYourWrites | Self::MonotonicReads | Self::MonotonicWrites | Self::WritesFollowReads
        )
    }
}

/// Of the guarantees that hold those that no other one of these implies.
pub fn strongest(answers: &[(Guarantee, Held)]) -> Vec<Guarantee> {
    let holds = || answers.iter().filter(|(_, held)| *held == Held::Holds).map(|&(guarantee, _)| guarantee);
    holds().filter(|&one| !holds().any(|other| other.implies(one))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stronger_ones_come_first() {
        let place = |guarantee| GUARANTEES.iter().position(|row| row.guarantee == guarantee);
        for row in GUARANTEES {
            assert!(row.implies.iter().all(|&implied| place(implied) > place(row.guarantee)), "{}", row.name);
            assert!(!row.guarantee.implies(row.guarantee));
        }
        assert!(Guarantee::Sequential.implies(Guarantee::MonotonicWrites));
        assert!(Guarantee::Causal.implies(Guarantee::WritesFollowReads));
        assert!(!Guarantee::Pram.implies(Guarantee::WritesFollowReads));
        assert!(!Guarantee::Sequential.implies(Guarantee::Regular));
    }

    #[test]
    fn the_strongest_that_hold() {
        let answers = [
            (Guarantee::Sequential, Held::Broken(Vec::new())),
            (Guarantee::Regular, Held::Holds),
            (Guarantee::Causal, Held::Broken(Vec::new())),
            (Guarantee::Pram, Held::Holds),
            (Guarantee::MonotonicReads, Held::Holds),
            (Guarantee::WritesFollowReads, Held::Holds),
        ];
        let expected = [Guarantee::Regular, Guarantee::Pram, Guarantee::WritesFollowReads];
        assert_eq!(strongest(&answers), expected);
        assert_eq!(strongest(&[]), []);
    }
}
