//! The JSON API as a program sees it: one client with the collector's root and a bearer token.

use crate::runtime;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(20);

/// A client of one collector.
pub struct Api {
    client: reqwest::Client,
    base: String,
    token: String,
}

/// Status and body of an answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body as text.
    pub text: String,
}

impl Api {
    /// Trusts the root in `root_pem` alone.
    pub fn new(base: String, root_pem: &Path, token: String) -> Self {
        let client = runtime().block_on(async { client(root_pem) });
        Self { client, base, token }
    }

    /// A document; panics when it is refused.
    pub fn get(&self, path: &str) -> Value {
        let answer = self.fetch(path);
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.text);
        serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("GET {path}: {error} in {}", answer.text))
    }

    /// All rows of a list, page by page.
    pub fn list(&self, path: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let mut page = format!("{path}{sign}limit=1000");
            if let Some(cursor) = &cursor {
                page = format!("{page}&cursor={cursor}");
            }
            let mut document = self.get(&page);
            rows.extend(document["items"].as_array_mut().map(std::mem::take).unwrap_or_default());
            match document["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return rows,
            }
        }
    }

    /// The rows of a list that has no pages.
    pub fn list_once(&self, path: &str) -> Vec<Value> {
        self.get(path)["items"].as_array().cloned().unwrap_or_default()
    }

    /// Whatever is answered.
    pub fn fetch(&self, path: &str) -> Answer {
        self.send(self.client.get(self.url(path)))
    }

    /// Posts a document.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.client.post(self.url(path)).header("content-type", "application/json").body(body.to_string()))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        runtime().block_on(async {
            match request.bearer_auth(&self.token).send().await {
                Ok(response) => {
                    let status = response.status().as_u16();
                    Answer { status, text: response.text().await.unwrap_or_default() }
                }
                // A collector that is down is an answer too: tests of kills ask for it.
                Err(error) => Answer { status: 0, text: error.to_string() },
            }
        })
    }
}

/// An HTTPS client that trusts one root.
pub fn client(root_pem: &Path) -> reqwest::Client {
    let pem = std::fs::read(root_pem).unwrap_or_else(|error| panic!("{}: {error}", root_pem.display()));
    let root = reqwest::Certificate::from_pem(&pem).expect("the root is a certificate");
    reqwest::Client::builder().no_proxy().timeout(TIMEOUT).tls_certs_only([root]).build().expect("a client")
}
