//! For tests alone: a mail server on loopback that offers STARTTLS with an authority of its own, takes one mail at a
//! time and keeps it.

use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What arrived.
#[derive(Clone, Default)]
pub struct Taken {
    /// Envelope recipients.
    pub recipients: Vec<String>,
    /// Headers and body as sent.
    pub mail: String,
    /// After STARTTLS?
    pub encrypted: bool,
}

/// The server; it ends with the test's runtime.
pub struct SmtpServer {
    port: u16,
    folder: TempDir,
    taken: Arc<Mutex<Taken>>,
}

impl SmtpServer {
    /// Answers each recipient with this line.
    pub async fn start(recipient_answer: &'static str) -> Self {
        Self::listen(recipient_answer, true).await
    }

    /// A server that does not offer STARTTLS.
    pub async fn without_tls() -> Self {
        Self::listen("250 fine", false).await
    }

    async fn listen(recipient_answer: &'static str, offers_tls: bool) -> Self {
        let (acceptor, pem) = authority();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), pem).unwrap();
        std::fs::write(folder.path().join("password"), "secret\n").unwrap();
        let acceptor = offers_tls.then_some(acceptor);
        let listener = TcpListener::bind("localhost:0").await.unwrap();
        let (port, taken) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Taken::default())));
        let kept = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, acceptor.clone(), recipient_answer, &kept).await;
            }
        });
        SmtpServer { port, folder, taken }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn ca_file(&self) -> String {
        self.folder.path().join("ca.pem").to_str().unwrap().to_owned()
    }

    pub fn password_file(&self) -> String {
        self.folder.path().join("password").to_str().unwrap().to_owned()
    }

    pub fn taken(&self) -> Taken {
        self.taken.lock().unwrap().clone()
    }
}

/// The TLS side of "localhost" and the PEM to trust it by.
pub fn authority() -> (TlsAcceptor, String) {
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = rustls_pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let tls = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(tls)), own.cert.pem())
}

async fn serve(mut stream: TcpStream, tls: Option<TlsAcceptor>, answer: &'static str, taken: &Mutex<Taken>) {
    *taken.lock().unwrap() = Taken::default();
    stream.write_all(b"220 test\r\n").await.unwrap();
    if !talk(&mut stream, tls.is_some(), answer, taken).await {
        return;
    }
    if let Some(tls) = tls
        && let Ok(mut stream) = tls.accept(stream).await
    {
        taken.lock().unwrap().encrypted = true;
        talk(&mut stream, false, answer, taken).await;
    }
}

/// One side of the conversation; true where TLS is to follow.
async fn talk(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    tls: bool,
    answer: &str,
    taken: &Mutex<Taken>,
) -> bool {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while {
        line.clear();
        stream.read_line(&mut line).await.is_ok_and(|count| count > 0)
    } {
        let word: String = line.chars().take(4).collect::<String>().to_uppercase();
        let reply = match word.as_str() {
            "EHLO" if tls => "250-test\r\n250 STARTTLS",
            "EHLO" => "250-test\r\n250 AUTH PLAIN",
            "STAR" => "220 go",
            "AUTH" => "235 welcome",
            "RCPT" => {
                if answer.starts_with('2') {
                    let address = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    taken.lock().unwrap().recipients.push(address);
                }
                answer
            }
            "DATA" => {
                stream.write_all(b"354 go\r\n").await.unwrap();
                let mut mail = String::new();
                while !mail.ends_with("\r\n.\r\n") && stream.read_line(&mut mail).await.is_ok_and(|count| count > 0) {}
                taken.lock().unwrap().mail = mail;
                "250 queued"
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        let _ = stream.write_all(format!("{reply}\r\n").as_bytes()).await;
        if word == "STAR" || word == "QUIT" {
            return word == "STAR";
        }
    }
    false
}
