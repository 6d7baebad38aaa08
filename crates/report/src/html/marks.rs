//! Faults, findings and symptoms below the axis of a run: a lane for the faults and one for each code, so that what was at the
//! same time stands one below the other. Each mark names the nodes that it is about.

use maud::{Markup, html};

use super::overview::{LEFT, Scale, WIDTH, round};
use crate::beside::name;
use crate::document::{History, Run, shown};
use crate::words::shortened;

/// The height of a row.
const ROW: f64 = 16.0;
/// The width of a character of a label, about.
pub(super) const CHARACTER: f64 = 6.6;
/// So many nodes are named at a mark, and so many characters of each.
const NODES: usize = 3;
const READABLE: usize = 24;
/// So many lanes are drawn.
const LANES: usize = 40;

/// What a lane is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Fault,
    Anomaly,
    Symptom,
}

/// A fault, a finding or a symptom below the axis.
#[derive(Debug)]
struct Mark {
    /// The name of its lane.
    lane: String,
    sort: Sort,
    /// What stands at it.
    label: String,
    /// The same in words.
    told: String,
    /// Where its operations are; of what lasts, its beginning and its end.
    at: Vec<f64>,
    /// How many rows are above it.
    row: usize,
}

/// All that is drawn below an axis.
#[derive(Debug)]
pub(super) struct Marks {
    all: Vec<Mark>,
    /// The lanes, each with its first row.
    lanes: Vec<(String, usize)>,
    rows: usize,
    /// How many marks have no place.
    left_out: usize,
}

impl Marks {
    pub(super) fn new(run: &Run<'_>, history: &History<'_>, scale: &Scale) -> Self {
        let mut all: Vec<Mark> = Vec::new();
        for of in &run.faults {
            let nodes: Vec<_> = of.nodes.iter().map(ToString::to_string).collect();
            let label = format!("{} {}", crate::words::fault(&of.name), few(&nodes));
            let times = vec![of.from_s.unwrap_or(scale.from), of.to_s.unwrap_or(scale.to)];
            all.extend(mark("faults", Sort::Fault, label.trim(), super::tables::fault(of), times, scale));
        }
        for of in &history.anomalies {
            let times: Vec<f64> = of.operations.iter().filter_map(|of| of.end_s.or(of.call_s)).collect();
            let nodes = of.operations.iter().filter_map(|of| of.node.as_ref()).map(|node| shown(node));
            let nodes = few(&unique(nodes));
            let told = words(&of.code, &of.name, &nodes, &times);
            all.extend(mark(&of.code, Sort::Anomaly, &nodes, told, times, scale));
        }
        for of in &history.symptoms {
            let known: Vec<f64> = [of.from_s, of.to_s].into_iter().flatten().collect();
            let split = of.split.iter().flat_map(|split| [split.from_s, split.to_s]).flatten();
            let split: Vec<f64> = split.collect();
            let ends = of.operations.iter().flat_map(|of| [of.call_s, of.end_s]).flatten();
            // What is told of the whole stretch counts more than few operations of it.
            let times = [known, split].into_iter().find(|times| times.len() == 2);
            let times = times.unwrap_or_else(|| ends.collect());
            let named = of.scope.iter().flat_map(|scope| &scope.nodes).map(|node| shown(node));
            let sides = of.split.iter().filter(|split| split.sides_are == "nodes");
            let sides = sides.flat_map(|split| split.sides.iter().flatten()).map(|node| shown(node));
            let nodes = few(&unique(named.chain(sides)));
            let told = words(&of.code, &of.name, &nodes, &times);
            all.extend(mark(&of.code, Sort::Symptom, &nodes, told, times, scale));
        }
        Self::placed(all)
    }

    /// Marks with their rows: lanes from top to bottom, and within each as many rows as keep its marks apart.
    fn placed(marks: Vec<Mark>) -> Self {
        let mut lanes: Vec<(String, usize)> = Vec::new();
        let mut placed: Vec<Mark> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        for mark in &marks {
            if !names.contains(&mark.lane) {
                names.push(mark.lane.clone());
            }
        }
        let (count, mut rows) = (marks.len(), 0);
        let mut left = marks;
        for name in names.into_iter().take(LANES) {
            lanes.push((name.clone(), rows));
            let (here, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|mark| mark.lane == name);
            left = others;
            let mut ends: Vec<f64> = Vec::new();
            for mut mark in here {
                let (from, to) = mark.room();
                let row = ends.iter().position(|&end| end <= from).unwrap_or(ends.len());
                match ends.get_mut(row) {
                    Some(end) => *end = to,
                    None => ends.push(to),
                }
                mark.row = rows + row;
                placed.push(mark);
            }
            rows += ends.len();
        }
        let left_out = count - placed.len();
        Self { all: placed, lanes, rows, left_out }
    }

    pub(super) fn height(&self) -> f64 {
        ROW * self.rows as f64
    }

    pub(super) fn drawn(&self, top: f64) -> Markup {
        html! {
            @for (name, row) in &self.lanes {
                @let y = top + ROW * *row as f64;
                line.grid x1=(LEFT) x2=(WIDTH) y1=(round(y - 0.5)) y2=(round(y - 0.5)) { }
                text.mark.end x=(LEFT - 6.0) y=(round(y + 11.0)) { (name) }
            }
            @for mark in &self.all { (mark.drawn(top + ROW * mark.row as f64)) }
        }
    }

    /// What the drawing is of, in words.
    pub(super) fn caption(&self) -> Markup {
        html! {
            @if !self.all.is_empty() {
                " Below the axis, a lane for the faults and for each code. Triangles: wrong answers; bars, from when to when: faults (outlined) and symptoms (solid). Each names its nodes."
                ul { @for mark in &self.all { li { (mark.told) } } }
            }
            @if self.left_out > 0 { " Not drawn: " (self.left_out) " more." }
        }
    }
}

impl Mark {
    fn first(&self) -> f64 {
        self.at.first().copied().unwrap_or(LEFT)
    }

    fn last(&self) -> f64 {
        self.at.last().copied().unwrap_or(LEFT)
    }

    fn width(&self) -> f64 {
        self.label.chars().count() as f64 * CHARACTER
    }

    /// Where the label stands: behind the mark, before it, or on it, where there is room.
    fn label_at(&self) -> (f64, bool) {
        if self.last() + 8.0 + self.width() <= WIDTH {
            (self.last() + 8.0, false)
        } else if self.first() - 8.0 - self.width() >= LEFT {
            (self.first() - 8.0, true)
        } else {
            (self.first() + 4.0, false)
        }
    }

    /// From where to where it takes room.
    fn room(&self) -> (f64, f64) {
        let (at, is_end) = self.label_at();
        let label = if is_end { (at - self.width(), at) } else { (at, at + self.width()) };
        ((self.first() - 6.0).min(label.0), (self.last() + 6.0).max(label.1 + 8.0))
    }

    fn drawn(&self, y: f64) -> Markup {
        let (from, to) = (self.first(), self.last());
        let (at, is_end) = self.label_at();
        let class = match self.sort {
            Sort::Fault => "stretch of-fault",
            Sort::Symptom | Sort::Anomaly => "stretch",
        };
        html! {
            @if self.sort == Sort::Anomaly {
                @for &at in &self.at { path.tick d={ "M" (round(at)) " " (round(y + 1.0)) "l-5 12h10z" } { } }
            } @else {
                rect class=(class) x=(round(from)) y=(round(y + 3.0)) width=(round((to - from).max(3.0))) height="9" { }
            }
            @if !self.label.is_empty() {
                text class={ "label" @if is_end { " end" } } x=(round(at)) y=(round(y + 11.0)) { (self.label) }
            }
        }
    }
}

fn mark(
    lane: &str,
    sort: Sort,
    label: &str,
    told: String,
    mut times: Vec<f64>,
    scale: &Scale,
) -> Option<Mark> {
    times.sort_by(f64::total_cmp);
    let (&from, &to) = (times.first()?, times.last()?);
    let places = if sort == Sort::Anomaly { times } else { vec![from, to] };
    let at = places.into_iter().map(|at| scale.x(at)).collect();
    let label = shortened(label, 3 * READABLE).into_owned();
    Some(Mark { lane: lane.to_owned(), sort, label, told, at, row: 0 })
}

/// `SYM06 fail-slow node, 6.250 s to 12.000 s, n2`.
fn words(code: &str, of: &str, nodes: &str, times: &[f64]) -> String {
    let from = times.iter().copied().fold(f64::INFINITY, f64::min);
    let to = times.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let when = if to > from { format!("{from:.3} s to {to:.3} s") } else { format!("{from:.3} s") };
    let nodes = if nodes.is_empty() { String::new() } else { format!(", {nodes}") };
    format!("{code} {}, {when}{nodes}", name(of))
}

fn unique(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// `n1, n2, n3 and 2 more`.
fn few(nodes: &[String]) -> String {
    let told: Vec<_> = nodes.iter().take(NODES).map(|node| shortened(node, READABLE)).collect();
    match nodes.len().checked_sub(NODES) {
        Some(more @ 1..) => format!("{} and {more} more", told.join(", ")),
        _ => told.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lane: &str, sort: Sort, label: &str, times: &[f64]) -> Mark {
        let scale = Scale { from: 0.0, to: 10.0, least: 1.0, most: 10.0 };
        mark(lane, sort, label, String::new(), times.to_vec(), &scale).expect("it has times")
    }

    #[test]
    fn each_code_has_a_lane_and_marks_of_one_do_not_meet() {
        let marks = Marks::placed(vec![
            of("faults", Sort::Fault, "partition n1", &[2.0, 4.0]),
            of("LIN001", Sort::Anomaly, "n2", &[4.0, 3.0]),
            of("faults", Sort::Fault, "kill n2", &[4.1, 5.0]),
            of("faults", Sort::Fault, "kill n3", &[8.0, 9.0]),
            of("SYM06", Sort::Symptom, "n2", &[2.0, 4.0]),
        ]);
        // The second fault begins where the label of the first one stands.
        assert_eq!(
            marks.lanes,
            [("faults".to_owned(), 0), ("LIN001".to_owned(), 2), ("SYM06".to_owned(), 3)]
        );
        let rows: Vec<_> = marks.all.iter().map(|mark| mark.row).collect();
        assert_eq!((rows, marks.rows, marks.left_out), (vec![0, 1, 0, 2, 3], 4, 0));
    }

    #[test]
    fn labels_stay_on_the_drawing() {
        for (times, is_end) in [([1.0, 2.0], false), ([9.0, 9.9], true), ([0.0, 10.0], false)] {
            let mark = of("SYM01", Sort::Symptom, "n1, n2, n3 and 2 more", &times);
            let (from, to) = mark.room();
            assert!(from >= LEFT - 6.0 && to <= WIDTH + 8.0, "{times:?}: {from} {to}");
            assert_eq!(mark.label_at().1, is_end, "{times:?}");
        }
    }

    #[test]
    fn marks_are_told_in_words() {
        assert_eq!(
            words("LIN001", "stale-read", "n2", &[4.0, 3.0]),
            "LIN001 stale read, 3.000 s to 4.000 s, n2"
        );
        assert_eq!(words("SYM06", "fail-slow-node", "", &[4.0]), "SYM06 fail-slow node, 4.000 s");
        let names = ["a", "b", "c", "d", "e"].map(str::to_owned);
        assert_eq!((few(&names), few(&names[..2])), ("a, b, c and 2 more".to_owned(), "a, b".to_owned()));
    }
}
