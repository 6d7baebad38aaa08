//! Recordings of real clusters in histories/, and what their cards say of them.

use std::collections::BTreeSet;

use serde_json::Value;
use seriatim_testkit::corpus;

use super::*;

/// The most bytes that a recording may have as it is kept.
const LARGEST: u64 = 1 << 20;

/// The most bytes that all of them may have.
const ALL: u64 = 40 << 20;

/// What a card must say, whatever was recorded.
const FIELDS: &[&str] = &[
    "row",
    "system",
    "topology",
    "clients",
    "setting_name",
    "setting",
    "promise",
    "expectation",
    "seed",
    "schedule",
    "faults",
    "outcomes",
    "settled",
    "last_requests",
    "found",
    "again",
];

/// Recordings of which a symptom is to be told, since that was done to them; the row, and codes.
const DONE: &[(&str, &[&str])] = &[
    ("etcd/cas-register/linearizable/isolate-leader", &["SYM01"]),
    ("etcd/log/linearizable/mute-leader", &["SYM01", "SYM19"]),
    ("etcd/register/serializable/limp-follower", &["SYM06"]),
    ("etcd/set/linearizable/kill-all", &["SYM02"]),
    ("galera/register/dirty-reads/isolate-leader", &["SYM21"]),
    ("nats/register/leader-reads/slow-leader", &["SYM04"]),
    ("nats/set/r3/limp-leader", &["SYM04"]),
    ("nats/set/r3/lossy-leader", &["SYM04"]),
    ("postgres/cas-register/async/pause-leader", &["SYM01"]),
    ("postgres/set/async/promote", &["SYM08", "SYM10"]),
    ("postgres/set/commit-off/kill-leader", &["SYM17"]),
    ("redis/crowd/once/pause-leader+rest-clients", &["SYM01"]),
    ("redis/crowd/retried/pause-leader+rest-clients", &["SYM01", "SYM03", "SYM11", "SYM20"]),
    ("redis/crowd/retried-cheap/pause-leader", &["SYM01", "SYM11", "SYM20"]),
    ("redis/guarded/tokens/pause-clients+pause-clients+pause-clients", &["SYM19"]),
    ("redis/queue/primary/isolate-leader", &["SYM08", "SYM12"]),
    ("redis/register/primary/step-clock", &["SYM15"]),
    ("redis/set/fsync-no/roll-back-leader", &["SYM17"]),
];

/// Codes that go by what is proved, not by how a run went.
const OF_PROOFS: &[&str] = &["SYM08", "SYM09", "SYM10", "SYM12", "SYM17", "SYM18"];

/// Whether a symptom was seen while a fault lasted or no more than five seconds after it, by what the card says.
fn goes_with(symptom: &Value, faults: &Value) -> bool {
    let seconds = |of: &Value, name: &str| of[name].as_f64();
    let (Some(from), Some(to)) = (seconds(symptom, "from_s"), seconds(symptom, "to_s")) else { return true };
    faults.as_array().into_iter().flatten().any(|fault| {
        let (begin, end) = (seconds(fault, "from_ms"), seconds(fault, "to_ms"));
        // Rules look at stretches: what they tell may begin a moment before.
        let begin = begin.expect("a fault has a beginning") / 1e3 - 1.0;
        to >= begin && end.is_none_or(|end| from <= end / 1e3 + 5.0)
    })
}

fn is_of_the_lab(path: &Path) -> bool {
    path.parent().is_some_and(|folder| folder.ends_with("lab"))
}

fn card_of(path: &Path) -> PathBuf {
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
    path.with_file_name(format!(
        "{}.card.json",
        name.strip_suffix(".jsonl.zst").expect("it is compressed JSON Lines")
    ))
}

fn codes(list: &Value) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().filter_map(|one| one["code"].as_str()).collect()
}

#[test]
fn recordings_are_what_their_cards_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("histories");
    let cases = corpus::walk(&root).expect("every file of histories/ has an expectation");
    let cases: Vec<_> = cases.iter().filter(|case| is_of_the_lab(&case.path)).collect();
    let mut systems = BTreeSet::new();
    let mut bytes = 0;
    // Runs in which nothing was done, and what was told of how they went.
    let mut clean = (0, 0);
    let mut done = 0;
    for case in &cases {
        let path = case.path.to_str().expect("a path of this project");
        let size = fs::metadata(&case.path).expect("it is there").len();
        assert!(size <= LARGEST, "{path} has {size} bytes");
        bytes += size;
        let card =
            fs::read(card_of(&case.path)).unwrap_or_else(|error| panic!("{path} has no card: {error}"));
        let card: Value =
            serde_json::from_slice(&card).unwrap_or_else(|error| panic!("the card of {path}: {error}"));
        for field in FIELDS {
            assert!(!card[field].is_null(), "the card of {path} says nothing of `{field}`");
        }
        assert!(card["void"].is_null(), "{path} is worth nothing: {}", card["void"]);
        assert_eq!(card["history"].as_str(), case.path.file_name().and_then(|name| name.to_str()), "{path}");
        systems.extend(card["row"].as_str().and_then(|row| row.split('/').next()).map(str::to_owned));

        let found = json(&["check", "--timeout", "none", path])["histories"][0].take();
        assert_eq!(found["verdict"].as_str(), Some(case.expectation.folder()), "{path}");
        assert_eq!(found["model"].as_str(), Some(case.model.as_str()), "{path}");
        let told = &card["found"];
        assert_eq!(told["verdict"], found["verdict"], "{path}");
        assert_eq!(told["operations"], found["operations"]["total"], "{path}");
        let named: BTreeSet<_> =
            told["codes"].as_object().into_iter().flatten().map(|(code, _)| code.as_str()).collect();
        assert_eq!(
            named,
            codes(&found["anomalies"]),
            "the card of {path} names other anomalies than are found"
        );
        let symptoms: BTreeSet<_> =
            told["symptoms"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert!(
            symptoms.is_subset(&codes(&found["symptoms"])),
            "the card of {path} names symptoms that are not found"
        );
        let row = card["row"].as_str().expect("a name");
        let of_run: Vec<&Value> = found["symptoms"].as_array().into_iter().flatten().collect();
        let of_run: Vec<_> =
            of_run.iter().filter(|one| OF_PROOFS.iter().all(|code| one["code"] != *code)).collect();
        if card["faults"].as_array().is_some_and(Vec::is_empty) {
            clean.0 += 1;
            clean.1 += of_run.len();
        }
        for (_, wanted) in DONE.iter().filter(|(known, _)| *known == row) {
            done += 1;
            let told = codes(&found["symptoms"]);
            assert!(wanted.iter().all(|code| told.contains(code)), "{path}: {told:?}, not {wanted:?}");
            for symptom in &of_run {
                assert!(goes_with(symptom, &card["faults"]), "{path}: {symptom:#}");
            }
        }
        let promised =
            card["expectation"].as_array().is_some_and(|codes| codes.iter().any(|code| code == "valid"));
        assert!(!promised || found["verdict"] == "valid", "{path} is not what {} promises", card["system"]);
    }
    assert_eq!(done, DONE.len(), "each of these is recorded");
    let (runs, notes) = clean;
    assert!(runs >= 30 && notes * 10 <= runs, "{notes} notes on {runs} runs in which nothing was done");
    assert!(bytes <= ALL, "the recordings have {bytes} bytes");
    let all = ["etcd", "galera", "nats", "postgres", "rabbitmq", "redis", "zookeeper"].map(str::to_owned);
    assert!(systems.iter().eq(&all), "recordings are of {systems:?}");
}

#[test]
fn no_card_is_without_its_recording() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("histories");
    let mut folders = vec![root];
    let mut cards = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it can be listed") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Some(name) = path.to_str().and_then(|path| path.strip_suffix(".card.json")) {
                assert!(Path::new(&format!("{name}.jsonl.zst")).is_file(), "{name}.jsonl.zst is missing");
                cards += 1;
            }
        }
    }
    assert!(cards > 0, "there are recordings");
}
