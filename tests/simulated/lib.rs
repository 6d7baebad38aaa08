//! Nothing: what is here are tests of recorders in simulated networks.
