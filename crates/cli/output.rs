//! Shows a report: on the standard output, and in files.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anstream::{AutoStream, ColorChoice};
use seriatim_report::document::Document;
use seriatim_report::words::plural;
use seriatim_report::{Compact, Github, Json, Jsonl, Problem, Renderer, Report, Text, diagnostic};

use crate::args::{Color, OutputArgs, OutputFormat, ReportKind};
use crate::exit::Exit;
use crate::{render, terminal};

/// Where a report goes.
#[derive(Debug)]
pub(crate) struct Output {
    format: OutputFormat,
    color: Color,
    quiet: u8,
    verbose: bool,
    files: Vec<(ReportKind, PathBuf, File)>,
    /// How many bytes a page may have.
    largest: usize,
}

impl Output {
    /// Opens the files of the reports, lest their absence is noticed only when everything is decided.
    pub(crate) fn new(args: &OutputArgs) -> Result<Self, Problem> {
        let mut files = Vec::new();
        for report in &args.report {
            let path = report.path.clone();
            let file = File::create(&path).map_err(|error| {
                Problem::error(format!("cannot write the report `{}`: {error}", path.display()))
            })?;
            files.push((report.kind, path, file));
        }
        let OutputArgs { output_format: format, color, quiet, verbose, .. } = *args;
        Ok(Self { format, color, quiet, verbose, files, largest: args.size.largest })
    }

    /// Shows the report. What cannot be written changes no verdict: it is said on the standard error, and a reader
    /// of the standard output that went away is not worth saying.
    pub(crate) fn show(self, report: &Report) {
        for (kind, path, file) in &self.files {
            let mut file = BufWriter::new(file);
            // A file is the same whatever the terminal is.
            let text = Text { verbose: self.verbose, ..Text::default() };
            let rendered = match kind {
                ReportKind::Text => text.render(report, &mut file),
                kind => render::write(&Document::new(report), *kind, self.largest, &mut file),
            };
            if let Err(error) = rendered.and_then(|()| file.flush()) {
                complain(&format!("cannot write the report `{}`: {error}", path.display()));
            }
        }
        if self.quiet >= 2 {
            return;
        }
        if let Err(error) = self.on_stdout(report)
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            complain(&format!("cannot write the report: {error}"));
        }
        // The JSON object has them, and text shows them; elsewhere they would be no histories.
        if self.complains_of_notes() {
            report.notes.iter().for_each(|note| complain(note));
        }
    }

    /// Whether what is noted of a run goes to the standard error.
    pub(crate) fn complains_of_notes(&self) -> bool {
        self.quiet == 0 && matches!(self.format, OutputFormat::Compact | OutputFormat::Jsonl)
    }

    fn on_stdout(&self, report: &Report) -> io::Result<()> {
        let choice = choice(self.color, &io::stdout());
        let text = Text {
            color: choice != ColorChoice::Never,
            verbose: self.verbose,
            columns: terminal::columns(),
            is_ascii: terminal::is_ascii(),
        };
        let renderer: &dyn Renderer = match self.format {
            OutputFormat::Text => &text,
            OutputFormat::Compact => &Compact,
            OutputFormat::Json => &Json,
            OutputFormat::Jsonl => &Jsonl,
            OutputFormat::Github => &Github,
        };
        let mut rendered = Vec::new();
        renderer.render(report, &mut rendered)?;
        write(&rendered, choice)
    }
}

/// Writes to the standard output.
fn write(rendered: &[u8], choice: ColorChoice) -> io::Result<()> {
    let mut stdout = AutoStream::new(io::stdout().lock(), choice);
    stdout.write_all(rendered)?;
    stdout.flush()
}

/// Says something on the standard output, without colours. A reader that went away has seen enough.
pub(crate) fn say(text: &str) {
    if let Err(error) = write(text.as_bytes(), ColorChoice::Never)
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        complain(&format!("cannot write to the standard output: {error}"));
    }
}

/// Says something on the standard output, with colours where these are wanted. A reader that went away has seen enough.
pub(crate) fn say_as_diagnostics(draw: impl FnOnce(bool) -> String) {
    let choice = choice(Color::Auto, &io::stdout());
    let drawn = draw(choice != ColorChoice::Never);
    if let Err(error) = write(drawn.as_bytes(), choice)
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        complain(&format!("cannot write to the standard output: {error}"));
    }
}

/// Whether to colour what goes to `stream`: as the user says, else as the stream and the environment do.
fn choice(color: Color, stream: &impl anstream::stream::RawStream) -> ColorChoice {
    match color {
        Color::Auto => AutoStream::choice(stream),
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
}

/// Says on the standard error why nothing was done.
pub(crate) fn fail(problem: &Problem, color: Color) -> Exit {
    let choice = choice(color, &io::stderr());
    let drawn = diagnostic::draw(problem, choice != ColorChoice::Never);
    let mut stderr = AutoStream::new(io::stderr().lock(), choice);
    // Nobody is left to hear of a standard error that is closed.
    let _ = stderr.write_all(drawn.as_bytes());
    Exit::Error
}

/// Says something in a line on the standard error.
pub(crate) fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "seriatim: {message}");
}

/// What is said of errors that are not shown.
pub(crate) fn not_shown(count: usize) -> String {
    format!("{count} more {} not shown", plural(count, "error is", "errors are"))
}
