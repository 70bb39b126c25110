//! `kubectl config`.
//!
//! Models `k8s.io/kubectl/pkg/cmd/config`.

mod entry;
mod field;
mod property;

use self::field::{CONTEXTS, Form, LISTS, List};
use crate::api::value::{EcoString, Value};
use crate::kubectl::cmd::show_help;
use crate::kubectl::command::{Command, Flag, PRINT_FLAGS};
use crate::kubectl::errors::Failure;
use crate::kubectl::invocation::Invocation;
use crate::kubectl::kubeconfig::{self, context_name, load, save};
use crate::kubectl::output::Printer;
use crate::kubectl::process::{Flow, Outcome, World};
use crate::text::tabwriter::TabWriter;
use crate::value;

/// Its rows.
pub static COMMANDS: &[Command] = &[
    Command::new("config", &[], show_help),
    Command::new("config current-context", &[], current_context),
    Command::new("config delete-cluster", &[], entry::delete_cluster),
    Command::new("config delete-context", &[], delete_context),
    Command::new("config delete-user", &[], entry::delete_user),
    Command::new("config get-clusters", &[], get_clusters),
    Command::new("config get-contexts", &[GET_CONTEXTS_FLAGS], get_contexts),
    Command::new("config get-users", &[], get_users),
    Command::new("config rename-context", &[], rename_context),
    Command::new("config set", &[&[Flag::bool("set-raw-bytes")]], property::set),
    Command::new("config set-cluster", &[entry::CLUSTER_FLAGS], entry::set_cluster),
    Command::new("config set-context", &[&[Flag::bool("current")]], set_context),
    Command::new("config set-credentials", &[entry::USER_FLAGS], entry::set_credentials),
    Command::new("config unset", &[], property::unset),
    Command::new("config use-context", &[], use_context).aliases(&["use"]),
    Command::new("config view", &[PRINT_FLAGS, VIEW_FLAGS], view),
];

static GET_CONTEXTS_FLAGS: &[Flag] = &[Flag::bool("no-headers"), Flag::text("output").short('o')];

static VIEW_FLAGS: &[Flag] = &[
    Flag::bool("flatten"),
    Flag::bool("merge").default("true"),
    Flag::bool("minify"),
    Flag::bool("raw"),
];

fn current_context(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let config = load(invocation, world)?;
    match config.get("current-context").str() {
        "" => Err(Failure::message("current-context is not set")),
        name => {
            world.print_line(name);
            Ok(Flow::Done(0))
        }
    }
}

fn argument(invocation: &Invocation) -> Result<EcoString, Failure> {
    match invocation.args.as_slice() {
        [name] => Ok(name.clone()),
        args => Err(help_error(invocation, &format!("unexpected args: [{}]", args.join(" ")))),
    }
}

/// Models useContextOptions.run.
fn use_context(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = argument(invocation)?;
    let mut config = load(invocation, world)?;
    if kubeconfig::entry(&config, "contexts", &name).is_none() {
        return Err(Failure::message(format!("no context exists with the name: {name:?}")));
    }
    config.set(&["current-context"], name.clone());
    save(invocation, world, &config)?;
    world.print_line(&format!("Switched to context {name:?}."));
    Ok(Flow::Done(0))
}

/// Models setContextOptions.run.
fn set_context(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let mut config = load(invocation, world)?;
    let name = context_to_set(invocation, &config)?;
    let is_new = kubeconfig::entry(&config, "contexts", &name).is_none();
    let context = entry_mut(&mut config, &CONTEXTS, &name);
    for field in ["cluster", "user", "namespace"] {
        if invocation.is_set(field) {
            context.set(&[field], invocation.text(field));
        }
    }
    save(invocation, world, &config)?;
    let what = if is_new { "created" } else { "modified" };
    world.print_line(&format!("Context {:?} {what}.", name.as_str()));
    Ok(Flow::Done(0))
}

fn context_to_set(invocation: &Invocation, config: &Value) -> Result<EcoString, Failure> {
    let args = invocation.args.as_slice();
    if args.len() > 1 {
        return Err(help_error(invocation, &format!("Unexpected args: [{}]", args.join(" "))));
    }
    let name = args.first().filter(|name| !name.is_empty());
    let text = match (invocation.is_true("current"), name) {
        (false, Some(name)) => return Ok(name.clone()),
        (false, None) => "you must specify a non-empty context name or --current",
        (true, Some(_)) => "you cannot specify both a context name and --current",
        (true, None) => match config.get("current-context").str() {
            "" => "no current context is set",
            name => return Ok(name.into()),
        },
    };
    Err(Failure::message(text))
}

/// What an entry of a list holds; it is made if it is not there.
fn entry_mut<'a>(config: &'a mut Value, list: &List, name: &str) -> &'a mut Value {
    let items = config.path_mut(&[list.name]);
    let place = items.items().iter().position(|item| item.get("name").str() == name);
    let inner = list.inner;
    let place = place.unwrap_or_else(|| {
        items.array_mut().push(value!({"name": name, inner: {}}));
        items.items().len() - 1
    });
    items.items_mut()[place].path_mut(&[inner])
}

/// The command's help, and what is wrong (`helpErrorf`).
fn help_error(invocation: &Invocation, text: &str) -> Failure {
    let help = Failure::not_simulated(
        &format!("the help of `kubectl {}`", invocation.command),
        "print it before this",
    );
    Failure::Verbatim(format!("{}\nerror: {text}\n", help.sentence()).into(), 1)
}

fn delete_context(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let name = argument(invocation)?;
    let mut config = load(invocation, world)?;
    let path = kubeconfig::path(invocation);
    if kubeconfig::entry(&config, "contexts", &name).is_none() {
        return Err(Failure::message(format!("cannot delete context {name}, not in {path}")));
    }
    if config.get("current-context").str() == name {
        world.complain(
            "warning: this removed your active context, use \"kubectl config use-context\" to \
             select a different one",
        );
    }
    config.path_mut(&["contexts"]).array_mut().retain(|c| c.get("name").str() != name);
    save(invocation, world, &config)?;
    world.print_line(&format!("deleted context {name} from {path}"));
    Ok(Flow::Done(0))
}

fn rename_context(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let [old, new] = invocation.args.as_slice() else {
        let text = format!("unexpected args: [{}]", invocation.args.join(" "));
        return Err(help_error(invocation, &text));
    };
    let mut config = load(invocation, world)?;
    let path = kubeconfig::path(invocation);
    if kubeconfig::entry(&config, "contexts", old).is_none() {
        let text = format!("cannot rename the context {old:?}, it's not in {path}");
        return Err(Failure::message(text));
    }
    if kubeconfig::entry(&config, "contexts", new).is_some() {
        let text = format!(
            "cannot rename the context {old:?}, the context {new:?} already exists in {path}"
        );
        return Err(Failure::message(text));
    }
    for context in config.path_mut(&["contexts"]).items_mut() {
        if context.get("name").str() == old {
            context.set(&["name"], new);
        }
    }
    if config.get("current-context").str() == old {
        config.set(&["current-context"], new);
    }
    save(invocation, world, &config)?;
    world.print_line(&format!("Context {:?} renamed to {:?}.", old.as_str(), new.as_str()));
    Ok(Flow::Done(0))
}

fn names(config: &Value, list: &str) -> Vec<EcoString> {
    let mut names: Vec<EcoString> =
        config.get(list).items().iter().map(|entry| entry.get("name").str().into()).collect();
    names.sort();
    names
}

fn get_clusters(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    print_names(invocation, "clusters", world)
}

fn get_users(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    print_names(invocation, "users", world)
}

fn print_names(invocation: &Invocation, list: &str, world: &mut World<'_>) -> Outcome {
    let config = load(invocation, world)?;
    world.print_line("NAME");
    names(&config, list).iter().for_each(|name| world.print_line(name));
    Ok(Flow::Done(0))
}

/// Models GetContextsOptions.RunGetContexts.
fn get_contexts(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let output = invocation.text("output");
    if !matches!(output, "" | "name") {
        return Err(Failure::message(format!("output must be one of '' or 'name': {output}")));
    }
    let config = load(invocation, world)?;
    let wanted = match invocation.args.as_slice() {
        [] => names(&config, "contexts"),
        args => args.to_vec(),
    };
    let mut failures = Vec::new();
    let mut writer = TabWriter::table();
    if output.is_empty() && !invocation.is_true("no-headers") {
        writer.push("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n");
    }
    for name in wanted {
        let Some(context) = kubeconfig::entry(&config, "contexts", &name) else {
            failures.push(Failure::message(format!("context {name} not found")));
            continue;
        };
        if output == "name" {
            writer.push(&format!("{name}\n"));
            continue;
        }
        let current = if config.get("current-context").str() == name { "*" } else { "" };
        let field = |field: &str| context.path(&["context", field]).str().to_string();
        let (cluster, user, namespace) = (field("cluster"), field("user"), field("namespace"));
        writer.push(&format!("{current}\t{name}\t{cluster}\t{user}\t{namespace}\n"));
    }
    let text = writer.flush();
    world.print(&text);
    Failure::aggregate(failures)?;
    Ok(Flow::Done(0))
}

/// Models ViewOptions.Run: keys are left out unless `--raw` asks for them.
fn view(invocation: &Invocation, world: &mut World<'_>) -> Outcome {
    let mut config = load(invocation, world)?;
    if invocation.is_true("minify") {
        minify(invocation, &mut config)?;
    }
    if invocation.is_true("raw") || invocation.is_true("flatten") {
        let real = "print the certificates and keys too";
        return Err(Failure::not_simulated("kubectl config view --raw", real));
    }
    for list in LISTS {
        let items = config.path_mut(&[list.name]).items_mut();
        items.iter_mut().for_each(|item| hide(item.path_mut(&[list.inner]), list));
    }
    Printer::with_default(invocation, "yaml", world)?.print(&config, world)?;
    Ok(Flow::Done(0))
}

/// Models RedactSecrets and ShortenConfig.
fn hide(entry: &mut Value, list: &List) {
    for (field, form) in list.fields {
        let shown = match (*form, *field) {
            (Form::Bytes, _) => "DATA+OMITTED",
            (_, "token" | "password") => "REDACTED",
            _ => continue,
        };
        if !entry.get(field).is_null() {
            entry.set(&[field], shown);
        }
    }
}

/// Keeps what the context in force uses (`clientcmdapi.MinifyConfig`).
fn minify(invocation: &Invocation, config: &mut Value) -> Result<(), Failure> {
    let name = context_name(invocation, config);
    let Some(context) = kubeconfig::entry(config, "contexts", &name).cloned() else {
        return Err(Failure::message("cannot locate context ".to_string() + &name));
    };
    let keep = [
        ("contexts", name.to_string()),
        ("clusters", context.path(&["context", "cluster"]).str().to_string()),
        ("users", context.path(&["context", "user"]).str().to_string()),
    ];
    for (list, wanted) in keep {
        config.path_mut(&[list]).array_mut().retain(|item| item.get("name").str() == wanted);
    }
    config.set(&["current-context"], name);
    Ok(())
}
