//! One request as a value: what is asked, by whom, and whether asking twice does harm.

use reqwest::Method;
use secrecy::SecretString;
use serde_json::Value;

/// Who asks. It has no `Debug`, nor has a call: both hold what no log may show.
#[derive(Clone)]
pub enum Auth<'a> {
    Nobody,
    Basic {
        user: &'a str,
        password: &'a SecretString,
    },
    Bearer(&'a SecretString),
}

/// The budget of calls whose limit is one account's: it says nothing about the next account.
pub const ONE_ACCOUNT: &str = "one account";

/// One request.
#[derive(Clone)]
pub struct Call<'a> {
    pub method: Method,
    pub path: String,
    pub query: Vec<(&'static str, String)>,
    pub body: Option<Value>,
    pub auth: Auth<'a>,
    /// Sending it twice does no harm, so that an unclear answer may be followed by another try.
    pub repeatable: bool,
    /// Calls of one budget share the limit that its headers announce.
    pub budget: &'static str,
    /// It costs the backend so much that only a few may run at once.
    pub heavy: bool,
    /// How it is called in errors and in the log, where the path itself is a secret.
    pub called: Option<&'static str>,
    /// That it was taken is all that counts: the body of the answer may be anything.
    pub deaf: bool,
}

impl<'a> Call<'a> {
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            query: Vec::new(),
            body: None,
            auth: Auth::Nobody,
            repeatable: true,
            budget: "",
            heavy: false,
            called: None,
            deaf: false,
        }
    }

    /// What it is called: `com.atproto.server.createAccount`, `api/v2/users`.
    pub fn name(&self) -> &str {
        let path = self.path.as_str();
        let name = path.trim_start_matches("/xrpc/").trim_start_matches('/');
        self.called
            .unwrap_or_else(|| name.split('|').next().unwrap_or(path))
    }

    pub fn called(mut self, name: &'static str) -> Self {
        self.called = Some(name);
        self
    }

    pub fn deaf(mut self) -> Self {
        self.deaf = true;
        self
    }

    /// A POST that may be repeated; say so where it may not.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self {
            method: Method::POST,
            body: Some(body),
            ..Self::get(path)
        }
    }

    pub fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    pub fn auth(mut self, auth: Auth<'a>) -> Self {
        self.auth = auth;
        self
    }

    pub fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    pub fn heavy(mut self) -> Self {
        self.heavy = true;
        self
    }

    pub fn budget(mut self, budget: &'static str) -> Self {
        self.budget = budget;
        self
    }
}
