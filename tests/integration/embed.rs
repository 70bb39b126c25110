//! The playground inside another page: options, messages, what is told, the poster.

use statefulset_playground::locale::Language;
use statefulset_playground::locale::words::words;
use statefulset_playground::playground::Playground;
use statefulset_playground::playground::embed::protocol::{Event, Incoming, Request, State, read};
use statefulset_playground::playground::embed::{self, Options, Refusal, Reporter};
use statefulset_playground::playground::message::Message;
use statefulset_playground::playground::poster::poster;
use statefulset_playground::playground::view::view_model;
use std::time::Duration;

const WEB: &str = include_str!("../../src/playground/scenario/scaling/web.yaml");

fn options(more: &str) -> Result<Options, Refusal> {
    Options::read(&format!("{{\"version\": 1{more}}}"))
}

fn with_web(more: &str) -> Options {
    let text = serde_json::to_string(WEB).expect("text");
    let files = format!(", \"files\": [{{\"name\": \"web.yaml\", \"text\": {text}}}]{more}");
    options(&files).expect("good options")
}

fn begin(options: &Options) -> Playground {
    let (playground, messages) = Playground::embedded(options, None, "en-US").expect("begins");
    assert!(messages.is_empty());
    playground
}

fn refusal(more: &str) -> Refusal {
    let options = options(more);
    options.and_then(|o| Playground::embedded(&o, None, "en").map(|_| ())).expect_err("refused")
}

fn read_options(json: &str) -> String {
    Options::read(json).expect_err("refused").sentence("en")
}

#[test]
fn wrong_options_are_refused_with_the_way_out() {
    let cases = [
        (", \"mood\": 1", "unknown field `mood`"),
        (", \"mode\": \"cinema\"", "expected one of `player`, `lab`, `exercise`, `terminal`"),
        (", \"lang\": \"fr\"", "lang is \"fr\"; it can be en or zh"),
        (", \"at\": \"soon\"", "at: \"soon\" is no time; write 12, 12.5s, 500ms or 1m30s"),
        (", \"at\": \"1.2.3s\"", "is no time"),
        (", \"at\": \"999999999999h\"", "more than a week"),
        (", \"markers\": [\"-1\"]", "markers: \"-1\" is no time"),
        (", \"scenario\": \"moon\"", "scenario \"moon\" is not here; there are nginx"),
        (", \"scenario\": \"nginx\", \"lesson\": \"x\"", "a scenario and a lesson: give one"),
        (
            ", \"lesson\": \"x\", \"commands\": []",
            "commands cannot be given together with a lesson",
        ),
        (", \"session\": \"%%%\"", "session: "),
        (", \"files\": [{\"name\": \"../x\", \"text\": \"\"}]", "\"../x\" is no file name"),
        (", \"storage\": \"cloud\"", "expected `none` or `local`"),
    ];
    for (more, expected) in cases {
        let refusal = refusal(more);
        let said = refusal.sentence("en");
        assert!(said.contains(expected), "{more}: {said}");
        let chinese = refusal.sentence("zh-CN");
        assert!(chinese.contains('：') || chinese.chars().any(|c| c > '\u{4e00}'), "{chinese}");
    }
    assert!(read_options("{}").contains("version is 0"));
    assert!(read_options(&" ".repeat(2_000_000)).contains("longer than"));
    assert!(Options::read(&"[".repeat(100_000)).is_err());
}

#[test]
fn files_are_applied_and_a_player_shows_the_beginning() {
    let playground = begin(&with_web(""));
    let state = State::of(&view_model(&playground, None));
    assert_eq!((state.at, state.playing, state.sets.len()), (0.0, false, 0));
    assert!(state.end > 3.0);
    let playground = begin(&with_web(", \"at\": \"end\""));
    let state = State::of(&view_model(&playground, None));
    assert_eq!(state.sets[0].pods.len(), 2);
    assert_eq!((state.sets[0].wanted, state.sets[0].ready), (2, 2));
}

#[test]
fn commands_run_one_after_another_and_can_be_marked() {
    let more = r#", "commands": ["$ kubectl apply -f web.yaml", "kubectl scale sts web --replicas=1"],
        "markers": ["commands"], "at": "end""#;
    let playground = begin(&with_web(more));
    assert_eq!(playground.marks().len(), 2);
    let state = State::of(&view_model(&playground, None));
    assert_eq!(state.sets[0].pods.iter().map(|pod| &pod.name).collect::<Vec<_>>(), ["web-0"]);
}

#[test]
fn time_stands_still_at_a_mark() {
    let mut playground = begin(&with_web(r#", "markers": ["2s"], "pauseOnMarkers": true"#));
    playground.update(Message::PlayToggled);
    for _ in 0..200 {
        playground.update(Message::FramePassed(Duration::from_millis(100)));
    }
    assert!(!playground.playback().playing);
    assert_eq!(State::of(&view_model(&playground, None)).at, 2.0);
    playground.update(Message::PlayToggled);
    playground.update(Message::FramePassed(Duration::from_millis(100)));
    assert!(playground.playback().playing);
}

#[test]
fn a_reader_cannot_change_a_player_but_a_lab() {
    let delete = || Message::CommandGiven("kubectl delete pod web-0".into());
    let mut player = begin(&with_web(", \"at\": \"end\""));
    let before = player.timeline().entries().len();
    player.update(delete());
    player.update(Message::ScenarioChosen("mysql".into()));
    assert_eq!(player.timeline().entries().len(), before);
    let mut lab = begin(&with_web(", \"mode\": \"lab\""));
    lab.update(delete());
    assert_eq!(lab.timeline().entries().len(), before + 1);
}

#[test]
fn messages_are_read_only_if_they_are_ours_and_whole() {
    let ours = |more: &str| format!("{{\"protocol\":\"statefulset-playground\"{more}}}");
    for foreign in ["", "7", "[]", "{\"protocol\":\"other\"}", "{\"type\":\"play\"}"] {
        assert_eq!(read(foreign), Incoming::Foreign, "{foreign}");
    }
    assert_eq!(read(&format!("{{\"data\":\"{}\"}}", "x".repeat(50_000))), Incoming::Foreign);
    let good = read(&ours(",\"version\":1,\"id\":3,\"type\":\"seek\",\"at\":2.5"));
    assert_eq!(good, Incoming::Request(3, Request::Seek { at: 2.5 }));
    let wrong = [
        ",\"version\":2,\"id\":1,\"type\":\"play\"".to_string(),
        ",\"version\":1,\"type\":\"play\"".into(),
        ",\"version\":1,\"id\":1,\"type\":\"explode\"".into(),
        ",\"version\":1,\"id\":1,\"type\":\"play\",\"more\":1".into(),
        ",\"version\":1,\"id\":1,\"type\":\"seek\",\"at\":\"x\"".into(),
        ",\"version\":1,\"id\":1,\"type\":\"seek\",\"at\":-1".into(),
        ",\"version\":1,\"id\":1,\"type\":\"seek\",\"at\":1e300".into(),
        format!(",\"version\":1,\"id\":1,\"type\":\"{}\"", "x".repeat(50_000)),
    ];
    for wrong in wrong {
        let read = read(&ours(&wrong));
        assert!(matches!(read, Incoming::Wrong(..)), "{wrong:.80}: {read:?}");
    }
}

#[test]
fn the_page_around_is_told_once_of_what_is_new() {
    let mut playground = begin(&with_web(""));
    let mut reporter = Reporter::default();
    let mut tell = |playground: &Playground| reporter.report(&view_model(playground, None));
    assert!(matches!(tell(&playground).as_slice(), [Event::Ready { .. }]));
    assert_eq!(tell(&playground), []);
    let step = read(r#"{"protocol":"statefulset-playground","version":1,"id":1,"type":"step"}"#);
    let Incoming::Request(_, request) = step else { panic!("{step:?}") };
    playground.update(request.message(playground.playback().playing).expect("a message"));
    let told = tell(&playground);
    assert!(matches!(told.as_slice(), [Event::Change { .. }]), "{told:?}");
    let written = told[0].write();
    assert!(
        written.starts_with(r#"{"protocol":"statefulset-playground","version":1,"type":"change""#)
    );
}

#[test]
fn a_lesson_tells_of_its_steps_and_goals() {
    let lesson = include_str!("../../src/lesson/catalog/claims.en.md");
    let text = serde_json::to_string(lesson).expect("text");
    let options = options(&format!(", \"mode\": \"exercise\", \"text\": {text}")).expect("good");
    let (mut playground, messages) = Playground::embedded(&options, None, "en").expect("begins");
    assert_eq!(messages.len(), 1);
    for message in messages {
        playground.update(message);
    }
    let events = Reporter::default().report(&view_model(&playground, None));
    assert!(events.iter().any(|event| matches!(event, Event::Step { index: 0, .. })), "{events:?}");
    assert!(events.iter().any(|event| matches!(event, Event::Goal { .. })), "{events:?}");
}

#[test]
fn the_poster_shows_every_lane_in_words_and_shapes() {
    let playground = begin(&with_web(", \"at\": \"end\""));
    let picture = view_model(&playground, None).picture;
    let poster = poster(&picture, "A <title> & \"more\"", words(Language::En));
    for expected in ["web-0", "web-1", "Running 1/1", "<title>A &lt;title&gt; &amp;", "<desc>"] {
        assert!(poster.svg.contains(expected), "{expected}: {}", poster.svg);
    }
    assert!(poster.text.contains("web-1: Running 1/1"), "{}", poster.text);
    for forbidden in ["<style", "style=", "<script", "onload"] {
        assert!(!poster.svg.contains(forbidden), "{forbidden}");
    }
    assert_eq!(poster.svg.matches("<path").count(), 2);
}

#[test]
fn the_embed_code_opens_again() {
    let playground = begin(&with_web(", \"at\": \"2s\""));
    let html = embed::code(&playground, "https://example.org/play/");
    let session = html.split("src=\"#s=").nth(1).and_then(|rest| rest.split('"').next());
    let session = session.expect("a session");
    let again = options(&format!(", \"session\": \"{session}\"")).expect("good options");
    assert_eq!(begin(&again).now(), playground.now());
    assert!(html.contains("src=\"https://example.org/play/embed.js\""), "{html}");
    assert!(html.contains("<svg") && html.contains("</statefulset-playground>"));
}
