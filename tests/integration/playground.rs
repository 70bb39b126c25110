//! The application without a browser: rewinding, forking, links, the first tutorial's story.

use std::time::Duration;

use statefulset_playground::api::object::ObjectKey;
use statefulset_playground::api::scheme::Kind;
use statefulset_playground::locale::Language;
use statefulset_playground::playground::Playground;
use statefulset_playground::playground::gesture;
use statefulset_playground::playground::message::{Direction, Message, Unit};
use statefulset_playground::playground::motion::Motion as _;
use statefulset_playground::playground::scenario::{SCENARIOS, Scenario};
use statefulset_playground::playground::share;
use statefulset_playground::playground::state_hash::state_hash;
use statefulset_playground::playground::view::names::Server;
use statefulset_playground::playground::view::picture::PodPhase;
use statefulset_playground::playground::view::view_model;
use statefulset_playground::simulation::timeline::World as _;

fn nginx(seed: u64) -> Playground {
    let scenario = Scenario::named("nginx").expect("the first scenario");
    Playground::new(scenario, seed, Language::En)
}

fn seek(playground: &mut Playground, at_ms: u64) {
    playground.update(Message::Sought { at_ms });
}

fn enter(playground: &mut Playground, text: &str) {
    playground.update(Message::LineEntered { terminal: 0, text: text.into() });
}

fn enter_in(playground: &mut Playground, terminal: u32, text: &str) {
    playground.update(Message::LineEntered { terminal, text: text.into() });
}

fn phases(playground: &Playground) -> Vec<Option<PodPhase>> {
    let picture = view_model(playground, None).picture;
    let lanes = picture.sets.first().map(|set| set.lanes.clone()).unwrap_or_default();
    lanes.iter().map(|lane| lane.pod.as_ref().map(|pod| pod.phase)).collect()
}

/// A session with inputs of several kinds, played for a while.
fn busy_session(seed: u64) -> Playground {
    let mut playground = nginx(seed);
    seek(&mut playground, 9_000);
    enter(&mut playground, "kubectl scale sts web --replicas=4");
    seek(&mut playground, 14_000);
    enter(&mut playground, "kubectl delete pod web-1 && echo $((RANDOM % 7)) > dice");
    seek(&mut playground, 20_000);
    let text = "kind: [".into();
    playground.update(Message::FileEdited { path: "web.yaml".into(), text });
    seek(&mut playground, 30_000);
    playground
}

#[test]
fn three_pods_come_one_after_another_and_absent_ones_say_why() {
    let mut playground = nginx(1);
    seek(&mut playground, 2_000);
    let view = view_model(&playground, None);
    let lanes = &view.picture.sets[0].lanes;
    assert_eq!(lanes.len(), 3);
    let ghost = lanes.iter().find(|lane| lane.pod.is_none()).expect("web-2 is not there yet");
    assert!(ghost.why.contains("OrderedReady"), "{}", ghost.why);
    assert!(view.because.len() >= 2);
    assert!(view.because.iter().any(|line| line.sentence.starts_with("needs PersistentVolume")));
    seek(&mut playground, 12_000);
    assert_eq!(phases(&playground), [Some(PodPhase::Ready); 3]);
    let view = view_model(&playground, None);
    assert!(view.names.rows.iter().any(|row| row.name == "web-0.nginx" && row.exists));
}

#[test]
fn seeking_there_and_back_equals_playing() {
    let mut playground = busy_session(3);
    for at_ms in [3_100, 9_050, 14_200, 14_900, 25_000] {
        seek(&mut playground, at_ms);
        let once = state_hash(playground.session());
        seek(&mut playground, 500);
        seek(&mut playground, at_ms);
        assert_eq!(state_hash(playground.session()), once, "at {at_ms} ms");
    }
}

#[test]
fn a_session_rebuilt_from_its_inputs_alone_is_the_same() {
    for seed in 0..10 {
        let playground = busy_session(seed);
        let rebuilt = playground.timeline().rebuilt();
        assert_eq!(rebuilt.world(), playground.session(), "seed {seed}");
    }
}

#[test]
fn a_link_carries_the_whole_session() {
    let playground = busy_session(5);
    let link = playground.link();
    assert!(link.len() < 4_000, "{} characters", link.len());
    let opened = Playground::begin(Some(&link), None, "en");
    assert_eq!(opened.notice(), "");
    assert_eq!(state_hash(opened.session()), state_hash(playground.session()));
    let broken = Playground::begin(Some("c3Vj"), None, "zh-CN");
    assert!(broken.notice().contains("链接"), "{}", broken.notice());
    assert_eq!(phases(&broken).len(), 3);
}

#[test]
fn hostile_links_are_refused_with_a_reason() {
    let long = "A".repeat(300_000);
    let bomb = {
        let zeros = vec![b' '; 8 << 20];
        use base64::Engine as _;
        let packed = miniz_oxide::deflate::compress_to_vec(&zeros, 9);
        base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(packed)
    };
    assert_eq!(share::decode(&long), Err(share::Problem::TooLong));
    assert_eq!(share::decode(&bomb), Err(share::Problem::Damaged));
    assert_eq!(share::decode("§"), Err(share::Problem::Damaged));
}

#[test]
fn acting_in_the_past_forks_and_keeps_the_former_future() {
    let mut playground = busy_session(2);
    let before = state_hash(playground.session());
    seek(&mut playground, 5_000);
    assert!(playground.is_in_past());
    enter(&mut playground, "kubectl delete sts web");
    assert!(!playground.is_in_past());
    assert_eq!(playground.branches().len(), 1);
    seek(&mut playground, 12_000);
    let lister = playground.session().cluster().lister();
    assert!(lister.find(Kind::StatefulSet, "default", "web").is_none());
    playground.update(Message::BranchChosen(0));
    assert_eq!(state_hash(playground.session()), before);
}

#[test]
fn steps_go_forward_and_back_by_every_unit() {
    for unit in Unit::ALL {
        let mut playground = busy_session(4);
        seek(&mut playground, 2_000);
        let start = playground.now();
        playground.update(Message::Stepped(unit, Direction::Forward));
        let there = playground.now();
        assert!(there > start, "{unit:?}");
        playground.update(Message::Stepped(unit, Direction::Back));
        assert!(playground.now() < there, "{unit:?}");
    }
}

#[test]
fn time_rests_when_nothing_is_left_and_an_act_starts_it_again() {
    let mut playground = nginx(1);
    playground.update(Message::PlayToggled);
    for _ in 0..4_000 {
        playground.update(Message::FramePassed(Duration::from_millis(50)));
    }
    assert!(!playground.playback().playing);
    enter(&mut playground, "kubectl scale sts web --replicas=2");
    assert!(playground.playback().playing);
}

#[test]
fn every_scenario_begins_and_is_worded_in_both_languages() {
    for scenario in SCENARIOS {
        for language in [Language::En, Language::Zh] {
            let playground = Playground::new(scenario, 1, language);
            let view = view_model(&playground, None);
            assert!(!view.frame.hint.is_empty());
            let errors = view.terminal.lines.iter().filter(|line| line.text.contains("rror"));
            assert_eq!(errors.count(), 0, "{}", scenario.slug);
        }
    }
}

#[test]
fn a_watch_goes_on_in_its_tab_while_commands_run_in_another() {
    let mut playground = nginx(1);
    seek(&mut playground, 2_000);
    enter(&mut playground, "kubectl get pods -w");
    let running = |playground: &Playground| view_model(playground, None).terminal.tabs[0].clone();
    assert_eq!(running(&playground).running, "kubectl get pods -w");
    // A gesture does not wait behind the watch.
    playground.update(Message::CommandGiven("kubectl scale sts web --replicas=4".into()));
    let view = view_model(&playground, None).terminal;
    assert_eq!((view.shown, view.tabs.len(), view.busy), (1, 2, false));
    assert!(view.lines.iter().any(|line| line.text.contains("statefulset.apps/web scaled")));
    seek(&mut playground, 20_000);
    playground.update(Message::TerminalChosen { terminal: 0 });
    let view = view_model(&playground, None).terminal;
    assert!(view.busy);
    assert!(view.lines.iter().any(|line| line.text.contains("web-3")));
    // Closing a tab stops what runs in it; the main terminal's tab stays.
    playground.update(Message::TerminalChosen { terminal: 1 });
    enter_in(&mut playground, 1, "kubectl get pods -w");
    playground.update(Message::TerminalClosed { terminal: 1 });
    playground.update(Message::TerminalClosed { terminal: 0 });
    let view = view_model(&playground, None).terminal;
    assert_eq!((view.shown, view.tabs.len()), (0, 1));
    playground.update(Message::Interrupted { terminal: 0 });
    assert_eq!(running(&playground).running, "");
    let opened = Playground::begin(Some(&playground.link()), None, "en");
    assert_eq!(state_hash(opened.session()), state_hash(playground.session()));
}

/// The labels of what can be put at a line and column of `text`.
fn offered(text: &str, line: u32, column: u32) -> Vec<String> {
    let json = nginx(1).complete_yaml(text, line, column);
    let found: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let options = found["options"].as_array().cloned().unwrap_or_default();
    options.iter().map(|o| o["label"].as_str().unwrap_or_default().to_string()).collect()
}

#[test]
fn the_editor_completes_fields_values_and_kinds() {
    let set = "apiVersion: apps/v1\nkind: StatefulSet\nspec:\n  rep\n  podManagementPolicy: \n  \
               template:\n    spec:\n      containers:\n      - im\n";
    let has = |line, column, label: &str| offered(set, line, column).contains(&label.to_string());
    assert!(has(4, 6, "replicas") && has(4, 6, "serviceName"));
    assert!(!has(4, 6, "template"), "it is there already");
    assert!(!has(4, 6, "containers"), "it belongs elsewhere");
    assert_eq!(offered(set, 5, 24), ["OrderedReady", "Parallel"]);
    assert!(has(9, 11, "image") && has(9, 11, "readinessProbe"));
    assert!(offered("k", 1, 2).contains(&"kind".into()));
    assert!(offered("apiVersion: apps/v1\nkind: S", 2, 8).contains(&"StatefulSet".into()));
    assert!(!offered("apiVersion: apps/v1\nkind: S", 2, 8).contains(&"Service".into()));
    assert_eq!(offered("apiVersion: \nkind: StatefulSet", 1, 13), ["apps/v1"]);
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nspec:\n  accessModes:\n  - \n";
    assert!(offered(claim, 5, 5).contains(&"ReadWriteOnce".into()));
    assert_eq!(offered("# kind: \n", 1, 9), [""; 0]);
}

#[test]
fn the_editor_explains_fields() {
    let playground = nginx(1);
    let text = "apiVersion: apps/v1\nkind: StatefulSet\nspec:\n  serviceName: nginx\n";
    let hover = playground.hover_yaml(text, 4, 5);
    assert!(hover.contains("spec.serviceName <string>"), "{hover}");
    assert!(hover.contains("serviceName is the name of the service"), "{hover}");
    assert_eq!(playground.hover_yaml(text, 40, 5), "");
    assert_eq!(playground.hover_yaml("just text", 1, 3), "");
}

#[test]
fn complaints_come_with_a_fix_where_there_is_one() {
    let playground = nginx(1);
    let fix = |text: &str| {
        let found: serde_json::Value =
            serde_json::from_str(&playground.lint(text)).expect("it is JSON");
        found[0]["fixes"][0]["insert"].as_str().unwrap_or_default().to_string()
    };
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  ";
    assert_eq!(fix(&format!("{service}clusterIp: None\n  ports:\n  - port: 80\n")), "clusterIP");
    assert_eq!(fix(&format!("{service}type: clusterip\n  ports:\n  - port: 80\n")), "ClusterIP");
    assert_eq!(fix(&format!("{service}bogus: 1\n  ports:\n  - port: 80\n")), "");
    assert_eq!(fix("apiVersion: apps/v1beta1\nkind: StatefulSet\n"), "apps/v1");
    assert_eq!(fix("kind: Pod\nmetadata:\n  name: a\n"), "apiVersion: v1\n");
    assert!(playground.lint("kind: [").contains("not readable as YAML"));
}

#[test]
fn pasted_text_is_repaired_on_request_only() {
    let mut playground = nginx(1);
    let text = "apiVersion：v1\nkind: ConfigMap\nmetadata:\nname: “a”\ndata:\nb: c\n";
    let path = "web.yaml".to_string();
    playground.update(Message::FileEdited { path, text: text.into() });
    let view = view_model(&playground, None).files;
    let repair = view.repair.clone().expect("a repair is offered");
    assert_eq!(&*view.text, text);
    assert!(repair.can_apply && repair.notes.len() == 3, "{:?}", repair.notes);
    let mut declined = playground.clone();
    declined.update(Message::RepairDeclined);
    assert_eq!(view_model(&declined, None).files.repair, None);
    playground.update(Message::RepairAccepted);
    let view = view_model(&playground, None).files;
    assert_eq!(view.repair, None);
    assert_eq!(
        &*view.text,
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \"a\"\ndata:\n  b: c\n"
    );
}

#[test]
fn what_an_apply_would_change_is_counted_and_shown() {
    let mut playground = nginx(1);
    seek(&mut playground, 9_000);
    let counted = |playground: &Playground| view_model(playground, None).files.comparison.clone();
    assert_eq!((counted(&playground).changes, counted(&playground).broken), (0, false));
    let text = view_model(&playground, None).files.text.to_string();
    let edit = |playground: &mut Playground, text: String| {
        playground.update(Message::FileEdited { path: "web.yaml".into(), text });
    };
    edit(&mut playground, text.replace("replicas: 3", "replicas: 5"));
    assert_eq!(counted(&playground).changes, 1);
    let change = playground.change();
    assert!(change.before.contains("replicas: 3") && change.after.contains("replicas: 5"));
    assert_eq!(change.before.replace("replicas: 3", "replicas: 5"), change.after);
    // A field that was applied before and is gone now goes.
    edit(&mut playground, text.replace("  replicas: 3\n", ""));
    assert!(playground.change().after.contains("replicas: 1"));
    edit(&mut playground, text.replace("name: web", "name: other"));
    assert_eq!(counted(&playground).creations, 1);
}

#[test]
fn tutorials_come_to_rest_and_the_empty_cluster_stands_last() {
    assert_eq!(SCENARIOS.last().map(|scenario| scenario.slug), Some("empty"));
    for scenario in SCENARIOS {
        let mut playground = Playground::new(scenario, 1, Language::Zh);
        seek(&mut playground, 90_000);
        let phases = phases(&playground);
        assert!(
            phases.iter().all(|p| *p == Some(PodPhase::Ready)),
            "{}: {phases:?}",
            scenario.slug
        );
    }
}

#[test]
fn a_claim_without_a_volume_says_why_in_its_lane() {
    let scenario = Scenario::named("static").expect("it is there");
    let mut playground = Playground::new(scenario, 1, Language::En);
    seek(&mut playground, 15_000);
    enter(&mut playground, "kubectl scale sts web --replicas=5");
    seek(&mut playground, 60_000);
    let picture = view_model(&playground, None).picture;
    let claim = &picture.sets[0].lanes[4].claims[0];
    assert_eq!(claim.phase, "Pending");
    assert!(claim.why.contains("volume"), "{}", claim.why);
    assert_eq!(picture.sets[0].lanes[0].claims[0].why, "");
}

#[test]
fn names_are_marked_when_they_change_and_keep_their_past() {
    let mut playground = nginx(1);
    seek(&mut playground, 20_000);
    let row = |playground: &Playground| {
        let rows = view_model(playground, None).names.rows;
        rows.iter().find(|row| row.name == "web-0.nginx").cloned().expect("the name is there")
    };
    let before = row(&playground);
    assert!(!before.just_changed && before.exists);
    enter(&mut playground, "kubectl delete pod web-0 --wait=false");
    seek(&mut playground, 26_000);
    let after = row(&playground);
    assert!(after.addresses != before.addresses);
    assert!(after.past.iter().any(|(_, addresses)| *addresses == before.addresses.join(" ")));
    seek(&mut playground, 20_000);
    assert_eq!(row(&playground).addresses, before.addresses);
}

#[test]
fn the_command_that_shows_the_same_is_one_that_works() {
    let command = |playground: &mut Playground| {
        playground.update(Message::NameTyped("web-0.nginx".into()));
        view_model(playground, None).names.command
    };
    for slug in ["nginx", "names"] {
        let scenario = Scenario::named(slug).expect("the scenario is there");
        let mut playground = Playground::new(scenario, 1, Language::En);
        seek(&mut playground, 20_000);
        let address = view_model(&playground, None).names.rows[0].addresses.join("");
        let line = command(&mut playground);
        assert_eq!(line.starts_with("kubectl exec dnsutils"), slug == "names", "{line}");
        enter(&mut playground, &line);
        seek(&mut playground, 40_000);
        let lines = view_model(&playground, None).terminal.lines;
        let text: String = lines.iter().map(|line| format!("{}\n", line.text)).collect();
        assert!(text.contains(&address) && !text.contains("NXDOMAIN"), "{text}");
    }
}

#[test]
fn each_answer_says_who_gave_it() {
    let mut playground = nginx(1);
    seek(&mut playground, 20_000);
    let servers = |playground: &Playground| {
        let asked = view_model(playground, None).names.asked;
        asked.iter().map(|asked| asked.server).collect::<Vec<_>>()
    };
    let service = "nginx.default.svc.cluster.local";
    playground.update(Message::NameTyped("example.com".into()));
    let (known, unknown) = (Server::CoreDns, Server::Upstream);
    assert_eq!(servers(&playground), [known, known, known, unknown]);
    playground.update(Message::NameCacheToggled);
    enter(&mut playground, &format!("kubectl exec web-0 -- nslookup {service}"));
    seek(&mut playground, 22_000);
    playground.update(Message::NameTyped(service.into()));
    assert!(view_model(&playground, None).names.has_cache);
    assert_eq!(servers(&playground), [known, known, known, Server::Cache]);
}

#[test]
fn what_belongs_to_the_selected_object_is_known() {
    let mut playground = nginx(1);
    seek(&mut playground, 12_000);
    let select = |playground: &mut Playground, kind, name: &str| {
        let namespace = if kind == Kind::PersistentVolume { "" } else { "default" };
        let key = ObjectKey::new(kind, namespace, name);
        playground.update(Message::Selected(Some(key)));
        let view = view_model(playground, None);
        let related: Vec<String> = view.frame.related.iter().map(|k| k.name.to_string()).collect();
        let text = view.files.text.clone();
        let lines = view.files.marks.first().map(|lines| {
            let lines = text.lines().skip(lines.line - 1).take(lines.end_line - lines.line + 1);
            lines.map(String::from).collect::<Vec<_>>()
        });
        (related, lines.unwrap_or_default())
    };
    let (related, lines) = select(&mut playground, Kind::Pod, "web-1");
    for name in ["web", "web-1", "www-web-1", "nginx"] {
        assert!(related.contains(&name.to_string()), "{name} in {related:?}");
    }
    assert!(!related.contains(&"web-0".to_string()));
    assert_eq!(lines.first().map(|line| line.trim()), Some("template:"));
    assert!(lines.last().is_some_and(|line| !line.contains("volumeClaimTemplates")), "{lines:?}");
    let (related, lines) = select(&mut playground, Kind::PersistentVolumeClaim, "www-web-2");
    assert!(related.contains(&"web-2".to_string()) && related.contains(&"web".to_string()));
    assert!(lines.first().is_some_and(|line| line.contains("- metadata:")), "{lines:?}");
    let (related, lines) = select(&mut playground, Kind::Service, "nginx");
    assert!(related.contains(&"web-2".to_string()));
    assert_eq!(lines.first().map(String::as_str), Some("apiVersion: v1"));
}

#[test]
fn gestures_are_commands_that_work() {
    let mut playground = nginx(1);
    seek(&mut playground, 12_000);
    let set = ObjectKey::new(Kind::StatefulSet, "default", "web");
    let pod = ObjectKey::new(Kind::Pod, "default", "web-1");
    let printed = |playground: &mut Playground, text: String| {
        playground.update(Message::CommandGiven(text));
        let lines = view_model(playground, None).terminal.lines;
        lines.iter().map(|line| line.text.to_string()).collect::<String>()
    };
    let text = printed(&mut playground, gesture::partition(&set, 2));
    assert!(text.contains("statefulset.apps/web patched"), "{text}");
    assert_eq!(view_model(&playground, None).picture.sets[0].partition_value, 2);
    assert!(printed(&mut playground, gesture::describe(&pod)).contains("Name:             web-1"));
    assert!(!printed(&mut playground, gesture::logs(&pod)).contains("rror"));
    assert!(printed(&mut playground, gesture::scale(&set, 4)).contains("scaled"));
    playground.update(Message::CommandGiven(gesture::shell(&pod)));
    assert!(view_model(&playground, None).terminal.reads_input);
}

#[test]
fn a_probe_can_be_made_to_fail() {
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: probed\nspec:\n  containers:\n  - \
                    name: web\n    image: nginx\n    readinessProbe:\n      httpGet:\n        path: /\n        \
                    port: 80\n      periodSeconds: 2\n";
    let mut playground = nginx(1);
    seek(&mut playground, 12_000);
    let path = "pod.yaml".to_string();
    playground.update(Message::FileEdited { path, text: manifest.into() });
    enter(&mut playground, "kubectl apply -f pod.yaml");
    seek(&mut playground, 30_000);
    let pod = |playground: &Playground| view_model(playground, None).picture.others[0].clone();
    assert_eq!(pod(&playground).phase, PodPhase::Ready);
    let command = pod(&playground).fail_probe.expect("its page can be moved away");
    playground.update(Message::CommandGiven(command));
    seek(&mut playground, 50_000);
    assert_eq!(pod(&playground).phase, PodPhase::Running);
    let set = &view_model(&playground, None).picture.sets[0];
    assert_eq!(set.lanes[0].pod.as_ref().and_then(|pod| pod.fail_probe.clone()), None);
}

#[test]
fn marks_are_set_visited_kept_and_shared() {
    let mut playground = nginx(1);
    for at_ms in [3_000, 6_000] {
        seek(&mut playground, at_ms);
        playground.update(Message::MarkToggled);
    }
    playground.update(Message::JumpedToMark(Direction::Back));
    let start = playground.timeline().genesis().now();
    assert_eq!(playground.now(), start.after(Duration::from_secs(3)));
    assert!(view_model(&playground, None).time.is_marked);
    let opened = Playground::begin(Some(&playground.link()), None, "en");
    assert_eq!(opened.marks(), playground.marks());
    playground.update(Message::MarkToggled);
    assert_eq!(playground.marks().len(), 1);
    // What is forked away takes its marks along.
    enter(&mut playground, "kubectl delete pod web-0");
    assert_eq!(playground.marks().len(), 0);
}

/// Ten sessions as links, each with the hash of the state that it leads to here. The browser test
/// opens them: the page complains if wasm32 comes to another state.
#[test]
fn sessions_are_written_down_for_the_browser() {
    let links: Vec<String> = (0..10).map(|seed| busy_session(seed).link() + "\n").collect();
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("native-links.txt");
    std::fs::write(path, links.concat()).expect("the target directory can be written");
}

#[test]
fn a_link_to_another_outcome_is_opened_with_a_warning() {
    use base64::Engine as _;
    let engine = base64::prelude::BASE64_URL_SAFE_NO_PAD;
    let packed = engine.decode(busy_session(1).link()).expect("it is base64");
    let json = miniz_oxide::inflate::decompress_to_vec(&packed).expect("it is deflated");
    let json = String::from_utf8(json).expect("it is JSON");
    let at = json.find("\"hash\":\"").expect("it has a hash") + 8;
    let changed = format!("{}0000000000000000{}", &json[..at], &json[at + 16..]);
    let link = engine.encode(miniz_oxide::deflate::compress_to_vec(changed.as_bytes(), 9));
    let opened = Playground::begin(Some(&link), None, "en");
    assert!(opened.notice().contains("differently"), "{}", opened.notice());
}
