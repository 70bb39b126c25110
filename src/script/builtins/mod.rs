//! The commands a shell runs itself.

mod control;
mod directory;
pub mod echo;
mod jobs;
mod name;
mod options;
pub mod printf;
mod read;
pub mod test;
mod variable;

use ecow::EcoString;

use super::host::Flavour;
use super::machine::{Flow, Frame, Run};

pub(crate) use directory::real_path;
pub(super) use options::set_flag;
pub(super) use read::{ReadRequest, finish_read};
pub(super) use test::condition;

/// What a builtin came to.
pub(super) enum Outcome {
    Status(i32),
    Flow(Flow),
    /// Frames that do the rest, outermost first.
    Frames(Vec<Frame>),
}

/// A builtin: the words, its own name first.
pub(super) type Builtin = fn(&mut Run<'_>, &[EcoString]) -> Outcome;

/// The builtin of this name.
pub(super) fn find(name: &str, flavour: Flavour) -> Option<Builtin> {
    let both: Option<Builtin> = Some(match name {
        ":" | "true" => |_, _| Outcome::Status(0),
        "false" => |_, _| Outcome::Status(1),
        "echo" => echo::builtin,
        "printf" => printf::builtin,
        "test" | "[" => test::builtin,
        "cd" => directory::cd,
        "pwd" => directory::pwd,
        "umask" => directory::umask,
        "break" | "continue" => control::leave_loop,
        "return" => control::return_,
        "exit" => control::exit,
        "eval" => control::eval,
        "." | "source" => control::source,
        "exec" => |_, _| Outcome::Status(0),
        "trap" => control::trap,
        "set" => options::set,
        "shift" => options::shift,
        "getopts" => options::getopts,
        "export" | "readonly" | "local" => variable::declare,
        "unset" => variable::unset,
        "let" => variable::let_,
        "read" => read::builtin,
        "wait" => jobs::wait,
        "kill" => jobs::kill,
        "jobs" => jobs::jobs,
        "bg" | "fg" => jobs::foreground,
        "type" => name::type_,
        "command" => name::command,
        "alias" => name::alias,
        "unalias" => name::unalias,
        "hash" => name::hash,
        "times" => control::times,
        "ulimit" => control::ulimit,
        "help" => control::help,
        "history" => control::history,
        _ => return bash_only(name).filter(|_| flavour == Flavour::Gnu),
    });
    both
}

fn bash_only(name: &str) -> Option<Builtin> {
    Some(match name {
        "declare" | "typeset" => variable::declare,
        "shopt" => options::shopt,
        "builtin" => name::command,
        "mapfile" | "readarray" => read::mapfile,
        "disown" => jobs::disown,
        "logout" => control::exit,
        "dirs" => directory::dirs,
        "pushd" | "popd" | "bind" | "complete" | "compgen" | "compopt" | "fc" | "enable"
        | "caller" | "suspend" => control::not_simulated,
        _ => return None,
    })
}
