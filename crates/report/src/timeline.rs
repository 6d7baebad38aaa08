//! When few operations were, in lines of text: a row for each process, what overlapped and what came first, the faults above.
//!
//! Each call and each return has a column of its own, in their order: what is near in time would else be one column, and
//! which came first is what matters. So nothing is to scale; the times of the first and the last stand below.

use crate::finding::WindowReport;
use crate::operation::{OperationReport, Outcome};
use crate::whereabouts::plain;
use crate::words::{self, shortened};

/// What a picture is drawn with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pen {
    /// How many columns it may have.
    pub(crate) columns: usize,
    /// Whether nothing but ASCII may be written.
    pub(crate) is_ascii: bool,
}

/// So many rows of bars are drawn.
const ROWS: usize = 8;
/// So many faults are drawn above them.
const FAULTS: usize = 2;
/// So many characters of a name before a row.
const NAME: usize = 20;
/// So many characters of what an operation did, where there is room.
const LABEL: usize = 40;

/// The signs of a drawing.
struct Signs {
    call: char,
    open: char,
    ret: char,
    line: char,
    fault: char,
}

const DRAWN: Signs = Signs { call: '├', ret: '┤', line: '─', open: '…', fault: '═' };
const ASCII: Signs = Signs { call: '|', ret: '|', line: '-', open: '>', fault: '=' };

/// An operation, its place in time, and what is written into its bar.
struct Bar {
    name: String,
    label: Vec<char>,
    call: usize,
    /// The place of its return; nothing where it may take effect whenever.
    ret: Option<usize>,
}

/// The lines of a drawing; none where there is nothing to compare, or no room.
pub(crate) fn timeline<'a>(
    operations: impl Iterator<Item = &'a OperationReport>,
    faults: &[&WindowReport],
    origin: i64,
    pen: Pen,
) -> Vec<String> {
    let mut operations: Vec<_> = operations.collect();
    operations.sort_by_key(|of| of.id);
    operations.dedup_by_key(|of| of.id);
    if operations.len() < 2 {
        return Vec::new();
    }
    let is_open = |of: &OperationReport| of.outcome == Outcome::Info;
    let has_times = operations.iter().all(|of| of.times.0.is_some() && (is_open(of) || of.times.1.is_some()));
    let call = |of: &OperationReport| of.times.0.filter(|_| has_times).unwrap_or(of.call.line as i64);
    let ret = |of: &OperationReport| {
        let end = of.times.1.filter(|_| has_times).unwrap_or(of.last_line() as i64);
        (!is_open(of)).then_some(end)
    };
    let mut times: Vec<i64> = operations.iter().flat_map(|of| [Some(call(of)), ret(of)]).flatten().collect();
    times.sort_unstable();
    times.dedup();
    let place = |time: i64| times.partition_point(|&known| known < time);
    let mut bars: Vec<_> = operations
        .iter()
        .map(|of| Bar { name: name(of), label: label(of), call: place(call(of)), ret: ret(of).map(place) })
        .collect();
    let seconds = |time: i64| (time - origin) as f64 / 1e9;
    let (begin, end) = (seconds(times[0]), seconds(times[times.len() - 1]));
    let is_meanwhile =
        |of: &&&WindowReport| of.from.is_none_or(|from| from <= end) && of.to.is_none_or(|to| to >= begin);
    let faults: Vec<_> = faults.iter().filter(|_| has_times).filter(is_meanwhile).take(FAULTS).collect();
    let names = bars
        .iter()
        .map(|bar| bar.name.clone())
        .chain(faults.iter().map(|of| words::fault(&of.name).to_owned()));
    let before = names.map(|name| name.chars().count().min(NAME)).max().unwrap_or(0) + 2;
    let width = pen.columns.saturating_sub(before);
    let Some(columns) = columns(&mut bars, times.len(), width) else { return Vec::new() };
    let signs = if pen.is_ascii { &ASCII } else { &DRAWN };
    let line = |name: &str, drawn: &[char]| {
        let name: String = name.chars().take(NAME).collect();
        format!("{name:<before$}{}", drawn.iter().collect::<String>().trim_end())
    };
    let mut lines = Vec::new();
    for fault in &faults {
        // Between two events it is drawn between their columns.
        let column = |at: f64| {
            let next = times.partition_point(|&time| seconds(time) < at);
            match (next.checked_sub(1).map(|before| columns[before]), columns.get(next)) {
                (Some(before), Some(&after)) => usize::midpoint(before, after),
                (Some(_), None) => width - 1,
                (None, _) => 0,
            }
        };
        let (from, to) = (fault.from.map_or(0, column), fault.to.map_or(width - 1, column));
        let mut drawn = vec![' '; width];
        drawn[from..=to.max(from)].fill(signs.fault);
        lines.push(line(words::fault(&fault.name), &drawn));
    }
    let (rows, hidden) = rows(&bars, &columns, width, signs);
    lines.extend(rows.iter().map(|(name, drawn)| line(name, drawn)));
    // As many digits as tell the first from the last.
    let digits = match times[times.len() - 1] - times[0] {
        ..1_000_000 => 9,
        1_000_000..1_000_000_000 => 6,
        _ => 3,
    };
    let told = |time: i64| {
        if has_times { format!("{:.digits$} s", seconds(time)) } else { format!("line {time}") }
    };
    let (first, last) = (told(times[0]), told(times[times.len() - 1]));
    let room = columns[times.len() - 1] + 1;
    let gap = room.saturating_sub(first.chars().count()).max(last.chars().count() + 1);
    let axis = format!("{first}{last:>gap$}");
    if axis.chars().count() <= width {
        lines.push(line("", &axis.chars().collect::<Vec<_>>()));
    }
    if hidden > 0 {
        lines.push(format!("{hidden} more are not drawn"));
    }
    lines
}

fn name(of: &OperationReport) -> String {
    let node = of.node.as_ref().map_or(String::new(), |node| format!(", {}", plain(node)));
    format!("process {}{node}", of.process.text)
}

fn label(of: &OperationReport) -> Vec<char> {
    let failed = if of.outcome == Outcome::Fail { "failed: " } else { "" };
    // Whoever cuts it short below says nothing of how much.
    let did = shortened(&of.shown, 4 * LABEL);
    format!("{failed}{did}").chars().filter(|char| !char.is_control()).collect()
}

/// The columns of all events within `width`, so that what the operations did fits into their bars, or the beginning of it.
fn columns(bars: &mut [Bar], events: usize, width: usize) -> Option<Vec<usize>> {
    for most in (0..=LABEL).rev() {
        let needs = |bar: &Bar| if most == 0 { 1 } else { bar.label.len().min(most) + 3 };
        let mut columns = vec![0; events];
        for at in 1..events {
            let of_returns = bars.iter().filter(|bar| bar.ret == Some(at) && bar.call < at);
            let least = of_returns.map(|bar| columns[bar.call] + needs(bar)).max();
            columns[at] = (columns[at - 1] + 2).max(least.unwrap_or(0));
        }
        let open = || bars.iter().filter(|bar| bar.ret.is_none());
        let last = columns[events - 1];
        let end = open().map(|bar| columns[bar.call] + needs(bar) + 1).fold(last, usize::max);
        if end >= width {
            continue;
        }
        // All are moved by the same factor, so that nothing becomes shorter.
        let factor = open()
            .filter(|bar| columns[bar.call] > 0)
            .map(|bar| (width - 2 - needs(bar)) as f64 / columns[bar.call] as f64)
            .chain([(width - 1 - usize::from(open().next().is_some()) * 2) as f64 / last.max(1) as f64])
            .fold(f64::INFINITY, f64::min)
            .max(1.0);
        for bar in &mut *bars {
            if bar.label.len() > most {
                bar.label.truncate(most);
                if let Some(last) = bar.label.last_mut().filter(|_| most > 2) {
                    *last = '~';
                }
            }
        }
        return Some(columns.into_iter().map(|at| (at as f64 * factor) as usize).collect());
    }
    None
}

/// Rows of bars by their names, in which no two overlap, and how many operations have none.
fn rows<'a>(
    bars: &'a [Bar],
    columns: &[usize],
    width: usize,
    signs: &Signs,
) -> (Vec<(&'a str, Vec<char>)>, usize) {
    let mut rows: Vec<(&str, Vec<char>)> = Vec::new();
    let mut hidden = 0;
    for bar in bars {
        let (from, to) = (columns[bar.call], bar.ret.map_or(width - 1, |ret| columns[ret]));
        let is_free = |(name, row): &(&str, Vec<char>)| {
            *name == bar.name && row[from..=to].iter().all(|&char| char == ' ')
        };
        let at = match rows.iter().position(is_free) {
            Some(at) => at,
            None if rows.len() == ROWS => {
                hidden += 1;
                continue;
            }
            None => {
                rows.push((&bar.name, vec![' '; width]));
                rows.len() - 1
            }
        };
        draw(&mut rows[at].1[from..=to], bar, signs);
    }
    // A process that did several things at once has its rows together.
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in &rows {
        if !names.contains(name) {
            names.push(name);
        }
    }
    rows.sort_by_key(|(name, _)| names.iter().position(|known| known == name));
    (rows, hidden)
}

fn draw(room: &mut [char], bar: &Bar, signs: &Signs) {
    let last = room.len() - 1;
    room.fill(signs.line);
    room[last] = if bar.ret.is_some() { signs.ret } else { signs.open };
    room[0] = signs.call;
    if bar.label.len() + 2 <= room.len() {
        // What has no end is read from its beginning.
        let free = room.len() - bar.label.len();
        let at = if bar.ret.is_some() { free / 2 } else { 2.min(free / 2) };
        room[at..at + bar.label.len()].copy_from_slice(&bar.label);
    }
}

#[cfg(test)]
mod tests {
    use seriatim_history::{LineIndex, SourceId, Span};

    use super::*;
    use crate::place::Place;
    use crate::shown::Shown;

    fn shown(text: &str) -> Shown {
        Shown { text: text.to_owned(), json: text.into() }
    }

    fn operation(
        id: u32,
        process: &str,
        did: &str,
        [call, end]: [Option<i64>; 2],
        outcome: Outcome,
    ) -> OperationReport {
        let text = "\n".repeat(100);
        let lines = LineIndex::new(text.as_bytes());
        let place = |line: usize| Place::new("h", &text, &lines, Span::new(SourceId(0), line - 1, line - 1));
        let line = 1 + 2 * id as usize;
        OperationReport {
            id,
            process: shown(process),
            function: "read".to_owned(),
            argument: None,
            value: None,
            node: (process == "2").then(|| shown("n2")),
            shown: did.to_owned(),
            outcome,
            times: (call, end),
            raw: (None, None),
            call: place(line),
            end: (outcome != Outcome::Info).then(|| place(line + 1)),
        }
    }

    fn stale() -> Vec<OperationReport> {
        let ms = |at: i64| Some(at * 1_000_000);
        vec![
            operation(0, "0", "write 1", [ms(1_000), ms(1_004)], Outcome::Ok),
            operation(1, "1", "write 2", [ms(1_003), ms(1_010)], Outcome::Ok),
            operation(2, "3", "write 3", [ms(1_011), None], Outcome::Info),
            operation(3, "2", "read 1", [ms(1_100), ms(1_101)], Outcome::Ok),
        ]
    }

    fn drawn(operations: &[OperationReport], columns: usize, is_ascii: bool) -> Vec<String> {
        // The last two were over before, and began after it.
        let windows = [(Some(1.05), None), (Some(0.1), Some(0.9)), (Some(1.2), None)];
        let faults = windows.map(|(from, to)| WindowReport {
            name: "partition".to_owned(),
            nodes: Vec::new(),
            from,
            to,
        });
        timeline(operations.iter(), &faults.each_ref(), 0, Pen { columns, is_ascii })
    }

    #[test]
    fn what_came_first_is_seen() {
        let expected = [
            "partition                              ═════════════════════",
            "process 0      ├────write 1────┤",
            "process 1         ├────write 2─────┤",
            "process 3                             ├─write 3────────────…",
            "process 2, n2                            ├────read 1─────┤",
            "               1.000000 s                       1.101000 s",
        ];
        let lines = drawn(&stale(), 60, false);
        assert_eq!(lines, expected, "\n{}", lines.join("\n"));
        assert!(drawn(&stale(), 60, true).iter().all(|line| line.is_ascii()));
    }

    #[test]
    fn a_drawing_keeps_to_its_columns_and_uses_them() {
        for columns in 24..240 {
            let lines = drawn(&stale(), columns, false);
            let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(widest <= columns && (columns < 40 || widest == columns), "{columns}: {lines:#?}");
        }
        assert!(drawn(&stale(), 10, false).is_empty(), "there is no room");
        assert!(drawn(&stale()[..1], 80, false).is_empty(), "there is nothing to compare");
    }

    #[test]
    fn without_times_the_lines_count_and_too_many_are_counted() {
        let of = |id: u32| operation(id, &id.to_string(), "read 1", [None, None], Outcome::Ok);
        let all: Vec<_> = (0..11).map(of).collect();
        let lines = drawn(&all, 80, false);
        assert_eq!(lines.len(), ROWS + 2, "no fault, since nothing tells when it was: {lines:#?}");
        assert!(lines[ROWS].contains("line 1 ") && lines[ROWS].ends_with("line 22"), "{lines:#?}");
        assert_eq!(lines[ROWS + 1], "3 more are not drawn");
    }

    #[test]
    fn one_process_that_does_several_things_at_once_has_several_rows() {
        let of = |id, call, end| operation(id, "0", "read 1", [Some(call), Some(end)], Outcome::Fail);
        let lines = drawn(&[of(0, 0, 10), of(1, 5, 5), of(2, 20, 30)], 80, false);
        assert_eq!(lines.iter().filter(|line| line.starts_with("process 0")).count(), 2, "{lines:#?}");
        assert!(lines[0].contains("failed: read 1"), "{lines:#?}");
    }
}
