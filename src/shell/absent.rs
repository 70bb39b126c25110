//! Tools that a learner may type by habit and that are not simulated: each says so.
//!
//! Models no program: what a name would do on a real machine, in a few words.

use crate::script::{Io, Poll};

/// What the real tools would do, and their names.
const TOOLS: &[(&str, &str)] = &[
    ("filter JSON or YAML", "jq yq"),
    ("compress or expand files", "gzip gunzip zcat zip unzip bzip2 xz"),
    ("open an editor", "vi vim nvim nano emacs code"),
    ("log in to another machine", "ssh scp sftp rsync"),
    ("talk to a container runtime", "docker podman nerdctl crictl ctr"),
    ("install or look at charts", "helm"),
    ("make or look at a cluster", "minikube kind k3d kubeadm kops eksctl gcloud aws az"),
    (
        "show the cluster its own way",
        "k9s stern kubectx kubens kail kustomize flux argocd istioctl",
    ),
    ("send a request over the network", "curl wget nc telnet"),
    (
        "ask for names or test the network",
        "nslookup dig host ping traceroute ip ifconfig netstat ss",
    ),
    ("run a program in its language", "python python3 node perl ruby go java php"),
    ("build or keep source code", "git make gcc cargo npm"),
    ("install packages", "apt apt-get yum dnf brew snap"),
    ("act as another user", "sudo su"),
    ("show processes and memory", "ps top htop free vmstat lsof df mount uptime"),
    ("look at services of the machine", "systemctl journalctl service dmesg"),
    ("show a manual page", "man info"),
    ("keep terminals", "tmux screen"),
    ("draw a directory as a tree", "tree"),
    ("calculate", "bc dc"),
    ("make keys and certificates", "openssl ssh-keygen gpg"),
    ("fill in variables", "envsubst"),
    ("speak to a database", "mysql psql redis-cli mongosh etcdctl"),
];

/// What a tool would do, if it is one of these.
pub fn purpose(name: &str) -> Option<&'static str> {
    let row = TOOLS.iter().find(|(_, names)| names.split(' ').any(|known| known == name));
    row.map(|(purpose, _)| *purpose)
}

/// Says that the tool is not here.
pub fn poll(name: &str, io: &mut Io) -> Poll {
    let real = purpose(name).unwrap_or("run");
    io.output.err(&format!("{name}: not simulated here; the real {name} would {real}\n"));
    Poll::Exited(127)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_have_purposes() {
        assert_eq!(purpose("jq"), Some("filter JSON or YAML"));
        assert_eq!(purpose("no-such-tool"), None);
    }
}
