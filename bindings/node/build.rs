fn main() {
    napi_build::setup();
    // Unloading the library when a worker thread ends would pull the code from under its threads.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
