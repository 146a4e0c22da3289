//! Chance from a seed: the same question always gets the same answer, on every machine and in every release.
//! A library's generator could change its stream; a world printed in a test must not.

/// A well-mixed number for a question: `seed`, what is asked (`salt`), about whom (`index`).
pub(crate) fn pick(seed: u64, salt: u64, index: u64) -> u64 {
    mix(mix(mix(seed) ^ salt.wrapping_mul(0xd6e8_feb8_6659_fd93)) ^ index)
}

fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
