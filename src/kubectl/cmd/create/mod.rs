//! `kubectl create`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/create`: objects out of files, and generators of some kinds.

mod access;
mod config;
mod credential;
mod generator;
mod hash;
mod ingress;
mod policy;
mod service;
mod workload;

use super::{raw, refuse};
use crate::api::object::Object;
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, Request};
use crate::kubectl::command::{
    Command, DRY_RUN_FLAG, FILENAME_FLAGS, Flag, PRINT_FLAGS, RECORD_FLAG, SELECTOR_FLAG,
};
use crate::kubectl::dry_run::DryRun;
use crate::kubectl::errors::{Failure, with_source};
use crate::kubectl::invocation::Invocation;
use crate::kubectl::last_applied;
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::kubectl::record::record;
use crate::kubectl::resource_builder::{Builder, Info};
use crate::kubectl::validation::{self, VALIDATE_FLAG};

macro_rules! generator {
    ($path:literal, $run:path, [$($flags:expr),*]) => {
        Command::new(
            $path,
            &[PRINT_FLAGS, DRY_RUN_FLAG, VALIDATE_FLAG, COMMON_FLAGS, $($flags),*],
            $run,
        )
    };
}

/// Their rows.
pub static COMMANDS: &[Command] = &[
    Command::new(
        "create",
        &[
            FILENAME_FLAGS,
            PRINT_FLAGS,
            SELECTOR_FLAG,
            DRY_RUN_FLAG,
            RECORD_FLAG,
            VALIDATE_FLAG,
            COMMON_FLAGS,
            FLAGS,
        ],
        run,
    ),
    generator!("create configmap", config::config_map, [config::FLAGS]).aliases(&["cm"]),
    generator!("create cronjob", workload::cron_job, [workload::CRON_JOB_FLAGS]).aliases(&["cj"]),
    generator!("create deployment", workload::deployment, [workload::DEPLOYMENT_FLAGS])
        .aliases(&["deploy"]),
    generator!("create job", workload::job, [workload::JOB_FLAGS]),
    generator!("create namespace", generator::namespace, []).aliases(&["ns"]),
    generator!("create poddisruptionbudget", policy::budget, [policy::BUDGET_FLAGS])
        .aliases(&["pdb"]),
    generator!("create priorityclass", policy::priority_class, [policy::PRIORITY_FLAGS])
        .aliases(&["pc"]),
    generator!("create quota", policy::quota, [policy::QUOTA_FLAGS]).aliases(&["resourcequota"]),
    Command::new("create secret", &[], super::show_help),
    generator!("create secret generic", config::generic_secret, [config::FLAGS, config::TYPE_FLAG]),
    generator!(
        "create secret docker-registry",
        credential::docker_registry,
        [credential::DOCKER_FLAGS]
    ),
    generator!("create secret tls", credential::tls, [credential::TLS_FLAGS]),
    Command::new("create service", &[], super::show_help).aliases(&["svc"]),
    generator!("create service clusterip", service::cluster_ip, [service::CLUSTER_IP_FLAGS]),
    generator!("create service externalname", service::external_name, [service::NAME_FLAGS]),
    generator!("create service loadbalancer", service::load_balancer, [service::TCP_FLAG]),
    generator!("create service nodeport", service::node_port, [service::NODE_PORT_FLAGS]),
    generator!("create serviceaccount", generator::service_account, []).aliases(&["sa"]),
    generator!("create clusterrole", access::cluster_role, [access::CLUSTER_ROLE_FLAGS]),
    generator!(
        "create clusterrolebinding",
        access::cluster_role_binding,
        [access::CLUSTER_BINDING_FLAGS]
    ),
    generator!("create ingress", ingress::run, [ingress::FLAGS]).aliases(&["ing"]),
    generator!("create role", access::role, [access::ROLE_FLAGS]),
    generator!("create rolebinding", access::role_binding, [access::BINDING_FLAGS]),
    Command::unknown("create token", refuse),
];

static COMMON_FLAGS: &[Flag] =
    &[Flag::text("field-manager").default("kubectl-create"), Flag::bool("save-config")];

static FLAGS: &[Flag] =
    &[Flag::bool("edit"), Flag::text("raw"), Flag::bool("windows-line-endings")];

fn run(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    if invocation.list("filename").is_empty() && invocation.text("kustomize").is_empty() {
        return Err(match invocation.args.is_empty() {
            true => Failure::message("must specify one of -f and -k"),
            false => unexpected(invocation),
        });
    }
    if !invocation.args.is_empty() {
        return Err(unexpected(invocation));
    }
    let dry_run = DryRun::of(invocation, world)?;
    validation::of(invocation)?;
    if !invocation.text("raw").is_empty() {
        return raw::send(invocation, world);
    }
    if invocation.is_true("edit") {
        return Err(Failure::not_simulated("create --edit", "open an editor first"));
    }
    let mut printer = Printer::of(invocation, &dry_run.operation("created"), world)?;
    let (infos, unreadable) = Builder::new(invocation).find(world)?.split();
    let (count, mut failures) = (infos.len() + unreadable.len(), Vec::new());
    for info in infos {
        match create(invocation, dry_run, &info, world) {
            Ok(object) => printer.print(&object.value, world)?,
            Err(failure) => failures.push(failure),
        }
    }
    // What could not be understood is told last.
    failures.extend(unreadable);
    if count == 0 {
        return Err(Failure::message("no objects passed to create"));
    }
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

fn unexpected(invocation: &Invocation) -> Failure {
    let args: Vec<&str> = invocation.args.iter().map(EcoString::as_str).collect();
    invocation.usage(&format!("Unexpected args: [{}]", args.join(" ")))
}

fn create(
    invocation: &Invocation,
    dry_run: DryRun,
    info: &Info,
    world: &mut World<'_>,
) -> Result<Object, Failure> {
    let Some(object) = &info.object else {
        return Err(Failure::message("no objects passed to create"));
    };
    let mut object = object.clone();
    object.value = last_applied::create_or_update(invocation.is_true("save-config"), &object.value);
    record(invocation, &mut object.value);
    if dry_run == DryRun::Client {
        return Ok(object);
    }
    let mut request = Request::create(Actor::User, &object);
    request.options.field_validation = validation::of(invocation)?;
    request.options.dry_run = dry_run == DryRun::Server;
    request.options.field_manager = Some(EcoString::from(invocation.text("field-manager")));
    let refused = |status| Failure::from(with_source(status, "creating", &info.source));
    let response = world.send(&request).map_err(refused)?;
    Ok(response.object.unwrap_or(object))
}
