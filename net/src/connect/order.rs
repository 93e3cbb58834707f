use std::collections::VecDeque;
use std::net::SocketAddr;

/// Orders addresses as RFC 8305, section 4, has it: families take turns, beginning with that of the first address; within a
/// family the resolver's order stays.
pub(super) fn interleave(all: Vec<SocketAddr>, only: Option<SocketAddr>) -> VecDeque<SocketAddr> {
    let mut all = all;
    if let Some(local) = only {
        // A socket that is bound to an address reaches those of its own family alone.
        all.retain(|addr| addr.is_ipv4() == local.is_ipv4());
    }
    let Some(first) = all.first().map(SocketAddr::is_ipv4) else {
        return VecDeque::new();
    };
    let (mut one, mut other): (VecDeque<_>, VecDeque<_>) =
        all.into_iter().partition(|addr| addr.is_ipv4() == first);
    let mut ordered = VecDeque::with_capacity(one.len() + other.len());
    while !(one.is_empty() && other.is_empty()) {
        ordered.extend(one.pop_front());
        ordered.extend(other.pop_front());
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn families_take_turns() {
        let all = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"].map(addr);
        let ordered = interleave(all.to_vec(), None);
        let expected = ["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"].map(addr);
        assert_eq!(ordered, expected);
        assert_eq!(interleave(Vec::new(), None), []);
    }

    #[test]
    fn a_local_address_leaves_its_own_family() {
        let all = ["[::1]:1", "1.1.1.1:1"].map(addr);
        let ordered = interleave(all.to_vec(), Some(addr("0.0.0.0:0")));
        assert_eq!(ordered, [addr("1.1.1.1:1")]);
    }
}
