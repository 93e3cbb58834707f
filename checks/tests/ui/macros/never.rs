//! A `main` that never returns gives no warning.

#![deny(warnings)]

#[anyrt::main(tokio)]
async fn main() -> ! {
    std::process::exit(0)
}
