//! Texts that begin like JSON.

use super::Detected;
use crate::format::Format;
use crate::format::json::{Kind, Scanner};

/// Objects that are no operations: keys that they have, what they are, and what to pass.
const OTHERS: &[(&[&str], &str, &str)] = &[
    (
        &["tid", "sid", "ops"],
        "transactions of dbcdc",
        "histories of transactions are not checked for linearizability; pass a history of operations with calls and returns",
    ),
    (
        &["Request", "Responses"],
        "`watch.json` of etcd's robustness tests",
        "pass `operations.json`, which stands next to it",
    ),
    (
        &["expectuniquerevision"],
        "`traffic.json` of etcd's robustness tests",
        "pass the `operations.json` of the clients, in the folders next to it",
    ),
    (
        &["action", "proc", "data"],
        "a history of tipocket",
        "turn calls and returns into events of the native format",
    ),
    (
        &["event", "client_id", "op_id"],
        "a history of s2",
        "turn starts and finishes into events of the native format",
    ),
];

/// `None` where the text is no JSON.
pub(super) fn detect(begin: &str) -> Option<Detected> {
    let mut scanner = Scanner::of(begin);
    let is_array = scanner.next_byte() == Some(b'[');
    if is_array {
        scanner.open_list().ok()?;
    }
    let first = Keys::read(&mut scanner)?;
    for (keys, what, help) in OTHERS {
        if keys.iter().all(|key| first.has(key)) {
            return Some(Detected::Unsupported(what, help));
        }
    }
    let format = if first.has_any(&["ClientId", "ClientID"]) && first.has("Input") {
        Format::EtcdRobustness
    } else if is_array {
        Format::JsonArray
    } else if first.has("subIndex") || first.is_upper_case && first.has("nemesis") {
        Format::JepsenInJava
    } else {
        Format::Jsonl
    };
    Some(Detected::Format(format))
}

/// The keys of the first object, as far as it can be read.
#[derive(Default)]
struct Keys {
    names: Vec<String>,
    /// Whether its `type` is written in capitals.
    is_upper_case: bool,
}

impl Keys {
    /// `None` where what comes is no JSON object.
    fn read(scanner: &mut Scanner<'_>) -> Option<Self> {
        scanner.open_object().ok()?;
        let mut keys = Self::default();
        loop {
            match scanner.key(keys.names.is_empty()) {
                Ok(Some(key)) => keys.names.push(key.into_owned()),
                Ok(None) => return Some(keys),
                // An object that is cut off or broken further on is JSON all the same.
                Err(error) => return (error.is_cut_off || !keys.names.is_empty()).then_some(keys),
            }
            let is_type = keys.names.last().is_some_and(|name| name == "type");
            let value = scanner.place();
            if scanner.skip().is_err() {
                return Some(keys);
            }
            if is_type {
                let end = scanner.place();
                scanner.go_back(value);
                if scanner.kind().is_ok_and(|kind| kind == Kind::Text) {
                    let word = scanner.string().unwrap_or_default();
                    keys.is_upper_case =
                        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
                }
                scanner.go_back(end);
            }
        }
    }

    fn has(&self, key: &str) -> bool {
        self.names.iter().any(|name| name == key)
    }

    fn has_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.has(key))
    }
}
