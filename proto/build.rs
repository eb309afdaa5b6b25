//! Compiles the contract with protox, so that a build needs cargo and a C compiler alone.
use std::path::PathBuf;

/// Files whose messages can be written as JSON and read back: the inventory, for people and for recorded captures.
const AS_JSON: [&str; 5] = ["inventory", "hardware", "system", "network", "workload"];
/// Enumerations as lower-case words in that JSON: message, field, module of `wacht_proto::json`.
const WORDS: [(&str, &str, &str); 5] = [
    ("Note", "reason", "note_reason"),
    ("Array", "state", "array_state"),
    ("Software", "source", "software_source"),
    ("Service", "state", "service_state"),
    ("BackupJob", "result", "backup_result"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files: Vec<String> =
        ["telemetry", "identity"].iter().chain(&AS_JSON).map(|name| format!("wacht/v1/{name}.proto")).collect();
    for file in &files {
        println!("cargo::rerun-if-changed={file}");
    }
    let descriptors = protox::compile(&files, ["."])?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let mut builder = tonic_prost_build::configure().build_transport(false).out_dir(out);
    for file in &descriptors.file {
        if AS_JSON.iter().any(|name| file.name() == format!("wacht/v1/{name}.proto")) {
            for message in &file.message_type {
                // A section travels compressed; only what it holds has a JSON form.
                if message.name() != "Section" {
                    let derive = "#[derive(serde::Serialize, serde::Deserialize)] #[serde(default)]";
                    builder = builder.message_attribute(format!(".wacht.v1.{}", message.name()), derive);
                }
            }
        }
    }
    let kind = "#[derive(serde::Serialize, serde::Deserialize)] #[serde(rename_all = \"snake_case\")]";
    builder = builder.type_attribute(".wacht.v1.SectionBody.kind", kind);
    for (message, field, module) in WORDS {
        let with = format!("#[serde(with = \"crate::json::{module}\")]");
        builder = builder.field_attribute(format!(".wacht.v1.{message}.{field}"), with);
    }
    builder.compile_fds(descriptors)?;
    Ok(())
}
