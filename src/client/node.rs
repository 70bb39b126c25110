//! The node API behind `kubectl exec`, `attach`, `logs` and `cp`.
//!
//! Models the kubelet's streaming endpoints (`pkg/kubelet/server`) without their protocol.

use crate::api::object::ObjectKey;
use crate::api::time::Time;
use crate::api::value::EcoString;

/// Names a running stream of exec or attach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// A command to run in a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExecRequest {
    /// The Pod.
    pub pod: ObjectKey,
    /// The container's name.
    pub container: EcoString,
    /// Program and arguments.
    pub command: Vec<EcoString>,
    /// Whether input follows.
    pub stdin: bool,
    /// Whether it runs in a terminal.
    pub tty: bool,
}

/// A container's main process to attach to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttachRequest {
    /// The Pod.
    pub pod: ObjectKey,
    /// The container's name.
    pub container: EcoString,
    /// Whether input follows.
    pub stdin: bool,
    /// Whether it runs in a terminal.
    pub tty: bool,
}

/// Input for a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Input {
    /// Bytes for its standard input.
    pub bytes: Vec<u8>,
    /// Whether that was the last of it.
    pub closed: bool,
    /// Whether Ctrl-C was pressed in its terminal.
    pub interrupt: bool,
}

/// What came out of a stream since it was asked last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Output {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// The exit code, once the process has ended and everything was handed over.
    pub exit: Option<i32>,
}

/// Which part of which log (`corev1.PodLogOptions`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogRequest {
    /// The Pod.
    pub pod: ObjectKey,
    /// The container's name.
    pub container: EcoString,
    /// The log of the container's former run.
    pub previous: bool,
    /// Only the last lines.
    pub tail_lines: Option<u64>,
    /// Only what is younger.
    pub since: Option<Time>,
    /// Each line with its time before it.
    pub timestamps: bool,
    /// Only lines after this many, to follow a log.
    pub skip_lines: u64,
}

/// Part of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    /// The text.
    pub text: String,
    /// How many lines the log had in all, for the next `skip_lines`.
    pub line_count: u64,
    /// Whether the container has ended, so that nothing more will come.
    pub ended: bool,
}
