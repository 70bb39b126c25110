//! What the endpoint controllers say, in English.

use crate::controller::reason::EndpointSliceReason;

/// A reason as one sentence.
pub fn sentence(reason: &EndpointSliceReason) -> String {
    match reason {
        EndpointSliceReason::NoSelector => {
            "The Service has no selector, so nobody keeps endpoints for it.".into()
        }
        EndpointSliceReason::Mirrored => {
            "Its endpoints are those of the Endpoints of its name, which somebody keeps by hand."
                .into()
        }
        EndpointSliceReason::ExternalName => {
            "The Service is an alias for a name outside; it has no endpoints.".into()
        }
        EndpointSliceReason::NothingSelected => {
            "No Pod has the labels that the Service selects: its endpoints are empty.".into()
        }
        EndpointSliceReason::Selected {
            ready_count,
            unready_count,
            terminating_count,
            absent_count,
        } => {
            let mut parts = vec![format!("{ready_count} ready")];
            let others = [
                (unready_count, "not ready"),
                (terminating_count, "terminating"),
                (absent_count, "without an address"),
            ];
            for (count, what) in others {
                if *count > 0 {
                    parts.push(format!("{count} {what}"));
                }
            }
            format!("Endpoints of the Service: {}.", parts.join(", "))
        }
        EndpointSliceReason::PortNotFound { port, pod } => format!(
            "{pod} has no container port named {port}, so the Service does not lead to it there."
        ),
    }
}
