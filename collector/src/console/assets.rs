//! Style, scripts and icon, built into the executable. Their URL holds a hash of all of them, so browsers keep them
//! for good and a new build brings new ones.

use super::route::Routes;
use crate::model::Permission;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::OnceLock;

const ASSETS: [(&str, &str, &str); 5] = [
    ("style.css", "text/css; charset=utf-8", include_str!("../../assets/style.css")),
    ("keys.js", "text/javascript; charset=utf-8", include_str!("../../assets/keys.js")),
    ("live.js", "text/javascript; charset=utf-8", include_str!("../../assets/live.js")),
    ("chart.js", "text/javascript; charset=utf-8", include_str!("../../assets/chart.js")),
    ("favicon.svg", "image/svg+xml", include_str!("../../assets/favicon.svg")),
];

/// The one route of assets.
pub fn routes() -> Routes {
    Routes::new().get("/assets/{hash}/{name}", Permission::Public, asset)
}

/// Where a page finds an asset.
pub fn url(name: &str) -> String {
    format!("/assets/{}/{name}", hash())
}

async fn asset(Path((asked, name)): Path<(String, String)>) -> Response {
    let found = ASSETS.iter().find(|(known, ..)| asked == hash() && *known == name);
    let Some((_, media_type, text)) = found else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [(header::CONTENT_TYPE, *media_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, *text).into_response()
}

fn hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| {
        let all: String = ASSETS.iter().map(|(_, _, text)| *text).collect();
        super::auth::sha256_hex(&all).chars().take(12).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_style_are_small() {
        let bytes: usize = ASSETS.iter().map(|(_, _, text)| text.len()).sum();
        assert!(bytes < 60_000, "{bytes} bytes of assets");
    }

    #[tokio::test]
    async fn only_the_current_hash_is_served() {
        let get = |hash: &str| asset(Path((hash.to_owned(), "style.css".to_owned())));
        assert_eq!(get(hash()).await.status(), StatusCode::OK);
        assert_eq!(get("000000000000").await.status(), StatusCode::NOT_FOUND);
    }
}
