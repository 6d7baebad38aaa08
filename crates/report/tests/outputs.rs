//! What other programs read: against their schemas, with readers of another hand, and within the limits of those who show it.

#![allow(
    clippy::disallowed_methods,
    reason = "the schema that outputs are held against is a file of a library"
)]

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use seriatim_history::{LineIndex, SourceId, Span};
use seriatim_report::document::{Baselined, Document, Shard, Share, Unmet, schema};
use seriatim_report::{
    AnomalyOperation, AnomalyReport, Bar, ChainReport, Compact, FrontierReport, GreenReport, HistoryReport,
    LinkReport, Listed, ModelChoice, ModelSource, NumberReport, OperationReport, Outcome, PartReport,
    PartVerdict, Place, PlacementReport, PlacementsReport, Problem, RefutationReport, Renderer, Report,
    ScopeReport, Shown, SpanReport, Stands, SymptomReport, TestReport, Text, UnitReport, UnknownReport,
    Verdict, WindowReport, github, html, json, junit, markdown, sarif,
};

/// What would be markup somewhere, if it were not told apart.
const NASTY: &str = "a|b `c` <script>alert(1)</script> & \"d\" ::error::x %0A\u{1b}[31m\u{0} -- ]]> ü\n# no";

fn shown(text: &str) -> Shown {
    Shown { text: text.to_owned(), json: text.into() }
}

fn operation(id: u32, path: &str, did: &str) -> OperationReport {
    let text = "one\ntwo\nthree\n";
    let place = |start| {
        Place::new(path, text, &LineIndex::new(text.as_bytes()), Span::new(SourceId(0), start, start + 3))
    };
    OperationReport {
        id,
        process: shown("p 1"),
        function: "read".to_owned(),
        argument: None,
        value: Some(shown("1")),
        node: Some(shown("n1")),
        shown: did.to_owned(),
        outcome: Outcome::Ok,
        times: (Some(1_000), Some(2_000)),
        raw: (Some("one".to_owned()), Some(NASTY.to_owned())),
        call: place(0),
        end: Some(place(8)),
    }
}

fn anomaly(path: &str, did: &str) -> AnomalyReport {
    let played = |role, id| AnomalyOperation { role, operation: operation(id, path, did) };
    AnomalyReport {
        code: "LIN001",
        name: "stale read",
        count: 3,
        parts: 2,
        key: Some(shown(NASTY)),
        message: format!("{did} is stale"),
        operations: vec![played("write", 4), played("read", 7)],
        edges: vec![(4, 7, "real time")],
        around: vec![played("other", 5)],
        subject: 7,
        is_lost: false,
        lag: Some((1, 2)),
        versions: Some(1),
        within: (9, 8),
        scope: ScopeReport::default(),
        instead: None,
        frontier: None,
        placements: None,
        baselined: None,
        first: None,
    }
}

/// The same with an order of one step, and where the operations could stand in it.
fn placed(path: &str, did: &str) -> AnomalyReport {
    let (write, read) = (|| operation(4, path, did), || operation(7, path, did));
    let frontier = FrontierReport {
        operation: read(),
        is_alone: false,
        needs: Some(did.to_owned()),
        steps: vec![(write(), did.to_owned())],
        surviving: Err("it is large".to_owned()),
    };
    let impossible = Bar::Impossible { needs: None, states: Listed::new([did.to_owned()]) };
    let early = Bar::Early(write(), Stands::At(1));
    let placements = PlacementsReport {
        earlier: 1,
        operations: vec![
            PlacementReport {
                operation: write(),
                stands: Stands::At(1),
                spans: vec![SpanReport { after: None, before: None, bar: None }],
            },
            PlacementReport {
                operation: read(),
                stands: Stands::End,
                spans: vec![
                    SpanReport { after: None, before: Some(1), bar: Some(early) },
                    SpanReport { after: Some(1), before: None, bar: Some(impossible) },
                ],
            },
        ],
        more: 2,
    };
    AnomalyReport { frontier: Some(frontier), placements: Some(placements), ..anomaly(path, did) }
}

fn part(key: &str, verdict: PartVerdict) -> PartReport {
    PartReport {
        key: Some(shown(key)),
        touched: Vec::new(),
        touched_total: 0,
        verdict,
        operations: 9,
        strategy: "blocks",
        configurations: 0,
        elapsed: None,
        first: None,
    }
}

fn refuted(path: &str, did: &str, is_named: bool) -> PartVerdict {
    PartVerdict::Invalid(Box::new(RefutationReport {
        operation: operation(7, path, did),
        prefix_operations: 8,
        evidence: vec![operation(4, path, did)],
        is_named,
        instead: None,
        frontier: None,
        baselined: None,
    }))
}

fn unknown() -> PartVerdict {
    PartVerdict::Unknown(UnknownReport {
        reason: "timeout",
        returns_reached: 3,
        returns_total: 9,
        width: 4,
        indeterminate: 1,
        configurations: 5,
        advice: "raise --timeout".to_owned(),
    })
}

fn history(path: &str, verdict: Verdict) -> HistoryReport {
    let mut history = HistoryReport::new(path, verdict);
    history.model = Some(ModelChoice { name: "register", source: ModelSource::Inferred });
    history
}

/// One history of each verdict, with texts that are markup to somebody.
fn mixed() -> Report {
    let path = "runs/a b/ü#1.jsonl";
    let mut invalid = history(path, Verdict::Invalid);
    invalid.anomalies.push(placed(path, NASTY));
    invalid.parts.push(part("k1", refuted(path, NASTY, true)));
    invalid.parts.push(part(NASTY, refuted(path, NASTY, false)));
    invalid.parts.push(part("k3", PartVerdict::Valid));
    invalid.notes.push(Problem::warning(NASTY).help("do not"));
    let mut unknown_one = history("u.edn", Verdict::Unknown);
    unknown_one.parts.push(part("k", unknown()));
    let mut vacuous = history("v.edn", Verdict::Vacuous);
    vacuous.notes.push(Problem::warning("there is nothing in it"));
    let mut error = history("e.edn", Verdict::Error);
    error.diagnostics.push(Problem::error(NASTY));
    error.diagnostics_total = 7;
    let mut valid = history("g.edn", Verdict::Valid);
    valid.parts.push(part("k", PartVerdict::Valid));
    let histories = vec![invalid, unknown_one, vacuous, error, valid];
    let (command, notes) = (["seriatim", "check", NASTY].map(str::to_owned).to_vec(), vec![NASTY.to_owned()]);
    Report { verdict: Verdict::Invalid, exit_code: 1, command, histories, notes, shard: None }
}

/// Ten thousand histories with a finding each, and one with ten thousand parts that have no name.
fn many() -> Report {
    let long = "x".repeat(500);
    let of = |at: usize| {
        let path = format!("run-{at}.jsonl");
        let mut history = history(&path, Verdict::Invalid);
        history.anomalies.push(anomaly(&path, &long));
        history.parts.push(part("k", refuted(&path, &long, true)));
        history
    };
    let mut histories: Vec<_> = (0..10_000).map(of).collect();
    let mut last = history("parts.jsonl", Verdict::Invalid);
    last.parts.extend((0..10_000).map(|at| part(&format!("k{at}"), refuted("parts.jsonl", "read 1", false))));
    histories.push(last);
    Report {
        verdict: Verdict::Invalid,
        exit_code: 1,
        command: Vec::new(),
        histories,
        notes: Vec::new(),
        shard: None,
    }
}

/// One history whose findings are all known, one of them no longer, and one that lacks something.
fn judged() -> Report {
    let baselined = |expired| {
        let (author, expires) = (NASTY.to_owned(), "2027-01-31".to_owned());
        Some(Baselined { reason: NASTY.to_owned(), author, expires, expired })
    };
    let path = "known.jsonl";
    let mut known = history(path, Verdict::Invalid);
    known.counts_as = Some(Verdict::Valid);
    known.anomalies.push(AnomalyReport { baselined: baselined(false), ..anomaly(path, NASTY) });
    known.parts.push(part("k1", refuted(path, NASTY, true)));
    let mut unnamed = part("k2", refuted(path, NASTY, false));
    if let PartVerdict::Invalid(refutation) = &mut unnamed.verdict {
        refutation.baselined = baselined(false);
    }
    known.parts.push(unnamed);
    let path = "expired.jsonl";
    let mut expired = history(path, Verdict::Invalid);
    expired.anomalies.push(AnomalyReport { baselined: baselined(true), ..anomaly(path, NASTY) });
    expired.parts.push(part("k", refuted(path, NASTY, true)));
    let mut lacking = history("lacking.jsonl", Verdict::Vacuous);
    lacking
        .unmet
        .push(Unmet { requirement: "ok>=9".to_owned(), message: format!("ok>=9 is not met: {NASTY}") });
    lacking.share = Some(Share { parts: 0, of: 7 });
    let histories = vec![known, expired, lacking];
    let shard = Some(Shard { index: 1, of: 2 });
    Report {
        verdict: Verdict::Invalid,
        exit_code: 1,
        command: Vec::new(),
        histories,
        notes: Vec::new(),
        shard,
    }
}

fn slow(is_gated: bool) -> SymptomReport {
    let fault = WindowReport {
        name: NASTY.to_owned(),
        nodes: vec!["n2".to_owned()],
        from: Some(6.0),
        to: Some(12.0),
    };
    let number = |name, value, unit, usual| NumberReport { name, value, unit, usual };
    SymptomReport {
        code: "SYM06",
        name: "fail-slow node",
        is_likeness: true,
        is_gated,
        message: format!("at n2, p99 was 410 ms {NASTY}"),
        window: Some((6.25, 12.0)),
        nodes: vec![shown("n2")],
        numbers: vec![
            number("p99", 0.41, UnitReport::Seconds, Some(0.042)),
            number("factor", 9.76, UnitReport::Factor, None),
            number("endless", f64::INFINITY, UnitReport::Factor, Some(f64::NAN)),
        ],
        effect: Some(("Cliff's delta", 0.824)),
        sample: Some((412, 3_120)),
        test: Some(TestReport { name: "Mann-Whitney", p: 0.000_003, q: 0.000_012 }),
        confounders: &["a node that is farther away", "a node that has more to do"],
        fault: Some((fault, "during")),
        ..SymptomReport::default()
    }
}

/// A history with which nothing is wrong but that a node was slow; one that is wrong while nothing shows it; and one for
/// whose symptom the run fails.
fn noted() -> Report {
    let mut valid = history("slow.jsonl", Verdict::Valid);
    valid.parts.push(part("k", PartVerdict::Valid));
    valid.symptoms.extend((0..7).map(|_| slow(false)));
    valid.not_visible = vec!["no server stamped anything".to_owned(), "root causes".to_owned()];
    let path = "green.jsonl";
    let mut green = history(path, Verdict::Invalid);
    green.anomalies.push(anomaly(path, NASTY));
    green.parts.push(part("k", refuted(path, "read 1", true)));
    green.symptoms.push(slow(false));
    green.green = Some(GreenReport { wrong: 2, of: 3, errors: (0.001, 0.0), p99: (0.012, 0.011) });
    let link = |code: &str, label: &str, is_fault, from, to| LinkReport {
        code: code.to_owned(),
        label: label.to_owned(),
        is_fault,
        from,
        to,
    };
    green.chains.push(ChainReport {
        links: vec![
            link("slow-disk", "n2", true, 6.0, Some(12.0)),
            link("SYM06", "fail-slow node", false, 6.25, Some(12.0)),
            link("LIN001", NASTY, false, 7.5, None),
        ],
        message: NASTY.to_owned(),
    });
    let mut gated = history("gated.jsonl", Verdict::Valid);
    gated.parts.push(part("k", PartVerdict::Valid));
    gated.counts_as = Some(Verdict::Invalid);
    gated.symptoms.push(slow(true));
    let histories = vec![valid, green, gated];
    Report {
        verdict: Verdict::Invalid,
        exit_code: 1,
        command: Vec::new(),
        histories,
        notes: Vec::new(),
        shard: None,
    }
}

fn rendered(report: &Report, renderer: &dyn Renderer) -> String {
    let mut out = Vec::new();
    renderer.render(report, &mut out).expect("memory can be written to");
    String::from_utf8(out).expect("it is a text")
}

/// One of its histories alone.
fn only(mut report: Report, at: usize) -> Report {
    report.histories = vec![report.histories.remove(at)];
    report
}

type Write = fn(&Document<'_>, &mut dyn std::io::Write) -> std::io::Result<()>;

fn written(report: &Report, write: Write) -> String {
    let mut out = Vec::new();
    write(&Document::new(report), &mut out).expect("memory can be written to");
    String::from_utf8(out).expect("it is a text")
}

fn page(document: &Document<'_>, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    html::write(document, html::LARGEST, out)
}

fn assert_valid(schema: &Value, instance: &Value) {
    let validator = jsonschema::validator_for(schema).expect("it is a schema");
    let errors: Vec<_> = validator.iter_errors(instance).take(5).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn json_is_as_its_schema_says_and_leads_back() {
    for report in [mixed(), judged(), noted()] {
        let text = written(&report, json::write);
        assert_valid(&schema(), &serde_json::from_str(&text).expect("it is JSON"));
        let read: Document<'_> = serde_json::from_str(&text).expect("it is a document");
        assert_eq!(read, Document::new(&report));
    }
    let text = written(&mixed(), json::write);
    // A schema that allows anything would not be worth much.
    let mut broken: Value = serde_json::from_str(&text).expect("it is JSON");
    broken["histories"][0]["verdict"] = "perhaps".into();
    assert!(!jsonschema::is_valid(&schema(), &broken));
}

/// OASIS's schema, which comes with the library whose types we write.
fn schema_of_sarif() -> Value {
    let metadata = Command::new(env!("CARGO")).args(["metadata", "--format-version=1", "--offline"]).output();
    let metadata: Value =
        serde_json::from_slice(&metadata.expect("cargo runs").stdout).expect("cargo tells in JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let of = packages.iter().find(|package| package["name"] == "serde-sarif").expect("we depend on it");
    let manifest = PathBuf::from(of["manifest_path"].as_str().expect("a path"));
    let text = std::fs::read(manifest.with_file_name("src").join("schema.json")).expect("it is there");
    let mut schema: Value = serde_json::from_slice(&text).expect("it is JSON");
    // Its expression for languages, which we do not write, has a bracket that ends nothing, and is none.
    for of in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][of]["properties"]["language"];
        assert!(language.as_object_mut().is_some_and(|language| language.remove("pattern").is_some()));
    }
    schema
}

#[test]
fn sarif_is_as_its_schema_says() {
    let schema = schema_of_sarif();
    for report in [mixed(), many(), judged(), noted()] {
        let log: Value = serde_json::from_str(&written(&report, sarif::write)).expect("it is JSON");
        assert_valid(&schema, &log);
        let results = log["runs"][0]["results"].as_array().expect("results");
        assert!(!results.is_empty() && results.len() <= 5_000);
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
        for result in results {
            assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]), "{result}");
            let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
            assert!(uri.expect("a file").bytes().all(|byte| byte.is_ascii_graphic()), "{uri:?}");
        }
    }
    let log: Value = serde_json::from_str(&written(&mixed(), sarif::write)).expect("it is JSON");
    let first = &log["runs"][0]["results"][0];
    assert_eq!(first["ruleId"], "LIN001");
    assert_eq!(first["locations"][0]["physicalLocation"]["region"]["startLine"], 3);
    assert_eq!(
        first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "runs/a%20b/%C3%BC%231.jsonl"
    );
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn junit_is_read_by_a_parser_of_another_hand() {
    let text = written(&mixed(), junit::write);
    let parsed = roxmltree::Document::parse(&text).expect("it is XML");
    let suites: Vec<_> = parsed.descendants().filter(|node| node.has_tag_name("testsuite")).collect();
    let counts = |name: &str| -> Vec<usize> {
        let of = |node: &roxmltree::Node<'_, '_>| {
            node.attribute(name).expect("a count").parse().expect("a number")
        };
        suites.iter().map(of).collect()
    };
    assert_eq!(counts("tests"), [4, 2, 1, 1, 2]);
    assert_eq!(counts("failures"), [3, 0, 0, 0, 0]);
    assert_eq!(counts("errors"), [0, 2, 1, 1, 0]);
    let let_pass = written(&Report { exit_code: 0, ..mixed() }, junit::write);
    let parsed = roxmltree::Document::parse(&let_pass).expect("it is XML");
    let all = |name: &str| parsed.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!((all("failure"), all("error"), all("skipped")), (0, 1, 6));
}

#[test]
fn annotations_are_lines_and_no_more_than_are_shown() {
    let text = written(&mixed(), github::write);
    let commands =
        |text: &str, name: &str| text.lines().filter(|line| line.starts_with(&format!("::{name} "))).count();
    assert_eq!((commands(&text, "error"), commands(&text, "warning")), (4, 2));
    // What was recorded commands nothing.
    assert!(text.lines().all(|line| !line.starts_with("::error::") && !line.starts_with('#')), "{text}");
    assert!(
        text.starts_with("::error file=runs/a b/ü#1.jsonl,line=3,title=LIN001 stale read::a|b"),
        "{text}"
    );
    let text = written(&many(), github::write);
    assert_eq!(commands(&text, "error"), 10);
    assert!(text.contains("and 19,991 more of them"), "{}", text.lines().nth(9).unwrap_or_default());
}

#[test]
fn a_summary_is_short_enough_to_be_shown_and_says_what_it_leaves_out() {
    let text = written(&mixed(), markdown::write);
    let outside_of_code: String = text.split("``").step_by(2).collect();
    assert!(text.contains("<script>") && !outside_of_code.contains("<script>"), "{text}");
    assert!(text.lines().all(|line| line != "# no") && !text.contains('\u{1b}'), "{text}");
    let text = written(&many(), markdown::write);
    assert!((600_000..900_000).contains(&text.len()), "{}", text.len());
    assert!(text.contains("sections were left out for size") && text.contains("9,001 more histories"));
}

#[test]
fn a_page_needs_nothing_else_and_has_a_bound() {
    let text = written(&mixed(), page);
    assert!(!text.contains("<script>alert") && !text.contains("http:") && !text.contains("https:"), "{text}");
    assert!(
        text.contains("LIN001")
            && text.contains("raise --timeout")
            && text.contains("there is nothing in it")
    );
    assert!(text.contains("seriatim check &#39;a|b") || text.contains("seriatim check 'a|b"), "{text}");
    let text = written(&many(), page);
    let words = |text: &str| text.matches("<article").count();
    assert!(text.contains("it leaves out"), "{}", text.len());
    // Ten thousand findings, and a hundred of those without a name, are told whatever the bound is.
    assert_eq!(words(&text), 10_100);
    assert!(text.contains("This page has more than the 5,000,000 bytes"), "{}", text.len());
}

#[test]
fn a_page_leaves_out_as_little_as_its_bound_asks_for_and_says_what() {
    let report = mixed();
    let of = |largest: usize| {
        let page =
            |document: &Document<'_>, out: &mut dyn std::io::Write| html::write(document, largest, out);
        let mut out = Vec::new();
        page(&Document::new(&report), &mut out).expect("memory can be written to");
        String::from_utf8(out).expect("it is a text")
    };
    let whole = of(usize::MAX);
    assert!(!whole.contains("it leaves out") && whole.contains("As it was recorded"));
    let places =
        ["Where each operation could stand", "anywhere: allowed, where it stands", "before 1: too early"];
    assert!(places.iter().all(|words| whole.contains(words)), "{whole}");
    assert_eq!(of(whole.len()), whole, "it fits");
    let less = of(whole.len() - 1);
    assert!(less.len() < whole.len() && less.contains("it leaves out"), "{}", less.len());
    assert!(less.contains("To keep this page within") && less.contains("--report-size"));
    let mut findings = less.clone();
    while findings.contains(places[0]) {
        findings = of(findings.len() - 1);
    }
    assert!(
        findings.contains("where operations could stand"),
        "where operations could stand goes before findings do"
    );
    assert!(!findings.contains(places[0]) && findings.contains("Where it stops"), "{findings}");
    let least = of(1);
    assert!(least.contains("This page has more than the 1 bytes") && least.contains("findings in words"));
    for page in [&less, &least] {
        assert_eq!(page.matches("<article").count(), whole.matches("<article").count(), "findings stay");
    }
    assert!(!least.contains("<figure"), "{least}");
}

#[test]
fn what_is_let_pass_is_told_as_such_and_what_has_expired_is_not() {
    let report = judged();
    let log: Value = serde_json::from_str(&written(&report, sarif::write)).expect("it is JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let status = |result: &Value| {
        let path = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        (path.clone(), result["ruleId"].clone(), result["suppressions"][0]["status"].clone())
    };
    let told: Vec<_> = results.iter().map(status).collect();
    let expected = [
        ("known.jsonl", "LIN001", "accepted".into()),
        ("known.jsonl", "violation", "accepted".into()),
        ("expired.jsonl", "LIN001", "rejected".into()),
        ("lacking.jsonl", "COV01", Value::Null),
    ];
    assert_eq!(told, expected.map(|(path, rule, status)| (path.into(), rule.into(), status)));
    let annotations = written(&report, github::write);
    let of = |name: &str| annotations.lines().filter(|line| line.starts_with(&format!("::{name} "))).count();
    assert_eq!((of("error"), of("warning"), of("notice")), (2, 0, 2), "{annotations}");
    let text = written(&report, junit::write);
    let parsed = roxmltree::Document::parse(&text).expect("it is XML");
    let suites = parsed.descendants().filter(|node| node.has_tag_name("testsuite"));
    let counts = suites.map(|suite| {
        let of = |name| suite.descendants().filter(|node| node.has_tag_name(name)).count();
        [of("skipped"), of("failure"), of("error")]
    });
    // The history and its two parts; a history and its part; a history.
    assert_eq!(counts.collect::<Vec<_>>(), [[3, 0, 0], [0, 2, 0], [0, 0, 1]], "{text}");
    for (write, what) in [(markdown::write as Write, "markdown"), (page, "html")] {
        let text = written(&report, write);
        for word in ["until 2027-01-31", "expired after 2027-01-31", "COV01"] {
            assert!(text.contains(word), "{what} says nothing of {word}");
        }
        // In Markdown it is code, and no markup.
        assert!(what == "markdown" || !text.contains("<script>alert"), "{what}");
    }
}

#[test]
fn symptoms_of_a_document_have_their_numbers_with_units_and_what_they_could_also_be() {
    let text = written(&noted(), json::write);
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    let histories = &document["histories"];
    let symptom = &histories[0]["symptoms"][0];
    assert_eq!((&symptom["severity"], &symptom["confidence"]), (&"note".into(), &"consistent with".into()));
    assert_eq!(symptom["scope"], serde_json::json!({"nodes": ["n2"], "shown": "at n2"}));
    assert_eq!((&symptom["from_s"], &symptom["to_s"]), (&6.25.into(), &12.0.into()));
    // What is no number in JSON is left out.
    assert_eq!(
        symptom["numbers"],
        serde_json::json!([
            {"name": "p99", "value": 0.41, "unit": "seconds", "usual": 0.042, "shown": "410 ms", "usual_shown": "42 ms"},
            {"name": "factor", "value": 9.76, "unit": "factor", "shown": "9.76×"},
        ])
    );
    assert_eq!(symptom["test"]["q"], 0.000_012);
    assert_eq!((&symptom["phase"], &symptom["fault"]["from_s"]), (&"during".into(), &6.0.into()));
    assert_eq!(histories[2]["symptoms"][0]["severity"], "error");
    assert_eq!(histories[1]["wrong_while_green"]["of"], 3);
    assert!(
        histories[1]["headline"].as_str().is_some_and(|told| told.starts_with("wrong while green: 2 of 3"))
    );
    assert_eq!(
        histories[1]["chains"][0]["links"][2],
        serde_json::json!({"code": "LIN001", "label": NASTY, "from_s": 7.5})
    );
    assert_eq!(histories[0]["not_visible"][1], "root causes");
}

#[test]
fn a_document_of_an_earlier_version_is_read() {
    let mut document: Value = serde_json::from_str(&written(&noted(), json::write)).expect("it is JSON");
    let history = document["histories"][0].as_object_mut().expect("an object");
    for later in ["headline", "wrong_while_green", "chains", "not_visible"] {
        history.remove(later);
    }
    for symptom in history["symptoms"].as_array_mut().expect("a list") {
        let known = ["code", "name", "confidence", "message", "operations", "fingerprint"];
        symptom.as_object_mut().expect("an object").retain(|name, _| known.contains(&name.as_str()));
    }
    let text = document.to_string();
    let read: Document<'_> = serde_json::from_str(&text).expect("it is a document");
    assert_eq!(read.histories[0].symptoms[0].severity, "note");
    for write in [markdown::write as Write, page, junit::write, sarif::write, github::write] {
        let mut out = Vec::new();
        write(&read, &mut out).expect("memory can be written to");
        assert!(String::from_utf8(out).expect("it is a text").contains("fail-slow node"));
    }
}

#[test]
fn people_read_symptoms_below_the_findings_and_no_more_than_a_few() {
    let text = rendered(&only(noted(), 0), &Text::default());
    assert_eq!(text.matches("note[SYM06]: consistent with a fail-slow node: at n2").count(), 5, "{text}");
    assert!(text.contains("  symptoms    SYM06 fail-slow node × 7\n"), "{text}");
    assert!(text.contains("2 more symptoms are not told; `-v` tells all"), "{text}");
    assert!(text.contains("= numbers: p99 410 ms (usually 42 ms), factor 9.76×"), "{text}");
    assert!(text.contains("= could also be: a node that is farther away; a node"), "{text}");
    assert!(
        text.contains("cannot be seen: no server stamped anything, and 1 more that `-v` lists"),
        "{text}"
    );
    assert!(!text.contains("error") || text.contains("::error::x"), "a symptom is no error: {text}");
    let verbose = rendered(&only(noted(), 0), &Text { verbose: true, ..Text::default() });
    assert_eq!(verbose.matches("note[SYM06]").count(), 7, "{verbose}");
    assert!(
        verbose.contains("this history cannot show:\n  - no server stamped anything\n  - root causes\n"),
        "{verbose}"
    );
    let text = rendered(&only(noted(), 1), &Text::default());
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("it says {what}: {text}"));
    let order = [
        "wrong while green: 2 of 3",
        "error[LIN001]",
        "note[SYM06]",
        "chain: slow-disk n2 (6.0 s to 12.0 s) →",
    ];
    assert!(order.map(place).is_sorted(), "{text}");
    place("note: the order in time, not a proof that one caused the next");
    let ascii = rendered(&only(noted(), 1), &Text { is_ascii: true, ..Text::default() });
    assert!(ascii.contains("12.0 s) ->"), "{ascii}");
    let gated = rendered(&only(noted(), 2), &Text::default());
    assert!(gated.contains("error[SYM06]: consistent with a fail-slow node"), "{gated}");
    let compact = rendered(&noted(), &Compact);
    let lines: Vec<_> = compact.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].ends_with("; symptoms: SYM06 fail-slow node × 7"), "{compact}");
    assert!(lines[1].contains("; wrong while green: 2 of 3; symptoms: SYM06 fail-slow node"), "{compact}");
}

#[test]
fn a_symptom_is_a_note_unless_the_run_fails_for_it() {
    let report = noted();
    let annotations = written(&report, github::write);
    let of = |name: &str| annotations.lines().filter(|line| line.starts_with(&format!("::{name} "))).count();
    // A stale read and what fails the run; seven and one.
    assert_eq!((of("error"), of("warning"), of("notice")), (2, 0, 8), "{annotations}");
    let notice =
        "::notice file=slow.jsonl,title=SYM06 consistent with a fail-slow node::at n2, p99 was 410 ms";
    assert!(annotations.contains(notice), "{annotations}");
    let log: Value = serde_json::from_str(&written(&report, sarif::write)).expect("it is JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let levels: Vec<_> = results.iter().map(|result| (&result["ruleId"], &result["level"])).collect();
    let level = |of: &str| levels.iter().filter(|(rule, level)| *rule == "SYM06" && *level == of).count();
    assert_eq!((level("note"), level("error")), (8, 1), "{levels:?}");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    let rule = rules.iter().find(|rule| rule["id"] == "SYM06").expect("it is described");
    assert!(rule["help"]["text"].as_str().is_some_and(|text| text.contains("seriatim explain SYM06")));
    let text = written(&report, junit::write);
    let parsed = roxmltree::Document::parse(&text).expect("it is XML");
    let suites: Vec<_> = parsed.descendants().filter(|node| node.has_tag_name("testsuite")).collect();
    let failures: Vec<_> = suites.iter().map(|suite| suite.attribute("failures")).collect();
    assert_eq!(failures, [Some("0"), Some("2"), Some("1")], "{text}");
    let out = suites[0].descendants().find(|node| node.has_tag_name("system-out")).expect("notes");
    assert_eq!(out.text().map(|text| text.matches("note: SYM06").count()), Some(7), "{text}");
}

#[test]
fn symptoms_on_paper_have_all_that_is_known_and_no_markup_of_others() {
    let text = written(&noted(), markdown::write);
    let rows =
        ["### SYM06: fail-slow node (consistent with)", "| p99 | 410 ms | 42 ms |", "| factor | 9.76× | – |"];
    for words in rows.into_iter().chain([
        "(consistent with; fails the run)",
        "- could also be: a node that is farther away; a node that has more to do",
        "**wrong while green: 2 of 3",
        "- slow-disk n2 (6.0 s to 12.0 s) → SYM06 fail-slow node",
        "- root causes",
    ]) {
        assert!(text.contains(words), "it does not say {words}: {text}");
    }
    let outside_of_code: String = text.split("``").step_by(2).collect();
    assert!(!outside_of_code.contains("<script>"), "{text}");
    let text = written(&noted(), page);
    for words in [
        "<dt>Size of the effect</dt><dd>Cliff's delta: 0.824</dd>",
        "<dd>seen in 412 operations, compared with 3,120</dd>",
        "<dd>q = 1.2e-5 (Mann-Whitney, p = 3.0e-6)</dd>",
        "<li>a node that is farther away</li>",
        "<td class=\"number\">410 ms</td><td class=\"number\">42 ms</td>",
        "seriatim explain SYM06",
        "error: the run fails for it",
        "wrong while green: in 1 history",
        "href=\"#h1-SYM06\"",
        "id=\"h1-SYM06\"",
        "the order in time, not a proof",
        "What this history cannot show",
    ] {
        assert!(text.contains(words), "it does not say {words}: {text}");
    }
    assert!(!text.contains("<script>alert"), "{text}");
    assert_eq!(text.matches("id=\"h0-SYM06\"").count(), 1, "a name is given once");
    let mut least = Vec::new();
    html::write(&Document::new(&noted()), 1, &mut least).expect("memory can be written to");
    let least = String::from_utf8(least).expect("it is a text");
    assert_eq!(least.matches("<article").count(), text.matches("<article").count(), "symptoms stay");
    assert!(least.contains("p99 410 ms (usually 42 ms)"), "{least}");
}
