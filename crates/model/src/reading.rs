//! What each model makes of the operations of a history: a table over the catalogue.

use seriatim_history::build::{HistoryBuilder, Overrides};
use seriatim_history::format::{self, csv::ColumnMap};
use seriatim_history::{FailedCas, Format, History, NilRead, Source, SourceId};

use crate::catalog::{MODELS, ModelName, ModelOptions, Visitor, with_model};
use crate::certificate::{Choice, verify};
use crate::model::Model;
use crate::part::split;

struct Parsed<'a>(&'a History);

impl Visitor for Parsed<'_> {
    type Out = String;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> String
    where
        M::State: Ord,
    {
        let Self(history) = self;
        match model.parse(&history.operations[0], &history.values) {
            Ok(Some(op)) => model.show_op(&op, &history.values),
            Ok(None) => "-".to_owned(),
            Err(error) => format!("{error}"),
        }
    }
}

fn history(text: &str) -> History {
    let mut builder = HistoryBuilder::new(Format::Jsonl);
    format::read(Format::Jsonl, Source { id: SourceId(0), text }, &ColumnMap::default(), &mut builder);
    builder.finish(Overrides::default()).expect("well-formed")
}

/// An operation `f argument → kind answer`, where what follows a `|` is the result apart from the value. A missing
/// argument or answer is written `_`.
fn parsed(model: &str, operation: &str, options: &ModelOptions) -> String {
    let (asked, told) = operation.split_once(" → ").expect("an arrow");
    let (function, argument) = asked.split_once(' ').expect("an argument");
    let (kind, answer) = told.split_once(' ').expect("an answer");
    let (value, result) = answer.split_once(" | ").unwrap_or((answer, "_"));
    let field =
        |name: &str, json: &str| if json == "_" { String::new() } else { format!(r#","{name}":{json}"#) };
    let text = format!(
        "{{\"process\":7,\"type\":\"invoke\",\"f\":\"{function}\"{}}}\n{{\"process\":7,\"type\":\"{kind}\",\"f\":\"{function}\"{}{}}}\n",
        field("value", argument),
        field("value", value),
        field("result", result)
    );
    let history = history(&text);
    let model = ModelName::from_name(model).expect("a model");
    with_model(model, options, &history.values, Parsed(&history)).expect("starts")
}

#[test]
fn operations_are_read() {
    for (model, operation, expected) in [
        ("register", "read null → ok 3", "read 3"),
        ("register", "get _ → ok null", "read nil"),
        ("register", "read null → ok _", "`read` answers with the value that was read, found no value"),
        ("register", "read null → fail 3", "-"),
        ("register", "read null → info null", "-"),
        ("register", "PUT 3 → info _", "write 3"),
        ("register", "write 3 → ok 3", "write 3"),
        ("register", "write 3 → fail 3", "-"),
        ("register", "write _ → ok 3", "`write` takes a value, found no value"),
        ("register", "cas [1,2] → ok _", "this model has no function `cas`"),
        ("cas-register", "cas [1,2] → ok [1,2]", "cas 1 to 2"),
        ("cas-register", "compare_and_set [1,2] → info _", "cas 1 to 2"),
        ("cas-register", r#"cas {"to":2,"from":1} → ok null"#, "cas 1 to 2"),
        ("cas-register", "cas [1,2] → ok [1,2] | true", "cas 1 to 2"),
        ("cas-register", "cas [1,2] → ok [1,2] | false", "cas from 1 refused"),
        ("cas-register", "cas [1,2] → ok false", "cas from 1 refused"),
        ("cas-register", "cas [1,2] → fail [1,2]", "-"),
        ("cas-register", "cas 1 → ok 1", "`cas` takes a pair `[from to]`, found `1`"),
        ("kv", "get null → ok \"a\"", "get \"a\""),
        ("kv", "read null → ok null", "get nil"),
        ("kv", "delete null → ok true", "delete"),
        ("kv", "append \"a\" → info _", "append \"a\""),
        ("kv", "append 1 → ok 1", "`append` takes a text, found `1`"),
        ("kv", "cas [null,1] → ok _ | false", "cas from nil refused"),
        (
            "multi-register",
            r#"txn [["r","x",null],["w","y",3]] → ok [["r","x",1],["w","y",3]]"#,
            r#"read "x" 1, write "y" 3"#,
        ),
        ("multi-register", r#"txn [["read","x"],["write","y",3]] → info null"#, r#"write "y" 3"#),
        ("multi-register", r#"read [["r","x",null]] → info null"#, "-"),
        (
            "multi-register",
            r#"txn [["r","x",null]] → ok [["r","y",1]]"#,
            r#"`txn` answers with its reads and writes again, with the values that were read, found `[["r" "y" 1]]`"#,
        ),
        (
            "multi-register",
            r#"txn [["r","x",null]] → ok [["r","x"]]"#,
            r#"`txn` answers with its reads and writes again, with the values that were read, found `[["r" "x"]]`"#,
        ),
        (
            "multi-register",
            r#"txn [["append","x",1]] → ok null"#,
            "`txn` appends to lists, which this model does not have",
        ),
        (
            "multi-register",
            "txn 1 → ok null",
            "`txn` takes a list of reads `[:r register value]` and writes `[:w register value]`, found `1`",
        ),
        ("multi-register", "txn [] → ok []", "-"),
        ("mutex", "acquire null → ok null", "acquire"),
        ("mutex", "lock null → ok _ | false", "acquire refused"),
        ("mutex", "acquire false → ok false", "acquire refused"),
        ("mutex", "acquire null → info _", "acquire"),
        ("mutex", "acquire null → fail _", "-"),
        ("mutex", "unlock null → ok false", "release refused"),
        ("owner-mutex", "acquire null → ok true", "acquire by process 7"),
        ("reentrant-mutex", "release null → info _", "release by process 7"),
        ("fenced-mutex", "acquire null → ok 12", "acquire by process 7 with token 12"),
        (
            "fenced-mutex",
            r#"acquire null → ok {"rev":"12","lockkey":"x"}"#,
            "acquire by process 7 with token 12",
        ),
        (
            "fenced-mutex",
            r#"acquire null → ok null | {"fencing_token":12}"#,
            "acquire by process 7 with token 12",
        ),
        (
            "fenced-mutex",
            "acquire null → ok null",
            "`acquire` answers with a token: an integer, or a map with a `token` or `rev`, found `nil`",
        ),
        ("fenced-mutex", "acquire null → info null", "acquire by process 7 with some token"),
        ("queue", "enqueue 1 → ok 1", "enqueue 1"),
        (
            "queue",
            "enqueue null → ok null",
            "`enqueue` takes an element other than nil, which is the answer of an empty one, found `nil`",
        ),
        ("queue", "offer 1 → ok false", "`offer` was refused, but this object has room for everything"),
        ("queue", "dequeue null → ok 1", "dequeue 1"),
        ("queue", "dequeue null → ok null", "find it empty"),
        ("queue", "dequeue null → ok _ | false", "find it empty"),
        (
            "queue",
            "dequeue null → ok _",
            "`dequeue` answers with the element, or nil where there is none, found no value",
        ),
        ("queue", "dequeue null → info _", "dequeue something"),
        ("queue", "dequeue null → fail _", "-"),
        ("queue", "peek null → info _", "-"),
        (
            "queue",
            "drain null → ok [1]",
            "`drain` takes many elements at moments of their own, which is no operation of a queue",
        ),
        ("stack", "push 1 → info 1", "push 1"),
        ("stack", "pop null → info 1", "pop something"),
        ("stack", "top null → ok 1", "peek 1"),
        ("deque", "push_front 1 → ok 1", "push front 1"),
        ("deque", "poll-last null → ok 1", "pop back 1"),
        ("deque", "peek-front null → ok null", "find it empty"),
        ("priority-queue", "insert 1 → ok 1", "insert 1"),
        ("priority-queue", "insert [1,\"a\"] → ok _", "insert [1 \"a\"]"),
        (
            "priority-queue",
            "insert \"a\" → ok _",
            "`insert` takes an integer or a pair `[priority item]` whose priority is an integer, found `\"a\"`",
        ),
        ("priority-queue", "poll null → info _", "delete-min something"),
        ("priority-queue", "delete-max null → ok 1", "this model has no function `delete-max`"),
        (
            "priority-queue",
            "poll null → ok \"a\"",
            "`poll` answers with the element, or nil where there is none, found `\"a\"`",
        ),
        ("max-priority-queue", "delete-max null → ok 1", "delete-max 1"),
        ("max-priority-queue", "peek null → ok 1", "find-max 1"),
        ("set", "add 1 → ok 1", "add 1"),
        ("set", "add 1 → ok true", "add 1, which was not there"),
        ("set", "insert 1 → ok 1 | false", "add 1, which was there"),
        ("set", "add true → ok true", "add true"),
        ("set", "add 1 → info _", "add 1"),
        ("set", "remove 1 → ok false", "remove 1, which was not there"),
        ("set", "contains 1 → ok true", "see that 1 is there"),
        ("set", "contains true → ok true", "see that true is there"),
        ("set", "contains 1 → ok 1 | false", "see that 1 is not there"),
        ("set", "contains 1 → ok 1", "`contains` answers with true or false, found `1`"),
        ("set", "contains 1 → info _", "-"),
        ("set", "read null → ok [2,1]", "read #{2 1}"),
        ("set", "read null → ok [2,1,2]", "read 2 twice at once"),
        ("set", "read null → ok null", "`read` answers with a list or a set of all elements, found `nil`"),
        ("bag", "put 1 → ok 1", "put 1"),
        ("bag", "take null → ok 1", "take 1"),
        ("bag", "take null → info 1", "take something"),
        ("bag", "take null → ok null", "find it empty"),
        ("counter", "add -3 → ok -3", "add -3"),
        ("counter", "add null → ok 1", "`add` takes an integer of at most 64 bits, found `nil`"),
        (
            "counter",
            "add 18446744073709551616 → ok _",
            "`add` takes an integer of at most 64 bits, found `18446744073709551616`",
        ),
        ("counter", "inc null → info _", "add 1"),
        ("counter", "decrement 2 → ok 5", "add -2"),
        ("counter", "add-and-get 2 → ok 5", "add 2 and get 5"),
        ("counter", "add-and-get 2 → info _", "add 2"),
        ("counter", "get-and-increment null → ok 4", "get 4 and add 1"),
        ("counter", "dec-and-get null → ok null | 4", "add -1 and get 4"),
        ("counter", "inc-and-get 4 → ok 4", "add 1 and get 4"),
        ("counter", "inc-and-get 4 → ok 5", "`inc-and-get` takes no argument"),
        ("counter", "read null → ok null", "`read` answers with the sum, an integer, found `nil`"),
        ("log", "append \"a\" → ok \"a\"", "append \"a\""),
        ("log", "append \"a\" → ok \"a\" | 3", "append \"a\" at 3"),
        (
            "log",
            "append \"a\" → ok \"a\" | -3",
            "`append` answers with a number of entries before it, found `-3`",
        ),
        ("log", "read null → ok [1,1]", "read [1 1]"),
        ("log", "read null → ok 1", "`read` answers with a list of all entries, found `1`"),
        ("semaphore", "acquire null → ok null", "acquire 1"),
        ("semaphore", "acquire 2 → ok false", "be refused 2"),
        ("semaphore", "acquire -2 → ok _", "`acquire` takes a number of permits, found `-2`"),
        ("semaphore", "release 2 → info _", "release 2"),
        ("unique-ids", "generate null → ok \"a\"", "get \"a\""),
        ("unique-ids", "generate null → ok null", "`generate` answers with an identifier, found `nil`"),
        ("unique-ids", "generate null → info _", "-"),
    ] {
        assert_eq!(parsed(model, operation, &ModelOptions::default()), expected, "{model}: {operation}");
    }
}

#[test]
fn options_are_heeded() {
    let wildcard = ModelOptions { nil_read: NilRead::Wildcard, ..ModelOptions::default() };
    for (model, operation) in [
        ("register", "read null → ok null"),
        ("kv", "get null → ok null"),
        ("multi-register", r#"txn [["r","x",null]] → ok [["r","x",null]]"#),
        ("set", "read null → ok null"),
        ("counter", "read null → ok null"),
        ("log", "read null → ok null"),
    ] {
        assert_eq!(parsed(model, operation, &wildcard), "-", "{model}: {operation}");
    }
    let observe = ModelOptions { failed_cas: FailedCas::Observe, ..ModelOptions::default() };
    for model in ["cas-register", "kv"] {
        assert_eq!(parsed(model, "cas [1,2] → fail \"no\"", &observe), "cas from 1 refused", "{model}");
    }
}

/// Whether a history is legal in the order of its calls.
struct Legal<'a>(&'a History);

impl Visitor for Legal<'_> {
    type Out = bool;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> bool
    where
        M::State: Ord,
    {
        let parts = split(&model, self.0).expect("readable");
        parts.iter().all(|part| {
            let order: Vec<_> =
                part.entries.iter().map(|entry| Choice { op: entry.id, outcome: 0 }).collect();
            verify(&model, part, &order).is_ok()
        })
    }
}

#[test]
fn the_documentation_tells_of_every_model_and_its_examples_are_legal() {
    let text = include_str!("../../../docs/MODELS.md");
    for entry in MODELS {
        let row = text.lines().find(|line| line.starts_with(&format!("| [`{}`]", entry.word)));
        assert!(row.is_some(), "{} is not in the table", entry.word);
    }
    let mut examples = 0;
    for section in text.split("\n## ").skip(1) {
        let (heading, body) = section.split_once('\n').expect("a heading");
        let Some((_, example)) = body.split_once("```json\n") else { continue };
        let (example, _) = example.split_once("```").expect("an end");
        let names: Vec<_> = heading.split('`').filter_map(ModelName::from_name).collect();
        // The section on locks shows the one that has most to show; in another the first is as good as any.
        let model = names.first().copied().unwrap_or(ModelName::FencedMutex);
        let model = if model == ModelName::Register { ModelName::CasRegister } else { model };
        let history = history(example);
        let legal = with_model(model, &ModelOptions::default(), &history.values, Legal(&history));
        assert_eq!(legal, Ok(true), "{heading}");
        examples += 1;
    }
    assert_eq!(examples, 12);
}
