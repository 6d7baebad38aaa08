//! A file to which something is added.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use seriatim_report::Problem;

use crate::source::cannot_read;

/// Whether there is more than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Growth {
    None,
    More,
    /// There is more than may be held.
    TooMuch,
}

/// A file and what was read of it.
#[derive(Debug)]
pub(super) struct Follow {
    path: PathBuf,
    /// Not before the file is there.
    file: Option<File>,
    bytes: Vec<u8>,
    /// How many of them are lines that are whole.
    whole: usize,
    /// How many may be held.
    most: usize,
}

impl Follow {
    /// A file that need not be there yet, and of which no more than `most` bytes may be held.
    pub(super) fn new(path: &Path, most: usize) -> Self {
        Self { path: path.to_owned(), file: None, bytes: Vec::new(), whole: 0, most }
    }

    /// The lines that are whole. What comes after them is waited for.
    pub(super) fn whole(&self) -> &[u8] {
        &self.bytes[..self.whole]
    }

    /// Reads what was added.
    ///
    /// # Errors
    /// It cannot be read; or it is another file, or has less in it than was read: what is there is another history.
    pub(super) fn look(&mut self) -> Result<Growth, Problem> {
        let shown = self.path.display().to_string();
        let there = match self.path.metadata() {
            Ok(there) => there,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return self.not_there(&shown),
            Err(error) => return Err(cannot_read(&shown, &error)),
        };
        if there.is_dir() {
            return Err(
                Problem::error(format!("`{shown}` is a directory")).help("name the file that is written")
            );
        }
        let file = match &mut self.file {
            Some(file) => file,
            file => file.insert(File::open(&self.path).map_err(|error| cannot_read(&shown, &error))?),
        };
        let open = file.metadata().map_err(|error| cannot_read(&shown, &error))?;
        if !is_same(&open, &there) {
            return Err(another(&shown, "was replaced by another file"));
        }
        if open.is_file() && open.len() < self.bytes.len() as u64 {
            return Err(another(&shown, "has less in it than was read before"));
        }
        // One byte more shows that there is too much.
        let room = (self.most - self.bytes.len()).saturating_add(1) as u64;
        let read =
            file.take(room).read_to_end(&mut self.bytes).map_err(|error| cannot_read(&shown, &error))?;
        let is_too_much = self.bytes.len() > self.most;
        self.bytes.truncate(self.most);
        let added = (self.bytes.len() + usize::from(is_too_much)).saturating_sub(read);
        if let Some(at) = self.bytes[added..].iter().rposition(|&byte| byte == b'\n') {
            self.whole = added + at + 1;
        }
        Ok(match read {
            _ if is_too_much => Growth::TooMuch,
            0 => Growth::None,
            _ => Growth::More,
        })
    }

    fn not_there(&self, shown: &str) -> Result<Growth, Problem> {
        match self.file {
            None => Ok(Growth::None),
            Some(_) => Err(another(shown, "is not there any more")),
        }
    }
}

fn another(shown: &str, what: &str) -> Problem {
    let problem = Problem::error(format!("`{shown}` {what}: its history cannot be followed any further"));
    problem.help("write each run to a file of its own, and watch that")
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::*;

    #[test]
    fn whole_lines_are_taken_and_others_waited_for() {
        let directory = tempfile::tempdir().expect("a directory can be made");
        let path = directory.path().join("log");
        let mut follow = Follow::new(&path, usize::MAX);
        assert_eq!(follow.look().expect("it may come"), Growth::None);
        let mut file = File::create(&path).expect("it can be written");
        file.write_all(b"one\ntw").expect("it can be written");
        assert_eq!(follow.look().expect("it is there"), Growth::More);
        assert_eq!(follow.whole(), b"one\n");
        assert_eq!(follow.look().expect("it is there"), Growth::None);
        file.write_all(b"o\n").expect("it can be written");
        follow.look().expect("it is there");
        assert_eq!(follow.whole(), b"one\ntwo\n");
    }

    #[test]
    fn no_more_is_held_than_may_be() {
        let directory = tempfile::tempdir().expect("a directory can be made");
        let path = directory.path().join("log");
        fs::write(&path, "one\ntwo\n").expect("it can be written");
        for (most, growth, whole) in [
            (9, Growth::More, "one\ntwo\n"),
            (8, Growth::More, "one\ntwo\n"),
            (7, Growth::TooMuch, "one\n"),
            (4, Growth::TooMuch, "one\n"),
            (0, Growth::TooMuch, ""),
        ] {
            let mut follow = Follow::new(&path, most);
            assert_eq!(
                (follow.look().expect("it is there"), follow.whole()),
                (growth, whole.as_bytes()),
                "{most}"
            );
            assert!(follow.bytes.len() <= most, "{most}");
        }
    }

    #[test]
    fn what_is_another_history_is_an_error() {
        let directory = tempfile::tempdir().expect("a directory can be made");
        let path = directory.path().join("log");
        let begun = || {
            fs::write(&path, "one\n").expect("it can be written");
            let mut follow = Follow::new(&path, usize::MAX);
            follow.look().expect("it is there");
            follow
        };
        let said = |mut follow: Follow| follow.look().expect_err("it is another").message;
        let follow = begun();
        fs::write(&path, "o").expect("it can be written");
        assert!(said(follow).contains("less in it"));
        let follow = begun();
        fs::remove_file(&path).expect("it is there");
        assert!(said(follow).contains("not there any more"));
        let follow = begun();
        let other = directory.path().join("other");
        fs::write(&other, "one\ntwo\n").expect("it can be written");
        fs::rename(&other, &path).expect("it can be moved");
        assert!(cfg!(not(unix)) || said(follow).contains("another file"));
    }
}
