//! What is recorded, line by line.

use std::fs::File;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use crate::clock::Clock;
use crate::line::Line;
use crate::state::{Sink, State};
use crate::{CLIENTS, Checker, Recorder, Value, json};

/// A recorder whose clock counts the events.
fn counted() -> Recorder {
    let time = AtomicU64::new(0);
    Recorder::options().clock(move || Duration::from_nanos(time.fetch_add(1, Ordering::Relaxed))).memory()
}

/// What stands behind the head.
fn lines(recorder: &Recorder) -> Vec<String> {
    let text = recorder.text().expect("memory can be read");
    text.lines().skip(1).map(str::to_owned).collect()
}

/// The records, read again.
fn records(recorder: &Recorder) -> Vec<Value> {
    lines(recorder).iter().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

#[test]
fn an_event_has_what_is_known_of_it() {
    let recorder = counted();
    let client = recorder.process(3).node("n1");
    client.invoke("write").key("x").value(17).start().done();
    client.invoke("cas").key("x").value([17, 18]).node("n2").start().ok(true);
    recorder.process(4).invoke("append").value("a").start().node("n3").ok_result(0);
    client.invoke("read").key("x").start().fail("refused");
    let expected = [
        r#"{"process":3,"type":"invoke","f":"write","key":"x","value":17,"node":"n1","time":0}"#,
        r#"{"process":3,"type":"ok","f":"write","key":"x","time":1}"#,
        r#"{"process":3,"type":"invoke","f":"cas","key":"x","value":[17,18],"node":"n2","time":2}"#,
        r#"{"process":3,"type":"ok","f":"cas","key":"x","value":true,"time":3}"#,
        r#"{"process":4,"type":"invoke","f":"append","value":"a","time":4}"#,
        r#"{"process":4,"type":"ok","f":"append","node":"n3","result":0,"time":5}"#,
        r#"{"process":3,"type":"invoke","f":"read","key":"x","node":"n1","time":6}"#,
        r#"{"process":3,"type":"fail","f":"read","key":"x","error":"refused","time":7}"#,
    ];
    assert_eq!(lines(&recorder), expected);
}

#[test]
fn nil_that_was_read_is_an_answer() {
    let recorder = counted();
    recorder.process(0).invoke("read").start().ok(None::<i32>);
    assert_eq!(records(&recorder)[1].get("value"), Some(&Value::Null));
}

#[test]
fn whoever_has_no_outcome_goes_on_under_another_number() {
    let recorder = counted();
    let client = recorder.process(3);
    client.invoke("write").value(1).start().info("timed out");
    client.invoke("write").value(2).start().done();
    drop(client.invoke("write").value(3).start());
    let last = client.invoke("write").value(4).start();
    assert_eq!(last.process(), 3 + 2 * u64::from(CLIENTS));
    last.fail("refused");
    // Another handle of the same client is the same client.
    assert_eq!(recorder.process(3).invoke("read").start().process(), 3 + 2 * u64::from(CLIENTS));
    assert_eq!(recorder.process(4).invoke("read").start().process(), 4);
}

#[test]
fn a_number_has_one_operation_open_at_a_time() {
    let recorder = counted();
    let client = recorder.process(0);
    let first = client.invoke("write").value(1).start();
    let second = client.invoke("write").value(2).start();
    assert_ne!(first.process(), second.process());
    first.done();
    assert_eq!(client.invoke("read").start().process(), 0);
    second.done();
}

#[test]
#[should_panic = "clients are numbered below 1000000, and this is 1000000"]
fn a_client_whose_number_may_be_that_of_another_is_refused() {
    Recorder::memory().process(CLIENTS);
}

#[test]
fn what_is_dropped_has_no_outcome() {
    let recorder = counted();
    let thrown = catch_unwind(AssertUnwindSafe(|| {
        let _open = recorder.process(0).invoke("write").value(1).start();
        let _fault = recorder.fault("kill").nodes(["n1"]).start();
        panic!("as a test does");
    }));
    assert!(thrown.is_err());
    let records = records(&recorder);
    let told: Vec<_> = records.iter().map(|record| (record["f"].as_str(), record["type"].as_str())).collect();
    let expected = [
        (Some("write"), Some("invoke")),
        (Some("start-kill"), Some("info")),
        (Some("stop-kill"), Some("info")),
        (Some("write"), Some("info")),
    ];
    assert_eq!(told, expected);
    assert_eq!(records[1]["value"], json!(["n1"]));
    assert_eq!(records[3]["error"], "panicked");
}

#[test]
fn a_future_that_is_cancelled_has_no_outcome() {
    let recorder = counted();
    let asked = async {
        let write = recorder.process(0).invoke("write").value(1).start();
        std::future::pending::<()>().await;
        write.done();
    };
    /// Guards may wait on another thread than the one they began on.
    fn may_move<T: Send>(future: T) -> T {
        future
    }
    {
        let mut future = pin!(may_move(asked));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(future.as_mut().poll(&mut context), Poll::Pending);
        assert_eq!(records(&recorder).len(), 1);
    }
    let last = records(&recorder).pop().expect("two events");
    assert_eq!((&last["type"], &last["error"]), (&json!("info"), &json!("dropped")));
}

#[test]
fn times_never_go_back() {
    let time = Arc::new(AtomicU64::new(9));
    let clock = Arc::clone(&time);
    let recorder =
        Recorder::options().clock(move || Duration::from_nanos(clock.load(Ordering::Relaxed))).memory();
    let write = recorder.process(0).invoke("write").value(1).start();
    time.store(3, Ordering::Relaxed);
    write.done();
    assert_eq!(records(&recorder).iter().map(|record| &record["time"]).collect::<Vec<_>>(), [9, 9]);
}

#[test]
fn a_clock_that_panics_does_not_panic_in_a_drop() {
    let time = Arc::new(AtomicU64::new(5));
    let clock = Arc::clone(&time);
    let recorder = Recorder::options()
        .clock(move || match clock.load(Ordering::Relaxed) {
            0 => panic!("the simulation is over"),
            now => Duration::from_nanos(now),
        })
        .memory();
    let open = recorder.process(0).invoke("write").value(1).start();
    time.store(0, Ordering::Relaxed);
    drop(open);
    assert_eq!(records(&recorder)[1]["type"], "info");
    assert_eq!(records(&recorder)[1]["time"], 5);
}

#[test]
fn lines_of_many_threads_are_whole_and_in_the_order_of_their_times() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let recorder = Recorder::create(folder.path().join("history.jsonl")).expect("it can be made");
    thread::scope(|scope| {
        for client in 0..4 {
            let process = recorder.process(client);
            scope.spawn(move || {
                for value in 0..200 {
                    process.invoke("write").value(value).start().done();
                }
            });
        }
    });
    recorder.finish().expect("everything was written");
    let records = records(&recorder);
    assert_eq!(records.len(), 4 * 200 * 2);
    assert!(records.is_sorted_by_key(|record| record["time"].as_u64()));
}

#[test]
fn an_error_of_writing_is_kept_and_ends_the_recording() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("history.jsonl");
    File::create(&path).expect("it can be made");
    // Open for reading only, so that nothing can be written to it.
    let file = File::open(&path).expect("it can be opened");
    let mut state = State::new(Sink::File(file), Clock::machine());
    state.write(Line::new().text("type", "invoke"), false);
    state.write(Line::new().text("type", "ok"), false);
    for _ in 0..2 {
        let error = state.close().expect_err("nothing was written");
        assert!(error.to_string().starts_with("the recording stops early: "), "{error}");
    }
}

#[test]
fn what_comes_after_the_end_is_not_recorded() {
    let recorder = counted();
    let open = recorder.process(0).invoke("write").value(1).start();
    recorder.finish().expect("memory has no errors");
    open.done();
    assert_eq!(records(&recorder).len(), 1);
}

#[test]
fn a_file_is_begun_anew_or_gone_on_with() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("history.jsonl");
    let record = |recorder: Recorder| {
        recorder.process(0).invoke("write").value(1).start().done();
        recorder.finish().expect("it is written");
        recorder.text().expect("it can be read")
    };
    let head = |text: &str| text.lines().next().map(str::to_owned);
    let first = record(Recorder::options().model("register").append(&path).expect("it can be made"));
    assert_eq!(head(&first).as_deref(), Some(r#"{"seriatim":1,"model":"register"}"#));
    let second = record(Recorder::options().model("kv").append(&path).expect("it can be opened"));
    assert!(second.starts_with(&first) && second.lines().count() == 5, "{second}");
    let third = record(Recorder::options().model("kv").create(&path).expect("it can be opened"));
    assert_eq!(head(&third).as_deref(), Some(r#"{"seriatim":1,"model":"kv"}"#));
    assert_eq!(third.lines().count(), 3);
    // An empty file gets a head, too, and nothing else is left in the folder.
    File::create(&path).expect("it can be emptied");
    assert_eq!(record(Recorder::append(&path).expect("it can be opened")).lines().count(), 3);
    assert_eq!(folder.path().read_dir().expect("it can be listed").count(), 1);
}

#[test]
fn half_a_line_stays_apart_from_what_follows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("history.jsonl");
    std::fs::write(&path, "{\"seriatim\":1}\n{\"process\":0,\"ty").expect("it can be written");
    let recorder = Recorder::append(&path).expect("it can be opened");
    recorder.process(1).invoke("write").value(1).start().done();
    let text = recorder.text().expect("it can be read");
    assert!(text.contains("\"ty\n{\"process\":1,"), "{text}");
}

#[test]
fn a_file_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("missing").join("history.jsonl");
    for error in [Recorder::create(&path).err(), Recorder::append(&path).err()] {
        let text = error.expect("there is no such folder").to_string();
        assert!(text.contains("history.jsonl: "), "{text}");
    }
}

#[test]
fn a_missing_program_is_told_with_what_to_do() {
    let recorder = Recorder::memory();
    let checker = Checker::new().program("no-such-program");
    let thrown = catch_unwind(AssertUnwindSafe(|| checker.assert(&recorder))).expect_err("it must panic");
    let text = thrown.downcast_ref::<String>().expect("a message");
    assert!(text.contains("cannot start `no-such-program`"), "{text}");
    assert!(text.contains("cargo install --path .") && text.contains("SERIATIM"), "{text}");
}

#[test]
fn of_a_field_of_the_head_the_last_value_counts() {
    let text =
        Recorder::options().model("kv").init(0).model("register").memory().text().expect("it is memory");
    assert_eq!(text, "{\"seriatim\":1,\"init\":0,\"model\":\"register\"}\n");
}

#[test]
fn the_clock_of_the_machine_begins_with_the_time_of_day() {
    let year_2020 = Duration::from_secs(1_577_836_800);
    assert!(u128::from(Clock::machine().now()) > year_2020.as_nanos());
}
