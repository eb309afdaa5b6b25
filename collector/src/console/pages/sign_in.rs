//! Signing in and out. A try costs the same whether the name exists, tries are limited by name and address, and the
//! session is an opaque random text of which only the hash is kept.

use crate::console::act::audit;
use crate::console::auth::{COOKIE, SESSION_H, session_cookie, sha256_hex};
use crate::console::fault::{self, Fault};
use crate::console::view::{Speech, clip, language_of, own_path};
use crate::console::{Console, password};
use crate::model::{Actor, User};
use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Extension, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{Timestamp, ToSpan};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

#[derive(Deserialize)]
pub struct Onward {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub struct Claim {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    speech: Speech,
    next: String,
    name: String,
    problem_key: &'static str,
}

/// The form.
pub async fn form(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Query(onward): Query<Onward>,
) -> Result<Response, Fault> {
    let speech = Speech::new(&console, language_of(&headers));
    fault::html(&SignInPage { speech, next: own_path(&onward.next).to_owned(), name: String::new(), problem_key: "" })
}

/// A try.
pub async fn enter(
    State(console): State<Arc<Console>>,
    from: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(claim): Form<Claim>,
) -> Result<Response, Fault> {
    let address = from.map_or_else(String::new, |Extension(ConnectInfo(peer))| peer.ip().to_string());
    let name = clip(claim.name.trim(), 128);
    let key = format!("{} {address}", name.to_lowercase());
    if let Err(wait) = console.doorman.tries.take(&key, Instant::now()) {
        let page = again(&console, &headers, &claim, "console-sign-in-wait")?;
        let seconds = wait.as_secs().max(1).to_string();
        return Ok((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds)], page).into_response());
    }
    let Some(user) = proven(&console, &name, claim.password.clone()).await? else {
        audit(&console, &name, "sign_in", &address, "refused").await;
        let page = again(&console, &headers, &claim, "console-sign-in-refused")?;
        return Ok((StatusCode::UNAUTHORIZED, page).into_response());
    };
    console.doorman.tries.clear(&key);
    audit(&console, &user.name, "sign_in", &address, "done").await;
    let cookie = begin(&console, &user).await?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(own_path(&claim.next))).into_response())
}

/// Ends the session at the store and at the browser.
pub async fn leave(State(console): State<Arc<Console>>, actor: Actor, headers: HeaderMap) -> Result<Response, Fault> {
    if let Some(text) = session_cookie(&headers) {
        console.store.session_end(&sha256_hex(text)).await?;
    }
    audit(&console, &actor.name, "sign_out", "", "done").await;
    let gone = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    Ok(([(header::SET_COOKIE, gone)], Redirect::to("/sign-in")).into_response())
}

/// The user, when the password is theirs.
async fn proven(console: &Console, name: &str, claimed: String) -> Result<Option<User>, Fault> {
    let user = console.store.user_by_name(name).await?.filter(|user| !user.disabled);
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    // The permit moves into the thread: a client that goes away must not free a place that is still working.
    let Ok(permit) = Arc::clone(&console.doorman.checks).acquire_owned().await else { return Ok(None) };
    let check = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        password::check(&claimed, stored.as_deref())
    });
    Ok(user.zip(check.await.ok().filter(|proved| *proved)).map(|(user, _)| user))
}

/// A session, as the cookie that holds it.
async fn begin(console: &Console, user: &User) -> Result<String, Fault> {
    let mut random = [0_u8; 32];
    SystemRandom::new().fill(&mut random).map_err(|_| Fault::Invalid("no random bits"))?;
    let text = URL_SAFE_NO_PAD.encode(random);
    let expires_at = Timestamp::now().checked_add(SESSION_H.hours()).unwrap_or(Timestamp::MAX);
    console.store.session_create(sha256_hex(&text), user.id, expires_at).await?;
    Ok(format!("{COOKIE}={text}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}", SESSION_H * 3_600))
}

fn again(console: &Console, headers: &HeaderMap, claim: &Claim, problem_key: &'static str) -> Result<Response, Fault> {
    let speech = Speech::new(console, language_of(headers));
    let (next, name) = (own_path(&claim.next).to_owned(), clip(&claim.name, 128));
    fault::html(&SignInPage { speech, next, name, problem_key })
}
