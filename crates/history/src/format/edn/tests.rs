use super::error::NESTING_LIMIT;
use super::reader::Reader;
use super::*;
use crate::build::Overrides;
use crate::format::Format;
use crate::operation::{Completion, History};
use crate::span::SourceId;
use crate::value::Values;

fn source(text: &str) -> Source<'_> {
    Source { id: SourceId(0), text }
}

/// One form as it is shown, or the text that the error points to and what it says.
fn value(text: &str) -> Result<String, (String, String)> {
    let mut values = Values::new();
    let mut reader = Reader::new(source(text));
    let read = reader.value(&mut values);
    let mut skipper = Reader::new(source(text));
    let skipped = skipper.skip();
    assert_eq!(read.is_ok(), skipped.is_ok(), "reading and skipping differ on {text}");
    match (read, skipped) {
        (Ok(id), _) => {
            assert_eq!(reader.at(), skipper.at(), "skipping ends elsewhere on {text}");
            Ok(values.show(id))
        }
        (Err(error), Err(skipped)) => {
            assert_eq!(error.diagnostic, skipped.diagnostic);
            Err((underlined(text, &error.diagnostic).to_owned(), error.diagnostic.message))
        }
        _ => unreachable!("compared above"),
    }
}

fn underlined<'t>(text: &'t str, diagnostic: &Diagnostic) -> &'t str {
    let span = diagnostic.span.expect("every error has a place");
    &text[span.start as usize..span.end() as usize]
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(value(text).as_deref(), Ok(expect), "{text}");
}

#[track_caller]
fn check_error(text: &str, underlined: &str, message: &str) {
    let (place, said) = value(text).expect_err(text);
    assert_eq!(place, underlined, "{text}");
    assert!(said.contains(message), "{text}: {said}");
}

fn read_all(text: &str) -> Result<History, Vec<(String, String)>> {
    let mut builder = HistoryBuilder::new(Format::Edn);
    read(source(text), &mut builder);
    builder.finish(Overrides::default()).map_err(|errors| {
        let one = |error: &Diagnostic| (underlined(text, error).to_owned(), error.message.clone());
        assert!(errors.first().iter().all(|error| error.span.is_some()));
        errors.first().iter().map(one).collect()
    })
}

/// Each operation as `process function argument -> completion`.
fn summary(history: &History) -> Vec<String> {
    let show = |id: Option<_>| id.map_or("-".to_owned(), |id| history.values.show(id));
    let one = |operation: &crate::operation::Operation| {
        let end = match operation.completion {
            Completion::Ok(answer) => format!("ok {}", show(answer.value)),
            Completion::Fail(answer) => format!("fail {}", show(answer.value)),
            Completion::Unknown => "unknown".to_owned(),
        };
        let (process, argument) = (show(Some(operation.process)), show(operation.argument));
        format!("{process} {} {argument} -> {end}", history.function(operation))
    };
    history.operations.iter().map(one).collect()
}

#[track_caller]
fn check_history(text: &str, expect: &[&str]) -> History {
    let history = read_all(text).expect("well-formed");
    assert_eq!(summary(&history), expect);
    history
}

#[track_caller]
fn check_errors(text: &str, expect: &[(&str, &str)]) {
    let errors = read_all(text).expect_err("something is wrong with it");
    let said: Vec<_> = errors.iter().map(|(place, message)| (&**place, &**message)).collect();
    assert_eq!(said, expect, "{text}");
}

#[test]
fn scalars() {
    check("nil", "nil");
    check(":nil", "nil");
    check("\"nil\"", "\"nil\"");
    check("true", "true");
    check(" , false", "false");
    check("truely", "\"truely\"");
    check("-12", "-12");
    check("7N", "7");
    check("017", "15");
    check("0x1F", "31");
    check("16rFF", "255");
    check("1.50", "15e-1");
    check("1e5", "1e5");
    check("-0.095533108M", "-95533108e-9");
    check("4/6", "\"2/3\"");
    check("##Inf", "\"##Inf\"");
    check("##-Inf", "\"##-Inf\"");
    check("##NaN", "\"##NaN\"");
    check(":read", "\"read\"");
    check(":ns/read", "\"ns/read\"");
    check("clojure.core$fn__1", "\"clojure.core$fn__1\"");
    check("-", "\"-\"");
    check("+x", "\"+x\"");
    check("λ", "\"λ\"");
    check("\\a", "\"a\"");
    check("[\\newline\\u0041 \\( \\, \\; ]", r#"["\n" "A" "(" "," ";"]"#);
    check("\u{feff}7", "7");
}

#[test]
fn texts() {
    check(r#""""#, r#""""#);
    check(r#""a\"b\\c\n\t""#, r#""a\"b\\c\n\t""#);
    check(r#""\u00e9\ud83d\ude00\101""#, "\"é😀A\"");
    check("\"two\nlines\"", r#""two\nlines""#);
    check(r#"#"\d+\"[a-z]""#, r#""\\d+\\\"[a-z]""#);
    check_error("[\"a", "\"", "this string is never closed");
    check_error(r#""a\"#, "\"", "this string is never closed");
    check_error(r#""a\u00"#, "\"", "this string is never closed");
    check_error(r#""a\q b""#, r"\q", r"`\q` is no escape");
    check_error(r#""a\u00g0""#, r"\u00", "needs four hexadecimal digits");
    check_error(r#""\ud83d!""#, r"\ud83d", "half of a surrogate pair");
    check_error(r#"#"a\""#, "\"", "this pattern is never closed");
    check_error(r#"#"a\"#, "\"", "this pattern is never closed");
}

#[test]
fn collections() {
    check("[1, 2 ,[3]]", "[1 2 [3]]");
    check("(1 ; one\n 2)", "[1 2]");
    check("#{3 1 3}", "#{3 1}");
    check("{:a 1, [1 2] nil}", r#"{"a" 1, [1 2] nil}"#);
    check("{0 10, 1 12}", "{0 10, 1 12}");
    check("{:a 1 :a 2}", r#"{"a" 2}"#);
    check("#:ns{:a 1 :_/b 2 :o/c 3 d 4 5 6}", r#"{"ns/a" 1, "b" 2, "o/c" 3, "ns/d" 4, 5 6}"#);
    check("[#_ 1 2 #_#_ 3 [4] 5 #_(6)]", "[2 5]");
    check("{:a #_:b 1}", r#"{"a" 1}"#);
    check("[]", "[]");
    check_error("[1 (2]", "]", "`]` where `)` is expected");
    check_error("{:a]", "]", "`]` where `}` is expected");
    check_error("[1 {:a 1}", "[", "this vector is never closed");
    check_error("{:a (1}", "}", "`}` where `)` is expected");
    check_error("{:a 1 :b}", ":b", "the key `:b` has no value");
    check_error("{:a 1 :b", "{", "this map is never closed");
    check_error("#{1", "{", "this set is never closed");
    check_error("]", "]", "`]` closes nothing");
    check_error("[#_]", "]", "`]` closes nothing");
    check_error("", "", "the text ends where a value is expected");
    check_error("#_ 1", "", "the text ends where a value is expected");
}

#[test]
fn tagged_forms() {
    let object = r#"#object[clojure.core$f 0x4892d85e "a \"b\""]"#;
    check(object, r#"["clojure.core$f" 1217583198 "a \"b\""]"#);
    check("#error {:cause \"x\"}", r#"{"cause" "x"}"#);
    check("#inst \"2020-01-01\"", "\"2020-01-01\"");
    check("#jepsen.history.Op{:f :read}", r#"{"f" "read"}"#);
    check("#a #b #c [1]", "[1]");
    check("#'clojure.core/inc", "\"clojure.core/inc\"");
    check_error("#a", "", "the text ends");
    check_error("#", "", "the text ends");
    check_error("#<Object java@1>", "#<Object", "`#<Object` is no value that EDN has");
    check_error("#:ns [1]", "#:ns ", "no map follows `#:ns`");
    check_error("##Infinity", "##Infinity", "none of `##Inf`");
}

#[test]
fn scalars_that_are_none() {
    check_error("[1 12ab]", "12ab", "`12ab` is no number");
    check_error("08", "08", "`08` is not made of digits to the base 8");
    check_error("1/0", "1/0", "`1/0` divides by zero");
    check_error("[: a]", ":", "a keyword without a name");
    check_error("\\unknown", "\\unknown", "is no character");
    check_error("[\\ ]", "\\", "no character follows");
    check_error("@x", "@x", "`@x` is no value that EDN has");
    check_error("^meta", "^meta", "`^meta` is no value that EDN has");
}

#[test]
fn nesting_has_a_limit() {
    for (open, close) in [("[", "]"), ("(", ")"), ("#{", "}"), ("{:a ", "}"), ("#a ", ""), ("#_ ", " 1")] {
        let nested = |levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
        assert!(value(&nested(NESTING_LIMIT)).is_ok() || open == "#_ ", "{open} at the limit");
        let (_, message) = value(&nested(NESTING_LIMIT + 1)).expect_err("one level too many");
        assert!(message.contains("256 levels"), "{open}: {message}");
        let (_, message) = value(&open.repeat(200_000)).expect_err("never closed");
        assert!(message.contains("256 levels"), "{open}: {message}");
        let history =
            format!("{{:type :info, :exception {}, :process :nemesis}}\n{{:no 1}}", nested(200_000));
        let errors = read_all(&history).expect_err("too deep to skip");
        let messages: Vec<_> = errors.iter().map(|(_, message)| &**message).collect();
        let expect = ["forms are nested more than 256 levels deep", "this event has no `:type`"];
        assert_eq!(messages, expect, "{open}");
    }
}

#[test]
fn brief_values_are_texts() {
    let check = |text: &str, expect: &str| {
        let mut values = Values::new();
        let id = Reader::new(source(text)).brief(&mut values).expect("a form");
        assert_eq!(values.show(id), expect);
    };
    check(":timed-out", "\"timed-out\"");
    check("7", "7");
    check("nil", "nil");
    check("[:definite \"x\"]", r#""[:definite \"x\"]""#);
    let long = format!("[{}]", "é".repeat(150));
    check(&long, &format!("\"[{}…\"", "é".repeat(99)));
}

#[test]
fn maps_one_a_line() {
    let text = r#"{:type :invoke, :f :cas, :value [1 4], :process 101, :time 99286665244, :index 0}
{:index 1, :time 99286665245, :type :ok, :process 101, :f :cas, :value [1 4], :node "n4", :exception {:via [#error{}]}}
{:type :info, :f :start-partition, :value [:isolated {"n1" #{"n2"}}], :process :nemesis, :time 99286665246, :index 2}
{"type" "invoke", "f" "read", "process" "7", :key 3, 5 6}
{:type fail :f read :process "7" :error [:definite "no"] :time 1.5e11 :key 3}
"#;
    let history = check_history(text, &["101 cas [1 4] -> ok [1 4]", "7 read - -> fail -"]);
    let show = |id: Option<_>| history.values.show(id.expect("recorded"));
    let [cas, read] = &history.operations[..] else { unreachable!("two, as shown above") };
    assert_eq!(
        (cas.call.time, cas.end.and_then(|end| end.time)),
        (Some(99_286_665_244), Some(99_286_665_245))
    );
    assert_eq!(cas.call.span, Span::new(SourceId(0), 0, text.find('\n').expect("many lines")));
    assert_eq!((show(read.key), show(read.error)), ("3".to_owned(), r#""[:definite \"no\"]""#.to_owned()));
    assert_eq!(read.end.and_then(|end| end.time), Some(150_000_000_000));
    assert_eq!((history.faults.len(), show(history.faults[0].name)), (1, "\"start-partition\"".to_owned()));
}

#[test]
fn nil_is_not_absent() {
    let text =
        "{:type :invoke, :f :read, :process 0, :value nil}{:type :ok, :f :read, :process 0, :value :nil}
        {:type :invoke, :f :read, :process 0}{:type :ok, :process 0}";
    check_history(text, &["0 read nil -> ok nil", "0 read - -> ok -"]);
}

#[test]
fn only_yes_and_no_are_results() {
    for (written, result) in [
        ("true", Some(ValueId::TRUE)),
        ("false", Some(ValueId::FALSE)),
        (":found", None),
        ("[1]", None),
        ("nil", None),
    ] {
        let text = format!(
            "{{:type :invoke, :f :cas, :process 0, :value [1 2]}}{{:type :ok, :process 0, :value [1 2], :result {written}}}"
        );
        let history = check_history(&text, &["0 cas [1 2] -> ok [1 2]"]);
        let Completion::Ok(answer) = history.operations[0].completion else { panic!("it completed") };
        assert_eq!(answer.result, result, "{written}");
    }
}

#[test]
fn vectors_lists_and_tags() {
    let expect = ["0 write 2 -> ok 2"];
    check_history(
        "[{:process 0, :type :invoke, :f :write, :value 2}\n {:process 0, :type :ok, :f :write, :value 2}]",
        &expect,
    );
    check_history(
        "; a list\n({:process 0 :type :invoke :f :write\n:value 2} #_{:type :no} #op {:process 0 :type :ok :value 2})\n",
        &expect,
    );
    check_history(
        "#jepsen.history.Op{:process 0 :type :invoke :f :write :value 2}\n#jepsen.history.Op{:process 0 :type :ok :value 2}",
        &expect,
    );
    check_history("[] () ; nothing", &[]);
    check_history("", &[]);
}

#[test]
fn processes_may_be_missing() {
    let text = "{:index 0 :type :invoke :value [[:r 1 nil]]}\n{:index 1 :type :ok :value [[:r 1 2]]}";
    check_history(text, &["nil txn [[\"r\" 1 nil]] -> ok [[\"r\" 1 2]]"]);
}

#[test]
fn odd_times_and_indexes_are_noted() {
    let text = "{:type :invoke :f :read :process 0 :time #inst \"2020\" :index 1.5}
        {:type :ok :f :read :process 0 :time -1 :index nil :value 1}";
    let history = check_history(text, &["0 read - -> ok 1"]);
    let [Note::Format(times), Note::Format(indexes)] = &history.notes[..] else {
        panic!("{:?}", history.notes)
    };
    assert!(times.starts_with("1 values of `:time`") && indexes.starts_with("1 values of `:index`"));
    assert_eq!(history.operations[0].end.and_then(|end| end.time), Some(-1));
}

#[test]
fn events_that_are_none() {
    let wrong_type = "`:invok` is no type of event";
    check_errors("{:type :invok, :f :read}", &[(":invok", wrong_type)]);
    check_errors("{:type [1], :f :read}", &[("[1]", "`[1]` is no type of event")]);
    check_errors("{:f :read, :process 0}", &[("{:f :read, :process 0}", "this event has no `:type`")]);
    check_errors("{:type :invoke, :f 7}", &[("7", "`7` is no name of a function")]);
    let two = [(":x", "`:x` is no type of event"), ("[]", "`[]` is no name of a function")];
    check_errors("{:type :x, :f []}", &two);
    let is_no_map = |text: &str| format!("`{text}` is no map, and every event is one");
    check_errors("[0 :invoke :read nil]", &[("[0 :invoke :read nil]", &is_no_map("[0 :invoke :read nil]"))]);
    check_errors(
        "some words\n#{1}",
        &[("some words", &is_no_map("some words")), ("#{1}", &is_no_map("#{1}"))],
    );
    check_errors("[{:type :info :process :n} 7]", &[("7", &is_no_map("7"))]);
    check_errors("#a 7", &[("#a 7", &is_no_map("#a 7"))]);
    check_errors("{:type :info :process :n}}", &[("}", "`}` closes nothing")]);
    check_errors("[{:type :info :process :n}", &[("[", "this vector is never closed")]);
    check_errors("#_ 12x", &[("12x", "`12x` is no number")]);
}

#[test]
fn reading_goes_on_after_a_broken_form() {
    let no_type = |text: &'static str| (text, "this event has no `:type`");
    check_errors("{:a 12x :b [1 2} {:c 1}", &[("12x", "`12x` is no number"), no_type("{:c 1}")]);
    check_errors("{:a (1]} {:c 1}", &[("]", "`]` where `)` is expected"), no_type("{:c 1}")]);
    check_errors(
        "[{:a 12x}\n {:c 1}\n{:d 2}]",
        &[("12x", "`12x` is no number"), no_type("{:c 1}"), no_type("{:d 2}")],
    );
    let unclosed = "this form is not closed before the next one begins";
    check_errors(
        "{:a \"b}\n{:c \"x\"}\n{:d 1}",
        &[("{:a \"b}", unclosed), no_type("{:c \"x\"}"), no_type("{:d 1}")],
    );
    check_errors("[{:a 1 \n {:c 1}]", &[("{:a 1", unclosed), no_type("{:c 1}")]);
    check_errors("{:a 1\n{:b 1\n{:c 1}", &[("{:a 1", unclosed), ("{:b 1", unclosed), no_type("{:c 1}")]);
    check_errors(
        "[1 [2\n[3]\n[4]",
        &[
            ("[1 [2", unclosed),
            ("[3]", "`[3]` is no map, and every event is one"),
            ("[4]", "`[4]` is no map, and every event is one"),
        ],
    );
    check_errors("#op {:a 1\n{:c 1}", &[("#op {:a 1", unclosed), no_type("{:c 1}")]);
    check_errors("{:a \\{ :b 12x \"}\" ; }\n } {:c 1}", &[("12x", "`12x` is no number"), no_type("{:c 1}")]);
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the time that reading takes is what is tested")]
fn unclosed_forms_do_not_make_reading_quadratic() {
    let line = "{:type :invoke, :f :read, :process 0, :value [1 2\n{:type :info, :process :n}\n";
    let text = line.repeat(20_000);
    let mut builder = HistoryBuilder::new(Format::Edn);
    let started = std::time::Instant::now();
    read(source(&text), &mut builder);
    assert_eq!(builder.records(), 40_000);
    // Nor do broken forms that all stand on one line.
    let text = "{:type 12x} ".repeat(40_000);
    let mut builder = HistoryBuilder::new(Format::Edn);
    read(source(&text), &mut builder);
    assert_eq!(builder.records(), 40_000);
    // Nor do tuples that are not closed, now and then.
    let line = format!("[0 :info :x [1\n{}", "[:n :info :x 1]\n".repeat(2_000));
    let text = line.repeat(200);
    let mut builder = HistoryBuilder::new(Format::Tuples);
    crate::format::tuples::read(source(&text), &mut builder);
    assert_eq!(builder.records(), 200 * 2_001);
    // A rest of the text for each would be minutes.
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn a_last_line_that_was_cut_off_is_a_doubt() {
    let whole = "{:type :invoke, :f :read, :process 0, :value nil}\n";
    let line = r#"{:type :ok, :f :read, :process 0, :value ["é\ud83d\ude00" \newline #{1.5M 0x1F}], :exception #e {:a "\n"}}"#;
    for end in (1..line.len()).filter(|&end| line.is_char_boundary(end)) {
        let text = format!("{whole}{}", &line[..end]);
        let history = read_all(&text).expect("only cut off");
        assert_eq!(summary(&history), ["0 read nil -> unknown"]);
        let cut = Span::new(SourceId(0), whole.len(), text.trim_end().len());
        assert!(history.notes.contains(&Note::TruncatedLine(cut)), "{text}: {:?}", history.notes);
    }
    let alone = read_all(&line[..20]).expect_err("nothing was read before it");
    assert_eq!(alone, [("{".to_owned(), "this map is never closed".to_owned())]);
    let after_an_error = read_all("{:type :x}\n{:ty").expect_err("two errors");
    assert_eq!(after_an_error.len(), 2);
    let in_a_vector = read_all(&format!("[{whole}{{:ty")).expect_err("the vector is not closed either");
    assert_eq!(in_a_vector, [("[".to_owned(), "this vector is never closed".to_owned())]);
}

#[test]
fn no_text_makes_it_panic() {
    let texts = [
        r#"[{:type :ok, :f "r\u00e9\ud83d\ude00", #_[1] :value #{1.5M \a}} #a {:x ##Inf, 0x1f 16rFF}]"#,
        "#:ns{:type \\u0041} ; é\n({:a [1/2 (3 #\"\\d\")], 'x @y ^z} #_#_ 1 2 #'v :é \"\\101\")",
    ];
    for text in texts {
        for from in (0..text.len()).filter(|&at| text.is_char_boundary(at)) {
            for to in (from..=text.len()).filter(|&at| text.is_char_boundary(at)) {
                let mut builder = HistoryBuilder::new(Format::Edn);
                read(source(&text[from..to]), &mut builder);
            }
        }
    }
    // Garbage, from a generator with a fixed seed.
    let alphabet: Vec<char> =
        "{}[]()\"\\#_:;,. \n'@^-+0189axrNMeE/uéλ😀\u{0}\u{feff}\u{a0}".chars().collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..50_000 {
        let mut text = String::new();
        for _ in 0..24 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push(alphabet[(state >> 33) as usize % alphabet.len()]);
        }
        let mut builder = HistoryBuilder::new(Format::Edn);
        read(source(&text), &mut builder);
        let _ = value(&text);
    }
}
