//! Processes by whom they descend from: also those that left the group and the session they began in, as PostgreSQL's do.

use std::fs;

use nix::unistd::Pid;

/// The children of a process, theirs, and so on. Whoever's parent has died is not among them.
pub(crate) fn descendants(of: Pid) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let parents: Vec<(Pid, Pid)> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|number: i32| {
            let about = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
            Some((Pid::from_raw(number), parent(&about)?))
        })
        .collect();
    below(of, &parents)
}

/// Those that descend from one, of processes and their parents.
fn below(of: Pid, parents: &[(Pid, Pid)]) -> Vec<Pid> {
    let mut found = vec![of];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        let children = parents.iter().filter(|(_, of)| *of == parent).map(|(child, _)| *child);
        let fresh: Vec<_> = children.filter(|child| !found.contains(child)).collect();
        found.extend(fresh);
        next += 1;
    }
    found.split_off(1)
}

/// The parent, from what the kernel says of a process: behind its name in brackets, which may have brackets of its own.
fn parent(about: &str) -> Option<Pid> {
    let (_, rest) = about.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok().map(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pids<const N: usize>(numbers: [i32; N]) -> Vec<Pid> {
        numbers.map(Pid::from_raw).to_vec()
    }

    #[test]
    fn the_parent_stands_behind_the_name() {
        assert_eq!(parent("17 (a (b) c) S 4 17 17 0 -1"), Some(Pid::from_raw(4)));
        assert_eq!(parent("17"), None);
    }

    #[test]
    fn children_of_children_are_descendants() {
        let parents =
            [(2, 1), (3, 2), (4, 3), (5, 1), (6, 7)].map(|(own, of)| (Pid::from_raw(own), Pid::from_raw(of)));
        assert_eq!(below(Pid::from_raw(2), &parents), pids([3, 4]));
        assert_eq!(below(Pid::from_raw(6), &parents), pids([]));
    }
}
