//! Conditions: what can be true of a cluster at an instant.

use super::compare::{COUNT_OPERATORS, OPERATORS, Operator, PRESENCE_OPERATORS, TEXT_OPERATORS};
use super::problem::{Form, LoadError, Problem};
use super::reader::Field;
use crate::api::jsonpath::{self, JsonPath};
use crate::api::object::ObjectKey;
use crate::api::scheme::{Kind, RESOURCES};
use crate::api::selector::labels::LabelSelector;
use crate::api::value::EcoString;

/// Something that is true of a cluster at an instant, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// An object, or one of its fields.
    State(Subject, Test),
    /// How many objects there are.
    Count {
        /// Among which.
        among: Selection,
        /// Those that comply with this.
        test: Option<Test>,
        /// How many.
        number: Operator,
    },
    /// How many Pods there are.
    Pods {
        /// Which.
        of: PodsOf,
        /// Whether only Ready ones that are not being deleted count.
        ready: bool,
        /// How many.
        number: Operator,
    },
    /// Another object of this name than at the start is there.
    Replaced(ObjectKey),
    /// The same object as at the start is there.
    Kept(ObjectKey),
    /// A file on a claim's volume.
    Data {
        /// The claim.
        claim: ObjectKey,
        /// The file's path from the volume's root, beginning with `/`.
        path: EcoString,
        /// How its text has to be.
        operator: Operator,
    },
    /// What a name leads to, asked from a Pod of the namespace `default`.
    Dns {
        /// The name.
        name: EcoString,
        /// What it has to lead to.
        answer: Wanted,
    },
    /// All of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
}

/// About what a condition speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One object.
    One(ObjectKey),
    /// Every object of a selection, of which there must be one.
    Every(Selection),
}

/// Which Pods count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PodsOf {
    /// Those that a StatefulSet of this name controls.
    Set(ObjectKey),
    /// Those with these labels.
    Selected(Selection),
}

/// Objects by kind, namespace and labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Their kind.
    pub kind: Kind,
    /// Their namespace, "" for cluster scope.
    pub namespace: EcoString,
    /// The selector as written.
    pub text: EcoString,
    /// Their labels.
    pub labels: LabelSelector,
}

/// What is asked of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Where to look; the object itself if it is left out.
    pub path: Option<Path>,
    /// How that has to be.
    pub operator: Operator,
}

/// A JSONPath.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// As written.
    pub text: EcoString,
    /// As read.
    pub template: JsonPath,
}

/// What a name has to lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Some address, or none.
    Address(bool),
    /// The addresses of exactly these Pods of the namespace `default`.
    Pods(Vec<EcoString>),
}

/// The keys that a condition begins with.
pub const CONDITIONS: [&str; 11] =
    ["state", "count", "podsReady", "pods", "replaced", "kept", "data", "dns", "all", "any", "not"];
/// Conditions inside conditions go so deep.
const DEPTH_MAX: usize = 8;
/// So many conditions may stand in one.
const PARTS_MAX: usize = 20;

impl Condition {
    /// Reads a condition: a map with one key.
    pub fn parse(field: &Field) -> Result<Condition, LoadError> {
        field.map(&CONDITIONS)?;
        Self::parse_inside(field, 0)
    }

    fn parse_inside(field: &Field, depth: usize) -> Result<Condition, LoadError> {
        let (key, inner) = field.one_of(&CONDITIONS)?;
        Self::parse_named(key, &inner, depth)
    }

    /// Reads what stands under a condition's key.
    pub fn parse_named(key: &str, field: &Field, depth: usize) -> Result<Condition, LoadError> {
        if depth > DEPTH_MAX {
            return Err(field.error(Problem::TooDeep));
        }
        Ok(match key {
            "state" => state(field)?,
            "count" => count(field)?,
            "podsReady" | "pods" => pods(field, key == "podsReady")?,
            "replaced" => Condition::Replaced(named(field)?),
            "kept" => Condition::Kept(named(field)?),
            "data" => data(field)?,
            "dns" => dns(field)?,
            "all" => Condition::All(parts(field, depth)?),
            "any" => Condition::Any(parts(field, depth)?),
            _ => {
                field.map(&CONDITIONS)?;
                Condition::Not(Box::new(Self::parse_inside(field, depth + 1)?))
            }
        })
    }

    /// Whether it has to be looked at after a change of this object.
    pub fn depends_on(&self, changed: &ObjectKey) -> bool {
        match self {
            Condition::State(Subject::One(key), _)
            | Condition::Replaced(key)
            | Condition::Kept(key) => key == changed,
            Condition::State(Subject::Every(among), _) | Condition::Count { among, .. } => {
                among.kind == changed.kind && among.namespace == changed.namespace
            }
            Condition::Pods { of: PodsOf::Set(set), .. } => {
                changed.kind == Kind::Pod && changed.namespace == set.namespace
            }
            Condition::Pods { of: PodsOf::Selected(among), .. } => {
                changed.kind == Kind::Pod && changed.namespace == among.namespace
            }
            Condition::Data { .. } => matches!(
                changed.kind,
                Kind::PersistentVolumeClaim | Kind::PersistentVolume | Kind::Pod
            ),
            Condition::Dns { .. } => {
                matches!(changed.kind, Kind::Service | Kind::EndpointSlice | Kind::Pod)
            }
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().any(|part| part.depends_on(changed))
            }
            Condition::Not(inner) => inner.depends_on(changed),
        }
    }

    /// Whether it speaks of files, which change without a write to the API server.
    pub fn reads_files(&self) -> bool {
        match self {
            Condition::Data { .. } => true,
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().any(Condition::reads_files)
            }
            Condition::Not(inner) => inner.reads_files(),
            _ => false,
        }
    }
}

fn with(keys: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    keys.iter().chain(more).copied().collect()
}

fn parts(field: &Field, depth: usize) -> Result<Vec<Condition>, LoadError> {
    let items = field.list()?;
    if items.is_empty() || items.len() > PARTS_MAX {
        return Err(field.error(Problem::TooMany { what: "conditions", most: PARTS_MAX }));
    }
    let parse = |item: &Field| {
        item.map(&CONDITIONS)?;
        Condition::parse_inside(item, depth + 1)
    };
    items.iter().map(parse).collect()
}

fn kind(field: &Field) -> Result<Kind, LoadError> {
    let field = field.need("kind")?;
    let found = field.text()?;
    match RESOURCES.iter().find(|resource| resource.name == found) {
        Some(resource) => Ok(resource.kind),
        None => {
            let allowed = RESOURCES.iter().map(|resource| resource.name.into()).collect();
            Err(field.error(Problem::NotOneOf { found, allowed }))
        }
    }
}

fn namespace(field: &Field, kind: Kind) -> Result<EcoString, LoadError> {
    match field.get("namespace") {
        _ if !kind.resource().namespaced => Ok(EcoString::new()),
        Some(field) => field.words(),
        None => Ok("default".into()),
    }
}

fn named(field: &Field) -> Result<ObjectKey, LoadError> {
    field.map(&["kind", "name", "namespace"])?;
    let kind = kind(field)?;
    Ok(ObjectKey::new(kind, namespace(field, kind)?, field.need("name")?.words()?))
}

fn pods(field: &Field, ready: bool) -> Result<Condition, LoadError> {
    field.map(&with(&["set", "selector", "namespace"], &COUNT_OPERATORS))?;
    let namespace = namespace(field, Kind::Pod)?;
    let (key, inner) = field.one_of(&["set", "selector"])?;
    let of = match key {
        "set" => PodsOf::Set(ObjectKey::new(Kind::StatefulSet, namespace, inner.words()?)),
        _ => {
            let (text, labels) = labels(&inner)?;
            PodsOf::Selected(Selection { kind: Kind::Pod, namespace, text, labels })
        }
    };
    Ok(Condition::Pods { of, ready, number: Operator::parse_count(field)? })
}

fn labels(field: &Field) -> Result<(EcoString, LabelSelector), LoadError> {
    let text = field.text()?;
    match LabelSelector::parse(&text) {
        Ok(labels) => Ok((text, labels)),
        Err(why) => Err(field.error(Problem::Unreadable { text, why: why.into() })),
    }
}

/// The selection that a map names by `kind`, `namespace` and `selector`.
pub fn selection(field: &Field) -> Result<Selection, LoadError> {
    let kind = kind(field)?;
    let (text, labels) = match field.get("selector") {
        Some(selector) => labels(&selector)?,
        None => (EcoString::new(), LabelSelector::default()),
    };
    Ok(Selection { kind, namespace: namespace(field, kind)?, text, labels })
}

/// The JSONPath under the key `jsonpath`.
pub fn path(field: &Field) -> Result<Option<Path>, LoadError> {
    let Some(field) = field.get("jsonpath") else { return Ok(None) };
    let text = field.text()?;
    let template = jsonpath::relaxed(&text).and_then(|template| JsonPath::parse(&template));
    match template {
        Ok(_) if text.trim().is_empty() => {
            Err(field.error(Problem::WrongForm { key: "jsonpath".into(), wanted: Form::Text }))
        }
        Ok(template) => Ok(Some(Path { text, template })),
        Err(why) => Err(field.error(Problem::Unreadable { text, why: why.into() })),
    }
}

fn test(field: &Field) -> Result<Test, LoadError> {
    let path = path(field)?;
    let allowed = if path.is_some() { &OPERATORS[..] } else { &PRESENCE_OPERATORS };
    Ok(Test { path, operator: Operator::parse(field, allowed)? })
}

fn state(field: &Field) -> Result<Condition, LoadError> {
    field.map(&with(&["kind", "name", "namespace", "selector", "jsonpath"], &OPERATORS))?;
    let (key, _) = field.one_of(&["name", "selector"])?;
    let subject = match key {
        "name" => {
            let kind = kind(field)?;
            let name = field.need("name")?.words()?;
            Subject::One(ObjectKey::new(kind, namespace(field, kind)?, name))
        }
        _ => Subject::Every(selection(field)?),
    };
    Ok(Condition::State(subject, test(field)?))
}

fn count(field: &Field) -> Result<Condition, LoadError> {
    field.map(&with(&["kind", "namespace", "selector", "where"], &COUNT_OPERATORS))?;
    let test = match field.get("where") {
        Some(field) => {
            field.map(&with(&["jsonpath"], &OPERATORS))?;
            field.need("jsonpath")?;
            Some(test(&field)?)
        }
        None => None,
    };
    Ok(Condition::Count { among: selection(field)?, test, number: Operator::parse_count(field)? })
}

fn data(field: &Field) -> Result<Condition, LoadError> {
    field.map(&with(&["claim", "namespace", "path"], &TEXT_OPERATORS))?;
    let kind = Kind::PersistentVolumeClaim;
    let claim = ObjectKey::new(kind, namespace(field, kind)?, field.need("claim")?.words()?);
    let path = field.need("path")?.words()?;
    let path = format!("/{}", path.trim_start_matches('/')).into();
    Ok(Condition::Data { claim, path, operator: Operator::parse(field, &TEXT_OPERATORS)? })
}

fn dns(field: &Field) -> Result<Condition, LoadError> {
    field.map(&["name", "exists", "absent", "pods"])?;
    let (key, inner) = field.one_of(&["exists", "absent", "pods"])?;
    let answer = match key {
        "pods" => {
            let pods = inner.list()?;
            Wanted::Pods(pods.iter().map(Field::words).collect::<Result<_, _>>()?)
        }
        key => inner.truth().map(|()| Wanted::Address(key == "exists"))?,
    };
    Ok(Condition::Dns { name: field.need("name")?.words()?, answer })
}
