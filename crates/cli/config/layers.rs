//! What is configured, one layer over the other.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use clap::Command;
use seriatim_report::Problem;

use super::file::{self, File, Reader, Setting};
use super::key::Key;
use crate::args::ConfigArgs;

/// The name of the file.
const FILE: &str = "seriatim.toml";

/// The variable that names a profile.
const PROFILE: &str = "SERIATIM_PROFILE";

/// What is configured, one layer over the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers {
    /// What can be set.
    keys: Vec<Key>,
    /// The file, as a person in this directory calls it.
    path: Option<String>,
    /// The profile.
    profile: Option<String>,
    /// The layers, the first that counts first.
    layers: Vec<(Layer, Vec<Setting>)>,
}

/// Where a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// `--config KEY=VALUE`.
    CommandLine,
    /// The profile.
    Profile,
    /// The file outside of its profiles.
    File,
}

impl Layers {
    /// Finds and reads what is configured.
    pub(crate) fn find(args: &ConfigArgs, command: &Command) -> Result<Self, Problem> {
        let keys = Key::all(command);
        if args.isolated {
            return Ok(Self { keys, ..Self::default() });
        }
        let mut layers = vec![(Layer::CommandLine, given(&args.settings, command, &keys)?)];
        let profile = args.profile.clone().or_else(|| {
            env::var_os(PROFILE)
                .filter(|name| !name.is_empty())
                .map(|name| name.to_string_lossy().into_owned())
        });
        let path = match &args.config_file {
            Some(path) => Some(path.clone()),
            None => {
                nearest().map_err(|error| Problem::error(format!("cannot look for `{FILE}`: {error}")))?
            }
        };
        let Some(path) = path else {
            return match profile {
                None => Ok(Self { keys, path: None, profile, layers }),
                Some(name) => {
                    Err(Problem::error(format!("there is no `{FILE}` that could have a profile `{name}`"))
                        .help(
                            "it is looked for in this directory and those above it; --config-file names one",
                        ))
                }
            };
        };
        let shown = path.display().to_string();
        let unreadable = |error: io::Error| Problem::error(format!("cannot read `{shown}`: {error}"));
        let text = fs::read_to_string(&path).map_err(unreadable)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let file = Reader { path: &shown, folder, text: &text, command, keys: &keys }.file()?;
        let File { common, profiles } = file;
        if let Some(name) = &profile {
            let names: Vec<String> = profiles.iter().map(|(name, _)| name.clone()).collect();
            let Some((_, settings)) = profiles.into_iter().find(|(known, _)| known == name) else {
                let help = file::instead(name, names.iter().map(String::as_str));
                return Err(Problem::error(format!("`{shown}` has no profile `{name}`")).help(help));
            };
            layers.push((Layer::Profile, settings));
        }
        layers.push((Layer::File, common));
        Ok(Self { keys, path: Some(shown), profile, layers })
    }

    /// What can be set.
    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// What sets an option, and from where.
    pub(crate) fn setting(&self, key: &Key) -> Option<(Layer, &Setting)> {
        let of = |(layer, settings): &'_ (Layer, Vec<Setting>)| {
            let at = settings.iter().rposition(|setting| setting.key == key.name());
            at.map(|at| (*layer, at))
        };
        let (layer, at) = self.layers.iter().find_map(of)?;
        let (_, settings) = self.layers.iter().find(|(known, _)| *known == layer)?;
        Some((layer, &settings[at]))
    }

    /// All that is set, in the order of the help.
    pub(crate) fn in_force(&self) -> impl Iterator<Item = (&Key, &Setting)> {
        self.keys.iter().filter_map(|key| self.setting(key).map(|(_, setting)| (key, setting)))
    }

    /// Where a setting comes from, for people.
    pub(crate) fn origin(&self, layer: Layer, setting: &Setting) -> String {
        let path = self.path.as_deref().unwrap_or(FILE);
        match (layer, &self.profile) {
            (Layer::CommandLine, _) => "--config".to_owned(),
            (Layer::Profile, Some(name)) => format!("{path}:{}, profile {name}", setting.line),
            (Layer::Profile | Layer::File, _) => format!("{path}:{}", setting.line),
        }
    }

    /// The file that was read.
    pub(crate) fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// The profile that was asked for.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }
}

/// What `--config` sets: values as in the file, or plain text.
fn given(settings: &[String], command: &Command, keys: &[Key]) -> Result<Vec<Setting>, Problem> {
    let mut all = Vec::new();
    for setting in settings {
        let shown = format!("--config {setting}");
        let Some((key, value)) = setting.split_once('=') else {
            let why = format!("`{shown}` sets nothing");
            return Err(Problem::error(why).help("expected KEY=VALUE, such as `--config timeout=5m`"));
        };
        let (key, value) = (key.trim(), value.trim());
        if !keys.iter().any(|known| known.name() == key) {
            let help = file::instead(key, keys.iter().map(Key::name));
            return Err(Problem::error(format!("`{shown}`: there is no option `{key}`")).help(help));
        }
        let read = |value: &str| {
            let text = format!("{key} = {value}");
            let reader = Reader { path: "--config", folder: Path::new(""), text: &text, command, keys };
            reader.file().map(|file| file.common)
        };
        // A value that is none of TOML's is a text.
        let is_value = toml::de::DeValue::parse(value).is_ok();
        let read =
            if is_value { read(value) } else { read(&toml::Value::String(value.to_owned()).to_string()) };
        all.extend(read?.into_iter().map(|setting| Setting { line: 0, ..setting }));
    }
    Ok(all)
}

/// The file in this directory, or in the nearest above it that has one, as seen from here.
fn nearest() -> io::Result<Option<PathBuf>> {
    let here = env::current_dir()?;
    let mut up = PathBuf::new();
    for folder in here.ancestors() {
        if folder.join(FILE).is_file() {
            return Ok(Some(up.join(FILE)));
        }
        up.push("..");
    }
    Ok(None)
}
