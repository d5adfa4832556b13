/// Kernels that list rows of a table and say whose they are. Shapes are checked by the callers.

/// Lists the set bits.
///
/// Up to 8 numbers behind the last one may be written.
///
/// - Returns: how many there are.
func list(
  _ words: UnsafePointer<UInt64>,
  wordCount: Int,
  into rows: UnsafeMutablePointer<UInt32>
) -> Int {
  let bitsOfBytes = unsafe BitsOfBytes.table
  var count = 0
  for word in 0..<wordCount {
    unsafe list(words[word], from: word &* 64, bitsOfBytes, into: rows + count)
    count &+= unsafe words[word].nonzeroBitCount
  }
  return count
}

/// Lists the set bits of one word, numbered from a number on.
@inline(__always)
private func list(
  _ word: UInt64,
  from first: Int,
  _ bitsOfBytes: UnsafePointer<SIMD8<UInt32>>,
  into rows: UnsafeMutablePointer<UInt32>
) {
  var rest = word
  var count = 0
  if rest.nonzeroBitCount < BitsOfBytes.countMin {
    while rest != 0 {
      unsafe rows[count] = UInt32(truncatingIfNeeded: first &+ rest.trailingZeroBitCount)
      count &+= 1
      rest &= rest &- 1
    }
    return
  }
  var base = SIMD8<UInt32>(repeating: UInt32(truncatingIfNeeded: first))
  for _ in 0..<8 {
    let byte = Int(truncatingIfNeeded: rest & 255)
    let own = unsafe bitsOfBytes[byte] &+ base
    unsafe UnsafeMutableRawPointer(rows + count).storeBytes(of: own, as: SIMD8<UInt32>.self)
    count &+= byte.nonzeroBitCount
    rest = rest &>> 8
    base = base &+ 8
  }
}

/// The set bits of every byte, ascending, then nothing of meaning.
private enum BitsOfBytes {
  /// Bits of a word from which on it is worth to look at whole bytes.
  static let countMin = 12

  nonisolated(unsafe) static let table: UnsafePointer<SIMD8<UInt32>> = {
    let table = UnsafeMutablePointer<SIMD8<UInt32>>.allocate(capacity: 256)
    for byte in 0..<256 {
      var bits = SIMD8<UInt32>.zero
      var next = 0
      for bit in 0..<8 where byte >> bit & 1 == 1 {
        bits[next] = UInt32(bit)
        next += 1
      }
      unsafe (table + byte).initialize(to: bits)
    }
    return unsafe UnsafePointer(table)
  }()
}

/// Writes where the rows of each profile begin, and behind the last one where they end.
///
/// - Parameters:
///   - profiles: by row, its profile, ascending.
///   - count: how many rows.
///   - profileCount: how many profiles.
///   - starts: room for one more.
func writeStarts(
  of profiles: UnsafePointer<UInt16>,
  count: Int,
  profileCount: Int,
  into starts: UnsafeMutablePointer<UInt32>
) {
  unsafe starts.update(repeating: 0, count: profileCount + 1)
  // Side by side, because rows of one profile follow each other and have to wait for each other.
  let half = count >> 1
  for row in 0..<half {
    unsafe starts[Int(profiles[row]) &+ 1] &+= 1
    unsafe starts[Int(profiles[row &+ half]) &+ 1] &+= 1
  }
  if count & 1 == 1 { unsafe starts[Int(profiles[count &- 1]) &+ 1] &+= 1 }
  var sum: UInt32 = 0
  for profile in 0...profileCount {
    unsafe sum &+= starts[profile]
    unsafe starts[profile] = sum
  }
}
