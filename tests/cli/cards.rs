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
        let promised =
            card["expectation"].as_array().is_some_and(|codes| codes.iter().any(|code| code == "valid"));
        assert!(!promised || found["verdict"] == "valid", "{path} is not what {} promises", card["system"]);
    }
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
