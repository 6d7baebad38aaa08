//! Files to histories, as the program reads them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use seriatim_history::build::Overrides;
use seriatim_history::format::Blocks;
use seriatim_history::format::csv::ColumnMap;
use seriatim_history::format::detect::{Detected, detect};
use seriatim_history::{Format, History, Source, SourceId, format, independent};
use seriatim_model::infer::{Inference, infer_with};
use seriatim_model::{ModelName, ModelOptions};

use crate::error::Error;

/// How many bytes the program reads at a time.
const BLOCK: usize = 1 << 20;

/// A history and what it is to be checked against.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) history: History,
    pub(crate) model: ModelName,
    pub(crate) options: ModelOptions,
}

/// The text of a file, unpacked.
pub(crate) fn text(path: &Path) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|error| Error::file(path, &error))?;
    let is_packed = path.extension().is_some_and(|kind| kind == "zst");
    let bytes = if is_packed {
        zstd::decode_all(bytes.as_slice()).map_err(|error| Error::file(path, &error))?
    } else {
        bytes
    };
    String::from_utf8(bytes).map_err(|error| Error::file(path, &error))
}

/// A text as a history. `name` is the file's, for messages.
pub(crate) fn read(format: Format, text: &str, name: &Path) -> Result<History, Error> {
    let sources = [Source { id: SourceId(0), text }];
    format::history(format, &sources, &ColumnMap::default(), Overrides::default()).map_err(|errors| {
        let first = errors.first().first().map_or(String::new(), |error| error.message.clone());
        Error::file(name, &format!("{} errors, the first: {first}", errors.total()))
    })
}

/// A large file as a history: blocks of its text are read while those before them become events.
pub(crate) fn stream(path: &Path) -> Result<History, Error> {
    let failed = |error: io::Error| Error::file(path, &error);
    let mut file = File::open(path).map_err(failed)?;
    let mut start = vec![0; BLOCK];
    file.read_exact(&mut start).map_err(failed)?;
    let format = format_of(&start, path)?;
    let unusual = || Error::file(path, &"it cannot be read in blocks");
    let blocks = Blocks::new(format, start, file, BLOCK).map_err(|_| unusual())?;
    let (read, _, _) = format::ahead(blocks, |ahead| {
        let mut blocks = ahead.blocks_while(|| true);
        format::in_blocks(format, &mut blocks, Overrides::default(), |block| ahead.give_back(block.bytes))
    });
    read.map_err(failed)?.ok_or_else(unusual)
}

/// The format of a text.
pub(crate) fn format_of(text: &[u8], path: &Path) -> Result<Format, Error> {
    match detect(text, path.file_name().and_then(|name| name.to_str())) {
        Detected::Format(format) => Ok(format),
        other => Err(Error::file(path, &format!("no history: {other:?}"))),
    }
}

/// Reads a file. The model is the one that the file or `given` names, else the one that its functions tell.
pub(crate) fn load(path: &Path, given: Option<ModelName>) -> Result<Input, Error> {
    let text = text(path)?;
    let mut history = read(format_of(text.as_bytes(), path)?, &text, path)?;
    let declared = || history.declared.model.as_deref().and_then(ModelName::from_name);
    let inferred = || match infer_with(&history, true) {
        Inference::Chosen(model) => Some(model),
        _ => None,
    };
    let model = given.or_else(declared).or_else(inferred);
    let model = model.ok_or_else(|| Error::file(path, &"nothing tells which model it is of"))?;
    if independent::is_certain(&history, |function| model.entry().takes_no_argument(function)) {
        independent::split(&mut history).map_err(|_| Error::file(path, &"keys that are none"))?;
    }
    let (row, declared) = (history.format.row(), &history.declared);
    let options = ModelOptions {
        initial: declared.initial,
        nil_read: declared.nil_read.unwrap_or(row.nil_read),
        failed_cas: declared.failed_cas.unwrap_or(row.failed_cas),
    };
    Ok(Input { history, model, options })
}
