//! The addon: thin exports over the engine.
