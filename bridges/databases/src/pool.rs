use std::fmt;
use std::future::Future;
use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyrt_core::Runtime;
use anyrt_structured::{Backoff, Permit, Semaphore};

/// Makes the connections of a [`Pool`], and knows when one is of no more use.
///
/// # Examples
///
/// See [`Pool`].
pub trait Connector: Send + Sync + 'static {
    /// A connection.
    type Connection: Send + 'static;

    /// Connects once. The pool calls it again after a pause if it fails.
    ///
    /// # Errors
    ///
    /// Those of the server, and of the way to it.
    fn connect(&self) -> impl Future<Output = io::Result<Self::Connection>> + Send;

    /// Tells whether the connection can still be used, without asking the server.
    fn is_open(&self, connection: &Self::Connection) -> bool;
}

/// A pool of connections on any runtime.
///
/// At most `size` connections are out or idle. [`get`](Self::get) takes an idle one that is open, or makes one. A server that is away
/// is asked again after 10 ms, 20 ms and so on, up to every half second, until the patience is over. Clones are the same pool.
///
/// # Cancellation
///
/// Dropping `get` gives its place to the next in line, and gives up the connection that it was making.
///
/// # Examples
///
/// ```
/// use std::io;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_databases::{Connector, Pool};
///
/// /// Connections are numbers, and an odd one is broken.
/// struct Numbers(AtomicU32);
///
/// impl Connector for Numbers {
///     type Connection = u32;
///
///     async fn connect(&self) -> io::Result<u32> {
///         Ok(self.0.fetch_add(1, Ordering::Relaxed))
///     }
///
///     fn is_open(&self, number: &u32) -> bool {
///         number % 2 == 0
///     }
/// }
///
/// async fn run<R: Runtime>(rt: R) -> io::Result<()> {
///     let pool = Pool::new(rt, Numbers(AtomicU32::new(0)), 1);
///     assert_eq!(*pool.get().await?, 0);
///     // It came back, and is taken again.
///     let mut number = pool.get().await?;
///     assert_eq!(*number, 0);
///     *number = 1;
///     drop(number);
///     // It broke: there is a new one.
///     assert_eq!(*pool.get().await?, 1);
///     Ok(())
/// }
/// let owner = anyrt_smol::Owned::launch(Config::new()).unwrap();
/// owner.block_on(run(owner.handle())).unwrap();
/// ```
pub struct Pool<R, C: Connector> {
    runtime: R,
    patience: Duration,
    slots: Semaphore,
    shared: Arc<Shared<C>>,
}

struct Shared<C: Connector> {
    connector: C,
    idle: Mutex<Vec<C::Connection>>,
}

impl<C: Connector> Shared<C> {
    fn idle(&self) -> MutexGuard<'_, Vec<C::Connection>> {
        // Nothing in here panics while the list is locked but a push that cannot allocate.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Runtime, C: Connector> Pool<R, C> {
    /// A pool of at most `size` connections, none of which is made yet.
    pub fn new(runtime: R, connector: C, size: usize) -> Self {
        Self {
            runtime,
            patience: Duration::from_secs(30),
            slots: Semaphore::new(size),
            shared: Arc::new(Shared {
                connector,
                idle: Mutex::default(),
            }),
        }
    }

    /// Limits how long [`get`](Self::get) may take, the wait for a place included. It is 30 seconds at first.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Takes a connection, which comes back when it is dropped.
    ///
    /// # Errors
    ///
    /// `TimedOut` when the patience is over.
    pub async fn get(&self) -> io::Result<Pooled<C>> {
        let mut last = None;
        let pooled = async {
            let permit = self.slots.acquire().await;
            let connection = match self.open() {
                Some(connection) => connection,
                None => self.connect(&mut last).await,
            };
            Pooled {
                connection: Some(connection),
                shared: Arc::clone(&self.shared),
                _permit: permit,
            }
        };
        let timeout = self.runtime.timeout(self.patience, pooled).await;
        timeout.map_err(|_| {
            let patience = self.patience;
            let message = match last {
                Some(error) => format!("no connection within {patience:?}: {error}"),
                None => {
                    format!("no connection within {patience:?}: all are taken, or none is made")
                }
            };
            io::Error::new(io::ErrorKind::TimedOut, message)
        })
    }

    /// How many connections wait to be taken.
    pub fn idle(&self) -> usize {
        self.shared.idle().len()
    }

    /// An idle connection that is open. Those that are not are dropped, outside of the lock.
    fn open(&self) -> Option<C::Connection> {
        loop {
            let connection = self.shared.idle().pop()?;
            if self.shared.connector.is_open(&connection) {
                return Some(connection);
            }
        }
    }

    /// Connects, however often it takes. The last error goes into `last`.
    async fn connect(&self, last: &mut Option<io::Error>) -> C::Connection {
        let backoff =
            Backoff::exponential(Duration::from_millis(10)).max_delay(Duration::from_millis(500));
        for pause in backoff.delays() {
            match self.shared.connector.connect().await {
                Ok(connection) => return connection,
                Err(error) => *last = Some(error),
            }
            self.runtime.sleep(pause).await;
        }
        unreachable!("attempts are not limited")
    }
}

impl<R: Clone, C: Connector> Clone for Pool<R, C> {
    fn clone(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            patience: self.patience,
            slots: self.slots.clone(),
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<R, C: Connector> fmt::Debug for Pool<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("idle", &self.shared.idle().len())
            .field("free", &self.slots.available_permits())
            .finish_non_exhaustive()
    }
}

/// A connection of a [`Pool`]. It goes back when it is dropped, unless it is no longer open.
pub struct Pooled<C: Connector> {
    /// Taken by the drop alone.
    connection: Option<C::Connection>,
    shared: Arc<Shared<C>>,
    /// Dropped last, so that who gets the place finds the connection.
    _permit: Permit,
}

const THERE: &str = "the connection is there until the drop";

impl<C: Connector> Deref for Pooled<C> {
    type Target = C::Connection;

    fn deref(&self) -> &C::Connection {
        self.connection.as_ref().expect(THERE)
    }
}

impl<C: Connector> DerefMut for Pooled<C> {
    fn deref_mut(&mut self) -> &mut C::Connection {
        self.connection.as_mut().expect(THERE)
    }
}

impl<C: Connector> Drop for Pooled<C> {
    fn drop(&mut self) {
        let connection = self.connection.take().expect(THERE);
        if self.shared.connector.is_open(&connection) {
            self.shared.idle().push(connection);
        }
    }
}

impl<C: Connector> fmt::Debug for Pooled<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pooled").finish_non_exhaustive()
    }
}
