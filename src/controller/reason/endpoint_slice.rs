//! Why a Service has the endpoints that it has.

use crate::api::value::EcoString;

/// What the endpoint controllers say about a Service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EndpointSliceReason {
    /// It has no selector: somebody else keeps its endpoints.
    NoSelector,
    /// It is an alias for a name and has no endpoints.
    ExternalName,
    /// Somebody keeps Endpoints of its name; its slices say the same.
    Mirrored,
    /// No Pod has the labels that it selects.
    NothingSelected,
    /// Pods are selected; so many are in each state.
    Selected {
        /// Ready to take connections (or published whether ready or not).
        ready_count: u32,
        /// Not ready.
        unready_count: u32,
        /// Being deleted and still running.
        terminating_count: u32,
        /// Left out: no address yet, or ended.
        absent_count: u32,
    },
    /// A Pod has no container port of the name that the Service sends to.
    PortNotFound {
        /// The port's name.
        port: EcoString,
        /// The Pod.
        pod: EcoString,
    },
}

impl EndpointSliceReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            EndpointSliceReason::NoSelector | EndpointSliceReason::ExternalName => "syncService",
            EndpointSliceReason::Mirrored => "syncEndpoints",
            EndpointSliceReason::NothingSelected => "reconcileByAddressType",
            EndpointSliceReason::Selected { .. } => "podToEndpoint",
            EndpointSliceReason::PortNotFound { .. } => "getEndpointPorts",
        }
    }
}
