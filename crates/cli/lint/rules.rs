//! What is looked for in a recording: a row each.

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// What findings, `--deny` and `--allow` name it by.
    pub(crate) code: &'static str,
    /// The same in words.
    pub(crate) name: &'static str,
    /// Whether it is a warning, and not a note.
    pub(crate) is_warning: bool,
    /// What is found.
    pub(crate) what: &'static str,
    /// What it costs.
    pub(crate) why: &'static str,
    /// What to do about it.
    pub(crate) advice: &'static str,
}

/// All rules, by their codes.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        code: "HIS001",
        name: "value-written-twice",
        is_warning: false,
        what: "a value is written to a key that it was written to before",
        why: "a read of it does not say which write it saw, so violations can hide, and checking takes longer",
        advice: "let each write of a key have a value of its own, such as a count",
    },
    Rule {
        code: "HIS002",
        name: "clock-runs-back",
        is_warning: true,
        what: "the times of a process decrease from one of its events to the next",
        why: "latencies and windows of faults in reports are wrong, and so is any order by time",
        advice: "record a monotonic clock, one for all clients of a machine",
    },
    Rule {
        code: "HIS003",
        name: "timeout-recorded-as-fail",
        is_warning: true,
        what: "an operation that may change something is `fail`, and its error speaks of a timeout or a lost connection",
        why: "`fail` says that it certainly did not happen; if it did after all, a checker sees a violation that is none",
        advice: "record `info`; for this recording, check it with --treat-fail-as-info f=FUNCTION",
    },
    Rule {
        code: "HIS004",
        name: "fails-at-a-timeout",
        is_warning: true,
        what: "most failures of a function that may change something took about as long as the longest of them, far longer than what is ok",
        why: "they look like timeouts that were recorded as `fail`, though nobody knows whether they happened",
        advice: "record `info` where the answer did not come; for this recording, see --treat-fail-as-info",
    },
    Rule {
        code: "HIS005",
        name: "read-without-value",
        is_warning: true,
        what: "a read is `ok` and tells no value",
        why: "it says nothing of what was there, so it cannot show any violation",
        advice: "record what the read returned, also where that is nothing: `\"value\":null`",
    },
    Rule {
        code: "HIS006",
        name: "never-completed",
        is_warning: true,
        what: "an invocation has no completion, not even `info`",
        why: "it counts as of unknown outcome to the end, which makes checking harder; events may have been lost",
        advice: "record `info` when a client gives up, and stop the clients before the recorder",
    },
    Rule {
        code: "HIS007",
        name: "never-invoked",
        is_warning: true,
        what: "a process completes an operation that it never invoked",
        why: "events were lost, or two recorders use the same process numbers",
        advice: "record the invocation before the request is sent, and give each client a process of its own",
    },
    Rule {
        code: "HIS008",
        name: "hardly-concurrent",
        is_warning: true,
        what: "fewer than one in a hundred operations overlaps another one",
        why: "what clients do one after the other finds few faults: most need two operations at once",
        advice: "let more clients work on the same keys at once",
    },
    Rule {
        code: "HIS009",
        name: "process-goes-on",
        is_warning: true,
        what: "a process goes on after an operation of unknown outcome",
        why: "the crashed operation may still take effect, beside what its process does next; per-process reports are wrong then",
        advice: "give the client a new process number after `info`, as Jepsen does",
    },
    Rule {
        code: "HIS010",
        name: "no-reads",
        is_warning: true,
        what: "no read is ok",
        why: "nobody looked at what was written, so nothing can be found missing or wrong",
        advice: "let clients read what others write, during faults and after them",
    },
    Rule {
        code: "HIS011",
        name: "writes-nobody-could-see",
        is_warning: false,
        what: "at least a tenth of the writes began after the last read of their key was over",
        why: "whether they took effect, or were lost, cannot be told",
        advice: "end a run with reads of every key, after the last write and after the last fault",
    },
    Rule {
        code: "HIS012",
        name: "no-faults",
        is_warning: false,
        what: "no fault is recorded",
        why: "systems fail under faults; and what is found cannot be told to belong to one",
        advice: "inject faults, and record them as events of the process `nemesis`",
    },
    Rule {
        code: "HIS013",
        name: "keys-of-one-operation",
        is_warning: false,
        what: "keys have a single operation",
        why: "one operation by itself is hardly ever wrong: such keys make a run look larger than it is",
        advice: "use fewer keys, or more operations of each",
    },
    Rule {
        code: "HIS014",
        name: "fault-never-ends",
        is_warning: true,
        what: "a fault begins, and its end is not recorded",
        why: "how the system recovers is not tested, and all that comes later counts as within the fault",
        advice: "end each fault before the last reads, and record that it ended",
    },
    Rule {
        code: "HIS015",
        name: "cut-off",
        is_warning: true,
        what: "the last line is cut off and was left out",
        why: "the recorder was stopped while it wrote; what came after is missing",
        advice: "stop the clients, then close the recording",
    },
    Rule {
        code: "HIS016",
        name: "many-unknown",
        is_warning: false,
        what: "at least a fifth of the operations are of unknown outcome",
        why: "each may take effect at any later time: checking is hard, and what can be found is little",
        advice: "wait longer before a client gives up, and record `fail` where it is certain that nothing happened",
    },
];

/// The rule of a code.
pub(crate) fn rule(code: &str) -> &'static Rule {
    RULES.iter().find(|rule| rule.code == code).expect("the table has every code that is looked for")
}
