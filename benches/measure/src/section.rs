//! A part of what is measured: what it says so far is written at once, and what fails in it does not end it.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Instant;

use crate::error::Error;
use crate::readme;

/// When the run began, if it tells of its progress.
static BEGUN: OnceLock<Instant> = OnceLock::new();

/// Tells of the progress from now on, on the standard error.
pub(crate) fn tell_progress() {
    BEGUN.get_or_init(Instant::now);
}

/// Tells what was measured just now, or is next.
pub(crate) fn progress(what: &str) {
    if let Some(begun) = BEGUN.get() {
        let seconds = begun.elapsed().as_secs();
        eprintln!("[{:2}:{:02}] {what}", seconds / 60, seconds % 60);
    }
}

/// One section of benches/README.md.
#[derive(Debug)]
pub(crate) struct Section {
    name: &'static str,
    /// The file it is written to, if it is.
    path: Option<PathBuf>,
    /// What could not be measured, and why.
    failures: RefCell<Vec<String>>,
    is_over: Cell<bool>,
}

/// Stands below what is not all.
const CUT_OFF: &str = "\nThe run was cut off here.\n";

impl Section {
    /// A section that is printed, and written nowhere.
    pub(crate) fn printed(name: &'static str) -> Self {
        Self { name, path: None, failures: RefCell::default(), is_over: Cell::new(false) }
    }

    /// A section that is written to `path`, too, if there is one.
    pub(crate) fn written(name: &'static str, path: Option<PathBuf>) -> Self {
        Self { path, ..Self::printed(name) }
    }

    /// Writes what was measured so far. That it cannot be written is told, and does not end the run.
    pub(crate) fn so_far(&self, text: &str) {
        let Some(path) = &self.path else { return };
        let cut_off = if self.is_over.get() { "" } else { CUT_OFF };
        if let Err(error) = readme::write(path, self.name, &format!("{text}{cut_off}")) {
            self.failed("writing", &error.to_string());
        }
    }

    /// Writes all of it.
    pub(crate) fn whole(&self, text: &str) {
        self.is_over.set(true);
        self.so_far(text);
    }

    /// Measures something; what fails, or panics, is told, and everything else goes on.
    pub(crate) fn attempt<T>(&self, what: &str, measure: impl FnOnce() -> Result<T, Error>) -> Option<T> {
        let why = match catch_unwind(AssertUnwindSafe(measure)) {
            Ok(Ok(measured)) => return Some(measured),
            Ok(Err(error)) => error.to_string(),
            // The panic has told the rest.
            Err(_) => "it panicked".to_owned(),
        };
        self.failed(what, &why);
        None
    }

    fn failed(&self, what: &str, why: &str) {
        eprintln!("{}: {what} could not be measured: {why}", self.name);
        self.failures.borrow_mut().push(format!("{what}: {why}"));
    }

    /// What is said below the tables of what could not be measured.
    pub(crate) fn told(&self) -> String {
        let failures = self.failures.borrow();
        failures.iter().map(|failure| format!("\nNot measured: {failure}.\n")).collect()
    }

    /// An error where something could not be measured.
    pub(crate) fn result(&self) -> Result<(), Error> {
        match self.failures.borrow().len() {
            0 => Ok(()),
            1 => Err(Error::new(format!("{}: one thing could not be measured", self.name))),
            some => Err(Error::new(format!("{}: {some} things could not be measured", self.name))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_or_panics_is_told_and_the_rest_is_measured() {
        let section = Section::printed("a");
        assert_eq!(section.attempt("one", || Ok(1)), Some(1));
        assert!(section.result().is_ok() && section.told().is_empty());
        assert_eq!(section.attempt("two", || Err::<(), _>(Error::new("no"))), None);
        assert_eq!(section.attempt::<()>("three", || panic!("on purpose")), None);
        assert_eq!(section.told(), "\nNot measured: two: no.\n\nNot measured: three: it panicked.\n");
        assert!(section.result().expect_err("two things").to_string().contains("2 things"));
    }

    #[test]
    fn what_is_not_all_says_so() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("README.md");
        let empty = "<!-- a: written by `measure`, do not edit -->\n<!-- end of a -->\n";
        std::fs::write(&path, empty).expect("written");
        let section = Section::written("a", Some(path.clone()));
        let written = || std::fs::read_to_string(&path).expect("it is there");
        section.so_far("half\n");
        assert!(written().contains("half\n\nThe run was cut off here."));
        section.whole("all\n");
        assert!(written().contains("all\n") && !written().contains("half") && !written().contains("cut off"));
    }
}
