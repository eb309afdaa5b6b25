//! Who asks, and may they? One verifier for each kind of credential: an opaque session cookie or a bearer token, both
//! looked up by the SHA-256 of their text. The guard runs before each handler. Sign-in itself is a page.

use super::Console;
use super::limit::TryLimit;
use super::refusal;
use crate::model::{Actor, Permission, User};
use crate::store;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Name of the session cookie; the prefix makes browsers insist on Secure, Path=/ and no Domain.
pub const COOKIE: &str = "__Host-wacht";

/// How long a session lasts, in hours.
pub const SESSION_H: i64 = 12;

/// Limits what strangers can make the sign-in do.
pub struct Doorman {
    /// Tries by name and address.
    pub tries: TryLimit,
    /// Password checks that may run at once: each takes 19 MiB.
    pub checks: Arc<Semaphore>,
}

impl Default for Doorman {
    fn default() -> Self {
        Self { tries: TryLimit::new(5, Duration::from_secs(30)), checks: Arc::new(Semaphore::new(2)) }
    }
}

/// Runs before each handler: finds the actor, refuses where the permission is not theirs, else passes on with the
/// actor in the request's extensions.
pub async fn guard(
    State((console, permission)): State<(Arc<Console>, Permission)>,
    mut request: Request,
    next: Next,
) -> Response {
    let credential = Credential::of(request.headers());
    let by_token = matches!(credential, Credential::Bearer(_));
    if !by_token && changes(request.method()) && !same_origin(request.headers(), authority(&request)) {
        return refusal::answer(&request, StatusCode::FORBIDDEN, "cross_origin");
    }
    if permission == Permission::Public {
        return next.run(request).await;
    }
    match actor_of(&console, &credential).await {
        Err(error) => {
            tracing::error!(%error, "a credential could not be looked up");
            refusal::answer(&request, StatusCode::SERVICE_UNAVAILABLE, "store_unavailable")
        }
        Ok(None) => refusal::unknown(&request),
        Ok(Some(actor)) if !actor.duty.may(permission) => {
            refusal::answer(&request, StatusCode::FORBIDDEN, "not_permitted")
        }
        Ok(Some(actor)) => {
            let language = actor.language;
            request.extensions_mut().insert(actor);
            let mut response = next.run(request).await;
            response.extensions_mut().insert(language);
            response
        }
    }
}

impl FromRequestParts<Arc<Console>> for Actor {
    type Rejection = StatusCode;

    /// The actor that the guard found. Only a public route lacks one, and must not ask.
    async fn from_request_parts(parts: &mut Parts, _: &Arc<Console>) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Actor>().cloned().ok_or(StatusCode::UNAUTHORIZED)
    }
}

/// The actor that a user is.
pub fn actor_of_user(user: User) -> Actor {
    Actor { name: user.name, duty: user.duty, scope: user.scope, language: user.language }
}

/// SHA-256 of a text, in hex.
pub fn sha256_hex(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().fold(String::with_capacity(64), |hex, byte| hex + &format!("{byte:02x}"))
}

/// The text of the session cookie, where there is exactly one.
pub fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value);
    let first = found.next()?;
    let plain =
        (32..=128).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    (plain && found.next().is_none()).then_some(first)
}

/// May a browser's request change something? Only when it comes from our own pages.
/// `authority` is the host that the request names, as HTTP/1.1 and HTTP/2 each say it.
pub fn same_origin(headers: &HeaderMap, authority: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match (text("origin"), authority) {
            (Some(origin), Some(host)) => origin.strip_prefix("https://").is_some_and(|from| from == host),
            _ => false,
        },
    }
}

fn authority(request: &Request) -> Option<&str> {
    let host = || request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    request.uri().authority().map(axum::http::uri::Authority::as_str).or_else(host)
}

/// What a request shows; a bearer token wins over a cookie.
enum Credential {
    None,
    Session(String),
    Bearer(String),
}

impl Credential {
    fn of(headers: &HeaderMap) -> Self {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let token = value.to_str().ok().and_then(bearer);
            return token.map_or(Credential::None, |text| Credential::Bearer(text.to_owned()));
        }
        session_cookie(headers).map_or(Credential::None, |text| Credential::Session(text.to_owned()))
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && token.starts_with("wacht_") && token.len() <= 256).then_some(token)
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

async fn actor_of(console: &Console, credential: &Credential) -> store::Result<Option<Actor>> {
    let now = Timestamp::now();
    match credential {
        Credential::None => Ok(None),
        Credential::Session(text) => {
            let user = console.store.session_user(&sha256_hex(text), now).await?;
            Ok(user.filter(|user| !user.disabled).map(actor_of_user))
        }
        Credential::Bearer(text) => {
            let token = console.store.api_token(&sha256_hex(text), now).await?;
            Ok(token.map(|token| Actor {
                name: format!("token {}", token.name),
                duty: token.duty,
                scope: token.scope,
                language: Default::default(),
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn a_session_cookie_is_found_among_others() {
        let text = "a".repeat(43);
        let map = headers(&[("cookie", &format!("theme=dark; {COOKIE}={text}; x=y"))]);
        assert_eq!(session_cookie(&map), Some(text.as_str()));
    }

    #[test]
    fn two_session_cookies_or_a_malformed_one_are_none() {
        let text = "a".repeat(43);
        assert_eq!(session_cookie(&headers(&[("cookie", &format!("{COOKIE}={text}; {COOKIE}={text}"))])), None);
        assert_eq!(session_cookie(&headers(&[("cookie", &format!("{COOKIE}=short"))])), None);
        assert_eq!(session_cookie(&headers(&[("cookie", &format!("{COOKIE}={}", "<".repeat(43)))])), None);
        assert_eq!(session_cookie(&HeaderMap::new()), None);
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        let asks = |pairs: &[(&'static str, &str)]| same_origin(&headers(pairs), Some("desk:8443"));
        assert!(asks(&[("sec-fetch-site", "same-origin")]));
        assert!(asks(&[("sec-fetch-site", "none")]));
        assert!(!asks(&[("sec-fetch-site", "cross-site")]));
        assert!(!asks(&[("sec-fetch-site", "same-site")]));
        assert!(asks(&[("origin", "https://desk:8443")]));
        assert!(!asks(&[("origin", "https://evil")]));
        assert!(!asks(&[("origin", "http://desk:8443")]), "a page without TLS is not ours");
        assert!(!asks(&[("origin", "null")]));
        assert!(!asks(&[]), "an old browser that says nothing is refused");
        assert!(!same_origin(&headers(&[("origin", "https://desk")]), None));
    }

    #[test]
    fn a_forged_origin_does_not_win_over_the_browsers_word() {
        let map = headers(&[("sec-fetch-site", "cross-site"), ("origin", "https://desk")]);
        assert!(!same_origin(&map, Some("desk")));
    }

    #[test]
    fn a_bearer_token_has_our_shape() {
        assert_eq!(bearer("Bearer wacht_1_2"), Some("wacht_1_2"));
        assert_eq!(bearer("bearer wacht_1_2"), Some("wacht_1_2"));
        assert_eq!(bearer("Basic d2FjaHQ="), None);
        assert_eq!(bearer("Bearer srv-file1"), None);
        assert_eq!(bearer("Bearer"), None);
    }

    #[test]
    fn a_digest_reads_as_hex() {
        assert_eq!(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
