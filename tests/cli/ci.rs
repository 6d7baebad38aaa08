//! docs/ci.md: what stands there is what happens.
//!
//! Each block of the file that is marked `console` is run, line by line, in one directory with the fixtures: what follows a `$` is
//! given to a shell, and what it prints must be what stands there. `INSTA_UPDATE=always` writes down what happens instead.

use super::*;

/// Runs a line in a shell in which `seriatim` is the binary, and says what it printed and how it ended.
fn shell(directory: &TempDir, line: &str) -> (String, i32) {
    let binary = assert_cmd::cargo::cargo_bin!("seriatim");
    let folder = binary.parent().expect("it is in a directory").display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec 2>&1\n{line}")]).current_dir(directory.path()).stdin(Stdio::null());
    command.env("PATH", format!("{folder}:{path}"));
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "TERM", "COLUMNS"] {
        command.env_remove(variable);
    }
    let output = command.output().expect("there is a shell");
    (text(&output.stdout), output.status.code().expect("it was not killed"))
}

/// The text with what its blocks print, as it is printed.
fn played(document: &str, directory: &TempDir) -> String {
    let mut out = String::new();
    let (mut is_played, mut code) = (false, 0);
    for line in document.split_inclusive('\n') {
        match line.trim_end() {
            "```console" => is_played = true,
            "```" => is_played = false,
            _ => {}
        }
        match line.strip_prefix("$ ") {
            Some(command) if is_played => {
                out.push_str(line);
                if command.trim() == "echo $?" {
                    out.push_str(&format!("{code}\n"));
                } else {
                    let printed;
                    (printed, code) = shell(directory, command);
                    out.push_str(&printed);
                }
            }
            // What stands there is printed again, or not.
            None if is_played && line.trim_end() != "```console" => {}
            _ => out.push_str(line),
        }
    }
    out
}

#[test]
fn what_the_guide_shows_is_what_happens() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    let document = fs::read_to_string(&path).expect("the guide is there");
    let names = ["stale-read.jsonl", "valid.jsonl", "counter.edn", "nothing-completed.jsonl"];
    let files: Vec<_> = names.iter().map(|&name| (name, fixture(name))).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    let directory = directory(&files);
    let played = played(&document, &directory);
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &played).expect("the guide can be written");
    } else {
        for (at, (stands, happens)) in document.lines().zip(played.lines()).enumerate() {
            assert_eq!(stands, happens, "line {} of docs/ci.md", at + 1);
        }
        assert_eq!(document, played);
    }
    for code in 0..=4 {
        assert!(played.contains(&format!("$ echo $?\n{code}\n")), "no line of the guide ends with {code}");
    }
}
