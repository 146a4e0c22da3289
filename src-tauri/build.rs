//! Makes a permission of each command, so that the window may call nothing that its capability does not name.

mod names {
    include!("src/command_names.rs");
}

fn main() {
    // The pages are compiled in; Cargo does not see them otherwise.
    println!("cargo:rerun-if-changed=../ui/dist");
    println!("cargo:rerun-if-changed=src/command_names.rs");
    let manifest = tauri_build::AppManifest::new().commands(names::COMMAND_NAMES);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}
