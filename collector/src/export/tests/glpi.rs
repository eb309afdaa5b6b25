//! GLPI: where each fact of the CMDB goes, in the units and words of GLPI.

use super::schema::Schema;
use super::*;
use crate::export::glpi;
use serde_json::{Value as Json, json};

fn content(items: &[Item]) -> Json {
    glpi(&host(), items, at("2026-07-01T00:00:00Z"))["content"].clone()
}

#[test]
fn a_whole_host_is_told_in_the_units_and_words_of_glpi() {
    let content = content(&whole());
    assert_eq!(content["hardware"]["memory"], 8_192);
    assert_eq!(content["hardware"]["vmsystem"], "Physical");
    assert_eq!(content["bios"]["bdate"], "2016-01-03");
    assert_eq!(content["bios"]["secure_boot"], "enabled");
    assert_eq!(content["operatingsystem"]["timezone"], json!({"name": "Europe/Amsterdam", "offset": "+0200"}));
    assert_eq!(content["cpus"][0]["arch"], "x86_64");
    assert_eq!(content["storages"][0]["disksize"], 250_059);
    assert_eq!(content["drives"][0]["encrypt_name"], "cryptsetup");
    assert_eq!(content["softwares"][0]["from"], "dpkg");
    assert_eq!(content["local_users"][0], json!({"id": "0", "login": "root", "name": "root"}));
    assert_eq!(content["local_groups"][0]["members"], json!(["ann"]));
    assert_eq!(content["firewalls"], json!([{"description": "nftables", "status": "off"}]));
}

#[test]
fn a_disk_that_only_its_controller_sees_is_told_and_none_twice() {
    let storages = content(&whole())["storages"].clone();
    let serials: Vec<_> = storages.as_array().unwrap().iter().map(|disk| disk["serial"].as_str().unwrap()).collect();
    assert_eq!(serials, ["S1", "S2"]);
}

#[test]
fn an_interface_has_a_row_an_address_with_its_own_gateway() {
    let networks = content(&whole())["networks"].clone();
    let rows = networks.as_array().unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!((&rows[0]["description"], &rows[0]["slaves"]), (&json!("bond0"), &json!("eno1,eno2")));
    assert_eq!((&rows[1]["ipmask"], &rows[1]["ipgateway"]), (&json!("255.255.255.128"), &json!("192.0.2.129")));
    assert_eq!((&rows[2]["ipsubnet6"], &rows[2]["ipgateway"]), (&json!("2001:db8::"), &Json::Null));
    assert_eq!((&rows[2]["mac"], &rows[2]["speed"]), (&json!("00:16:3e:01:02:03"), &json!("1000")));
}

#[test]
fn what_glpi_has_no_word_for_is_left_out() {
    let content = content(&whole());
    let machine = &content["virtualmachines"][0];
    assert_eq!((&machine["name"], &machine["status"]), (&json!("dc01"), &Json::Null));
    assert_eq!(content["usbdevices"].as_array().map(Vec::len), Some(1), "hubs are left out");
    assert_eq!(content["remote_mgmt"].as_array().map(Vec::len), Some(1), "an id is demanded");
    let hostile = self::content(&hostile());
    assert!(hostile["cpus"][0]["arch"].is_null() && hostile["bios"]["bdate"].is_null());
    assert!(hostile["networks"][0]["mac"].is_null() && hostile["networks"][0]["ipaddress"].is_null());
    assert!(hostile["bios"]["secure_boot"].is_null() && hostile["operatingsystem"]["timezone"].is_null());
}

#[test]
fn a_host_without_an_inventory_has_its_name() {
    let document = glpi(&host(), &[], at("2026-07-01T00:00:00Z"));
    let content = json!({"hardware": {"name": "srv01"}, "versionclient": "Wacht-Agent_v0.1.0"});
    assert_eq!(document["content"], content);
    assert_eq!(document["itemtype"], "Computer");
}

#[test]
fn every_document_keeps_the_schema_of_glpi() {
    let Some(schema) = Schema::recorded() else { return };
    for items in [whole(), hostile(), Vec::new()] {
        let document = glpi(&host(), &items, at("2026-07-01T00:00:00Z"));
        assert_eq!(schema.faults(&document), Vec::<String>::new());
    }
    let mut wrong = glpi(&host(), &whole(), at("2026-07-01T00:00:00Z"));
    wrong["content"]["bios"]["bdate"] = json!("01/03/2016");
    wrong["content"]["softwares"][0] = json!({"title": "bash"});
    assert_eq!(schema.faults(&wrong).len(), 3, "a date, a name that is lacking, a name that is none");
}
