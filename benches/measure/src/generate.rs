//! `generate`: a history from a seed to a file.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use seriatim_history::Format;
use seriatim_model::ModelName;
use seriatim_testkit::traffic::Summary;
use seriatim_testkit::{Lie, Plant, Script, Shape, Traffic, text};

use crate::error::Error;

/// So much text is kept before it is written.
const CHUNK: usize = 1 << 18;

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// The model whose objects are asked; `seriatim models` lists them
    #[arg(long, default_value = "cas-register", value_parser = model)]
    model: ModelName,
    /// How many operations
    #[arg(long, short = 'n', default_value_t = 1000, value_parser = count)]
    operations: usize,
    /// How many clients, each of which does one operation at a time
    #[arg(long, short = 'c', default_value_t = 5, value_parser = count)]
    clients: usize,
    /// How many different values the clients write; 0: each value once
    #[arg(long, default_value_t = 0, value_parser = count)]
    values: usize,
    /// How many independent objects; 0: one, and operations without a key
    #[arg(long, default_value_t = 0, value_parser = count)]
    keys: usize,
    /// How long clients rest between operations, in lengths of an operation; 0: never
    #[arg(long, default_value_t = 0.0)]
    rest: f64,
    /// The share of operations of unknown outcome, from 0 to 1
    #[arg(long, default_value_t = 0.0)]
    crash: f64,
    /// Plant one lie
    #[arg(long, value_name = "WHAT")]
    lie: Option<LieArg>,
    /// After which share of the operations the lie is told
    #[arg(long, default_value_t = 0.9, requires = "lie")]
    at: f64,
    /// A hard little history instead, of so many writes as --operations says
    #[arg(long, value_name = "NAME", value_parser = shape, conflicts_with_all = ["model", "clients", "values", "keys", "rest", "crash", "lie"])]
    shape: Option<Shape>,
    /// The same seed gives the same history
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The format: jsonl, edn, json-array, tuples, jepsen-txt, jepsen-log or porcupine-kv
    #[arg(long, default_value = "jsonl", value_parser = written)]
    format: Format,
    /// The file to write; `-` for the standard output
    #[arg(long, short, default_value = "-")]
    output: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LieArg {
    /// An answer as of half of the time before
    Stale,
    /// A value that nobody wrote
    NeverWritten,
}

fn model(name: &str) -> Result<ModelName, String> {
    ModelName::from_name(name)
        .ok_or_else(|| "there is no such model; `seriatim models` lists them".to_owned())
}

fn shape(name: &str) -> Result<Shape, String> {
    let names = Shape::ALL.map(Shape::name).join(", ");
    Shape::from_name(name).ok_or_else(|| format!("the shapes are {names}"))
}

fn written(name: &str) -> Result<Format, String> {
    // A table has a row for each operation, and cannot be written as events come.
    let all: Vec<_> = text::WRITTEN.into_iter().filter(|&format| format != Format::Csv).collect();
    let format = Format::from_name(name).filter(|format| all.contains(format));
    format.ok_or_else(|| {
        let names: Vec<_> = all.into_iter().map(Format::name).collect();
        format!("the formats are {}", names.join(", "))
    })
}

/// A number, with an exponent if you like: `1e6`.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    let number = text.parse().or_else(|_| match text.split_once('e') {
        Some((digits, zeros)) => {
            let parsed = digits.parse::<usize>().ok().zip(zeros.parse().ok());
            parsed.and_then(|(digits, zeros)| digits.checked_mul(10_usize.checked_pow(zeros)?)).ok_or(())
        }
        None => Err(()),
    });
    number.map_err(|()| "a whole number is expected, as `1000` or `1e3`".to_owned())
}

/// Writes one history, as the command line says.
pub(crate) fn run(args: &GenerateArgs) -> Result<(), Error> {
    let plant = args.lie.map(|lie| Plant {
        lie: match lie {
            LieArg::Stale => Lie::Stale,
            LieArg::NeverWritten => Lie::NeverWritten,
        },
        at: args.at,
    });
    let traffic = Traffic {
        values: args.values,
        keys: args.keys,
        rest: args.rest,
        crash: args.crash,
        plant,
        ..Traffic::new(args.model, args.operations, args.clients)
    };
    let writes = u32::try_from(args.operations).unwrap_or(u32::MAX);
    let write = |out: &mut dyn Write| match args.shape {
        Some(shape) => write_script(args.format, ModelName::CasRegister, &shape.script(writes), out),
        None => {
            let summary = write_traffic(args.format, &traffic, args.seed, out)?;
            eprintln!("{} operations, {} crashed, {}", traffic.operations, summary.crashed, told(summary));
            if traffic.plant.is_some() && summary.planted.is_none() {
                let hint = "try another seed, more operations, or an earlier place";
                return Err(Error::new(format!(
                    "nothing was asked from there on that could be lied about; {hint}"
                )));
            }
            Ok(())
        }
    };
    if args.output == Path::new("-") {
        write(&mut io::stdout().lock())
    } else {
        let mut file = File::create(&args.output).map_err(|error| Error::file(&args.output, &error))?;
        write(&mut file)
    }
}

fn told(summary: Summary) -> String {
    summary.planted.map_or("no lie".to_owned(), |operation| format!("operation {operation} is a lie"))
}

/// Writes traffic, keeping no more than a chunk of text.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn write_traffic(
    format: Format,
    traffic: &Traffic,
    seed: u64,
    out: &mut dyn Write,
) -> Result<Summary, Error> {
    let mut chunk = String::with_capacity(CHUNK + 4096);
    let infallible = "texts can be written to";
    text::head(format, traffic.model, &mut chunk).expect(infallible);
    let mut is_first = true;
    let summary = traffic.run(seed, |line| {
        text::line(format, &line, is_first, &mut chunk).expect(infallible);
        is_first = false;
        if chunk.len() < CHUNK {
            return Ok(());
        }
        out.write_all(chunk.as_bytes())?;
        chunk.clear();
        Ok::<_, io::Error>(())
    });
    let summary = summary.map_err(|error| Error::output(&error))?;
    text::tail(format, &mut chunk).expect(infallible);
    out.write_all(chunk.as_bytes()).and_then(|()| out.flush()).map_err(|error| Error::output(&error))?;
    Ok(summary)
}

/// Writes a script.
pub(crate) fn write_script(
    format: Format,
    model: ModelName,
    script: &Script,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let text = text::script(format, model, script);
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Error::output(&error))
}
