//! Lessons about what a run did not exercise.

use super::Lesson;
use crate::kind::SymptomKind;

pub(super) const NOT_COVERED: Lesson = Lesson {
    kind: SymptomKind::NotCovered,
    definition: "The history has less of something than was required of it: it says too little, and is vacuous. A run \
                 that asked nothing while it mattered passes every check.",
    trigger: "Faults that were never injected, clients that fail or wait for as long as a fault lasts, a run that was \
              too short, a log that was cut off, a wrong address or password in the test.",
    sustaining: "Green builds. A test that checks nothing never fails, so nobody looks at it; it stays until somebody \
                 asks what it covered.",
    trace: "No `ok` of some function during some fault; no fault at all; or no `ok` in the whole history.",
    rule: "For a requirement of N operations of an outcome, of a function and in a phase where these are named \
           (`--require`), fewer than N completed so; during faults each fault's name counts by itself, and without any \
           fault nothing was exercised during one. Unlike the other symptoms it decides how a run ends, since somebody \
           asked for it.",
    picture: "\
faults                [====== partition ======]
P0  |--write 1: ok--|                            |--write 2: ok--|
P1    |--read: 1--|                                 |--read: 2--|
                      nothing ok in here: nothing is known of it",
    look_alikes: &[
        (
            "SYM01",
            "Clients asked, and nothing was done: the fault was exercised, and the system was down. For a requirement \
             of `ok` it is not covered either; the calls tell which.",
        ),
        (
            "SYM21",
            "One function alone was refused: that is what the system does under this fault, and the requirement may \
             ask too much.",
        ),
        (
            "faults not recorded",
            "They were injected, and the recording does not say so. Compare with the test's own log.",
        ),
    ],
    look_at: "The table of coverage in the HTML report: how many operations of each function completed in which phase. \
              The number of calls beside that of `ok`; the first error that each client met.",
    defences: &[
        "A gate that asks for it, by --require: so many `ok` of each function that matters, during each fault.",
        "Clients on every side of a partition, with timeouts that are shorter than the fault, and that connect again \
         to another node.",
        "Faults whose effect is looked at, not only their command: that packets do not pass, that the process is gone.",
        "A planted bug, or a fault that must break the system, now and then: a test that has never been red is not \
         known to work.",
        "A final phase after all faults are healed, in which everything is read until it is answered.",
    ],
    sources: &[
        "ours; Jepsen's checkers of statistics ask for one `ok` of each function",
        "Beer, Ben-David, Eisner & Rodeh, Efficient Detection of Vacuity in ACTL Formulas, CAV 1997 (what passes for \
         want of anything to check)",
        "openraft #1910 (a test that checked nothing)",
    ],
};
