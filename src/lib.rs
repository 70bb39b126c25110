//! Kubernetes StatefulSets, simulated to the letter.
