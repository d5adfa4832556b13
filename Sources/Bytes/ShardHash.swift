/// The hash that decides a profile's shard; fixed for ever, since stored data depends on it.
///
/// FNV-1a over the bytes, then the 64-bit finaliser of MurmurHash3, which spreads the entropy to
/// the low bits that `mod shardCount` looks at. Sources: RFC 9923 (FNV-1a, offset basis and prime);
/// A. Appleby, MurmurHash3 (public domain).
@inlinable public func shardHash(_ bytes: some Sequence<UInt8>) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  return mixed(hash)
}

/// MurmurHash3's 64-bit finaliser: a bijection in which every input bit changes half the output bits.
@inlinable public func mixed(_ value: UInt64) -> UInt64 {
  var hash = value
  hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
  hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
  return hash ^ (hash >> 33)
}
