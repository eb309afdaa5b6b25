//! Customers, sites and contracts, read.

use super::row::json;
use super::{Result, Store};
use crate::model::{Contract, Customer, CustomerId, Scope, Site};
use rusqlite::{OptionalExtension, params};

impl Store {
    /// Customers of a scope, by name.
    pub async fn customers(&self, scope: Scope) -> Result<Vec<Customer>> {
        self.cmdb
            .read(move |db| {
                let mut statement = db.prepare_cached("SELECT doc FROM customer ORDER BY name")?;
                let rows = statement.query_map([], |row| json::<Customer>(row, 0))?;
                let all: Vec<Customer> = rows.collect::<rusqlite::Result<_>>()?;
                Ok(all.into_iter().filter(|customer| scope.covers(customer.id)).collect())
            })
            .await
    }

    /// Sites of a customer, by name.
    pub async fn sites(&self, customer: CustomerId) -> Result<Vec<Site>> {
        self.cmdb
            .read(move |db| {
                let mut statement = db.prepare_cached("SELECT doc FROM site WHERE customer = ?1 ORDER BY name")?;
                let rows = statement.query_map(params![customer.to_string()], |row| json(row, 0))?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// The contract of a customer.
    pub async fn contract(&self, customer: CustomerId) -> Result<Option<Contract>> {
        self.cmdb
            .read(move |db| {
                let mut statement = db.prepare_cached("SELECT doc FROM contract WHERE customer = ?1")?;
                Ok(statement.query_row(params![customer.to_string()], |row| json(row, 0)).optional()?)
            })
            .await
    }
}
