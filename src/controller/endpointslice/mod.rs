//! EndpointSlices: which Pods stand behind a Service.
//!
//! Models `pkg/controller/endpointslice` and `k8s.io/endpointslice`.
//!
//! # Scope
//!
//! - endpointslice-topology: no topology hints, no IPv6.

pub mod endpoint;
pub mod incremental;
pub mod reconciler;

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::Time;
pub use crate::apiserver::endpoint_index::SERVICE_NAME;
use crate::apiserver::watch::WatchEvent;
use crate::client::Lister;

use super::reason::EndpointSliceReason;
use super::{Controller, Decision, Reason};

/// Label with the controller that keeps a slice.
pub const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
/// This controller in [`MANAGED_BY`].
pub const CONTROLLER_NAME: &str = "endpointslice-controller.k8s.io";

/// endpoint-slice-controller
pub struct EndpointSliceController;

impl Controller for EndpointSliceController {
    fn name(&self) -> &'static str {
        "endpoint-slice-controller"
    }

    // Two Pods of one slice must not be looked at side by side.
    fn is_single_worker(&self) -> bool {
        true
    }

    fn enqueue(&self, changed: &WatchEvent, lister: Lister<'_>) -> Vec<ObjectKey> {
        match changed.key.kind {
            Kind::Service => vec![changed.key.clone()],
            Kind::Pod => incremental::keys(changed, lister),
            Kind::EndpointSlice if changed.actor != self.actor() => {
                service_of(&changed.object).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Decision {
        if key.kind == Kind::Pod {
            return incremental::sync(lister, key, self.actor(), now);
        }
        let Some(service) = lister.get(key) else { return Decision::default() };
        let reason = match service.spec().get("type").str() {
            "ExternalName" => EndpointSliceReason::ExternalName,
            _ if !endpoint::has_selector(service) => EndpointSliceReason::NoSelector,
            _ => return reconciler::reconcile(lister, service, self.actor(), now),
        };
        let reasons = vec![(key.clone(), Reason::EndpointSlice(reason))];
        Decision { reasons, ..Decision::default() }
    }
}

// The Service of a slice that this controller keeps.
fn service_of(slice: &Object) -> Option<ObjectKey> {
    let name = slice.label(SERVICE_NAME)?;
    let ours = slice.label(MANAGED_BY) == Some(CONTROLLER_NAME);
    ours.then(|| ObjectKey::new(Kind::Service, slice.namespace(), name))
}

/// The slices of a Service, whoever keeps them.
pub fn slices_of<'a>(
    lister: Lister<'a>,
    namespace: &'a str,
    service: &'a str,
) -> impl Iterator<Item = &'a Object> + 'a {
    let slices = lister.in_namespace(Kind::EndpointSlice, namespace);
    slices.filter(move |slice| slice.label(SERVICE_NAME) == Some(service))
}
