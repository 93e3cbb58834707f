use std::env;
use std::sync::OnceLock;

/// The environment variable that says how big the rules and workloads are.
pub const SCALE_VARIABLE: &str = "ANYRT_CONFORMANCE_SCALE";

static SCALE: OnceLock<f64> = OnceLock::new();

/// Has [`scaled`] use `scale` from now on, unless it was used before.
pub fn set_scale(scale: f64) {
    // The first who asks decides: the sizes must not change in the middle of a run.
    let _ = SCALE.set(scale);
}

/// What [`scaled`] multiplies by.
pub fn scale() -> f64 {
    *SCALE.get_or_init(|| {
        let said = env::var(SCALE_VARIABLE).ok();
        said.and_then(|it| it.parse().ok()).unwrap_or(1.0)
    })
}

/// `n` times what the environment variable `ANYRT_CONFORMANCE_SCALE` says, which is 1 unless set; at least 1.
pub fn scaled(n: usize) -> usize {
    ((n as f64 * scale()) as usize).max(1)
}
