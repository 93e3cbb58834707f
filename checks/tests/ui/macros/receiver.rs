struct Program;

impl Program {
    #[anyrt::main(tokio)]
    async fn start(self) {}
}

fn main() {}
