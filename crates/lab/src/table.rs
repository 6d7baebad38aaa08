//! What was recorded, as a table.

use std::collections::BTreeMap;

use crate::row::Row;
use crate::verdict::Verdict;

/// How often something was recorded and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Cells that name it: system, workload with its setting, fault.
    pub(crate) what: [String; 3],
    /// Operations of each recording.
    pub(crate) operations: Vec<u64>,
    /// How often there was each verdict; `void` and `failed` are among them.
    pub(crate) verdicts: BTreeMap<String, u32>,
    /// In how many recordings each code was found.
    pub(crate) codes: BTreeMap<String, u32>,
}

impl Line {
    /// A row of which nothing was recorded yet.
    pub(crate) fn new(row: &Row) -> Self {
        let workload = format!("{}, {}", row.workload.name(), row.setting.name);
        Self { what: [row.system.to_owned(), workload, row.fault_names()], ..Self::default() }
    }

    /// One more recording, and what was found in it; nothing in one that is void.
    pub(crate) fn add(&mut self, found: Option<&Verdict>) {
        let verdict = found.map_or("void", |found| &found.verdict);
        *self.verdicts.entry(verdict.to_owned()).or_default() += 1;
        if let Some(found) = found {
            self.operations.push(found.operations);
            for code in found.codes.keys() {
                *self.codes.entry(code.clone()).or_default() += 1;
            }
        }
    }

    /// One more try that became no recording.
    pub(crate) fn failed(&mut self) {
        *self.verdicts.entry("failed".to_owned()).or_default() += 1;
    }

    fn cells(&self) -> [String; 6] {
        let [system, workload, fault] = self.what.clone();
        let times: u32 = self.verdicts.values().sum();
        let counted = |counts: &BTreeMap<String, u32>| {
            let one = |(word, count): (&String, &u32)| {
                if times == 1 { word.clone() } else { format!("{word} {count}/{times}") }
            };
            counts.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        [system, workload, fault, range(&self.operations), counted(&self.verdicts), counted(&self.codes)]
    }
}

fn range(numbers: &[u64]) -> String {
    match (numbers.iter().min(), numbers.iter().max()) {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least} to {most}"),
        _ => String::new(),
    }
}

const HEAD: [&str; 6] = ["system", "workload, setting", "fault", "operations", "verdict", "codes"];

/// The table, in Markdown that is readable as it is.
pub(crate) fn table(lines: &[Line]) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(lines.iter().map(Line::cells));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..HEAD.len()).map(width).collect();
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            text.push_str(&format!("| {cell:width$} "));
        }
        text.push_str("|\n");
        if at == 0 {
            widths.iter().for_each(|width| text.push_str(&format!("|{}", "-".repeat(width + 2))));
            text.push_str("|\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_recordings_of_a_row_are_one_line() {
        let line = Line {
            what: ["etcd".to_owned(), "register, serializable".to_owned(), "none".to_owned()],
            operations: vec![900, 1_200],
            verdicts: BTreeMap::from([("invalid".to_owned(), 2), ("void".to_owned(), 1)]),
            codes: BTreeMap::from([("LIN001".to_owned(), 2)]),
        };
        let text = table(std::slice::from_ref(&line));
        let expected =
            "| etcd   | register, serializable | none  | 900 to 1200 | invalid 2/3, void 1/3 | LIN001 2/3 |";
        assert_eq!(text.lines().nth(2), Some(expected), "{text}");
        let mut once = line;
        once.verdicts = BTreeMap::from([("invalid".to_owned(), 1)]);
        once.codes = BTreeMap::from([("LIN001".to_owned(), 1)]);
        assert_eq!(once.cells()[4..], ["invalid", "LIN001"], "of one recording there is nothing to count");
        assert_eq!(text.lines().map(str::len).max(), text.lines().map(str::len).min(), "{text}");
    }
}
