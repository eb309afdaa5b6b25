//! Tests of the registry, and what the tests of all destinations need: words, a message, servers to send to.

pub mod smtp_server;

use super::*;
use crate::model::*;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub fn words() -> Words {
    Words::load().unwrap()
}

/// An opened incident for a destination.
pub fn message(destination: &str) -> OutboxMessage {
    let incident = IncidentId::new();
    OutboxMessage {
        id: MessageId::new(),
        customer: CustomerId::new(),
        incident: Some(incident),
        key: format!("{incident}:1:opened:{destination}"),
        destination: destination.to_owned(),
        kind: MessageKind::Opened,
        body: serde_json::json!({ "title": "Schijf bijna vól", "severity": "p1" }),
        not_before: Timestamp::UNIX_EPOCH,
        created_at: Timestamp::now(),
        state: DeliveryState::Waiting,
        attempts: 0,
        last_error: None,
        ended_at: None,
    }
}

/// A server that takes one request, gives this status line (nothing at all where it is empty) and hands it over.
pub async fn answering(status: &'static str) -> (SocketAddr, oneshot::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = request(&mut stream).await;
        if status.is_empty() {
            std::future::pending::<()>().await;
        }
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
        let _ = sender.send(request);
    });
    (address, receiver)
}

/// Reads one whole request.
pub async fn request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        let mut part = [0; 4_096];
        let count = stream.read(&mut part).await.unwrap();
        assert!(count > 0, "the request ended early");
        bytes.extend_from_slice(&part[..count]);
    }
}

pub fn hook(name: &str, url: &str) -> Destination {
    let via = Via::Webhook { url: url.to_owned(), secret_file: None, ca_file: None };
    Destination { name: name.to_owned(), purposes: vec![Purpose::Ticket], customers: vec![], via }
}

fn mail(name: &str, purposes: Vec<Purpose>) -> Destination {
    let (from, to) = ("wacht@msp.example".to_owned(), vec!["desk@msp.example".to_owned()]);
    let (username, password_file, ca_file) = (None, None, None);
    let via = Via::Email { host: "localhost".into(), port: 587, from, to, username, password_file, ca_file };
    Destination { name: name.to_owned(), purposes, customers: vec![], via }
}

fn fault(destinations: &[Destination]) -> Option<String> {
    Registry::new(destinations, Arc::new(words()), &Settings::default()).err().map(|error| error.to_string())
}

#[test]
fn a_wrong_destination_is_refused_at_the_start_with_its_name_and_reason() {
    let url = "https://desk.example/";
    assert_eq!(fault(&[hook("a", url), hook("b", url)]), None);
    assert_eq!(fault(&[hook("a", url), hook("a", url)]), Some("destination a: the name is there twice".into()));
    let plain = fault(&[hook("a", "http://desk.example/")]);
    assert_eq!(plain, Some("destination a: plain http is for this machine alone".into()));
    assert!(fault(&[hook("account", url)]).is_some() && fault(&[hook("a\r\nb", url)]).is_some());
    let mut secret = hook("a", url);
    secret.via = Via::Webhook { url: url.into(), secret_file: Some("/no/such/file".into()), ca_file: None };
    assert!(fault(&[secret]).unwrap().contains("/no/such/file"));
    let mut half = mail("m", vec![]);
    if let Via::Email { username, .. } = &mut half.via {
        *username = Some("msp".into());
    }
    assert!(fault(&[half]).unwrap().contains("password"));
}

#[test]
fn courtesy_notices_leave_by_the_mail_destination_that_is_for_them() {
    let courtesy = mail("notices", vec![Purpose::Courtesy]);
    let all = [hook("a", "https://a.example/"), mail("desk", vec![Purpose::Ticket]), courtesy];
    assert_eq!(account(&all).as_deref(), Some("notices"));
    assert_eq!(account(&all[..2]).as_deref(), Some("desk"));
    assert_eq!(account(&all[..1]), None);
}

#[tokio::test]
async fn an_unknown_destination_is_final() {
    let registry = Registry::new(&[], Arc::new(words()), &Settings::default()).unwrap();
    for name in ["gone", ACCOUNT] {
        assert!(matches!(registry.send(&message(name), Timestamp::now()).await, Answer::Refused { .. }));
    }
}
