//! Feature gates: what a cluster was started with (`--feature-gates`).
//!
//! Models `k8s.io/component-base/featuregate` and the defaults of `pkg/features/kube_features.go`
//! in v1.37, for the gates that change what a StatefulSet does. API server and controllers always
//! have the same ones here.

use imbl::OrdSet;

/// A gate that can be opened or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// The update strategy `Recreate`; alpha in v1.37, closed by default.
    StatefulSetRecreateStrategy,
}

/// Gates and their stage and default in v1.37.
const KNOWN: [(Gate, &str, bool); 1] =
    [(Gate::StatefulSetRecreateStrategy, "StatefulSetRecreateStrategy", false)];

impl Gate {
    /// Its name as `--feature-gates` writes it.
    pub fn name(self) -> &'static str {
        KNOWN.iter().find(|(gate, ..)| *gate == self).map_or("", |(_, name, _)| name)
    }

    /// The gate of this name.
    pub fn named(name: &str) -> Option<Gate> {
        KNOWN.iter().find(|(_, known, _)| *known == name).map(|(gate, ..)| *gate)
    }
}

/// Which gates are open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FeatureGates {
    open: OrdSet<Gate>,
}

impl Default for FeatureGates {
    fn default() -> Self {
        let open = KNOWN.iter().filter(|(.., default)| *default).map(|(gate, ..)| *gate);
        FeatureGates { open: open.collect() }
    }
}

impl FeatureGates {
    /// Whether a gate is open.
    pub fn enabled(&self, gate: Gate) -> bool {
        self.open.contains(&gate)
    }

    /// Opens or closes a gate.
    pub fn set(&mut self, gate: Gate, open: bool) {
        match open {
            true => self.open.insert(gate),
            false => self.open.remove(&gate),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_known_by_name_and_closed_as_in_v1_37() {
        for (gate, name, default) in KNOWN {
            assert_eq!(Gate::named(name), Some(gate));
            assert_eq!(gate.name(), name);
            assert_eq!(FeatureGates::default().enabled(gate), default);
        }
        assert_eq!(Gate::named("NoSuchGate"), None);
    }
}
