//! Files that are no text.

use super::Detected;

const HISTORY: &str = "pass `history.edn` or `history.txt`, which Jepsen writes next to it";
const TRANSACTIONS: &str = "histories of transactions without times cannot be checked for linearizability; pass a history of operations with calls and returns";

pub(super) fn detect(bytes: &[u8], name: Option<&str>) -> Option<Detected> {
    if bytes.starts_with(b"JEPSEN") {
        return Some(Detected::Unsupported("Jepsen's `test.jepsen`", HISTORY));
    }
    if is_fressian(bytes) {
        return Some(Detected::Unsupported("Jepsen's `test.fressian`", HISTORY));
    }
    if is_cobra(bytes) {
        return Some(Detected::Unsupported("a log of cobra", TRANSACTIONS));
    }
    let is_named = |end: &str| name.is_some_and(|name| name.ends_with(end));
    if is_dbcop(bytes) || !is_text(bytes) && is_named(".bincode") {
        return Some(Detected::Unsupported("a history of dbcop", TRANSACTIONS));
    }
    if !is_text(bytes) && is_named(".fressian") {
        return Some(Detected::Unsupported("Jepsen's `test.fressian`", HISTORY));
    }
    None
}

/// Whether the beginning has no byte that texts do not have.
fn is_text(bytes: &[u8]) -> bool {
    !bytes[..bytes.len().min(4096)]
        .iter()
        .any(|&byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c))
}

/// A Fressian map, whose first key is a keyword: the code of a map (0xc0), of a list or of a list's length (0xe4 to
/// 0xec), and what is no text in any case.
fn is_fressian(bytes: &[u8]) -> bool {
    let [0xc0, 0xe4..=0xec, rest @ ..] = bytes else { return false };
    std::str::from_utf8(bytes).is_err() && !rest.is_empty()
}

/// Cobra's records: `S` and an id of 8 bytes, then another record: begin, read, write, commit or abort.
fn is_cobra(bytes: &[u8]) -> bool {
    let [b'S', 0, rest @ ..] = bytes else { return false };
    matches!(rest.get(7), Some(b'S' | b'R' | b'W' | b'C' | b'A'))
}

/// dbcop's parameters: five small integers of 8 bytes, little-endian.
fn is_dbcop(bytes: &[u8]) -> bool {
    let numbers = bytes.chunks_exact(8).take(5);
    numbers.len() == 5 && numbers.into_iter().all(|number| number[4..] == [0; 4] && number[..4] != [0; 4])
}
