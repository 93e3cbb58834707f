//! Which public operations the rules of the suite ask for, as the compiler sees it.
//!
//! A copy of the workspace has `#[deprecated]` on every public function and method of core, structured and net, and on those of
//! the suite's own code between the rules and the runtimes. The compiler, which knows the type of every receiver, then names
//! each use with its line. A use in the suite's own code counts for the rules that get there.
//!
//! It sees what is written, not what runs, and not whether an assertion would notice a wrong answer: the mutants are for that. A
//! call from within core or an adapter counts for nothing, so an operation that only `await` reaches is not seen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use proc_macro2::{Delimiter, LineColumn, TokenStream, TokenTree};

use crate::public_api::Operation;
use crate::workspace;

/// A crate of which the operations are asked for: its name, and the folder of its sources.
pub const CRATES: [(&str, &str); 3] = [
    ("anyrt_core", "core/src"),
    ("anyrt_structured", "structured/src"),
    ("anyrt_net", "net/src"),
];

/// Where the rules are.
const RULES: [&str; 4] = [
    "conformance/src/rules/",
    "conformance/src/workloads/",
    "conformance/structured/src/rules/",
    "conformance/net/src/rules/",
];

/// The suite's own code through which rules get to the operations.
const BETWEEN: [&str; 8] = [
    "conformance/engine/src/",
    "conformance/src/backends/mod.rs",
    "conformance/structured/src/pieces/",
    "conformance/net/src/completion.rs",
    "conformance/net/src/kit/",
    "conformance/net/src/mutants/incoming.rs",
    "conformance/net/src/place/",
    "conformance/net/src/sockets.rs",
];

/// For each operation, by the name of its crate, the ids of the rules that ask for it.
pub type Asked = BTreeMap<(String, Operation), BTreeSet<String>>;

/// Compiles the marked copy in `folder`, and returns who asks for what.
///
/// # Panics
///
/// When the copy does not compile.
pub fn asked(folder: &Path) -> Asked {
    copy(folder);
    let uses = compile(folder);
    let sources = Sources::read();
    let mut asked = Asked::new();
    for it in &uses {
        if CRATES.iter().any(|(name, _)| *name == it.krate) {
            let rules = sources.rules_of(it, &uses, &mut BTreeSet::new());
            let key = (it.krate.clone(), it.operation.clone());
            asked.entry(key).or_default().extend(rules);
        }
    }
    asked
}

/// A use of a marked function, as the compiler named it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    krate: String,
    operation: Operation,
    file: String,
    line: usize,
}

/// Copies the workspace to `folder`, and marks what is public. What is there already and the same keeps its time.
fn copy(folder: &Path) {
    let marked = CRATES.iter().map(|(_, folder)| *folder).chain(BETWEEN);
    let marked: Vec<_> = marked.collect();
    let kinds = [
        "rs", "toml", "md", "lock", "css", "js", "json", "txt", "svg",
    ];
    for kind in kinds {
        // What was moved away since the last time would be compiled, too.
        for old in workspace::files(folder, kind) {
            let name = old.strip_prefix(folder).expect("it is in there");
            if !workspace::root().join(name).exists() {
                fs::remove_file(&old).expect("cargo gives tests a folder to write to");
            }
        }
        for path in workspace::files("", kind) {
            let name = workspace::relative(&path);
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            let is_marked = kind == "rs" && marked.iter().any(|it| name.starts_with(it));
            let text = if is_marked { mark(&text) } else { text };
            let target = folder.join(&name);
            if fs::read_to_string(&target).is_ok_and(|there| there == text) {
                continue;
            }
            let parent = target.parent().expect("it is in a folder");
            fs::create_dir_all(parent).expect("cargo gives tests a folder to write to");
            fs::write(target, text).expect("cargo gives tests a folder to write to");
        }
    }
}

/// Puts the mark before each public function, each method of a public trait, and nothing else. Lines stay where they are.
fn mark(text: &str) -> String {
    let tokens: TokenStream = text.parse().expect("the workspace's sources parse");
    let mut places = Vec::new();
    find_public(tokens, false, &mut places);
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    places.sort_by_key(|it| std::cmp::Reverse((it.line, it.column)));
    for place in places {
        let line = &mut lines[place.line - 1];
        let index = line.char_indices().nth(place.column);
        line.insert_str(index.map_or(0, |(index, _)| index), "#[deprecated] ");
    }
    lines.join("\n") + "\n"
}

fn is(tree: Option<&TokenTree>, word: &str) -> bool {
    matches!(tree, Some(TokenTree::Ident(it)) if it == word)
}

fn is_block(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Group(it) if it.delimiter() == Delimiter::Brace)
}

fn find_public(tokens: TokenStream, is_trait: bool, places: &mut Vec<LineColumn>) {
    let trees: Vec<_> = tokens.into_iter().collect();
    let mut next_is_trait = false;
    for (index, tree) in trees.iter().enumerate() {
        let at = |offset: usize| trees.get(index + offset);
        match tree {
            TokenTree::Group(group) => {
                let inside = next_is_trait && is_block(tree);
                next_is_trait &= !inside;
                find_public(group.stream(), inside, places);
            }
            TokenTree::Ident(word) if word == "pub" => {
                // `pub(crate)` has a group behind it.
                let skipped = usize::from(matches!(at(1), Some(TokenTree::Group(_))));
                let is_modified = ["async", "const"].iter().any(|it| is(at(1 + skipped), it));
                let is_fn = is(at(1 + usize::from(is_modified) + skipped), "fn");
                next_is_trait |= is(at(1 + skipped), "trait");
                if is_fn {
                    places.push(word.span().start());
                }
            }
            TokenTree::Ident(word) if is_trait && word == "fn" => places.push(word.span().start()),
            _ => {}
        }
    }
}

/// Compiles the copy, and returns the uses that the compiler warned of.
fn compile(folder: &Path) -> Vec<Use> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = [
        "anyrt-conformance",
        "anyrt-conformance-structured",
        "anyrt-conformance-net",
    ];
    let output = Command::new(cargo)
        .args(["check", "--offline", "--lib", "--message-format", "json"])
        .args(packages.iter().flat_map(|name| ["-p", name]))
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.with_file_name("asked-target"))
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .expect("cargo, which runs this test, can be started");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "the marked copy does not compile:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let mut uses: Vec<_> = messages.filter_map(|it| use_of(&it)).flatten().collect();
    uses.sort();
    uses.dedup();
    uses
}

/// The uses in one message of the compiler, as "use of deprecated method `anyrt_core::Timer::timeout`".
fn use_of(message: &serde_json::Value) -> Option<Vec<Use>> {
    let compiled = message["target"]["name"].as_str()?.replace('-', "_");
    let message = &message["message"];
    if message["code"]["code"].as_str()? != "deprecated" {
        return None;
    }
    let path = message["message"].as_str()?.split('`').nth(1)?;
    let path = without_generics(path);
    let segments: Vec<_> = path.split("::").filter(|it| !it.is_empty()).collect();
    let (name, before) = segments.split_last()?;
    // The path of what the crate itself has does not begin with its name.
    let first = before.first().filter(|it| it.starts_with("anyrt_"));
    let krate = first.map_or(compiled, |it| (*it).to_owned());
    let owner = before
        .last()
        .filter(|it| it.starts_with(char::is_uppercase));
    let operation = Operation {
        owner: owner.copied().unwrap_or_default().to_owned(),
        name: (*name).to_owned(),
    };
    let spans = message["spans"].as_array()?.iter();
    let spans = spans.filter(|it| it["is_primary"] == true);
    let uses = spans.filter_map(|span| {
        Some(Use {
            krate: krate.clone(),
            operation: operation.clone(),
            file: span["file_name"].as_str()?.to_owned(),
            line: usize::try_from(span["line_start"].as_u64()?).ok()?,
        })
    });
    Some(uses.collect())
}

/// `anyrt_core::JoinHandle::<H>::abort` without the `<H>`, however deep.
fn without_generics(path: &str) -> String {
    let mut depth = 0_usize;
    let mut last = ' ';
    let mut left = String::new();
    for it in path.chars() {
        // The `>` of an arrow closes nothing.
        let closes = it == '>' && last != '-';
        last = it;
        match it {
            '<' => depth += 1,
            _ if closes => depth -= 1,
            _ if depth == 0 => left.push(it),
            _ => {}
        }
    }
    left.replace("::::", "::")
}

/// A function in the sources of the suite.
#[derive(Debug)]
struct Function {
    name: String,
    lines: (usize, usize),
    /// The id, if it is a rule.
    rule: Option<String>,
    /// The identifiers in its body.
    words: BTreeSet<String>,
}

/// The functions of the suite, by the file.
struct Sources(BTreeMap<String, Vec<Function>>);

impl Sources {
    fn read() -> Self {
        let mut files = BTreeMap::new();
        for path in workspace::files("conformance", "rs") {
            let name = workspace::relative(&path);
            if !RULES.iter().chain(&BETWEEN).any(|it| name.starts_with(it)) {
                continue;
            }
            let text = fs::read_to_string(&path).expect("listed just now");
            let tokens: TokenStream = text.parse().expect("the workspace's sources parse");
            let mut functions = Vec::new();
            find_functions(tokens, None, &mut functions);
            files.insert(name, functions);
        }
        Self(files)
    }

    /// The rules that get to a use.
    fn rules_of(
        &self,
        it: &Use,
        uses: &[Use],
        seen: &mut BTreeSet<(String, String)>,
    ) -> BTreeSet<String> {
        let functions = self.0.get(&it.file).into_iter().flatten();
        let around = functions.filter(|at| (at.lines.0..=at.lines.1).contains(&it.line));
        let Some(inner) = around.min_by_key(|at| at.lines.1 - at.lines.0) else {
            return BTreeSet::new();
        };
        // A closure's or a helper's function inside a rule is that rule.
        let functions = self.0[&it.file].iter();
        let rule = functions
            .filter(|at| (at.lines.0..=at.lines.1).contains(&it.line))
            .find_map(|at| at.rule.clone());
        match rule {
            Some(rule) => [rule].into(),
            None => self.rules_through(&it.file, &inner.name, uses, seen),
        }
    }

    /// The rules that get to a function which is none.
    fn rules_through(
        &self,
        file: &str,
        name: &str,
        uses: &[Use],
        seen: &mut BTreeSet<(String, String)>,
    ) -> BTreeSet<String> {
        if !seen.insert((file.to_owned(), name.to_owned())) {
            return BTreeSet::new();
        }
        let mut rules = BTreeSet::new();
        // Those in the same file that name it: what is private there is marked nowhere.
        // A macro that defines it does not call it.
        let defined = self.0[file].iter().filter(|it| it.name == name);
        let defined: Vec<_> = defined.map(|it| it.lines).collect();
        let defines =
            |lines: (usize, usize)| defined.iter().any(|it| lines.0 < it.0 && it.1 < lines.1);
        let named = self.0[file].iter().filter(|it| it.words.contains(name));
        for function in named.filter(|it| it.rule.is_some() || !defines(it.lines)) {
            match &function.rule {
                Some(rule) => _ = rules.insert(rule.clone()),
                None => rules.extend(self.rules_through(file, &function.name, uses, seen)),
            }
        }
        // The uses elsewhere of a function that the suite marked, by its name: a method of a layer and that of the handle
        // before it are called the same.
        if BETWEEN.iter().any(|it| file.starts_with(it)) {
            let krate = crate_of(file);
            let is_ours = |it: &&Use| it.krate == krate && it.operation.name == name;
            for it in uses.iter().filter(is_ours) {
                rules.extend(self.rules_of(it, uses, seen));
            }
        }
        rules
    }
}

/// Finds every function, also inside of macros. Those that stand directly in a `rules! { family … }` are rules.
fn find_functions(tokens: TokenStream, family: Option<&str>, found: &mut Vec<Function>) {
    let trees: Vec<_> = tokens.into_iter().collect();
    for (index, tree) in trees.iter().enumerate() {
        if let TokenTree::Group(group) = tree {
            let is_rules = index >= 2 && is(trees.get(index - 2), "rules");
            // A helper may be a macro.
            if index >= 3 && is(trees.get(index - 3), "macro_rules") {
                let mut words = BTreeSet::new();
                note_words(group.stream(), &mut words);
                found.push(Function {
                    name: trees[index - 1].to_string(),
                    lines: (
                        group.span_open().start().line,
                        group.span_close().end().line,
                    ),
                    rule: None,
                    words,
                });
            }
            let mut first = group.stream().into_iter();
            let inner = match (first.next(), first.next()) {
                // A specification with one family: `rules! { Any + Net; …`
                (Some(TokenTree::Ident(_)), Some(TokenTree::Punct(mark)))
                    if is_rules && mark.as_char() != '#' =>
                {
                    Some(String::from("net"))
                }
                (Some(TokenTree::Ident(first)), _) if is_rules => Some(first.to_string()),
                _ => None,
            };
            find_functions(group.stream(), inner.as_deref(), found);
            continue;
        }
        let Some(TokenTree::Ident(name)) = trees.get(index + 1) else {
            continue;
        };
        // A helper may be a constant, too.
        let is_const = is(Some(tree), "const") && !is(trees.get(index + 1), "fn");
        let ends = |it: &&TokenTree| match it {
            TokenTree::Punct(mark) => is_const && mark.as_char() == ';',
            it => !is_const && is_block(it),
        };
        if !is_const && !is(Some(tree), "fn") {
            continue;
        }
        let Some(body) = trees[index + 1..].iter().find(ends) else {
            continue;
        };
        let mut words = BTreeSet::new();
        note_words(body.clone().into(), &mut words);
        found.push(Function {
            name: name.to_string(),
            lines: (tree.span().start().line, body.span().end().line),
            rule: family.map(|family| format!("{family}::{name}")),
            words,
        });
    }
}

/// The crate of a file of the suite.
fn crate_of(file: &str) -> &'static str {
    let crates = [
        ("conformance/engine/", "anyrt_conformance_engine"),
        ("conformance/structured/", "anyrt_conformance_structured"),
        ("conformance/net/", "anyrt_conformance_net"),
    ];
    let found = crates.iter().find(|(folder, _)| file.starts_with(folder));
    found.map_or("anyrt_conformance", |(_, name)| name)
}

fn note_words(tokens: TokenStream, words: &mut BTreeSet<String>) {
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => note_words(group.stream(), words),
            TokenTree::Ident(word) => _ = words.insert(word.to_string()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Where the marked copy lives.
pub fn folder() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target
        .unwrap_or_else(|| workspace::root().join("target"))
        .join("tmp/asked")
}
