//! The service manager: it hears that we are ready and alive, and tells us to stop or to read our files anew.

/// What the service manager, or a person, wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Say goodbye and end.
    Stop,
    /// Read configuration and certificates anew.
    Reload,
}

/// The signals of this process.
pub struct Signals {
    streams: [tokio::signal::unix::Signal; 3],
}

impl Signals {
    /// Takes the signals over; inside a runtime.
    pub fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        let streams =
            [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?];
        Ok(Signals { streams })
    }

    /// Waits for the next.
    pub async fn next(&mut self) -> Signal {
        let [terminate, interrupt, hangup] = &mut self.streams;
        tokio::select! {
            _ = terminate.recv() => Signal::Stop,
            _ = interrupt.recv() => Signal::Stop,
            _ = hangup.recv() => Signal::Reload,
        }
    }
}

/// The first report is spooled.
pub fn ready() {
    tell("READY=1");
}

/// The crank turns.
pub fn alive() {
    tell("WATCHDOG=1");
}

/// The goodbye is on its way.
pub fn stopping() {
    tell("STOPPING=1");
}

/// One line for people.
pub fn status(sentence: &str) {
    tell(&format!("STATUS={sentence}"));
}

fn tell(line: &str) {
    // Without a service manager nobody listens, which is no error.
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Custom(line)]);
}
