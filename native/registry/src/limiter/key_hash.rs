//! Names of clients as 128 bits: SipHash-2-4 with the 128-bit output of its authors (Aumasson and
//! Bernstein). The key is secret, so that nobody can choose names that fall on one another.

/// The secret that names are hashed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secret(pub [u64; 2]);

impl Secret {
    pub fn random() -> Self {
        Self([common::rt::random_u64(), common::rt::random_u64()])
    }
}

fn round(v: &mut [u64; 4]) {
    v[0] = v[0].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(13) ^ v[0];
    v[0] = v[0].rotate_left(32);
    v[2] = v[2].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(16) ^ v[2];
    v[0] = v[0].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(21) ^ v[0];
    v[2] = v[2].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(17) ^ v[2];
    v[2] = v[2].rotate_left(32);
}

/// The hash of `bytes`; never 0, which stands for no key.
pub fn key_hash(Secret([k0, k1]): Secret, bytes: &[u8]) -> u128 {
    let mut v = [
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d ^ 0xee,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ];
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    last[7] = bytes.len() as u8;
    for word in words.iter().chain([&last]) {
        let m = u64::from_le_bytes(*word);
        v[3] ^= m;
        round(&mut v);
        round(&mut v);
        v[0] ^= m;
    }
    v[2] ^= 0xee;
    let low = finish(&mut v);
    v[1] ^= 0xdd;
    let high = finish(&mut v);
    (u128::from(high) << 64 | u128::from(low)).max(1)
}

fn finish(v: &mut [u64; 4]) -> u64 {
    for _ in 0..4 {
        round(v);
    }
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the authors' `vectors.h`, key 00..0f, inputs of 0 and 1 bytes.
    #[test]
    fn it_is_siphash_2_4_of_128_bits() {
        let secret = Secret([0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908]);
        let expected = [
            [
                0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55,
                0x02, 0x93,
            ],
            [
                0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22,
                0xfc, 0x45,
            ],
        ];
        assert_eq!(key_hash(secret, &[]).to_le_bytes(), expected[0]);
        assert_eq!(key_hash(secret, &[0]).to_le_bytes(), expected[1]);
        assert_ne!(
            key_hash(secret, b"12345678"),
            key_hash(secret, b"12345678\0")
        );
    }
}
