//! When the operations of a finding were: a lane for each process, time from left to right. What the script needs to have a
//! lane for each node instead, and fewer operations around the core, stands beside each bar.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::card;
use crate::document::{Anomaly, Fault, History, Role, shown};
use crate::words::{self, count, plural, shortened};

/// The width of a drawing, in its own units.
const WIDTH: f64 = 960.0;
/// Where the lanes begin, behind their names.
const LEFT: f64 = 150.0;
/// The height of a row of bars.
const LANE: f64 = 40.0;
/// The height of what stands above the lanes.
const TOP: f64 = 28.0;
/// The height of what stands below them.
const BOTTOM: f64 = 30.0;
/// The least width of a bar.
const BAR: f64 = 6.0;
/// So many times the usual distance is an idle gap, which is drawn broken.
const IDLE: f64 = 6.0;

/// An operation of the drawing.
struct Bar<'a> {
    of: &'a Role<'a>,
    is_core: bool,
    call: f64,
    /// None where nobody knows when it took effect, if ever.
    end: Option<f64>,
    /// The place of its process among the lanes, and that of its node.
    lanes: [usize; 2],
    /// From where to where it is drawn.
    from: f64,
    to: f64,
    /// In which row of bars it is drawn.
    row: usize,
    /// How many of those around the core are nearer to what the finding is about, from 1; 0 of the core.
    rank: usize,
}

/// The names of lanes, in the order in which they are drawn.
struct Lanes(Vec<String>);

impl Lanes {
    /// Shorter names are smaller numbers.
    fn new(names: impl Iterator<Item = String>) -> Self {
        let mut names: Vec<_> = names.collect();
        names.sort_by_cached_key(|name| (name.chars().count(), name.clone()));
        names.dedup();
        Self(names)
    }

    fn place(&self, name: &str) -> usize {
        self.0.iter().position(|known| known == name).unwrap_or(0)
    }
}

fn process(of: &Role<'_>) -> String {
    shown(&of.process)
}

/// The node that was asked; nothing where nobody tells.
fn node(of: &Role<'_>) -> String {
    of.node.as_ref().map_or(String::new(), |node| shown(node))
}

/// The drawing; the text beside it has the same facts. `has_others` is whether it also tells those around the core one by one.
pub(super) fn lanes<'a>(anomaly: &'a Anomaly<'a>, history: &History<'_>, has_others: bool) -> Markup {
    let (core, around) = (&anomaly.operations, &anomaly.around);
    let all = || core.iter().chain(around);
    let has_times = all().all(|of| of.call_s.is_some());
    // Without times the order of the lines is all there is.
    let call = |of: &Role<'_>| if has_times { of.call_s.unwrap_or(0.0) } else { of.call_line as f64 };
    let end = |of: &Role<'_>| {
        if &*of.outcome == "info" {
            None
        } else if has_times {
            of.end_s
        } else {
            Some(of.line as f64)
        }
    };
    if core.is_empty() && around.is_empty() {
        return html! {};
    }
    let axis = Axis::new(all().flat_map(|of| [Some(call(of)), end(of)]).flatten().collect());
    let (processes, nodes) = (Lanes::new(all().map(process)), Lanes::new(all().map(node)));
    let has_nodes = nodes.0.iter().any(|name| !name.is_empty());
    let bar = |of: &'a Role<'a>, is_core| {
        let (call, end) = (call(of), end(of));
        let from = axis.place(call);
        Bar {
            of,
            is_core,
            call,
            end,
            lanes: [processes.place(&process(of)), nodes.place(&node(of))],
            from,
            to: end.map_or(WIDTH, |end| axis.place(end)).max(from + BAR),
            row: 0,
            rank: 0,
        }
    };
    let mut bars: Vec<_> =
        core.iter().map(|of| bar(of, true)).chain(around.iter().map(|of| bar(of, false))).collect();
    rank(&mut bars, anomaly.subject);
    let tops = rows(&mut bars, processes.0.len());
    let lanes_end = TOP + LANE * tops.last().copied().unwrap_or(0) as f64;
    let height = lanes_end + BOTTOM;
    let faults = history.run.iter().flat_map(|run| &run.faults).filter(|_| has_times);
    let faults: Vec<_> = faults.filter(|fault| axis.meets(fault)).collect();
    let placed = |id: u32| bars.iter().find(|bar| bar.of.id == id);
    let arrows =
        anomaly.edges.iter().filter_map(|edge| Some((placed(edge.from)?, placed(edge.to)?, &*edge.because)));
    html! {
        figure.lanes {
            p.tools hidden {
                @if has_nodes {
                    span role="group" aria-label="Lanes" {
                        button type="button" data-by="process" aria-pressed="true" { "Lanes by process" } " "
                        button type="button" data-by="node" aria-pressed="false" { "Lanes by node" }
                    } " "
                }
                @if !around.is_empty() {
                    button.widen type="button" { "Widen" } " " button.narrow type="button" { "Narrow" } " "
                    span role="status" {
                        "Around it: " output { (count(around.len())) } " of " (count(around.len())) " " (plural(around.len(), "operation", "operations"))
                    }
                }
            }
            svg viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-label="When the operations were, a lane for each process" {
                @for fault in &faults { (band(fault, &axis, height)) }
                @for (at, name) in processes.0.iter().enumerate() {
                    (lane("process", at, &format!("process {}", shortened(name, 10)), Some(tops[at])))
                }
                @if has_nodes {
                    @for (at, name) in nodes.0.iter().enumerate() {
                        @let name = if name.is_empty() { "node not told".into() } else { shortened(name, 18) };
                        (lane("node", at, &name, None))
                    }
                }
                @for bar in &bars { (drawn(bar)) }
                @for (from, to, because) in arrows { (arrow(from, to, because)) }
                g.bottom transform=(moved(lanes_end)) {
                    @for gap in &axis.gaps { text.gap x=(gap) y="14" { "//" } }
                    text.axis x=(LEFT) y="28" { (axis.label(axis.first(), has_times)) }
                    text.axis.end x=(WIDTH - 4.0) y="28" { (axis.label(axis.last(), has_times)) }
                }
            }
            div.told role="status" hidden { "Click on an operation, or reach it by Tab and the arrow keys, to be told what it was." }
            figcaption {
                "Bold: the operations that show it. Thin: others of the same part. An arrow: the one must come before the other. A bar without an end: nobody knows what became of it. Hatched: it failed. "
                @if has_times { "Time is to scale, but for idle stretches (//)." } @else { "No times were recorded: lines of the log from left to right." }
                @for fault in &faults { " Behind: " (super::tables::fault(fault)) "." }
            }
            @if has_others && !around.is_empty() {
                details {
                    summary { (count(around.len())) " " (plural(around.len(), "other of the same part that was", "others of the same part that were")) " under way about then" }
                    (card::story(around))
                }
            }
        }
    }
}

/// Those around the core by how near their calls are to that of what it is about.
fn rank(bars: &mut [Bar<'_>], subject: u32) {
    let about = bars.iter().find(|bar| bar.of.id == subject).or(bars.first());
    let Some(middle) = about.map(|bar| bar.call) else { return };
    let mut around: Vec<_> = bars.iter_mut().filter(|bar| !bar.is_core).collect();
    around.sort_by(|one, other| (one.call - middle).abs().total_cmp(&(other.call - middle).abs()));
    (1..).zip(around).for_each(|(rank, bar)| bar.rank = rank);
}

/// Places the bars in rows, so that no two of a row overlap; a lane for each process. The first row of each lane, and the end.
fn rows(bars: &mut [Bar<'_>], lanes: usize) -> Vec<usize> {
    let mut order: Vec<_> = bars.iter_mut().collect();
    order.sort_by(|one, other| one.from.total_cmp(&other.from));
    // Where the last bar of each row of each lane ends.
    let mut ends: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for bar in &mut order {
        let rows = ends.entry(bar.lanes[0]).or_default();
        let free = rows.iter().position(|&end| end <= bar.from);
        bar.row = free.unwrap_or(rows.len());
        match free {
            Some(row) => rows[row] = bar.to,
            None => rows.push(bar.to),
        }
    }
    let mut tops = vec![0];
    for lane in 0..lanes {
        tops.push(tops[lane] + ends.get(&lane).map_or(0, Vec::len));
    }
    order.into_iter().for_each(|bar| bar.row += tops[bar.lanes[0]]);
    tops
}

fn middle(row: usize) -> f64 {
    TOP + LANE * (row as f64 + 0.5)
}

fn moved(down: f64) -> String {
    format!("translate(0 {down})")
}

/// The name of a lane, and its line; one without a row is not shown until the script has lanes of its kind.
fn lane(of: &str, at: usize, name: &str, row: Option<usize>) -> Markup {
    html! {
        g.lane data-of=(of) data-at=(at) display=[row.is_none().then_some("none")] transform=(moved(middle(row.unwrap_or(0)))) {
            text x="4" y="4" { (name) }
            line x1=(LEFT) x2=(WIDTH) { }
        }
    }
}

fn band(fault: &Fault<'_>, axis: &Axis, height: f64) -> Markup {
    let from = fault.from_s.map_or(LEFT, |at| axis.place(at));
    let to = fault.to_s.map_or(WIDTH, |at| axis.place(at));
    html! {
        rect.fault x=(round(from)) y="0" width=(round((to - from).max(2.0))) height=(height - 20.0) { }
        text.fault x=(round(from + 4.0)) y="12" { (words::fault(&fault.name)) }
    }
}

fn drawn(bar: &Bar<'_>) -> Markup {
    let &Bar { of, is_core, from, to, row, rank, lanes: [process, node], .. } = bar;
    let kind = if is_core { "core" } else { "around" };
    let is_right = from > WIDTH * 0.7;
    let x = if is_right { to.min(WIDTH - 4.0) } else { from };
    html! {
        g class={ "bar " (kind) " " (of.outcome) } data-op=(of.id) data-process=(process) data-node=(node) data-rank=(rank) transform=(moved(middle(row))) {
            rect x=(round(from)) y="-9" width=(round(to - from)) height="18" rx="3" { }
            @if bar.end.is_none() { line.open x1=(WIDTH - 1.0) x2=(WIDTH - 1.0) y1="-9" y2="9" { } }
            @if is_core {
                text.end[is_right] x=(round(x)) y="-12" {
                    (shortened(&of.shown, 24))
                    @if let Some(node) = &of.node { tspan.node { " at " (shortened(&shown(node), 12)) } }
                    tspan.process { " by " (shortened(&shown(&of.process), 12)) }
                }
            }
        }
    }
}

/// An arrow from the end of a bar to the beginning of another one, or down from where both are. The script draws it anew, the
/// same way, when the bars have moved.
fn arrow(from: &Bar<'_>, to: &Bar<'_>, because: &str) -> Markup {
    let (start, end) = (from.to.min(WIDTH - 8.0), to.from);
    let (y, z) = (middle(from.row), middle(to.row));
    // Two of one row are joined by a bow, so that the line is not hidden in the row.
    let bow = if from.row == to.row { y + 22.0 } else { f64::midpoint(y, z) };
    let x = f64::midpoint(start, end);
    // Not in the middle: an arrow back has its own word there.
    let on = |from: f64, by: f64, to: f64| 0.65 * 0.65 * from + 2.0 * 0.35 * 0.65 * by + 0.35 * 0.35 * to;
    html! {
        path.edge data-from=(from.of.id) data-to=(to.of.id) d={ "M" (round(start)) " " (y) "Q" (round(x)) " " (bow) " " (round(end)) " " (z) } marker-end="url(#arrow)" { }
        text.edge x=(round(on(start, x, end).min(WIDTH - 80.0))) y=(round(on(y, bow, z) - 3.0)) { (because) }
    }
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// Where times stand: to scale, but that what is far from everything is nearer.
struct Axis {
    /// Times and their places, in order.
    stops: Vec<(f64, f64)>,
    /// Where the scale is broken.
    gaps: Vec<f64>,
}

impl Axis {
    fn new(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        times.dedup();
        let steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mut sorted = steps.clone();
        sorted.sort_by(f64::total_cmp);
        let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(1.0).max(f64::MIN_POSITIVE);
        let longest = usual * IDLE;
        let shown: Vec<f64> = steps.iter().map(|step| step.min(longest)).collect();
        let whole: f64 = shown.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let scale = (WIDTH - LEFT - 40.0) / whole;
        let mut at = LEFT + 10.0;
        let mut stops = vec![(times[0], at)];
        let mut gaps = Vec::new();
        for ((&time, step), shown) in times[1..].iter().zip(&steps).zip(&shown) {
            if step > &longest {
                gaps.push(round(at + shown * scale / 2.0));
            }
            at += shown * scale;
            stops.push((time, at));
        }
        Self { stops, gaps }
    }

    fn first(&self) -> f64 {
        self.stops.first().map_or(0.0, |stop| stop.0)
    }

    fn last(&self) -> f64 {
        self.stops.last().map_or(0.0, |stop| stop.0)
    }

    /// The place of a time; those outside are at the ends.
    fn place(&self, time: f64) -> f64 {
        let next = self.stops.partition_point(|&(known, _)| known < time);
        match (next.checked_sub(1).map(|at| self.stops[at]), self.stops.get(next)) {
            (Some((before, from)), Some(&(after, to))) => {
                from + (to - from) * (time - before) / (after - before)
            }
            (None, Some(&(_, at))) | (Some((_, at)), None) => at,
            (None, None) => LEFT,
        }
    }

    fn meets(&self, fault: &Fault<'_>) -> bool {
        fault.from_s.is_none_or(|from| from <= self.last()) && fault.to_s.is_none_or(|to| to >= self.first())
    }

    fn label(&self, at: f64, has_times: bool) -> String {
        if has_times { format!("{at:.3} s") } else { format!("line {at:.0}") }
    }
}
