//! Compiles each level's file with its own instruction set.

fn main() {
    println!("cargo::rerun-if-changed=cpp");
    let x86 = std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "x86_64");
    // The dispatcher comes first: archives are linked from left to right.
    compile("dispatch", &[]);
    compile("scalar", &[]);
    compile("sse42", if x86 { &["-msse4.2", "-mpopcnt"] } else { &[] });
    compile(
        "avx2",
        if x86 {
            &["-mavx2", "-mbmi", "-mbmi2", "-mfma", "-mpopcnt"]
        } else {
            &[]
        },
    );
    let avx512 = [
        "-mavx512f",
        "-mavx512bw",
        "-mavx512vl",
        "-mavx512dq",
        "-mbmi",
        "-mbmi2",
        "-mpopcnt",
        "-mprefer-vector-width=512",
        // gcc 12 warns falsely about its own header.
        "-Wno-uninitialized",
        "-Wno-maybe-uninitialized",
    ];
    compile("avx512", if x86 { &avx512 } else { &[] });
}

fn compile(name: &str, flags: &[&str]) {
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .std("c++17")
        .opt_level(3)
        .cpp_link_stdlib(None);
    for flag in [
        "-fno-exceptions",
        "-fno-rtti",
        "-fno-threadsafe-statics",
        "-Wno-unused-function",
    ] {
        build.flag_if_supported(flag);
    }
    for flag in flags {
        build.flag(flag);
    }
    build
        .file(format!("cpp/{name}.cpp"))
        .compile(&format!("rustydb_simd_{name}"));
}
