use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{self, Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

/// Which server a [`Server`] is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Debian's `postgresql`, with a superuser `anyrt` whom it trusts.
    Postgres,
    /// Debian's `redis-server`. What it has acknowledged is in its log.
    Redis,
}

/// A server of Debian's in a temporary folder, on an address of its own under 127/8.
///
/// It ends with this value, and with the process however that ends: a shell script runs it that waits for the end of its input.
///
/// # Panics
///
/// All of its functions do, when the server is not installed or does not start.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    addr: SocketAddr,
    script: Mutex<Script>,
}

#[derive(Debug)]
struct Script {
    child: Child,
    /// `None` once it is to end.
    signals: Option<ChildStdin>,
    started: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a server, and waits until it takes connections. Blocks the thread.
    pub fn start(kind: Kind) -> Self {
        Self::launch(kind, None)
    }

    /// Starts a PostgreSQL that speaks TLS with this certificate and key, both in PEM.
    pub fn start_with_tls(certificate: &str, key: &str) -> Self {
        Self::launch(Kind::Postgres, Some((certificate, key)))
    }

    fn launch(kind: Kind, tls: Option<(&str, &str)>) -> Self {
        static STARTED: AtomicU8 = AtomicU8::new(1);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        // No other process listens on this address, so that the port stays free once it was.
        let [.., high, low] = process::id().to_be_bytes();
        let ip = Ipv4Addr::new(127, high, low, number);
        let addr = TcpListener::bind((ip, 0)).and_then(|listener| listener.local_addr());
        let addr = addr.expect("the address is on the loopback");
        let name = format!("anyrt-databases-{}-{number}", process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("the folder is made");
        if let Some((certificate, key)) = tls {
            fs::write(folder.join("cert.pem"), certificate).expect("the certificate is written");
            fs::write(folder.join("key.pem"), key).expect("the key is written");
            let mut private = fs::metadata(folder.join("key.pem"))
                .expect("it is there")
                .permissions();
            std::os::unix::fs::PermissionsExt::set_mode(&mut private, 0o600);
            fs::set_permissions(folder.join("key.pem"), private).expect("the key is made private");
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/serve");
        let mut child = Command::new(script)
            .arg(match kind {
                Kind::Postgres => "postgres",
                Kind::Redis => "redis",
            })
            .arg(folder)
            .args([addr.ip().to_string(), addr.port().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the script starts");
        let mut script = Script {
            signals: child.stdin.take(),
            started: BufReader::new(child.stdout.take().expect("it is a pipe")),
            child,
        };
        script.wait_for_start();
        Self {
            kind,
            addr,
            script: Mutex::new(script),
        }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Ends the server at once, as a crash would, and starts it again. Returns when the new one takes connections. Blocks the thread.
    pub fn crash(&self) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let signal = match self.kind {
            // What PostgreSQL calls an immediate shutdown. Its processes would outlive the first one's death.
            Kind::Postgres => "QUIT",
            Kind::Redis => "KILL",
        };
        let signals = script.signals.as_mut().expect("it is not to end");
        writeln!(signals, "{signal}").expect("the script reads");
        script.wait_for_start();
    }
}

impl Script {
    fn wait_for_start(&mut self) {
        let mut line = String::new();
        self.started.read_line(&mut line).expect("the script tells");
        assert_eq!(line, "started\n", "the server does not start");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let script = self
            .script
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        script.signals = None;
        script.child.wait().ok();
    }
}
