use std::collections::BTreeMap;

use super::*;
use crate::recording::Count;
use crate::rows;

fn driven(not_final: Option<&str>, needs_final: bool) -> Driven {
    Driven { faults: Vec::new(), not_settled: None, not_final: not_final.map(str::to_owned), needs_final }
}

#[test]
fn without_its_last_answers_a_recording_that_needs_them_is_void() {
    let counts: Counts = BTreeMap::from([("add", Count { ok: 9, fail: 0, info: 0 })]);
    assert_eq!(void(&driven(None, true), &counts), None);
    assert_eq!(void(&driven(Some("no answer"), false), &counts), None);
    let why = void(&driven(Some("no answer"), true), &counts);
    assert!(why.is_some_and(|why| why.starts_with("no answer")));
}

#[test]
fn a_recording_in_which_nothing_happened_is_void() {
    let counts: Counts = BTreeMap::from([("read", Count { ok: 0, fail: 9, info: 0 })]);
    assert!(void(&driven(None, false), &counts).is_some());
    assert!(void(&driven(None, false), &Counts::new()).is_some());
    // The last read of a set to which nothing was added.
    let counts = Counts::from([
        ("add", Count { ok: 0, fail: 9, info: 1 }),
        ("read", Count { ok: 1, fail: 0, info: 0 }),
    ]);
    assert!(void(&driven(None, true), &counts).is_some());
}

#[test]
fn names_of_recordings_are_files_and_tell_row_and_seed() {
    let row = rows::rows()[0];
    let first = name(&row, 7);
    assert!(!first.contains('/') && first.starts_with(&row.name().replace('/', "_")), "{first}");
    assert!(first.contains("-7-"), "{first}");
    // What goes into paths of sockets is short, and differs from run to run.
    assert!(short(&first).len() < 20 && short(&first).bytes().all(|byte| byte.is_ascii_digit()), "{first}");
    std::thread::sleep(std::time::Duration::from_millis(2));
    assert_ne!(name(&row, 7), first);
}

#[test]
fn what_is_there_is_not_overwritten() {
    let folder = std::env::temp_dir().join(format!("seriatim-lab-{}-store", std::process::id()));
    let out = folder.join("out");
    fs::create_dir_all(&out).expect("a folder can be made");
    let history = folder.join("h.jsonl");
    fs::write(&history, "{}\n").expect("a file can be written");
    let stored = store(&history, &out).expect("nothing is there yet");
    let bytes = fs::read(&stored).expect("it is there");
    assert!(store(&history, &out).is_err());
    assert_eq!(fs::read(&stored).expect("it is there still"), bytes);
    fs::remove_dir_all(&folder).expect("it is there");
}

#[test]
fn the_command_that_records_it_again_names_row_seed_and_length() {
    let row = rows::rows()[0];
    let mut plan =
        Plan { seed: 3, seconds: Some(5.5), out: PathBuf::new(), keeps_logs: false, checker: PathBuf::new() };
    assert_eq!(again(&row, &plan), format!("seriatim-lab run {} --seed 3 --seconds 5.5", row.name()));
    plan.seconds = None;
    assert_eq!(again(&row, &plan), format!("seriatim-lab run {} --seed 3", row.name()));
}
