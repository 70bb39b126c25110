//! `record`: plays a transcript, a lesson or manifests and prints the recording that a
//! `<statefulset-playground recording="...">` shows without a control plane.

use std::io::Write as _;
use std::path::Path;

use crate::lesson::replay::Player;
use crate::lesson::transcript::{Item, Part};
use crate::lesson::{start, transcript};
use crate::playground::Written;
use crate::playground::recording::make;
use crate::playground::scenario::Scenario;
use crate::shell::session::Session;
use crate::simulation::timeline::World as _;

const USAGE: &str = "usage: statefulset-playground record FILE.md\n       \
                     statefulset-playground record FILE.yaml... [-- COMMAND...]";
/// The chance of sessions that name none, as in embedded playgrounds.
const SEED: u64 = 1;

pub(super) fn run(arguments: &[String]) -> Result<(), String> {
    let bytes = recorded(arguments)?;
    std::io::stdout().write_all(&bytes).map_err(|why| format!("cannot print: {why}"))
}

/// The bytes of the recording.
pub(super) fn recorded(arguments: &[String]) -> Result<Vec<u8>, String> {
    let (seed, parts) = match arguments {
        [path] if path.ends_with(".md") => of_transcript(path)?,
        [] => return Err(USAGE.into()),
        _ => (SEED, of_manifests(arguments)?),
    };
    let mut player = Player::new(Session::new(seed));
    parts.iter().for_each(|part| player.play(part));
    player.end_section();
    let (entries, end) = (player.entries().to_vec(), player.session().now());
    let scenario = Scenario::empty();
    make::record(|language| {
        let entries = entries.clone();
        Written { scenario, seed, language, entries }.played(end, end)
    })
}

fn of_transcript(path: &str) -> Result<(u64, Vec<Part>), String> {
    let text = read(path)?;
    let lesson = text.starts_with("---").then(|| super::read_lesson(path)).transpose()?;
    let front = lesson.as_ref().map(|lesson| &lesson.front);
    let mut parts = front.map(|front| start::parts(&front.start)).unwrap_or_default();
    parts.extend(transcript::parse(&text).parts);
    Ok((front.map_or(SEED, |front| front.seed), parts))
}

// Without commands the files are applied.
fn of_manifests(arguments: &[String]) -> Result<Vec<Part>, String> {
    let mut halves = arguments.splitn(2, |argument| argument == "--");
    let (paths, commands) = (halves.next().unwrap_or_default(), halves.next());
    let (mut parts, mut names) = (Vec::new(), Vec::new());
    for path in paths {
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
        names.push(format!(" -f {name}"));
        parts.push(Part::File { fence: String::new(), name, content: read(path)? });
    }
    let commands = match commands {
        Some(commands) => commands.to_vec(),
        None => vec![format!("kubectl apply{}", names.concat())],
    };
    parts.extend(commands.into_iter().map(|command| Part::Console {
        fence: String::new(),
        watch: false,
        items: vec![Item::Command { command, recorded: Vec::new() }],
    }));
    Ok(parts)
}

fn read(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|why| format!("cannot read {path}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::recorded;
    use crate::playground::motion::Motion as _;
    use crate::playground::recording::Recording;
    use crate::playground::recording::reel::Reel;

    #[test]
    fn a_manifest_with_a_command_is_recorded_to_its_end() {
        let arguments = [
            "src/playground/scenario/scaling/web.yaml",
            "--",
            "kubectl apply -f web.yaml",
            "kubectl scale sts web --replicas=1",
        ];
        let bytes = recorded(&arguments.map(String::from)).expect("it can be recorded");
        let reel = Reel::new(Recording::read(&bytes).expect("it can be read"), "en");
        let view = reel.view(None).expect("it can be seen");
        assert_eq!(view.picture.sets[0].wanted, 1);
        assert_eq!(view.picture.sets[0].lanes.len(), 1);
        assert_eq!(reel.inputs().iter().filter(|(_, command)| command.is_some()).count(), 2);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let missing = recorded(&["missing.yaml".into()]).expect_err("there is no such file");
        assert!(missing.starts_with("cannot read missing.yaml: "), "{missing}");
        assert!(recorded(&[]).is_err_and(|usage| usage.starts_with("usage: ")));
    }
}
