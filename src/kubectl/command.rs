//! The table of commands: their names, flags and code.
//!
//! Models `cobra.Command` and the command groups of `k8s.io/kubectl/pkg/cmd/cmd.go`.

use super::cmd;
use super::invocation::Invocation;
use super::process::{Outcome, World};

/// A command or subcommand.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Its words: `rollout status`.
    pub path: &'static str,
    /// Other names of its last word.
    pub aliases: &'static [&'static str],
    /// Its own flags, in groups so that commands can share them.
    pub flags: &'static [&'static [Flag]],
    /// What it does.
    pub run: Run,
    /// Whether it is simulated; of others not even the flags are known.
    pub simulated: bool,
}

/// The code of a command.
pub type Run = fn(&Invocation, &mut World<'_>) -> Outcome;

/// A flag of a command.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Long name, without dashes.
    pub name: &'static str,
    /// The letter behind one dash.
    pub short: Option<char>,
    /// What its value must be.
    pub kind: FlagKind,
    /// Its value if it is not given.
    pub default: &'static str,
    /// Its value if it is given without one (pflag's `NoOptDefVal`).
    pub bare: Option<&'static str>,
    /// Why it should no longer be used: printed when it is.
    pub deprecated: Option<&'static str>,
}

/// What a flag's value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagKind {
    /// `strconv.ParseBool`
    Bool,
    /// Anything.
    Text,
    /// A whole number.
    Int,
    /// A whole number of 32 bits.
    Int32,
    /// A Go duration.
    Duration,
    /// Values separated by commas; every use adds some.
    Slice,
    /// One value each use.
    Array,
}

impl Flag {
    const fn new(name: &'static str, kind: FlagKind, default: &'static str) -> Self {
        Flag { name, short: None, kind, default, bare: None, deprecated: None }
    }

    /// A flag that is false by default.
    pub const fn bool(name: &'static str) -> Self {
        let mut flag = Self::new(name, FlagKind::Bool, "false");
        flag.bare = Some("true");
        flag
    }

    /// A flag with a text, empty by default.
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, FlagKind::Text, "")
    }

    /// A flag with a number.
    pub const fn int(name: &'static str, default: &'static str) -> Self {
        Self::new(name, FlagKind::Int, default)
    }

    /// A flag with a number of 32 bits.
    pub const fn int32(name: &'static str, default: &'static str) -> Self {
        Self::new(name, FlagKind::Int32, default)
    }

    /// A flag with a duration.
    pub const fn duration(name: &'static str, default: &'static str) -> Self {
        Self::new(name, FlagKind::Duration, default)
    }

    /// A flag with a list that is split at commas.
    pub const fn slice(name: &'static str) -> Self {
        Self::new(name, FlagKind::Slice, "")
    }

    /// A flag that may be given several times.
    pub const fn array(name: &'static str) -> Self {
        Self::new(name, FlagKind::Array, "")
    }

    /// The same with a letter.
    pub const fn short(mut self, letter: char) -> Self {
        self.short = Some(letter);
        self
    }

    /// The same with another default.
    pub const fn default(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    /// The same with a value for being given bare.
    pub const fn bare(mut self, value: &'static str) -> Self {
        self.bare = Some(value);
        self
    }

    /// The same with a warning.
    pub const fn deprecated(mut self, why: &'static str) -> Self {
        self.deprecated = Some(why);
        self
    }
}

impl Command {
    /// A command with its flags and its code.
    pub const fn new(path: &'static str, flags: &'static [&'static [Flag]], run: Run) -> Self {
        Command { path, aliases: &[], flags, run, simulated: true }
    }

    /// A command that real kubectl has and this one only knows by name.
    pub const fn unknown(path: &'static str, run: Run) -> Self {
        Command { path, aliases: &[], flags: &[], run, simulated: false }
    }

    /// The same with other names for its last word.
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Its last word.
    pub fn name(&self) -> &'static str {
        self.path.rsplit(' ').next().unwrap_or_default()
    }

    /// The command that it is a subcommand of, "" for kubectl itself.
    pub fn parent(&self) -> &'static str {
        self.path.rsplit_once(' ').map_or("", |(parent, _)| parent)
    }

    /// Its flag of this name, global ones included.
    pub fn flag(&self, name: &str) -> Option<&'static Flag> {
        self.all_flags().find(|flag| flag.name == name)
    }

    /// Its flag of this letter.
    pub fn short_flag(&self, letter: char) -> Option<&'static Flag> {
        self.all_flags().find(|flag| flag.short == Some(letter))
    }

    /// Its own flags, then the global ones.
    pub fn all_flags(&self) -> impl Iterator<Item = &'static Flag> + use<> {
        self.flags.iter().copied().flatten().chain(GLOBAL_FLAGS)
    }
}

/// kubectl without a command.
pub static ROOT: Command = Command::new("", &[], cmd::show_help);

/// The command of this path; kubectl itself for "" and for what does not exist.
pub fn find(path: &str) -> &'static Command {
    commands().find(|command| command.path == path).unwrap_or(&ROOT)
}

/// The subcommand of `parent` that is called `name`.
pub fn child(parent: &str, name: &str) -> Option<&'static Command> {
    children(parent).find(|command| command.name() == name || command.aliases.contains(&name))
}

/// The subcommands of `parent`.
pub fn children(parent: &str) -> impl Iterator<Item = &'static Command> + '_ {
    commands().filter(move |command| command.parent() == parent)
}

/// Every command.
pub fn commands() -> impl Iterator<Item = &'static Command> {
    cmd::COMMANDS.iter().copied().flatten()
}

/// Flags of every command (`kubectl options`).
pub static GLOBAL_FLAGS: &[Flag] = &[
    Flag::text("as"),
    Flag::array("as-group"),
    Flag::text("as-uid"),
    Flag::array("as-user-extra"),
    Flag::text("cache-dir").default("/root/.kube/cache"),
    Flag::text("certificate-authority"),
    Flag::text("client-certificate"),
    Flag::text("client-key"),
    Flag::text("cluster"),
    Flag::text("context"),
    Flag::bool("disable-compression"),
    Flag::bool("help").short('h'),
    Flag::bool("insecure-skip-tls-verify"),
    Flag::text("kubeconfig"),
    Flag::text("kuberc"),
    Flag::duration("log-flush-frequency", "5s"),
    Flag::bool("match-server-version"),
    Flag::text("namespace").short('n'),
    Flag::text("password"),
    Flag::text("profile").default("none"),
    Flag::text("profile-output").default("profile.pprof"),
    Flag::text("request-timeout").default("0"),
    Flag::text("server").short('s'),
    Flag::text("tls-server-name"),
    Flag::text("token"),
    Flag::text("user"),
    Flag::text("username"),
    Flag::text("v").short('v').default("0"),
    Flag::text("vmodule"),
    Flag::bool("warnings-as-errors"),
];

/// `-f`, `-k`, `-R` (`genericclioptions.FileNameFlags`).
pub static FILENAME_FLAGS: &[Flag] = &[
    Flag::slice("filename").short('f'),
    Flag::text("kustomize").short('k'),
    Flag::bool("recursive").short('R'),
];

/// `-o`, `--template` and what belongs to them (`genericclioptions.PrintFlags`).
pub static PRINT_FLAGS: &[Flag] = &[
    Flag::text("output").short('o'),
    Flag::text("template"),
    Flag::bool("allow-missing-template-keys").default("true"),
    Flag::bool("show-managed-fields"),
];

/// `-l`
pub static SELECTOR_FLAG: &[Flag] = &[Flag::text("selector").short('l')];

/// `--field-selector`
pub static FIELD_SELECTOR_FLAG: &[Flag] = &[Flag::text("field-selector")];

/// `-A`
pub static ALL_NAMESPACES_FLAG: &[Flag] = &[Flag::bool("all-namespaces").short('A')];

/// `--chunk-size`
pub static CHUNK_SIZE_FLAG: &[Flag] = &[Flag::int("chunk-size", "500")];

/// `--dry-run`
pub static DRY_RUN_FLAG: &[Flag] = &[Flag::text("dry-run").default("none").bare("unchanged")];

/// `--record`
pub static RECORD_FLAG: &[Flag] =
    &[Flag::bool("record").deprecated("--record will be removed in the future")];

/// `--all`
pub static ALL_FLAG: &[Flag] = &[Flag::bool("all")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_command_has_a_flag_twice() {
        for command in commands() {
            let names: Vec<&str> = command.all_flags().map(|flag| flag.name).collect();
            let shorts: Vec<char> = command.all_flags().filter_map(|flag| flag.short).collect();
            for (index, name) in names.iter().enumerate() {
                assert!(!names[..index].contains(name), "{}: --{name}", command.path);
            }
            for (index, letter) in shorts.iter().enumerate() {
                assert!(!shorts[..index].contains(letter), "{}: -{letter}", command.path);
            }
        }
    }

    #[test]
    fn the_order_names_every_command() {
        let mut ordered = cmd::ORDER.to_vec();
        let mut named: Vec<&str> = children("").map(Command::name).collect();
        ordered.sort();
        named.sort();
        assert_eq!(ordered, named);
    }

    #[test]
    fn paths_are_unique_and_have_parents() {
        let paths: Vec<&str> = commands().map(|command| command.path).collect();
        for (index, command) in commands().enumerate() {
            assert!(!paths[..index].contains(&command.path), "{} twice", command.path);
            let parent = command.parent();
            assert!(parent.is_empty() || paths.contains(&parent), "{} is orphaned", command.path);
        }
    }
}
