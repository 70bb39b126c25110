//! `bench`: how fast and how large roll-outs of large sets are.
#![expect(clippy::disallowed_types, reason = "a benchmark reads the real clock")]

use std::time::Instant;

use crate::api::scheme::Kind;
use crate::api::time::Duration;
use crate::apiserver::EVENT_TTL;
use crate::chance::Choice;
use crate::shell::session::{Input, Session, TerminalId};
use crate::simulation::cluster::Cluster;
use crate::simulation::timeline::World;

use super::memory;

const SIZES: [usize; 2] = [1_000, 10_000];
/// A roll-out that takes longer than this in simulated time is stuck.
const SIMULATED_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// Pods that a node takes at most.
const PODS_PER_NODE: usize = 110;

const STACK_BYTES: usize = 64 << 20;

/// What a roll-out took.
struct Measured {
    replicas: usize,
    seconds: f64,
    bytes: i64,
}

pub(super) fn run(arguments: &[String]) -> Result<(), String> {
    let mut sizes = SIZES;
    if let [small, large] = arguments {
        let number = |text: &String| text.parse().map_err(|_| format!("no number: {text}"));
        sizes = [number(small)?, number(large)?];
    }
    let nodes = sizes[0].max(sizes[1]).div_ceil(PODS_PER_NODE).max(3);
    let [small, large] = sizes;
    let (small, large) = (measure_apart(small, nodes)?, measure_apart(large, nodes)?);
    super::print(&format!(
        "{:.1} times the replicas take {:.1} times as long\n",
        large.replicas as f64 / small.replicas as f64,
        large.seconds / small.seconds
    ));
    let per_pod = (large.bytes - small.bytes) as f64 / (large.replicas - small.replicas) as f64;
    super::print(&format!(
        "{:.1} KB a Pod: its object, its kubelet's worker, its part of endpoints and indexes. \
         Not counted are its Events, which expire within an hour, and the logs of changes and \
         reasons, which keep {} and {} entries\n",
        per_pod / 1024.0,
        crate::apiserver::storage::LOG_LENGTH_MAX,
        crate::simulation::trace::TRACE_LENGTH_MAX,
    ));
    Ok(())
}

// In a thread of its own, so that nothing that a former one has left behind counts.
fn measure_apart(replicas: usize, nodes: usize) -> Result<Measured, String> {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    let running = thread.spawn(move || measure(replicas, nodes)).map_err(|e| e.to_string())?;
    running.join().map_err(|_| "a roll-out panicked".to_string())?
}

fn measure(replicas: usize, nodes: usize) -> Result<Measured, String> {
    let bytes_before = memory::in_use();
    let (started, cpu_before) = (Instant::now(), cpu_seconds());
    let mut session = roll_out(replicas, nodes)?;
    let by_the_clock = started.elapsed().as_secs_f64();
    // Others may keep the machine busy meanwhile.
    let seconds =
        cpu_seconds().zip(cpu_before).map_or(by_the_clock, |(after, before)| after - before);
    let simulated = session.now().since(crate::api::time::Time::START);
    let megabytes = (memory::in_use() - bytes_before) as f64 / 1048576.0;
    super::print(&format!(
        "{replicas} replicas: created in {seconds:.2} s of processor time ({by_the_clock:.2} s by \
         the clock, {:.0} s simulated), {megabytes:.0} MB with all Events and logs\n",
        simulated.as_secs_f64(),
    ));
    let later = session.now().after(EVENT_TTL + Duration::from_secs(600));
    while session.next_at().is_some_and(|next| next <= later) {
        session.step();
    }
    let bytes = memory::in_use() - bytes_before;
    Ok(Measured { replicas, seconds, bytes })
}

// Seconds that this thread has computed, where the system tells.
fn cpu_seconds() -> Option<f64> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = statistics.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
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
        // Looking costs time, too.
        let look = session.now().after(Duration::from_millis(100));
        while session.now() < look && session.next_at().is_some() {
            session.step();
        }
    }
    Ok(session)
}

fn ready(session: &Session) -> Option<i64> {
    let set = session.cluster().lister().find(Kind::StatefulSet, "default", "web")?;
    set.status().get("readyReplicas").as_i64()
}
