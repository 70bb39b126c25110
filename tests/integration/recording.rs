//! Recordings show what a live session would, at every instant, whatever is done with them; and
//! going on live is not seen.

use std::time::Duration;

use statefulset_playground::api::time::Time;
use statefulset_playground::chance::Choice;
use statefulset_playground::playground::Playground;
use statefulset_playground::playground::effect::Effect;
use statefulset_playground::playground::message::{Direction, Message, Unit};
use statefulset_playground::playground::motion::Motion as _;
use statefulset_playground::playground::playback::Speed;
use statefulset_playground::playground::recording::reel::Reel;
use statefulset_playground::playground::recording::{Recording, Unusable, make};
use statefulset_playground::playground::scenario::SCENARIOS;
use statefulset_playground::playground::stage::Stage;
use statefulset_playground::playground::view::{ViewModel, view_model};

const TAGS: [&str; 2] = ["en-GB", "zh-CN"];

fn opening() -> Recording {
    let bytes = make::opening().expect("the opening can be recorded");
    Recording::read(&bytes).expect("what was recorded can be read")
}

fn same(recorded: &ViewModel, live: &ViewModel, when: &str) {
    assert!(recorded.shows_same(live), "{when}:\n{recorded:#?}\n{live:#?}");
}

#[test]
fn every_instant_of_the_opening_is_what_a_live_session_shows() {
    for tag in TAGS {
        let recording = opening();
        let instants: Vec<Time> = recording.instants().collect();
        assert!(instants.len() > 100, "{}", instants.len());
        let mut reel = Reel::new(recording, tag);
        let mut live = Playground::new(&SCENARIOS[0], 1, reel.language());
        live.update(Message::PlayToggled);
        same(&reel.view(None).expect("a view"), &view_model(&live, None), "at first");
        let shown_at = live.now();
        for at in instants.iter().filter(|at| **at >= shown_at) {
            reel.advance_to(*at);
            live.advance_to(*at);
            let view = reel.view(None).expect("a view");
            same(&view, &view_model(&live, None), &format!("{tag} at {at:?}"));
            assert_eq!(reel.lint(&view.files.text), Some(live.lint(&view.files.text)));
        }
        assert_eq!(reel.lint(""), Some(live.lint("")));
    }
}

fn any_move(chance: &mut Choice) -> Message {
    let mut upto = |limit: u64| chance.below(limit);
    let directions = [Direction::Back, Direction::Forward];
    match upto(24) {
        0 => Message::PlayToggled,
        1 => Message::SpeedChosen(Speed::ALL[upto(7) as usize]),
        2 => Message::SkipWaitingToggled,
        3 | 4 => Message::Stepped(Unit::ALL[upto(3) as usize], directions[upto(2) as usize]),
        5 => Message::UnitChosen(Unit::ALL[upto(3) as usize]),
        6 => Message::Sought { at_ms: upto(40_000) },
        7 => Message::JumpedToCommand(directions[upto(2) as usize]),
        8 => Message::JumpedToMark(directions[upto(2) as usize]),
        9 => Message::MarkToggled,
        10 => Message::ReturnedToNow,
        11 if upto(4) == 0 => Message::ReturnedToStart,
        _ => Message::FramePassed(Duration::from_millis(5 + upto(120))),
    }
}

#[test]
fn whatever_moves_it_a_recording_goes_as_a_live_session_and_becomes_one_unseen() {
    for seed in 0..4 {
        let mut chance = Choice::seeded(seed);
        let tag = TAGS[seed as usize % 2];
        let mut stage = Stage::Recorded(Box::new(Reel::new(opening(), tag)));
        let mut live = Playground::begin(None, None, tag);
        let live_from = 36 * (seed + 1);
        for count in 0..160 {
            if count == live_from {
                stage.live();
            }
            let message = any_move(&mut chance);
            let is_frame = matches!(message, Message::FramePassed(_));
            let mut wanted = live.update(message.clone());
            if stage.is_recorded() && is_frame {
                wanted.retain(|effect| *effect != Effect::Save);
            }
            assert_eq!(stage.update(message.clone()), wanted, "{seed} {count} {message:?}");
            let view = stage.view(None);
            same(&view, &view_model(&live, None), &format!("{seed} {count} {message:?}"));
        }
        assert_eq!(stage.live().link(), live.link());
    }
}

#[test]
fn time_comes_to_rest_in_a_recording() {
    let mut stage = Stage::Recorded(Box::new(Reel::new(opening(), "en")));
    for _ in 0..20_000 {
        stage.update(Message::FramePassed(Duration::from_millis(50)));
    }
    assert!(stage.is_recorded() && !stage.is_playing());
}

#[test]
fn what_is_done_in_a_recording_happens_live() {
    let line = || Message::LineEntered { terminal: 0, text: "kubectl get pods".into() };
    let mut stage = Stage::Recorded(Box::new(Reel::new(opening(), "en")));
    assert!(stage.needs_live(&line()));
    assert!(!stage.needs_live(&Message::PlayToggled));
    let mut live = Playground::begin(None, None, "en");
    assert_eq!(stage.update(line()), live.update(line()));
    assert!(!stage.is_recorded());
    same(&stage.view(None), &view_model(&live, None), "after a command");
}

#[test]
fn damaged_recordings_are_refused_or_played_live() {
    let bytes = make::opening().expect("the opening can be recorded");
    assert_eq!(Recording::read(b"").err(), Some(Unusable::Damaged));
    assert_eq!(Recording::read(&bytes[..bytes.len() / 2]).err(), Some(Unusable::Damaged));
    let mut other = bytes.clone();
    let format = bytes.iter().position(|byte| *byte == b'\n').expect("a first line") + 1;
    other[format] += 1;
    let link = opening().link().to_string();
    assert_eq!(Recording::read(&other).err(), Some(Unusable::OtherVersion(link)));
    for place in (bytes.len() / 3..bytes.len()).step_by(97) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x55;
        if let Ok(recording) = Recording::read(&damaged) {
            let mut stage = Stage::Recorded(Box::new(Reel::new(recording, "en")));
            stage.update(Message::FramePassed(Duration::from_millis(40)));
            stage.view(None);
        }
    }
}
