//! Journeys: keys and messages through the real `update` and the real `draw`, held against what stands on the screen.

mod accidents;
mod again;
mod below;
mod budgets;
mod buttons;
mod cancels;
mod copying;
mod counts;
pub mod demo;
mod detail;
mod elsewhere;
mod export;
mod filter;
mod follow;
mod glance;
mod history;
mod index;
mod index_end;
mod journeys;
mod keys;
mod looks;
mod manners;
mod memory;
mod mouse;
mod narrow;
mod news;
mod palette;
mod promises;
mod question;
mod resumes;
mod runs;
mod sandbox;
mod systemic;
mod table;
mod telling;
mod themes;
mod unread;
mod unseen;
mod whom;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use crate::audit::{AuditNews, Stage};
use crate::domain::{JobEvent, JobNews, RunEvent, RunNews, Signup};

use super::message::{Effect, Message, Target};
use super::state::State;
use super::update::update;

/// A dashboard without a terminal.
pub struct App {
    pub state: State,
    /// All that was asked for since it was last looked at.
    pub effects: Vec<Effect>,
    /// Whether the store tells at once whom going on with a run would touch.
    pub tells_whom: bool,
    terminal: Terminal<TestBackend>,
}

impl App {
    pub fn new(width: u16, height: u16) -> Self {
        Self::with(State::new(demo::setup()), width, height)
    }

    pub fn with(state: State, width: u16, height: u16) -> Self {
        let terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut app = Self {
            state,
            effects: Vec::new(),
            tells_whom: true,
            terminal,
        };
        app.send(Message::Terminal(Event::Resize(width, height)));
        app
    }

    /// One that has read the demo's signups.
    pub fn of_demo(width: u16, height: u16) -> Self {
        let mut app = Self::new(width, height);
        app.refresh(demo::signups());
        app.send(Message::Health(demo::health()));
        app.effects.clear();
        app
    }

    pub fn send(&mut self, message: Message) {
        for effect in update(&mut self.state, message) {
            match effect {
                Effect::AskWhom { run } if self.tells_whom => {
                    let told = Ok(whom::of(&self.state));
                    self.send(Message::Whom { run, told });
                }
                effect => self.effects.push(effect),
            }
        }
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.terminal.backend_mut().resize(width, height);
        self.send(Message::Terminal(Event::Resize(width, height)));
    }

    pub fn pass(&mut self, seconds: i64) {
        let now = self.state.now + SignedDuration::from_secs(seconds);
        self.send(Message::Tick(now));
    }

    pub fn now(&self) -> Timestamp {
        self.state.now
    }

    pub fn news(&mut self, stage: Stage, signups: Vec<Signup>) {
        let tenant = "aesthetic".to_string();
        self.send(Message::Audit(AuditNews::Rows {
            tenant,
            stage,
            signups,
        }));
    }

    pub fn start(&mut self) {
        self.send(Message::Audit(AuditNews::Started {
            tenant: "aesthetic".into(),
        }));
    }

    pub fn finish(&mut self) {
        let (tenant, at) = ("aesthetic".to_string(), self.now());
        self.send(Message::Audit(AuditNews::Finished {
            tenant,
            at,
            whole_tenant: false,
            evidence: None,
            orphans_unknown: None,
        }));
    }

    /// A whole walk of the tenant `aesthetic`.
    pub fn refresh(&mut self, signups: Vec<Signup>) {
        self.start();
        self.news(Stage::Complete, signups);
        self.finish();
    }

    /// Answers each wish for older signups with these, and says whether there was one.
    pub fn answer_older(&mut self, signups: &[Signup]) -> bool {
        let is_wish = |effect: &Effect| matches!(effect, Effect::LoadOlder { .. });
        let wished = self.effects.iter().any(is_wish);
        self.effects.retain(|effect| !is_wish(effect));
        if wished {
            self.refresh(signups.to_vec());
        }
        wished
    }

    pub fn job(&mut self, target: &Target, news: JobNews) {
        let Target { tenant, sub, key } = target.clone();
        let at = self.now();
        self.send(Message::Job(JobEvent {
            run: "7f3a0000".into(),
            tenant,
            key,
            sub,
            at,
            news,
        }));
    }

    pub fn run(&mut self, news: RunNews) {
        let at = self.now();
        self.send(Message::Run(RunEvent {
            run: "7f3a0000".into(),
            at,
            news,
        }));
    }

    pub fn picture(&mut self) -> Buffer {
        self.terminal
            .draw(|frame| super::view::draw(&self.state, frame))
            .unwrap();
        self.terminal.backend().buffer().clone()
    }

    /// The screen as text, without what is empty at the ends of lines.
    pub fn screen(&mut self) -> String {
        text(&self.picture())
    }

    pub fn started(&self) -> Vec<Target> {
        self.effects
            .iter()
            .flat_map(|effect| match effect {
                Effect::Start { targets, .. } => targets.clone(),
                _ => Vec::new(),
            })
            .collect()
    }
}

/// The dialog that is open, without what lies around it.
pub fn dialog(app: &mut App) -> String {
    let screen = app.screen();
    let lines: Vec<Vec<char>> = screen.lines().map(|line| line.chars().collect()).collect();
    let find = |line: &Vec<char>, corner| line.iter().position(|c| *c == corner);
    let Some(top) = lines.iter().position(|line| find(line, '┌').is_some()) else {
        return String::new();
    };
    let (left, right) = (find(&lines[top], '┌').unwrap(), find(&lines[top], '┐').unwrap());
    let bottom = (top..lines.len()).find(|n| lines[*n].get(left) == Some(&'└'));
    let within = &lines[top..=bottom.unwrap()];
    let cut = within
        .iter()
        .map(|line| line[left..=right].iter().collect::<String>());
    format!("\n{}\n", cut.collect::<Vec<_>>().join("\n"))
}

/// What a part of the screen says, however it is broken into lines.
pub fn said(part: &str) -> String {
    let plain: String = part
        .chars()
        .map(|c| if "│┌┐└┘─".contains(c) { ' ' } else { c })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width).max(1);
    let lines = buffer.content.chunks(width).map(|line| {
        let mut text = String::new();
        let mut hidden = 0;
        for cell in line {
            if hidden == 0 {
                text.push_str(cell.symbol());
                hidden = unicode_width::UnicodeWidthStr::width(cell.symbol()).max(1);
            }
            hidden -= 1;
        }
        text.trim_end().to_string()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Types keys: `press(&mut app, "/pds:missing<enter>aF")`.
pub fn press(app: &mut App, keys: &str) {
    let mut rest = keys;
    while let Some(c) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|inner| inner.split_once('>'));
        let (code, modifiers) = match named {
            Some((name, after)) => {
                rest = after;
                named_key(name)
            }
            None => {
                rest = &rest[c.len_utf8()..];
                (KeyCode::Char(c), KeyModifiers::NONE)
            }
        };
        app.send(Message::Terminal(Event::Key(KeyEvent::new(code, modifiers))));
    }
}

fn named_key(name: &str) -> (KeyCode, KeyModifiers) {
    if let Some(c) = name.strip_prefix("ctrl-") {
        return (KeyCode::Char(c.chars().next().unwrap()), KeyModifiers::CONTROL);
    }
    if let Some(name) = name.strip_prefix("shift-") {
        return (named_key(name).0, KeyModifiers::SHIFT);
    }
    let code = match name {
        "f1" => KeyCode::F(1),
        "f5" => KeyCode::F(5),
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "space" => KeyCode::Char(' '),
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "left" => KeyCode::Left,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "end" => KeyCode::End,
        "home" => KeyCode::Home,
        "pgdn" => KeyCode::PageDown,
        "pgup" => KeyCode::PageUp,
        "backspace" => KeyCode::Backspace,
        other => panic!("no such key: {other}"),
    };
    (code, KeyModifiers::NONE)
}
