//! What accesses say about the order of operations: a file for each data type.

pub(crate) mod register;
