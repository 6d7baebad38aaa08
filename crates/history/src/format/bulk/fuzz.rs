//! Texts that are right, and what becomes of them when they are broken at random: however they are read, the same must
//! be found, in the history as in what is told of errors.

use super::tests::{blocks, in_one, shown};
use super::*;
use crate::format::IN_FULL;

/// A generator of numbers: xorshift, so that a seed says it all.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("less than what is a usize")
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

const JSON_VALUES: &[&str] = &[
    "1",
    "-7",
    "null",
    "true",
    "[1,2]",
    "[]",
    "\"x\"",
    "\"é]}\"",
    "\"a\\\"},{\"",
    "\"\\u00e9\"",
    "1.5",
    "12345678901234567890",
    "{\"process\":1,\"a\":[{\"process\":2},{\"process\":3}]}",
    "[[1,[2]],null]",
    "\"},\\n{\"",
];

const EDN_VALUES: &[&str] = &[
    "1",
    "-7",
    "nil",
    "true",
    "[1 2]",
    "[]",
    "\"x\"",
    "\"é]}\"",
    "\"a\\\"} {:process\"",
    ":k/é",
    "1.5",
    "12345678901234567890",
    "{:process 1, :a [{:process 2} {:process 3}]}",
    "#{1 [2]}",
    "(1 ; c}\n 2)",
    "#_{:process 4} 7",
    "\"}\n{:process 1\"",
    "\\}",
    "#tag {:process 1}",
];

/// What is put into texts, and in the place of others.
const BITS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "\\",
    ",",
    ":",
    ";",
    "#",
    "#_",
    "\n",
    "\r\n",
    " ",
    "\t",
    "\u{feff}",
    "é",
    "\n\n",
    "; so }\n",
    "},{",
    "} {",
    "]\n[",
    "null",
    "nil",
    "1",
    "-",
    "0",
    ".5",
    "e3",
    "\n{",
    "{\"seriatim\":1}\n",
    "{\"a\":1},",
    "{:a 1}",
    "\u{7f}",
    "\u{0}",
    "}\n{",
    "ok",
    "invoke",
];

/// The text of a history, right in every way.
fn text(format: Format, random: &mut Random) -> String {
    let is_json = matches!(format, Format::Jsonl | Format::JsonArray | Format::JepsenInJava);
    let mut events = Vec::new();
    let has_index = random.below(2) == 0;
    for at in 0..2 + random.below(10) {
        let process = random.below(4) + 4 * at;
        let mut half = |kind: &str, index: usize| {
            let value = if is_json { random.of(JSON_VALUES) } else { random.of(EDN_VALUES) };
            let index = if has_index { index } else { 0 };
            match format {
                Format::Jsonl | Format::JsonArray => {
                    let more = random.of(&[
                        "",
                        ",\"time\":5",
                        ",\"error\":\"timeout\"",
                        ",\"key\":\"k\"",
                        ",\"odd\":[{\"process\":1}]",
                    ]);
                    let index = if has_index { format!(",\"index\":{index}") } else { String::new() };
                    format!(
                        "{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"f\",\"value\":{value}{more}{index}}}"
                    )
                }
                Format::JepsenInJava => format!(
                    "{{\"process\":{process},\"type\":\"{}\",\"value\":{value},\"f\":\"READ\",\"time\":1.65E12,\"subIndex\":0,\"nemesis\":{},\"index\":-1}}",
                    kind.to_uppercase(),
                    random.below(8) == 0
                ),
                Format::Edn | Format::PorcupineKv => {
                    let more = random.of(&[
                        "",
                        ", :time 5",
                        ", :error :timeout",
                        ", :key \"k\"",
                        ", :odd [{:process 1} {:process 2}]",
                    ]);
                    let index = if has_index { format!(", :index {index}") } else { String::new() };
                    format!("{{:process {process}, :type :{kind}, :f :f, :value {value}{more}{index}}}")
                }
                Format::Tuples if random.below(2) == 0 => format!("[{process} :{kind} :f {value}]"),
                _ => {
                    let value = if value.contains('\n') { "nil" } else { value };
                    let before = if format == Format::JepsenLog { "x jepsen.util: " } else { "" };
                    format!("{before}{process}\t:{kind}\t:f\t{value}{}", random.of(&["", "\t:timeout"]))
                }
            }
        };
        events.push(half("invoke", 2 * at));
        events.push(half(if at % 3 == 0 { "info" } else { "ok" }, 2 * at + 1));
    }
    let (before, between, after) = match format {
        Format::JsonArray => {
            random.of(&[&("[", ",", "]"), &("[\n", ",\n", "\n]\n"), &("\u{feff} [ ", " , ", " ] \n")])
        }
        Format::Edn => random.of(&[
            &("", "\n", "\n"),
            &("[", " ", "]"),
            &("[", "\n ", "]\n"),
            &("(", ", ", ")"),
            &("\u{feff}[ ", " ; }\n ", "] ; so"),
            &("", " ", ""),
        ]),
        Format::Jsonl => {
            random.of(&[&("", "\n", "\n"), &("{\"seriatim\":1,\"time_unit\":\"us\"}\r\n", "\r\n", "")])
        }
        _ => random.of(&[&("", "\n", "\n"), &("\u{feff}", "\r\n", ""), &("", "\n\n", "\n")]),
    };
    format!("{before}{}{after}", events.join(between))
}

/// The text, broken somewhere or not at all.
fn broken(text: &str, random: &mut Random) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..random.below(4) {
        let (at, length) = (random.below(bytes.len() + 1), random.below(12));
        let end = (at + length).min(bytes.len());
        match random.below(6) {
            0 => drop(bytes.splice(at..at, random.of(BITS).bytes())),
            1 => drop(bytes.splice(at..end, random.of(BITS).bytes())),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len() + 1);
                drop(bytes.splice(to..to, copy));
            }
            4 => bytes.truncate(at),
            _ => {
                // A line is taken out, or moved to the end.
                let mut lines: Vec<_> =
                    bytes.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
                if !lines.is_empty() {
                    let line = lines.remove(random.below(lines.len()));
                    if random.below(2) == 0 {
                        lines.push(line);
                    }
                }
                bytes = lines.concat();
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

const FORMATS: [Format; 9] = [
    Format::Jsonl,
    Format::JsonArray,
    Format::Edn,
    Format::PorcupineKv,
    Format::JepsenInJava,
    Format::JepsenTxt,
    Format::JepsenLog,
    Format::Tuples,
    Format::JepsenLog2014,
];

/// All that is found in a text, right or wrong.
fn found(format: Format, text: &str) -> String {
    match in_one(format, text) {
        Ok(history) => shown(&history),
        Err(errors) => format!("{errors:?}"),
    }
}

#[test]
fn however_a_text_is_read_the_same_is_found() {
    const CASES: u64 = 4_000;
    let (mut right, mut read) = (0, 0);
    for seed in 1..=CASES {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let format = FORMATS[random.below(FORMATS.len())];
        let whole = text(format, &mut random);
        let text = broken(&whole, &mut random);
        let expected = found(format, &text);
        IN_FULL.set(true);
        assert_eq!(found(format, &text), expected, "in full, {format:?}, seed {seed}: {text}");
        IN_FULL.set(false);
        right += usize::from(text == whole);
        let source = Source { id: SourceId(0), text: &text };
        let size = [1, 40, 200][random.below(3)];
        let pieces = history(format, source, Overrides::default(), size);
        read += usize::from(text == whole && pieces.is_some());
        if let Some(history) = pieces {
            assert_eq!(shown(&history), expected, "in pieces of {size}, {format:?}, seed {seed}: {text}");
        }
        let (Some(mut blocks), mut done) = (blocks(format, &text, size), Vec::new()) else { continue };
        let streamed = in_blocks(format, &mut blocks, Overrides::default(), |block| done.extend(block.bytes));
        if let Some(history) = streamed.expect("memory can be read") {
            assert_eq!(shown(&history), expected, "in blocks of {size}, {format:?}, seed {seed}: {text}");
        }
        // What is read in one after all is what was done and what is still to come.
        for block in blocks {
            done.extend(block.expect("memory can be read").bytes);
        }
        assert_eq!(done, text.as_bytes());
    }
    // The short way is taken: few right texts are too unusual for it.
    assert!(right > 700 && read * 2 > right, "{read} of {right}");
}
