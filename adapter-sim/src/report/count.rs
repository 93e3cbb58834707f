use std::fmt;

/// So many of something: `1 step`, `2 steps`.
pub(crate) struct Count(pub(crate) u64, pub(crate) &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, what) = self;
        match number {
            1 => write!(f, "1 {what}"),
            _ => write!(f, "{number} {what}s"),
        }
    }
}

/// How often: `once`, `2 times`.
pub(crate) struct Times(pub(crate) u64);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("once"),
            number => write!(f, "{number} times"),
        }
    }
}
