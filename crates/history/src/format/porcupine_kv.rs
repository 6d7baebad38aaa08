//! porcupine's key-value logs: Jepsen's maps with the key in a field of its own, and texts for values.

use super::edn;
use crate::build::HistoryBuilder;
use crate::span::Source;

/// Reads maps such as `{:process 0, :type :invoke, :f :append, :key "4", :value "x 0 1 y"}`.
///
/// As porcupine's `kvModel` has it, every key starts with the empty text.
pub fn read(source: Source<'_>, builder: &mut HistoryBuilder) {
    declare(builder);
    edn::read(source, builder);
}

/// Says what such logs are of.
pub(super) fn declare(builder: &mut HistoryBuilder) {
    builder.declared.initial = Some(builder.values.text(""));
    builder.declared.model = Some("kv".to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::format::Format;
    use crate::operation::Completion;
    use crate::span::SourceId;

    #[test]
    fn keys_and_texts() {
        let text = concat!(
            "{:process 9, :type :invoke, :f :append, :key \"0\", :value \"x 9 0 y\"}\n",
            "{:process 0, :type :invoke, :f :get, :key \"0\", :value nil}\n",
            "{:process 0, :type :ok, :f :get, :key \"0\", :value \"x 9 0 y\"}\n",
        );
        let mut builder = HistoryBuilder::new(Format::PorcupineKv);
        read(Source { id: SourceId(0), text }, &mut builder);
        let history = builder.finish(Overrides::default()).expect("well-formed");
        let show = |id| history.values.show(id);
        assert_eq!(history.declared.initial.map(show), Some("\"\"".to_owned()));
        assert_eq!(history.declared.model.as_deref(), Some("kv"));
        let [append, get] = &history.operations[..] else { panic!("two operations") };
        assert_eq!(append.key.map(show), Some("\"0\"".to_owned()));
        assert_eq!((append.completion, append.end), (Completion::Unknown, None));
        let Completion::Ok(answer) = get.completion else { panic!("it completed") };
        assert_eq!(answer.value, append.argument);
    }
}
