//! What every namespace has: the ServiceAccount `default` and the root certificate.
//!
//! Models `pkg/controller/serviceaccount` and
//! `pkg/controller/certificates/rootcacertpublisher`.

use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::time::Time;
use crate::apiserver::bootstrap::{root_certificate, service_account};
use crate::apiserver::request::Request;
use crate::apiserver::watch::{WatchEvent, WatchEventType};
use crate::client::Lister;
use crate::controller::reason::ServiceAccountReason as R;
use crate::controller::{Controller, Decision, OnRefusal, Reason, Step};

/// Makes the ServiceAccount `default`.
pub struct ServiceAccountsController;

/// Publishes the root certificate as the ConfigMap `kube-root-ca.crt`.
pub struct RootCertificatePublisher;

impl Controller for ServiceAccountsController {
    fn name(&self) -> &'static str {
        "service-account-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, _lister: Lister<'_>) -> Vec<ObjectKey> {
        let deleted = changed.event_type == WatchEventType::Deleted;
        namespaces_of(changed, Kind::ServiceAccount, deleted && changed.key.name == "default")
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, _now: Time) -> Decision {
        let mut decision = Decision::default();
        let missing = lister.find(Kind::ServiceAccount, &key.name, "default").is_none();
        if is_active(lister, key) && missing {
            let request = Request::create(self.actor(), &service_account(&key.name));
            decision.steps.push(Step::new(request).on_refusal(unless_there()));
            decision.reasons.push((key.clone(), Reason::ServiceAccount(R::DefaultCreated)));
        }
        decision
    }
}

impl Controller for RootCertificatePublisher {
    fn name(&self) -> &'static str {
        "root-ca-certificate-publisher-controller"
    }

    fn enqueue(&self, changed: &WatchEvent, _lister: Lister<'_>) -> Vec<ObjectKey> {
        let not_added = changed.event_type != WatchEventType::Added;
        namespaces_of(changed, Kind::ConfigMap, not_added && changed.key.name == "kube-root-ca.crt")
    }

    fn sync(&self, lister: Lister<'_>, key: &ObjectKey, _now: Time) -> Decision {
        let mut decision = Decision::default();
        if !is_active(lister, key) {
            return decision;
        }
        let wanted = root_certificate(&key.name);
        let found = lister.find(Kind::ConfigMap, &key.name, wanted.name());
        let (step, reason) = match found {
            None => {
                let request = Request::create(self.actor(), &wanted);
                (Step::new(request).on_refusal(unless_there()), R::RootCertificatePublished)
            }
            Some(found) if is_restored(found, &wanted) => return decision,
            Some(found) => {
                let request = Request::update(self.actor(), &restored(found, &wanted));
                (Step::new(request), R::RootCertificateRestored)
            }
        };
        decision.steps.push(step);
        decision.reasons.push((key.clone(), Reason::ServiceAccount(reason)));
        decision
    }
}

fn namespaces_of(changed: &WatchEvent, content: Kind, concerns: bool) -> Vec<ObjectKey> {
    match changed.key.kind {
        Kind::Namespace if changed.event_type != WatchEventType::Deleted => {
            vec![changed.key.clone()]
        }
        kind if kind == content && concerns => {
            vec![ObjectKey::new(Kind::Namespace, "", changed.key.namespace.clone())]
        }
        _ => Vec::new(),
    }
}

fn is_active(lister: Lister, namespace: &ObjectKey) -> bool {
    lister.get(namespace).is_some_and(|n| n.status().get("phase").str() == "Active")
}

// In a namespace that is being deleted nothing can be made any more; that is no failure.
fn unless_there() -> OnRefusal {
    OnRefusal::Accept(vec!["AlreadyExists".into(), "NotFound".into(), "Forbidden".into()])
}

const ABOUT: &str = "kubernetes.io/description";

fn is_restored(found: &Object, wanted: &Object) -> bool {
    found.path(&["data"]) == wanted.path(&["data"])
        && found.annotation(ABOUT).is_some_and(|about| !about.is_empty())
}

fn restored(found: &Object, wanted: &Object) -> Object {
    let mut object = found.clone();
    object.set(&["data"], wanted.path(&["data"]));
    object.set(&["metadata", "annotations", ABOUT], wanted.annotation(ABOUT));
    object
}
