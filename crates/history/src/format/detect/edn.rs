//! Texts that begin like EDN.

use super::Detected;
use crate::format::Format;

/// Says what kind of EDN the text is by its first map.
pub(super) fn detect(begin: &str) -> Detected {
    let map = first_map(begin);
    let has = |name: &str| map.iter().any(|&(key, _)| key == name);
    let is_operation = has(":type") || has(":process") || has(":f");
    if has(":valid?") && !is_operation {
        let help = "it is what a checker said of a history: pass `history.edn`, which stands next to it";
        return Detected::Unsupported("a checker's result (`results.edn`)", help);
    }
    let function = map.iter().find(|&&(key, _)| key == ":f").map(|&(_, value)| value);
    let is_kv = matches!(function, Some(":get" | ":put" | ":append"));
    if has(":key") && is_kv && !has(":time") && !has(":index") {
        return Detected::Format(Format::PorcupineKv);
    }
    Detected::Format(Format::Edn)
}

/// The keys of the first map with their values, as far as they are words. What is nested counts as a value without a
/// word. Nothing is checked: a broken text is the reader's business.
fn first_map(text: &str) -> Vec<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut members: Vec<&str> = Vec::new();
    // How deep, from where the first map opened.
    let (mut depth, mut at) = (0_usize, 0);
    while at < bytes.len() {
        let from = at;
        match bytes[at] {
            b'{' | b'[' | b'(' => {
                at += 1;
                match (depth, bytes[from]) {
                    (0, b'{') => depth = 1,
                    (0, _) => {}
                    (1, _) => {
                        members.push("");
                        depth = 2;
                    }
                    _ => depth += 1,
                }
            }
            b'}' | b']' | b')' => {
                at += 1;
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
                if depth == 1 {
                    members.push("");
                }
            }
            b';' => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
            byte if byte.is_ascii_whitespace() || byte == b',' => at += 1,
            _ => {
                let is_end = |byte: &u8| byte.is_ascii_whitespace() || b",;\"()[]{}".contains(byte);
                // A character may be what ends other words: `\{`.
                let skip = if bytes[at] == b'\\' { 2 } else { 1 };
                let rest = bytes.get(at + skip..).unwrap_or_default();
                at = (at + skip + rest.iter().position(is_end).unwrap_or(rest.len())).min(bytes.len());
                // A tag belongs to what follows it.
                if depth == 1 && bytes[from] != b'#' {
                    members.push(text.get(from..at).unwrap_or(""));
                }
            }
        }
    }
    members.chunks(2).map(|pair| (pair[0], pair.get(1).copied().unwrap_or(""))).collect()
}
