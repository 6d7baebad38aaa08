//! One value by itself, as a person writes it on a command line.

use super::edn::reader::Reader;
use super::json::Scanner;
use crate::span::{Source, SourceId};
use crate::value::{ValueId, Values};

/// Reads `text` as one value: as JSON, else as EDN. `None` where it is neither.
pub fn value(text: &str, values: &mut Values) -> Option<ValueId> {
    json(text, values).or_else(|| edn(text, values))
}

fn json(text: &str, values: &mut Values) -> Option<ValueId> {
    let mut scanner = Scanner::of(text);
    let value = scanner.value(values).ok()?;
    scanner.next_byte().is_none().then_some(value)
}

fn edn(text: &str, values: &mut Values) -> Option<ValueId> {
    let mut reader = Reader::new(Source { id: SourceId::default(), text });
    let value = reader.value(values).ok()?;
    reader.blanks().ok()?;
    reader.peek().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_json_or_edn() {
        let mut values = Values::new();
        let mut shown = |text: &str| value(text, &mut values).map(|id| values.show(id));
        assert_eq!(shown(" 7 ").as_deref(), Some("7"));
        assert_eq!(shown("null").as_deref(), Some("nil"));
        assert_eq!(shown("nil").as_deref(), Some("nil"));
        assert_eq!(shown("[1, \"a\"]").as_deref(), Some("[1 \"a\"]"));
        assert_eq!(shown("{\"x\": 1}").as_deref(), Some("{\"x\" 1}"));
        assert_eq!(shown("{:x 1}").as_deref(), Some("{\"x\" 1}"));
        assert_eq!(shown("#{2}").as_deref(), Some("#{2}"));
        assert_eq!(shown("free").as_deref(), Some("\"free\""));
        for neither in ["", "  ", "1 2", "[1", "{\"x\": 1} 2", "]", "\"a"] {
            assert_eq!(shown(neither), None, "{neither}");
        }
    }
}
