//! Records as etcd writes them, made up.

use super::*;
use crate::build::Overrides;
use crate::diagnostic::Diagnostics;
use crate::format::Format;
use crate::operation::History;

fn histories(texts: &[&str]) -> Result<History, Diagnostics> {
    let mut builder = HistoryBuilder::new(Format::EtcdRobustness);
    for (at, text) in texts.iter().enumerate() {
        read(Source { id: SourceId(at as u32), text }, &mut builder);
    }
    builder.finish(Overrides::default())
}

fn record(client: u32, input: &str, output: &str, times: (i64, i64)) -> String {
    let (call, end) = times;
    format!(
        "{{\n  \"ClientId\": {client},\n  \"Input\": {input},\n  \"Call\": {call},\n  \"Output\": {output},\n  \"Return\": {end},\n  \"Metadata\": {{\"Call\": [1]}}\n}}\n"
    )
}

fn txn(conditions: &str, steps: &str) -> String {
    format!(
        r#"{{"Type":"txn","Range":null,"Txn":{{"Conditions":{conditions},"OperationsOnSuccess":[{steps}],"OperationsOnFailure":[]}}}}"#
    )
}

const PUT: &str = r#"{"Type":"put-operation","Range":{"Start":"","End":"","Limit":0,"KeysOnly":false},"Put":{"Key":"k","Value":{"Value":"1"},"LeaseID":0},"Delete":{"Key":""}}"#;
const LEASED: &str =
    r#"{"Type":"put-operation","Put":{"Key":"k","Value":{"Hash":77},"LeaseID":5},"Delete":{"Key":""}}"#;
const DELETE: &str = r#"{"Type":"delete-operation","Put":{"Key":"","Value":{}},"Delete":{"Key":"k"}}"#;
const GET: &str =
    r#"{"Type":"range","Range":{"Start":"k","End":"","Limit":0,"KeysOnly":false,"Revision":0},"Txn":null}"#;
const DONE: &str = r#"{"Txn":{"Failure":false,"Results":[{"KVs":null,"Count":0,"Deleted":1}]},"Range":null,"ClientError":"","Revision":3,"Persisted":false,"PersistedRevision":0,"Error":""}"#;
const LOST: &str = r#"{"Txn":null,"Range":null,"Revision":0,"Persisted":false,"Error":"timeout"}"#;

#[test]
fn operations_of_single_keys_are_those_of_a_store() {
    let got = r#"{"Range":{"KVs":[{"Key":"k","Value":{"Value":"1"},"ModRevision":2,"Version":1}],"Count":1},"Revision":3}"#;
    let nothing = r#"{"Range":{"KVs":null,"Count":0},"Revision":1}"#;
    let first = [
        record(1, &txn("null", PUT), DONE, (1, 5)),
        record(1, GET, got, (6, 8)),
        record(1, &txn("[]", DELETE), DONE, (9, 10)),
        record(1, GET, nothing, (11, 12)),
    ];
    let second = [
        record(2, &txn("[]", PUT), LOST, (2, 3)),
        record(3, GET, LOST, (4, 7)),
        record(3, GET, &got.replace("\"Revision\":3", "\"Revision\":-1"), (8, 9)),
        record(3, &txn("[]", PUT), r#"{"ClientError":"etcdserver: no space","Revision":0}"#, (10, 11)),
        record(4, &txn("[]", PUT), LOST, (12, 0)),
    ];
    let history = histories(&[&first.concat(), &second.concat()]).expect("well-formed");
    let shown: Vec<String> = (history.operations.iter())
        .map(|operation| {
            let what = match operation.completion {
                Completion::Ok(Answer { value, result }) => {
                    let show = |id: Option<ValueId>| id.map_or("-".to_owned(), |id| history.values.show(id));
                    format!("{} {}", show(value), show(result))
                }
                Completion::Fail(_) => "fail".to_owned(),
                Completion::Unknown => "unknown".to_owned(),
            };
            format!("{} {what}", history.function(operation))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "put - -",
            "put unknown",
            "get fail",
            "get \"1\" -",
            "get fail",
            "delete - true",
            "put fail",
            "get nil -",
            "put unknown"
        ]
    );
    assert!(
        history.notes.iter().any(|note| matches!(note, Note::Format(text) if text.starts_with("1 reads")))
    );
    assert_eq!(history.declared.model.as_deref(), Some("kv"));
    assert_eq!(history.operations[1].call.span.source, SourceId(1));
}

#[test]
fn what_a_store_does_not_have_keeps_its_name() {
    let condition = r#"[{"Key":"k","ExpectedRevision":2,"ExpectedVersion":0}]"#;
    let lease = r#"{"Type":"leaseGrant","LeaseGrant":{"LeaseID":5},"Range":null,"Txn":null}"#;
    let list = r#"{"Type":"range","Range":{"Start":"k","End":"l","Limit":0}}"#;
    let text = [
        record(1, &txn(condition, PUT), DONE, (1, 2)),
        record(1, &txn("[]", LEASED), DONE, (3, 4)),
        record(1, lease, DONE, (5, 6)),
        record(1, list, DONE, (7, 8)),
        record(1, &txn("[]", &format!("{PUT},{DELETE}")), DONE, (9, 10)),
    ]
    .concat();
    let history = histories(&[&text]).expect("well-formed");
    let names: Vec<&str> = history.operations.iter().map(|operation| history.function(operation)).collect();
    assert_eq!(names, ["txn", "putWithLease", "leaseGrant", "range", "txn"]);
    assert!(history.operations.iter().all(|operation| operation.key.is_none()));
}

#[test]
fn what_is_missing_or_odd_is_an_error() {
    let other = r#"{"Range":{"KVs":[{"Key":"x","Value":{"Value":"1"}}],"Count":1},"Revision":3}"#;
    for (text, message) in [
        ("{\"Input\":{\"Type\":\"range\"},\"Call\":1}".to_owned(), "no `ClientId`"),
        (record(1, GET, other, (1, 2)), "not about the key"),
        (record(1, "{\"Type\":\"txn\"}", DONE, (1, 2)), "no `Txn`"),
        (record(1, "{\"Type\":\"range\"}", DONE, (1, 2)), "no `Range`"),
        (record(1, &txn("[]", "{\"Type\":\"move-operation\"}"), DONE, (1, 2)), "`move-operation`"),
        (record(1, GET, DONE, (1, 2)), "no `Range` in its `Output`"),
        (record(1, GET, "null", (1, 2)), "no `Output`"),
        (record(1, &txn("[]", "{}"), DONE, (1, 2)), "no `Type`"),
        (record(1, GET, "{\"Revision\":1.5}", (1, 2)), "an integer"),
        ("{\"ClientId\":1,\"ClientID\":2}".to_owned(), "occurs twice"),
    ] {
        let errors = histories(&[&text]).expect_err(&text);
        assert!(errors.first()[0].message.contains(message), "{errors:?}");
    }
}

#[test]
fn cuts_do_not_panic() {
    let text = [record(1, &txn("[]", PUT), DONE, (1, 5)), record(1, GET, LOST, (6, 8))].concat();
    for end in 0..text.len() {
        // A cut is a note or an error, never a crash.
        let result = histories(&[&text[..end]]);
        assert!(result.is_ok_and(|history| history.operations.len() <= 2), "{end}");
    }
}
