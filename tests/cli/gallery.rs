//! The pages of docs/gallery: what they show is what the program prints, and what they name is there.
//!
//! `INSTA_UPDATE=always cargo test --test cli -- gallery` writes into the pages what the commands print now. What the sentences
//! around them say is then to be read again.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::BufRead as _;

use serde_json::Value;

use super::*;

/// The most bytes that a picture may have.
const LARGEST: u64 = 120_000;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn gallery() -> PathBuf {
    root().join("docs/gallery")
}

/// The names of the files with such an ending.
fn named(ending: &str) -> BTreeSet<String> {
    let files = fs::read_dir(gallery()).expect("there is a gallery");
    files
        .map(|file| file.expect("it can be listed").file_name().into_string().expect("it is UTF-8"))
        .filter(|name| name.ends_with(ending))
        .collect()
}

/// The pages, with their names: README.md and one for each pattern.
fn pages() -> Vec<(String, String)> {
    let read = |name: &String| fs::read_to_string(gallery().join(name)).expect("a page is text");
    named(".md").into_iter().map(|name| (read(&name), name)).map(|(text, name)| (name, text)).collect()
}

/// What a page links to, or shows as a picture.
fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link)
}

/// The recordings that a page names, from the root of the project.
fn recordings(page: &str) -> BTreeSet<&str> {
    page.split(|of: char| of.is_whitespace() || "`()".contains(of))
        .filter(|word| word.starts_with("histories/") && word.ends_with(".jsonl.zst"))
        .collect()
}

/// What one command prints, and how it ends.
fn printed(command: &str) -> (String, i32) {
    // What a shell needs quotes for has no blanks here.
    let words: Vec<_> = command.split_whitespace().map(|word| word.trim_matches('\'')).collect();
    match words.as_slice() {
        ["seriatim", arguments @ ..] => {
            let output = seriatim(arguments).current_dir(root()).output().expect("the binary runs");
            assert_eq!(text(&output.stderr), "", "`{command}` says something on its standard error");
            (text(&output.stdout), output.status.code().expect("it was not killed"))
        }
        ["zstdcat", path, "|", "sed", "-n", lines] => (lines_of(path, lines, usize::MAX), 0),
        ["zstdcat", path, "|", "sed", "-n", lines, "|", "cut", "-c", columns] => {
            let columns = columns.strip_prefix('-').and_then(|columns| columns.parse().ok());
            (lines_of(path, lines, columns.expect("`cut` is told how many columns")), 0)
        }
        _ => panic!("no page may show `{command}`: this test cannot run it"),
    }
}

/// The lines of a recording whose numbers stand in `lines`, as `3p;5p`, and of each so many bytes.
fn lines_of(path: &str, lines: &str, columns: usize) -> String {
    let numbers = lines.split(';').map(|one| one.strip_suffix('p'));
    let numbers: BTreeSet<usize> =
        numbers.map(|one| one.and_then(|one| one.parse().ok()).expect("`sed` is told numbers")).collect();
    let file = fs::File::open(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let all = std::io::BufReader::new(zstd::Decoder::new(file).expect("it is compressed")).lines();
    let mut told = String::new();
    for (number, line) in (1..).zip(all) {
        let line = line.expect("it is UTF-8");
        if numbers.contains(&number) {
            writeln!(told, "{}", &line[..line.len().min(columns)]).expect("memory takes it");
        }
    }
    assert_eq!(told.lines().count(), numbers.len(), "{path} has not all of the lines {lines}");
    told
}

/// The page with what its commands print now: all that follows a line `$ …` in a block of a console, up to the next one. After
/// `$ echo $?` stands how the command before it ended.
fn brought_up_to_date(page: &str) -> String {
    let (mut now, mut is_console, mut code) = (String::new(), false, None);
    for line in page.lines() {
        let is_fence = line.starts_with("```");
        if is_fence {
            is_console = !is_console && line == "```console";
            code = None;
        } else if is_console && !line.starts_with("$ ") {
            assert!(now.contains("```console\n$ "), "a block of a console begins with a command: {line}");
            continue;
        }
        now.push_str(line);
        now.push('\n');
        if let Some(command) = line.strip_prefix("$ ").filter(|_| is_console) {
            if command == "echo $?" {
                writeln!(now, "{}", code.expect("a command comes before")).expect("memory takes it");
            } else {
                let (printed, ended) = printed(command);
                now.push_str(&printed);
                code = Some(ended);
            }
        }
    }
    now
}

#[test]
fn gallery_shows_what_commands_print() {
    let mut wrong = Vec::new();
    for (name, page) in pages() {
        let now = brought_up_to_date(&page);
        if now == page {
            continue;
        }
        if std::env::var("INSTA_UPDATE").as_deref() == Ok("always") {
            fs::write(gallery().join(&name), now).expect("a page can be written");
            continue;
        }
        let at = page.lines().zip(now.lines()).take_while(|(is, prints)| is == prints).count();
        wrong.push(format!(
            "docs/gallery/{name}:{}: is     {:?}\n{:>width$} prints {:?}",
            at + 1,
            page.lines().nth(at),
            "",
            now.lines().nth(at),
            width = name.len() + 18,
        ));
    }
    assert!(
        wrong.is_empty(),
        "{}\n`INSTA_UPDATE=always cargo test --test cli -- gallery` brings the pages up to date",
        wrong.join("\n")
    );
}

#[test]
fn gallery_names_only_what_is_there() {
    let mut pictures = BTreeSet::new();
    for (name, page) in pages() {
        for link in links(&page).filter(|link| !link.contains("://")) {
            let (path, _) = link.split_once('#').unwrap_or((link, ""));
            assert!(gallery().join(path).exists(), "{name} links to {link}, which is not there");
            pictures.extend(Some(path.to_owned()).filter(|path| path.ends_with(".png")));
        }
        for path in recordings(&page) {
            assert!(root().join(path).is_file(), "{name} names {path}, which is not there");
            let card = format!("{}.card.json", path.strip_suffix(".jsonl.zst").expect("it ends so"));
            let card = fs::read(root().join(&card)).unwrap_or_else(|error| panic!("{card}: {error}"));
            let card: Value = serde_json::from_slice(&card).expect("a card is JSON");
            let again = card["again"].as_str().expect("a card says how to record it again");
            assert!(name == "README.md" || page.contains(again), "{name} does not say `{again}`");
        }
    }
    assert_eq!(pictures, named(".png"), "some pictures are on no page");
    for picture in &pictures {
        let bytes = fs::read(gallery().join(picture)).expect("it is there");
        assert!(bytes.starts_with(b"\x89PNG"), "{picture} is no picture");
        assert!(u64::try_from(bytes.len()).expect("it is small") <= LARGEST, "{picture} is too large");
    }
}

#[test]
fn gallery_lists_its_pages_each_with_both_sides() {
    let pages = pages();
    let (_, readme) = pages.iter().find(|(name, _)| name == "README.md").expect("it has a README.md");
    let of_patterns: Vec<_> = pages.iter().filter(|(name, _)| name != "README.md").collect();
    assert!(of_patterns.len() >= 6, "there are {} pages", of_patterns.len());
    for (name, page) in of_patterns {
        assert!(links(readme).any(|link| link == name), "README.md does not name {name}");
        assert!(links(page).any(|link| link.ends_with(".png")), "{name} has no picture");
        for verdict in ["/invalid/lab/", "/valid/lab/"] {
            let is_checked = |path: &str| page.contains(&format!("$ seriatim check --no-timings {path}\n"));
            let of_verdict: Vec<_> =
                recordings(page).into_iter().filter(|path| path.contains(verdict)).collect();
            assert!(of_verdict.iter().any(|path| is_checked(path)), "{name} checks nothing of {verdict}");
            assert!(of_verdict.iter().all(|path| readme.contains(path)), "README.md lacks one of {name}");
        }
    }
}
