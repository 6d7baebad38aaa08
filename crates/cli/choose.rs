//! What a history is checked against: the model and the rules that give its values a meaning, and who chose them.

use rayon::prelude::*;
use seriatim_history::{FailedCas, History, NilRead, Order, Ties, ValueId, independent};
use seriatim_model::catalog::{MODELS, ModelName, ModelOptions};
use seriatim_model::infer::{Inference, infer_with};
use seriatim_report::{ModelChoice, ModelSource, OptionInForce, OptionSource, Problem};

use crate::doubted::Doubted;
use crate::load::{Loaded, Problems};
use crate::settings::{Rule, Settings};

/// A rule and who chose it.
pub(crate) type By<T> = (T, OptionSource);

/// What a history is checked against.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) model: ModelName,
    pub(crate) model_source: ModelSource,
    pub(crate) options: ModelOptions,
    pub(crate) rules: Rules,
    /// Functions whose failures are of unknown outcome; they are so already.
    pub(crate) doubted: Doubted,
}

/// The rules in force.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) initial: OptionSource,
    pub(crate) nil_read: By<NilRead>,
    pub(crate) failed_cas: By<FailedCas>,
    pub(crate) ties: By<Ties>,
    pub(crate) order: By<Order>,
    pub(crate) independent: By<bool>,
}

/// Chooses the model and the rules for a history, and takes `[key value]` tuples apart where they are meant.
///
/// # Errors
/// No single model fits, or the tuples are none.
pub(crate) fn choose(loaded: &mut Loaded, settings: &Settings) -> Result<Chosen, Problems> {
    let named = named_model(&loaded.history, settings)?;
    let independent = match settings.independent {
        Some(independent) => (independent, OptionSource::Given),
        None => (
            is_certainly_independent(&loaded.history, named.map(|(model, _)| model)),
            OptionSource::Automatic,
        ),
    };
    if independent.0 {
        independent::split(&mut loaded.history).map_err(|errors| Problems::new(&loaded.texts, &errors))?;
    }
    let (model, model_source) = match named {
        Some(named) => named,
        None => (inferred_model(loaded)?, ModelSource::Inferred),
    };
    let history = &mut loaded.history;
    let row = history.format.row();
    let declared = history.declared.clone();
    let (initial, initial_source) = match (&settings.initial, declared.initial) {
        (Some(text), _) => (Some(initial(text, history)?), OptionSource::Given),
        (None, Some(initial)) => (Some(initial), OptionSource::Declared),
        (None, None) => (None, OptionSource::Model),
    };
    let nil_read = first(settings.nil_read, declared.nil_read, row.nil_read);
    let failed_cas = first(settings.failed_cas, declared.failed_cas, row.failed_cas);
    // Records that tell an operation whole have no order but that of their times.
    let has_intervals =
        history.operations.par_iter().any(|op| op.end.is_some_and(|end| end.span == op.call.span));
    let order = match (settings.order, declared.order) {
        _ if has_intervals => (Order::Time, OptionSource::Format),
        (Some(order), _) => (order, OptionSource::Given),
        (None, Some(order)) => (order, OptionSource::Declared),
        (None, None) => (Order::default(), OptionSource::Default),
    };
    let rules = Rules {
        initial: initial_source,
        nil_read,
        failed_cas,
        ties: first(settings.ties, declared.ties, row.ties),
        order,
        independent,
    };
    let options = ModelOptions { initial, nil_read: nil_read.0, failed_cas: failed_cas.0 };
    Ok(Chosen { model, model_source, options, rules, doubted: settings.doubted.clone() })
}

impl Chosen {
    /// The model, for reports.
    pub(crate) fn model_choice(&self) -> ModelChoice {
        ModelChoice { name: self.model.name(), source: self.model_source }
    }

    /// What is in force, for reports. `initial` is the state that the model starts in, as it shows it.
    pub(crate) fn in_force(&self, initial: String) -> Vec<OptionInForce> {
        fn row<R: Rule>(name: &'static str, (rule, source): By<R>) -> OptionInForce {
            OptionInForce { name, value: rule.word().to_owned(), source }
        }
        let rules = &self.rules;
        let model = self.model.entry();
        let (independent, source) = rules.independent;
        let mut all = vec![OptionInForce { name: "initial", value: initial, source: rules.initial }];
        // A rule that the model does not look at is not in force.
        all.extend(model.nil_read.then(|| row("nil_read", rules.nil_read)));
        all.extend(model.failed_cas.then(|| row("failed_cas", rules.failed_cas)));
        // What nobody asked for is not done.
        let treated = || OptionInForce {
            name: "treat_fail_as_info",
            value: self.doubted.shown(),
            source: OptionSource::Given,
        };
        all.extend((!self.doubted.functions().is_empty()).then(treated));
        all.push(row("ties", rules.ties));
        all.push(row("order", rules.order));
        let independent = if independent { "yes" } else { "no" }.to_owned();
        all.push(OptionInForce { name: "independent", value: independent, source });
        all
    }
}

fn first<T>(given: Option<T>, declared: Option<T>, format: T) -> By<T> {
    match (given, declared) {
        (Some(rule), _) => (rule, OptionSource::Given),
        (None, Some(rule)) => (rule, OptionSource::Declared),
        (None, None) => (format, OptionSource::Format),
    }
}

/// The model that the command line or the input names.
fn named_model(history: &History, settings: &Settings) -> Result<Option<(ModelName, ModelSource)>, Problem> {
    if let Some(model) = settings.model {
        return Ok(Some((model, ModelSource::Given)));
    }
    let Some(name) = &history.declared.model else { return Ok(None) };
    match ModelName::from_name(name) {
        Some(model) => Ok(Some((model, ModelSource::Declared))),
        None => {
            let problem =
                Problem::error(format!("the input declares the model `{name}`, which is not known"));
            Err(problem.help(format!(
                "choose another with --model: {}",
                names(MODELS.iter().map(|model| model.name))
            )))
        }
    }
}

/// Whether nothing but `[key value]` tuples can be meant, for this model or for every one that the functions fit.
fn is_certainly_independent(history: &History, model: Option<ModelName>) -> bool {
    let models = match model.map_or_else(|| infer_with(history, true), Inference::Chosen) {
        Inference::Chosen(model) => vec![model],
        Inference::Several { candidates, .. } => candidates,
        Inference::Known { .. } | Inference::None { .. } => Vec::new(),
    };
    let takes_none = |function: &str| models.iter().all(|model| model.entry().takes_no_argument(function));
    !models.is_empty() && independent::is_certain(history, takes_none)
}

fn inferred_model(loaded: &Loaded) -> Result<ModelName, Problem> {
    let Loaded { texts, history, .. } = loaded;
    let quoted = |functions: &[String]| {
        functions.iter().map(|function| format!("`{function}`")).collect::<Vec<_>>().join(", ")
    };
    match infer_with(history, false) {
        Inference::Chosen(model) => Ok(model),
        Inference::Several { candidates, functions } => {
            let message = format!("the functions {} fit several models", quoted(&functions));
            Err(Problem::error(message)
                .help(format!("choose one with --model: {}", names(candidates.into_iter()))))
        }
        Inference::Known { functions, what } => {
            let message =
                format!("the functions {} look like {what}, which no model here is", quoted(&functions));
            Err(Problem::error(message).help("`seriatim models` lists the models and their functions"))
        }
        Inference::None { functions } => {
            let message = match functions.as_slice() {
                [] => "no client did anything, so no model can be inferred".to_owned(),
                functions => format!("the functions {} fit no model", quoted(functions)),
            };
            let is_known =
                |name: &str| MODELS.iter().any(|model| model.functions.iter().any(|known| known.is(name)));
            let help = "`seriatim models` lists the models and their functions; choose one with --model";
            Err(match history.operations.iter().find(|operation| !is_known(history.function(operation))) {
                Some(odd) => {
                    let message = format!("{message}: none has `{}`", history.function(odd));
                    Problem::error(message).at(texts.place(odd.call.span)).help(help)
                }
                None => Problem::error(message).help(help),
            })
        }
    }
}

fn names(models: impl Iterator<Item = ModelName>) -> String {
    models.map(|model| format!("`{}`", model.name())).collect::<Vec<_>>().join(", ")
}

/// The value that `--init` writes.
fn initial(text: &str, history: &mut History) -> Result<ValueId, Problem> {
    seriatim_history::format::literal::value(text, &mut history.values).ok_or_else(|| {
        Problem::error(format!("`--init {text}` is neither a JSON nor an EDN value"))
            .help("write for example `--init 0`, `--init null`, `--init '\"text\"'` or `--init '{\"x\": 1}'`")
    })
}
