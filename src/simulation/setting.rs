//! Settings of a cluster that differ from the defaults of v1.37 with kubeadm.

use crate::apiserver::feature_gates::Gate;

/// A setting with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setting {
    /// A feature gate of API server and controller manager, open or closed.
    FeatureGate(Gate, bool),
    /// The name server keeps its answers for their time to live, as with older Corefiles.
    NameCache(bool),
}

const NAME_CACHE: &str = "dns-cache";

impl Setting {
    /// Its name in a written-down session.
    pub fn name(self) -> &'static str {
        match self {
            Setting::FeatureGate(gate, _) => gate.name(),
            Setting::NameCache(_) => NAME_CACHE,
        }
    }

    /// Whether it is switched on.
    pub fn is_on(self) -> bool {
        match self {
            Setting::FeatureGate(_, on) | Setting::NameCache(on) => on,
        }
    }

    /// The setting of this name.
    pub fn named(name: &str, on: bool) -> Option<Setting> {
        if name == NAME_CACHE {
            return Some(Setting::NameCache(on));
        }
        Gate::named(name).map(|gate| Setting::FeatureGate(gate, on))
    }
}
