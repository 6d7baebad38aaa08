//! Where things are: the root of the project, its program, the files that are shared, and a place for inputs.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use seriatim_history::Format;
use seriatim_model::ModelName;
use seriatim_testkit::traffic::Summary;
use seriatim_testkit::{Shape, Traffic};
use tempfile::TempDir;

use crate::error::Error;
use crate::generate::{write_script, write_traffic};

/// The root of the project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder with histories of other projects and recordings; `None` where it is not there.
pub(crate) fn shared() -> Option<PathBuf> {
    let place = env::var_os("SERIATIM_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    place.join("corpus").is_dir().then_some(place)
}

/// The release build of the program, built where it is not up to date.
///
/// # Errors
/// It cannot be built.
pub(crate) fn program() -> Result<OsString, Error> {
    if let Some(program) = env::var_os("SERIATIM_PROGRAM") {
        return Ok(program);
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root())
        .args([
            "build",
            "--release",
            "--locked",
            "--bin",
            "seriatim",
            "--message-format",
            "json-render-diagnostics",
        ])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Error::new(format!("cargo cannot be started: {error}")))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let built = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let built = built.filter_map(|message| message["executable"].as_str().map(OsString::from)).next_back();
    built.ok_or_else(|| Error::new("the program cannot be built"))
}

/// A folder for inputs that goes when this does.
#[derive(Debug)]
pub(crate) struct Scratch(TempDir);

impl Scratch {
    pub(crate) fn new() -> Result<Self, Error> {
        let place = TempDir::with_prefix("seriatim-measure-");
        place.map(Self).map_err(|error| Error::new(format!("there is no place for inputs: {error}")))
    }

    /// Writes traffic into a file, in place of the last one of this name. Where nothing is asked that could be lied about
    /// another seed is taken, the same every time.
    pub(crate) fn traffic(&self, name: &str, traffic: &Traffic, seed: u64) -> Result<PathBuf, Error> {
        for attempt in 0..20 {
            let mut summary = Summary::default();
            let path = self.write(name, |out| {
                summary = write_traffic(Format::Jsonl, traffic, seed + (attempt << 32), out)?;
                Ok(())
            })?;
            if traffic.plant.is_none() || summary.planted.is_some() {
                return Ok(path);
            }
        }
        Err(Error::new(format!("there is nothing to lie about: {traffic:?}")))
    }

    pub(crate) fn shape(&self, name: &str, shape: Shape, writes: u32) -> Result<PathBuf, Error> {
        let script = shape.script(writes);
        self.write(name, |out| write_script(Format::Jsonl, ModelName::CasRegister, &script, out))
    }

    /// Writes a file.
    pub(crate) fn write(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<PathBuf, Error> {
        let path = self.0.path().join(name);
        let file = File::create(&path).map_err(|error| Error::file(&path, &error))?;
        let mut out = BufWriter::with_capacity(1 << 16, file);
        write(&mut out)?;
        out.flush().map_err(|error| Error::file(&path, &error))?;
        Ok(path)
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}
