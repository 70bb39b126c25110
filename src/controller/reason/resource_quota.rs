//! What the quota controller says (`pkg/controller/resourcequota`).

/// Why the status of a ResourceQuota was written, or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ResourceQuotaReason {
    /// What the namespace uses was counted anew and differs from the status.
    /// (`syncResourceQuota`)
    Recounted,
    /// The status is what the namespace uses. (`syncResourceQuota`)
    UpToDate,
}

impl ResourceQuotaReason {
    /// The upstream function whose branch it is.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Recounted | Self::UpToDate => "syncResourceQuota",
        }
    }
}
