//! The StatefulSet controller: upstream's cases under their names, golden traces, invariants.

mod cluster;
