#[anyrt::main(tokio)]
fn main() {}

#[anyrt::test]
fn test() {}
