//! What is put into every namespace, and why (`pkg/controller/serviceaccount` and
//! `pkg/controller/certificates/rootcacertpublisher`).

/// Why something was put into a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ServiceAccountReason {
    /// Every namespace has a ServiceAccount `default`. (`syncNamespace`)
    DefaultCreated,
    /// Every namespace has the cluster's root certificate. (`syncNamespace`)
    RootCertificatePublished,
    /// The root certificate was changed by hand and is put right. (`syncNamespace`)
    RootCertificateRestored,
}

impl ServiceAccountReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::DefaultCreated
            | Self::RootCertificatePublished
            | Self::RootCertificateRestored => "syncNamespace",
        }
    }
}
