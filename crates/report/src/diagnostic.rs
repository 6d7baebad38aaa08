//! Draws what is wrong with an input under its source lines. The only place that knows `annotate-snippets`.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Renderer, Snippet};
use seriatim_history::Severity;

use crate::place::Place;
use crate::problem::Problem;
use crate::text::COLUMNS;
use crate::words;

/// A place to be drawn, with what is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark<'a> {
    /// The place.
    pub(crate) place: &'a Place,
    /// What is there; may be empty.
    pub(crate) label: &'a str,
    /// Whether this is what the picture is about.
    pub(crate) is_primary: bool,
}

/// A picture: a title, source lines, and remarks below them.
#[derive(Clone, Debug)]
pub(crate) struct Picture<'a> {
    pub(crate) severity: Severity,
    /// The code of what it is about; empty where that has none.
    pub(crate) code: &'a str,
    pub(crate) title: &'a str,
    /// In the order in which they are drawn.
    pub(crate) marks: Vec<Mark<'a>>,
    /// Each after what it is called.
    pub(crate) notes: Vec<(&'static str, &'a str)>,
    pub(crate) help: Option<&'a str>,
}

impl Picture<'_> {
    /// The picture as lines of text, with a line break at the end; remarks fill so many columns.
    pub(crate) fn draw(&self, color: bool, columns: usize) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        self.draw_as(level, color, columns)
    }

    /// The same as a note, whatever its severity.
    pub(crate) fn draw_as_note(&self, color: bool, columns: usize) -> String {
        self.draw_as(Level::NOTE, color, columns)
    }

    fn draw_as(&self, level: Level<'_>, color: bool, columns: usize) -> String {
        // "warning: " before a title.
        let broken = |text: &str, before: usize| {
            let width = columns.saturating_sub(before);
            let lines = text.lines().flat_map(|line| words::broken(line, width));
            lines.collect::<Vec<_>>().join("\n")
        };
        let level_and_code = if self.code.is_empty() { 9 } else { 9 + "[]".len() + self.code.len() };
        let mut title = level.primary_title(broken(self.title, level_and_code));
        if !self.code.is_empty() {
            title = title.id(self.code);
        }
        let mut group = Group::with_title(title);
        for mark in &self.marks {
            group = group.element(snippet(mark));
        }
        for (name, note) in &self.notes {
            // Blanks of a drawing stay.
            let told = if *name == DRAWING { (*note).to_owned() } else { broken(note, before(name)) };
            group = group.element(Level::NOTE.with_name(*name).message(told));
        }
        if let Some(help) = self.help {
            let help: Message<'_> = Level::HELP.message(broken(help, before("help")));
            group = group.element(help);
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut drawn = renderer.render(&[group]);
        for mark in &self.marks {
            correct_column(&mut drawn, mark.place);
        }
        drawn.push('\n');
        drawn
    }
}

/// What the remark is called that is a drawing.
pub(crate) const DRAWING: &str = "when";

/// How many columns stand before a remark of this name: a gutter of a few digits, and " = name: ".
pub(crate) fn before(name: &str) -> usize {
    11 + name.len()
}

fn snippet<'a>(mark: &Mark<'a>) -> Snippet<'a, Annotation<'a>> {
    let place = mark.place;
    let kind = if mark.is_primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let annotation = if mark.label.is_empty() {
        kind.span(place.underlined())
    } else {
        kind.span(shortened(place, mark.label)).label(mark.label)
    };
    Snippet::source(place.excerpt()).line_start(place.line).path(place.path.as_str()).annotation(annotation)
}

/// As much of what is underlined as leaves room for the label after it; where it begins is what counts.
fn shortened(place: &Place, label: &str) -> Range<usize> {
    const SHORTEST: usize = 3;
    let Range { start, end } = place.underlined();
    let before = place.excerpt()[..start].chars().count();
    let room = Place::WIDTH.saturating_sub(before + 1 + label.chars().count()).max(SHORTEST);
    let shown = place.excerpt()[start..end].char_indices().nth(room).map_or(end, |(at, _)| start + at);
    start..shown
}

/// Puts the column of the line in the place of that of the excerpt, which is all that the renderer saw.
fn correct_column(drawn: &mut String, place: &Place) {
    let (path, line) = (&place.path, place.line);
    let in_excerpt = place.excerpt()[..place.underlined().start].chars().count() + 1;
    if in_excerpt != place.column {
        let wrong = format!("{path}:{line}:{in_excerpt}\n");
        *drawn = drawn.replacen(&wrong, &format!("{path}:{line}:{}\n", place.column), 1);
    }
}

/// Draws one error or doubt: `path:line:column`, the source line, the text underlined, related places, and what to
/// do about it.
pub fn draw(problem: &Problem, color: bool) -> String {
    drawn(problem, color, COLUMNS)
}

/// The same in so many columns.
pub(crate) fn drawn(problem: &Problem, color: bool, columns: usize) -> String {
    let mut marks = Vec::new();
    if let Some(place) = &problem.place {
        marks.push(Mark { place, label: "", is_primary: true });
    }
    for related in &problem.related {
        marks.push(Mark { place: &related.place, label: &related.message, is_primary: false });
    }
    let (title, help) = (problem.message.as_str(), problem.help.as_deref());
    Picture { severity: problem.severity, code: "", title, marks, notes: Vec::new(), help }
        .draw(color, columns)
}

/// Draws what was found in an input that can be used all the same: a warning, or a note, with its code and why it matters.
pub fn draw_found(code: &str, is_note: bool, problem: &Problem, why: &str, color: bool) -> String {
    let mark = |(place, is_primary)| Mark { place, label: "", is_primary };
    let related = problem.related.iter().map(|related| (&related.place, false));
    let marks = problem.place.iter().map(|place| (&**place, true)).chain(related).map(mark).collect();
    let (severity, title, help) = (problem.severity, problem.message.as_str(), problem.help.as_deref());
    let picture = Picture { severity, code, title, marks, notes: vec![("why", why)], help };
    picture.draw_as(if is_note { Level::NOTE } else { Level::WARNING }, color, COLUMNS)
}

/// `text` without characters that command a terminal.
pub fn printable(text: &str) -> String {
    annotate_snippets::normalize_untrusted_str(text)
}

#[cfg(test)]
mod tests {
    use seriatim_history::{LineIndex, SourceId, Span};

    use super::*;
    use crate::problem::Related;

    fn place(text: &str, start: usize, end: usize) -> Place {
        let span = Span::new(SourceId(0), start, end);
        Place::new("a.jsonl", text, &LineIndex::new(text.as_bytes()), span)
    }

    #[test]
    fn draws_the_place_the_related_place_and_the_help() {
        let text = "one\ntwo\n";
        let related = Related { place: place(text, 0, 3), message: "asked here".to_owned() };
        let mut problem = Problem::error("no `two`").at(place(text, 5, 7)).help("write three");
        problem.related.push(related);
        let expected = "\
error: no `two`
 --> a.jsonl:2:2
  |
2 | two
  |  ^^
  |
 ::: a.jsonl:1:1
  |
1 | one
  | --- asked here
  |
  = help: write three
";
        assert_eq!(draw(&problem, false), expected);
        assert!(draw(&problem, true).contains("\u{1b}["));
    }

    #[test]
    fn a_line_of_a_megabyte_is_cut_and_its_column_is_kept() {
        for color in [false, true] {
            let text = format!("{}bad{}", "x".repeat(600_000), "y".repeat(400_000));
            let drawn = draw(&Problem::error("odd").at(place(&text, 600_000, 600_003)), color);
            assert!(drawn.contains("a.jsonl:1:600001\n"), "{drawn}");
            assert!(drawn.len() < 1000, "{}", drawn.len());
        }
    }

    #[test]
    fn a_long_underline_leaves_room_for_its_label() {
        let text = "x".repeat(200);
        let related =
            Related { place: place(&text, 0, 200), message: "this one is not completed".to_owned() };
        let mut problem = Problem::error("odd");
        problem.related.push(related);
        let drawn = draw(&problem, false);
        assert!(drawn.contains("--- this one is not completed\n"), "{drawn}");
        assert!(drawn.lines().all(|line| line.chars().count() <= 80), "{drawn}");
    }

    #[test]
    fn empty_lines_line_ends_and_control_characters_are_drawn() {
        for (text, start) in [("", 0), ("a\n\nb", 2), ("abc", 3), ("\u{1b}[31m\u{7}", 1)] {
            let drawn = draw(&Problem::error("odd").at(place(text, start, start)), false);
            assert!(drawn.starts_with("error: odd\n"), "{drawn}");
            assert!(!drawn.contains('\u{1b}') && !drawn.contains('\u{7}'), "{drawn:?}");
        }
    }
}
