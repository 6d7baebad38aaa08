use super::*;

fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("seriatim-lab-{}-{name}", std::process::id()))
}

#[test]
fn what_is_noted_is_read_until_it_is_forgotten() {
    let path = file("journal");
    let entries = [
        Entry::Namespace("sl-n1".to_owned()),
        Entry::Folder(PathBuf::from("/var/tmp/a folder with blanks")),
        Entry::Namespace("sl-lab".to_owned()),
    ];
    let mut journal = Journal::open(&path).expect("it can be written");
    for entry in &entries {
        journal.note(entry).expect("it can be written");
    }
    assert_eq!(read(&path).expect("it is there"), entries);
    // Whoever comes after a crash goes on with it.
    drop(journal);
    let mut journal = Journal::open(&path).expect("it can be written");
    journal.note(&entries[0]).expect("it can be written");
    assert_eq!(read(&path).expect("it is there").len(), 4);
    journal.forget().expect("it can be written");
    assert_eq!(read(&path).expect("it is there"), []);
    journal.note(&entries[2]).expect("it can be written");
    assert_eq!(read(&path).expect("it is there"), [entries[2].clone()]);
    fs::remove_file(&path).expect("it is there");
    assert_eq!(read(&path).expect("none is no error"), []);
}

#[test]
fn a_line_that_was_cut_off_names_what_was_not_made() {
    assert_eq!(parse("namespace sl-n1\nfolder /var/tm"), [Entry::Namespace("sl-n1".to_owned())]);
    assert_eq!(parse("namespace sl-n1\nwhatever x\n\n"), [Entry::Namespace("sl-n1".to_owned())]);
}
