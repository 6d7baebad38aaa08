//! A record as it stands in the file: one JSON object, and the end of its line.

use serde_json::Value;

/// A line that is being written, field by field.
#[derive(Debug)]
pub(crate) struct Line(String);

impl Line {
    /// A line without fields.
    pub(crate) fn new() -> Self {
        Self("{".to_owned())
    }

    /// One more field.
    pub(crate) fn field(mut self, name: &str, value: &Value) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&Value::from(name).to_string());
        self.0.push(':');
        self.0.push_str(&value.to_string());
        self
    }

    /// One more field that is a text.
    pub(crate) fn text(self, name: &str, text: &str) -> Self {
        self.field(name, &Value::from(text))
    }

    /// One more field, if there is anything to say.
    pub(crate) fn maybe(self, name: &str, value: Option<&Value>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// The whole line, with its end.
    pub(crate) fn end(mut self) -> String {
        self.0.push_str("}\n");
        self.0
    }
}
