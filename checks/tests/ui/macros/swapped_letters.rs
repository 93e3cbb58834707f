#[anyrt::main(tokoi)]
async fn on_tokio() {}

#[anyrt::main(wams)]
async fn on_a_page() {}

#[anyrt::test(soml)]
async fn on_smol() {}

fn main() {}
