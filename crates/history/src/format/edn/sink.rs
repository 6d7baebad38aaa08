//! Where the reader puts what it reads: among the values of a history, or nowhere.

use super::literal::Number;
use crate::value::{ValueId, Values};

/// What a collection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `[…]`
    Vector,
    /// `(…)`
    List,
    /// `#{…}`
    Set,
    /// `{…}`
    Map,
}

impl Shape {
    /// What closes it.
    pub(super) fn closer(self) -> u8 {
        match self {
            Self::Vector => b']',
            Self::List => b')',
            Self::Set | Self::Map => b'}',
        }
    }

    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Vector => "vector",
            Self::List => "list",
            Self::Set => "set",
            Self::Map => "map",
        }
    }
}

/// Takes what the reader reads, innermost first. One grammar serves reading and skipping, so that both accept the same texts.
pub(super) trait Sink {
    /// Whether texts have to be decoded.
    const KEEPS: bool;
    /// Takes nil.
    fn nil(&mut self);
    /// Takes a truth value.
    fn bool(&mut self, value: bool);
    /// Takes a text, a keyword without its colon, or a symbol.
    fn text(&mut self, text: &str);
    /// Takes a number.
    fn number(&mut self, number: Number<'_>);
    /// Where a collection begins.
    fn open(&self) -> usize;
    /// Makes a collection of all that was taken since `open`.
    fn close(&mut self, shape: Shape, open: usize);
}

/// Reads for the syntax alone.
pub(super) struct Skip;

impl Sink for Skip {
    const KEEPS: bool = false;
    fn nil(&mut self) {}
    fn bool(&mut self, _: bool) {}
    fn text(&mut self, _: &str) {}
    fn number(&mut self, _: Number<'_>) {}
    fn open(&self) -> usize {
        0
    }
    fn close(&mut self, _: Shape, _: usize) {}
}

/// Numbers what is read.
pub(super) struct Intern<'v> {
    /// Where the values go.
    pub(super) values: &'v mut Values,
    /// What was read and is in no collection yet.
    pub(super) stack: Vec<ValueId>,
}

impl Sink for Intern<'_> {
    const KEEPS: bool = true;

    fn nil(&mut self) {
        self.stack.push(ValueId::NIL);
    }

    fn bool(&mut self, value: bool) {
        self.stack.push(self.values.bool(value));
    }

    fn text(&mut self, text: &str) {
        self.stack.push(self.values.text(text));
    }

    fn number(&mut self, number: Number<'_>) {
        let id = match number {
            Number::Int(int) => self.values.int(int),
            Number::Decimal(text) => self.values.number(text).expect("a number as the reader checked it"),
            Number::Ratio(text) => self.values.text(&text),
        };
        self.stack.push(id);
    }

    fn open(&self) -> usize {
        self.stack.len()
    }

    fn close(&mut self, shape: Shape, open: usize) {
        let items = &self.stack[open..];
        let id = match shape {
            Shape::Vector | Shape::List => self.values.list(items),
            Shape::Set => self.values.set(items.to_vec()),
            Shape::Map => self.values.map(items.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()),
        };
        self.stack.truncate(open);
        self.stack.push(id);
    }
}
