//~ E0277 | future cannot be sent between threads safely
//~ `Rc<str>` which is not `Send`
//~ required by a bound in `anyrt::Spawn::spawn` | required by a bound in `Spawn::spawn` | required by a bound in `spawn`

use std::rc::Rc;

use anyrt::Runtime;

fn start<R: Runtime>(rt: &R) {
    let word: Rc<str> = "moin".into();
    rt.spawn(async move { word.len() });
}

fn main() {}
