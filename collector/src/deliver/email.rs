//! Mail over SMTP, always encrypted: STARTTLS, or TLS from the start on port 465. One try each; it does not decide
//! when there is another. A courtesy notice goes to the customer's own contact.

use super::body::{Letter, one_line};
use super::retry::Answer;
use super::{Fault, read_secret};
use crate::model::{MessageKind, OutboxMessage};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Mailboxes};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::error::Error;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
/// A server that answers each command just in time must not hold a delivery for minutes.
const CONVERSATION_MAX: Duration = Duration::from_secs(45);
const PORT_TLS: u16 = 465;

/// A configured mail server with its sender and recipients.
pub struct Email {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

/// The account at a mail server and whom to trust for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Access<'a> {
    /// Sign-in name.
    pub username: Option<&'a str>,
    /// File with the password.
    pub password_file: Option<&'a str>,
    /// PEM of the only authority to trust.
    pub ca_file: Option<&'a str>,
}

impl Email {
    /// Reads password and authority and checks the addresses.
    pub fn new(host: &str, port: u16, from: &str, to: &[String], access: Access<'_>) -> Result<Self, Fault> {
        let parameters = tls_parameters(host, access.ca_file)?;
        let tls = if port == PORT_TLS { Tls::Wrapper(parameters) } else { Tls::Required(parameters) };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host).port(port).tls(tls);
        builder = builder.timeout(Some(TIMEOUT));
        match (access.username, access.password_file) {
            (Some(username), Some(path)) => {
                builder = builder.credentials(Credentials::new(username.to_owned(), read_secret(path)?));
            }
            (None, None) => {}
            _ => return Err(Fault::Account),
        }
        let to = to.iter().map(|to| mailbox(to)).collect::<Result<_, _>>()?;
        Ok(Email { transport: builder.build(), from: mailbox(from)?, to })
    }

    /// Sends one message.
    pub async fn send(&self, message: &OutboxMessage, letter: Letter) -> Answer {
        let to = match self.recipients(message) {
            Ok(to) if !to.is_empty() => to,
            Ok(_) => return refused("no recipient is configured"),
            Err(error) => return refused(error),
        };
        let Ok(mail) = self.compose(message, letter, to) else { return refused("the mail cannot be composed") };
        match tokio::time::timeout(CONVERSATION_MAX, self.transport.send(mail)).await {
            Ok(Ok(_)) => Answer::Delivered,
            Ok(Err(error)) if error.is_permanent() => Answer::Refused { error: reason(&error) },
            Ok(Err(error)) => Answer::Failed { error: reason(&error), after: None },
            Err(_) => Answer::Failed { error: "the mail server took too long".to_owned(), after: None },
        }
    }

    fn recipients(&self, message: &OutboxMessage) -> Result<Vec<Mailbox>, &'static str> {
        if message.kind != MessageKind::Courtesy {
            return Ok(self.to.clone());
        }
        let contact = message.body.get("account_email").and_then(|contact| contact.as_str());
        let contact = contact.filter(|contact| !contact.is_empty()).ok_or("the customer has no contact for notices")?;
        let contact = contact.parse().map_err(|_| "the customer's contact is not a mail address")?;
        Ok(vec![Mailbox::new(None, contact)])
    }

    fn compose(
        &self,
        message: &OutboxMessage,
        letter: Letter,
        to: Vec<Mailbox>,
    ) -> Result<Message, lettre::error::Error> {
        let domain = self.from.email.domain();
        // The key is the same for each try, so that a mail which was taken twice is told to be one.
        let id = ring::digest::digest(&ring::digest::SHA256, message.key.as_bytes());
        let id = BASE64_URL_SAFE_NO_PAD.encode(&id.as_ref()[..16]);
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let mut builder = Message::builder()
            .from(self.from.clone())
            .mailbox(lettre::message::header::To::from(to.into_iter().collect::<Mailboxes>()))
            .subject(one_line(&letter.subject, 200))
            .message_id(Some(format!("<{id}@{domain}>")))
            .raw_header(automatic);
        if let Some(incident) = message.incident {
            // All mails of an incident answer one that never was: so they form a thread in any order.
            let thread = format!("<{incident}@{domain}>");
            builder = builder.in_reply_to(thread.clone()).references(thread);
        }
        builder.header(ContentType::TEXT_PLAIN).body(letter.text)
    }
}

fn tls_parameters(host: &str, ca_file: Option<&str>) -> Result<TlsParameters, Fault> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = ca_file {
        let pem = std::fs::read(path).map_err(|error| Fault::File { path: path.to_owned(), error })?;
        let authority = Certificate::from_pem(&pem).map_err(|_| Fault::Authority)?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(authority);
    }
    builder.build_rustls().map_err(|error| Fault::Client(reason(&error)))
}

fn mailbox(text: &str) -> Result<Mailbox, Fault> {
    text.parse().map_err(|_| Fault::Address(one_line(text, 200)))
}

fn refused(error: &str) -> Answer {
    Answer::Refused { error: error.to_owned() }
}

/// The failure and its causes on one line.
fn reason(error: &lettre::transport::smtp::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    one_line(&text, 300)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::tests::message;
    use crate::deliver::tests::smtp_server::{SmtpServer, Taken};
    use serde_json::json;

    fn letter(subject: &str) -> Letter {
        Letter { subject: subject.to_owned(), text: "<b>vol</b>\n.\nQUIT\n".to_owned() }
    }

    async fn sent(server: &SmtpServer, message: &OutboxMessage, subject: &str) -> Answer {
        let (password, ca) = (server.password_file(), server.ca_file());
        let access = Access { username: Some("msp"), password_file: Some(&password), ca_file: Some(&ca) };
        let to = ["Desk <desk@msp.example>".to_owned()];
        let email = Email::new("localhost", server.port(), "Wacht <wacht@msp.example>", &to, access).unwrap();
        email.send(message, letter(subject)).await
    }

    #[tokio::test]
    async fn a_mail_arrives_encrypted_as_plain_text_in_its_incidents_thread() {
        let server = SmtpServer::start("250 fine").await;
        let message = message("mail");
        assert_eq!(sent(&server, &message, "Schijf vól").await, Answer::Delivered);
        let Taken { recipients, mail, encrypted } = server.taken();
        assert_eq!((recipients, encrypted), (vec!["desk@msp.example".to_owned()], true));
        let thread = format!("<{}@msp.example>", message.incident.unwrap());
        for part in [
            format!("In-Reply-To: {thread}"),
            format!("References: {thread}"),
            "Content-Type: text/plain; charset=utf-8".to_owned(),
            "Auto-Submitted: auto-generated".to_owned(),
            "<b>vol</b>\r\n..\r\nQUIT".to_owned(),
        ] {
            assert!(mail.contains(&part), "{part} is missing in {mail}");
        }
    }

    #[tokio::test]
    async fn no_subject_adds_a_header_or_a_recipient() {
        let server = SmtpServer::start("250 fine").await;
        let hostile = "full\r\nBcc: thief@example.net\r\n\r\nbody";
        assert_eq!(sent(&server, &message("mail"), hostile).await, Answer::Delivered);
        let taken = server.taken();
        assert_eq!(taken.recipients, ["desk@msp.example"]);
        assert!(!taken.mail.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{}", taken.mail);
    }

    #[tokio::test]
    async fn a_refused_recipient_is_final_and_a_deferred_one_is_not() {
        let refusing = SmtpServer::start("550 no such user").await;
        assert!(matches!(sent(&refusing, &message("mail"), "x").await, Answer::Refused { .. }));
        let deferring = SmtpServer::start("451 try later").await;
        assert!(matches!(sent(&deferring, &message("mail"), "x").await, Answer::Failed { .. }));
    }

    #[tokio::test]
    async fn nothing_is_sent_to_a_server_without_encryption() {
        let server = SmtpServer::without_tls().await;
        assert!(matches!(sent(&server, &message("mail"), "x").await, Answer::Failed { .. }));
        assert!(server.taken().recipients.is_empty());
    }

    #[tokio::test]
    async fn a_courtesy_notice_goes_to_the_customers_contact_alone() {
        let server = SmtpServer::start("250 fine").await;
        let notice = |body| OutboxMessage { kind: MessageKind::Courtesy, body, ..message("mail") };
        let contact = notice(json!({ "account_email": "owner@customer.example" }));
        assert_eq!(sent(&server, &contact, "x").await, Answer::Delivered);
        assert_eq!(server.taken().recipients, ["owner@customer.example"]);
        for body in [json!({}), json!({ "account_email": "a@b.example\r\nRCPT TO:<c@d.example>" })] {
            assert!(matches!(sent(&server, &notice(body), "x").await, Answer::Refused { .. }));
        }
    }
}
