//! What a file is, told from what is in it.

mod binary;
mod edn;
mod json;
mod line;

use super::Format;

/// What a text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detected {
    /// A history in this format.
    Format(Format),
    /// A file that is recognised but not read; the second says what to pass instead.
    Unsupported(&'static str, &'static str),
    /// Nothing that is known.
    Unknown,
}

/// Says what `bytes` are. `name`, the file's, is asked only where the content leaves a choice.
///
/// Nothing at all, and nothing but blanks, is an empty history in the native format.
pub fn detect(bytes: &[u8], name: Option<&str>) -> Detected {
    let name = name.map(|name| name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase());
    let name = name.as_deref();
    if let Some(detected) = binary::detect(bytes, name) {
        return detected;
    }
    // A file in a foreign encoding is told apart by what of it can be read.
    let readable = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    let text = readable.strip_prefix('\u{feff}').unwrap_or(readable);
    let begin = begin(text);
    match begin.as_bytes() {
        [] if readable.len() < bytes.len() => Detected::Unknown,
        // Only EDN has comments.
        [] if text.contains(';') => Detected::Format(Format::Edn),
        [] => Detected::Format(Format::Jsonl),
        [b'{', ..] => json::detect(begin).unwrap_or_else(|| edn::detect(begin)),
        [b'[', rest @ ..] => bracket(text, begin, rest),
        [b'(', rest @ ..] => match first_of(rest) {
            Some(b'[') => Detected::Format(Format::Tuples),
            Some(b'{' | b')' | b'#' | b';') | None => edn::detect(begin),
            Some(_) => line::detect(text, name),
        },
        [b'#', b'_' | b'{', ..] => edn::detect(begin),
        [b'#', b'a'..=b'z' | b'A'..=b'Z', ..] if begin.contains('{') => edn::detect(begin),
        _ => line::detect(text, name),
    }
}

/// What begins with a `[` is an array or vector of something, LiMo's name of a thread, or a line of some log.
fn bracket(text: &str, begin: &str, rest: &[u8]) -> Detected {
    if line::is_limo(begin) {
        return Detected::Format(Format::Limo);
    }
    let inside = rest.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != b',');
    let inside = inside.map(|at| &rest[at..]);
    match inside {
        Some([b'{', ..]) => json::detect(begin).unwrap_or_else(|| edn::detect(begin)),
        Some([b'[', ..]) => Detected::Format(Format::Tuples),
        None | Some([b']', ..]) => Detected::Format(Format::JsonArray),
        Some([b';' | b'#', ..]) => edn::detect(begin),
        Some(_) if is_tuple(begin) => Detected::Format(Format::Tuples),
        Some(_) => line::detect(text, None),
    }
}

/// Whether a text begins with `[process :type …`.
fn is_tuple(begin: &str) -> bool {
    let words = begin.trim_start_matches('[').split([' ', '\t', ',']).filter(|word| !word.is_empty());
    let mut words = words.take(2);
    let process = words.next().is_some_and(|word| word.parse::<i64>().is_ok() || word.starts_with(':'));
    process && words.next().is_some_and(|word| word.starts_with(':'))
}

/// The text from where it begins to say something: after blanks, commas and EDN's comments.
fn begin(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        match rest.strip_prefix(';') {
            Some(comment) => rest = comment.split_once('\n').map_or("", |(_, rest)| rest),
            None => return rest,
        }
    }
}

fn first_of(bytes: &[u8]) -> Option<u8> {
    bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace() && *byte != b',')
}

#[cfg(test)]
mod tests;
