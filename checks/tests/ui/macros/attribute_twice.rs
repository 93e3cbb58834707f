#[anyrt::main(tokio)]
#[anyrt::main(tokio)]
async fn main() {}

#[anyrt::test]
#[test]
async fn test() {}
