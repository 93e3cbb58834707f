//! Writes the JavaScript beside a wasm module: `anyrt-wasm-bindgen nodejs|web MODULE.wasm FOLDER`.

use std::env;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [host, module, folder] = arguments.as_slice() else {
        eprintln!("usage: anyrt-wasm-bindgen nodejs|web MODULE.wasm FOLDER");
        return ExitCode::FAILURE;
    };
    match write(host, module, folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write(host: &str, module: &str, folder: &str) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    match host {
        "nodejs" => bindgen.nodejs(true),
        "web" => bindgen.web(true),
        _ => return Err(format!("`{host}` is neither `nodejs` nor `web`")),
    }
    .map_err(|error| format!("{error:#}"))?;
    bindgen
        .input_path(module)
        .typescript(false)
        .generate(folder)
        .map_err(|error| format!("{module}: {error:#}"))
}
