use super::*;
use crate::build::Overrides;
use crate::format::{self, csv::ColumnMap};
use crate::span::{Source, SourceId};

fn read(format: Format, text: &str) -> History {
    let source = Source { id: SourceId(0), text };
    format::history(format, &[source], &ColumnMap::default(), Overrides::default())
        .unwrap_or_else(|errors| panic!("{text}: {:?}", errors.first()))
}

/// Writes a text as something else, reads it again, and gives it back with what was noted.
fn there_and_back(format: Format, text: &str, target: Target) -> Written {
    let mut history = read(format, text);
    let written = write(&mut history, target).unwrap_or_else(|errors| panic!("{:?}", errors.first()));
    let again = read(target.format(), &written.text);
    assert_eq!(difference(&history, &again), None, "{target:?}\n{}", written.text);
    written
}

const EVENTS: &str = concat!(
    r#"{"seriatim":1,"model":"cas-register","nil_read":"wildcard","failed_cas":"observe","init":{"a":[null,true,1.50]}}"#,
    "\n",
    r#"{"process":"nemesis","type":"info","f":"kill","value":["n1"],"time":4}"#,
    "\n",
    r#"{"process":3,"type":"invoke","f":"cas","key":"\"k\\\u0001","value":[1,{"x":"é\n"}],"time":5,"node":"n1"}"#,
    "\n",
    r#"{"process":4,"type":"invoke","f":"read","value":null,"time":6}"#,
    "\n",
    r#"{"process":4,"type":"ok","f":"read","value":170141183460469231731687303715884105727,"time":6}"#,
    "\n",
    r#"{"process":5,"type":"invoke","f":"write","value":2,"time":7}"#,
    "\n",
    r#"{"process":3,"type":"fail","f":"cas","value":null,"result":false,"error":"no","time":9}"#,
    "\n",
    r#"{"process":"nemesis","type":"info","f":"odd name","time":9}"#,
    "\n",
    r#"{"process":4,"type":"invoke","f":"write","value":2.5,"time":9}"#,
    "\n",
    r#"{"process":4,"type":"info","f":"write","error":["timeout",7],"time":10}"#,
    "\n",
    r#"{"process":6,"type":"invoke","f":"write","value":"z","time":11}"#,
    "\n",
    r#"{"process":6,"type":"ok","f":"write","time":12}"#,
    "\n",
);

#[test]
fn events_become_whatever_is_asked_for() {
    for target in [Target::Jsonl, Target::Edn, Target::Intervals] {
        let written = there_and_back(Format::Jsonl, EVENTS, target);
        let is_noted = written.notes.iter().any(|note| note.contains("two events each"));
        assert_eq!(is_noted, target == Target::Intervals, "{:?}", written.notes);
    }
    let written = there_and_back(Format::Jsonl, EVENTS, Target::Intervals);
    assert!(written.text.contains(r#""call":5,"return":9"#), "the recorded times stay: {}", written.text);
    // A call at the very time of an end that came before it.
    assert!(written.text.contains(r#""ties":"ordered""#), "{}", written.text);
}

#[test]
fn where_times_do_not_say_the_order_places_do() {
    for (odd, noted) in [(",\"time\":3", "do not say the order"), ("", "not every event has a time")] {
        let text = format!(
            "{{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":1,\"time\":1}}\n\
             {{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"kill\",\"time\":2}}\n\
             {{\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"value\":1,\"time\":5}}\n\
             {{\"process\":1,\"type\":\"invoke\",\"f\":\"read\",\"value\":null{odd}}}\n\
             {{\"type\":\"fault\",\"name\":\"partition\",\"nodes\":[\"n2\"],\"call\":4,\"return\":9}}\n\
             {{\"process\":1,\"type\":\"ok\",\"f\":\"read\",\"value\":1,\"time\":7}}\n"
        );
        let written = there_and_back(Format::Jsonl, &text, Target::Intervals);
        assert!(written.notes.iter().any(|note| note.contains(noted)), "{:?}", written.notes);
        assert!(written.text.contains(r#""f":"kill","time":2"#), "{}", written.text);
        assert!(written.text.contains(r#""node":"n2","call":2,"return":8"#), "{}", written.text);
        let edn = there_and_back(Format::Jsonl, &text, Target::Edn);
        assert!(edn.text.contains(":f :start-partition, :value \"n2\""), "{}", edn.text);
        assert!(edn.text.contains(":f :stop-partition"), "{}", edn.text);
    }
}

#[test]
fn intervals_stay_intervals() {
    let text = concat!(
        r#"{"process":0,"f":"write","value":1,"call":1,"return":9}"#,
        "\n",
        r#"{"process":0,"f":"write","value":2,"call":2,"type":"info","error":"timeout"}"#,
        "\n",
        r#"{"process":0,"f":"get","value":5,"output":7,"call":3,"return":4}"#,
        "\n",
        r#"{"process":0,"f":"read","value":2,"call":3,"return":4}"#,
        "\n",
    );
    for target in [Target::Jsonl, Target::Intervals] {
        let written = there_and_back(Format::Jsonl, text, target);
        let lost = written.notes.iter().any(|note| note.contains("error of an operation without an end"));
        assert_eq!(lost, target == Target::Jsonl, "{:?}", written.notes);
    }
    let errors = write(&mut read(Format::Jsonl, text), Target::Edn).expect_err("no `id` in EDN");
    assert!(errors.first()[0].message.contains("several operations open"), "{errors:?}");
}

#[test]
fn what_json_does_not_have_is_noted_or_refused() {
    let set = "{:process 0 :type :invoke :f :read :value nil}\n{:process 0 :type :ok :f :read :value #{3 1 2}}\n\
               {:process :nemesis :type :info :f :kill :value {1 2}}\n";
    let written = there_and_back(Format::Edn, set, Target::Jsonl);
    assert!(written.notes.iter().any(|note| note.contains("written as lists")), "{:?}", written.notes);
    assert!(written.notes.iter().any(|note| note.contains("written as text")), "{:?}", written.notes);
    assert!(there_and_back(Format::Edn, set, Target::Edn).notes.is_empty());
    let map = "{:process 0 :type :invoke :f :write :value {1 2}}\n";
    let errors = write(&mut read(Format::Edn, map), Target::Jsonl).expect_err("no such object");
    assert!(errors.first()[0].help.as_deref().unwrap_or_default().contains("--to edn"), "{errors:?}");
    there_and_back(Format::Edn, map, Target::Edn);
}

#[test]
fn clients_with_names_are_numbered() {
    let table = "process,f,value,call,return\na,write,1,1,2\n7,write,2,3,4\nb,read,2,5,6\na,read,2,7,8\n";
    for target in [Target::Jsonl, Target::Edn, Target::Intervals] {
        let written = there_and_back(Format::Csv, table, target);
        assert!(
            written.notes[0].contains("2 clients that are no integers were numbered: \"a\" is 8"),
            "{:?}",
            written.notes
        );
    }
}

#[test]
fn a_difference_is_found() {
    let history = read(Format::Jsonl, EVENTS);
    assert_eq!(difference(&history, &history), None);
    let found = |change: &dyn Fn(&mut History)| {
        let mut other = history.clone();
        change(&mut other);
        difference(&history, &other).map(|difference| difference.what)
    };
    assert_eq!(found(&|other| _ = other.operations.pop()), Some("the number of operations"));
    assert_eq!(found(&|other| other.operations[0].key = None), Some("the key"));
    assert_eq!(found(&|other| other.operations[1].completion = Completion::Unknown), Some("the answer"));
    assert_eq!(found(&|other| other.operations[0].call.time = None), Some("the times"));
    assert_eq!(found(&|other| other.operations[2].call.event = EventId(1)), Some("the order"));
    assert_eq!(found(&|other| _ = other.faults.pop()), Some("the faults"));
    assert_eq!(found(&|other| other.declared.initial = None), Some("the initial value"));
    assert_eq!(found(&|other| other.declared.model = None), Some("what is declared"));
}
