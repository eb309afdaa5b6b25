//! Pressure stall information: `/proc/pressure/{cpu,memory,io}`, where the kernel keeps it.

use super::procfile::ProcFile;
use super::text::{fields, hundredths, lines};
use crate::platform::{PRESSURE_RESOURCES, PressureFigures};
use std::io;

/// Keeps the files open.
pub struct PressureReader {
    files: [ProcFile; 3],
    missing: bool,
}

impl PressureReader {
    /// A reader that has opened nothing yet.
    pub fn new() -> Self {
        let files = ["/proc/pressure/cpu", "/proc/pressure/memory", "/proc/pressure/io"].map(ProcFile::new);
        PressureReader { files, missing: false }
    }

    /// Visits each resource with its figures. A kernel without them visits none and is no error.
    pub fn each(&mut self, mut visit: impl FnMut(&'static str, PressureFigures)) -> io::Result<()> {
        for (resource, file) in PRESSURE_RESOURCES.into_iter().zip(&mut self.files) {
            if self.missing {
                break;
            }
            match file.read() {
                Ok(text) => visit(resource, parse(text, resource)),
                Err(error) if is_absence(&error) => self.missing = true,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Default for PressureReader {
    fn default() -> Self {
        Self::new()
    }
}

/// Kernels that were built without it lack the files; those started with it off refuse to read them.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied)
}

fn parse(text: &[u8], resource: &str) -> PressureFigures {
    let mut figures = PressureFigures::default();
    for line in lines(text) {
        let mut parts = fields(line);
        match parts.next() {
            Some(b"some") => figures.some = minute_share(parts),
            // Some task always runs while others wait for a processor, so the kernel's figure means nothing.
            Some(b"full") if resource != "cpu" => figures.full = minute_share(parts),
            _ => {}
        }
    }
    figures
}

fn minute_share<'a>(mut parts: impl Iterator<Item = &'a [u8]>) -> Option<f64> {
    let percent = parts.find_map(|part| part.strip_prefix(b"avg60="))?;
    Some(hundredths(percent)? as f64 / 10_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"some avg10=1.00 avg60=2.34 avg300=0.10 total=17731658\n\
        full avg10=0.50 avg60=12.05 avg300=0.05 total=16768674\n";

    #[test]
    fn percent_of_the_last_minute_becomes_a_share() {
        assert_eq!(parse(TEXT, "io"), PressureFigures { some: Some(0.0234), full: Some(0.1205) });
    }

    #[test]
    fn all_tasks_never_wait_for_a_processor() {
        assert_eq!(parse(TEXT, "cpu"), PressureFigures { some: Some(0.0234), full: None });
    }

    #[test]
    fn nonsense_is_no_figure() {
        assert_eq!(parse(b"some avg60=much\nhalf\n", "io"), PressureFigures::default());
    }
}
