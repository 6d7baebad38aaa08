//! Objects that live for a while: so no part of a history becomes too long to decide.

use crate::seed::Dice;

/// A few objects at a time, each of which is replaced by a new one after so many requests.
#[derive(Debug)]
pub(crate) struct Lives {
    word: &'static str,
    life: u32,
    /// Number of the object, requests it has had.
    active: Vec<(u32, u32)>,
    born: u32,
}

impl Lives {
    /// So many objects at a time, each for so many requests.
    pub(crate) fn new(word: &'static str, objects: u32, life: u32) -> Self {
        Self { word, life, active: (0..objects).map(|number| (number, 0)).collect(), born: objects }
    }

    /// One of the objects for a request, whoever makes it: which client and which node it goes by has nothing to do with it.
    pub(crate) fn draw(&mut self, dice: &mut Dice) -> u32 {
        let place = dice.place(self.active.len());
        let object = &mut self.active[place];
        if object.1 == self.life {
            *object = (self.born, 0);
            self.born += 1;
        }
        object.1 += 1;
        object.0
    }

    /// The key of an object.
    pub(crate) fn key(&self, object: u32) -> String {
        format!("{}{object}", self.word)
    }

    /// How many objects there were.
    pub(crate) fn born(&self) -> u32 {
        self.born
    }

    /// The keys of those that are alive.
    pub(crate) fn alive(&self) -> Vec<String> {
        self.active.iter().map(|(object, _)| self.key(*object)).collect()
    }
}
