//! Options that do not come from the command line.

use std::fs;
use std::process::Output;

use tempfile::TempDir;

use crate::{directory, run_in, seriatim, shown, text};

const STALE: &str = r#"{"process":0,"type":"invoke","f":"write","value":1}
{"process":0,"type":"ok","f":"write","value":1}
{"process":0,"type":"invoke","f":"write","value":2}
{"process":0,"type":"ok","f":"write","value":2}
{"process":1,"type":"invoke","f":"read","value":null}
{"process":1,"type":"ok","f":"read","value":1}
"#;

/// A directory with a history that a stale read is in, this configuration, and a folder `below/it`.
fn configured(toml: &str) -> TempDir {
    let directory = directory(&[("h", STALE.as_bytes()), ("seriatim.toml", toml.as_bytes())]);
    fs::create_dir_all(directory.path().join("below/it")).expect("a directory can be made");
    directory
}

fn below(directory: &TempDir, arguments: &[&str]) -> Output {
    let mut command = seriatim(arguments);
    command.current_dir(directory.path().join("below/it"));
    command.output().expect("the binary runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("{}", shown(output)))
}

#[test]
fn the_nearest_file_above_sets_options() {
    let directory = configured("exit-zero = true\noutput-format = \"compact\"\nno-timings = true\n");
    for (arguments, expected) in [
        (&["../../h"][..], 0),
        (&["check", "../../h"], 0),
        (&["check", "--", "../../h"], 0),
        (&["check", "../../h", "--isolated"], 1),
        (&["check", "../../h", "--config", "exit-zero=false"], 1),
    ] {
        let output = below(&directory, arguments);
        assert_eq!(code(&output), expected, "{arguments:?}: {}", shown(&output));
        let is_compact = text(&output.stdout).lines().count() == 1;
        assert_eq!(is_compact, !arguments.contains(&"--isolated"), "{arguments:?}: {}", shown(&output));
    }
    fs::write(directory.path().join("below/seriatim.toml"), "").expect("a file can be written");
    assert_eq!(code(&below(&directory, &["../../h"])), 1, "a nearer file hides the one above");
    let other = below(&directory, &["../../h", "--config-file", "../../seriatim.toml"]);
    assert_eq!(code(&other), 0, "{}", shown(&other));
}

#[test]
fn the_command_line_counts_before_config_before_the_profile_before_the_file() {
    let toml = "max-configurations = 1\ntimeout = \"1m\"\nmemory-limit = \"1GiB\"\nmodel = \"kv\"\n
        [profile.ci]\ntimeout = \"2m\"\nmemory-limit = \"2GiB\"\nmodel = \"set\"\n
        [profile.other]\ntimeout = \"9m\"\n";
    let directory = configured(toml);
    let with = ["--config", "memory-limit=3GiB", "--config", "model = 'cas-register'", "--profile", "ci"];
    let shown = run_in(&directory, &[&["config", "show", "-o", "json"][..], &with].concat());
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).expect("it prints JSON");
    let of = |option: &str| {
        let option = &shown["options"][option];
        (option["value"].as_str().unwrap_or_default(), option["from"].as_str().unwrap_or_default())
    };
    assert_eq!(of("max-configurations"), ("1", "seriatim.toml:1"));
    assert_eq!(of("timeout"), ("2m", "seriatim.toml:7, profile ci"));
    assert_eq!(of("memory-limit"), ("3GiB", "--config"));
    assert_eq!(of("model"), ("cas-register", "--config"));
    assert_eq!(of("init"), ("", "not set"));
    assert_eq!(of("on-unknown"), ("fail", "default"));
    let checked = |more: &[&str]| {
        let arguments = [&["h", "-o", "json"][..], &with[2..], more].concat();
        let checked = run_in(&directory, &arguments);
        let checked: serde_json::Value = serde_json::from_slice(&checked.stdout).expect("it prints JSON");
        checked["histories"][0]["model"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(checked(&[]), "cas-register");
    assert_eq!(checked(&["--model", "register"]), "register");
}

#[test]
fn a_variable_names_the_profile_too() {
    let directory = configured("[profile.ci]\nexit-zero = true\n");
    let run = |profile: Option<&str>, arguments: &[&str]| {
        let mut command = seriatim(arguments);
        command.current_dir(directory.path());
        command.envs(profile.map(|profile| ("SERIATIM_PROFILE", profile)));
        command.output().expect("the binary runs")
    };
    assert_eq!(code(&run(None, &["h"])), 1);
    assert_eq!(code(&run(Some(""), &["h"])), 1);
    assert_eq!(code(&run(Some("ci"), &["h"])), 0);
    assert_eq!(code(&run(Some("ci"), &["h", "--isolated"])), 1);
    assert_eq!(code(&run(Some("cx"), &["h"])), 2);
    assert_eq!(code(&run(Some("cx"), &["h", "--profile", "ci"])), 0);
}

#[test]
fn lists_are_replaced_and_paths_are_those_of_the_file() {
    let directory = configured("report = [\"json=a.json\", \"text=out/b.txt\"]\n");
    fs::create_dir(directory.path().join("out")).expect("a directory can be made");
    assert_eq!(code(&below(&directory, &["../../h"])), 1);
    let is_there = |path: &str| directory.path().join(path).is_file();
    assert!(is_there("a.json") && is_there("out/b.txt"));
    fs::remove_file(directory.path().join("a.json")).expect("it is there");
    assert_eq!(code(&below(&directory, &["../../h", "--report", "json=c.json"])), 1);
    assert!(is_there("below/it/c.json") && !is_there("a.json"));
    // So are those that have nothing before them.
    fs::write(directory.path().join("seriatim.toml"), "baseline = \"b.json\"\ncertificates = \"proofs\"\n")
        .expect("a file can be written");
    let empty = r#"{"schema": "seriatim-baseline/1", "entries": []}"#;
    fs::write(directory.path().join("b.json"), empty).expect("a file can be written");
    assert_eq!(code(&below(&directory, &["../../h"])), 1);
    assert!(directory.path().join("proofs").is_dir());
}

#[test]
fn the_last_of_several_counts_and_a_flag_has_an_opposite() {
    let directory = configured("independent = true\n");
    let last = ["--config", "timeout=1m", "--config", "timeout=2m", "--config", "max-configurations=0x10"];
    let shown_as = run_in(&directory, &[&["config", "show", "-o", "json"][..], &last].concat());
    let json: serde_json::Value = serde_json::from_slice(&shown_as.stdout).expect("it prints JSON");
    let of = |option: &str| &json["options"][option]["value"];
    assert_eq!((of("timeout"), of("max-configurations")), (&"2m".into(), &"16".into()));
    assert_eq!((of("independent"), of("exit-zero"), of("quiet")), (&true.into(), &false.into(), &0.into()));
    assert_eq!(of("fail-on"), &serde_json::json!(["violation"]));
    let run = |arguments: &[&str]| {
        let output = run_in(&directory, &[&["h", "-o", "compact"], arguments].concat());
        (code(&output), text(&output.stdout).contains("independent=no"))
    };
    assert_eq!(run(&[]), (2, false), "its values are no tuples");
    assert_eq!(run(&["--no-independent"]), (1, true));
    // What is false is said, where nothing would be found out.
    let tuples =
        "{:process 0 :type :invoke :f :write :value [1 2]}\n{:process 0 :type :ok :f :write :value [1 2]}\n";
    fs::write(directory.path().join("h"), tuples).expect("a file can be written");
    assert_eq!(run(&["--config", "independent=false"]), (0, true));
}

#[test]
fn other_commands_heed_what_is_said_of_the_input() {
    // What has no linearization as a register of 7 and none of a register of nil is not the same.
    let directory = configured("init = 2\ntimeout = \"1h\"\nreport = \"json=x.json\"\n");
    let reduced = run_in(&directory, &["reduce", "h"]);
    assert_eq!(code(&reduced), 0, "{}", shown(&reduced));
    assert!(text(&reduced.stdout).contains("\"init\":2"), "{}", shown(&reduced));
    assert!(!directory.path().join("x.json").exists());
}

#[test]
fn which_commands_heed_it() {
    let directory = configured("");
    run_in(&directory, &["h", "--report", "json=r.json"]);
    fs::write(directory.path().join("seriatim.toml"), "nonsense").expect("a file can be written");
    for (arguments, heeds) in [
        (&["h"][..], true),
        (&["watch", "h", "--idle-timeout", "10ms"], true),
        (&["reduce", "h"], true),
        (&["lint", "h"], true),
        (&["stats", "h"], true),
        (&["convert", "h"], true),
        (&["merge", "r.json"], true),
        (&["config", "show"], true),
        (&["models"], false),
        (&["diff", "r.json", "r.json"], false),
        (&["report", "r.json"], false),
    ] {
        let output = run_in(&directory, arguments);
        let is_refused = text(&output.stderr).contains("this is no TOML");
        assert_eq!((is_refused, code(&output) == 2), (heeds, heeds), "{arguments:?}: {}", shown(&output));
    }
}

#[test]
fn merging_heeds_what_makes_a_run_pass_and_nothing_else() {
    let directory = configured("exit-zero = true\nverbose = true\nreport = [\"text=t.txt\"]\n");
    assert_eq!(code(&run_in(&directory, &["h", "--report", "json=r.json"])), 0);
    assert_eq!(code(&run_in(&directory, &["merge", "r.json"])), 0);
    assert!(!directory.path().join("t.txt").exists());
    assert_eq!(code(&run_in(&directory, &["merge", "r.json", "--isolated"])), 1);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let cases: &[(&str, &[&str])] = &[
        ("timeot = \"5m\"\n", &[]),
        ("# a remark\n[profile.ci]\nreprot = []\n", &[]),
        ("timeout = \"5 parsecs\"\n", &[]),
        ("timeout = [\"5m\", \"6m\"]\n", &[]),
        ("exit-zero = \"yes\"\nnosuch = 1\n", &[]),
        ("report = [\"pdf=x\"]\n", &[]),
        ("model = \"registre\"\n", &[]),
        ("[limits]\ntimeout = \"5m\"\n", &[]),
        ("timeout = \n", &[]),
        ("profile = 3\n", &[]),
        ("[profile.ci]\n[profile.release]\n", &["--profile", "relase"]),
        ("", &["--config", "timeout"]),
        ("", &["--config", "timeot=5m"]),
        ("", &["--config", "timeout=soon"]),
        ("", &["--config-file", "nowhere.toml"]),
        ("quiet = 1\n", &["--verbose"]),
    ];
    let mut told = String::new();
    for (toml, arguments) in cases {
        let directory = configured(toml);
        let output = run_in(&directory, &[&["check", "h"][..], arguments].concat());
        assert_eq!(code(&output), 2, "{toml}: {}", shown(&output));
        assert_eq!(text(&output.stdout), "");
        told += &format!("{toml}{}\n{}\n", arguments.join(" "), text(&output.stderr));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_in_force_is_shown() {
    let directory =
        configured("timeout = \"5m\"\n[profile.ci]\nreport = [\"junit=x.xml\"]\nno-timings = true\n");
    let output = run_in(&directory, &["config", "show", "--profile", "ci", "--config", "independent=false"]);
    insta::assert_snapshot!(shown(&output));
    // It is a configuration itself.
    fs::write(directory.path().join("seriatim.toml"), &output.stdout).expect("a file can be written");
    let again = run_in(&directory, &["config", "show"]);
    let values = |output: &Output| {
        let told = text(&output.stdout);
        told.lines()
            .filter_map(|line| line.split("  #").next().map(|value| value.trim().to_owned()))
            .skip(1)
            .collect::<Vec<_>>()
    };
    assert_eq!(values(&output), values(&again));
}

#[test]
fn without_a_file_nothing_is_configured() {
    let directory = directory(&[("h", STALE.as_bytes())]);
    let output = run_in(&directory, &["config", "show"]);
    assert!(text(&output.stdout).starts_with("# no seriatim.toml is read\n"), "{}", shown(&output));
    assert!(text(&output.stdout).contains("\n# independent = true|false "), "{}", shown(&output));
    let output = run_in(&directory, &["h", "--profile", "ci"]);
    assert_eq!(code(&output), 2, "{}", shown(&output));
}
