//! Passes TCP connections on and counts their bytes, for the benchmark: `relay TARGET COUNTS`. It listens on a free
//! port of loopback and keeps `COUNTS` up to date: port, bytes towards the target, bytes back, connections.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(200);

#[derive(Default)]
struct Counts {
    up: AtomicU64,
    down: AtomicU64,
    connections: AtomicU64,
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(target), Some(file)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: relay TARGET COUNTS");
    };
    let (target, file): (SocketAddr, PathBuf) = (target.parse()?, file.into());
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let counts = Arc::new(Counts::default());
    write(&file, port, &counts)?;
    let kept = Arc::clone(&counts);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let counts = Arc::clone(&kept);
            std::thread::spawn(move || pass_on(client, target, &counts));
        }
    });
    loop {
        std::thread::sleep(PAUSE);
        write(&file, port, &counts)?;
    }
}

/// A reader never sees half a line.
fn write(file: &PathBuf, port: u16, counts: &Counts) -> std::io::Result<()> {
    let fresh = file.with_extension("new");
    let (up, down, connections) =
        (counts.up.load(Relaxed), counts.down.load(Relaxed), counts.connections.load(Relaxed));
    std::fs::write(&fresh, format!("{port} {up} {down} {connections}\n"))?;
    std::fs::rename(fresh, file)
}

fn pass_on(client: TcpStream, target: SocketAddr, counts: &Arc<Counts>) {
    let Ok(server) = TcpStream::connect(target) else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    counts.connections.fetch_add(1, Relaxed);
    let (Ok(client_back), Ok(server_back)) = (client.try_clone(), server.try_clone()) else { return };
    let back_counts = Arc::clone(counts);
    let back = std::thread::spawn(move || copy(server_back, client_back, &back_counts.down));
    copy(client, server, &counts.up);
    let _ = back.join();
}

fn copy(mut from: TcpStream, mut to: TcpStream, bytes: &AtomicU64) {
    let mut buffer = [0u8; 16 * 1024];
    while let Ok(read) = from.read(&mut buffer) {
        if read == 0 || to.write_all(&buffer[..read]).is_err() {
            break;
        }
        bytes.fetch_add(read as u64, Relaxed);
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
