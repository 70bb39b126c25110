//! Why the name server answers as it does, in English.

use crate::dns::{AnswerReason as R, Unlisted};

/// A reason as one sentence.
pub fn sentence(reason: &R) -> String {
    match reason {
        R::ClusterIp(service) => {
            format!("The Service {service} has one address of its own, whoever stands behind it.")
        }
        R::Endpoints { service, count } => {
            format!("{service} is headless: the name leads to its {count} ready endpoints.")
        }
        R::Hostname { service, pod } => {
            format!("{pod} is a ready endpoint of {service} under this name.")
        }
        R::Alias { service, target } => format!("{service} is an alias for {target}."),
        R::PodAddress => "The name spells an address; nobody checks that it exists.".into(),
        R::Reverse(names) => format!("The address has {} names.", names.len()),
        R::InnerName => "Names lie below this one, but it has no records itself.".into(),
        R::Zone => "The name server knows this of its own zone.".into(),
        R::NoNamespace(name) => format!("There is no namespace {name}."),
        R::NoService(service) => format!("There is no Service {service}."),
        R::NoReadyEndpoint(service) => format!(
            "{service} is headless and none of its endpoints is ready, so it has no name at all."
        ),
        R::NoHostname { service, hostname, pod: None } => {
            format!("{service} has no endpoint named {hostname}.")
        }
        R::NoHostname { service, pod: Some((pod, why)), .. } => unlisted(service, pod, *why),
        R::NoPort(service) => format!("{service} has no port of this name and protocol."),
        R::NoSuchForm => "Names of the cluster never look like this.".into(),
        R::NoOwner => "Nobody in the cluster has this address.".into(),
        R::Outside => "The name lies outside of cluster.local.".into(),
    }
}

fn unlisted(service: &str, pod: &str, why: Unlisted) -> String {
    match why {
        Unlisted::Missing => format!("There is no Pod {pod}."),
        Unlisted::NoAddress => format!("{pod} has no address yet."),
        Unlisted::NotReady => format!(
            "{pod} is not ready, and {service} does not publish addresses that are not ready."
        ),
        Unlisted::Terminating => format!("{pod} is being deleted: its name is gone at once."),
        Unlisted::OtherSubdomain => {
            format!("{pod} is behind {service}, but its set names another Service in serviceName.")
        }
        Unlisted::NotSelected => format!("{service} does not select {pod}."),
    }
}
