use serde_json::json;

use super::*;
use crate::rows;

/// A folder with one recording and its card, which is gone in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("seriatim-lab-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder can be made");
        Self(path)
    }

    /// A card of a row, and what it tells of.
    fn put(&self, row: &Row, found: &Value, bytes: usize) -> Told {
        fs::write(self.0.join("r.jsonl.zst"), vec![7; bytes]).expect("a file can be written");
        let card = json!({"row": row.name(), "history": "r.jsonl.zst", "seed": 3, "found": found});
        let path = self.0.join("r.card.json");
        fs::write(&path, card.to_string()).expect("a file can be written");
        cards(&[path]).expect("it is a card").remove(0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("it is there");
    }
}

fn found(verdict: &str, codes: &Value) -> Value {
    json!({"verdict": verdict, "operations": 9, "codes": codes, "symptoms": [], "parts": {}})
}

fn row(expectation: impl Fn(Expectation) -> bool) -> Row {
    *rows::rows().iter().find(|row| expectation(row.expectation)).expect("there is such a row")
}

#[test]
fn a_recording_is_kept_where_its_verdict_says_and_replaces_an_older_one() {
    let (folder, row) = (Folder::new("keep"), row(|expected| expected != Expectation::Valid));
    let into = folder.0.join("histories");
    let at = |verdict: &str, ending: &str| {
        let name = format!("{}{ending}", row.name().replace('/', "-"));
        into.join(row.workload.model()).join(verdict).join("lab").join(name)
    };
    let valid = folder.put(&row, &found("valid", &json!({})), 10).keep(&rows::rows(), &into);
    assert_eq!(valid.expect("it is kept"), at("valid", ".jsonl.zst"));
    let invalid = folder.put(&row, &found("invalid", &json!({"LIN001": 2})), 20).keep(&rows::rows(), &into);
    assert_eq!(invalid.expect("it is kept"), at("invalid", ".jsonl.zst"));
    assert!(!at("valid", ".jsonl.zst").exists() && !at("valid", ENDING).exists());
    assert_eq!(fs::metadata(at("invalid", ".jsonl.zst")).expect("it is there").len(), 20);
    let [card] = &cards(&[at("invalid", ENDING)]).expect("it is a card")[..] else { panic!("it is one") };
    assert_eq!(at("invalid", ".jsonl.zst").file_name(), Some(card.history.as_ref()));
    assert_eq!(
        (card.all["seed"].as_u64(), card.found.as_ref().map(|found| found.operations)),
        (Some(3), Some(9))
    );
}

#[test]
fn what_is_void_too_large_undecided_or_against_a_promise_is_not_kept() {
    let folder = Folder::new("refuse");
    let safe = row(|expected| expected == Expectation::Valid);
    let into = folder.0.join("histories");
    for (found, bytes, why) in [
        (Value::Null, 9, "void"),
        (found("unknown", &json!({})), 9, "is unknown"),
        (found("invalid", &json!({"LIN001": 1})), 9, "promises not to be"),
        (found("valid", &json!({})), (1 << 20) + 1, "at most 1048576 are kept"),
    ] {
        let refused = folder.put(&safe, &found, bytes).keep(&rows::rows(), &into);
        let message = format!("{:#}", refused.expect_err("it is not kept"));
        assert!(message.contains(why), "{message}");
    }
    assert!(!into.exists());
}

#[test]
fn the_table_counts_what_cards_tell() {
    let (folder, row) = (Folder::new("table"), row(|expected| expected != Expectation::Valid));
    let told = [
        folder.put(&row, &found("invalid", &json!({"LIN001": 2})), 1),
        folder.put(&row, &found("valid", &json!({})), 1),
        folder.put(&row, &Value::Null, 1),
    ];
    let lines = lines(&told, &rows::rows());
    let [line] = &lines[..] else { panic!("one row was recorded") };
    let counts: Vec<_> = line.verdicts.iter().map(|(word, count)| (word.as_str(), *count)).collect();
    assert_eq!(counts, [("invalid", 1), ("valid", 1), ("void", 1)]);
    assert_eq!(line.codes.get("LIN001"), Some(&1));
    assert_eq!(line.operations, [9, 9]);
}

#[test]
fn what_is_no_card_is_said() {
    let folder = Folder::new("no-card");
    let path = folder.0.join("x.card.json");
    fs::write(&path, "{}").expect("a file can be written");
    let message = format!("{:#}", cards(&[path]).expect_err("it has no row"));
    assert!(message.contains("no `row`"), "{message}");
    assert!(cards(&[folder.0.join("nothing")]).is_err());
}
