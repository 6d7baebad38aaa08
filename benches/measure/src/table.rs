//! Tables in Markdown, and figures as people read them.

use std::fmt::Write as _;

use crate::section::progress;

/// A table: its columns, its rows.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    text: String,
    columns: usize,
}

impl Table {
    /// An empty table. Each row is printed as soon as it is there, so that a long run shows what it does.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut table = Self { text: String::new(), columns: columns.len() };
        table.line(&columns.iter().map(|&column| column.to_owned()).collect::<Vec<_>>());
        table.line(&vec!["---".to_owned(); columns.len()]);
        table
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.columns, "a row has a cell for each column: {cells:?}");
        progress(&cells[0]);
        self.line(&cells);
    }

    fn line(&mut self, cells: &[String]) {
        let line = format!("| {} |", cells.join(" | "));
        println!("{line}");
        writeln!(self.text, "{line}").expect("texts can be written to");
    }

    /// The rows so far.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// Seconds with three digits.
pub(crate) fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 0.000_999_5 => format!("{:.0} µs", s * 1e6),
        s if s < 0.009_995 => format!("{:.2} ms", s * 1e3),
        s if s < 0.099_95 => format!("{:.1} ms", s * 1e3),
        s if s < 0.999_5 => format!("{:.0} ms", s * 1e3),
        s if s < 9.995 => format!("{s:.2} s"),
        s => format!("{s:.1} s"),
    }
}

/// Bytes in powers of ten.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes as f64 {
        b if b < 999.5e6 => format!("{:.0} MB", b / 1e6),
        b => format!("{:.2} GB", b / 1e9),
    }
}

/// A count with spaces between the thousands, or as a power of ten where it is one.
pub(crate) fn count(count: usize) -> String {
    let digits = count.to_string();
    if digits.len() > 3 && digits.starts_with('1') && digits[1..].bytes().all(|digit| digit == b'0') {
        let power: String =
            (digits.len() - 1).to_string().chars().map(|digit| SUPERSCRIPT[digit as usize - 48]).collect();
        return format!("10{power}");
    }
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

const SUPERSCRIPT: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

/// The one in the middle, which is the greater of two in the middle; 0 of none.
pub(crate) fn median(all: &[f64]) -> f64 {
    let mut all = all.to_vec();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(0.0)
}

/// The largest; 0 of none.
pub(crate) fn worst(all: &[f64]) -> f64 {
    all.iter().copied().fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits() {
        assert_eq!(seconds(0.000_012_3), "12 µs");
        assert_eq!(seconds(0.001_234), "1.23 ms");
        assert_eq!(seconds(0.012_34), "12.3 ms");
        assert_eq!(seconds(0.123_4), "123 ms");
        assert_eq!(seconds(1.234), "1.23 s");
        assert_eq!(seconds(12.34), "12.3 s");
        assert_eq!(bytes(12_345_678), "12 MB");
        assert_eq!(bytes(1_234_567_890), "1.23 GB");
        assert_eq!(count(1000), "10³");
        assert_eq!(count(12_345), "12,345");
        assert_eq!(count(200), "200");
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(worst(&[3.0, 1.0]), 3.0);
    }
}
