//! The keywords of JSON Schema that the GLPI inventory uses, and stricter in one way: a name that the schema does not have
//! is a fault, so that no fact is put where GLPI does not look.

use regex::Regex;
use serde_json::Value as Json;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Keywords that say nothing of what is valid.
const REMARKS: &[&str] =
    &["$comment", "$id", "$schema", "default", "definitions", "description", "examples", "tile", "title", "version"];

pub struct Schema(Json);

impl Schema {
    /// The schema among the recordings; says so where there is none.
    pub fn recorded() -> Option<Schema> {
        let file = std::env::var_os("WACHT_RECORDINGS")
            .map(|folder| std::path::Path::new(&folder).join("glpi-inventory/inventory.schema.json"));
        let text = file.and_then(|file| std::fs::read_to_string(file).ok());
        if text.is_none() {
            println!("skipped: glpi-inventory/inventory.schema.json is not below WACHT_RECORDINGS");
        }
        text.map(|text| Schema(serde_json::from_str(&text).unwrap()))
    }

    /// What is wrong with a document, a line each.
    pub fn faults(&self, document: &Json) -> Vec<String> {
        let mut faults = Vec::new();
        self.check(&self.0, document, "", &mut faults);
        faults
    }

    fn check(&self, schema: &Json, value: &Json, path: &str, faults: &mut Vec<String>) {
        for (keyword, demand) in schema.as_object().unwrap() {
            let is_kept = match keyword.as_str() {
                "type" => is_of(demand.as_str().unwrap(), value),
                "pattern" => {
                    value.as_str().is_none_or(|text| Regex::new(demand.as_str().unwrap()).unwrap().is_match(text))
                }
                "format" => value.as_str().is_none_or(|text| is_formed(demand.as_str().unwrap(), text)),
                "required" => demand.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
                "anyOf" | "oneOf" => demand.as_array().unwrap().iter().any(|one| {
                    let mut own = Vec::new();
                    self.check(one, value, path, &mut own);
                    own.is_empty()
                }),
                "$ref" => {
                    let pointer = demand.as_str().unwrap().trim_start_matches('#');
                    self.check(self.0.pointer(pointer).unwrap(), value, path, faults);
                    true
                }
                "properties" => {
                    self.check_properties(demand, value, path, faults);
                    true
                }
                "items" => {
                    for (position, entry) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(demand, entry, &format!("{path}/{position}"), faults);
                    }
                    true
                }
                // Names beyond the schema's are a fault everywhere.
                "additionalProperties" => true,
                remark => {
                    assert!(REMARKS.contains(&remark), "the schema uses {remark}, which this check does not know");
                    true
                }
            };
            if !is_kept {
                faults.push(format!("{path}: {keyword} {demand}, not {value}"));
            }
        }
    }

    fn check_properties(&self, properties: &Json, value: &Json, path: &str, faults: &mut Vec<String>) {
        for (name, entry) in value.as_object().into_iter().flatten() {
            let path = format!("{path}/{name}");
            match properties.get(name) {
                Some(schema) => self.check(schema, entry, &path, faults),
                None => faults.push(format!("{path}: no such name in the schema")),
            }
        }
    }
}

fn is_of(kind: &str, value: &Json) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        other => panic!("the schema has a type {other}, which this check does not know"),
    }
}

fn is_formed(format: &str, text: &str) -> bool {
    match format {
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        other => panic!("the schema has a format {other}, which this check does not know"),
    }
}
