//! `seriatim convert`: what is written is the same history, and has the same verdict.

use std::fs;
use std::path::{Path, PathBuf};

use seriatim_history::convert::{Target, difference, write};
use seriatim_history::format::csv::ColumnMap;
use seriatim_history::{Format, History, Source, SourceId, build::Overrides, format};
use seriatim_model::catalog::MODELS;
use seriatim_testkit::{Plan, Rng, simulate};

use crate::{code, directory, fixture, output, run_in, text, with_stdin};

/// The recorded histories that are not large, each with its model.
fn histories() -> Vec<(PathBuf, String)> {
    const LARGE: u64 = 60_000;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("histories");
    let mut found = Vec::new();
    for model in fs::read_dir(&root).expect("the histories are there") {
        let model = model.expect("an entry can be read").path();
        for expectation in ["valid", "invalid"] {
            let Ok(files) = fs::read_dir(model.join(expectation)) else { continue };
            let name = model.file_name().expect("a name").to_string_lossy().into_owned();
            let files = files.map(|file| file.expect("an entry can be read").path());
            let small =
                files.filter(|path| path.is_file() && path.metadata().is_ok_and(|of| of.len() < LARGE));
            found.extend(small.map(|path| (path, name.clone())));
        }
    }
    found.sort();
    assert!(found.len() > 100, "{} histories", found.len());
    found
}

/// Checks a text with the options that the conversion said it needs.
fn verdict(written: &[u8], said: &str) -> Option<i32> {
    let options = said.split("check it with ").nth(1).unwrap_or_default().lines().next().unwrap_or_default();
    let mut arguments = vec!["check".to_owned(), "-".to_owned(), "-qq".to_owned()];
    for option in options.split("--").skip(1) {
        let (name, value) = option.trim().split_once(' ').unwrap_or((option.trim(), ""));
        arguments.push(format!("--{name}"));
        arguments.extend((!value.is_empty()).then(|| value.trim_matches('\'').to_owned()));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    with_stdin(&arguments, written).status.code()
}

/// Every third history is converted to each format in turn: all of them by three runs of the tests would take too long here.
#[test]
fn each_recorded_history_keeps_its_verdict() {
    for (at, (path, model)) in histories().into_iter().enumerate() {
        let path = path.display().to_string();
        let to = ["jsonl", "edn", "intervals"][at % 3];
        let converted = output(&["convert", &path, "--to", to, "--model", &model]);
        let said = text(&converted.stderr);
        match converted.status.code() {
            Some(0) => {
                let expected = code(&["check", &path, "--model", &model, "-qq"]);
                assert_eq!(verdict(&converted.stdout, &said), Some(expected), "{path} as {to}: {said}");
            }
            // What a format cannot hold is refused, and not lost.
            Some(2) => {
                let is_known = [
                    "several operations open at once",
                    "whose keys are no texts",
                    "in EDN is `true` or `false`",
                ];
                assert!(is_known.iter().any(|known| said.contains(known)), "{path} as {to}: {said}");
                assert!(converted.stdout.is_empty());
            }
            other => panic!("{path} as {to} ended with {other:?}: {said}"),
        }
    }
}

fn read(target: Target, text: &str) -> History {
    let source = Source { id: SourceId(0), text };
    format::history(target.format(), &[source], &ColumnMap::default(), Overrides::default())
        .unwrap_or_else(|errors| panic!("{text}: {:?}", errors.first()))
}

#[test]
fn generated_histories_are_read_again_as_they_were() {
    let mut rng = Rng::new(19);
    for seed in 0..20 {
        for model in MODELS {
            let simulated = simulate(seed, &Plan { nemesis: true, ..Plan::small(model.name, &mut rng) });
            for target in [Target::Jsonl, Target::Edn, Target::Intervals] {
                let mut history = simulated.clone();
                let Ok(written) = write(&mut history, target) else {
                    assert_eq!(target, Target::Edn, "{} {seed}", model.word);
                    continue;
                };
                let again = read(target, &written.text);
                assert_eq!(
                    difference(&history, &again),
                    None,
                    "{} {seed} {target:?}\n{}",
                    model.word,
                    written.text
                );
                assert_eq!(history.operations.len(), simulated.operations.len());
                // Once written in a format, nothing is left that it cannot hold.
                let mut once_more = again.clone();
                let twice = write(&mut once_more, target).expect("it was written before");
                assert_eq!(twice.text, written.text, "{} {seed} {target:?}", model.word);
            }
        }
    }
}

#[test]
fn what_was_said_by_options_is_said_by_the_first_line() {
    let files = directory(&[("stale.jsonl", &fixture("stale-read.jsonl"))]);
    let options = ["--init", "9", "--nil-read", "wildcard", "--model", "register"];
    let arguments = [&["convert", "stale.jsonl", "-o", "out.jsonl"][..], &options].concat();
    let converted = run_in(&files, &arguments);
    assert_eq!(converted.status.code(), Some(0), "{}", text(&converted.stderr));
    let written = fs::read_to_string(files.path().join("out.jsonl")).expect("it was written");
    let head = written.lines().next().expect("a line");
    assert!(head.contains(r#""model":"register""#) && head.contains(r#""init":9"#), "{head}");
    assert!(head.contains(r#""nil_read":"wildcard""#), "{head}");
    let edn = run_in(&files, &[&["convert", "stale.jsonl", "--to", "edn"][..], &["--init", "9"]].concat());
    assert!(text(&edn.stderr).contains("check it with --init '9' --nil-read value"), "{}", text(&edn.stderr));
}

#[test]
fn tuples_become_keys_and_what_only_looks_so_is_said() {
    let tuples =
        "{:process 0 :type :invoke :f :read :value [1 nil]}\n{:process 0 :type :ok :f :read :value [1 3]}\n";
    let split = with_stdin(&["convert", "-"], tuples.as_bytes());
    assert!(text(&split.stdout).contains(r#""key":1"#), "{}", text(&split.stdout));
    let kept = with_stdin(&["convert", "-", "--no-independent", "--model", "register"], tuples.as_bytes());
    assert!(!text(&kept.stdout).contains("\"key\""), "{}", text(&kept.stdout));
    assert!(text(&kept.stderr).contains("--no-independent"), "{}", text(&kept.stderr));
}

#[test]
fn bad_input_is_an_error_and_nothing_is_written() {
    let files = directory(&[
        ("empty.jsonl", b""),
        ("odd.txt", b"hello\n"),
        ("a.jsonl", &fixture("stale-read.jsonl")),
    ]);
    for (arguments, said) in [
        (&["convert", "empty.jsonl"][..], "there is nothing in"),
        (&["convert", "odd.txt"], "in no format that is known"),
        (&["convert", "missing.jsonl"], "missing.jsonl"),
        (&["convert", "."], "name the one to convert"),
        (&["convert", "a.jsonl", "-o", "a.jsonl"], "would be overwritten"),
        (&["convert", "a.jsonl", "--to", "csv"], "invalid value"),
        (&["convert", "a.jsonl", "--init", "{"], "neither a JSON nor an EDN value"),
    ] {
        let ended = run_in(&files, arguments);
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}");
        assert!(ended.stdout.is_empty());
        assert!(text(&ended.stderr).contains(said), "{arguments:?}: {}", text(&ended.stderr));
    }
    assert_eq!(Format::Jsonl, Target::Intervals.format());
}
