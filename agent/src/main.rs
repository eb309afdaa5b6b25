//! The agent's executable: hands over to the command line.

fn main() -> std::process::ExitCode {
    wacht_agent::cli::run()
}
