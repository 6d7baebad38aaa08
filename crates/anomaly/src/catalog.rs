//! The table of anomalies.

/// A kind of violation that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AnomalyKind {
    /// A value was seen that nobody put in.
    ValueFromNowhere,
    /// A value was seen that only an operation which failed would have put in.
    DirtyRead,
    /// A value was seen before it was put in.
    ReadFromTheFuture,
    /// Two compare-and-sets replaced one and the same value.
    LostUpdate,
    /// What somebody put in was never seen, although it was looked for.
    LostWrite,
    /// A process saw what had been there before it put something else in.
    OwnWriteNotRead,
    /// A value was seen that had been overwritten before anybody looked.
    StaleRead,
    /// A process saw something newer first, and something older then.
    NonMonotonicRead,
    /// Two saw the same values in contrary orders.
    OrderDisagreement,
    /// Operations that each must come before the next, round to the first.
    GeneralCycle,
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
    Row {
        kind: AnomalyKind::ValueFromNowhere,
        code: "LIN003",
        name: "value from nowhere",
        definition: "An operation saw a value that nobody ever put in, and that was not there at the start.",
        rule: "an operation saw a value that is not the initial one and that no operation puts in",
        picture: "\
P0  |--write 1--|
P1                |--read: 7--|        nobody wrote 7",
        mechanism: "The value was made up inside the system, or came from outside of the test: what was read is not what \
                    any client sent.",
        rules_out: "every consistency model that says where values come from, down to read uncommitted",
        causes: &[
            "corruption, of memory, of a file, or of a message",
            "data that an earlier run left behind: the initial value is not what the checker was told",
            "a client outside of the recording that wrote, too",
            "a log that is not whole: the beginning was cut off, or a client's part was lost",
        ],
        look_at: "where the value occurs elsewhere: in another key, an earlier run, a client's retry; and --init",
        defences: &[
            "checksums from client to client",
            "a fresh key space, or a wiped disk, for each run",
            "values that tell who wrote them and when, so that a stranger is seen at once",
        ],
        source: "Adya 1999, §3.1 (thin air); elle",
    },
    Row {
        kind: AnomalyKind::DirtyRead,
        code: "LIN004",
        name: "dirty read",
        definition: "An operation saw a value that only an operation which failed would have put in.",
        rule: "an operation saw a value that nobody puts in, and an operation that would have put it in failed",
        picture: "\
P0  |--write 2: fail--|
P1                      |--read: 2--|  and yet it is there",
        mechanism: "The system took effect and told the client that it had not; or it showed what it was about to take \
                    back.",
        rules_out: "read committed and everything above it",
        causes: &[
            "the client recorded `fail` for what it does not know: a timeout or a lost connection is `info`",
            "a leader applied an entry before it was committed, and was deposed",
            "a retry inside of the driver succeeded after the first attempt had failed",
        ],
        look_at: "the error that the failed operation came with; it is legal if that outcome was really unknown, and \
                  would have to be recorded as `info`",
        defences: &[
            "clients that record `fail` only for errors which promise that nothing happened",
            "effects that become visible only once they are committed",
        ],
        source: "Adya 1999, §3.1 (G1a, aborted reads)",
    },
    Row {
        kind: AnomalyKind::ReadFromTheFuture,
        code: "LIN005",
        name: "read from the future",
        definition: "An operation had returned with a value before anybody was asked to put it in.",
        rule: "r saw v, only w puts v in (or what v was made of by swaps), and r ⟶ w",
        picture: "\
P0  |--read: 5--|
P1                |--write 5--|        nobody else writes 5",
        mechanism: "No system can do that: the record is wrong, or the value was used twice.",
        rules_out: "every consistency model",
        causes: &[
            "clocks of several recorders that differ",
            "a value that was used before, by another run or by a client that is not in the log",
            "a recorder that writes calls when the answers come",
        ],
        look_at: "whose clock wrote the times: one recorder cannot contradict itself, two can",
        defences: &["one recorder, or one clock", "values that no two writes share"],
        source: "Gibbons & Korach 1997, §4",
    },
    Row {
        kind: AnomalyKind::LostUpdate,
        code: "LIN009",
        name: "lost update",
        definition: "Two compare-and-sets both replaced one and the same value, which was there once.",
        rule: "two operations saw v and put something else in, and only one operation puts v in",
        picture: "\
P0  |--cas 1 to 2: ok--|
P1     |--cas 1 to 3: ok--|            1 was written once",
        mechanism: "Both looked before either wrote: what was looked at was not what was written to.",
        rules_out: "linearizability of the register, and snapshot isolation (lost update, P4)",
        causes: &[
            "a compare-and-set made of a read and a write",
            "two leaders that each accept one",
            "a retry that was applied twice",
        ],
        look_at: "which nodes answered the two, and whether one of them was a retry",
        defences: &[
            "compare and set where the data is, by the leader of its log",
            "conditional writes with a version that is used once",
            "request identifiers, so that a retry is known",
        ],
        source: "Berenson et al. 1995 (P4); Adya 1999",
    },
    Row {
        kind: AnomalyKind::LostWrite,
        code: "LIN002",
        name: "lost write",
        definition: "A write was acknowledged, and whoever looked later saw what had been there before it.",
        rule: "w returned, nobody ever saw what it put in, and all who were called later saw what was older: at least two, \
               and three where other reads are stale",
        picture: "\
P0  |--write 1--|
P1                |--write 2: ok--|
P2                                  |--read: 1--|  |--read: 1--|  … and never 2",
        mechanism: "The write was told to be done before it was where it has to be, and what had it is gone.",
        rules_out: "linearizability, and durability",
        causes: &[
            "asynchronous replication: the leader acknowledged, died, and another one took over",
            "a split brain that was healed in favour of the other side",
            "a write that was not on the disk when the machine stopped",
        ],
        look_at: "the fault between the write and the first read that does not see it; which node acknowledged it",
        defences: &[
            "acknowledge after a majority has it",
            "fsync before the answer",
            "a leader that steps down when it cannot reach a majority",
        ],
        source: "Alquraan et al. 2018 (data loss); Jepsen",
    },
    Row {
        kind: AnomalyKind::OwnWriteNotRead,
        code: "LIN007",
        name: "own write not read",
        definition: "A process saw what had been there before it put something else in itself.",
        rule: "as a stale read, where the newer value was put in by the process that read",
        picture: "\
P0  |--write 2: ok--| |--read: 1--|    1 was there before",
        mechanism: "The process wrote to one replica and read from another that did not have it yet.",
        rules_out: "linearizability, sequential consistency, and read your writes",
        causes: &[
            "reads from followers",
            "a connection that moved to another node",
            "a cache in front of the store",
        ],
        look_at: "the nodes that answered the two operations",
        defences: &[
            "reads by the leader with a quorum or a lease",
            "sessions: a replica waits until it has what the client saw last",
        ],
        source: "Terry et al. 1994 (read your writes)",
    },
    Row {
        kind: AnomalyKind::StaleRead,
        code: "LIN001",
        name: "stale read",
        definition: "An operation saw a value although a newer one had been put in before it was called.",
        rule: "r saw v, w' put in another value, v was there before that of w', and w' ⟶ r; v was there before where \
               only w puts v in and w ⟶ w', where v is the initial value, or where other operations say so",
        picture: "\
P0  |--write 1--|
P1                |--write 2: ok--|
P2                                  |--read: 1--|",
        mechanism: "The answer came from a replica that had not heard of the newer value, and did not ask whether there \
                    is one.",
        rules_out: "linearizability; alone it leaves sequential consistency possible",
        causes: &[
            "reads from followers, or reads that are not confirmed by a quorum",
            "a leader that was deposed and does not know it: its lease is too long, or its clock too slow",
            "a cache in front of the store",
        ],
        look_at: "which node answered, and whether it is always the same; the fault that was at work",
        defences: &[
            "quorum reads, or reads through the log",
            "leases with a bound on how much clocks may differ",
            "a sync before the read",
        ],
        source: "Gibbons & Korach 1997, §4; Golab, Li & Shah 2011",
    },
    Row {
        kind: AnomalyKind::NonMonotonicRead,
        code: "LIN006",
        name: "non-monotonic read",
        definition: "A process saw something newer first, and something older then.",
        rule: "r1 ⟶ r2 of one process, r1 saw u, r2 saw v, and v was there before u",
        picture: "\
P0    |----------write 2---------------|
P1        |--read: 2--| |--read: 1--|  1 was there before",
        mechanism: "The process was answered by two replicas, the second of them behind the first.",
        rules_out: "linearizability, sequential consistency, and monotonic reads",
        causes: &["reads from followers, each as far as it is", "a connection that moved to another node"],
        look_at: "the nodes that answered the two reads",
        defences: &[
            "reads by the leader",
            "sessions: no answer from a replica that is behind what the client saw",
        ],
        source: "Terry et al. 1994 (monotonic reads)",
    },
    Row {
        kind: AnomalyKind::OrderDisagreement,
        code: "LIN008",
        name: "order disagreement",
        definition: "Somebody saw an old value after somebody else had seen a newer one.",
        rule: "r1 ⟶ r2, r1 saw u, r2 saw v, and v was there before u (new-old inversion)",
        picture: "\
P0    |----------write 2---------------|
P1        |--read: 2--|
P2                      |--read: 1--|  1 was there before",
        mechanism: "While a write was under way some replicas had it and others had not, and readers were told so.",
        rules_out: "linearizability; a regular register may do this (Lamport 1986)",
        causes: &[
            "reads from one replica each, during a write",
            "a quorum read that does not write back what it found",
        ],
        look_at: "the nodes that answered the two reads, and how long the write was open",
        defences: &[
            "quorum reads that write back before they answer (Attiya, Bar-Noy & Dolev 1995)",
            "reads by the leader",
        ],
        source: "Lamport 1986 (regular and atomic registers)",
    },
    Row {
        kind: AnomalyKind::GeneralCycle,
        code: "LIN012",
        name: "general cycle",
        definition: "Operations must each come before the next, and the last one before the first.",
        rule: "a cycle of real time, of who saw what, and of what was there before what, that has no other name",
        picture: "\
P0  |--cas 1 to 2: ok--|
P1     |--cas 2 to 1: ok--|            nobody else puts in 1 or 2",
        mechanism: "What was seen has no beginning.",
        rules_out: "linearizability",
        causes: &[
            "several of the other anomalies together",
            "compare-and-sets that were answered by several leaders",
        ],
        look_at: "each step of the cycle: the operations and the nodes that answered them",
        defences: &["one order for all operations on an object, by a log that a majority agrees to"],
        source: "Adya 1999 (cycles); Gibbons & Korach 1997",
    },
];

impl AnomalyKind {
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
