//! MD5 (RFC 1321) and SHA-2 (FIPS 180-4), for the functions of those names.

/// The padded message: a one bit, zeroes, and the length in bits.
fn padded(message: &[u8], block: usize, big_endian: bool) -> Vec<u8> {
    let length_size = block / 8;
    let mut out = message.to_vec();
    out.push(0x80);
    while out.len() % block != block - length_size {
        out.push(0);
    }
    let bits = message.len() as u128 * 8;
    if big_endian {
        out.extend_from_slice(&bits.to_be_bytes()[16 - length_size..]);
    } else {
        out.extend_from_slice(&bits.to_le_bytes()[..length_size]);
    }
    out
}

/// Rounds' rotations, four to a quarter.
const MD5_SHIFTS: [[u32; 4]; 4] = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
];

pub fn md5(message: &[u8]) -> [u8; 16] {
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded(message, 64, false).chunks_exact(64) {
        let words: Vec<u32> = block
            .chunks_exact(4)
            .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
            .collect();
        let [mut a, mut b, mut c, mut d] = state;
        for i in 0..64usize {
            let (mix, word) = match i / 16 {
                0 => ((b & c) | (!b & d), i),
                1 => ((d & b) | (!d & c), (5 * i + 1) % 16),
                2 => (b ^ c ^ d, (3 * i + 5) % 16),
                _ => (c ^ (b | !d), (7 * i) % 16),
            };
            // The constants are the sines of 1, 2, ... in fixed point.
            let constant = (((i + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
            let sum = a
                .wrapping_add(mix)
                .wrapping_add(constant)
                .wrapping_add(words[word]);
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(MD5_SHIFTS[i / 16][i % 4]));
        }
        for (slot, add) in state.iter_mut().zip([a, b, c, d]) {
            *slot = slot.wrapping_add(add);
        }
    }
    let mut out = [0; 16];
    for (to, word) in out.chunks_exact_mut(4).zip(state) {
        to.copy_from_slice(&word.to_le_bytes());
    }
    out
}

/// The first `count` primes.
fn primes(count: usize) -> Vec<u64> {
    (2u64..)
        .filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0))
        .take(count)
        .collect()
}

/// The first 64 bits of the fractional part of the `root`-th root of `n`, by bisection.
fn root_fraction(n: u64, root: u32) -> u64 {
    // Find the largest r with (r / 2^64)^root <= n, in integers of 64 fractional bits.
    let (mut low, mut high) = (0u128, 32u128 << 64);
    while high - low > 1 {
        let middle = (low + high) / 2;
        if power_fits(middle, root, n) {
            low = middle
        } else {
            high = middle
        }
    }
    low as u64
}

/// Whether `(r / 2^64)^root <= n`, exactly.
fn power_fits(r: u128, root: u32, n: u64) -> bool {
    use num_bigint::BigUint;
    BigUint::from(r).pow(root) <= BigUint::from(n) << (64 * root)
}

/// Round constants and initial values, derived once as the standard derives them.
struct Constants {
    rounds: Vec<u64>,
    square_roots: Vec<u64>,
}

fn constants() -> &'static Constants {
    static CONSTANTS: std::sync::OnceLock<Constants> = std::sync::OnceLock::new();
    CONSTANTS.get_or_init(|| Constants {
        rounds: primes(80)
            .into_iter()
            .map(|prime| root_fraction(prime, 3))
            .collect(),
        square_roots: primes(16)
            .into_iter()
            .map(|prime| root_fraction(prime, 2))
            .collect(),
    })
}

fn sha256_from(message: &[u8], mut state: [u32; 8]) -> [u8; 32] {
    let rounds = &constants().rounds;
    for block in padded(message, 64, true).chunks_exact(64) {
        let mut w = [0u32; 64];
        for (slot, word) in w.iter_mut().zip(block.chunks_exact(4)) {
            *slot = u32::from_be_bytes([word[0], word[1], word[2], word[3]]);
        }
        for i in 16..64 {
            let (x, y) = (w[i - 15], w[i - 2]);
            let s0 = x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3);
            let s1 = y.rotate_right(17) ^ y.rotate_right(19) ^ (y >> 10);
            w[i] = w[i - 16]
                .wrapping_add(s0)
                .wrapping_add(w[i - 7])
                .wrapping_add(s1);
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
        for i in 0..64 {
            let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = (e & f) ^ (!e & g);
            let constant = (rounds[i] >> 32) as u32;
            let t1 = h
                .wrapping_add(s1)
                .wrapping_add(choice)
                .wrapping_add(constant)
                .wrapping_add(w[i]);
            let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e) = (g, f, e, d.wrapping_add(t1));
            (d, c, b, a) = (c, b, a, t1.wrapping_add(t2));
        }
        for (slot, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *slot = slot.wrapping_add(add);
        }
    }
    let mut out = [0; 32];
    for (to, word) in out.chunks_exact_mut(4).zip(state) {
        to.copy_from_slice(&word.to_be_bytes());
    }
    out
}

fn sha512_from(message: &[u8], mut state: [u64; 8]) -> [u8; 64] {
    let rounds = &constants().rounds;
    for block in padded(message, 128, true).chunks_exact(128) {
        let mut w = [0u64; 80];
        for (slot, word) in w.iter_mut().zip(block.chunks_exact(8)) {
            *slot = word.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
        }
        for i in 16..80 {
            let (x, y) = (w[i - 15], w[i - 2]);
            let s0 = x.rotate_right(1) ^ x.rotate_right(8) ^ (x >> 7);
            let s1 = y.rotate_right(19) ^ y.rotate_right(61) ^ (y >> 6);
            w[i] = w[i - 16]
                .wrapping_add(s0)
                .wrapping_add(w[i - 7])
                .wrapping_add(s1);
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
        for i in 0..80 {
            let s1 = e.rotate_right(14) ^ e.rotate_right(18) ^ e.rotate_right(41);
            let choice = (e & f) ^ (!e & g);
            let t1 = h
                .wrapping_add(s1)
                .wrapping_add(choice)
                .wrapping_add(rounds[i])
                .wrapping_add(w[i]);
            let s0 = a.rotate_right(28) ^ a.rotate_right(34) ^ a.rotate_right(39);
            let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e) = (g, f, e, d.wrapping_add(t1));
            (d, c, b, a) = (c, b, a, t1.wrapping_add(t2));
        }
        for (slot, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *slot = slot.wrapping_add(add);
        }
    }
    let mut out = [0; 64];
    for (to, word) in out.chunks_exact_mut(8).zip(state) {
        to.copy_from_slice(&word.to_be_bytes());
    }
    out
}

fn roots<const N: usize>(from: usize) -> [u64; N] {
    std::array::from_fn(|at| constants().square_roots[from + at])
}

pub fn sha256(message: &[u8]) -> Vec<u8> {
    sha256_from(message, roots::<8>(0).map(|root| (root >> 32) as u32)).to_vec()
}

/// Starts from the second halves of the ninth to sixteenth primes' roots.
pub fn sha224(message: &[u8]) -> Vec<u8> {
    sha256_from(message, roots::<8>(8).map(|root| root as u32))[..28].to_vec()
}

pub fn sha512(message: &[u8]) -> Vec<u8> {
    sha512_from(message, roots(0)).to_vec()
}

pub fn sha384(message: &[u8]) -> Vec<u8> {
    sha512_from(message, roots(8))[..48].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_are_the_standards() {
        assert_eq!(hex(&md5(b"abc")), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(
            hex(&sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            hex(&sha224(b"abc")),
            "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"
        );
        assert!(hex(&sha512(b"abc")).starts_with("ddaf35a193617abacc417349ae204131"));
        assert!(hex(&sha384(b"abc")).starts_with("cb00753f45a35e8bb5a03d699ac65007"));
    }
}
