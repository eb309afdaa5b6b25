//! The inspection: what the tests of whole processes stand on. No product code imports it.
