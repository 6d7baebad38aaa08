//! `seriatim report`: renders again what was checked once; and `seriatim schema`.

use std::fs;
use std::io::{self, Read as _, Write};
use std::path::Path;

use seriatim_report::document::{Document, SCHEMA};
use seriatim_report::{Problem, github, html, json, junit, markdown, sarif};

use crate::args::{Color, RenderArgs, RenderFormat, ReportFile, ReportKind, SchemaOf};
use crate::exit::Exit;
use crate::output::{self, complain};

/// Renders a report, and ends as the run did that wrote it.
pub(crate) fn run(args: &RenderArgs) -> Exit {
    let document = match document(&args.path) {
        Ok(document) => document,
        Err(problem) => return output::fail(&problem, Color::Auto),
    };
    show(&document, &args.report, args.output_format, args.size.largest);
    Exit::of_code(document.exit_code).unwrap_or(Exit::Error)
}

/// Renders a document into files and onto the standard output; pages have at most `largest` bytes.
pub(crate) fn show(document: &Document<'_>, files: &[ReportFile], format: RenderFormat, largest: usize) {
    for report in files {
        let written = fs::File::create(&report.path).and_then(|file| {
            let mut file = io::BufWriter::new(file);
            write(document, report.kind, largest, &mut file)?;
            file.flush()
        });
        if let Err(error) = written {
            complain(&format!("cannot write the report `{}`: {error}", report.path.display()));
        }
    }
    let mut shown = Vec::new();
    let rendered = match format {
        RenderFormat::Markdown => write(document, ReportKind::Markdown, largest, &mut shown),
        RenderFormat::Json => write(document, ReportKind::Json, largest, &mut shown),
        RenderFormat::Junit => write(document, ReportKind::Junit, largest, &mut shown),
        RenderFormat::Sarif => write(document, ReportKind::Sarif, largest, &mut shown),
        RenderFormat::Github => github::write(document, &mut shown),
        RenderFormat::None => Ok(()),
    };
    match rendered {
        Ok(()) => output::say(&String::from_utf8_lossy(&shown)),
        Err(error) => complain(&format!("cannot render the report: {error}")),
    }
}

/// Writes a document for other programs, or for what shows Markdown or HTML, of which a page has at most `largest` bytes.
pub(crate) fn write(
    document: &Document<'_>,
    kind: ReportKind,
    largest: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    match kind {
        ReportKind::Html => html::write(document, largest, out),
        ReportKind::Json => json::write(document, out),
        ReportKind::Junit => junit::write(document, out),
        ReportKind::Markdown => markdown::write(document, out),
        ReportKind::Sarif => sarif::write(document, out),
        ReportKind::Text => Err(io::Error::other("the text report draws the lines of the history")),
    }
}

/// Reads a report back from a file, or from the standard input.
pub(crate) fn document(path: &Path) -> Result<Document<'static>, Problem> {
    parse(path, &read(path)?)
}

fn read(path: &Path) -> Result<String, Problem> {
    let read = if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    read.map_err(|error| Problem::error(format!("cannot read `{}`: {error}", path.display())))
}

/// Reads a report back.
pub(crate) fn parse<'a>(path: &Path, text: &str) -> Result<Document<'a>, Problem> {
    let document: Document<'a> = serde_json::from_str(text).map_err(|error| {
        let help = "it is to be what `seriatim check --report json=FILE` wrote";
        Problem::error(format!("`{}` is no report: {error}", path.display())).help(help)
    })?;
    if document.schema != SCHEMA {
        let why = format!("`{}` is of the schema `{}`, and not `{SCHEMA}`", path.display(), document.schema);
        return Err(Problem::error(why).help("a newer version of seriatim may have written it"));
    }
    if Exit::of_code(document.exit_code).is_none() {
        let why =
            format!("`{}` says that the run ended with {}, as none does", path.display(), document.exit_code);
        return Err(Problem::error(why));
    }
    Ok(document)
}

/// Prints a schema.
pub(crate) fn schema(what: SchemaOf) -> Exit {
    let schema = match what {
        SchemaOf::Report => seriatim_report::document::schema(),
    };
    output::say(&format!("{schema:#}\n"));
    Exit::Valid
}
