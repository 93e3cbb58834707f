use std::rc::Rc;

use anyrt::LocalRuntime;

async fn start<R: LocalRuntime>(rt: &R) -> usize {
    let word: Rc<str> = "moin".into();
    rt.spawn_local(async move { word.len() }).await.unwrap_or_default()
}

#[anyrt::main(tokio, local)]
async fn main(rt: impl LocalRuntime) {
    assert_eq!(start(&rt).await, 4);
}
