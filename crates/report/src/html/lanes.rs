//! When the operations of a finding were: a lane for each process, time from left to right.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::document::{Anomaly, Fault, History, Role, shown};
use crate::text::shortened;

/// The width of a drawing, in its own units.
const WIDTH: f64 = 960.0;
/// Where the lanes begin, behind their names.
const LEFT: f64 = 150.0;
/// The height of a lane.
const LANE: f64 = 40.0;
/// The height of what stands above the lanes.
const TOP: f64 = 28.0;
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
}

/// The drawing, and a table with the same facts.
pub(super) fn lanes<'a>(anomaly: &'a Anomaly<'a>, history: &History<'_>) -> Markup {
    let (core, around) = (&anomaly.operations, &anomaly.around);
    let has_times = core.iter().chain(around).all(|of| of.call_s.is_some());
    // Without times the order of the lines is all there is.
    let bar = |of: &'a Role<'a>, is_core| Bar {
        of,
        is_core,
        call: if has_times { of.call_s.unwrap_or(0.0) } else { of.call_line as f64 },
        end: if &*of.outcome == "info" {
            None
        } else if has_times {
            of.end_s
        } else {
            Some(of.line as f64)
        },
    };
    let bars: Vec<_> =
        core.iter().map(|of| bar(of, true)).chain(around.iter().map(|of| bar(of, false))).collect();
    if bars.is_empty() {
        return html! {};
    }
    let axis = Axis::new(bars.iter().flat_map(|bar| [Some(bar.call), bar.end]).flatten().collect());
    // Shorter names are smaller numbers.
    let name = |of: &Role<'_>| (shown(&of.process).chars().count(), shown(&of.process));
    let mut names: BTreeMap<(usize, String), usize> = bars.iter().map(|bar| (name(bar.of), 0)).collect();
    names.values_mut().zip(0..).for_each(|(lane, at)| *lane = at);
    let height = TOP + LANE * names.len() as f64 + 30.0;
    let faults = history.run.iter().flat_map(|run| &run.faults).filter(|_| has_times);
    let faults: Vec<_> = faults.filter(|fault| axis.meets(fault)).collect();
    let placed = |id: u32| {
        let bar = bars.iter().find(|bar| bar.of.id == id)?;
        Some((bar, names.get(&name(bar.of)).copied()?))
    };
    let arrows =
        anomaly.edges.iter().filter_map(|edge| Some((placed(edge.from)?, placed(edge.to)?, &*edge.because)));
    html! {
        figure {
            svg viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-label="When the operations were, a lane for each process" {
                @for fault in &faults { (band(fault, &axis, height)) }
                @for ((_, name), &lane) in &names {
                    text.lane x="4" y=(middle(lane) + 4.0) { "process " (shortened(name, 10)) }
                    line.lane x1=(LEFT) x2=(WIDTH) y1=(middle(lane)) y2=(middle(lane)) { }
                }
                @for gap in &axis.gaps { text.gap x=(gap) y=(height - 16.0) { "//" } }
                @for bar in &bars { (drawn(bar, &axis, names.get(&name(bar.of)).copied().unwrap_or(0))) }
                @for (from, to, because) in arrows { (arrow(&axis, from, to, because)) }
                text.axis x=(LEFT) y=(height - 2.0) { (axis.label(axis.first(), has_times)) }
                text.axis.end x=(WIDTH - 4.0) y=(height - 2.0) { (axis.label(axis.last(), has_times)) }
            }
            figcaption {
                "Bold: the operations that show it. Thin: others of the same part. An arrow: the one must come before the other. A bar without an end: nobody knows what became of it. Hatched: it failed. "
                @if has_times { "Time is to scale, but for idle stretches (//)." } @else { "No times were recorded: lines of the log from left to right." }
                @for fault in &faults { " Behind: " (super::tables::fault(fault)) "." }
            }
        }
    }
}

fn middle(lane: usize) -> f64 {
    TOP + LANE * (lane as f64 + 0.5)
}

fn band(fault: &Fault<'_>, axis: &Axis, height: f64) -> Markup {
    let from = fault.from_s.map_or(LEFT, |at| axis.place(at));
    let to = fault.to_s.map_or(WIDTH, |at| axis.place(at));
    html! {
        rect.fault x=(round(from)) y="0" width=(round((to - from).max(2.0))) height=(height - 20.0) { }
        text.fault x=(round(from + 4.0)) y="12" { (fault.name) }
    }
}

fn drawn(bar: &Bar<'_>, axis: &Axis, lane: usize) -> Markup {
    let from = axis.place(bar.call);
    let to = bar.end.map_or(WIDTH, |end| axis.place(end)).max(from + BAR);
    let kind = if bar.is_core { "core" } else { "around" };
    let y = middle(lane) - 9.0;
    let label = shortened(&bar.of.shown, 24);
    html! {
        g class={ "bar " (kind) " " (bar.of.outcome) } {
            rect x=(round(from)) y=(y) width=(round(to - from)) height="18" rx="3" { }
            @if bar.end.is_none() { line.open x1=(WIDTH - 1.0) x2=(WIDTH - 1.0) y1=(y) y2=(y + 18.0) { } }
            @if bar.is_core && from > WIDTH * 0.7 { text.end x=(round(to.min(WIDTH - 4.0))) y=(y - 3.0) { (label) } }
            @else if bar.is_core { text x=(round(from)) y=(y - 3.0) { (label) } }
        }
    }
}

/// An arrow from the end of a bar to the beginning of another one, or down from where both are.
fn arrow(axis: &Axis, from: (&Bar<'_>, usize), to: (&Bar<'_>, usize), because: &str) -> Markup {
    let start = from.0.end.map_or(WIDTH - 8.0, |end| axis.place(end)).max(axis.place(from.0.call) + BAR);
    let end = axis.place(to.0.call);
    let (y, z) = (middle(from.1), middle(to.1));
    // Two of one lane are joined by a bow, so that the line is not hidden in the lane.
    let bow = if from.1 == to.1 { y + 22.0 } else { f64::midpoint(y, z) };
    let (x, label) = (f64::midpoint(start, end), bow - 3.0);
    html! {
        path.edge d={ "M" (round(start)) " " (y) "Q" (round(x)) " " (bow) " " (round(end)) " " (z) } marker-end="url(#arrow)" { }
        text.edge x=(round(x.min(WIDTH - 80.0))) y=(round(label)) { (because) }
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
