//! LZ4 blocks (the block format, without a frame: the sizes are kept by the caller).

use common::{Error, Result};

/// The largest size that `len` bytes can take when compressed.
pub fn lz4_bound(len: usize) -> usize {
    lz4_flex::block::get_maximum_output_size(len)
}

/// Compresses `raw` into a new buffer; None when that would not save at least an eighth.
pub fn lz4_compress(raw: &[u8]) -> Option<Vec<u8>> {
    let mut block = vec![0; lz4_bound(raw.len())];
    let len = lz4_flex::block::compress_into(raw, &mut block).ok()?;
    if len > raw.len() - raw.len() / 8 {
        return None;
    }
    block.truncate(len);
    Some(block)
}

/// Appends the `raw_len` bytes that `block` holds to `out`. A block that holds fewer or more, or is
/// no LZ4 block, is an error and leaves `out` as it was.
pub fn lz4_decompress(block: &[u8], raw_len: usize, out: &mut Vec<u8>) -> Result<()> {
    // LZ4 expands by 255 at most: a wrong length must not reserve memory without end.
    if raw_len > block.len().saturating_mul(255) {
        return Err(Error::corrupted(
            "an LZ4 block is too short for its content",
        ));
    }
    let start = out.len();
    out.resize(start + raw_len, 0);
    match lz4_flex::block::decompress_into(block, &mut out[start..]) {
        Ok(len) if len == raw_len => Ok(()),
        Ok(_) => {
            out.truncate(start);
            Err(Error::corrupted(
                "an LZ4 block has another length than was kept",
            ))
        }
        Err(error) => {
            out.truncate(start);
            Err(Error::corrupted(format!("bad LZ4 block: {error}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_compressed_comes_back(raw in prop::collection::vec(0u8..4, 0..5000)) {
            if let Some(block) = lz4_compress(&raw) {
                let mut out = b"before".to_vec();
                lz4_decompress(&block, raw.len(), &mut out).expect("own block");
                prop_assert_eq!(&out[..6], b"before");
                prop_assert_eq!(&out[6..], raw);
            }
        }

        #[test]
        fn noise_is_an_error_and_never_a_panic(
            noise in prop::collection::vec(any::<u8>(), 0..300),
            raw_len in 0usize..100_000,
        ) {
            let mut out = Vec::new();
            if lz4_decompress(&noise, raw_len, &mut out).is_err() {
                prop_assert!(out.is_empty());
            } else {
                prop_assert_eq!(out.len(), raw_len);
            }
        }
    }

    #[test]
    fn text_shrinks_noise_is_refused_and_wrong_lengths_are_errors() {
        let text = b"the same words again and again, ".repeat(100);
        let block = lz4_compress(&text).expect("text shrinks");
        assert!(block.len() < text.len() / 8);
        for wrong in [text.len() - 1, text.len() + 1, usize::MAX] {
            assert!(lz4_decompress(&block, wrong, &mut Vec::new()).is_err());
        }
        let mut state = 1u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        };
        let noise: Vec<u8> = (0..1000).map(|_| next()).collect();
        assert_eq!(lz4_compress(&noise), None);
    }
}
