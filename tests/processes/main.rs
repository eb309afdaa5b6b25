//! The real executables under test.
