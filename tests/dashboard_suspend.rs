//! The dashboard leaves its terminal for a while and comes back, in a real pseudo-terminal: stopped by a signal, and by a
//! key under a real shell.

use std::time::Instant;

use crate::support::command::{ATRIAGE, LIMIT};
use crate::support::quiet::Quiet;
use crate::support::terminal::{Signal, Terminal};

const MOUSE_ON: &[u8] = b"\x1b[?1000h";
const MOUSE_OFF: &[u8] = b"\x1b[?1000l";
const LEFT: &[u8] = b"\x1b[?1049l";

fn last(raw: &[u8], bytes: &[u8]) -> Option<usize> {
    raw.windows(bytes.len()).rposition(|window| window == bytes)
}

fn mouse_is_on(screen: &Terminal) -> bool {
    let raw = screen.raw();
    last(&raw, MOUSE_ON) > last(&raw, MOUSE_OFF)
}

/// Waits until the program is stopped: its letter in the list of processes.
fn wait_stopped(screen: &Terminal) {
    let begun = Instant::now();
    let file = format!("/proc/{}/stat", screen.pid().as_raw_nonzero());
    loop {
        let stat = std::fs::read_to_string(&file).expect("it lives");
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        if after_name.trim_start().starts_with('T') {
            return;
        }
        assert!(begun.elapsed() < LIMIT, "it is not stopped: {stat}");
        std::thread::yield_now();
    }
}

fn wait_for_cursor(screen: &Terminal, line: usize) {
    screen.wait_until(&format!("the cursor in line {line} of the table"), |text| {
        let mut rows = text.lines().skip_while(|line| !line.contains("MONGO"));
        rows.nth(line).is_some_and(|row| row.starts_with('▸'))
    });
}

/// While it is stopped the terminal is as it was; what was typed meanwhile is obeyed afterwards.
#[test]
fn a_signal_stops_it_and_another_goes_on() {
    for mouse in [true, false] {
        let quiet = Quiet::with(&format!("[screen]\nmouse = {mouse}\n"));
        let mut screen = quiet.open(80, 24);
        screen.wait_for("26 broken");
        for round in 0..2 {
            assert_eq!(mouse_is_on(&screen), mouse);
            screen.signal(Signal::TSTP);
            wait_stopped(&screen);
            screen.wait_alternate(false);
            assert!(screen.cursor_shown() && !mouse_is_on(&screen));
            screen.press("jj");
            screen.signal(Signal::CONT);
            screen.wait_alternate(true);
            wait_for_cursor(&screen, 3 + 2 * round);
            assert!(!screen.cursor_shown());
            assert_eq!(mouse_is_on(&screen), mouse);
        }
        // Stopped where nobody can say no, and continued behind its back.
        screen.signal(Signal::STOP);
        wait_stopped(&screen);
        screen.signal(Signal::CONT);
        screen.press("g");
        wait_for_cursor(&screen, 1);
        screen.press("q");
        assert_eq!(screen.wait_exit().code(), Some(0));
        let raw = screen.raw();
        let left = last(&raw, LEFT).expect("it was left");
        let after = String::from_utf8_lossy(&raw[left + LEFT.len()..]).replace("\x1b[?25h", "");
        assert_eq!(after, "", "nothing is written afterwards");
        assert!(!screen.alternate_screen() && screen.cursor_shown() && !mouse_is_on(&screen));
    }
}

/// As an operator does it: `ctrl-z`, something else, `fg`.
#[test]
fn a_shell_has_the_terminal_meanwhile() {
    let quiet = Quiet::with("[screen]\nmouse = true\n");
    let args = ["--norc", "--noprofile", "-i"];
    let mut shell = quiet.run("bash", &args, &[("PS1", "shell> "), ("HISTFILE", "")], 120, 40);
    shell.wait_for("shell>");
    shell.press(&format!("{ATRIAGE}\r"));
    shell.wait_for("26 broken");
    shell.keys("j<ctrl-z>");
    shell.wait_alternate(false);
    shell.wait_for("Stopped");
    shell.wait_until("the shell to ask for more", |text| text.ends_with("shell>"));
    assert!(shell.cursor_shown() && !mouse_is_on(&shell));
    shell.press("echo $((6 * 7)) at home\r");
    shell.wait_for("42 at home");
    // The keys behind it are typed before the dashboard is there.
    shell.press("fg\rjj");
    shell.wait_alternate(true);
    wait_for_cursor(&shell, 4);
    assert!(mouse_is_on(&shell));
    shell.press("q");
    shell.wait_alternate(false);
    shell.wait_until("the shell to ask for more", |text| text.ends_with("shell>"));
    shell.press("echo it ended with $?\r");
    shell.wait_for("it ended with 0");
    assert!(!shell.alternate_screen() && shell.cursor_shown() && !mouse_is_on(&shell));
    shell.press("exit\r");
    shell.wait_exit();
}
