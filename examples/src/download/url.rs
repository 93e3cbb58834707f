use std::io;

/// The parts of `http://host:port/path`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Url<'a> {
    /// What the header `Host` says.
    pub(super) authority: &'a str,
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) path: &'a str,
}

impl<'a> Url<'a> {
    pub(super) fn parse(url: &'a str) -> io::Result<Self> {
        let bad = |problem: &str| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("`{url}`: {problem}"))
        };
        if url.starts_with("https:") {
            return Err(bad(
                "no TLS is in here; `futures-rustls` wraps a stream in it",
            ));
        }
        let rest = url.strip_prefix("http://");
        let rest = rest.ok_or_else(|| bad("an address begins with `http://`"))?;
        if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(bad("an address has no spaces"));
        }
        let at = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(at);
        // The colons of an IPv6 address are in brackets.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                let port = port.parse().map_err(|_| bad("a port is a number"))?;
                (host, port)
            }
            _ => (authority, 80),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(bad("an address has a host"));
        }
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self {
            authority,
            host,
            port,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        for (url, host, port, path) in [
            ("http://example.org", "example.org", 80, "/"),
            ("http://example.org:8080/a?b", "example.org", 8080, "/a?b"),
            ("http://[::1]/x", "::1", 80, "/x"),
            ("http://[::1]:81", "::1", 81, "/"),
        ] {
            let parsed = Url::parse(url).unwrap();
            assert_eq!((parsed.host, parsed.port, parsed.path), (host, port, path));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (url, problem) in [
            ("https://example.org", "futures-rustls"),
            ("example.org", "begins with"),
            ("http://:80/", "a host"),
            ("http://a:b/", "a number"),
            ("http://a/ HTTP/1.1", "no spaces"),
        ] {
            let error = Url::parse(url).unwrap_err();
            assert!(error.to_string().contains(problem), "{error}");
        }
    }
}
