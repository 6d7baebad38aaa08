use super::*;

#[test]
fn only_what_has_the_prefix_is_ours() {
    assert!(is_ours("sl", "sl-n1") && is_ours("sl", "sl-lab"));
    assert!(!is_ours("sl", "sl2-n1") && !is_ours("sl", "sl") && !is_ours("sl", "other-n1"));
}

#[test]
fn a_journal_cannot_name_a_folder_elsewhere() {
    let is_ours = |path: &str| is_our_folder("sl", Path::new(path));
    assert!(is_ours("/var/tmp/seriatim-lab/sl-1795727822773") && is_ours("/etc/netns/sl-n1"));
    for path in [
        "/",
        "/var/tmp/seriatim-lab",
        "/var/tmp/seriatim-lab/other-1",
        "/var/tmp/seriatim-lab/sl-1/../../x",
        "/var/tmp/seriatim-lab/sl-1/inner",
        "/etc/netns/other-n1",
        "/home/sl-1",
    ] {
        assert!(!is_ours(path), "{path}");
    }
}
