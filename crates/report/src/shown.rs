//! Values of a history, as people and as programs read them.

use serde_json::Value as JsonValue;
use seriatim_history::{Value, ValueId, Values};

/// A value of a history, for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// As a person reads it.
    pub text: String,
    /// As JSON: sets become arrays, and keys of maps become strings.
    pub json: JsonValue,
}

impl Shown {
    /// A value of a history.
    pub fn new(values: &Values, id: ValueId) -> Self {
        Self { text: values.show(id), json: json(values, id) }
    }
}

fn json(values: &Values, id: ValueId) -> JsonValue {
    let number = |text: &str| serde_json::from_str(text).map_or_else(|_| text.into(), JsonValue::Number);
    match values.get(id) {
        Value::Nil => JsonValue::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => {
            i64::try_from(*value).map_or_else(|_| number(&value.to_string()), JsonValue::from)
        }
        Value::Decimal(text) => number(text),
        Value::Text(text) => (&**text).into(),
        Value::List(items) | Value::Set(items) => items.iter().map(|&item| json(values, item)).collect(),
        Value::Map(items) => {
            let key = |id| values.as_text(id).map_or_else(|| values.show(id), ToOwned::to_owned);
            items.iter().map(|&(name, value)| (key(name), json(values, value))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_json_without_loss_of_digits() {
        let mut values = Values::new();
        let (large, decimal) =
            (values.int(i128::from(u64::MAX) * 10), values.number("-1.25").expect("a number"));
        let text = values.text("a");
        let list = values.list([large, decimal, text, ValueId::NIL, ValueId::TRUE]);
        let map = values.map(vec![(large, list)]);
        let shown = Shown::new(&values, map);
        assert_eq!(
            shown.json.to_string(),
            r#"{"184467440737095516150":[184467440737095516150,-125e-2,"a",null,true]}"#
        );
    }
}
