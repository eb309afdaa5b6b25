//! Exports of this machine at the command line, beside the running collector, hold what its API shows.

use serde_json::Value;
use wacht_tests::house::{House, Options};
use wacht_tests::wait::wait_until;

#[test]
fn an_export_beside_the_running_collector_holds_what_the_api_shows() {
    let Some(house) = House::start(Options::default()) else { return };
    let agent = house.agent("export");
    let items = |class: &str| house.api.list(&format!("/api/v1/hosts/{}/items?class={class}", agent.host)).len();
    for class in ["computer", "cpu", "user", "operating_system"] {
        wait_until(&format!("the section {class} arrives"), 60, || items(class) > 0);
    }
    let document = |form: &str| -> Value {
        serde_json::from_str(&house.cli(&["export", form, &agent.host])).expect("an export is JSON")
    };
    let count = |document: &Value, at: &str| document.pointer(at).and_then(Value::as_array).map_or(0, Vec::len);
    let glpi = document("glpi");
    assert_eq!(count(&glpi, "/content/cpus"), items("cpu"));
    assert_eq!(count(&glpi, "/content/local_users"), items("user"));
    let bill = document("cyclonedx");
    assert!(count(&bill, "/components") > 0 && bill["specVersion"] == "1.6", "{bill}");
    let users = house.cli(&["export", "csv", "user"]);
    assert_eq!(users.lines().count(), 1 + items("user"), "a header and a line each");
    assert!(house.cli(&["export", "csv", "hosts"]).contains(&agent.host));
}
