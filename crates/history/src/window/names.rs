//! The names by which testers tell that they begin to do something to the system, and that they end it.

/// The names with which something begins, and those with which it ends. `start-x` begins what `stop-x` ends, whatever `x`
/// is, and so do `x-start` and `x-stop`. A star stands for anything.
const PAIRS: &[(&str, &[&str])] = &[
    ("partition*", &["heal*", "recover*", "unpartition*", "stop-partition*", "rejoin*"]),
    ("isolate*", &["heal*", "recover*", "stop-partition*", "rejoin*"]),
    ("start-partition*", &["heal*", "stop-partition*"]),
    ("split*", &["heal*", "recover*"]),
    ("pause*", &["resume*", "heal*", "recover*", "unpause*"]),
    ("suspend*", &["resume*", "recover*"]),
    ("sigstop*", &["sigcont*", "resume*"]),
    ("kill*", &["restart*", "start", "start-node*", "recover*"]),
    ("crash*", &["restart*", "start", "start-node*", "recover*"]),
    ("stop-node*", &["start-node*", "restart*"]),
    ("down*", &["up*", "restart*", "start", "recover*"]),
    ("slow*", &["fast*", "heal*", "reset*", "unslow*"]),
    ("delay*", &["heal*", "reset*", "undelay*"]),
    ("drop*", &["heal*", "reset*"]),
    ("lag*", &["heal*", "reset*", "unlag*"]),
    ("bump*", &["reset*"]),
    ("start", &["stop", "heal*"]),
    // Whichever of these two comes first: of what is done to the system, or of the nodes.
    ("stop", &["start", "restart*"]),
];

/// Words with which something begins, and those with which it ends, in front of what that is or behind it.
const AROUND: &[(&str, &str)] = &[("start", "stop"), ("begin", "end"), ("enable", "disable")];

fn fits(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}

/// What it is that a word begins or ends.
fn around<'a>(name: &'a str, word: &str) -> Option<&'a str> {
    let front = name.strip_prefix(word).and_then(|rest| rest.strip_prefix('-'));
    front.or_else(|| name.strip_suffix(word).and_then(|rest| rest.strip_suffix('-')))
}

/// Whether something that began under one name ends with another one.
pub(super) fn ends(begun: &str, name: &str) -> bool {
    let is_counterpart = |&(first, last): &(&str, &str)| {
        around(begun, first).is_some_and(|what| around(name, last) == Some(what))
    };
    let pairs = PAIRS.iter().filter(|(begin, _)| fits(begun, begin));
    AROUND.iter().any(is_counterpart) || pairs.flat_map(|&(_, ends)| ends).any(|end| fits(name, end))
}

/// Whether something begins with a name.
pub(super) fn begins(name: &str) -> bool {
    let is_end =
        AROUND.iter().any(|(_, last)| name.strip_suffix(last).is_some_and(|rest| rest.ends_with('-')));
    let is_beginning = AROUND.iter().any(|(first, _)| around(name, first).is_some());
    let ends_another = PAIRS.iter().any(|(_, ends)| ends.iter().any(|end| fits(name, end)));
    !is_end && (PAIRS.iter().any(|(begin, _)| fits(name, begin)) || is_beginning && !ends_another)
}

/// A name as the table has it.
pub(super) fn plain(name: &str) -> String {
    name.trim_start_matches(':').to_lowercase().replace(['_', ' ', '.'], "-")
}
