//! `bench`: how fast and how large roll-outs of large sets are.
#![expect(clippy::disallowed_types, reason = "a benchmark reads the real clock")]

use std::time::Instant;

use crate::api::scheme::Kind;
use crate::api::time::Duration;
use crate::chance::Choice;
use crate::shell::session::{Input, Session, TerminalId};
use crate::simulation::cluster::Cluster;
use crate::simulation::timeline::World;

const SIZES: [usize; 2] = [1_000, 10_000];
/// A roll-out that takes longer than this in simulated time is stuck.
const SIMULATED_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// Pods that a node takes at most.
const PODS_PER_NODE: usize = 110;

pub(super) fn run(arguments: &[String]) -> Result<(), String> {
    let mut sizes = SIZES;
    if let [small, large] = arguments {
        let number = |text: &String| text.parse().map_err(|_| format!("no number: {text}"));
        sizes = [number(small)?, number(large)?];
    }
    let nodes = sizes[1].div_ceil(PODS_PER_NODE).max(3);
    let mut seconds = Vec::new();
    for size in sizes {
        let started = Instant::now();
        let session = roll_out(size, nodes)?;
        seconds.push(started.elapsed().as_secs_f64());
        let simulated = session.now().since(crate::api::time::Time::START);
        println!(
            "{size} replicas: created in {:.2} s ({:.0} s simulated), {}",
            seconds[seconds.len() - 1],
            simulated.as_secs_f64(),
            memory()
        );
    }
    let times = sizes[1] as f64 / sizes[0] as f64;
    println!("{times} times the replicas take {:.1} times as long", seconds[1] / seconds[0]);
    Ok(())
}

fn manifest(replicas: usize) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: nginx}}\nspec:\n  clusterIP: None\n  \
         selector: {{app: nginx}}\n  ports: [{{port: 80, name: web}}]\n---\n\
         apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: web}}\nspec:\n  \
         serviceName: nginx\n  replicas: {replicas}\n  selector: {{matchLabels: {{app: nginx}}}}\n  \
         template:\n    metadata: {{labels: {{app: nginx}}}}\n    spec:\n      containers:\n      \
         - {{name: nginx, image: \"nginx:1.29\", ports: [{{containerPort: 80, name: web}}]}}\n"
    )
}

fn roll_out(replicas: usize, nodes: usize) -> Result<Session, String> {
    let mut session = Session::on(Cluster::with_nodes(Choice::seeded(1), nodes));
    let (path, content) = ("web.yaml".into(), manifest(replicas).into());
    session.apply(&Input::WriteFile { path, content });
    let line = "kubectl apply -f web.yaml".into();
    session.apply(&Input::Command { terminal: TerminalId::MAIN, line });
    let limit = session.now().after(SIMULATED_MAX);
    while ready(&session) != Some(replicas as i64) {
        if session.now() > limit || session.next_at().is_none() {
            return Err(format!("{replicas} replicas are not ready after a week"));
        }
        session.step();
    }
    Ok(session)
}

fn ready(session: &Session) -> Option<i64> {
    let set = session.cluster().lister().find(Kind::StatefulSet, "default", "web")?;
    set.status().get("readyReplicas").as_i64()
}

// The process's resident memory, where the system tells.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or_else(|| "memory unknown".into(), |size| format!("memory {}", size.trim()))
}
