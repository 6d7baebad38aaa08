//! The figures of a recording as a person reads them.

use std::fmt::Write as _;

use seriatim_report::words::plural;

use super::measure::{Function, Recording, Times, Window, duration};

/// The figures, in a few lines.
pub(super) fn recording(of: &Recording) -> String {
    let mut text = format!("{}\n", of.path);
    let mut line = |name: &str, what: String| _ = writeln!(text, "  {name:<12} {what}");
    line("format", of.format.to_owned());
    line(
        "model",
        match (&of.model, &of.model_problem) {
            (Some(model), _) => format!("{} ({})", model.name, model.source),
            (None, problem) => format!("none: {}", problem.as_deref().unwrap_or("nobody names one")),
        },
    );
    let counts = of.operations;
    line(
        "operations",
        format!(
            "{}: {} ok, {} fail, {} info ({:.1} %)",
            counts.total,
            counts.ok,
            counts.fail,
            counts.info,
            of.info_share * 100.0
        ),
    );
    line("processes", of.processes.to_string());
    line(
        "keys",
        match of.keys {
            None => "none".to_owned(),
            Some(keys) => {
                let without = if keys.without == 0 {
                    String::new()
                } else {
                    format!(
                        "; {} {}",
                        keys.without,
                        plural(keys.without, "operation has none", "operations have none")
                    )
                };
                format!(
                    "{}; operations of a key: {} to {}, median {}{without}",
                    keys.count, keys.min, keys.max, keys.median
                )
            }
        },
    );
    if !of.nodes.is_empty() {
        let nodes: Vec<_> =
            of.nodes.iter().map(|node| format!("{} ({})", node.name, node.operations)).collect();
        line("nodes", nodes.join(", "));
    }
    line("times", of.times.as_ref().map_or("none".to_owned(), times));
    let concurrency = &of.concurrency;
    line(
        "concurrency",
        format!(
            "at most {} {} open, {:.2} on average over {}; {:.1} % overlap another",
            concurrency.max,
            plural(concurrency.max, "operation", "operations"),
            concurrency.mean,
            concurrency.mean_over,
            concurrency.overlapping * 100.0
        ),
    );
    let from = of.times.as_ref().map_or(0, |times| times.from_ns);
    match (of.faults.records, of.faults.windows.as_slice()) {
        (0, _) => line("faults", "none".to_owned()),
        (records, []) => {
            line("faults", format!("{records} {}, and no window", plural(records, "record", "records")))
        }
        (_, windows) => windows.iter().for_each(|window| line("fault", self::window(window, from))),
    }
    of.notes.iter().for_each(|note| line("note", note.clone()));
    if !of.functions.is_empty() {
        text.push('\n');
        outcomes(&of.functions, &mut text);
        latencies(&of.functions, &mut text);
    }
    text
}

fn times(times: &Times) -> String {
    let rate = times.rate.map_or(String::new(), |rate| format!(", {rate:.1} operations a second"));
    format!("{} from the first event to the last{rate}", duration(times.duration_ns))
}

/// When a window was, counted from the first event.
fn window(window: &Window, from: i64) -> String {
    let nodes = match window.nodes.as_slice() {
        [] => String::new(),
        nodes => format!(" of {}", nodes.join(", ")),
    };
    let at = |time: i64| duration(time.saturating_sub(from));
    let when = match (window.from_ns, window.to_ns) {
        (Some(from), Some(to)) => format!(", {} to {}", at(from), at(to)),
        (Some(from), None) => format!(", from {} on", at(from)),
        _ => String::new(),
    };
    let ended = if window.ended { "" } else { ", never ended" };
    let operations = plural(window.operations, "operation", "operations");
    format!("{}{nodes}{when}{ended}: {} {operations}", window.name, window.operations)
}

fn outcomes(functions: &[Function], text: &mut String) {
    let phase = |phase: &super::measure::OfPhase| match &phase.fault {
        Some(fault) => format!("{} {fault}", phase.phase),
        None => phase.phase.to_owned(),
    };
    let names = functions.iter().map(|function| function.name.chars().count()).max().unwrap_or(0).max(8);
    let phases = functions.iter().flat_map(|function| &function.phases).map(|of| phase(of).chars().count());
    let width = phases.max().unwrap_or(0).max(5);
    let _ = writeln!(
        text,
        "  {:<names$}  {:<width$} {:>9} {:>9} {:>9}",
        "function", "phase", "ok", "fail", "info"
    );
    for function in functions {
        for of in &function.phases {
            let counts = of.counts;
            let _ = writeln!(
                text,
                "  {:<names$}  {:<width$} {:>9} {:>9} {:>9}",
                function.name,
                phase(of),
                counts.ok,
                counts.fail,
                counts.info
            );
        }
    }
}

fn latencies(functions: &[Function], text: &mut String) {
    if functions.iter().all(|function| function.latency_ns.is_none()) {
        return;
    }
    let names = functions.iter().map(|function| function.name.chars().count()).max().unwrap_or(0).max(8);
    let _ = writeln!(
        text,
        "\n  {:<names$}  {:>11} {:>11} {:>11} {:>11} {:>11}   (latency of what is ok)",
        "function", "min", "p50", "p90", "p99", "max"
    );
    for (function, of) in functions.iter().filter_map(|function| Some((function, function.latency_ns?))) {
        let [min, p50, p90, p99, max] = [of.min, of.p50, of.p90, of.p99, of.max].map(duration);
        let _ =
            writeln!(text, "  {:<names$}  {min:>11} {p50:>11} {p90:>11} {p99:>11} {max:>11}", function.name);
    }
}
