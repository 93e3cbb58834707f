//! Whether sibling adapters read alike: the same public types and the same implementations, in the same order.

use std::path::Path;

use quote::ToTokens;
use syn::{Item, Visibility};

/// The landmarks of a source file, in order: its public types, and which of core's traits they implement.
///
/// The type of the runtime's handle is called `Handle` here, whatever its name.
///
/// # Panics
///
/// When the file does not parse.
pub fn landmarks(text: &str, handle: &str) -> Vec<String> {
    let file = syn::parse_file(text).expect("the workspace's sources parse");
    let mut found = Vec::new();
    collect(file.items, handle, &mut found);
    found
}

fn collect(items: Vec<Item>, handle: &str, found: &mut Vec<String>) {
    let call = |name: String| {
        if name == handle {
            "Handle".to_owned()
        } else {
            name
        }
    };
    for item in items {
        match item {
            Item::Struct(item) if matches!(item.vis, Visibility::Public(_)) => {
                found.push(format!("struct {}", call(item.ident.to_string())));
            }
            Item::Enum(item) if matches!(item.vis, Visibility::Public(_)) => {
                found.push(format!("struct {}", call(item.ident.to_string())));
            }
            Item::Type(item) if matches!(item.vis, Visibility::Public(_)) => {
                found.push(format!("struct {}", call(item.ident.to_string())));
            }
            Item::Macro(item) if item.mac.path.is_ident("pin_project") => {
                if let Ok(file) = syn::parse2::<syn::File>(item.mac.tokens) {
                    collect(file.items, handle, found);
                }
            }
            Item::Impl(item) => {
                let Some((_, path, _)) = item.trait_ else {
                    continue;
                };
                let Some(name) = path
                    .segments
                    .last()
                    .map(|segment| segment.ident.to_string())
                else {
                    continue;
                };
                const SHARED: &[&str] = &[
                    "BlockOn",
                    "Current",
                    "Future",
                    "Launch",
                    "RawTask",
                    "Sleep",
                    "Spawn",
                    "SpawnBlocking",
                    "SpawnLocal",
                    "Timer",
                ];
                if SHARED.contains(&name.as_str()) {
                    let owner = item.self_ty.to_token_stream().to_string();
                    let owner = owner.split(' ').next().unwrap_or_default().to_owned();
                    found.push(format!("impl {name} for {}", call(owner)));
                }
            }
            _ => {}
        }
    }
}

/// The paths of the files in an adapter's `src`, from there.
pub fn file_names(folder: &Path) -> Vec<String> {
    let source = crate::workspace::root().join(folder);
    let mut names: Vec<_> = crate::workspace::files(folder, "rs")
        .iter()
        .filter_map(|path| path.strip_prefix(&source).ok())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
