//! From arguments, selectors and files to objects.
//!
//! Models `k8s.io/cli-runtime/pkg/resource`: `Builder`, `Info`, `Selector`.

use super::cmd::kustomize;
use super::errors::Failure;
use super::files::FileError;
use super::invocation::Invocation;
use super::process::World;
use super::resource_mapper::{all_category, kind_for};
use crate::api::object::{Object, ObjectKey};
use crate::api::scheme::Kind;
use crate::api::selector::labels::LabelSelector;
use crate::api::status::Status;
use crate::api::value::EcoString;
use crate::apiserver::request::{Actor, Request, Selectors, Verb};

mod path;

pub use path::Document;

/// One object that a command is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Info {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace, "" for cluster scope.
    pub namespace: EcoString,
    /// Its name.
    pub name: EcoString,
    /// Where it was read from: a file as written in the command, "" if it was named.
    pub source: EcoString,
    /// Its content: from the file, or from the server once read.
    pub object: Option<Object>,
}

impl Info {
    /// Its key in the store.
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(self.kind, self.namespace.clone(), self.name.clone())
    }

    /// Reads it from the server (`resource.Helper.Get`).
    pub fn get(&self, world: &mut World<'_>) -> Result<Object, Status> {
        self.get_from("", world)
    }

    /// Reads it, or a subresource of it, from the server. A subresource comes as an object with
    /// the kind and version that it says itself.
    fn get_from(&self, subresource: &str, world: &mut World<'_>) -> Result<Object, Status> {
        let request = Request::new(Actor::User, self.key(), Verb::Get).on(subresource);
        let response = world.request(&request)?;
        world.warn(&response.warnings);
        if let Some(value) = response.value {
            return Ok(Object { kind: self.kind, value });
        }
        let missing = || Status::not_found(&self.kind.resource().qualified_plural(), &self.name);
        response.object.ok_or_else(missing)
    }

    /// `statefulset.apps/web`
    pub fn printed_name(&self) -> String {
        format!("{}/{}", self.kind.resource().qualified_singular(), self.name)
    }
}

/// What to look for and how.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    namespace: EcoString,
    enforce_namespace: bool,
    all_namespaces: bool,
    arguments: Vec<EcoString>,
    paths: Vec<EcoString>,
    kustomize: EcoString,
    recursive: bool,
    labels: Option<EcoString>,
    fields: Option<EcoString>,
    select_all: bool,
    local: bool,
    latest: bool,
    read: bool,
    subresource: EcoString,
    validated: bool,
}

/// What was found, in order; failures stand where they occurred.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Objects and failures.
    pub items: Vec<Result<Info, Failure>>,
    /// Whether the command line asked for one object (`IsSingleItemImplied`).
    pub single: bool,
    /// Whether a list was asked for, which may be empty.
    pub is_list: bool,
    /// The kinds asked for.
    pub kinds: Vec<Kind>,
}

impl Found {
    /// The objects, and the failures.
    pub fn split(self) -> (Vec<Info>, Vec<Failure>) {
        let (mut infos, mut failures) = (Vec::new(), Vec::new());
        for item in self.items {
            match item {
                Ok(info) => infos.push(info),
                Err(failure) => failures.push(failure),
            }
        }
        (infos, failures)
    }

    /// The objects, or all failures if there is one.
    pub fn infos(self) -> Result<Vec<Info>, Failure> {
        let (infos, failures) = self.split();
        Failure::aggregate(failures).map(|()| infos)
    }
}

/// `resource.missingResourceError`
pub fn missing_resource() -> Failure {
    Failure::message(
        "You must provide one or more resources by argument or filename.\n\
         Example resource specifications include:\n   '-f rsrc.yaml'\n   \
         '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
    )
}

impl std::fmt::Display for Info {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let resource = self.kind.resource();
        let version = match resource.group {
            "" => format!("/{}", resource.version),
            _ => resource.api_version(),
        };
        write!(
            f,
            "Resource: \"{version}, Resource={}\", GroupVersionKind: \"{version}, Kind={}\"\n\
             Name: {:?}, Namespace: {:?}",
            resource.plural,
            resource.name,
            self.name.as_str(),
            self.namespace.as_str()
        )
    }
}

/// One `TYPE/NAME` or `TYPE NAME`.
type Target = (Kind, EcoString);

impl Builder {
    /// A builder with the namespace, files and selectors of the command line, for the command's
    /// arguments.
    pub fn new(invocation: &Invocation) -> Self {
        let optional = |name: &str| match invocation.text(name) {
            "" => None,
            text => Some(EcoString::from(text)),
        };
        Builder {
            namespace: invocation.namespace.clone(),
            enforce_namespace: invocation.enforce_namespace,
            all_namespaces: invocation.is_true("all-namespaces"),
            arguments: invocation.args.clone(),
            paths: invocation.list("filename"),
            kustomize: kustomize::directory(invocation, invocation.text("kustomize")),
            recursive: invocation.is_true("recursive"),
            labels: optional("selector"),
            fields: optional("field-selector"),
            subresource: invocation.text("subresource").into(),
            validated: !matches!(invocation.text("validate"), "" | "false" | "ignore"),
            read: true,
            ..Builder::default()
        }
    }

    /// A builder that takes neither files nor selectors from the command line.
    pub fn in_namespace(invocation: &Invocation) -> Self {
        Builder { namespace: invocation.namespace.clone(), read: true, ..Builder::default() }
    }

    /// The same for other arguments.
    pub fn arguments(mut self, arguments: &[EcoString]) -> Self {
        self.arguments = arguments.to_vec();
        self
    }

    /// A type without a name selects all of them (`ResourceTypeOrNameArgs(true, ...)`, `--all`).
    pub fn select_all(mut self, all: bool) -> Self {
        self.select_all = all;
        self
    }

    /// Objects stay as the files have them, and nothing is asked of the server (`Local`).
    pub fn local(mut self, local: bool) -> Self {
        self.local = local;
        self
    }

    /// Objects of files are read from the server (`Latest`).
    pub fn latest(mut self) -> Self {
        self.latest = true;
        self
    }

    /// Named objects are not read from the server (`RequireObject(false)`).
    pub fn names_only(mut self) -> Self {
        self.read = false;
        self
    }

    /// Finds everything; a wrong request fails as a whole.
    pub fn find(&self, world: &mut World<'_>) -> Result<Found, Failure> {
        if !self.kustomize.is_empty() {
            return Err(match self.paths.is_empty() {
                true => kustomize::refuse(&self.kustomize, world),
                false => Failure::message("only one of -f or -k can be specified"),
            });
        }
        let arguments = normalize_multiple_types(&self.arguments);
        let slashes = arguments.iter().filter(|argument| argument.contains('/')).count();
        if slashes > 0 && slashes < arguments.len() {
            return Err(mixed_arguments());
        }
        if !self.paths.is_empty() {
            return match arguments.is_empty() {
                true => self.find_by_paths(world),
                false => Err(Failure::message(
                    "when paths, URLs, or stdin is provided as input, you may not specify \
                     resource arguments as well",
                )),
            };
        }
        let has_selector = self.labels.is_some() || self.fields.is_some();
        if slashes > 0 {
            if has_selector {
                return Err(Failure::message(
                    "selectors and the all flag cannot be used when passing resource/name arguments",
                ));
            }
            let tuples = arguments.iter().map(|a| split_tuple(a)).collect::<Result<Vec<_>, _>>()?;
            return self.find_by_name(world, tuples);
        }
        let Some((types, names)) = arguments.split_first() else {
            return match has_selector {
                true => Err(Failure::message(
                    "at least one resource must be specified to use a selector",
                )),
                false => Err(missing_resource()),
            };
        };
        if has_selector && !names.is_empty() {
            return Err(Failure::message("name cannot be provided when a selector is specified"));
        }
        let kinds = split_types(types)?;
        if types.split(',').any(|part| part == "ev") {
            world.complain(
                "Warning: short name \"ev\" could also match lower priority resource \
                 events.events.k8s.io",
            );
        }
        if names.is_empty() && (has_selector || self.select_all) {
            return self.find_by_selector(world, kinds);
        }
        if names.is_empty() {
            return Err(Failure::message("resource(s) were provided, but no name was specified"));
        }
        let targets = kinds
            .iter()
            .flat_map(|kind| names.iter().map(move |name| (*kind, name.clone())))
            .collect();
        self.find_by_name(world, targets)
    }

    /// The kinds that the arguments name, each once, without asking the server.
    pub fn kinds(&self) -> Result<Vec<Kind>, Failure> {
        let arguments = normalize_multiple_types(&self.arguments);
        let slashes = arguments.iter().any(|argument| argument.contains('/'));
        let mut kinds = match arguments.first() {
            None => Vec::new(),
            Some(types) if !slashes => split_types(types)?,
            Some(_) if arguments.iter().all(|argument| argument.contains('/')) => {
                let tuples = arguments.iter().map(|argument| split_tuple(argument));
                tuples.map(|tuple| tuple.map(|(kind, _)| kind)).collect::<Result<Vec<_>, _>>()?
            }
            Some(_) => Vec::new(),
        };
        let mut seen = Vec::new();
        kinds.retain(|kind| {
            !seen.contains(kind) && {
                seen.push(*kind);
                true
            }
        });
        Ok(kinds)
    }

    fn namespace_of(&self, kind: Kind) -> EcoString {
        match kind.resource().namespaced {
            true => self.namespace.clone(),
            false => EcoString::new(),
        }
    }

    fn find_by_name(&self, world: &mut World<'_>, targets: Vec<Target>) -> Result<Found, Failure> {
        let mut found = Found { single: targets.len() == 1, ..Found::default() };
        for (kind, name) in targets {
            if self.all_namespaces && kind.resource().namespaced {
                return Err(Failure::message(
                    "a resource cannot be retrieved by name across all namespaces",
                ));
            }
            if !found.kinds.contains(&kind) {
                found.kinds.push(kind);
            }
            let namespace = self.namespace_of(kind);
            let mut info = Info { kind, namespace, name, source: "".into(), object: None };
            if self.read && !self.local {
                match info.get_from(&self.subresource, world) {
                    Ok(object) => info.object = Some(object),
                    Err(status) => {
                        found.items.push(Err(status.into()));
                        continue;
                    }
                }
            }
            found.items.push(Ok(info));
        }
        Ok(found)
    }

    /// Models resource.Selector.Visit.
    fn find_by_selector(&self, world: &mut World<'_>, kinds: Vec<Kind>) -> Result<Found, Failure> {
        let mut found = Found { is_list: true, kinds: kinds.clone(), ..Found::default() };
        for kind in kinds {
            match self.list(world, kind) {
                Ok(objects) => found.items.extend(objects.into_iter().map(|o| Ok(info_of(o, "")))),
                Err(status) => found.items.push(Err(status.into())),
            }
        }
        Ok(found)
    }

    /// Lists the objects of one kind that the selectors select.
    pub fn list(&self, world: &mut World<'_>, kind: Kind) -> Result<Vec<Object>, Status> {
        let namespace = if self.all_namespaces { "".into() } else { self.namespace_of(kind) };
        let selectors = self.selectors();
        let verb = Verb::List(selectors.clone());
        let key = ObjectKey::new(kind, namespace, "");
        let response = world
            .client
            .request(&Request::new(Actor::User, key, verb))
            .map_err(|status| explain_selectors(status, kind, &selectors))?;
        world.warn(&response.warnings);
        Ok(response.items)
    }

    /// The selectors as the server gets them.
    pub fn selectors(&self) -> Selectors {
        Selectors {
            labels: self.labels.clone().unwrap_or_default(),
            fields: self.fields.clone().unwrap_or_default(),
        }
    }

    /// Models visitByPaths: `-l` selects by the labels that the files give.
    fn find_by_paths(&self, world: &mut World<'_>) -> Result<Found, Failure> {
        let labels = self.labels.as_deref().map(LabelSelector::parse).transpose();
        let labels = labels.map_err(Failure::message)?;
        let documents = path::read(world, &self.paths, self.recursive, self.validated)?;
        let mut found = Found { single: documents.single, ..Found::default() };
        for document in documents.items {
            let item = document.and_then(|document| {
                let is_wanted = |labels: &LabelSelector| labels.matches(document.labels());
                match labels.as_ref().is_none_or(is_wanted) {
                    true => self.info_of_document(world, document).map(Some),
                    false => Ok(None),
                }
            });
            let Some(item) = item.transpose() else { continue };
            if let Ok(info) = &item
                && !found.kinds.contains(&info.kind)
            {
                found.kinds.push(info.kind);
            }
            found.items.push(item);
        }
        Ok(found)
    }

    fn info_of_document(&self, world: &mut World<'_>, document: Document) -> Result<Info, Failure> {
        let mut info = document.into_info()?;
        if info.kind.resource().namespaced {
            self.set_namespace(&mut info)?;
        }
        if self.latest && !self.local {
            info.object = Some(info.get(world)?);
        }
        Ok(info)
    }

    /// Models resource.SetNamespace and resource.RequireNamespace.
    fn set_namespace(&self, info: &mut Info) -> Result<(), Failure> {
        if info.namespace.is_empty() {
            info.namespace = self.namespace.clone();
            if let Some(object) = &mut info.object {
                object.set(&["metadata", "namespace"], self.namespace.clone());
            }
        }
        if self.enforce_namespace && info.namespace != self.namespace {
            return Err(Failure::message(format!(
                "the namespace from the provided object {:?} does not match the namespace {:?}. \
                 You must pass '--namespace={}' to perform this operation.",
                info.namespace.as_str(),
                self.namespace.as_str(),
                info.namespace
            )));
        }
        Ok(())
    }
}

/// An object that was read, as an [`Info`].
pub fn info_of(object: Object, source: &str) -> Info {
    Info {
        kind: object.kind,
        namespace: object.namespace().into(),
        name: object.name().into(),
        source: source.into(),
        object: Some(object),
    }
}

/// Says which selectors a refused list had (resource.Selector.Visit).
pub fn explain_selectors(mut status: Status, kind: Kind, selectors: &Selectors) -> Status {
    if !status.is("BadRequest") && !status.is("NotFound") {
        return status;
    }
    let resource = kind.resource();
    let version = match resource.group {
        "" => format!("/{}", resource.version),
        _ => resource.api_version(),
    };
    let what = format!("\"{version}, Resource={}\"", resource.plural);
    let message = &status.message;
    status.message = match (selectors.labels.as_str(), selectors.fields.as_str()) {
        ("", "") => format!("Unable to list {what}: {message}"),
        (labels, fields) => format!(
            "Unable to find {what} that match label selector {labels:?}, field selector \
             {fields:?}: {message}"
        ),
    }
    .into();
    status
}

fn mixed_arguments() -> Failure {
    Failure::message(
        "there is no need to specify a resource type as a separate argument when passing \
         arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of \
         'kubectl get resource resource/<resource_name>'",
    )
}

/// `pods, services` is `pods,services` (`normalizeMultipleResourcesArgs`).
fn normalize_multiple_types(arguments: &[EcoString]) -> Vec<EcoString> {
    let mut normalized: Vec<EcoString> = Vec::new();
    for argument in arguments {
        match normalized.last_mut() {
            Some(last) if normalized_joins(last, argument) => last.push_str(argument),
            _ => normalized.push(argument.clone()),
        }
    }
    normalized
}

fn normalized_joins(last: &str, next: &str) -> bool {
    last.ends_with(',') || next.starts_with(',')
}

fn split_tuple(argument: &str) -> Result<Target, Failure> {
    let parts: Vec<&str> = argument.split('/').collect();
    let [resource, name] = parts.as_slice() else {
        let text = "arguments in resource/name form may not have more than one slash";
        return Err(Failure::message(text));
    };
    if resource.is_empty() || name.is_empty() || resource.contains(',') {
        let text = "arguments in resource/name form must have a single resource and name";
        return Err(Failure::message(text));
    }
    Ok((kind_for(resource)?, (*name).into()))
}

/// Splits `sts,pods`; `all` stands for its kinds.
fn split_types(types: &str) -> Result<Vec<Kind>, Failure> {
    let mut kinds = Vec::new();
    for part in types.split(',').filter(|part| !part.is_empty()) {
        let named = if part == "all" { all_category() } else { vec![kind_for(part)?] };
        for kind in named {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
    }
    Ok(kinds)
}

/// Why a file could not be read, as kubectl says it.
fn unreadable(path: &str, error: FileError) -> Failure {
    match error {
        FileError::NotFound => Failure::message(format!("the path {path:?} does not exist")),
        error => Failure::message(format!("the path {path:?} cannot be accessed: {error}")),
    }
}
