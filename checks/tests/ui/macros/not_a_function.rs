#[anyrt::test]
struct Test;

fn main() {}
