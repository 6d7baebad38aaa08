//! Lines and the words on them, with their places.

use crate::span::{Source, Span};

/// A word and its place.
pub(super) type Word<'a> = (&'a str, Span);

/// A line without its break, and where it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// The line.
    pub(super) text: &'a str,
    /// Offset of its first byte.
    pub(super) start: usize,
}

/// The lines of `source`, without a byte order mark.
pub(super) fn lines<'a>(source: Source<'a>) -> impl Iterator<Item = Line<'a>> {
    let mark = if source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut at = mark;
    source.text[mark..].split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        Line { text: line.trim_end_matches(['\n', '\r']), start }
    })
}

impl<'a> Line<'a> {
    /// The words of the line, each with its place.
    pub(super) fn words(&self, source: Source<'_>) -> Vec<Word<'a>> {
        let line = *self;
        line.text.split_whitespace().map(|word| (word, line.span_of(source, word))).collect()
    }

    /// The place of a part of the line.
    pub(super) fn span_of(&self, source: Source<'_>, part: &str) -> Span {
        // Both are parts of one text, so the distance of their addresses is that of their offsets.
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let start = self.start + offset.min(self.text.len());
        Span::new(source.id, start, start + part.len())
    }

    /// The place of the line without the blanks around it.
    pub(super) fn span(&self, source: Source<'_>) -> Span {
        self.span_of(source, self.text.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::SourceId;

    #[test]
    fn words_know_their_places() {
        let source = Source { id: SourceId(3), text: "\u{feff}a bc\r\n\n  déf  g" };
        let found: Vec<_> = lines(source).flat_map(|line| line.words(source)).collect();
        for (word, span) in &found {
            assert_eq!(&source.text[span.start as usize..span.end() as usize], *word);
        }
        assert_eq!(found.len(), 4);
        assert_eq!(lines(source).count(), 3);
    }
}
