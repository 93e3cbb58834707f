//! What a host tries again and again without success: a loop that no limit of time stops.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use super::super::pending::place;
use super::{HostId, Wire};

/// What is tried.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tried {
    Connect(SocketAddr),
    UnixConnect(Arc<Path>),
    Resolve(Arc<str>),
}

/// How often each was tried since it succeeded last, and which is over the limit.
pub(super) struct Tries {
    limit: u64,
    counts: BTreeMap<(HostId, Tried), u64>,
    over: Option<(HostId, Tried)>,
}

impl Tries {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            counts: BTreeMap::new(),
            over: None,
        }
    }

    pub(super) fn count(&mut self, host: HostId, tried: Tried) {
        let key = (host, tried);
        let count = self.counts.entry(key.clone()).or_default();
        *count += 1;
        if *count > self.limit {
            self.over = Some(key);
        }
    }

    pub(super) fn succeeded(&mut self, host: HostId, tried: Tried) {
        self.counts.remove(&(host, tried));
    }
}

impl Wire {
    /// Counts a look-up of a name, which was answered or was not.
    pub(crate) fn count_lookup(&mut self, host: HostId, name: &str, is_answered: bool) {
        let tried = Tried::Resolve(Arc::from(name));
        match is_answered {
            true => self.tries.succeeded(host, tried),
            false => self.tries.count(host, tried),
        }
    }

    /// What a host has tried more often than is allowed, in words, and the limit.
    pub(crate) fn take_over_limit(&mut self) -> Option<(HostId, String, u64)> {
        let (host, tried) = self.tries.over.take()?;
        let what = match tried {
            Tried::Connect(addr) => {
                let name = self.owner(host, addr.ip()).map(|host| self.host_name(host));
                let place = name.map(|name| place(&name, addr));
                format!("connect to {}", place.unwrap_or_else(|| addr.to_string()))
            }
            Tried::UnixConnect(path) => format!("connect to {}", path.display()),
            Tried::Resolve(name) => format!("resolve `{name}`"),
        };
        Some((host, what, self.tries.limit))
    }
}
