//! What a request gets that may not go on: a page is sent to the sign-in, an API call gets an RFC 9457 problem.

use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

/// Media type of RFC 9457.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Is this path for programs, and its answers problems instead of pages?
pub fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || matches!(path, "/api" | "/metrics" | "/events" | "/livez" | "/readyz")
}

/// An RFC 9457 problem. `code` is a stable word in snake case.
pub fn problem(status: StatusCode, code: &str, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("error");
    let body = json!({
        "type": format!("urn:wacht:problem:{code}"),
        "title": title,
        "status": status.as_u16(),
        "code": code,
        "detail": detail,
    });
    (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], body.to_string()).into_response()
}

/// Nobody is signed in.
pub fn unknown(request: &Request) -> Response {
    if is_for_programs(request.uri().path()) {
        let answer = problem(StatusCode::UNAUTHORIZED, "unauthenticated", "a valid bearer token or session is needed");
        return ([(header::WWW_AUTHENTICATE, "Bearer realm=\"wacht\"")], answer).into_response();
    }
    Redirect::to(&sign_in_url(request)).into_response()
}

/// Any other refusal.
pub fn answer(request: &Request, status: StatusCode, code: &str) -> Response {
    if is_for_programs(request.uri().path()) {
        return problem(status, code, &code.replace('_', " "));
    }
    status.into_response()
}

/// `next` is a path of our own with its query, percent-encoded; a form that was sent is not sent again.
fn sign_in_url(request: &Request) -> String {
    if request.method() != Method::GET {
        return "/sign-in".to_owned();
    }
    let path = request.uri().path_and_query().map_or("/", |whole| whole.as_str());
    format!("/sign-in?next={}", encode(path))
}

/// Percent-encodes all that is not plain in a query value.
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |out, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
            out + char::from(byte).encode_utf8(&mut [0; 4])
        }
        _ => out + &format!("%{byte:02X}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn request(method: &str, uri: &str) -> Request {
        Request::builder().method(method).uri(uri).body(Body::empty()).unwrap()
    }

    #[test]
    fn a_page_is_sent_to_the_sign_in_and_back() {
        let answer = unknown(&request("GET", "/hosts?q=a&presence=silent"));
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers()["location"], "/sign-in?next=/hosts%3Fq%3Da%26presence%3Dsilent");
    }

    #[test]
    fn an_api_call_gets_a_problem() {
        let answer = unknown(&request("GET", "/api/v1/hosts"));
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers()["content-type"], PROBLEM_JSON);
        assert!(answer.headers().contains_key("www-authenticate"));
    }
}
