//! Which machine is which, over a real collector: shared filler, clones, restored images, renamed, reinstalled and
//! repaired machines, and the decisions that a person makes. The machines speak the protocol by hand, since no test can
//! change the hardware below it; `image` does it with real agents.

mod console;
mod copy;
mod image;
mod machine;
mod merge;
mod reinstall;
