//! When what was being done to the system: the events of the nemesis, put together to windows of time.
//!
//! A fault is recorded as it begins and as it ends, by two events whose names say so in one of few ways; Jepsen records
//! each of them twice, when it is asked for and when it is done. A window begins with the first of those that begin it and
//! ends with the first of those that end it. What ends nothing and begins nothing is no window, and neither is a fault that
//! was over before any operation was called.

mod names;
mod nodes;

use rustc_hash::FxHashSet;

use crate::operation::{EventId, History, Operation};
use crate::value::{ValueId, Values};
use names::{begins, ends, plain};
use nodes::Nodes;

/// A stretch of time in which something was being done to the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// What was done, as the input calls it.
    pub name: ValueId,
    /// To which nodes, as far as the input says so.
    pub nodes: Vec<ValueId>,
    /// The first event of a client in it.
    pub start: EventId,
    /// The first event of a client after it; `None` where it lasted to the end.
    pub end: Option<EventId>,
    /// The recorded time at which it began, in nanoseconds.
    pub from: Option<i64>,
    /// The recorded time at which it ended.
    pub to: Option<i64>,
}

impl Window {
    /// Whether an operation was under way at some time of it.
    pub fn holds(&self, operation: &Operation) -> bool {
        let is_over = operation.end.is_some_and(|end| end.event < self.start);
        !is_over && self.end.is_none_or(|end| operation.call.event < end)
    }

    /// Whether it is one in which nodes could not reach each other.
    pub fn is_partition(&self, values: &Values) -> bool {
        let name = plain(values.as_text(self.name).unwrap_or_default());
        ["partition", "isolate", "split"].iter().any(|word| name.contains(word))
    }

    /// Whether it is one that makes processes lose what they had not written down: a kill, a crash, a loss of power.
    pub fn is_crash(&self, values: &Values) -> bool {
        let name = plain(values.as_text(self.name).unwrap_or_default());
        ["kill", "crash", "power", "bounce", "reboot", "roll-back", "stop-node"]
            .iter()
            .any(|word| name.contains(word))
    }
}

/// The windows of a history, in the order of their beginnings.
pub fn windows(history: &History) -> Vec<Window> {
    let mut all: Vec<Window> = Vec::new();
    let known = Nodes::new(history);
    // What ended something is told once more when it is done, and begins nothing then.
    let mut enders: FxHashSet<String> = FxHashSet::default();
    for fault in &history.faults {
        let Some(name) = fault.name else { continue };
        let nodes = known.of(fault);
        if let Some(to) = fault.end {
            // Its place among the records says nothing.
            let from = fault.start.time;
            let look_up = || [from, Some(to)].map(|time| first_after(history, time?));
            let [start, end] = fault.events.unwrap_or_else(look_up);
            let start = start.unwrap_or(fault.start.event);
            all.push(Window { name, nodes, start, end, from, to: Some(to) });
            continue;
        }
        let start = fault.start.event;
        let Some(text) = history.values.as_text(name).map(plain) else { continue };
        let mut has_ended = false;
        for open in all.iter_mut().filter(|window| window.end.is_none() && window.to.is_none()) {
            let begun = plain(history.values.as_text(open.name).unwrap_or_default());
            // Who names nodes means these.
            let is_meant = nodes.is_empty()
                || open.nodes.is_empty()
                || nodes.iter().any(|node| open.nodes.contains(node))
                || known.are_foreign(&nodes, &open.nodes);
            if is_meant && ends(&begun, &text) {
                (open.end, open.to) = (Some(start), fault.start.time);
                has_ended = true;
            }
        }
        if has_ended {
            enders.insert(text);
            continue;
        }
        let is_known = all.iter().any(|window| window.end.is_none() && window.name == name);
        if !is_known && !enders.contains(&text) && begins(&text) {
            all.push(Window { name, nodes, start, end: None, from: fault.start.time, to: None });
        }
    }
    // Jepsen says once more at the end that all is over.
    let is_over =
        |window: &Window| window.to.is_none() && history.values.as_text(window.name) == Some("stop");
    all.retain(|window| window.end.map_or_else(|| !is_over(window), |end| end > window.start));
    all.sort_by_key(|window| window.start);
    all
}

/// The first event of a client that is recorded at a time or later; `None` where there is none.
fn first_after(history: &History, time: i64) -> Option<EventId> {
    let points = history.operations.iter().flat_map(|operation| [Some(operation.call), operation.end]);
    let after = points.flatten().filter(|point| point.time.is_some_and(|known| known >= time));
    after.map(|point| point.event).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::format::{self, csv::ColumnMap};
    use crate::{Format, HistoryBuilder, Source, SourceId};

    /// The windows of a history, in which a client writes between any two of these events: name, nodes, from, to.
    fn of(faults: &[&str]) -> Vec<(String, Vec<String>, u32, Option<u32>)> {
        let mut text = String::new();
        for (at, fault) in faults.iter().enumerate() {
            let (call, ret) = (10 * at, 10 * at + 5);
            text += &format!("{{\"process\":\"nemesis\",\"type\":\"info\",{fault},\"time\":{}}}\n", 10 * at);
            text += &format!(
                "{{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":{at},\"time\":{call}}}\n\
                 {{\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"value\":{at},\"time\":{ret}}}\n"
            );
        }
        let history = read(&text);
        let text = |id: &ValueId| history.values.as_text(*id).expect("it is a text").to_owned();
        let told = |window: Window| {
            let nodes = window.nodes.iter().map(text).collect();
            (text(&window.name), nodes, window.start.0, window.end.map(|end| end.0))
        };
        windows(&history).into_iter().map(told).collect()
    }

    fn read(text: &str) -> History {
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        let source = Source { id: SourceId(0), text };
        format::read(Format::Jsonl, source, &ColumnMap::default(), &mut builder);
        builder.finish(Overrides::default()).expect("the history is well-formed")
    }

    fn window(
        name: &str,
        nodes: &[&str],
        from: u32,
        to: Option<u32>,
    ) -> (String, Vec<String>, u32, Option<u32>) {
        (name.to_owned(), nodes.iter().map(|&node| node.to_owned()).collect(), from, to)
    }

    #[test]
    fn what_begins_ends_with_what_ends_it() {
        let partition = r#""f":"partition-primary","node":"n1","value":"n1""#;
        let heal = r#""f":"heal","value":null"#;
        assert_eq!(of(&[partition, heal]), [window("partition-primary", &["n1"], 0, Some(2))]);
        assert_eq!(of(&[partition]), [window("partition-primary", &["n1"], 0, None)]);
        // Jepsen tells both when they are asked for and when they are done.
        let start = r#""f":"start-partition","value":null"#;
        let stop = r#""f":"stop-partition","value":null"#;
        assert_eq!(of(&[start, start, stop, stop]), [window("start-partition", &[], 0, Some(4))]);
        assert_eq!(of(&[heal, stop, r#""f":"promote","value":"n2""#]), []);
    }

    #[test]
    fn what_is_told_twice_begins_nothing() {
        let f = |name: &str, value: &str| format!("\"f\":\"{name}\",\"value\":{value}");
        let (kill, start) = (f("kill", r#"["n1"]"#), f("start", "null"));
        assert_eq!(of(&[&kill, &kill, &start, &start]), [window("kill", &["n1"], 0, Some(4))]);
        // How it went is no node, and neither is whom to choose.
        let (kill, start) = (f("kill", "\"all\""), f("start", "\"all started\""));
        assert_eq!(of(&[&kill, &kill, &start, &start])[0].3, Some(4));
        // The other way round `start` begins, and `stop` ends; and one `stop` more is nothing.
        let stop = f("stop", "null");
        let all = of(&[&start, &start, &stop, &stop, &stop]);
        assert_eq!(all, [window("start", &[], 0, Some(4))]);
        assert_eq!(of(&[&stop]), []);
        assert_eq!(of(&[&stop, &stop, &start, &start]), [window("stop", &[], 0, Some(4))]);
    }

    #[test]
    fn what_it_is_may_stand_before_the_word_that_begins_it() {
        for [first, last] in [
            ["partition-start", "partition-stop"],
            ["start_partition", "stop_partition"],
            ["Begin-skew", "End-skew"],
            ["latency-enable", "latency-disable"],
            ["down", "up"],
            ["stop-node", "start-node"],
        ] {
            let f = |name: &str| format!("\"f\":\"{name}\",\"value\":null");
            let (begin, end) = (f(first), f(last));
            assert_eq!(of(&[&begin, &begin, &end, &end]), [window(first, &[], 0, Some(4))]);
            assert_eq!(of(&[&end]), [], "{last}");
        }
    }

    #[test]
    fn nodes_are_those_that_are_asked_or_look_like_them() {
        let nodes = |node: &str, value: &str| {
            let node = if node.is_empty() { String::new() } else { format!("\"node\":\"{node}\",") };
            let history = read(&format!(
                "{{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"kill\",\"value\":{value},\"time\":1}}\n\
                 {{\"process\":0,{node}\"f\":\"write\",\"value\":1,\"call\":2,\"return\":3,\"type\":\"ok\"}}\n"
            ));
            let [window] = windows(&history).try_into().expect("there is one");
            window.nodes.iter().map(|&id| history.values.show(id)).collect::<String>()
        };
        assert_eq!(nodes("n1", "\"n1\""), "\"n1\"");
        assert_eq!(nodes("n1", "\"n12\""), "\"n12\"");
        assert_eq!(nodes("n1", "\"majority\""), "");
        assert_eq!(nodes("n1", r#"["n2","minority"]"#), "");
        assert_eq!(nodes("", "\"majority\""), "\"majority\"");
        assert_eq!(nodes("", "\"Cut off n1\""), "");
        assert_eq!(nodes("n1", r#"["client 1","client 2"]"#), "\"client 1\"\"client 2\"");
        // Sides, of which the lesser one is cut off.
        assert_eq!(nodes("n1", r#"[["n1","n2","n4"],["n3","n5"]]"#), "\"n3\"\"n5\"");
        assert_eq!(nodes("n1", r#"[["n1"],["n2"],["n3"]]"#), "\"n1\"\"n2\"\"n3\"");
        assert_eq!(nodes("n1", r#"[["n1"],["some"]]"#), "");
        // What was done to each; and who does not reach whom.
        assert_eq!(nodes("n1", r#"{"n2":"killed"}"#), "\"n2\"");
        assert_eq!(nodes("n1", r#"{"n1":["n2","n3"],"n2":["n1"],"n3":["n1"]}"#), "\"n1\"");
        assert_eq!(nodes("n1", r#"{"n1":["n2"],"n2":["n3"],"n3":["n1"]}"#), "\"n1\"\"n2\"\"n3\"");
    }

    #[test]
    fn who_names_nodes_means_these() {
        let kill = |node: &str| format!(r#""f":"kill","value":["{node}"]"#);
        let restart = r#""f":"restart","node":"n2","value":"n2""#;
        let pause = r#""f":"pause-leader","node":"n2","value":"n2""#;
        let all = of(&[&kill("n1"), pause, restart]);
        assert_eq!(all, [window("kill", &["n1"], 0, None), window("pause-leader", &["n2"], 2, None)]);
        let all = of(&[&kill("n2"), pause, restart]);
        assert_eq!(all, [window("kill", &["n2"], 0, Some(4)), window("pause-leader", &["n2"], 2, None)]);
    }

    #[test]
    fn a_record_may_name_several_nodes_or_none() {
        let of = |nodes: &str| {
            let fault = format!(
                "{{\"type\":\"fault\",\"name\":\"kill\",\"nodes\":{nodes},\"call\":3,\"return\":9}}\n"
            );
            let history = read(
                &(fault
                    + "{\"process\":0,\"f\":\"write\",\"value\":1,\"call\":1,\"return\":2,\"type\":\"ok\"}\n"),
            );
            let [window] = windows(&history).try_into().expect("there is one");
            assert!(window.is_crash(&history.values) && !window.is_partition(&history.values));
            let text = |id: &ValueId| history.values.as_text(*id).expect("it is a text").to_owned();
            window.nodes.iter().map(text).collect::<Vec<_>>()
        };
        assert_eq!(of(r#"["n2","n3"]"#), ["n2", "n3"]);
        assert_eq!(of(r#"["n2"]"#), ["n2"]);
        assert!(of("[]").is_empty());
    }

    #[test]
    fn one_record_tells_both_ends() {
        let history = read(
            "{\"type\":\"fault\",\"name\":\"partition\",\"nodes\":[\"n2\"],\"call\":3,\"return\":9}\n\
             {\"process\":0,\"f\":\"write\",\"value\":1,\"call\":1,\"return\":2,\"type\":\"ok\"}\n\
             {\"process\":0,\"f\":\"write\",\"value\":2,\"call\":4,\"return\":8,\"type\":\"ok\"}\n\
             {\"process\":1,\"f\":\"write\",\"value\":3,\"call\":10,\"return\":null,\"type\":\"info\"}\n",
        );
        let [window] = windows(&history).try_into().expect("there is one");
        let inside = history.operations.iter().map(|operation| window.holds(operation)).collect::<Vec<_>>();
        assert_eq!(inside, [false, true, false]);
        assert_eq!((window.from, window.to), (Some(3), Some(9)));
        assert!(window.is_partition(&history.values));
    }
}
