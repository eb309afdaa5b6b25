//! The collector's front door: it only routes.

fn main() -> std::process::ExitCode {
    wacht_collector::cli::main()
}
