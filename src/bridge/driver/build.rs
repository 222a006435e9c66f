// Writes the header and the source of the bridge to <target>/cxxbridge. CMake compiles them with the
// room, so that they are built with the flags of the program.
fn main() {
    let _ = cxx_build::bridge("src/lib.rs");
    println!("cargo:rerun-if-changed=src/lib.rs");
}
