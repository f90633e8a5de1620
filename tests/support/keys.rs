//! The bytes that a terminal sends for a key, and the notation `jj<enter>a<esc>` for several.

/// Each key of the notation by itself. A lone `<` is written `<lt>`.
pub fn parse(keys: &str) -> Vec<Vec<u8>> {
    let mut parsed = Vec::new();
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let (key, length) = match rest.strip_prefix('<').and_then(|inside| inside.split_once('>')) {
            Some((name, _)) => (named(name), name.len() + 2),
            None => (first.to_string().into_bytes(), first.len_utf8()),
        };
        parsed.push(key);
        rest = &rest[length..];
    }
    parsed
}

fn named(name: &str) -> Vec<u8> {
    let lower = name.to_lowercase();
    if let Some(letter) = lower.strip_prefix("ctrl-").or_else(|| lower.strip_prefix("c-")) {
        let byte = letter
            .bytes()
            .next()
            .filter(u8::is_ascii_lowercase)
            .unwrap_or_else(|| panic!("no key <{name}>"));
        return vec![byte & 0x1f];
    }
    if let Some(key) = name.strip_prefix("alt-") {
        return [b"\x1b", key.as_bytes()].concat();
    }
    let bytes: &[u8] = match lower.as_str() {
        "lt" => b"<",
        "space" => b" ",
        "enter" | "cr" => b"\r",
        "esc" => b"\x1b",
        "tab" => b"\t",
        "s-tab" | "backtab" => b"\x1b[Z",
        "bs" | "backspace" => b"\x7f",
        "del" => b"\x1b[3~",
        "up" => b"\x1b[A",
        "down" => b"\x1b[B",
        "right" => b"\x1b[C",
        "left" => b"\x1b[D",
        "home" => b"\x1b[H",
        "end" => b"\x1b[F",
        "pgup" => b"\x1b[5~",
        "pgdn" => b"\x1b[6~",
        "s-up" => b"\x1b[1;2A",
        "s-down" => b"\x1b[1;2B",
        "focus" => b"\x1b[I",
        "blur" => b"\x1b[O",
        "f1" => b"\x1bOP",
        "f2" => b"\x1bOQ",
        "f5" => b"\x1b[15~",
        "f10" => b"\x1b[21~",
        _ => panic!("no key <{name}>: add it to tests/support/keys.rs"),
    };
    bytes.to_vec()
}
