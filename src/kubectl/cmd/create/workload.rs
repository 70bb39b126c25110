//! `kubectl create deployment`, `job` and `cronjob`.
//!
//! Models `create_deployment.go`, `create_job.go`, `create_cronjob.go`.

use super::generator::{command, finish, name, named, require};
use crate::api::object::OwnerReference;
use crate::api::scheme::Kind;
use crate::api::value::{EcoString, Value};
use crate::kubectl::command::Flag;
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::process::{Outcome, World};
use crate::kubectl::resource_builder::{Builder, Info};

pub(super) static DEPLOYMENT_FLAGS: &[Flag] =
    &[Flag::slice("image"), Flag::int32("port", "-1"), Flag::int32("replicas", "1").short('r')];
pub(super) static JOB_FLAGS: &[Flag] = &[Flag::text("from"), Flag::text("image")];
pub(super) static CRON_JOB_FLAGS: &[Flag] =
    &[Flag::text("image"), Flag::text("restart").default("OnFailure"), Flag::text("schedule")];

pub(super) fn deployment(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    require(invocation, &["image"])?;
    let name = name(invocation)?;
    let images = invocation.list("image");
    let command = command(invocation);
    if images.len() > 1 && !command.is_empty() {
        return Err(Failure::message("cannot specify multiple --image options and command"));
    }
    if invocation.int("replicas") < 0 {
        return Err(Failure::message("--replicas must be non-negative"));
    }
    let mut containers = Vec::new();
    for image in &images {
        let name = container_name(image);
        let mut container = crate::value!({"name": name, "image": (image.clone())});
        if !command.is_empty() {
            container.set(&["command"], command.clone());
        }
        containers.push(container);
    }
    let port = invocation.int("port");
    if port >= 0
        && let Some(first) = containers.first_mut()
    {
        first.set(&["ports"], vec![crate::value!({ "containerPort": port })]);
    }
    let value = crate::value!({
        "metadata": {"name": (name.clone()), "labels": {"app": (name.clone())}},
        "spec": {
            "replicas": (invocation.int("replicas")),
            "selector": {"matchLabels": {"app": (name.clone())}},
            "template": {
                "metadata": {"labels": {"app": (name.clone())}},
                "spec": {"containers": containers}
            }
        }
    });
    finish(invocation, Kind::Deployment, value, "deployment", world)
}

/// The image's last part without tag and digest, as a name.
fn container_name(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let bare = last.split([':', '@']).next().unwrap_or(last);
    let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    bare.chars().map(word).collect()
}

pub(super) fn job(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = name(invocation)?;
    let (image, from) = (invocation.text("image"), invocation.text("from"));
    match (image, from) {
        ("", "") => return Err(Failure::message("either --image or --from must be specified")),
        ("", from) => return job_from(invocation, &name, from, world),
        (_, "") => {}
        _ => return Err(Failure::message("can only specify one of --image or --from")),
    }
    let mut value = named(&name);
    value.set(&["spec", "template", "spec"], pod_spec(invocation, &name, "Never"));
    finish(invocation, Kind::Job, value, "job", world)
}

/// A Job out of a CronJob's template (`createJobFromCronJob`).
fn job_from(
    invocation: &Invocation,
    name: &EcoString,
    from: &str,
    world: &mut World<'_>,
) -> Outcome {
    let builder = Builder::in_namespace(invocation).arguments(&[from.into()]);
    let infos = builder.find(world)?.infos()?;
    let [Info { object: Some(cron_job), .. }] = infos.as_slice() else {
        return Err(Failure::message("from must be an existing cronjob"));
    };
    if cron_job.kind != Kind::CronJob {
        return Err(Failure::message(format!("unknown object type *v1.{}", cron_job.kind.name())));
    }
    let template = cron_job.path(&["spec", "jobTemplate"]);
    let mut value = named(name);
    for field in ["labels", "annotations"] {
        let from = template.path(&["metadata", field]);
        if !from.is_null() {
            value.set(&["metadata", field], from);
        }
    }
    value.set(&["metadata", "annotations", "cronjob.kubernetes.io/instantiate"], "manual");
    let owner = OwnerReference::controller_of(cron_job);
    value.set(&["metadata", "ownerReferences"], crate::value!([(owner)]));
    value.set(&["spec"], template.get("spec"));
    finish(invocation, Kind::Job, value, "job", world)
}

pub(super) fn cron_job(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    require(invocation, &["image", "schedule"])?;
    let name = name(invocation)?;
    let mut value = named(&name);
    value.set(&["spec", "schedule"], invocation.text("schedule"));
    value.set(&["spec", "jobTemplate", "metadata", "name"], name.clone());
    let spec = pod_spec(invocation, &name, invocation.text("restart"));
    value.set(&["spec", "jobTemplate", "spec", "template", "spec"], spec);
    finish(invocation, Kind::CronJob, value, "cronjob", world)
}

fn pod_spec(invocation: &Invocation, name: &EcoString, restart: &str) -> Value {
    let image = invocation.text("image");
    let mut container = crate::value!({"name": (name.clone()), "image": image});
    let command = command(invocation);
    if !command.is_empty() {
        container.set(&["command"], command);
    }
    crate::value!({"containers": [container], "restartPolicy": restart})
}
