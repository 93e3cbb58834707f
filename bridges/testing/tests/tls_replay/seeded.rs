//! rustls with ring, but for its randomness and its clock, which are those of the simulation that the calling thread runs.
//!
//! For tests alone: whoever knows the seed knows the keys.

use anyrt_core::{Current, Timer};
use anyrt_sim::Sim;
use rustls::crypto::{
    ActiveKeyExchange, CryptoProvider, GetRandomFailed, SecureRandom, SharedSecret,
    SupportedKxGroup, ring,
};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use rustls::{Error, NamedGroup, PeerMisbehaved};
use x25519_dalek::{PublicKey, StaticSecret};

/// Everything that rustls draws comes from the seed: random numbers, the order of extensions, tickets, and the keys of the exchange.
pub(crate) fn provider() -> CryptoProvider {
    CryptoProvider {
        secure_random: &Seeded,
        kx_groups: vec![&Seeded],
        ..ring::default_provider()
    }
}

#[derive(Debug)]
struct Seeded;

impl SecureRandom for Seeded {
    fn fill(&self, buf: &mut [u8]) -> Result<(), GetRandomFailed> {
        let mut rng = Sim::try_current().map_err(|_| GetRandomFailed)?.rng();
        for bytes in buf.chunks_mut(8) {
            bytes.copy_from_slice(&rng.u64().to_le_bytes()[..bytes.len()]);
        }
        Ok(())
    }
}

/// X25519. ring's own draws its keys from the system, whatever `secure_random` is.
impl SupportedKxGroup for Seeded {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut secret = [0; 32];
        self.fill(&mut secret)?;
        let secret = StaticSecret::from(secret);
        let public = PublicKey::from(&secret);
        Ok(Box::new(Exchange { secret, public }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

struct Exchange {
    secret: StaticSecret,
    public: PublicKey,
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let peer = <[u8; 32]>::try_from(peer).map_err(|_| PeerMisbehaved::InvalidKeyShare)?;
        let shared = self.secret.diffie_hellman(&PublicKey::from(peer));
        Ok(SharedSecret::from(&shared.as_bytes()[..]))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn pub_key(&self) -> &[u8] {
        self.public.as_bytes()
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

/// The wall clock of the simulation, by which certificates and tickets grow old.
#[derive(Debug)]
pub(crate) struct SimTime;

impl TimeProvider for SimTime {
    fn current_time(&self) -> Option<UnixTime> {
        let since = Sim::try_current().ok()?.system_time();
        let since = since.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(UnixTime::since_unix_epoch(since))
    }
}
