//! Elements of sets that nobody looked for: no anomaly, since nothing is known of them.
//!
//! Jepsen's set-full calls an element *never-read* that was acknowledged and that no read saw. Where a look began after it had
//! been acknowledged, it is lost, and told so. Where none did, nobody can tell, and that is all there is to say.

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{History, OpId, ValueId};
use seriatim_model::{Access, Kind, Model, Part};

use crate::words;

/// The acknowledged adds to sets, in the order of their calls, of what nobody saw and nobody asked for, or tried to remove,
/// after that. None where it is time to stop. O(what was read).
pub fn never_read<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    history: &History,
    goes_on: &dyn Fn() -> bool,
) -> Vec<OpId> {
    let mut found = Vec::new();
    if model.kind() != Kind::Set {
        return found;
    }
    for part in parts {
        let Some(words) = words::of(model, part, goes_on) else { return Vec::new() };
        let mut last_read = 0;
        let mut asked: FxHashMap<ValueId, u64> = FxHashMap::default();
        let mut seen: FxHashSet<ValueId> = FxHashSet::default();
        for word in &words {
            match word.access {
                Access::Remove(value) | Access::Removed(value) => _ = seen.insert(value),
                _ if !word.has_happened() => {}
                Access::Absent(value) | Access::Added(value) => _ = asked.insert(value, word.call),
                // Whoever saw one twice saw all.
                Access::ReadAll(_) | Access::Never => last_read = word.call,
                _ => {}
            }
            if word.has_happened() {
                seen.extend(words::seen(&word.access));
            }
        }
        let is_unread = |word: &&words::Word| {
            let is_acknowledged = history.operation(word.id).ret().is_some();
            let asked = |value| asked.get(&value).copied().unwrap_or(0);
            let is_open = |value| !seen.contains(&value) && last_read.max(asked(value)) <= word.ret;
            is_acknowledged && words::put(&word.access).is_some_and(is_open)
        };
        found.extend(words.iter().filter(is_unread).map(|word| word.id));
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use seriatim_history::build::Overrides;
    use seriatim_history::format::{self, csv::ColumnMap};
    use seriatim_history::{Format, HistoryBuilder, NilRead, Source, SourceId};
    use seriatim_model::part;
    use seriatim_model::set::Set;

    use super::*;

    /// The elements that nobody looked for after these, each with its call and its return.
    fn unread(lines: &[(&str, u32, u32)]) -> Vec<u32> {
        let line = |(at, &(what, call, ret)): (usize, &(&str, u32, u32))| {
            format!("{{\"process\":{at},\"type\":\"ok\",{what},\"call\":{call},\"return\":{ret}}}\n")
        };
        let text: String = lines.iter().enumerate().map(line).collect();
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        format::read(
            Format::Jsonl,
            Source { id: SourceId(0), text: &text },
            &ColumnMap::default(),
            &mut builder,
        );
        let history = builder.finish(Overrides::default()).expect("the history is well-formed");
        let model = Set { initial: std::iter::empty::<ValueId>().collect(), nil_read: NilRead::Value };
        let parts = part::split(&model, &history).expect("the operations are those of the model");
        never_read(&model, &parts, &history, &|| true).into_iter().map(|id| id.0).collect()
    }

    const ADD: &str = r#""f":"add","value":1"#;

    #[test]
    fn what_nobody_looks_for_is_never_read() {
        assert_eq!(unread(&[(ADD, 0, 1)]), [0]);
        // A look at the same time may be too early.
        assert_eq!(unread(&[(ADD, 0, 5), (r#""f":"read","value":[]"#, 4, 6)]), [0]);
    }

    #[test]
    fn what_somebody_looks_for_is_lost_or_there() {
        for look in [
            r#""f":"read","value":[1]"#,
            r#""f":"read","value":[]"#,
            r#""f":"contains","value":1,"result":true"#,
            r#""f":"contains","value":1,"result":false"#,
            r#""f":"remove","value":1"#,
        ] {
            assert_eq!(unread(&[(ADD, 0, 1), (look, 2, 3)]), [], "{look}");
        }
        assert_eq!(
            unread(&[(ADD, 0, 5), (r#""f":"read","value":[1]"#, 1, 4)]),
            [],
            "it was seen while it was added"
        );
    }
}
