//~ future cannot be sent between threads safely
//~ which is not `Send`

use std::rc::Rc;

#[anyrt::main(tokio)]
async fn main() {
    let word = Rc::new(1);
    anyrt::yield_now().await;
    drop(word);
}
