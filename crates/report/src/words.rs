//! Numbers, texts and lines, as people read them.

use std::borrow::Cow;
use std::time::Duration;

use crate::diagnostic;

/// `12345` as `12,345`.
pub(crate) fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `4123456` as `4.1 M`.
pub fn approximately(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => format!("{} k", number / 1_000),
        1_000_000..1_000_000_000 => format!("{:.1} M", number as f64 / 1e6),
        _ => format!("{:.1} G", number as f64 / 1e9),
    }
}

/// A number of configurations.
pub(crate) fn configurations(number: u64) -> String {
    let word = if number == 1 { "configuration" } else { "configurations" };
    format!("{} {word}", approximately(number))
}

/// How long something took.
pub(crate) fn duration(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if seconds < 1.0 { format!("{:.1} ms", seconds * 1e3) } else { format!("{seconds:.1} s") }
}

/// A text, or the beginning of it where it has more characters than anybody reads.
pub(crate) fn shortened(text: &str, readable: usize) -> Cow<'_, str> {
    match text.char_indices().nth(readable) {
        None => Cow::Borrowed(text),
        Some((end, _)) => {
            let (start, rest) = text.split_at(end);
            Cow::Owned(format!("{start}… and {} more characters", count(rest.chars().count())))
        }
    }
}

/// The word for so many: the first for one, the second for any other number.
pub fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

/// Writes `text` after `label` in so many columns, broken between words, later lines indented by `indent`. [`GLUE`] holds words
/// together.
pub(crate) fn wrap(out: &mut String, columns: usize, label: &str, indent: usize, text: &str) {
    out.push_str(label);
    let lines = broken(&diagnostic::printable(text), columns.saturating_sub(indent));
    let between = format!("\n{:indent$}", "");
    out.push_str(&lines.join(&between).replace(GLUE, " "));
    out.push('\n');
}

/// A blank at which no line is broken.
pub(crate) const GLUE: char = '\u{a0}';

/// `text` in lines of at most `width` characters, unless a word is longer.
pub(crate) fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        let line = lines.last_mut().expect("there is a first line");
        if line.is_empty() {
            line.push_str(word);
            column = length;
        } else if column + 1 + length <= width {
            line.push(' ');
            line.push_str(word);
            column += 1 + length;
        } else {
            lines.push(word.to_owned());
            column = length;
        }
    }
    lines
}

/// What a fault is called: `start-partition` begins a `partition`.
pub fn fault(name: &str) -> &str {
    ["start-", "start_"]
        .iter()
        .find_map(|begin| name.strip_prefix(begin))
        .filter(|of| !of.is_empty())
        .unwrap_or(name)
}

/// A stretch of time in seconds, `6.3 s to 12.0 s`; one without an end lasts on. What is short is told to a millisecond.
pub(crate) fn stretch(from: f64, to: Option<f64>) -> String {
    let to = to.filter(|&to| to > from);
    let is_short = to.map_or(from.abs() < 1.0, |to| to - from < 0.5 || to < 1.0);
    // What is rounded to nothing has no sign.
    let signed = |at: f64, half: f64| if at.abs() <= half { 0.0 } else { at };
    let told = |at: f64| {
        if is_short { format!("{:.3} s", signed(at, 0.0005)) } else { format!("{:.1} s", signed(at, 0.05)) }
    };
    to.map_or_else(|| told(from), |to| format!("{} to {}", told(from), told(to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_told_without_signs_of_nothing() {
        assert_eq!(stretch(-0.004, Some(30.0)), "0.0 s to 30.0 s");
        assert_eq!(stretch(-0.000_4, Some(0.3)), "0.000 s to 0.300 s");
        assert_eq!(stretch(-0.4, Some(30.0)), "-0.4 s to 30.0 s");
    }

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(broken("one two three", 7), ["one two", "three"]);
        assert_eq!(broken("incomprehensibilities a b", 5), ["incomprehensibilities", "a b"]);
        assert_eq!(broken("", 5), [""]);
        let mut out = String::new();
        wrap(&mut out, 80, "  label ", 8, &format!("{} a{GLUE}b c", "x".repeat(70)));
        assert_eq!(out, format!("  label {}\n        a b c\n", "x".repeat(70)));
    }

    #[test]
    fn numbers_are_readable() {
        let counts = [0, 999, 1_000, 1_234_567].map(count);
        assert_eq!(counts, ["0", "999", "1,000", "1,234,567"]);
        let approximately = [9_999, 12_345, 4_123_456, 7_000_000_000].map(approximately);
        assert_eq!(approximately, ["9999", "12 k", "4.1 M", "7.0 G"]);
    }

    #[test]
    fn faults_and_stretches_are_told_shortly() {
        assert_eq!(
            ["start-pause-leader", "kill", "start", "start-"].map(fault),
            ["pause-leader", "kill", "start", "start-"]
        );
        assert_eq!(stretch(6.34, Some(12.0)), "6.3 s to 12.0 s");
        assert_eq!(stretch(6.34, Some(6.41)), "6.340 s to 6.410 s");
        assert_eq!(stretch(0.0, Some(0.8)), "0.000 s to 0.800 s");
        assert_eq!([0.25, 6.34].map(|at| stretch(at, Some(at))), ["0.250 s", "6.3 s"]);
        assert_eq!(stretch(6.34, None), "6.3 s");
    }
}
