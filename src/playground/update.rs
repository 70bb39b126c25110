//! From messages to effects: the one place where the application changes.

use super::effect::{Copied, Effect};
use super::message::Message;
use super::motion::Motion as _;
use super::{Playground, view};
use crate::locale::Language;
use crate::locale::words::words;
use crate::shell::session::{Input, TerminalId};
use crate::simulation::fault::Fault;
use crate::simulation::setting::Setting;

impl Playground {
    /// Takes a message in and says what the browser has to do.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        if !matches!(message, Message::FramePassed(_)) {
            self.version = self.version.wrapping_add(1);
        }
        if self.controls.limits.readonly && message.acts() {
            return vec![Effect::Announce(words(self.language).read_only.into())];
        }
        let acts = message.acts();
        // Whatever session is opened, the page around it stays the same.
        let limits = self.controls.limits;
        let mut effects = self.carry_out(message);
        self.controls.limits = limits;
        self.follow_editor();
        if acts {
            self.ask_anew();
        }
        effects.extend(self.look_at_goals());
        effects
    }

    fn carry_out(&mut self, message: Message) -> Vec<Effect> {
        if let Message::FramePassed(elapsed) = &message {
            self.lessons.spend(*elapsed);
        }
        if let Some(effects) = self.move_by(&message) {
            return effects;
        }
        match message {
            Message::Lesson(message) => self.update_lessons(message),
            Message::BranchChosen(index) => self.switch_branch(index),
            Message::ScenarioChosen(slug) => self.choose_scenario(&slug),
            Message::LanguageToggled => {
                self.language = match self.language {
                    Language::En => Language::Zh,
                    Language::Zh => Language::En,
                };
                let mut effects = self.load_translation();
                effects.push(Effect::Save);
                effects
            }
            Message::ShareRequested => {
                let what = Copied::Link(self.link());
                vec![Effect::Copy { what, said: words(self.language).link_copied.into() }]
            }
            Message::EmbedCodeRequested { page } => {
                let what = Copied::Text(super::embed::code(self, &page));
                vec![Effect::Copy { what, said: words(self.language).embed_copied.into() }]
            }
            Message::LinkOpened(link) => {
                self.notice.clear();
                self.open(&link);
                let mut effects = self.first_effects();
                effects.extend([Effect::Save, Effect::RequestFrame]);
                effects
            }
            message => self.look(message),
        }
    }

    /// Messages that change what is looked at, and nothing else.
    fn look(&mut self, message: Message) -> Vec<Effect> {
        match message {
            Message::Selected(key) => {
                self.selected = key;
            }
            Message::NameTyped(name) => {
                self.typed_name = name;
            }
            Message::TerminalOpened => {
                self.terminals.add();
            }
            Message::TerminalChosen { terminal } => {
                self.terminals.choose(terminal);
            }
            Message::FileChosen { path } => {
                self.shown_file = Some(path);
            }
            Message::NoticeClosed => {
                self.notice.clear();
            }
            Message::CopyRefused { text } => {
                if !self.lessons.shows(&text) {
                    self.uncopied = text;
                }
                return vec![Effect::Announce(words(self.language).copy_by_hand.into())];
            }
            Message::UncopiedClosed => {
                self.uncopied.clear();
            }
            message => return self.act_by(message),
        }
        Vec::new()
    }

    /// Messages that act on the session.
    fn act_by(&mut self, message: Message) -> Vec<Effect> {
        match message {
            Message::LineEntered { terminal, text } => self.enter(TerminalId(terminal), &text),
            Message::CommandGiven(text) => {
                let terminal = self.terminals.show_idle(self.timeline.world());
                self.enter(TerminalId(terminal), &text)
            }
            Message::TerminalClosed { terminal } => self.close_terminal(terminal),
            Message::Interrupted { terminal } => {
                self.act(Input::Interrupt { terminal: TerminalId(terminal) })
            }
            Message::InputEnded { terminal } => {
                self.act(Input::EndOfInput { terminal: TerminalId(terminal) })
            }
            Message::FileEdited { path, text } => self.edit(path, text),
            Message::FileCreated => self.create_file(),
            Message::FileDeleted { path } => self.act(Input::DeleteFile { path: path.into() }),
            Message::Applied => {
                let file = view::files::shown(self);
                match file.is_empty() {
                    true => Vec::new(),
                    false => self.act_by(Message::CommandGiven(format!("kubectl apply -f {file}"))),
                }
            }
            Message::RepairAccepted => self.repair(),
            Message::RepairDeclined => {
                self.kept_text = view::files::text(self.session(), &view::files::shown(self));
                Vec::new()
            }
            Message::NameCacheToggled => {
                let cache = self.session().cluster().kubelets().net().name_cache();
                self.act(Input::Setting(Setting::NameCache(cache.is_none())))
            }
            Message::NodePowered { node, on: true } => {
                self.act(Input::Fault(Fault::NodeBack(node.into())))
            }
            Message::NodePowered { node, on: false } => {
                self.act(Input::Fault(Fault::NodeLost(node.into())))
            }
            _ => Vec::new(),
        }
    }
}
