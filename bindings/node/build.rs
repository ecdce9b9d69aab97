fn main() {
    napi_build::setup();
    // Unloading the library while a thread that used it ends can crash the process.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
