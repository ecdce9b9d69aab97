{
  # The kernels addon: the C++ of native/simd over typed arrays. gyp has no flags for single files,
  # so each level is a static library of its own. The flags are those of native/simd/build.rs.
  "target_defaults": {
    "cflags_cc": ["-std=c++17", "-O3", "-fno-threadsafe-statics", "-Wno-unused-function"],
    "include_dirs": ["native/simd/cpp"]
  },
  "targets": [
    {
      "target_name": "rustydb_simd_dispatch",
      "type": "static_library",
      "sources": ["native/simd/cpp/dispatch.cpp"]
    },
    {
      "target_name": "rustydb_simd_scalar",
      "type": "static_library",
      "sources": ["native/simd/cpp/scalar.cpp"]
    },
    {
      "target_name": "rustydb_simd_sse42",
      "type": "static_library",
      "sources": ["native/simd/cpp/sse42.cpp"],
      "conditions": [["target_arch=='x64'", { "cflags_cc": ["-msse4.2", "-mpopcnt"] }]]
    },
    {
      "target_name": "rustydb_simd_avx2",
      "type": "static_library",
      "sources": ["native/simd/cpp/avx2.cpp"],
      "conditions": [
        ["target_arch=='x64'", { "cflags_cc": ["-mavx2", "-mbmi", "-mbmi2", "-mfma", "-mpopcnt"] }]
      ]
    },
    {
      "target_name": "rustydb_simd_avx512",
      "type": "static_library",
      "sources": ["native/simd/cpp/avx512.cpp"],
      "conditions": [
        [
          "target_arch=='x64'",
          {
            "cflags_cc": [
              "-mavx512f",
              "-mavx512bw",
              "-mavx512vl",
              "-mavx512dq",
              "-mbmi",
              "-mbmi2",
              "-mpopcnt",
              "-mprefer-vector-width=512",
              "-Wno-uninitialized",
              "-Wno-maybe-uninitialized"
            ]
          }
        ]
      ]
    },
    {
      "target_name": "rustydb_simd",
      "sources": ["bindings/simd/src/addon.cc"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_CPP_EXCEPTIONS"],
      "cflags_cc": ["-fexceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
      "ldflags": ["-Wl,-z,nodelete"],
      "dependencies": [
        "rustydb_simd_dispatch",
        "rustydb_simd_scalar",
        "rustydb_simd_sse42",
        "rustydb_simd_avx2",
        "rustydb_simd_avx512"
      ]
    },
    {
      "target_name": "place",
      "type": "none",
      "dependencies": ["rustydb_simd"],
      "copies": [
        { "files": ["<(PRODUCT_DIR)/rustydb_simd.node"], "destination": "bindings/simd" }
      ]
    }
  ]
}
