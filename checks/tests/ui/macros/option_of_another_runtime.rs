#[anyrt::main(smol, event_interval = 61)]
async fn main() {}

#[anyrt::test(smol, sim, flavor = "current_thread")]
async fn test() {}
