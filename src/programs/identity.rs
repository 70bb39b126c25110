//! `id`, `whoami`: who runs this.

use super::context::{Context, Whole};
use super::options::{Known, Options, parse};
use super::whole::options;
use crate::script::user::{group_name, group_of, number_of, user_name};
use crate::script::{Flavour, User};

/// `id`.
pub fn id(context: &mut Context<'_>) -> Whole {
    let options = options!(context, Known::short("ungGr"));
    let user = match options.operands.first().cloned() {
        None => context.files().user(),
        Some(name) => match named(context, &name) {
            Some(user) => user,
            None => {
                context.complain(&match context.flavour {
                    Flavour::Gnu => format!("‘{name}’: no such user"),
                    Flavour::Busybox => format!("unknown user {name}"),
                });
                return Ok(1);
            }
        },
    };
    if options.has('u') || options.has('g') || options.has('G') {
        return Ok(chosen(context, &options, &user));
    }
    let mut text = format!("uid={}", with_name(user.uid, user_name(context.files(), user.uid)));
    let group = |context: &mut Context<'_>, gid| with_name(gid, group_name(context.files(), gid));
    text.push_str(&format!(" gid={}", group(context, user.gid)));
    let groups: Vec<String> = user.groups.iter().map(|gid| group(context, *gid)).collect();
    context.out(&format!("{text} groups={}\n", groups.join(",")));
    Ok(0)
}

// The account of this name or number.
fn named(context: &mut Context<'_>, name: &str) -> Option<User> {
    let uid = number_of(context.files(), "/etc/passwd", name)
        .or_else(|| name.parse().ok().filter(|uid| user_name(context.files(), *uid).is_some()))?;
    let gid = group_of(context.files(), uid).unwrap_or(uid);
    Some(User::new(uid, gid, []))
}

fn with_name(id: u32, name: Option<String>) -> String {
    name.map_or_else(|| id.to_string(), |name| format!("{id}({name})"))
}

// One number or one list, by name with `-n`.
fn chosen(context: &mut Context<'_>, options: &Options, user: &User) -> i32 {
    let (ids, is_user) = match (options.has('u'), options.has('g')) {
        (true, _) => (vec![user.uid], true),
        (false, true) => (vec![user.gid], false),
        (false, false) => (user.groups.clone(), false),
    };
    let (mut status, mut words) = (0, Vec::new());
    for id in ids {
        let name = match is_user {
            true => user_name(context.files(), id),
            false => group_name(context.files(), id),
        };
        if options.has('n') && name.is_none() {
            let what = if is_user { "user" } else { "group" };
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("cannot find name for {what} ID {id}"),
                Flavour::Busybox => format!("unknown ID {id}"),
            });
            status = 1;
        }
        words.push(name.filter(|_| options.has('n')).unwrap_or_else(|| id.to_string()));
    }
    context.out(&format!("{}\n", words.join(" ")));
    status
}

/// `whoami`.
pub fn whoami(context: &mut Context<'_>) -> Whole {
    let uid = context.files().user().uid;
    match user_name(context.files(), uid) {
        Some(name) => {
            context.out(&format!("{name}\n"));
            Ok(0)
        }
        None => {
            context.complain(&match context.flavour {
                Flavour::Gnu => format!("cannot find name for user ID {uid}"),
                Flavour::Busybox => format!("unknown uid {uid}"),
            });
            Ok(1)
        }
    }
}
