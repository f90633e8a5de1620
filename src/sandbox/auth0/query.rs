//! The part of Lucene's query language that user searches need, as a tree. What a query means for
//! a user lives in `search.rs`.

/// A parsed query.
#[derive(Debug, PartialEq)]
pub(super) enum Query {
    All(Vec<Query>),
    Any(Vec<Query>),
    Not(Box<Query>),
    /// A field and the value that it must have.
    Term(String, Wanted),
}

/// What a field is held against.
#[derive(Debug, PartialEq, Clone)]
pub(super) enum Wanted {
    Text(String),
    /// An unquoted value with a `*` at its end.
    Prefix(String),
    /// Anything at all: `*`.
    Present,
    Range(Bound, Bound),
}

/// One end of a range; `None` is `*`.
#[derive(Debug, PartialEq, Clone)]
pub(super) struct Bound {
    pub value: Option<String>,
    pub inclusive: bool,
}

impl Query {
    /// Reads `field:value`, ranges with mixed brackets, `AND`, `OR`, `NOT` or `-`, parentheses,
    /// also around values. The error is a phrase about what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text.trim() };
        let query = reader.any(None)?;
        match reader.rest {
            "" => Ok(query),
            rest => Err(format!("unexpected input at '{rest}'")),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    /// Alternatives; `field` is the one before the parenthesis that these stand in.
    fn any(&mut self, field: Option<&str>) -> Result<Query, String> {
        let mut parts = vec![self.all(field)?];
        while self.word("OR") {
            parts.push(self.all(field)?);
        }
        Ok(one_or(parts, Query::Any))
    }

    fn all(&mut self, field: Option<&str>) -> Result<Query, String> {
        let mut parts = vec![self.not(field)?];
        while self.word("AND") {
            parts.push(self.not(field)?);
        }
        Ok(one_or(parts, Query::All))
    }

    fn not(&mut self, field: Option<&str>) -> Result<Query, String> {
        if self.word("NOT") || self.mark('-') {
            return Ok(Query::Not(Box::new(self.not(field)?)));
        }
        if self.mark('(') {
            let inner = self.any(field)?;
            return self.close(inner);
        }
        match field {
            Some(field) => Ok(Query::Term(field.to_owned(), self.value()?)),
            None => self.term(),
        }
    }

    fn term(&mut self) -> Result<Query, String> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_.".contains(c);
        let length = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(length);
        let Some(rest) = rest.strip_prefix(':').filter(|_| !field.is_empty()) else {
            return Err(format!("expected a field at '{}'", self.rest));
        };
        self.rest = rest;
        if self.mark('(') {
            let inner = self.any(Some(field))?;
            return self.close(inner);
        }
        Ok(Query::Term(field.to_owned(), self.value()?))
    }

    fn close(&mut self, inner: Query) -> Result<Query, String> {
        match self.mark(')') {
            true => Ok(inner),
            false => Err("missing ')'".to_owned()),
        }
    }

    fn value(&mut self) -> Result<Wanted, String> {
        if self.rest.starts_with(['[', '{']) {
            return self.range();
        }
        if let Some(rest) = self.rest.strip_prefix('"') {
            self.rest = rest;
            return self.quoted().map(Wanted::Text);
        }
        let bare = self.bare(|c| c.is_whitespace() || "()[]{}\"".contains(c))?;
        Ok(match bare.as_str() {
            "*" => Wanted::Present,
            text => match text.strip_suffix('*') {
                Some(prefix) => Wanted::Prefix(prefix.to_owned()),
                None => Wanted::Text(bare),
            },
        })
    }

    fn range(&mut self) -> Result<Wanted, String> {
        let from_inclusive = self.rest.starts_with('[');
        self.rest = self.rest[1..].trim_start();
        let from = self.end()?;
        if !self.word("TO") {
            return Err("expected TO in a range".to_owned());
        }
        let to = self.end()?;
        let to_inclusive = self.mark(']');
        if !to_inclusive && !self.mark('}') {
            return Err("expected ']' or '}' after a range".to_owned());
        }
        let bound = |value, inclusive| Bound { value, inclusive };
        Ok(Wanted::Range(
            bound(from, from_inclusive),
            bound(to, to_inclusive),
        ))
    }

    fn end(&mut self) -> Result<Option<String>, String> {
        let text = match self.rest.strip_prefix('"') {
            Some(rest) => {
                self.rest = rest;
                self.quoted()?
            }
            None => self.bare(|c| c.is_whitespace() || c == ']' || c == '}')?,
        };
        Ok(Some(text).filter(|text| text != "*"))
    }

    fn quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = self.rest[at + 1..].trim_start();
                    return Ok(text);
                }
                '\\' => text.extend(chars.next().map(|(_, c)| c)),
                c => text.push(c),
            }
        }
        Err("missing '\"'".to_owned())
    }

    fn bare(&mut self, ends: impl Fn(char) -> bool) -> Result<String, String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => text.extend(chars.next().map(|(_, c)| c)),
                c if ends(c) => {
                    end = at;
                    break;
                }
                c => text.push(c),
            }
        }
        if text.is_empty() {
            return Err(format!("expected a value at '{}'", self.rest));
        }
        self.rest = self.rest[end..].trim_start();
        Ok(text)
    }

    /// Takes an operator, which must stand alone.
    fn word(&mut self, word: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(word) else {
            return false;
        };
        let alone = rest.starts_with(|c: char| c.is_whitespace() || c == '(');
        if alone {
            self.rest = rest.trim_start();
        }
        alone
    }

    fn mark(&mut self, mark: char) -> bool {
        let rest = self.rest.strip_prefix(mark);
        if let Some(rest) = rest {
            self.rest = rest.trim_start();
        }
        rest.is_some()
    }
}

fn one_or(mut parts: Vec<Query>, many: fn(Vec<Query>) -> Query) -> Query {
    match parts.len() {
        1 => parts.remove(0),
        _ => many(parts),
    }
}
