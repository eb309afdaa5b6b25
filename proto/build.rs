//! Compiles the contract with protox, so that a build needs cargo and a C compiler alone.
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = ["wacht/v1/telemetry.proto", "wacht/v1/identity.proto", "wacht/v1/inventory.proto"];
    for file in files {
        println!("cargo::rerun-if-changed={file}");
    }
    let descriptors = protox::compile(files, ["."])?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    tonic_prost_build::configure().build_transport(false).out_dir(out).compile_fds(descriptors)?;
    Ok(())
}
