#if arch(x86_64)
  private import _Builtin_intrinsics.intel
#endif

/// CRC-32C (Castagnoli) checksum, as in RFC 3720 appendix B.4.
///
/// - Parameters:
///   - bytes: what is summed.
///   - seed: the checksum of the bytes before, to go on from; 0 at the start.
/// - Returns: the checksum, final inversion included.
public func crc32c(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
  #if arch(x86_64)
    unsafe crc32cHardware(bytes, seed: seed)
  #else
    unsafe crc32cTable(bytes, seed: seed)
  #endif
}

public func crc32c(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
  unsafe bytes.withUnsafeBytes { unsafe crc32c($0, seed: seed) }
}

public func crc32c(_ bytes: ArraySlice<UInt8>, seed: UInt32 = 0) -> UInt32 {
  unsafe bytes.withUnsafeBytes { unsafe crc32c($0, seed: seed) }
}

#if arch(x86_64)
  private func crc32cHardware(_ bytes: UnsafeRawBufferPointer, seed: UInt32) -> UInt32 {
    var crc = UInt64(~seed)
    var offset = 0
    while offset + 8 <= bytes.count {
      crc = _mm_crc32_u64(crc, unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var narrow = UInt32(truncatingIfNeeded: crc)
    while offset < bytes.count {
      narrow = unsafe _mm_crc32_u8(narrow, bytes[offset])
      offset += 1
    }
    return ~narrow
  }
#endif

private let crc32cEntries: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
}

/// The same checksum by table, for processors without the instruction; tests hold one against the other.
package func crc32cTable(_ bytes: UnsafeRawBufferPointer, seed: UInt32) -> UInt32 {
  var crc = ~seed
  for index in bytes.indices {
    let byte = unsafe bytes[index]
    crc = (crc >> 8) ^ crc32cEntries[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
  }
  return ~crc
}
