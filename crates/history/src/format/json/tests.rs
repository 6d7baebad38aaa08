//! What is read, what is refused, and where.

use super::*;

fn show(text: &str) -> Result<String, String> {
    let mut values = Values::new();
    let mut scanner = Scanner::of(text);
    let value = scanner.value(&mut values).map_err(|error| error.message.into_owned())?;
    match scanner.next_byte() {
        None => Ok(values.show(value)),
        Some(_) => Err(format!("rest at {}", scanner.at())),
    }
}

#[test]
fn values_are_read_exactly() {
    for (text, shown) in [
        ("null", "nil"),
        (" [1, -2 ,\t0]\n", "[1 -2 0]"),
        ("170141183460469231731687303715884105727", "170141183460469231731687303715884105727"),
        ("0.1", "1e-1"),
        ("1.50E+3", "15e2"),
        (r#""a\u00e9\ud83d\ude00\n\/é""#, "\"aé😀\\n/é\""),
        (r#"{"b":{},"a":[true,false]}"#, r#"{"b" {}, "a" [true false]}"#),
        ("\u{feff}[]", "[]"),
    ] {
        assert_eq!(show(text).as_deref(), Ok(shown), "{text}");
    }
}

#[test]
fn skipping_checks_what_reading_checks() {
    let good = [r#"{"a":[1,{"b":"\ud83d\ude00"}],"c":-1.5e-7}"#, "\"\\u0041\"", "0", "[[],[]]"];
    let bad = [
        "",
        "[",
        "[1,]",
        "[,1]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "01",
        "1.",
        "-",
        "1e",
        "tru",
        "nulll",
        "\"\\x\"",
        "\"\\ud83d\"",
        "\"\\udc00\"",
        "\"\\u12g4\"",
        "\"a\nb\"",
        "\"a",
        "NaN",
        "+1",
        "'a'",
        "[1 2]",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1,}",
    ];
    for (texts, is_good) in [(&good[..], true), (&bad[..], false)] {
        for text in texts {
            let mut scanner = Scanner::of(text);
            assert_eq!(scanner.skip().is_ok(), is_good, "{text}");
            let mut scanner = Scanner::of(text);
            assert_eq!(scanner.value(&mut Values::new()).is_ok(), is_good, "{text}");
        }
    }
}

#[test]
fn a_cut_is_told_from_a_fault() {
    let whole = r#"{"a":[1,"x\ud83d\ude00y",-0.5e3,true,null],"b":{}}"#;
    for end in (0..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
        let mut scanner = Scanner::of(&whole[..end]);
        let error = scanner.skip().expect_err("cut off");
        assert!(error.is_cut_off, "{} {error:?}", &whole[..end]);
    }
    assert!(!Scanner::of("[1 2").skip().expect_err("no comma").is_cut_off);
}

#[test]
fn deep_nesting_is_an_error_and_not_a_crash() {
    let deep = "[".repeat(200_000);
    assert!(Scanner::of(&deep).skip().expect_err("too deep").message.contains("256"));
    assert!(show(&deep).expect_err("too deep").contains("256"));
    let allowed = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert!(show(&allowed).is_ok());
}

#[test]
fn repeated_keys_are_errors() {
    assert!(show(r#"{"a":1,"a":2}"#).expect_err("twice").contains("`a`"));
    let many: Vec<String> = (0..40).map(|at| format!("\"{at}\":{at}")).collect();
    assert!(show(&format!("{{{}}}", many.join(","))).is_ok());
    assert!(show(&format!("{{{},\"39\":0}}", many.join(","))).expect_err("twice").contains("`39`"));
    let mut scanner = Scanner::of(r#"{"a":1, "a" : 2}"#);
    let error = scanner.value(&mut Values::new()).expect_err("twice");
    assert_eq!((error.start, error.end), (8, 11));
}
