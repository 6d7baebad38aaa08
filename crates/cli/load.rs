//! From the texts of an input to a history: the format is found, the text is read and its events are paired.

use seriatim_history::build::Overrides;
use seriatim_history::format::detect::{Detected, detect};
use seriatim_history::format::{self, FORMATS};
use seriatim_history::{Diagnostics, Format, History, OpId, Operation, Source, SourceId};
use seriatim_model::Unreadable;
use seriatim_report::Problem;

use crate::inputs::Input;
use crate::settings::Settings;
use crate::source::{Content, Text, Texts};
use crate::stream::{self, Streamed};

/// What is wrong with an input: the first errors, and how many there are.
#[derive(Debug)]
pub(crate) struct Problems {
    pub(crate) first: Vec<Problem>,
    pub(crate) total: usize,
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self { first: vec![problem], total: 1 }
    }
}

impl Problems {
    /// What a model cannot read.
    pub(crate) fn unreadable(texts: &Texts, history: &History, unreadable: Vec<Unreadable>) -> Self {
        let mut errors = Diagnostics::new();
        for Unreadable { id, error } in unreadable {
            errors.push(error.diagnostic(history.operation(id)));
        }
        Self::new(texts, &errors)
    }

    /// Errors with their places found.
    pub(crate) fn new(texts: &Texts, errors: &Diagnostics) -> Self {
        let first = errors.first().iter().map(|error| texts.problem(error)).collect();
        Self { first, total: errors.total() }
    }
}

/// A history and the texts it was read from.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) texts: Texts,
    pub(crate) history: History,
    /// The number that each operation has in the whole history, where this is a part of it.
    pub(crate) numbers: Vec<u32>,
}

impl Loaded {
    /// The number that an operation has in the whole history.
    pub(crate) fn number(&self, id: OpId) -> u32 {
        self.numbers.get(id.index()).copied().unwrap_or(id.0)
    }

    /// About how many bytes the history and its texts hold, and its parts will: for each operation its place in a part,
    /// and in the proof.
    pub(crate) fn bytes(&self) -> usize {
        const IN_PARTS: usize = 64;
        let texts: usize = self.texts.0.iter().map(Text::in_memory).sum();
        let operations = self.history.operations.len() * (size_of::<Operation>() + IN_PARTS);
        texts + operations + self.history.values.bytes()
    }
}

/// Why there is no history.
#[derive(Debug)]
pub(crate) enum NoHistory {
    /// There is nothing but blanks.
    Empty,
    /// It is something else, or in no format that is known.
    Other(Problem),
    /// There is more of it than may be held. It can be read again.
    Large,
    /// It is a history, and it is malformed; or it cannot be read.
    Malformed(Option<Format>, Problems),
}

/// Reads an input as a history. `largest` bounds what a packed file may unpack to, and `most` what may be held of the
/// standard input, both in bytes.
pub(crate) fn load(
    input: &Input,
    settings: &Settings,
    largest: usize,
    most: usize,
) -> Result<Loaded, NoHistory> {
    let mut loaded = as_recorded(input, settings, largest, most)?;
    settings.doubted.apply(&mut loaded.history);
    Ok(loaded)
}

/// Reads an input as what its clients recorded.
fn as_recorded(input: &Input, settings: &Settings, largest: usize, most: usize) -> Result<Loaded, NoHistory> {
    let unreadable = |problem: Problem| NoHistory::Malformed(None, problem.into());
    let contents = match input.origins.as_slice() {
        [origin] => match stream::read(origin, settings, largest, most).map_err(unreadable)? {
            Streamed::History(loaded) => return Ok(*loaded),
            Streamed::Whole(content) => vec![content],
            Streamed::Large => return Err(NoHistory::Large),
        },
        origins => {
            let contents = origins.iter().map(|origin| Content::read(origin, largest));
            contents.collect::<Result<_, _>>().map_err(unreadable)?
        }
    };
    // One client of several may have done nothing.
    let Some(telling) = contents.iter().find(|content| !content.is_blank()) else {
        return Err(NoHistory::Empty);
    };
    let path = telling.path.clone();
    let format = match settings.format {
        Some(format) => Detected::Format(format),
        None => detect(&telling.unpacked, Some(telling.name())),
    };
    let texts: Result<Vec<_>, _> = contents.into_iter().map(Content::text).collect();
    let (format, texts) = match (format, texts) {
        (Detected::Format(format), Ok(texts)) => (format, Texts(texts)),
        (Detected::Format(format), Err(problem)) => {
            return Err(NoHistory::Malformed(Some(format), problem.into()));
        }
        (Detected::Unsupported(what, instead), _) => {
            let problem = Problem::error(format!("`{path}` is {what}, which is not read"));
            return Err(NoHistory::Other(problem.help(instead)));
        }
        (Detected::Unknown, Err(problem)) => return Err(NoHistory::Other(problem)),
        (Detected::Unknown, Ok(_)) => {
            let names: Vec<_> = FORMATS.iter().map(|row| row.name).collect();
            let problem = Problem::error(format!("`{path}` is in no format that is known"));
            let help = format!("name its format with --input-format; the formats are {}", names.join(", "));
            return Err(NoHistory::Other(problem.help(help)));
        }
    };
    let sources: Vec<_> =
        (0..).zip(&texts.0).map(|(id, text)| Source { id: SourceId(id), text: text.text() }).collect();
    let overrides = Overrides { ties: settings.ties, order: settings.order };
    match format::history(format, &sources, &settings.map, overrides) {
        Ok(history) => Ok(Loaded { texts, history, numbers: Vec::new() }),
        Err(errors) => Err(NoHistory::Malformed(Some(format), Problems::new(&texts, &errors))),
    }
}
