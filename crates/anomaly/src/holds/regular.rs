//! Regular registers of many writers, in the weak form: MWR-Weak of Shao, Welch, Pierce & Lee 2011.
//!
//! What returned before the read was called is sorted by its return, and of each and all before it the one that was
//! called last is known: `n log n`.

use seriatim_history::EventId;

use super::{Held, Why, first_from_nowhere};
use crate::pace::Pace;
use crate::session::{Source, Steps};

/// Writes of one key by their returns; of each and all before it the one that was called last.
type Returned = Vec<(EventId, (EventId, usize))>;

/// Whether every read saw a write that was called before it returned, and that no other lies between.
pub(super) fn regular(steps: &Steps, goes_on: &dyn Fn() -> bool) -> Held {
    if let Some(reader) = first_from_nowhere(steps) {
        return Held::Broken(steps.ids([reader]));
    }
    let returned = returned(steps);
    let mut pace = Pace::new(goes_on);
    for (reader, step) in steps.all.iter().enumerate() {
        if !pace.goes_on_with(1) {
            return Held::NotDetermined(Why::TimeUp);
        }
        let Some(source) = step.source else { continue };
        let write = source.write();
        if let Some(write) = write.filter(|&write| step.ret.is_some_and(|ret| ret < steps.all[write].call)) {
            return Held::Broken(steps.ids([reader, write]));
        }
        let since = match (source, write.map(|write| steps.all[write].ret)) {
            (Source::Initial, _) => None,
            (_, Some(Some(ret))) => Some(ret),
            // A write of unknown outcome may take effect as late as you like.
            _ => continue,
        };
        let before = returned[step.key].partition_point(|&(ret, _)| ret < step.call);
        let Some(&(_, (call, other))) = before.checked_sub(1).and_then(|at| returned[step.key].get(at))
        else {
            continue;
        };
        if since.is_none_or(|since| since < call) {
            return Held::Broken(steps.ids(write.into_iter().chain([other, reader])));
        }
    }
    Held::Holds
}

fn returned(steps: &Steps) -> Vec<Returned> {
    let mut all: Vec<Returned> = vec![Vec::new(); steps.keys];
    for (at, step) in steps.all.iter().enumerate().filter(|(_, step)| step.writes) {
        if let Some(ret) = step.ret {
            all[step.key].push((ret, (step.call, at)));
        }
    }
    for writes in &mut all {
        writes.sort_unstable();
        let mut last = None;
        for (_, write) in writes {
            last = last.max(Some(*write));
            *write = last.expect("there is one");
        }
    }
    all
}
