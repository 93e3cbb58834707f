//~ E0521 | borrowed data escapes outside of function
//~ 'static

use anyrt::Runtime;

fn start<R: Runtime>(rt: &R, word: &str) {
    rt.spawn(async move { word.len() });
}

fn main() {}
