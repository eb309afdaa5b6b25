//! The loop over the outbox: which messages may leave now, side by side, and writing down how each try ended. A
//! message is delivered before that is written, so a kill in between sends it twice under the same key, never zero times.

use super::{Registry, Retry, Settings};
use crate::model::{DeliveryState, IncidentId, MessageId, MessageKind, OutboxMessage};
use crate::store::{Attempt, Error, Store};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};

const BATCH: usize = 32;
/// Behind many messages that must wait there may be one that need not.
const BATCH_MAX: usize = 4_096;
const IN_FLIGHT_PER_DESTINATION: usize = 4;
const RECORD_RETRY: Duration = Duration::from_secs(5);
const STOP_GRACE: Duration = Duration::from_secs(12);

/// What leaves one after the other: the ticket messages of an incident to one destination. A page or a notice waits
/// for nothing but itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Lane {
    Ticket(IncidentId, String),
    Single(MessageId),
}

impl Lane {
    fn of(message: &OutboxMessage) -> Lane {
        match (message.incident, message.kind) {
            (None, _) | (_, MessageKind::Page | MessageKind::Courtesy) => Lane::Single(message.id),
            (Some(incident), _) => Lane::Ticket(incident, message.destination.clone()),
        }
    }
}

/// The state of the loop.
pub struct Worker {
    store: Store,
    registry: Arc<Registry>,
    retry: Retry,
    poll: Duration,
    tasks: JoinSet<()>,
    in_flight: HashMap<Id, (Lane, String)>,
}

impl Worker {
    pub fn new(store: Store, registry: Arc<Registry>, settings: &Settings) -> Self {
        let (tasks, in_flight) = (JoinSet::new(), HashMap::new());
        Worker { store, registry, retry: settings.retry, poll: settings.poll, tasks, in_flight }
    }

    /// Until `stop`; see [`super::Deliverer::run`].
    pub async fn run(mut self, mut wake: watch::Receiver<u64>, mut stop: watch::Receiver<bool>) {
        let mut wakes = true;
        while !*stop.borrow() {
            if let Err(error) = self.start_due(Timestamp::now()).await {
                tracing::warn!(%error, "outbox cannot be read");
            }
            tokio::select! {
                stopped = stop.changed() => if stopped.is_err() { break },
                changed = wake.changed(), if wakes => wakes = changed.is_ok(),
                Some(ended) = self.tasks.join_next_with_id() => self.ended(ended),
                () = tokio::time::sleep(self.poll) => {}
            }
        }
        let rest = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_GRACE, rest).await.is_err() {
            tracing::info!("deliveries were cut off by the stop and will be sent again");
        }
    }

    fn ended(&mut self, ended: Result<(Id, ()), tokio::task::JoinError>) {
        let id = match &ended {
            Ok((id, ())) => *id,
            Err(error) => {
                tracing::error!(%error, "a delivery broke off");
                error.id()
            }
        };
        self.in_flight.remove(&id);
    }

    /// Starts what may leave now.
    async fn start_due(&mut self, now: Timestamp) -> Result<(), Error> {
        let mut limit = BATCH;
        loop {
            let due = self.store.due_messages(now, limit).await?;
            let is_all = due.len() < limit;
            let started = self.start(due, now).await?;
            if is_all || started > 0 || limit >= BATCH_MAX {
                return Ok(());
            }
            limit *= 2;
        }
    }

    async fn start(&mut self, due: Vec<OutboxMessage>, now: Timestamp) -> Result<usize, Error> {
        let mut lanes: HashSet<Lane> = self.in_flight.values().map(|(lane, _)| lane.clone()).collect();
        let mut busy: HashMap<String, usize> = HashMap::new();
        for (_, destination) in self.in_flight.values() {
            *busy.entry(destination.clone()).or_default() += 1;
        }
        let mut started = 0;
        for message in due {
            let lane = Lane::of(&message);
            let busy = busy.entry(message.destination.clone()).or_default();
            // The first of a lane holds it even where it cannot leave: the next one must not pass.
            if !lanes.insert(lane.clone())
                || *busy >= IN_FLIGHT_PER_DESTINATION
                || self.must_wait(&message, &lane, now).await?
            {
                continue;
            }
            *busy += 1;
            started += 1;
            let destination = message.destination.clone();
            let task = self.tasks.spawn(deliver(self.store.clone(), self.registry.clone(), self.retry, message));
            self.in_flight.insert(task.id(), (lane, destination));
        }
        Ok(started)
    }

    /// Is an earlier message of the lane still waiting for its next try?
    async fn must_wait(&self, message: &OutboxMessage, lane: &Lane, now: Timestamp) -> Result<bool, Error> {
        let (Lane::Ticket(incident, _), false) = (lane, message.kind == MessageKind::Opened) else { return Ok(false) };
        Ok(self.store.deliveries_of(*incident).await?.iter().any(|other| goes_before(other, message, lane, now)))
    }
}

fn goes_before(other: &OutboxMessage, message: &OutboxMessage, lane: &Lane, now: Timestamp) -> bool {
    let is_earlier = (other.created_at, other.id) < (message.created_at, message.id);
    let is_on_its_way = other.attempts > 0 || other.not_before <= now;
    other.state == DeliveryState::Waiting && is_earlier && is_on_its_way && Lane::of(other) == *lane
}

async fn deliver(store: Store, registry: Arc<Registry>, retry: Retry, message: OutboxMessage) {
    let answer = registry.send(&message, Timestamp::now()).await;
    let attempt = retry.decide(&message, answer, Timestamp::now(), fastrand::f64());
    let (key, destination) = (&message.key, &message.destination);
    match &attempt {
        Attempt::Delivered => tracing::info!(key, destination, "delivered"),
        Attempt::Retry { not_before, error } => {
            tracing::warn!(key, destination, %not_before, error, "not delivered yet");
        }
        Attempt::Dead { error } => tracing::error!(key, destination, error, "given up: a person must look"),
    }
    // The lane is held until it is written down, else the same message would go out every few seconds.
    while let Err(error) = store.record_attempt(message.id, attempt.clone(), Timestamp::now()).await {
        if matches!(error, Error::Closed) {
            return;
        }
        tracing::warn!(%error, key, "the try could not be written down");
        tokio::time::sleep(RECORD_RETRY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::Deliverer;
    use crate::deliver::tests::{hook, message, request, words};
    use crate::model::Destination;
    use crate::store::Effects;
    use jiff::SignedDuration;
    use std::sync::Mutex;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    /// A ticket system that answers by script (the last line for ever) and keeps which kinds of event came.
    struct Desk {
        url: String,
        heard: Arc<Mutex<Vec<String>>>,
    }

    impl Desk {
        async fn open(script: &'static [&'static str]) -> Desk {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/", listener.local_addr().unwrap());
            let heard: Arc<Mutex<Vec<String>>> = Arc::default();
            let kept = heard.clone();
            tokio::spawn(async move {
                for turn in 0.. {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    let request = request(&mut stream).await;
                    let kind = request.split("\"type\":\"wacht.").nth(1).and_then(|rest| rest.split('"').next());
                    let status = script[turn.min(script.len() - 1)];
                    kept.lock().unwrap().push(format!("{} {}", kind.unwrap_or_default(), &status[..3]));
                    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            });
            Desk { url, heard }
        }

        fn heard(&self) -> Vec<String> {
            self.heard.lock().unwrap().clone()
        }
    }

    fn story(kinds: &[MessageKind]) -> Vec<OutboxMessage> {
        let first = message("desk");
        let told = kinds.iter().enumerate().map(|(number, kind)| OutboxMessage {
            id: MessageId::new(),
            kind: *kind,
            key: format!("{}:{number}", first.key),
            created_at: first.created_at + SignedDuration::from_millis(number as i64),
            ..first.clone()
        });
        told.collect()
    }

    /// Runs until every message ended, and gives them.
    async fn run(destinations: Vec<Destination>, outbox: Vec<OutboxMessage>) -> Vec<OutboxMessage> {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let incident = outbox[0].incident.unwrap();
        store.commit(Effects { outbox, ..Default::default() }).await.unwrap();
        let ms = Duration::from_millis;
        let retry =
            Retry { delay_first: ms(40), delay_max: ms(40), age_max: ms(0), attempts_min: 4, ..Default::default() };
        let settings = Settings { retry, poll: ms(10), ..Default::default() };
        let deliverer = Deliverer::new(store.clone(), destinations, Arc::new(words()), settings).unwrap();
        let ((_wake, wake), (stop, stopped)) = (watch::channel(0), watch::channel(false));
        let worker = tokio::spawn(deliverer.run(wake, stopped));
        let ended = async {
            loop {
                let messages = store.deliveries_of(incident).await.unwrap();
                if messages.iter().all(|message| message.state != DeliveryState::Waiting) {
                    break messages;
                }
                tokio::time::sleep(ms(10)).await;
            }
        };
        let messages = tokio::time::timeout(Duration::from_secs(10), ended).await.unwrap();
        stop.send(true).unwrap();
        worker.await.unwrap();
        messages
    }

    #[tokio::test]
    async fn an_update_never_overtakes_its_opening() {
        use MessageKind::{Opened, Resolved, Updated};
        let desk = Desk::open(&["500 Oops", "503 Busy", "200 OK"]).await;
        let ended = run(vec![hook("desk", &desk.url)], story(&[Opened, Updated, Resolved])).await;
        let expected = ["opened.v1 500", "opened.v1 503", "opened.v1 200", "updated.v1 200", "resolved.v1 200"];
        assert_eq!(desk.heard(), expected.map(|heard| format!("incident.{heard}")));
        assert!(ended.iter().all(|message| message.state == DeliveryState::Delivered));
        assert_eq!(ended[0].attempts, 3);
    }

    #[tokio::test]
    async fn a_page_does_not_wait_for_its_ticket() {
        let desk = Desk::open(&["500 Oops", "200 OK"]).await;
        run(vec![hook("desk", &desk.url)], story(&[MessageKind::Opened, MessageKind::Page])).await;
        let heard = desk.heard();
        assert_eq!(heard.len(), 3);
        assert!(heard[..2].iter().any(|heard| heard.starts_with("page.v1")), "{heard:?}");
    }

    #[tokio::test]
    async fn a_destination_that_never_answers_well_ends_as_a_dead_letter_with_its_reason() {
        let desk = Desk::open(&["500 Oops"]).await;
        let ended = run(vec![hook("desk", &desk.url)], story(&[MessageKind::Opened])).await;
        assert_eq!((ended[0].state, ended[0].attempts), (DeliveryState::Dead, 4));
        assert_eq!(ended[0].last_error.as_deref(), Some("answered 500"));
        let refused = run(vec![], story(&[MessageKind::Opened])).await;
        assert_eq!((refused[0].state, refused[0].attempts), (DeliveryState::Dead, 1));
    }

    #[tokio::test]
    async fn a_crowd_that_must_wait_does_not_hold_up_another_destination() {
        let (slow, quick) = (Desk::open(&["500 Oops", "200 OK"]).await, Desk::open(&["200 OK"]).await);
        let mut kinds = vec![MessageKind::Updated; 40];
        kinds[0] = MessageKind::Opened;
        let mut outbox = story(&kinds);
        outbox[39].destination = "quick".to_owned();
        let ended = run(vec![hook("desk", &slow.url), hook("quick", &quick.url)], outbox).await;
        assert_eq!((slow.heard().len(), quick.heard().len()), (40, 1));
        assert!(ended[39].ended_at < ended[20].ended_at);
    }
}
