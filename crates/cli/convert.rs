//! `seriatim convert`: writes a history in another format.

use seriatim_history::build::Overrides;
use seriatim_history::convert::{self, Difference, Target};
use seriatim_history::format::detect::{Detected, detect};
use seriatim_history::format::{self, csv::ColumnMap};
use seriatim_history::{Declared, FailedCas, Format, History, NilRead, Order, Source, SourceId, independent};
use seriatim_model::infer::{Inference, infer_with};
use seriatim_report::Problem;

use crate::args::ConvertArgs;
use crate::choose::{Chosen, choose};
use crate::describe;
use crate::exit::Exit;
use crate::load::{Loaded, Problems};
use crate::output::complain;
use crate::reading::{self, Reading};
use crate::settings::{Rule as _, Settings};

/// Converts a history.
pub(crate) fn run(args: &ConvertArgs) -> Exit {
    match converted(args) {
        Ok(()) => Exit::Valid,
        Err(problems) => reading::fail(&problems),
    }
}

fn converted(args: &ConvertArgs) -> Result<(), Problems> {
    if let Some(out) = &args.output {
        reading::not_over_itself(&args.path, out)?;
    }
    let Reading { path, settings, mut loaded } =
        Reading::one(&args.path, &args.meaning, "name the one to convert")?;
    describe::read(&path, &loaded, &settings).notes.iter().for_each(reading::warn);
    let target = args.to.target();
    let chosen = match choose(&mut loaded, &settings) {
        Ok(chosen) => Some(chosen),
        // A history can be written without a model, if nobody said what depends on one.
        Err(problems) if is_left_open(&settings, &loaded.history) => {
            let why = problems.first.first().map(|problem| problem.message.clone()).unwrap_or_default();
            let help = "what is written names no model; `check` will need --model";
            reading::warn(&Problem::warning(why).help(help));
            None
        }
        Err(problems) => return Err(problems),
    };
    if let Some(chosen) = &chosen {
        loaded.history.declared = in_force(chosen, loaded.history.declared.clone());
    } else {
        loaded.history.declared.order = Some(Order::Line);
    }
    let Loaded { texts, history, .. } = &mut loaded;
    let written = convert::write(history, target).map_err(|errors| Problems::new(texts, &errors))?;
    let again = again(target, &written.text);
    let difference = match &again {
        Ok(again) => convert::difference(history, again),
        Err(()) => Some(Difference { what: "what can be read of it", operation: None }),
    };
    match (difference, again) {
        (None, Ok(again)) => {
            written.notes.iter().for_each(|note| complain(&format!("{path}: {note}")));
            for note in options(target, chosen.as_ref(), &again, &written.text, history) {
                complain(&format!("{path}: {note}"));
            }
            Ok(reading::write(args.output.as_deref(), written.text.as_bytes())?)
        }
        (difference, _) => Err(not_held(&loaded, difference, &settings).into()),
    }
}

/// Whether nobody, neither the user nor the input, said what only a model gives a meaning.
fn is_left_open(settings: &Settings, history: &History) -> bool {
    settings.model.is_none()
        && settings.initial.is_none()
        && settings.independent.is_none()
        && history.declared.model.is_none()
}

/// What the first line is to declare.
fn in_force(chosen: &Chosen, declared: Declared) -> Declared {
    let model = chosen.model.entry();
    Declared {
        model: Some(model.word.to_owned()),
        initial: chosen.options.initial,
        nil_read: model.nil_read.then_some(chosen.options.nil_read).or(declared.nil_read),
        failed_cas: model.failed_cas.then_some(chosen.options.failed_cas).or(declared.failed_cas),
        ties: Some(chosen.rules.ties.0),
        // Events are written in the order that was found, whatever it was found by.
        order: Some(Order::Line),
        time_unit: None,
    }
}

/// What was written, read again.
fn again(target: Target, text: &str) -> Result<History, ()> {
    let source = Source { id: SourceId(0), text };
    format::history(target.format(), &[source], &ColumnMap::default(), Overrides::default()).map_err(|_| ())
}

/// What `check` has to be told of what was written: nothing, as a rule.
fn options(
    target: Target,
    chosen: Option<&Chosen>,
    again: &History,
    text: &str,
    written: &History,
) -> Vec<String> {
    let Some(chosen) = chosen else { return Vec::new() };
    let mut options = Vec::new();
    let entry = chosen.model.entry();
    if target == Target::Edn {
        // Porcupine's key-value logs are maps of EDN, too.
        if !matches!(detect(text.as_bytes(), None), Detected::Format(Format::Edn)) {
            options.push("--input-format edn".to_owned());
        }
        let row = Format::Edn.row();
        if !matches!(infer_with(again, false), Inference::Chosen(model) if model == chosen.model) {
            options.push(format!("--model {}", entry.word));
        }
        if let Some(initial) = chosen.options.initial {
            options.push(format!("--init '{}'", written.values.show(initial)));
        }
        if entry.nil_read && chosen.options.nil_read != row.nil_read {
            options.push(format!("--nil-read {}", NilRead::word(chosen.options.nil_read)));
        }
        if entry.failed_cas && chosen.options.failed_cas != row.failed_cas {
            options.push(format!("--failed-cas {}", FailedCas::word(chosen.options.failed_cas)));
        }
    }
    if independent::is_certain(again, |function| entry.takes_no_argument(function)) {
        options.push("--no-independent".to_owned());
    }
    match options.as_slice() {
        [] => Vec::new(),
        options => vec![format!(
            "the format has no place for all that is in force: check it with {}",
            options.join(" ")
        )],
    }
}

/// What the format cannot hold, found by reading again what was written.
fn not_held(loaded: &Loaded, difference: Option<Difference>, settings: &Settings) -> Problem {
    let what = difference.as_ref().map_or("what can be read of it", |difference| difference.what);
    let problem = Problem::error(format!(
        "the format cannot hold this history: {what} would be another when read again"
    ));
    let help = match settings.independent {
        Some(true) | None => {
            "try another format with --to; with --no-independent, `[key value]` stays as it is"
        }
        Some(false) => "try another format with --to",
    };
    match difference.and_then(|difference| difference.operation) {
        Some(id) => problem.at(loaded.texts.place(loaded.history.operation(id).call.span)).help(help),
        None => problem.help(help),
    }
}
