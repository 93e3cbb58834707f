#[anyrt::test(sim, sim_iterations = 0, sim_threads = "two", sim_processes = 0)]
async fn counts() {}

#[anyrt::test(sim, sim_shrink, sim_lateness = 5, sim_time_limit = "1h")]
async fn durations() {}

#[anyrt::test(tokio, sim_processes = 4)]
async fn elsewhere() {}

#[anyrt::test(sim_proceses = 4)]
async fn misspelt() {}

#[anyrt::main(sim, sim_processes = 4)]
async fn main() {}
