//! stub
use crate::model::Scan;
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct SectionError;
pub fn scan(_section: &wacht_proto::v1::Section) -> Result<Scan, SectionError> { Err(SectionError) }
