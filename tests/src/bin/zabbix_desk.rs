//! The other side of a Zabbix agent in active mode, for the benchmark: `zabbix_desk COUNTS INTERVAL_S`. It hands every
//! caller the same list of 60 checks and accepts whatever comes back, unread. It keeps `COUNTS` up to date: port, bytes
//! in, bytes out, connections. It is no Zabbix server.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

const HEADER_BYTES: usize = 13;
const BODY_BYTES_MAX: u32 = 1 << 20;
/// What the template of a Linux machine asks for, in the agent's own words.
const KEYS: [&str; 60] = [
    "agent.hostname",
    "agent.ping",
    "agent.version",
    "kernel.maxfiles",
    "kernel.maxproc",
    "proc.num",
    "proc.num[,,run]",
    "system.boottime",
    "system.cpu.intr",
    "system.cpu.load[all,avg1]",
    "system.cpu.load[all,avg5]",
    "system.cpu.load[all,avg15]",
    "system.cpu.num",
    "system.cpu.switches",
    "system.cpu.util[,guest]",
    "system.cpu.util[,guest_nice]",
    "system.cpu.util[,idle]",
    "system.cpu.util[,interrupt]",
    "system.cpu.util[,iowait]",
    "system.cpu.util[,nice]",
    "system.cpu.util[,softirq]",
    "system.cpu.util[,steal]",
    "system.cpu.util[,system]",
    "system.cpu.util[,user]",
    "system.hostname",
    "system.localtime",
    "system.sw.arch",
    "system.swap.size[,free]",
    "system.swap.size[,pfree]",
    "system.swap.size[,total]",
    "system.uname",
    "system.uptime",
    "system.users.num",
    "vm.memory.size[available]",
    "vm.memory.size[pavailable]",
    "vm.memory.size[total]",
    "vm.memory.size[buffers]",
    "vm.memory.size[cached]",
    "vfs.fs.discovery",
    "vfs.dev.discovery",
    "net.if.discovery",
    "vfs.fs.inode[/,pfree]",
    "vfs.fs.size[/,pused]",
    "vfs.fs.size[/,total]",
    "vfs.fs.size[/,used]",
    "net.if.in[lo]",
    "net.if.in[lo,dropped]",
    "net.if.in[lo,errors]",
    "net.if.in[lo,packets]",
    "net.if.out[lo]",
    "net.if.out[lo,dropped]",
    "net.if.out[lo,errors]",
    "net.if.out[lo,packets]",
    "net.if.in[eth0]",
    "net.if.in[eth0,errors]",
    "net.if.out[eth0]",
    "net.if.out[eth0,errors]",
    "vfs.file.contents[/sys/class/net/lo/operstate]",
    "vfs.file.contents[/sys/class/net/lo/type]",
    "vfs.file.cksum[/etc/passwd]",
];

#[derive(Default)]
struct Counts {
    received: AtomicU64,
    sent: AtomicU64,
    connections: AtomicU64,
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(interval_s)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: zabbix_desk COUNTS INTERVAL_S");
    };
    let (file, answer) = (PathBuf::from(file), answer(interval_s.parse()?)?);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let counts = Counts::default();
    write(&file, port, &counts)?;
    let shared = Arc::new((file, answer, counts, Mutex::new(())));
    for caller in listener.incoming().flatten() {
        let shared = Arc::clone(&shared);
        std::thread::spawn(move || {
            let (file, answer, counts, writing) = &*shared;
            // A caller that breaks off is the agent's matter, not the benchmark's.
            let _ = serve(caller, answer, counts);
            let _guard = writing.lock();
            let _ = write(file, port, counts);
        });
    }
    Ok(())
}

/// One answer for both questions: the list of checks, and "all processed".
fn answer(interval_s: u32) -> anyhow::Result<Vec<u8>> {
    let delay = interval_s.to_string();
    let item = |(number, key): (usize, &&str)| serde_json::json!({ "key": key, "key_orig": key, "itemid": 1_000 + number, "delay": delay, "lastlogsize": 0, "mtime": 0 });
    let items: Vec<_> = KEYS.iter().enumerate().map(item).collect();
    let info = "processed: 60; failed: 0; total: 60; seconds spent: 0.0";
    let body = serde_json::to_vec(&serde_json::json!({ "response": "success", "data": items, "info": info }))?;
    let mut bytes = b"ZBXD\x01".to_vec();
    bytes.extend(u32::try_from(body.len())?.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(body);
    Ok(bytes)
}

fn serve(mut caller: TcpStream, answer: &[u8], counts: &Counts) -> std::io::Result<()> {
    counts.connections.fetch_add(1, Relaxed);
    let mut header = [0; HEADER_BYTES];
    caller.read_exact(&mut header)?;
    let length = u32::from_le_bytes([header[5], header[6], header[7], header[8]]).min(BODY_BYTES_MAX);
    let mut body = vec![0; length as usize];
    caller.read_exact(&mut body)?;
    counts.received.fetch_add((HEADER_BYTES + body.len()) as u64, Relaxed);
    caller.write_all(answer)?;
    counts.sent.fetch_add(answer.len() as u64, Relaxed);
    Ok(())
}

fn write(file: &Path, port: u16, counts: &Counts) -> std::io::Result<()> {
    let [received, sent, connections] =
        [&counts.received, &counts.sent, &counts.connections].map(|count| count.load(Relaxed));
    let fresh = file.with_extension("new");
    std::fs::write(&fresh, format!("{port} {received} {sent} {connections}\n"))?;
    std::fs::rename(fresh, file)
}
