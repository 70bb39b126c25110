//! The fields of a kubeconfig.
//!
//! Models the types of `k8s.io/client-go/tools/clientcmd/api` as `pkg/cmd/config` walks them.

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Text.
    Text,
    /// A file's content, in base64.
    Bytes,
    /// True or false.
    Switch,
    /// What no value can be given to.
    Other,
}

/// A list of entries with names.
pub(super) struct List {
    /// `clusters`
    pub(super) name: &'static str,
    /// What an entry holds beside its name: `cluster`.
    pub(super) inner: &'static str,
    /// The fields of that.
    pub(super) fields: &'static [(&'static str, Form)],
}

/// `clusters`
pub(super) static CLUSTERS: List = List {
    name: "clusters",
    inner: "cluster",
    fields: &[
        ("server", Form::Text),
        ("tls-server-name", Form::Text),
        ("insecure-skip-tls-verify", Form::Switch),
        ("certificate-authority", Form::Text),
        ("certificate-authority-data", Form::Bytes),
        ("proxy-url", Form::Text),
        ("disable-compression", Form::Switch),
        ("extensions", Form::Other),
    ],
};

/// `contexts`
pub(super) static CONTEXTS: List = List {
    name: "contexts",
    inner: "context",
    fields: &[
        ("cluster", Form::Text),
        ("user", Form::Text),
        ("namespace", Form::Text),
        ("extensions", Form::Other),
    ],
};

/// `users`
pub(super) static USERS: List = List {
    name: "users",
    inner: "user",
    fields: &[
        ("client-certificate", Form::Text),
        ("client-certificate-data", Form::Bytes),
        ("client-key", Form::Text),
        ("client-key-data", Form::Bytes),
        ("token", Form::Text),
        ("tokenFile", Form::Text),
        ("act-as", Form::Text),
        ("act-as-uid", Form::Text),
        ("act-as-groups", Form::Other),
        ("act-as-user-extra", Form::Other),
        ("username", Form::Text),
        ("password", Form::Text),
        ("auth-provider", Form::Other),
        ("exec", Form::Other),
        ("extensions", Form::Other),
    ],
};

/// All lists.
pub(super) static LISTS: [&List; 3] = [&CLUSTERS, &CONTEXTS, &USERS];

impl List {
    /// The field of this name.
    pub(super) fn field(&self, name: &str) -> Option<(&'static str, Form)> {
        self.fields.iter().find(|(field, _)| *field == name).copied()
    }
}
