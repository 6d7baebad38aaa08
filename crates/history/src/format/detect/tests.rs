//! A minimal text of every kind, and that no text makes it panic.

use super::{Detected, detect};
use crate::build::{HistoryBuilder, Overrides};
use crate::format::csv::ColumnMap;
use crate::format::{self, Format};
use crate::span::{Source, SourceId};

/// Texts and what they are. All were written for this test.
const TEXTS: &[(&str, Format)] = &[
    ("", Format::Jsonl),
    (" \r\n\t", Format::Jsonl),
    ("{}", Format::Jsonl),
    ("{\"seriatim\":1}\n", Format::Jsonl),
    ("{\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}\n", Format::Jsonl),
    ("{\"process\":0,\"type\":\"INVOKE\",\"f\":\"read\"}\n", Format::Jsonl),
    ("{\"process\":0,\"ty", Format::Jsonl),
    ("\u{feff}{\n  \"process\": 0,\n  \"type\": bad", Format::Jsonl),
    ("[]", Format::JsonArray),
    ("[ {\n \"type\" : \"invoke\"", Format::JsonArray),
    ("{\"process\":0,\"type\":\"OK\",\"subIndex\":0}", Format::JepsenInJava),
    ("{\"process\":0,\"type\":\"OK\",\"nemesis\":false}", Format::JepsenInJava),
    ("{\n  \"ClientId\": 1,\n  \"Input\": {\"Type\": \"range\"},", Format::EtcdRobustness),
    ("{\"ClientID\":1,\"Input\":null}", Format::EtcdRobustness),
    ("{:process 0, :type :invoke, :f :read, :value nil}\n", Format::Edn),
    ("; a comment\n,[{:type :invoke :f :read}]", Format::Edn),
    ("({:type :invoke :f :read})", Format::Edn),
    ("#jepsen.history.Op{:type :invoke}", Format::Edn),
    ("#_ {:a 1} {:type :invoke}", Format::Edn),
    ("[\n ; a comment\n {:type :ok}]", Format::Edn),
    ("{:index 0 :type :invoke :value [[:r 1 nil]]}", Format::Edn),
    ("{:process 0, :type :invoke, :f :get, :key \"4\", :value nil, :time 3}", Format::Edn),
    ("{:value {:valid? true} :type :ok :f :read}", Format::Edn),
    ("{:process 0, :type :invoke, :f :append, :key \"4\", :value \"x {\"}", Format::PorcupineKv),
    ("{:process 0, :type :invoke, :f :get, :key \"4\", :value nil}", Format::PorcupineKv),
    ("0\t:invoke\t:read\tnil\n", Format::JepsenTxt),
    (":nemesis\t:info\t:start\tnil\n", Format::JepsenTxt),
    ("[70  :invoke :read nil]\n", Format::Tuples),
    ("[[70 :invoke :read nil]]", Format::Tuples),
    ("([70 :invoke :read nil])", Format::Tuples),
    ("[:nemesis :info :start nil]", Format::Tuples),
    ("94  :invoke :write  0\n", Format::Tuples),
    ("INFO  jepsen.util - 0\t:invoke\t:write\t3\n", Format::JepsenLog2014),
    ("other\n\nINFO  jepsen.util - 0\t:invoke\t:write\t3\n", Format::JepsenLog2014),
    (
        "x jepsen.util: no\n2020-02-29 22:14:31,054{GMT}\tINFO\t[jepsen worker 1] jepsen.util: 1\t:invoke\t:add\t0\n",
        Format::JepsenLog,
    ),
    (
        "2024-12-18 01:01:02,049{GMT}\tINFO\t[jepsen test runner] jepsen.core: Running test:\n{:name 1}",
        Format::JepsenLog,
    ),
    ("# from a paper\n# @object atomic-stack\n[1] call push(1)", Format::Limo),
    ("[1] call push(1)\n", Format::Limo),
    ("  [t] call pop\n", Format::Limo),
    ("# queue\n0 1 2 ENQ 7\n", Format::Fptlin),
    ("0 1 2 ENQ 7\n", Format::Fptlin),
    ("# set", Format::Fptlin),
    ("# queue\nenq 7 1 2\n", Format::Polylin),
    ("# stack\n3 push 7 1 2\n", Format::Polylin),
    ("call_ns,return_ns,client_id,op,key,value,output\n", Format::Csv),
    ("process;f;call;return\n1;read;2;3\n", Format::Csv),
    ("UniqueID,ClientID,Kind,Action,Payload\n", Format::Csv),
    ("who,what,began,ended\n1,read,2,3\n", Format::Csv),
];

const UNSUPPORTED: &[(&[u8], &str)] = &[
    (b"JEPSEN\0\0\0\x01\0\0", "test.jepsen"),
    (b"\xc0\xec\x1c\xca\xf7\xcd\xe3\x0bconcurrency", "test.fressian"),
    (b"{:perf {:valid? true}\n :valid? true}", "results.edn"),
    (b"{:linear {:op {:type :ok}} :valid? false", "results.edn"),
    (b"w(1,0,0,0)\nr(1,0,1,1)\n", "PolySI"),
    (b"w 0 0\n-----\nr 0 0\n=====\n", "AWDIT"),
    (b"S\0\0\0\x01\0\x03\xf7\xeeR\0\0", "cobra"),
    (
        b"\x01\0\0\0\0\0\0\0\x14\0\0\0\0\0\0\0\x10\x27\0\0\0\0\0\0\x0a\0\0\0\0\0\0\0\x0f\0\0\0\0\0\0\0",
        "dbcop",
    ),
    (b"[{\"tid\":1,\"sid\":0,\"ops\":[]}]", "dbcdc"),
    (b"{\"Request\":{},\"Responses\":[]}", "watch.json"),
    (b"{\"expectuniquerevision\":true}", "traffic.json"),
];

#[test]
fn every_kind_of_text_is_told() {
    for &(text, format) in TEXTS {
        assert_eq!(detect(text.as_bytes(), None), Detected::Format(format), "{text:?}");
    }
}

#[test]
fn every_format_has_a_text() {
    for row in crate::format::FORMATS {
        assert!(TEXTS.iter().any(|&(_, format)| format == row.format), "{}", row.name);
    }
}

/// The page for users, whose examples are histories.
const PAGE: &str = include_str!("../../../../../docs/FORMATS.md");

#[test]
fn the_examples_of_the_page_are_told_and_read() {
    let mut met = Vec::new();
    for (at, example) in PAGE.split("```").enumerate().filter(|(at, _)| at % 2 == 1) {
        // What stands behind the fence names a language.
        let text = example.split_once('\n').expect("a fence ends its line").1;
        let Detected::Format(found) = detect(text.as_bytes(), None) else { panic!("example {at}: {text}") };
        let mut builder = HistoryBuilder::new(found);
        format::read(found, Source { id: SourceId(0), text }, &ColumnMap::default(), &mut builder);
        assert!(builder.records() > 0 || builder.declared.model.is_some(), "{text}");
        if let Err(errors) = builder.finish(Overrides::default()) {
            panic!("{text}: {errors:?}");
        }
        met.push(found);
    }
    for row in crate::format::FORMATS {
        assert!(met.contains(&row.format), "the page has no example of {}", row.name);
        let conventions = [row.nil_read == crate::NilRead::Value, row.failed_cas == crate::FailedCas::Drop];
        let words = [["wildcard", "value"], ["observe", "drop"]];
        let [nil, cas] = [0, 1].map(|at| words[at][usize::from(conventions[at])]);
        let ties = if row.ties == crate::Ties::Overlap { "overlap" } else { "ordered" };
        let line = PAGE.lines().find(|line| line.starts_with(&format!("| [`{}`]", row.name)));
        let end = format!("| {nil} | {cas} | {ties} |");
        assert!(line.is_some_and(|line| line.ends_with(&end)), "the page's row of {} is {line:?}", row.name);
    }
}

#[test]
fn what_is_not_read_is_named() {
    for &(bytes, name) in UNSUPPORTED {
        let detected = detect(bytes, None);
        assert!(
            matches!(detected, Detected::Unsupported(what, _) if what.contains(name)),
            "{name}: {detected:?}"
        );
    }
}

#[test]
fn the_name_decides_last() {
    assert_eq!(detect(b"a,b\n1,2\n", None), Detected::Unknown);
    assert_eq!(detect(b"a,b\n1,2\n", Some("x/Y.CSV")), Detected::Format(Format::Csv));
    assert_eq!(detect(b"{\"process\":0}", Some("a.csv")), Detected::Format(Format::Jsonl));
    assert_eq!(detect(b"Hello, world.\n", Some("readme.txt")), Detected::Unknown);
    assert_eq!(detect(b"\0\x01\x02", None), Detected::Unknown);
    assert!(matches!(detect(b"\xd0\0\x01", Some("test.fressian")), Detected::Unsupported(..)));
    assert_eq!(detect(b"\xff\xfe{\0", None), Detected::Unknown);
}

#[test]
fn cuts_and_noise_do_not_panic() {
    for &(text, _) in TEXTS {
        for end in 0..text.len() {
            detect(&text.as_bytes()[..end], None);
            detect(&text.as_bytes()[end..], Some("é.csv"));
        }
    }
    for &(bytes, _) in UNSUPPORTED {
        for end in 0..bytes.len() {
            detect(&bytes[..end], None);
        }
    }
    // Every pair of first bytes.
    for first in 0..=u8::MAX {
        for second in 0..=u8::MAX {
            detect(&[first, second, b'\\'], None);
        }
    }
}
