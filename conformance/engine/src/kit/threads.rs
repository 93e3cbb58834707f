use std::fs;
use std::path::Path;

/// The names of this process's threads, as far as the system tells: on Linux, cut to 15 bytes; none elsewhere.
pub fn thread_names() -> Vec<String> {
    names(|_| true)
}

/// The names of this process's threads without its main thread and the calling one.
pub fn other_thread_names() -> Vec<String> {
    let this = fs::read_link("/proc/thread-self").unwrap_or_default();
    let main = std::process::id().to_string();
    names(|id| Some(id) != this.file_name().and_then(|it| it.to_str()) && id != main)
}

/// Whether the system tells the names of threads.
pub fn threads_are_named() -> bool {
    cfg!(target_os = "linux") && Path::new("/proc/self/task").exists()
}

fn names(chosen: impl Fn(&str) -> bool) -> Vec<String> {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return Vec::new();
    };
    let tasks = tasks.filter_map(Result::ok);
    let tasks = tasks.filter(|task| task.file_name().to_str().is_some_and(&chosen));
    // A thread may end while it is looked at.
    let names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    names.map(|name| name.trim_end().to_owned()).collect()
}
