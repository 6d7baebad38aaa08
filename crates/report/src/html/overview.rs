//! A run as a whole: how long operations took, how many ended how, what was done to the system, and where the findings are.

use maud::{Markup, html};

use super::Detail;
use super::marks::{CHARACTER, Marks};
use crate::document::{History, Run, Timeline};
use crate::words;

pub(super) const WIDTH: f64 = 960.0;
pub(super) const LEFT: f64 = 70.0;
/// So much is beside the end of the axis, that what is there can be seen.
const MARGIN: f64 = 6.0;
const LATENCY: f64 = 200.0;
const RATE: f64 = 110.0;
const BETWEEN: f64 = 34.0;

/// The outcomes and the shapes that stand for them.
const OUTCOMES: [&str; 3] = ["ok", "fail", "info"];

pub(super) fn overview(run: &Run<'_>, history: &History<'_>, detail: Detail) -> Markup {
    let Some(timeline) = &run.timeline else {
        return html! { h3 { "The run" } p { "The history tells no times, so there is nothing to draw." } };
    };
    let scale = Scale::new(timeline);
    let rate_top = LATENCY + BETWEEN;
    let marks = Marks::new(run, history, &scale);
    let marks_top = rate_top + RATE + 4.0;
    let height = marks_top + marks.height() + 30.0;
    let most = timeline.ended.iter().map(|of| of.iter().sum::<usize>()).max().unwrap_or(1).max(1);
    html! {
        h3 { "The run" }
        figure {
            svg viewBox={ "0 0 " (WIDTH + MARGIN) " " (height) } role="img" aria-label="Latencies and rates over the time of the run" {
                @for fault in &run.faults {
                    @let from = fault.from_s.map_or(LEFT, |at| scale.x(at));
                    @let to = fault.to_s.map_or(WIDTH, |at| scale.x(at));
                    rect.fault x=(round(from)) y="0" width=(round((to - from).max(1.5))) height=(height - 20.0) { }
                }
                @for (at, name) in names(run, &scale) { text.fault x=(round(at)) y="11" { (name) } }
                @for power in scale.powers() {
                    line.grid x1=(LEFT) x2=(WIDTH) y1=(round(scale.y(power))) y2=(round(scale.y(power))) { }
                    text.axis.end x=(LEFT - 6.0) y=(round(scale.y(power) + 4.0)) { (power) " ms" }
                }
                @if detail == Detail::All {
                    @for &(at, latency, _, outcome) in &timeline.dots {
                        (dot(scale.x(at), scale.y(latency), outcome))
                    }
                }
                @for (which, name) in ["half", "most"].iter().enumerate() {
                    polyline class=(name) points=(line(timeline, &scale, which)) { }
                }
                @for (at, ended) in timeline.ended.iter().enumerate() { (column(timeline, &scale, at, ended, most, rate_top)) }
                text.axis.end x=(LEFT - 6.0) y=(rate_top + 10.0) { (per_second(most, timeline.step_s)) "/s" }
                (marks.drawn(marks_top))
                text.axis x=(LEFT) y=(height - 2.0) { (format!("{:.1} s", timeline.from_s)) }
                text.axis.end x=(WIDTH - 4.0) y=(height - 2.0) { (format!("{:.1} s", scale.to)) }
            }
            figcaption {
                "Above: latency of operations by the time of their call (● ok, ✕ fail, ▲ info), with the latency that half of those that completed ok did not exceed (solid) and that 99 of 100 did not (dashed). "
                "Below: how many ended per second: ok, fail (hatched), info (dark). Bands: faults."
                (marks.caption())
            }
        }
        (stretches(run, timeline))
    }
}

/// The names of bands that have room beside each other; the lane below has all of them.
fn names<'a>(run: &'a Run<'_>, scale: &Scale) -> Vec<(f64, &'a str)> {
    let at = |from: Option<f64>| from.map_or(LEFT, |from| scale.x(from)) + 3.0;
    let mut all: Vec<_> = run.faults.iter().map(|of| (at(of.from_s), words::fault(&of.name))).collect();
    all.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let mut end = LEFT;
    all.retain(|&(from, name)| {
        let to = from + CHARACTER * name.chars().count() as f64;
        let has_room = end <= from && to <= WIDTH;
        if has_room {
            end = to;
        }
        has_room
    });
    all
}

fn dot(x: f64, y: f64, outcome: u8) -> Markup {
    let (x, y) = (round(x), round(y));
    match outcome {
        0 => html! { circle.ok cx=(x) cy=(y) r="1.6" { } },
        1 => html! { path.fail d={ "M" (x - 2.5) " " (y - 2.5) "l5 5m0-5l-5 5" } { } },
        _ => html! { path.info d={ "M" (x) " " (y - 3.0) "l3 6h-6z" } { } },
    }
}

fn line(timeline: &Timeline, scale: &Scale, which: usize) -> String {
    let points = timeline.latency_ms.iter().enumerate().filter_map(|(at, of)| {
        let middle = timeline.from_s + timeline.step_s * (at as f64 + 0.5);
        of.map(|of| format!("{},{}", round(scale.x(middle)), round(scale.y(of[which]))))
    });
    points.collect::<Vec<_>>().join(" ")
}

fn column(
    timeline: &Timeline,
    scale: &Scale,
    at: usize,
    ended: &[usize; 3],
    most: usize,
    top: f64,
) -> Markup {
    let from = scale.x(timeline.from_s + timeline.step_s * at as f64);
    let to = scale.x(timeline.from_s + timeline.step_s * (at + 1) as f64);
    let mut y = top + RATE;
    let height = |count: usize| RATE * count as f64 / most as f64;
    html! {
        @for (outcome, &count) in OUTCOMES.iter().zip(ended) {
            @if count > 0 {
                ({ y -= height(count); rect(outcome, [from, y, to - from, height(count)]) })
            }
        }
    }
}

fn rect(class: &str, [x, y, width, height]: [f64; 4]) -> Markup {
    html! { rect class={ "rate " (class) } x=(round(x)) y=(round(y)) width=(round((width - 0.5).max(0.5))) height=(round(height)) { } }
}

/// The same in numbers, a tenth of the run in a row.
fn stretches(run: &Run<'_>, timeline: &Timeline) -> Markup {
    let buckets = timeline.ended.len();
    let each = buckets.div_ceil(10).max(1);
    let within = |from: f64, to: f64| {
        let met = run
            .faults
            .iter()
            .filter(|of| of.from_s.is_none_or(|at| at < to) && of.to_s.is_none_or(|at| at > from));
        let mut names: Vec<_> = met.map(|of| &*of.name).collect();
        names.dedup();
        names.join(", ")
    };
    html! {
        details {
            summary { "The same in numbers" }
            div.wide { table {
                thead { tr { th { "seconds" } th.number { "ok" } th.number { "fail" } th.number { "info" } th.number { "highest median, ms" } th.number { "highest p99, ms" } th { "faults" } } }
                tbody {
                    @for first in (0..buckets).step_by(each) {
                        @let last = (first + each).min(buckets);
                        @let from = timeline.from_s + timeline.step_s * first as f64;
                        @let to = timeline.from_s + timeline.step_s * last as f64;
                        @let sum = |which: usize| timeline.ended[first..last].iter().map(|of| of[which]).sum::<usize>();
                        @let highest = |which: usize| timeline.latency_ms[first..last].iter().flatten().map(|of| of[which]).fold(None, |most: Option<f64>, of| Some(most.map_or(of, |most| most.max(of))));
                        tr {
                            td { (format!("{from:.2} – {to:.2}")) }
                            @for which in 0..3 { td.number { (sum(which)) } }
                            @for which in 0..2 { td.number { @if let Some(of) = highest(which) { (format!("{of:.2}")) } @else { "–" } } }
                            td { (within(from, to)) }
                        }
                    }
                }
            } }
        }
    }
}

fn per_second(count: usize, step: f64) -> String {
    let rate = count as f64 / step;
    if rate < 10.0 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}

pub(super) fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// Where times and latencies stand; latencies by their logarithms.
pub(super) struct Scale {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Scale {
    fn new(timeline: &Timeline) -> Self {
        let to = timeline.from_s + timeline.step_s * timeline.ended.len() as f64;
        let dots = timeline.dots.iter().map(|dot| dot.1);
        let lines = timeline.latency_ms.iter().flatten().flatten().copied();
        let all = || dots.clone().chain(lines.clone()).filter(|&of| of > 0.0);
        let least = all().fold(f64::INFINITY, f64::min).clamp(1e-6, 1e9);
        let most = all().fold(0.0, f64::max).clamp(least, 1e12);
        let floor = 10_f64.powf(least.log10().floor());
        Self { from: timeline.from_s, to, least: floor, most: (most * 1.1).max(floor * 10.0) }
    }

    pub(super) fn x(&self, seconds: f64) -> f64 {
        let whole = (self.to - self.from).max(f64::MIN_POSITIVE);
        LEFT + (WIDTH - LEFT) * ((seconds - self.from) / whole).clamp(0.0, 1.0)
    }

    fn y(&self, milliseconds: f64) -> f64 {
        let place = (milliseconds.max(self.least) / self.least).log10() / (self.most / self.least).log10();
        LATENCY - (LATENCY - 20.0) * place.clamp(0.0, 1.0)
    }

    /// Powers of ten between the ends.
    fn powers(&self) -> impl Iterator<Item = f64> + use<> {
        let (least, most) = (self.least, self.most);
        std::iter::successors(Some(least), |power| Some(power * 10.0))
            .take_while(move |&power| power <= most)
            .map(|power| if power < 1.0 { (power * 1e9).round() / 1e9 } else { power.round() })
    }
}
