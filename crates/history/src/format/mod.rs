//! The formats that histories are recorded in: a file each. A reader knows syntax only; it hands events, intervals,
//! faults and errors to the [`HistoryBuilder`], which alone judges them.

mod bulk;
mod columns;
pub mod csv;
pub mod detect;
pub mod edn;
pub mod etcd_robustness;
pub mod fptlin;
mod header;
pub mod jepsen_in_java;
pub mod jepsen_log;
pub mod jepsen_txt;
mod json;
mod json_plain;
mod json_record;
mod json_stream;
pub mod jsonl;
pub mod limo;
pub mod literal;
mod object;
pub mod polylin;
pub mod porcupine_kv;
pub mod tuples;
mod words;

pub use self::bulk::{Ahead, Block, Blocks, End, Rest, Stopped, ahead, in_blocks, in_passing};
use crate::build::{HistoryBuilder, Overrides};
use crate::convention::{FailedCas, NilRead, Ties};
use crate::diagnostic::Diagnostics;
use crate::operation::History;
use crate::span::Source;

#[cfg(test)]
thread_local! {
    /// Whether no event is read the short way on this thread: tests compare that with the long way.
    static IN_FULL: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// A format of histories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// Jepsen's `history.edn`: maps, in a vector, in a list or one after the other.
    Edn,
    /// Jepsen's `history.txt`: process, type, function, value and error, separated by tabs.
    JepsenTxt,
    /// Lines of Jepsen's log that record operations.
    JepsenLog,
    /// Lines of Jepsen's log as of 2014, as in porcupine's etcd logs.
    JepsenLog2014,
    /// Vectors `[process :type :f value]` of Knossos relatives, or the same without brackets.
    Tuples,
    /// One JSON array of Jepsen's operations (elle-cli, CS4720).
    JsonArray,
    /// The native format: a JSON object for each event or operation.
    Jsonl,
    /// JSON lines of jepsen-in-java.
    JepsenInJava,
    /// Maps with `:key`, as in porcupine's key-value logs.
    PorcupineKv,
    /// `operations.json` of etcd's robustness tests.
    EtcdRobustness,
    /// Calls and returns of LiMo.
    Limo,
    /// Intervals of fptlin.
    Fptlin,
    /// Intervals of PolyLin.
    Polylin,
    /// A table with a record for each operation or event.
    Csv,
}

/// What a format is called, and what its histories mean where nothing else is said.
#[derive(Clone, Copy, Debug)]
pub struct FormatRow {
    /// The format.
    pub format: Format,
    /// Its name on the command line.
    pub name: &'static str,
    /// A sentence for lists.
    pub about: &'static str,
    /// What a read of nil says, as upstream takes it.
    pub nil_read: NilRead,
    /// What a failed compare-and-set says, as upstream takes it.
    pub failed_cas: FailedCas,
    /// What equal times mean, as upstream takes it.
    pub ties: Ties,
}

macro_rules! formats {
    ($($format:ident $name:literal $nil:ident $cas:ident $ties:ident $about:literal;)*) => {
        /// Every format, in the order in which lists show them.
        pub const FORMATS: &[FormatRow] = &[$(FormatRow {
            format: Format::$format, name: $name, about: $about,
            nil_read: NilRead::$nil, failed_cas: FailedCas::$cas, ties: Ties::$ties,
        }),*];
    };
}

formats! {
    Jsonl          "jsonl"          Value    Drop    Overlap "native: a JSON object for each event or operation";
    Edn            "edn"            Wildcard Drop    Overlap "Jepsen's history.edn";
    JepsenTxt      "jepsen-txt"     Wildcard Drop    Overlap "Jepsen's history.txt";
    JepsenLog      "jepsen-log"     Wildcard Drop    Overlap "log lines of Jepsen";
    JepsenLog2014  "jepsen-log-2014" Value   Observe Overlap "log lines of Jepsen as of 2014 (porcupine's etcd logs)";
    Tuples         "tuples"         Wildcard Drop    Overlap "[process :type :f value], with or without brackets (Knossos relatives)";
    JsonArray      "json-array"     Wildcard Drop    Overlap "an array of Jepsen's operations (elle-cli, CS4720)";
    JepsenInJava   "jepsen-in-java" Value    Drop    Overlap "JSON lines of jepsen-in-java";
    PorcupineKv    "porcupine-kv"   Value    Drop    Overlap "porcupine's key-value logs";
    EtcdRobustness "etcd-robustness" Value   Drop    Overlap "operations.json of etcd's robustness tests";
    Limo           "limo"           Value    Drop    Overlap "calls and returns of LiMo";
    Fptlin         "fptlin"         Value    Drop    Ordered "intervals of fptlin";
    Polylin        "polylin"        Value    Drop    Ordered "intervals of PolyLin";
    Csv            "csv"            Value    Drop    Overlap "a table of operations or events; see --map";
}

impl Format {
    /// The format's row in [`FORMATS`].
    pub fn row(self) -> &'static FormatRow {
        FORMATS.iter().find(|row| row.format == self).expect("every format has a row")
    }

    /// The format's name on the command line.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The format with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        FORMATS.iter().find(|row| row.name == name).map(|row| row.format)
    }
}

/// Reads a history from its `sources`, on all threads of the pool that this is called in where the format allows it.
/// The history is the same for every number of threads. `map` is for [`Format::Csv`] only.
///
/// # Errors
/// All that is wrong with the input, in file order.
pub fn history(
    format: Format,
    sources: &[Source<'_>],
    map: &csv::ColumnMap,
    overrides: Overrides,
) -> Result<History, Diagnostics> {
    if let &[source] = sources
        && let Some(history) = bulk::history(format, source, overrides, bulk::PIECE)
    {
        return Ok(history);
    }
    let mut builder = HistoryBuilder::new(format);
    sources.iter().for_each(|&source| read(format, source, map, &mut builder));
    builder.finish(overrides)
}

/// Reads `source` as `format`, and hands what it finds to `builder`. `map` is for [`Format::Csv`] only.
pub fn read(format: Format, source: Source<'_>, map: &csv::ColumnMap, builder: &mut HistoryBuilder) {
    match format {
        Format::Edn => edn::read(source, builder),
        Format::JepsenTxt => jepsen_txt::read(source, builder),
        Format::JepsenLog | Format::JepsenLog2014 => jepsen_log::read(source, builder),
        Format::Tuples => tuples::read(source, builder),
        Format::JsonArray | Format::Jsonl => jsonl::read(source, builder),
        Format::JepsenInJava => jepsen_in_java::read(source, builder),
        Format::PorcupineKv => porcupine_kv::read(source, builder),
        Format::EtcdRobustness => etcd_robustness::read(source, builder),
        Format::Limo => limo::read(source, builder),
        Format::Fptlin => fptlin::read(source, builder),
        Format::Polylin => polylin::read(source, builder),
        Format::Csv => csv::read(source, map, builder),
    }
}
