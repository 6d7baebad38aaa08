//! `seriatim config show`.

use serde_json::{Map, Value, json};

use super::Layers;
use super::file::Setting;
use super::key::{Key, Sort};
use crate::args::ConfigFormat;
use crate::exit::Exit;
use crate::output;

/// Prints every option, its value, and where that came from.
pub(crate) fn show(layers: &Layers, format: ConfigFormat) -> Exit {
    match format {
        ConfigFormat::Toml => output::say(&toml(layers)),
        ConfigFormat::Json => output::say(&format!("{:#}\n", json(layers))),
    }
    Exit::Valid
}

fn toml(layers: &Layers) -> String {
    let mut lines = vec![match (layers.path(), layers.profile()) {
        (None, _) => "# no seriatim.toml is read".to_owned(),
        (Some(path), None) => format!("# read: {path}"),
        (Some(path), Some(profile)) => format!("# read: {path}, profile {profile}"),
    }];
    let told: Vec<(String, String)> = layers.keys().iter().map(|key| line(layers, key)).collect();
    let width = told.iter().map(|(what, _)| what.chars().count()).max().unwrap_or(0).min(40);
    let mut heading = None;
    for (key, (what, from)) in layers.keys().iter().zip(told) {
        if heading != Some(key.heading()) {
            heading = Some(key.heading());
            lines.push(String::new());
            lines.extend(key.heading().map(|heading| format!("# {heading}")));
        }
        lines.push(format!("{what:<width$}  # {from}"));
    }
    lines.join("\n") + "\n"
}

fn line(layers: &Layers, key: &Key) -> (String, String) {
    let name = key.name();
    let (value, from) = of(layers, key);
    match value {
        Some(value) => (format!("{name} = {value}"), from),
        None => (format!("# {name} = {}", example(key)), from),
    }
}

/// The value of an option as TOML, if it has one, and where it comes from.
fn of(layers: &Layers, key: &Key) -> (Option<String>, String) {
    if let Some((layer, setting)) = layers.setting(key) {
        return (Some(written(key, setting)), layers.origin(layer, setting));
    }
    let default = match (key.sort(), key.default()) {
        (Sort::Flag, _) if key.has_opposite() => None,
        (Sort::Flag, _) => Some("false".to_owned()),
        (Sort::Count, _) => Some("0".to_owned()),
        (Sort::Many, Some(value)) => Some(format!("[{}]", text(&value))),
        (_, Some(value)) => Some(text(&value)),
        (_, None) => None,
    };
    let from = if default.is_some() { "default" } else { "not set" };
    (default, from.to_owned())
}

fn written(key: &Key, setting: &Setting) -> String {
    match (key.sort(), setting.value.as_slice()) {
        (Sort::Many, values) => {
            format!("[{}]", values.iter().map(|value| text(value)).collect::<Vec<_>>().join(", "))
        }
        (Sort::Flag | Sort::Count, [value]) => value.clone(),
        (_, values) => values.iter().map(|value| text(value)).collect(),
    }
}

fn example(key: &Key) -> String {
    match key.sort() {
        Sort::Many => format!("[{}]", text(&key.value_name())),
        Sort::Flag => "true|false".to_owned(),
        _ => text(&key.value_name()),
    }
}

fn text(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string()
}

fn json(layers: &Layers) -> Value {
    let option = |key: &Key| {
        let (value, from) = match layers.setting(key) {
            Some((layer, setting)) => (values(key, &setting.value), layers.origin(layer, setting)),
            None => {
                let (_, from) = of(layers, key);
                let value = match key.sort() {
                    Sort::Flag if key.has_opposite() => Value::Null,
                    Sort::Flag => Value::Bool(false),
                    Sort::Count => json!(0),
                    Sort::Many => key.default().map_or(json!([]), |value| json!([value])),
                    Sort::One => key.default().map_or(Value::Null, Value::String),
                };
                (value, from)
            }
        };
        (key.name().to_owned(), json!({ "value": value, "from": from }))
    };
    let options: Map<String, Value> = layers.keys().iter().map(option).collect();
    json!({ "file": layers.path(), "profile": layers.profile(), "options": options })
}

fn values(key: &Key, values: &[String]) -> Value {
    match (key.sort(), values) {
        (Sort::Many, values) => json!(values),
        (Sort::Flag, [value]) => Value::Bool(value == "true"),
        (Sort::Count, [value]) => json!(value.parse::<u8>().unwrap_or(0)),
        (_, values) => values.first().map_or(Value::Null, |value| json!(value)),
    }
}
