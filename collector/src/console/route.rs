//! The table of routes. The only way to add one names its permission, so a route without a declared permission does
//! not compile; the guard that enforces it is put around each handler here and nowhere else.

use super::Console;
use super::auth::guard;
use crate::model::Permission;
use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post};
use std::sync::Arc;

/// Routes with their permissions, not yet a service.
#[derive(Default)]
pub struct Routes {
    table: Vec<(&'static str, &'static str, Permission)>,
    handlers: Vec<MethodRouter<Arc<Console>>>,
}

impl Routes {
    /// No routes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a route that reads; answers HEAD too.
    pub fn get<H, T>(self, path: &'static str, permission: Permission, handler: H) -> Self
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        self.add("GET", path, permission, get(handler))
    }

    /// Adds a route that changes something.
    pub fn post<H, T>(self, path: &'static str, permission: Permission, handler: H) -> Self
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        self.add("POST", path, permission, post(handler))
    }

    /// Adds a route that removes something.
    pub fn delete<H, T>(self, path: &'static str, permission: Permission, handler: H) -> Self
    where
        H: Handler<T, Arc<Console>>,
        T: 'static,
    {
        self.add("DELETE", path, permission, delete(handler))
    }

    /// Adds all routes of another table.
    pub fn merge(mut self, other: Routes) -> Self {
        self.table.extend(other.table);
        self.handlers.extend(other.handlers);
        self
    }

    /// (method, path, permission) of each route, in the order of adding.
    pub fn table(&self) -> &[(&'static str, &'static str, Permission)] {
        &self.table
    }

    /// The service: each handler behind the guard of its permission.
    pub fn into_router(self, console: Arc<Console>) -> Router {
        let mut router = Router::new();
        for ((_, path, permission), handler) in self.table.into_iter().zip(self.handlers) {
            let guarded = handler.route_layer(from_fn_with_state((Arc::clone(&console), permission), guard));
            router = router.route(path, guarded);
        }
        router.with_state(console)
    }

    fn add(
        mut self,
        method: &'static str,
        path: &'static str,
        permission: Permission,
        handler: MethodRouter<Arc<Console>>,
    ) -> Self {
        self.table.push((method, path, permission));
        self.handlers.push(handler);
        self
    }
}
