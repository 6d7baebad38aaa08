//! The table of all rows: a file for each system.

use crate::row::Row;

#[cfg(feature = "etcd")]
mod etcd;
#[cfg(feature = "galera")]
mod galera;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "rabbitmq")]
mod rabbitmq;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "zookeeper")]
mod zookeeper;

/// The rows of all systems that this program was built with.
pub(crate) fn rows() -> Vec<Row> {
    let tables: &[&[Row]] = &[
        #[cfg(feature = "etcd")]
        etcd::ROWS,
        #[cfg(feature = "galera")]
        galera::ROWS,
        #[cfg(feature = "nats")]
        nats::ROWS,
        #[cfg(feature = "postgres")]
        postgres::ROWS,
        #[cfg(feature = "rabbitmq")]
        rabbitmq::ROWS,
        #[cfg(feature = "redis")]
        redis::ROWS,
        #[cfg(feature = "zookeeper")]
        zookeeper::ROWS,
    ];
    tables.concat()
}

/// The rows whose names are, or begin with, what somebody wrote; `*` stands for anything.
pub(crate) fn matching(rows: &[Row], pattern: &str) -> Vec<Row> {
    let fits = |row: &&Row| {
        let name = row.name();
        if pattern.contains('*') { like(&name, pattern) } else { name == pattern || below(&name, pattern) }
    };
    rows.iter().filter(fits).copied().collect()
}

fn below(name: &str, pattern: &str) -> bool {
    let pattern = pattern.strip_suffix('/').unwrap_or(pattern);
    name.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a name is like a pattern in which `*` stands for anything.
fn like(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((head, tail)) => name.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.is_char_boundary(at) && like(&rest[at..], tail))
        }),
    }
}

#[cfg(test)]
mod tests;
