//! Writes the certificates of what was decided.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;
use seriatim_checker::{Decision, Limits, Stop, Verdict};
use seriatim_model::Core;
use seriatim_model::catalog::with_any_model;
use seriatim_report::{Problem, Shown};

use crate::certificate::{Certificate, CertifiedPart, Claim, ClaimedCore, ClaimedRefutation};
use crate::choose::Chosen;
use crate::clock::STOP;
use crate::cores::Cores;
use crate::describe;
use crate::load::Loaded;
use crate::settings::Settings;

/// A directory of certificates.
#[derive(Debug)]
pub(crate) struct Certificates {
    directory: PathBuf,
    names: FxHashSet<String>,
}

impl Certificates {
    /// Makes the directory where it is missing.
    pub(crate) fn into_directory(directory: &Path) -> Result<Self, Problem> {
        fs::create_dir_all(directory).map_err(|error| {
            Problem::error(format!("cannot make the directory `{}`: {error}", directory.display()))
        })?;
        Ok(Self { directory: directory.to_owned(), names: FxHashSet::default() })
    }

    /// Writes the certificate of a history.
    ///
    /// # Errors
    /// As a warning: a verdict does not depend on whether it could be written down.
    pub(crate) fn write(
        &mut self,
        path: &str,
        loaded: &Loaded,
        chosen: &Chosen,
        settings: &Settings,
        decisions: &[Decision],
        limits: Limits<'_>,
    ) -> Result<(), Problem> {
        let history = &loaded.history;
        let cores = Cores { history, decisions, limits };
        let cores = with_any_model(chosen.model, &chosen.options, &history.values, cores);
        let cores = cores.expect("what was decided started so");
        let parts = decisions.iter().zip(&cores);
        let parts = parts.map(|(decision, core)| certified(decision, core.as_ref(), loaded)).collect();
        let certificate = Certificate::new(path, loaded, chosen, settings, parts);
        let name = self.name(path);
        let file = self.directory.join(name);
        let write = || {
            let mut out = BufWriter::new(Timely { out: File::create(&file)?, stop: &STOP, late: 0 });
            serde_json::to_writer(&mut out, &certificate)?;
            out.write_all(b"\n")?;
            out.flush()
        };
        write().map_err(|error: std::io::Error| {
            // A piece of it proves nothing. If it cannot be removed either, nothing can be done about it.
            let _ = fs::remove_file(&file);
            Problem::warning(format!("cannot write the certificate `{}`: {error}", file.display()))
        })
    }

    /// A name for the certificate of the history at `path` that no other of this run has.
    fn name(&mut self, path: &str) -> String {
        let kept = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
        let stem: String = path.trim_start_matches(['.', '/']).chars().map(kept).collect();
        let numbered = (1..).map(|number| match number {
            1 => format!("{stem}.json"),
            _ => format!("{stem}.{number}.json"),
        });
        let mut free = numbered.filter(|name| !self.names.contains(name));
        let name = free.next().expect("some number is free");
        self.names.insert(name.clone());
        name
    }
}

/// Writes as long as there is time.
#[derive(Debug)]
struct Timely<W> {
    out: W,
    stop: &'static Stop,
    /// How many bytes were written since the run was to stop.
    late: usize,
}

/// How many bytes are written all the same: what is known is worth the few milliseconds that they take.
const LATE: usize = 4 << 20;

impl<W: Write> Write for Timely<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stop.requested().is_some() {
            self.late += bytes.len();
        }
        if self.late > LATE {
            return Err(io::Error::other("there was no time left for it"));
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn certified(decision: &Decision, core: Option<&Core>, loaded: &Loaded) -> CertifiedPart {
    let claim = match &decision.verdict {
        Verdict::Linearizable(order) => {
            Claim::Valid { order: order.iter().map(|choice| (choice.op.0, choice.outcome)).collect() }
        }
        Verdict::NotLinearizable(refutation) => Claim::Invalid {
            refutation: ClaimedRefutation {
                operation: refutation.op.0,
                prefix_operations: refutation.prefix,
            },
            evidence: refutation.evidence.iter().flat_map(|evidence| &evidence.ops).map(|op| op.0).collect(),
            core: core.map(|core| ClaimedCore::new(core, &loaded.history.values)),
        },
        Verdict::Unknown(cause) => Claim::Unknown { reason: describe::reason(cause.reason).to_owned() },
    };
    CertifiedPart {
        key: decision.key.map(|key| Shown::new(&loaded.history.values, key).json),
        operations: decision.ops.iter().map(|op| op.0).collect(),
        claim,
    }
}

#[cfg(test)]
mod tests {
    use seriatim_checker::StopReason;

    use super::*;

    #[test]
    fn names_are_files_of_the_directory_and_differ() {
        let mut all = Certificates { directory: PathBuf::new(), names: FxHashSet::default() };
        assert_eq!(all.name("../a/b c.edn"), "a_b_c.edn.json");
        assert_eq!(all.name("a/b?c.edn"), "a_b_c.edn.2.json");
        assert_eq!(all.name("<stdin>"), "_stdin_.json");
    }

    #[test]
    fn once_a_run_is_to_stop_no_more_is_written_than_takes_a_moment() {
        static OVER: Stop = Stop::new();
        let mut writer = Timely { out: io::sink(), stop: &OVER, late: 0 };
        let much = vec![0; LATE + 1];
        writer.write_all(&much).expect("there is time");
        OVER.request(StopReason::Timeout);
        writer.write_all(&much[1..]).expect("so much is written all the same");
        assert!(writer.write_all(&much[..1]).is_err());
    }
}
