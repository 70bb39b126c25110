//! What the cluster says of itself: `version`, `cluster-info`, `api-resources`, `api-versions`,
//! `top`, `plugin list`.
//!
//! Models the packages of these names below `k8s.io/kubectl/pkg/cmd`.

use crate::api::object::ObjectKey;
use crate::api::scheme::Kind;
use crate::apiserver::request::{Actor, Request, Selectors, Verb};
use crate::kubectl::cmd::{refuse, show_help};
use crate::kubectl::command::{ALL_NAMESPACES_FLAG, Command, Flag, SELECTOR_FLAG};
use crate::kubectl::discovery::{ApiResource, resources, versions};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::kubeconfig;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::text::tabwriter::TabWriter;

/// Their rows.
pub static COMMANDS: &[Command] = &[
    Command::new("version", &[VERSION_FLAGS], version),
    Command::new("cluster-info", &[], cluster_info),
    Command::unknown("cluster-info dump", refuse),
    Command::new("api-resources", &[API_RESOURCES_FLAGS], api_resources),
    Command::new("api-versions", &[], api_versions),
    Command::new("top", &[], show_help),
    Command::new("top pod", &[SELECTOR_FLAG, ALL_NAMESPACES_FLAG, TOP_FLAGS, TOP_POD_FLAGS], top)
        .aliases(&["pods", "po"]),
    Command::new("top node", &[SELECTOR_FLAG, TOP_FLAGS, TOP_NODE_FLAGS], top)
        .aliases(&["nodes", "no"]),
    Command::new("plugin", &[], show_help),
    Command::new("plugin list", &[&[Flag::bool("name-only")]], plugin_list),
];

static VERSION_FLAGS: &[Flag] = &[Flag::bool("client"), Flag::text("output").short('o')];

static API_RESOURCES_FLAGS: &[Flag] = &[
    Flag::text("api-group"),
    Flag::bool("cached"),
    Flag::slice("categories"),
    Flag::bool("namespaced").default("true"),
    Flag::bool("no-headers"),
    Flag::text("output").short('o'),
    Flag::text("sort-by"),
    Flag::slice("verbs"),
];

static TOP_FLAGS: &[Flag] = &[
    Flag::bool("no-headers"),
    Flag::text("sort-by"),
    Flag::bool("show-swap"),
    Flag::bool("use-protocol-buffers").default("true"),
];
static TOP_POD_FLAGS: &[Flag] =
    &[Flag::bool("containers"), Flag::text("field-selector"), Flag::bool("sum")];
static TOP_NODE_FLAGS: &[Flag] = &[Flag::bool("show-capacity")];

/// The version of kubectl and of the server.
const VERSION: &str = "v1.37.0";

fn version(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    match invocation.text("output") {
        "" => {}
        "json" | "yaml" => {
            let real = "print versions with the commits and compilers they were built from";
            return Err(Failure::not_simulated("kubectl version -o", real));
        }
        _ => return Err(Failure::message("--output must be 'yaml' or 'json'")),
    }
    world.print_line(&format!("Client Version: {VERSION}"));
    world.print_line("Kustomize Version: v5.8.1");
    if !invocation.is_true("client") {
        world.print_line(&format!("Server Version: {VERSION}"));
    }
    Ok(Flow::Done(0))
}

/// Models ClusterInfoOptions.Run: the control plane, then Services that say they belong to it.
fn cluster_info(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let config = kubeconfig::load(invocation, world)?;
    let server = config.get("clusters").at(0).path(&["cluster", "server"]).str().to_string();
    world.print_line(&format!("Kubernetes control plane is running at {server}"));
    let labels = "kubernetes.io/cluster-service=true".into();
    let selectors = Selectors { labels, ..Selectors::default() };
    let key = ObjectKey::new(Kind::Service, "kube-system", "");
    let request = Request::new(Actor::User, key, Verb::List(selectors));
    for service in world.client.request(&request)?.items {
        let port = service.spec().get("ports").at(0).get("name").str();
        let (name, namespace) = (service.name(), service.namespace());
        let shown = service.label("kubernetes.io/name").unwrap_or(name);
        let target = if port.is_empty() { name.to_string() } else { format!("{name}:{port}") };
        world.print_line(&format!(
            "{shown} is running at {server}/api/v1/namespaces/{namespace}/services/{target}/proxy"
        ));
    }
    world.print_line(
        "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.",
    );
    Ok(Flow::Done(0))
}

/// Models APIResourceOptions.RunAPIResources.
fn api_resources(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let output = invocation.text("output");
    if !matches!(output, "" | "wide" | "name") {
        if matches!(output, "json" | "yaml") {
            let what = format!("kubectl api-resources -o {output}");
            return Err(Failure::not_simulated(&what, "print the discovery documents"));
        }
        return Err(Failure::message(format!("--output {output} is not available")));
    }
    if !invocation.args.is_empty() {
        let text = format!("unexpected arguments: [{}]", invocation.args.join(" "));
        return Err(invocation.usage(&text));
    }
    let mut shown = resources();
    shown.retain(|r| is_wanted(r, invocation));
    match invocation.text("sort-by") {
        "" => shown.sort_by_key(|r| (r.group(), r.name)),
        "name" => shown.sort_by_key(|r| r.name),
        "kind" => shown.sort_by_key(|r| r.kind),
        _ => return Err(Failure::message("--sort-by accepts only name or kind")),
    }
    match output {
        "name" => shown.iter().for_each(|r| world.print_line(&r.qualified_name())),
        output => print_table(&shown, output == "wide", invocation, world),
    }
    Ok(Flow::Done(0))
}

fn is_wanted(resource: &ApiResource, invocation: &Invocation) -> bool {
    let has_all = |list: &str, wanted: &str| {
        let has: Vec<&str> = list.split(',').collect();
        invocation.list(wanted).iter().all(|w| has.contains(&w.as_str()))
    };
    let group = !invocation.is_set("api-group") || resource.group() == invocation.text("api-group");
    let scope =
        !invocation.is_set("namespaced") || resource.namespaced == invocation.is_true("namespaced");
    group && scope && has_all(resource.verbs, "verbs") && has_all(resource.categories, "categories")
}

fn print_table(shown: &[ApiResource], wide: bool, invocation: &Invocation, world: &mut World<'_>) {
    let mut writer = TabWriter::table();
    if !invocation.is_true("no-headers") {
        writer.push("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND");
        writer.push(if wide { "\tVERBS\tCATEGORIES\n" } else { "\n" });
    }
    for resource in shown {
        let ApiResource { name, short_names, api_version, namespaced, kind, .. } = resource;
        writer.push(&format!("{name}\t{short_names}\t{api_version}\t{namespaced}\t{kind}"));
        match wide {
            true => writer.push(&format!("\t{}\t{}\n", resource.verbs, resource.categories)),
            false => writer.push("\n"),
        }
    }
    let text = writer.flush();
    world.print(&text);
}

fn api_versions(_invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    for version in versions() {
        world.print_line(version);
    }
    Ok(Flow::Done(0))
}

/// There is no metrics server.
fn top(_invocation: &Invocation, _world: &mut World<'_>) -> Outcome {
    Err(Failure::message("Metrics API not available"))
}

fn plugin_list(_invocation: &Invocation, _world: &mut World<'_>) -> Outcome {
    Err(Failure::message("unable to find any kubectl plugins in your PATH"))
}
