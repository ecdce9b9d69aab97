//! RustyDB storage.
