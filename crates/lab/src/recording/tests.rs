use serde_json::Value;

use super::*;
use crate::request::BALANCE;

fn recorded(request: &Request, reply: &Reply) -> (Vec<Value>, Counts) {
    let recording = Recording::memory(Workload::Register);
    recording.complete(recording.invoke(3, Node(2), request, Try::ONLY), request, reply);
    let lines =
        recording.text().lines().skip(1).map(|line| serde_json::from_str(line).expect("JSON")).collect();
    (lines, recording.counts())
}

fn key() -> String {
    "k".to_owned()
}

#[test]
fn a_read_has_its_node_and_its_answer() {
    let (lines, counts) = recorded(&Request::Read { key: key() }, &Reply::ok(Answer::Value(Some(5))));
    assert_eq!(lines[0]["node"], "n2");
    assert_eq!(
        (&lines[0]["f"], &lines[0]["key"], &lines[0]["process"]),
        (&json!("read"), &json!("k"), &json!(3))
    );
    assert_eq!((&lines[1]["type"], &lines[1]["value"]), (&json!("ok"), &json!(5)));
    assert_eq!(counts["read"], Count { ok: 1, fail: 0, info: 0 });
}

#[test]
fn nothing_in_a_register_is_nil_and_nothing_in_a_counter_is_0() {
    let (lines, _) = recorded(&Request::Read { key: key() }, &Reply::ok(Answer::Value(None)));
    assert!(lines[1].as_object().expect("an object").contains_key("value"));
    assert_eq!(lines[1]["value"], Value::Null);
    let (lines, _) = recorded(&Request::Count { key: key() }, &Reply::ok(Answer::Value(Some(0))));
    assert_eq!(lines[1]["value"], 0);
}

#[test]
fn a_swap_that_the_system_refused_is_an_observation_and_no_failure() {
    let request = Request::Cas { key: key(), old: 1, new: 2 };
    let (lines, _) = recorded(&request, &Reply::ok(Answer::Swapped(false)));
    assert_eq!(lines[0]["value"], json!([1, 2]));
    assert_eq!((&lines[1]["type"], &lines[1]["result"]), (&json!("ok"), &json!(false)));
    let (lines, _) = recorded(&request, &Reply::fail("not sent"));
    assert_eq!((&lines[1]["type"], &lines[1]["error"]), (&json!("fail"), &json!("not sent")));
}

#[test]
fn an_error_after_sending_leaves_a_write_open_and_ends_a_read() {
    let write = Request::Write { key: key(), value: 1 };
    let (lines, counts) = recorded(&write, &Reply::after_sending(&write, "reset\nby peer"));
    assert_eq!((&lines[1]["type"], &lines[1]["error"]), (&json!("info"), &json!("reset")));
    assert_eq!(counts["write"], Count { ok: 0, fail: 0, info: 1 });
    let read = Request::ReadAll { key: key() };
    let (lines, _) = recorded(&read, &Reply::after_sending(&read, "reset"));
    assert_eq!(lines[1]["type"], "fail");
    for request in [&write, &read] {
        assert!(Reply::after_sending(request, "reset").is_broken);
    }
}

#[test]
fn whoever_had_an_open_end_goes_on_as_another_process() {
    let recording = Recording::memory(Workload::Register);
    let write = Request::Write { key: key(), value: 1 };
    for reply in [Reply::ok(Answer::Done), Reply::info("timed out"), Reply::ok(Answer::Done)] {
        recording.complete(recording.invoke(3, Node(1), &write, Try::ONLY), &write, &reply);
    }
    let text = recording.text();
    let processes: Vec<i64> = text
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["process"].as_i64().expect("a number"))
        .collect();
    assert_eq!(processes[..4], [3, 3, 3, 3]);
    assert!(processes[4] != 3 && processes[4] == processes[5], "{processes:?}");
}

#[test]
fn what_a_transfer_writes_stands_in_its_invocation() {
    let request = Request::Transfer { from: ("a".to_owned(), 7), to: ("b".to_owned(), BALANCE), amount: 3 };
    let (lines, _) = recorded(&request, &Reply::ok(Answer::Done));
    let expected = json!([["r", "a", 7], ["r", "b", 100], ["w", "a", 4], ["w", "b", 103]]);
    assert_eq!((&lines[0]["value"], &lines[1]["value"]), (&expected, &expected));
    let request = Request::ReadAccounts { accounts: vec!["a".to_owned(), "b".to_owned()] };
    let (lines, _) = recorded(&request, &Reply::ok(Answer::Balances(vec![4, 103])));
    assert_eq!(lines[0]["value"], json!([["r", "a", null], ["r", "b", null]]));
    assert_eq!(lines[1]["value"], json!([["r", "a", 4], ["r", "b", 103]]));
}

#[test]
fn answers_have_the_shapes_of_their_models() {
    let value = |request: Request, answer: Answer| recorded(&request, &Reply::ok(answer)).0[1].clone();
    assert_eq!(value(Request::Acquire { key: key() }, Answer::Granted(Some(9)))["value"], 9);
    assert_eq!(value(Request::Acquire { key: key() }, Answer::Granted(None)).get("value"), None);
    assert_eq!(value(Request::Append { key: key(), value: 4 }, Answer::At(2))["result"], 2);
    assert_eq!(value(Request::ReadLog { key: key() }, Answer::Elements(vec![4, 1]))["value"], json!([4, 1]));
    assert_eq!(value(Request::Dequeue { key: key() }, Answer::Value(None))["value"], Value::Null);
}

#[test]
fn a_fault_has_its_nodes_from_its_start_to_its_end() {
    let recording = Recording::memory(Workload::Register);
    recording.fault("isolate-leader", vec!["n2".to_owned()]).stop();
    let text = recording.text();
    let lines: Vec<Value> =
        text.lines().skip(1).map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(
        (&lines[0]["f"], &lines[1]["f"]),
        (&json!("start-isolate-leader"), &json!("stop-isolate-leader"))
    );
    assert_eq!((&lines[0]["value"], &lines[0]["process"]), (&json!(["n2"]), &json!("nemesis")));
}

#[test]
fn of_what_a_lock_guards_the_lock_is_left_out() {
    let recording = Recording::memory(Workload::Guarded);
    let acquire = Request::Acquire { key: key() };
    recording.complete(
        recording.invoke(0, Node(1), &acquire, Try::ONLY),
        &acquire,
        &Reply::ok(Answer::Granted(None)),
    );
    assert_eq!(recording.text().lines().count(), 1);
    assert_eq!(recording.counts()["acquire"].ok, 1);
    let add = Request::Increment { key: key(), by: 1 };
    recording.complete(recording.invoke(0, Node(1), &add, Try::ONLY), &add, &Reply::ok(Answer::Done));
    assert_eq!(recording.text().lines().count(), 3);
}

#[test]
fn each_try_has_its_number_and_an_only_one_has_none() {
    let recording = Recording::memory(Workload::Crowd);
    let read = Request::Read { key: "r1".to_owned() };
    for turn in [Try::ONLY, Try { number: 1, of: 6 }, Try { number: 2, of: 6 }] {
        recording.complete(recording.invoke(0, Node(1), &read, turn), &read, &Reply::ok(Answer::Value(None)));
    }
    let text = recording.text();
    let attempts: Vec<_> = text
        .lines()
        .filter(|line| line.contains("\"invoke\""))
        .map(|line| line.split_once("\"attempt\":").map(|(_, rest)| rest.starts_with(['1', '2'])))
        .collect();
    assert_eq!(attempts, [None, Some(true), Some(true)], "{text}");
    assert!(text.contains("\"attempt\":1") && text.contains("\"attempt\":2"), "{text}");
}

#[test]
fn clients_with_odd_numbers_go_by_a_clock_that_can_be_set() {
    let folder = std::env::temp_dir().join(format!("seriatim-lab-clocks-{}", std::process::id()));
    let recording = Recording::create(&folder, Workload::Register, true).expect("it can be written");
    recording.set_ahead(60_000);
    let read = Request::Read { key: "r1".to_owned() };
    for client in 0..2 {
        let operation = recording.invoke(client, Node(1), &read, Try::ONLY);
        recording.complete(operation, &read, &Reply::ok(Answer::Value(None)));
    }
    recording.finish().expect("it can be written");
    let text = std::fs::read_to_string(&folder).expect("it was written");
    std::fs::remove_file(&folder).expect("it is there");
    let ahead: Vec<bool> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok()?["time"].as_u64())
        .map(|time| time >= 60_000_000_000)
        .collect();
    assert_eq!(ahead, [false, false, true, true], "{text}");
}
