//! The table of runtimes in the facade, and the manual's table of options, against what the runtimes do.

use std::time::Duration;

use anyrt::{Config, Flavor, Launch};

const MANUAL: &str = include_str!("../src/manual/options_table.md");

/// Every option with a value that makes sense, by the name that the facade's table uses.
fn options() -> Vec<(&'static str, Config)> {
    macro_rules! value {
        (count) => {
            1
        };
        (hint) => {
            1
        };
        (interval) => {
            1
        };
        (text) => {
            "name"
        };
        (duration) => {
            Duration::from_secs(1)
        };
    }
    macro_rules! option {
        (flavor, $name:ident) => {
            vec![
                ("multi_thread", Config::new().$name(Flavor::MultiThread)),
                ("current_thread", Config::new().$name(Flavor::CurrentThread)),
            ]
        };
        ($kind:ident, thread_stack_size) => {
            vec![(
                "thread_stack_size",
                Config::new().thread_stack_size(1 << 20),
            )]
        };
        ($kind:ident, $name:ident) => {
            vec![(stringify!($name), Config::new().$name(value!($kind)))]
        };
    }
    macro_rules! all {
        ($(
            $(#[$doc:meta])*
            $name:ident, $variant:ident, $kind:ident, $example:literal, $sets:literal;
        )*) => {
            [$( option!($kind, $name) ),*].concat()
        };
    }
    anyrt::__config_options!(all)
}

/// The names of the options with which `L` launches.
fn honoured<L: Launch>() -> Vec<&'static str> {
    let launches = |(name, config)| L::launch(config).is_ok().then_some(name);
    options().into_iter().filter_map(launches).collect()
}

/// A row of the table: the runtime's name in paths, and what is honoured by what a program starts.
struct Row {
    name: &'static str,
    /// It has local tasks alone, so what a program starts is no runtime.
    is_local: bool,
    says: [Vec<&'static str>; 2],
    does: [Vec<&'static str>; 2],
}

macro_rules! rows {
    ($(
        $(#[$doc:meta])*
        $feature:literal $sockets:literal $name:ident = $krate:ident: $kind:ident $handle:ident, $owned:path, $local:ident, $tests:ident,
            [$($owned_option:ident)*], [$($local_option:ident)*];
    )*) => {
        [$( Row {
            name: stringify!($name),
            is_local: <anyrt::__private::$name::Compiled as anyrt::__private::Backend>::IS_LOCAL,
            says: [
                vec![$( stringify!($owned_option) ),*],
                vec![$( stringify!($local_option) ),*],
            ],
            does: [
                honoured::<<anyrt::__private::$name::Compiled as anyrt::__private::Backend>::Owned>(),
                honoured::<<anyrt::__private::$name::Compiled as anyrt::__private::Backend>::Local>(),
            ],
        } ),*]
    };
}

/// The attributes leave a runtime out, or refuse it, by this table.
#[test]
fn the_facade_knows_which_options_each_runtime_honours() {
    for row in anyrt::__backends!([rows]) {
        let forms = row.says.into_iter().zip(row.does);
        for (says, mut does) in forms.skip(usize::from(row.is_local)) {
            let hint = does
                .iter()
                .position(|option| *option == "worker_threads_hint");
            does.remove(hint.unwrap_or_else(|| panic!("{} refuses a hint", row.name)));
            assert_eq!(says, does, "{}", row.name);
        }
    }
}

#[test]
fn the_manuals_table_says_which_options_each_runtime_honours() {
    let rows = anyrt::__backends!([rows]);
    let columns: Vec<_> = rows
        .into_iter()
        .flat_map(|row| {
            let [owned, local] = row.does;
            let does = [("", owned), (" local", local)];
            let name = row.name.replace('_', "-");
            let does = does.into_iter().skip(usize::from(row.is_local));
            does.map(|(form, does)| (format!("{name}{form}"), does))
                .collect::<Vec<_>>()
        })
        .collect();
    let mut table = String::from("| option |");
    for (name, _) in &columns {
        table += &format!(" {name} |");
    }
    table += &format!("\n|{}\n", " --- |".repeat(columns.len() + 1));
    for (option, _) in options() {
        let path = match option {
            "multi_thread" | "current_thread" => {
                format!("[`flavor`](crate::Config::flavor()) = `{option}`")
            }
            name => format!("[`{name}`](crate::Config::{name}())"),
        };
        table += &format!("| {path} |");
        for (_, does) in &columns {
            let takes = match (option, does.contains(&option)) {
                ("worker_threads_hint", true) if !does.contains(&"worker_threads") => "ignored",
                (_, true) => "yes",
                (_, false) => "–",
            };
            table += &format!(" {takes} |");
        }
        table.push('\n');
    }
    if std::env::var_os("ANYRT_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/manual/options_table.md");
        std::fs::write(path, table).expect("the folder can be written to");
        return;
    }
    assert_eq!(
        MANUAL, table,
        "`ANYRT_BLESS=1 cargo test -p anyrt --all-features --test options` writes it anew"
    );
}
