//! What PATHs stand for, and how files are read.

use insta::assert_snapshot;

use crate::{directory, fixture, gzip, json, run_in, shown, text, with_stdin, zst};

const INVALID_REGISTER: &str = "{\"process\":0,\"type\":\"invoke\",\"f\":\"read\",\"value\":null}\n{\"process\":0,\"type\":\"ok\",\"f\":\"read\",\"value\":1}\n";

fn paths(report: &serde_json::Value) -> Vec<(String, String)> {
    let histories = report["histories"].as_array().expect("a list").iter();
    let word = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    histories.map(|history| (word(&history["path"]), word(&history["verdict"]))).collect()
}

fn json_in(directory: &tempfile::TempDir, arguments: &[&str]) -> serde_json::Value {
    let output = run_in(directory, &[arguments, &["-o", "json", "--no-timings"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", shown(&output)))
}

#[test]
fn the_standard_input_is_read() {
    let output = with_stdin(&["-", "-o", "compact"], &fixture("stale-read.jsonl"));
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).starts_with("<stdin>: invalid"), "{}", shown(&output));
    let packed = with_stdin(&["check", "-"], &gzip(&fixture("counter.edn")));
    assert_eq!(packed.status.code(), Some(0), "{}", shown(&packed));
    let empty = with_stdin(&["-"], b"");
    assert_eq!(empty.status.code(), Some(4), "{}", shown(&empty));
    let twice = with_stdin(&["-", "-", "-o", "json"], &fixture("valid.jsonl"));
    assert_eq!(twice.status.code(), Some(2), "{}", shown(&twice));
}

#[test]
fn packed_files_are_told_by_their_content() {
    let valid = fixture("valid.jsonl");
    let (first, rest) = valid.split_at(valid.len() / 2);
    let directory = directory(&[
        ("a.jsonl.gz", &gzip(&valid)),
        ("b.jsonl.zst", &zst(&valid)),
        ("named-otherwise", &gzip(&valid)),
        ("members.gz", &[gzip(first), gzip(rest)].concat()),
        ("frames.zst", &[zst(first), zst(rest)].concat()),
        ("empty.gz", &gzip(b"")),
    ]);
    let names = ["a.jsonl.gz", "b.jsonl.zst", "named-otherwise", "members.gz", "frames.zst"];
    for (path, verdict) in paths(&json_in(&directory, &names)) {
        assert_eq!(verdict, "valid", "{path}");
    }
    assert_eq!(run_in(&directory, &["empty.gz"]).status.code(), Some(4));
}

#[test]
fn a_packed_file_that_is_damaged_or_too_large_is_an_error() {
    let mut cut = gzip(&fixture("counter.edn"));
    cut.truncate(cut.len() / 2);
    let bomb = zst(&vec![b' '; 1 << 20]);
    let directory = directory(&[("cut.gz", &cut), ("bomb.zst", &bomb)]);
    let output = run_in(&directory, &["cut.gz"]);
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    assert!(text(&output.stdout).contains("cannot unpack `cut.gz`"), "{}", shown(&output));
    assert!(text(&output.stdout).contains("is the file cut off or damaged?"), "{}", shown(&output));
    let output = run_in(&directory, &["bomb.zst", "--memory-limit", "100kB"]);
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    assert!(text(&output.stdout).contains("unpacks to more than 100000 bytes"), "{}", shown(&output));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text_and_other_encodings_are_errors() {
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("{\"process\":0}".bytes().flat_map(|b| [b, 0])).collect();
    let mut latin1 = fixture("counter.edn");
    latin1[2] = 0xe9;
    let directory = directory(&[
        ("bom.jsonl", &[b"\xef\xbb\xbf", &*fixture("valid.jsonl")].concat()),
        ("utf16.jsonl", &utf16),
        ("latin1.edn", &latin1),
    ]);
    assert_eq!(run_in(&directory, &["bom.jsonl"]).status.code(), Some(0));
    assert_snapshot!(shown(&run_in(&directory, &["latin1.edn", "utf16.jsonl"])));
}

#[test]
fn a_directory_is_searched_in_order_and_what_is_left_out_is_counted() {
    let directory = directory(&[
        ("d/b.jsonl", &fixture("valid.jsonl")),
        ("d/a/z.edn", &fixture("counter.edn")),
        ("d/a/notes.md", b"# notes"),
        ("d/broken.edn", &fixture("several-errors.edn")),
        ("d/empty.jsonl", b""),
        ("d/picture.png", &[0x89, b'P', b'N', b'G', 0, 1]),
    ]);
    let report = json_in(&directory, &["d"]);
    let expected = [
        ("d/a/z.edn", "valid"),
        ("d/b.jsonl", "valid"),
        ("d/broken.edn", "error"),
        ("d/empty.jsonl", "vacuous"),
    ];
    assert_eq!(paths(&report), expected.map(|(path, verdict)| (path.to_owned(), verdict.to_owned())));
    assert_eq!(report["notes"], serde_json::json!(["d: 2 files were left out; -v lists them"]));
    let verbose = json_in(&directory, &["d", "-v"]);
    let listed =
        ["d: 2 files were left out", "left out d/a/notes.md: no history", "left out d/picture.png: no text"];
    assert_eq!(verbose["notes"], serde_json::json!(listed));
}

#[test]
fn a_history_that_is_damaged_is_not_left_out_of_a_directory() {
    for name in ["d/b.jsonl", "d/b.edn", "d/b.ndjson"] {
        let directory = directory(&[("d/a.jsonl", &fixture("valid.jsonl")), (name, &[0; 5000])]);
        let report = json_in(&directory, &["d"]);
        assert_eq!(paths(&report)[1], (name.to_owned(), "error".to_owned()));
        assert_eq!((&report["verdict"], &report["exit_code"]), (&"error".into(), &2.into()));
    }
}

#[test]
fn what_is_called_a_history_is_not_left_out_of_a_directory() {
    let garbage: &[u8] = b"once upon a time\n";
    let valid = fixture("valid.jsonl");
    let directory =
        directory(&[("d/a.jsonl", &valid), ("d/r/history.edn", garbage), ("d/r/results.edn", garbage)]);
    let report = json_in(&directory, &["d"]);
    let expected = [("d/a.jsonl", "valid"), ("d/r/history.edn", "error")];
    assert_eq!(paths(&report), expected.map(|(path, verdict)| (path.to_owned(), verdict.to_owned())));
    assert_eq!(report["exit_code"], 2);
    assert_eq!(report["notes"], serde_json::json!(["d: 1 file was left out; -v lists them"]));
}

#[test]
fn a_table_of_something_else_is_no_history_unless_it_is_named() {
    let directory =
        directory(&[("d/t.csv", b"fruit,price\napple,3\n"), ("d/h.jsonl", &fixture("valid.jsonl"))]);
    let report = json_in(&directory, &["d", "-v"]);
    assert_eq!(paths(&report), [("d/h.jsonl".to_owned(), "valid".to_owned())]);
    assert_eq!(report["notes"][1], "left out d/t.csv: a table without a history's columns; see --map");
    assert_eq!(json_in(&directory, &["d/t.csv"])["verdict"], "error");
}

#[test]
fn ignored_files_are_left_out_of_a_directory_and_counted() {
    let directory = directory(&[
        ("d/.ignore", b"*.log\n"),
        ("d/a.jsonl", &fixture("valid.jsonl")),
        ("d/b.log", INVALID_REGISTER.as_bytes()),
    ]);
    let report = json_in(&directory, &["d", "-v"]);
    assert_eq!(report["verdict"], "valid");
    let expected =
        ["d: 1 file was left out", "left out d/b.log: named by an ignore file; give its path to check it"];
    assert_eq!(report["notes"], serde_json::json!(expected));
    assert_eq!(json_in(&directory, &["d/b.log"])["verdict"], "invalid");
}

#[test]
fn globs_are_expanded_where_the_shell_did_not() {
    let directory = directory(&[
        ("r/1/h.jsonl", &fixture("valid.jsonl")),
        ("r/2/h.jsonl", INVALID_REGISTER.as_bytes()),
        ("r/2/other.edn", &fixture("counter.edn")),
    ]);
    let expected = [("r/1/h.jsonl", "valid"), ("r/2/h.jsonl", "invalid")];
    let expected = expected.map(|(path, verdict)| (path.to_owned(), verdict.to_owned()));
    for pattern in ["r/*/h.jsonl", "./r/*/h.jsonl", "r/**/*.jsonl", "r/{1,2}/h.*", "**/[h].jsonl"] {
        assert_eq!(paths(&json_in(&directory, &[pattern])), expected, "{pattern}");
    }
    // A star does not cross directories.
    let output = run_in(&directory, &["r/*.jsonl"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stdout).contains("no file matches `r/*.jsonl`"), "{}", shown(&output));
    assert_eq!(run_in(&directory, &["r/[.jsonl"]).status.code(), Some(2));
}

#[test]
fn a_name_with_a_star_is_a_name() {
    let directory =
        directory(&[("h*.jsonl", &fixture("valid.jsonl")), ("hx.jsonl", INVALID_REGISTER.as_bytes())]);
    assert_eq!(paths(&json_in(&directory, &["h*.jsonl"])).len(), 1);
}

#[test]
fn a_run_of_jepsen_is_checked_once() {
    let counter = fixture("counter.edn");
    let directory = directory(&[
        ("store/t/1/history.edn", &counter),
        ("store/t/1/history.txt", b"0\t:invoke\t:read\tnil\n0\t:ok\t:read\t9\n"),
        ("store/t/1/jepsen.log", b"words\n"),
        ("store/t/1/results.edn", b"{:valid? true}\n"),
        ("store/t/1/test.jepsen", b"JEPSEN\0\0\0\x01"),
        ("store/t/2/history.txt", b"0\t:invoke\t:write\t1\n0\t:ok\t:write\t1\n"),
        ("store/t/2/jepsen.log", b"words\n"),
    ]);
    let report = json_in(&directory, &["store", "-v"]);
    let expected = [("store/t/1/history.edn", "valid"), ("store/t/2/history.txt", "valid")];
    assert_eq!(paths(&report), expected.map(|(path, verdict)| (path.to_owned(), verdict.to_owned())));
    assert_eq!(report["notes"][0], "store: 5 files were left out");
    assert_eq!(
        report["notes"][1],
        "left out store/t/1/history.txt: records the same run as store/t/1/history.edn"
    );
    assert_snapshot!(shown(&run_in(&directory, &["store/t/1/test.jepsen", "store/t/1/results.edn"])));
}

#[test]
fn an_etcd_report_is_one_history() {
    let record = |client: u32, call: u32, input: &str, output: &str| {
        let nulls = r#""LeaseGrant":null,"LeaseRevoke":null,"Defragment":null,"Compact":null"#;
        format!(
            r#"{{"ClientId":{client},"Input":{{{nulls},{input}}},"Call":{call},"Output":{{{nulls},"ClientError":"","Error":"",{output}}},"Return":{}}}"#,
            call + 50
        )
    };
    let put = r#""Type":"txn","Range":null,"Txn":{"Conditions":null,"OperationsOnSuccess":[{"Type":"put-operation","Range":{"Start":"","End":"","Limit":0},"Put":{"Key":"k","Value":{"Value":"1"},"LeaseID":0},"Delete":{"Key":""}}],"OperationsOnFailure":null}"#;
    let range = r#""Type":"range","Txn":null,"Range":{"Start":"k","End":"","Limit":0,"Revision":0}"#;
    let wrote =
        r#""Range":null,"Txn":{"Failure":false,"Results":[{"KVs":null,"Count":0,"Deleted":0}]},"Revision":2"#;
    let saw = r#""Txn":null,"Range":{"KVs":[{"Key":"k","Value":{"Value":"1"},"ModRevision":2}],"Count":1},"Revision":2"#;
    let directory = directory(&[
        ("r/client-1/operations.json", record(1, 100, put, wrote).as_bytes()),
        ("r/client-2/operations.json", record(2, 200, range, saw).as_bytes()),
        ("r/client-2/watch.json", b"{}"),
        ("r/traffic.json", b"{}"),
    ]);
    let report = json_in(&directory, &["r"]);
    assert_eq!(paths(&report), [("r".to_owned(), "valid".to_owned())], "{report:#}");
    assert_eq!(report["histories"][0]["operations"]["total"], 2);
    assert_eq!(report["notes"], serde_json::json!(["r: 2 files were left out; -v lists them"]));
    // The read alone saw a value from nowhere.
    assert_eq!(json_in(&directory, &["r/client-2/operations.json"])["verdict"], "invalid");
}

#[test]
fn the_same_bytes_give_the_same_report_whatever_the_number_of_threads() {
    let all = ["stale-read.jsonl", "counter.edn", "several-errors.edn"];
    let one = json(&[&all[..], &["--threads", "1"]].concat());
    let four = json(&[&all[..], &["--threads", "4"]].concat());
    assert_eq!(one, four);
}
