use super::*;
use crate::build::Overrides;
use crate::convention::{Order, Ties};
use crate::format::{self, csv::ColumnMap};
use crate::span::{Source, SourceId};
use crate::value::ValueId;

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
    // Any value that is there is another one than these have.
    let another = history.operations[0].error;
    assert!(another.is_some_and(|error| Some(error) != history.operations[1].error));
    let process = history.operations[1].process;
    assert_eq!(found(&|other| other.operations[0].process = process), Some("the process"));
    assert_eq!(found(&|other| other.operations[0].function = process), Some("the function"));
    assert_eq!(found(&|other| other.operations[0].argument = another), Some("the argument"));
    assert_eq!(found(&|other| other.operations[0].error = None), Some("the error"));
    assert_eq!(found(&|other| other.operations[0].node = another), Some("the node"));
    let result = |other: &mut History| {
        let answer = Answer { value: Some(ValueId::NIL), result: another };
        other.operations[0].completion = Completion::Fail(answer);
    };
    assert_eq!(found(&result), Some("the result"));
    let outcome = |other: &mut History| {
        if let Completion::Fail(answer) = other.operations[0].completion {
            other.operations[0].completion = Completion::Ok(answer);
        }
    };
    assert_eq!(found(&outcome), Some("the outcome"));
    let end = |other: &mut History, change: &dyn Fn(&mut crate::operation::Point)| {
        other.operations[0].end.as_mut().into_iter().for_each(change);
    };
    assert_eq!(found(&|other| end(other, &|end| end.time = None)), Some("the times"));
    assert_eq!(found(&|other| end(other, &|end| end.event = EventId(7))), Some("the order"));
    let swapped = |other: &mut History| {
        let ends = [1, 0].map(|at| other.operations[at].end.map(|end| end.event));
        for (operation, event) in other.operations.iter_mut().zip(ends) {
            operation.end.as_mut().into_iter().zip(event).for_each(|(end, event)| end.event = event);
        }
    };
    assert_eq!(found(&swapped), Some("the order"));
    // A value that was the same before.
    assert_eq!(
        found(&|other| other.operations[3].process = history.operations[0].process),
        Some("the process")
    );
    let faults: [&dyn Fn(&mut Fault); 7] = [
        &|fault| fault.process = process,
        &|fault| fault.name = another,
        &|fault| fault.value = another,
        &|fault| fault.node = another,
        &|fault| fault.start.event = EventId(2),
        &|fault| fault.start.time = None,
        &|fault| fault.end = Some(9),
    ];
    for change in faults {
        assert_eq!(found(&|other| change(&mut other.faults[0])), Some("the faults"));
    }
    let declared: [&dyn Fn(&mut Declared); 4] = [
        &|declared| declared.nil_read = None,
        &|declared| declared.failed_cas = None,
        &|declared| declared.ties = Some(Ties::Ordered),
        &|declared| declared.order = Some(Order::Time),
    ];
    for change in declared {
        assert_eq!(found(&|other| change(&mut other.declared)), Some("what is declared"));
    }
    assert_eq!(found(&|other| other.operations[0].call.time = None), Some("the times"));
    assert_eq!(found(&|other| other.operations[2].call.event = EventId(1)), Some("the order"));
    assert_eq!(found(&|other| _ = other.faults.pop()), Some("the faults"));
    assert_eq!(found(&|other| other.declared.initial = None), Some("the initial value"));
    assert_eq!(found(&|other| other.declared.model = None), Some("what is declared"));
}

#[test]
fn what_a_format_has_no_place_for_is_left_out_made_another_or_refused() {
    let event = |kind: &str, f: &str, more: &str| format!("{{:process 0 :type :{kind} :f {f} {more}}}\n");
    let of = |asked: &str, answered: &str| {
        event("invoke", ":write", &format!(":value {asked}")) + &event("ok", ":write", answered)
    };
    // Nil where JSON has none.
    let nil = of("1", ":value 1 :error nil :node nil :result nil")
        + "{:process :nemesis :type :info :f nil :node nil :value nil}\n";
    // Sets, wherever they are.
    let sets = of("{:a #{1 2}}", ":value {:a #{1 2}} :error #{3}");
    for text in [&nil, &sets] {
        for target in [Target::Jsonl, Target::Intervals] {
            there_and_back(Format::Edn, text, target);
        }
    }
    let mut history = read(Format::Edn, &of("#{1}", ":value #{1}"));
    history.declared.initial = history.operations[0].argument;
    let written = write(&mut history, Target::Jsonl).expect("a list stands for it");
    assert_eq!(difference(&history, &read(Format::Jsonl, &written.text)), None, "{}", written.text);
    // Maps in maps whose keys are no texts.
    let odd = write(&mut read(Format::Edn, &of("{:a {1 2}}", ":value 1")), Target::Jsonl);
    assert!(odd.is_err());
    // Functions that are no keywords.
    let word = event("invoke", "\"2nd\"", ":value 1") + &event("ok", "\"2nd\"", ":value 1");
    there_and_back(Format::Edn, &word, Target::Edn);
    // Results that are not true or false, and a client that went on without an end.
    let results = "{\"process\":0,\"f\":\"append\",\"value\":1,\"result\":3,\"call\":1,\"return\":2}\n";
    let open = "{\"process\":0,\"f\":\"write\",\"value\":1,\"call\":1,\"type\":\"info\"}\n\
                {\"process\":0,\"f\":\"write\",\"value\":2,\"call\":3,\"return\":4}\n";
    for (text, said) in [(results, "a result in EDN"), (open, "several operations open at once")] {
        let errors = write(&mut read(Format::Jsonl, text), Target::Edn).expect_err(said);
        assert!(errors.first()[0].message.contains(said), "{errors:?}");
    }
}

#[test]
fn times_are_those_that_were_recorded() {
    let text = concat!(
        r#"{"seriatim":1,"time_unit":"ms"}"#,
        "\n",
        r#"{"process":0,"type":"invoke","f":"write","value":1,"time":5}"#,
        "\n",
        r#"{"process":0,"type":"ok","f":"write","value":1,"time":7}"#,
        "\n",
    );
    for target in [Target::Jsonl, Target::Intervals, Target::Edn] {
        there_and_back(Format::Jsonl, text, target);
    }
    let written = there_and_back(Format::Jsonl, text, Target::Intervals).text;
    assert!(written.contains(r#""call":5000000,"return":7000000"#), "{written}");
    // What follows from the rest is not said: either rule for equal times fits, and the answer is the argument.
    assert!(!written.contains("ordered") && !written.contains("output"), "{written}");
}
