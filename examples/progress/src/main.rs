//! The page: `download` under a button, with `fetch` as its source.
//!
//! It is built for `wasm32-unknown-unknown` alone: `examples/progress/build`.

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod page;

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
#[anyrt::main(wasm)]
async fn main(rt: impl anyrt::LocalRuntime) -> Result<(), page::Missing> {
    page::run(&rt).await
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn main() {
    eprintln!("error: this is a web page: build it with examples/progress/build");
    std::process::exit(2);
}
