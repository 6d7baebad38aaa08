//! Who contradicts a read of a log, or an append that was told its place.

use seriatim_history::ValueId;
use seriatim_model::{Access, Model};

use super::{Scout, Seen};
use crate::strategy::Numbers;

impl<M: Model> Scout<'_, M> {
    pub(super) fn of_log(&self) -> Option<Vec<usize>> {
        let last = self.seen(self.last)?;
        let guesses = match &last.access {
            Access::ReadLog(all) => self.of_read_log(all, &last),
            &Access::AppendAt(entry, place) => self.of_place(entry, place, &last),
            _ => return None,
        };
        self.first_told(guesses).or_else(|| self.first_of([Vec::new()]))
    }

    /// Who may contradict a read of these entries.
    fn of_read_log(&self, all: &[ValueId], last: &Seen) -> Vec<Vec<usize>> {
        let index = |entry: &ValueId| u32::try_from(entry.index()).expect("values have 32 bits");
        let mut entries = Numbers::new(all.iter().map(index));
        // By the number of an entry, where it stands last.
        let mut places: Vec<usize> = Vec::with_capacity(all.len());
        for (place, entry) in all.iter().enumerate() {
            let number = entries.number(index(entry)) as usize;
            if number == places.len() {
                places.push(place);
            } else {
                places[number] = place;
            }
        }
        let place = |entry: &ValueId| entries.find(index(entry)).map(|entry| places[entry as usize]);
        let mut appends: Vec<Option<(u32, u32, usize)>> = vec![None; all.len()];
        let (mut torn, mut longer, mut missed, mut misplaced) = (None, None, None, None);
        for seen in self.prefix().filter(|seen| seen.at != self.last) {
            let is_over = seen.ret < last.call;
            match &seen.access {
                Access::ReadLog(other) if seen.ret < self.end => {
                    if !all.starts_with(other) && !other.starts_with(all) {
                        torn = torn.or(Some(seen.at));
                    } else if other.len() > all.len() && is_over {
                        longer = Some(seen.at);
                    }
                }
                Access::Append(entry) | Access::AppendAt(entry, _) => match place(entry) {
                    Some(place) => {
                        appends[place] = Some((seen.call, seen.ret, seen.at));
                        if matches!(seen.access, Access::AppendAt(_, told) if told != place) {
                            misplaced = Some(seen.at);
                        }
                    }
                    None if is_over => missed = Some(seen.at),
                    None => {
                        let told = matches!(seen.access, Access::AppendAt(_, told) if told < all.len());
                        if told && seen.ret < self.end {
                            misplaced = Some(seen.at);
                        }
                    }
                },
                _ => {}
            }
        }
        let alone = [torn, longer, missed, misplaced].into_iter().flatten().map(|at| vec![at]);
        alone.chain(in_wrong_order(appends.into_iter().flatten())).collect()
    }

    /// Who may contradict an append of this entry that was told this place.
    fn of_place(&self, entry: ValueId, place: usize, last: &Seen) -> Vec<Vec<usize>> {
        let (mut same, mut longest) = (None, None);
        for seen in self.prefix().filter(|seen| seen.at != self.last && seen.ret < self.end) {
            match &seen.access {
                Access::AppendAt(_, other) if *other == place => same = Some(seen.at),
                Access::ReadLog(all) if all.get(place).is_some_and(|&other| other != entry) => {
                    same = Some(seen.at);
                }
                Access::ReadLog(all) if seen.ret < last.call => {
                    longest = longest.max(Some((all.len(), seen.at)));
                }
                Access::AppendAt(_, other) if seen.ret < last.call => {
                    longest = longest.max(Some((other + 1, seen.at)));
                }
                _ => {}
            }
        }
        same.into_iter().chain(longest.map(|(_, at)| at)).map(|at| vec![at]).collect()
    }
}

/// Of appends in the order of their entries, each with its call and its return: one that had returned before somebody
/// was called whose entry stands earlier, and that one.
fn in_wrong_order(appends: impl Iterator<Item = (u32, u32, usize)>) -> Option<Vec<usize>> {
    let mut latest: Option<(u32, usize)> = None;
    for (call, ret, at) in appends {
        if let Some((called, other)) = latest
            && ret < called
        {
            return Some(vec![at, other]);
        }
        latest = latest.max(Some((call, at)));
    }
    None
}
