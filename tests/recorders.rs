//! The recorders of five languages: what they write is what `check` reads.
//!
//! A command of its own, since it runs what is installed of them: `cargo test --test recorders -- --nocapture`. Each
//! language has a program that drives a register in memory, in docs/recorders; that of Rust is this one.

#![allow(clippy::disallowed_methods, reason = "a test at the edge: it reads files and starts programs")]

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use seriatim_history::build::Overrides;
use seriatim_history::format::{self, csv::ColumnMap};
use seriatim_history::{Format, HistoryBuilder, Source, SourceId, native};
use seriatim_record::{Checker, Process, Recorder, Value, assert_linearizable, json};

/// How the test that is the Rust program is told what to do, and with which file.
const RUN: &str = "SERIATIM_RECORDERS_RUN";

/// A language and its program.
struct Language {
    name: &'static str,
    /// What must be installed.
    tools: &'static [&'static str],
    /// How it is installed.
    install: &'static str,
    /// The program and its first arguments, built if need be: from the folder of sources, into another one.
    program: fn(&Path, &Path) -> Vec<PathBuf>,
}

const LANGUAGES: &[Language] = &[
    Language {
        name: "python",
        tools: &["python3"],
        install: "apt-get install python3",
        program: |sources, _| vec!["python3".into(), sources.join("python/register.py")],
    },
    Language {
        name: "go",
        tools: &["go"],
        install: "apt-get install golang-go",
        program: |sources, built| {
            let program = built.join("register-go");
            let mut build = Command::new("go");
            build.args(["build", "-o"]).arg(&program).arg("./register").current_dir(sources.join("go"));
            succeeds(build.env("GOPROXY", "off"));
            vec![program]
        },
    },
    Language {
        name: "javascript",
        tools: &["node"],
        install: "apt-get install nodejs",
        program: |sources, _| vec!["node".into(), sources.join("javascript/register.mjs")],
    },
    Language {
        name: "java",
        tools: &["java", "javac"],
        install: "apt-get install default-jdk-headless",
        program: |sources, built| {
            let classes = built.join("java");
            let mut build = Command::new("javac");
            build.args(["-encoding", "UTF-8", "-Xlint:all,-try", "-Werror", "-d"]).arg(&classes);
            succeeds(build.arg("Recorder.java").arg("Register.java").current_dir(sources.join("java")));
            vec!["java".into(), "-cp".into(), classes, "Register".into()]
        },
    },
];

/// A program that records.
struct Program {
    name: &'static str,
    command: Vec<PathBuf>,
}

impl Program {
    /// It with what to do, the file, and a client.
    fn command(&self, what: &str, path: &Path, client: usize) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).env("PYTHONDONTWRITEBYTECODE", "1");
        match self.name {
            "rust" => command.env(RUN, format!("{what} {client} {}", path.display())),
            _ => command.arg(what).arg(path).arg(client.to_string()),
        };
        command.stdout(Stdio::null());
        command
    }

    /// Runs it to its end.
    fn run(&self, what: &str, path: &Path) {
        succeeds(&mut self.command(what, path, 0));
    }
}

/// Rust, and the languages that are installed.
fn programs() -> &'static [Program] {
    static PROGRAMS: OnceLock<Vec<Program>> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recorders");
        let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recorders");
        fs::create_dir_all(&built).expect("the build's own folder can be written to");
        let this = env::current_exe().expect("a test knows its program");
        let arguments = ["--exact", "the_program_of_rust", "--ignored", "--nocapture"].map(PathBuf::from);
        let mut found = vec![Program { name: "rust", command: [vec![this], arguments.to_vec()].concat() }];
        for language in LANGUAGES {
            let is_there = |tool: &&str| {
                let version = if *tool == "go" { "version" } else { "--version" };
                let mut asked = Command::new(tool);
                asked.arg(version).output().is_ok_and(|output| output.status.success())
            };
            if language.tools.iter().all(is_there) {
                let command = (language.program)(&sources, &built);
                found.push(Program { name: language.name, command });
                continue;
            }
            assert!(
                language.name != "python" || env::var_os("CI").is_none(),
                "CI must have Python: {}",
                language.install
            );
            println!("SKIPPED {}: not installed ({})", language.name, language.install);
        }
        found
    })
}

/// Runs a program that must succeed.
fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let says = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{says}", output.status);
    output
}

/// What `check` says of a file, and the code that it ends with.
fn check(path: &Path, options: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seriatim"));
    let output = command.arg("check").args(options).arg(path).output().expect("the program starts");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// Checks what must be linearizable, and how many operations of each outcome it has.
fn valid(name: &str, path: &Path) -> Value {
    let (code, text) = check(path, &["--output-format", "json"]);
    assert_eq!(code, Some(0), "{name}: {text}");
    let report: Value = serde_json::from_str(&text).expect("the report is JSON");
    report["histories"][0]["operations"].clone()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn what_a_register_did_is_linearizable() {
    let folder = folder();
    for program in programs() {
        let path = folder.path().join(program.name);
        program.run("correct", &path);
        let operations = valid(program.name, &path);
        assert_eq!(operations["total"], 202, "{}", program.name);
        // Writes whose answer was lost are recorded so, and their clients went on under other numbers.
        let text = fs::read_to_string(&path).expect("it was written");
        assert!(operations["info"].as_u64() > Some(0), "{}: {operations}", program.name);
        assert!(text.contains("\"process\":100000"), "{}", program.name);
        for fault in ["start-partition", "stop-partition"] {
            assert_eq!(text.matches(fault).count(), 1, "{}", program.name);
        }
    }
}

#[test]
fn a_task_of_python_that_is_cancelled_has_no_outcome() {
    let Some(python) = programs().iter().find(|program| program.name == "python") else { return };
    let folder = folder();
    let path = folder.path().join("tasks");
    python.run("tasks", &path);
    assert_eq!(valid("tasks", &path)["info"], 1);
    assert!(fs::read_to_string(&path).expect("it was written").contains("CancelledError"));
}

#[test]
fn a_stale_cache_is_found() {
    let folder = folder();
    for program in programs() {
        let path = folder.path().join(program.name);
        program.run("stale", &path);
        let (code, text) = check(&path, &[]);
        assert_eq!(code, Some(1), "{}: {text}", program.name);
        assert!(text.contains("error[LIN001]: stale read of key \"x\""), "{}: {text}", program.name);
        assert!(text.contains("answered by n2; inside partition n2"), "{}: {text}", program.name);
    }
}

/// The values that every program writes and reads, as JSON in ASCII.
const VALUES: &[&str] = &[
    r#""quote \" backslash \\ slash / apostrophe '""#,
    r#""newline \n return \r tab \t null \u0000 escape \u001b unit \u001f delete \u007f""#,
    r#""\u00e9 \u4e2d \ud83d\ude00 \u2028 \u2029 \ufeff""#,
    r#""""#,
    r#""null""#,
    "9007199254740993",
    "-9223372036854775808",
    "9223372036854775807",
    "18446744073709551615",
    "0.1",
    "-0.00000025",
    "null",
    "true",
    "[]",
    r#"{"a":[1,{"b":null},[]],"":{},"q\"\\\n":[true,false],"\u043a\u043b\u044e\u0447":"\u00e9"}"#,
];

/// A text of the native format as the reader of histories has it, without times.
fn read_back(text: &str) -> Vec<Value> {
    let mut builder = HistoryBuilder::new(Format::Jsonl);
    format::read(Format::Jsonl, Source { id: SourceId(0), text }, &ColumnMap::default(), &mut builder);
    let history = builder.finish(Overrides::default()).expect("it is a history");
    assert!(history.notes.is_empty(), "{:?}", history.notes);
    let lines = native::write(&history);
    let without_time = |line| {
        let mut record: Value = serde_json::from_str(line).expect("a line is JSON");
        record.as_object_mut().expect("a record is an object").remove("time");
        record
    };
    lines.lines().map(without_time).collect()
}

#[test]
fn every_value_is_read_as_it_was_written() {
    let mut expected = "{\"seriatim\":1,\"model\":\"register\"}\n".to_owned();
    for (at, value) in VALUES.iter().enumerate() {
        let about = format!("\"process\":0,\"key\":[{at},\"k \\\"\\n\\u2028\\ud83d\\ude00\"]");
        for record in [
            format!("{{{about},\"type\":\"invoke\",\"f\":\"write\",\"value\":{value}}}"),
            format!("{{{about},\"type\":\"ok\"}}"),
            format!("{{{about},\"type\":\"invoke\",\"f\":\"read\"}}"),
            format!("{{{about},\"type\":\"ok\",\"value\":{value}}}"),
        ] {
            writeln!(expected, "{record}").expect("a text takes all");
        }
    }
    let expected = read_back(&expected);
    assert_eq!(expected.len(), 1 + 4 * VALUES.len());
    let folder = folder();
    for program in programs() {
        let path = folder.path().join(program.name);
        program.run("values", &path);
        let found = read_back(&fs::read_to_string(&path).expect("it was written"));
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{}", program.name);
        }
        assert_eq!(found.len(), expected.len(), "{}", program.name);
        valid(program.name, &path);
    }
}

#[test]
fn several_processes_write_to_one_file() {
    let folder = folder();
    let all: Vec<&Program> = programs().iter().collect();
    // Twice the same one, so that they begin at about the same time; and all of them.
    let mut teams: Vec<Vec<&Program>> = all.iter().map(|&program| vec![program; 2]).collect();
    teams.push(all);
    for (at, team) in teams.iter().enumerate() {
        let path = folder.path().join(format!("{at}.jsonl"));
        let start = |(client, program): (usize, &&Program)| {
            let mut command = program.command("append", &path, client);
            command.stdin(Stdio::piped()).spawn().expect("it started before")
        };
        let mut writers: Vec<Child> = team.iter().enumerate().map(start).collect();
        // Nobody goes on before each has written something, so that all have the file open at once.
        let begun = Instant::now();
        let has_written =
            |text: &str, client| text.contains(&format!("{{\"process\":{client},\"type\":\"ok\""));
        let have_all = |text: String| (0..team.len()).all(|client| has_written(&text, client));
        while !fs::read_to_string(&path).is_ok_and(have_all) {
            assert!(begun.elapsed() < Duration::from_secs(60), "{}: not all begin", team[0].name);
            thread::sleep(Duration::from_millis(2));
        }
        for writer in &mut writers {
            let mut stdin = writer.stdin.take().expect("it is piped");
            stdin.write_all(b"\n").expect("it waits for that");
        }
        for mut writer in writers {
            assert!(writer.wait().expect("it ends").success());
        }
        assert_eq!(valid(team[0].name, &path)["ok"], 600 * team.len());
        let text = fs::read_to_string(&path).expect("it was written");
        assert_eq!(text.matches("seriatim").count(), 1, "{}: there is one head", team[0].name);
        assert_eq!(text.lines().count(), 1 + 1200 * team.len(), "{}", team[0].name);
    }
    let files = fs::read_dir(folder.path()).expect("it can be listed").count();
    assert_eq!(files, teams.len(), "nothing else is left");
}

#[test]
fn who_is_killed_leaves_a_history() {
    let folder = folder();
    for program in programs() {
        let path = folder.path().join(program.name);
        let mut child = program.command("endless", &path, 0).spawn().expect("it started before");
        let begun = Instant::now();
        while fs::metadata(&path).map_or(0, |about| about.len()) < 50_000 {
            assert!(begun.elapsed() < Duration::from_secs(60), "{} records nothing", program.name);
            thread::sleep(Duration::from_millis(2));
        }
        child.kill().expect("it runs until it is killed");
        child.wait().expect("it ends");
        let operations = valid(program.name, &path);
        assert!(operations["ok"].as_u64() > Some(100), "{}: {operations}", program.name);
    }
}

#[test]
fn a_last_line_that_is_cut_anywhere_is_left_out() {
    let folder = folder();
    let path = folder.path().join("values");
    programs()[0].run("values", &path);
    let whole = fs::read(&path).expect("it was written");
    let last = whole[..whole.len() - 1].iter().rposition(|&byte| byte == b'\n').expect("many lines") + 1;
    assert!(!whole[last..].is_ascii(), "a character may be cut in half, too");
    for end in last + 1..whole.len() - 1 {
        fs::write(&path, &whole[..end]).expect("it can be written");
        let (code, text) = check(&path, &[]);
        assert_eq!(code, Some(0), "after {end} bytes: {text}");
        assert!(text.contains("the last line is cut off"), "after {end} bytes: {text}");
    }
}

/// What an assertion panics with; nothing where it holds.
fn panics_with(assertion: impl FnOnce()) -> Option<String> {
    let thrown = catch_unwind(AssertUnwindSafe(assertion)).err()?;
    Some(*thrown.downcast::<String>().expect("a message"))
}

#[test]
fn an_assertion_holds_or_panics_with_the_report() {
    let folder = folder();
    let checker = Checker::new().program(env!("CARGO_BIN_EXE_seriatim"));
    let simulated = || Recorder::options().model("register").init(0).clock(|| Duration::from_secs(7));
    let file = || simulated().create(folder.path().join("file")).expect("it can be made");
    for recorder in [simulated().memory(), file()] {
        threads(&recorder, false);
        assert_eq!(panics_with(|| checker.assert(&recorder)), None);
    }
    for recorder in [simulated().memory(), file()] {
        threads(&recorder, true);
        let text = panics_with(|| checker.assert(&recorder)).expect("it is stale");
        assert!(text.starts_with("the recorded history is not linearizable"), "{text}");
        assert!(text.contains("error[LIN001]: stale read of key \"x\""), "{text}");
        let text = panics_with(|| checker.clone().argument("--timeout").argument("0s").assert(&recorder));
        assert!(text.as_ref().is_some_and(|text| text.starts_with("it is not known whether")), "{text:?}");
    }
    let text = panics_with(|| checker.assert(&simulated().memory())).expect("there is nothing in it");
    assert!(text.starts_with("nothing in the recorded history was checked"), "{text}");
    let text = panics_with(|| checker.assert_file(folder.path().join("missing"))).expect("it is missing");
    assert!(text.starts_with("the recorded history could not be checked"), "{text}");
    assert!(text.contains("missing"), "{text}");
}

#[test]
fn the_program_that_checks_is_found_by_its_variable() {
    let folder = folder();
    let assert = |what: &str, program: &str| {
        let mut command = programs()[0].command(what, &folder.path().join("file"), 0);
        let output = command.stdout(Stdio::piped()).env("SERIATIM", program).output().expect("it starts");
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };
    let program = env!("CARGO_BIN_EXE_seriatim");
    assert!(assert("assert-correct", program).0);
    let (is_green, text) = assert("assert-stale", program);
    assert!(!is_green && text.contains("error[LIN001]"), "{text}");
    let (is_green, text) = assert("assert-correct", "/missing/seriatim");
    assert!(!is_green && text.contains("cannot start `/missing/seriatim`"), "{text}");
    assert!(text.contains("cargo install --path ."), "{text}");
}

/// Not a test of its own: what the others start as a process.
#[test]
#[ignore = "the others run it"]
fn the_program_of_rust() {
    let told = env::var(RUN).expect("whoever runs it says what to do");
    let mut words = told.splitn(3, ' ');
    let mut next = || words.next().expect("what to do, a client, and a file");
    let (what, client, path) = (next(), next(), next());
    let client = client.parse().expect("a client is a number");
    let options = Recorder::options().model("register");
    let recorder = match what {
        "values" => options.create(path),
        "append" => options.init(0).append(path),
        _ => options.init(0).create(path),
    };
    let recorder = recorder.expect("the file can be made");
    match what {
        "correct" | "stale" => threads(&recorder, what == "stale"),
        "assert-correct" | "assert-stale" => {
            threads(&recorder, what == "assert-stale");
            assert_linearizable(&recorder);
        }
        "values" => values(&recorder),
        "append" => several(&recorder, client),
        "endless" => clients(&recorder, &Mutex::new(0), usize::MAX),
        _ => panic!("no such run: {what}"),
    }
    recorder.finish().expect("everything was written");
}

fn look(process: &Process, key: impl Into<Value>, answer: impl FnOnce() -> i64) {
    let read = process.invoke("read").key(key).start();
    read.ok(answer());
}

fn put(process: &Process, key: impl Into<Value>, value: i64, register: &Mutex<i64>) {
    let write = process.invoke("write").key(key).value(value).start();
    *register.lock().expect("nobody panics") = value;
    write.done();
}

fn held(register: &Mutex<i64>) -> i64 {
    *register.lock().expect("nobody panics")
}

/// Four clients at once, each of whose tenth steps has no outcome if it is a write.
fn clients(recorder: &Recorder, register: &Mutex<i64>, rounds: usize) {
    thread::scope(|scope| {
        for number in 0..4_u32 {
            let process = recorder.process(number).node("n1");
            scope.spawn(move || {
                let mut random = u64::from(number) + 1;
                for at in 0..rounds {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let value = i64::from(number) * 1_000_000_000 + 1 + at as i64;
                    if random >> 63 == 0 {
                        look(&process, "x", || held(register));
                    } else if at % 10 == 9 {
                        let _lost = process.invoke("write").key("x").value(value).start();
                        *register.lock().expect("nobody panics") = value;
                    } else {
                        put(&process, "x", value, register);
                    }
                }
            });
        }
    });
}

/// Correct; or with one more client that answers from a cache which nobody refreshes.
fn threads(recorder: &Recorder, is_stale: bool) {
    let register = Mutex::new(0);
    let cached = held(&register);
    let cache = recorder.process(4).node("n2");
    if is_stale {
        look(&cache, "x", || cached);
    }
    let fault = recorder.fault("partition").nodes(["n2"]).start();
    clients(recorder, &register, 50);
    put(&recorder.process(0), "x", -1, &register);
    look(&recorder.process(1), "x", || held(&register));
    if is_stale {
        look(&cache, "x", || cached);
    }
    fault.stop();
}

/// Each value is written to a key of its own and read again.
fn values(recorder: &Recorder) {
    let nested = json!({"a": [1, {"b": null}, []], "": {}, "q\"\\\n": [true, false], "ключ": "é"});
    let all = [
        json!("quote \" backslash \\ slash / apostrophe '"),
        json!("newline \n return \r tab \t null \0 escape \x1b unit \x1f delete \x7f"),
        json!("é 中 😀 \u{2028} \u{2029} \u{feff}"),
        json!(""),
        json!("null"),
        json!((1_i64 << 53) + 1),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(0.1),
        json!(-2.5e-7),
        Value::Null,
        json!(true),
        json!([]),
        nested,
    ];
    let process = recorder.process(0);
    for (at, value) in all.into_iter().enumerate() {
        let key = json!([at, "k \"\n\u{2028}😀"]);
        process.invoke("write").key(key.clone()).value(value.clone()).start().done();
        process.invoke("read").key(key).start().ok(value);
    }
}

/// One of several processes that write to one file, each to a register of its own. It begins, and waits for a line.
fn several(recorder: &Recorder, client: u32) {
    let register = Mutex::new(0);
    let process = recorder.process(client);
    for value in 1..=300 {
        put(&process, client, value, &register);
        look(&process, client, || held(&register));
        if value == 1 {
            io::stdin().read_line(&mut String::new()).expect("it can be read");
        }
    }
}
