//! Source as the guard reads it: without comments and quoted text, in words, with the heads of import trees.

/// The source without what a reader of code would skip: comments, and what stands in quotes. Lines stay lines.
pub fn bare(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let end = match rest {
            ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
            ['/', '*', ..] => comment(rest),
            ['r', '"', ..] | ['r', '#', '"' | '#', ..] if !glued(&chars, at) => raw(rest),
            ['"', ..] => quoted(rest),
            ['\'', '\\', ..] => 2 + rest[3..].iter().position(|c| *c == '\'').map_or(0, |n| n + 2),
            ['\'', _, '\'', ..] => 3,
            _ => 0,
        };
        if end == 0 {
            out.push(chars[at]);
            at += 1;
        } else {
            out.push(' ');
            out.extend(rest[..end].iter().filter(|c| **c == '\n'));
            at += end;
        }
    }
    out
}

/// Whether the place continues a name, so that an `r` there opens nothing (a `b` or `c` before it does).
fn glued(chars: &[char], at: usize) -> bool {
    let name = |c: &char| c.is_alphanumeric() || *c == '_';
    let before = |n: usize| at.checked_sub(n).map(|at| chars[at]);
    match before(1) {
        Some('b' | 'c') => before(2).is_some_and(|c| name(&c)),
        Some(c) => name(&c),
        None => false,
    }
}

fn comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn quoted(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw(rest: &[char]) -> usize {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        // `r#type`: a raw name.
        return 0;
    }
    let mut at = 2 + hashes;
    while at < rest.len() {
        let closes = rest[at] == '"' && rest[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
        if closes {
            return at + 1 + hashes;
        }
        at += 1;
    }
    rest.len()
}

/// Names, `::`, and the signs between them.
pub fn tokens(bare: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = bare.trim_start();
    while let Some(first) = rest.chars().next() {
        let name = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let len = match name {
            0 if rest.starts_with("::") => 2,
            0 => first.len_utf8(),
            name => name,
        };
        tokens.push(&rest[..len]);
        rest = rest[len..].trim_start();
    }
    tokens
}

/// The names at the head of a tree behind `crate::` or the last `super::`: one, or those within braces.
pub fn heads<'a>(tokens: &[&'a str]) -> Vec<&'a str> {
    if tokens.first() != Some(&"{") {
        return tokens.first().copied().into_iter().collect();
    }
    let (mut depth, mut heads) = (0, Vec::new());
    for pair in tokens.windows(2) {
        match pair[0] {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && matches!(pair[0], "{" | ",") && pair[1] != "}" {
            heads.push(pair[1]);
        }
    }
    heads
}
