package import Bytes

/// Up to 64 pairs of whole numbers in as few bits as tell them apart, for what is sent often: written
/// and read several times as fast as varints, and shorter where numbers are large and close to each other.
///
///     signed varint   the least first number
///     signed varint   the least second number
///     1 byte          bits of a first number's difference, 0…64
///     1 byte          bits of a second number's
///     …               what the numbers of each pair are above the least ones, low bits first, without
///                     gaps, and then zero bits to a whole byte
package enum PackedPairs {
  package static let countMax = 64
  /// Bits that are within eight bytes wherever in their first byte they begin.
  private static let narrowWidthMax = 57

  /// The least of some numbers, and the bits of what the greatest one is above it.
  private struct Extent {
    var least: Int64
    var width: Int

    init(least: Int64, greatest: Int64) {
      self.least = least
      width = UInt64.bitWidth - UInt64(bitPattern: greatest &- least).leadingZeroBitCount
    }

    init(least: Int64, width: UInt8, at position: Int) throws(DecodingError) {
      guard width <= UInt64.bitWidth else {
        throw .invalidValue(at: position, what: "numbers of \(width) bits")
      }
      self.least = least
      self.width = Int(width)
    }

    var mask: UInt64 { width == UInt64.bitWidth ? .max : 1 &<< UInt64(width) &- 1 }
  }

  /// Writes 1…64 pairs.
  ///
  /// - Parameters:
  ///   - pairs: first and second numbers, alternating.
  ///   - writer: where they go.
  package static func encode(_ pairs: UnsafeBufferPointer<Int64>, into writer: inout ByteWriter) {
    let count = pairs.count / 2
    precondition((1...countMax).contains(count) && pairs.count % 2 == 0, "\(pairs.count) numbers")
    let (first, second) = unsafe extents(pairs)
    writer.writeSignedVarint(first.least)
    writer.writeSignedVarint(second.least)
    writer.write(UInt8(first.width))
    writer.write(UInt8(second.width))
    let width = first.width + second.width
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * countMax + 1) { words in
      // 64 pairs of 128 bits fill 128 words, after which one more is written, of nothing.
      var (next, filled) = (0, 0)
      var word: UInt64 = 0
      func put(_ bits: UInt64, _ width: Int) {
        word |= bits &<< UInt64(filled)
        // Without a jump that depends on the widths: a word is written until it is full.
        unsafe words[next] = word.littleEndian
        let rest = (bits &>> 1) &>> UInt64(63 &- filled)
        filled &+= width
        let isFull = filled &>> 6
        word = isFull == 1 ? rest : word
        next &+= isFull
        filled &= 63
      }
      func difference(_ index: Int, _ extent: Extent) -> UInt64 {
        UInt64(bitPattern: unsafe pairs[index] &- extent.least)
      }
      /// Of at most 64 bits.
      func pair(_ index: Int) -> UInt64 {
        difference(2 &* index, first)
          | difference(2 &* index &+ 1, second) &<< UInt64(first.width)
      }
      if width <= UInt64.bitWidth / 2 {
        for index in stride(from: 0, to: count - 1, by: 2) {
          put(pair(index) | pair(index &+ 1) &<< UInt64(width), 2 &* width)
        }
        if count % 2 == 1 { put(pair(count - 1), width) }
      } else if width <= UInt64.bitWidth {
        for index in 0..<count { put(pair(index), width) }
      } else {
        for index in 0..<count {
          put(difference(2 &* index, first), first.width)
          put(difference(2 &* index &+ 1, second), second.width)
        }
      }
      unsafe words[next] = word.littleEndian
      let bytes = UnsafeRawBufferPointer(words)
      unsafe writer.writeRaw(bytes[0..<byteCount(count, width: width)])
    }
  }

  /// Of the first numbers and of the second ones of at least one pair.
  private static func extents(
    _ pairs: UnsafeBufferPointer<Int64>
  ) -> (first: Extent, second: Extent) {
    // Four pairs at a time, of which the last four may have been looked at before.
    let bytes = UnsafeRawBufferPointer(pairs)
    let last = pairs.count - 8
    guard last >= 0 else {
      var least = unsafe SIMD2(pairs[0], pairs[1])
      var greatest = least
      for index in stride(from: 2, to: pairs.count, by: 2) {
        let pair = unsafe SIMD2(pairs[index], pairs[index + 1])
        least.replace(with: pair, where: pair .< least)
        greatest.replace(with: pair, where: pair .> greatest)
      }
      return (
        Extent(least: least[0], greatest: greatest[0]),
        Extent(least: least[1], greatest: greatest[1])
      )
    }
    var least = unsafe bytes.loadUnaligned(as: SIMD8<Int64>.self)
    var greatest = least
    for index in stride(from: 0, to: pairs.count, by: 8) {
      let four = unsafe bytes.loadUnaligned(
        fromByteOffset: min(index, last) &* 8,
        as: SIMD8<Int64>.self
      )
      least.replace(with: four, where: four .< least)
      greatest.replace(with: four, where: four .> greatest)
    }
    return (
      Extent(least: least.evenHalf.min(), greatest: greatest.evenHalf.max()),
      Extent(least: least.oddHalf.min(), greatest: greatest.oddHalf.max())
    )
  }

  /// Reads 1…64 pairs.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - target: where they go, first and second numbers alternating.
  ///   - bytes: that they are in.
  ///   - position: of the first byte; is moved behind the last one.
  /// - Throws: when the bytes end early or are no pairs.
  package static func decode(
    _ count: Int,
    into target: UnsafeMutablePointer<Int64>,
    from bytes: UnsafeRawBufferPointer,
    at position: inout Int
  ) throws(DecodingError) {
    precondition((1...countMax).contains(count), "\(count) pairs")
    let leasts = unsafe try (
      readSignedVarint(bytes, at: &position), readSignedVarint(bytes, at: &position)
    )
    guard position + 2 <= bytes.count else {
      throw .truncated(at: position, needed: 2, available: bytes.count - position)
    }
    let first = try Extent(least: leasts.0, width: unsafe bytes[position], at: position)
    let second = try Extent(least: leasts.1, width: unsafe bytes[position + 1], at: position + 1)
    position += 2
    let width = first.width + second.width
    let byteCount = byteCount(count, width: width)
    guard byteCount <= bytes.count - position else {
      throw .truncated(at: position, needed: byteCount, available: bytes.count - position)
    }
    let packed = unsafe UnsafeRawBufferPointer(rebasing: bytes[position...])
    position += byteCount
    if width <= narrowWidthMax && byteCount + 8 <= packed.count {
      return unsafe decodeNarrow(count, first, second, packed, target)
    }
    // Copied to where there are bytes behind the last one: a number may look at the word after its own.
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * countMax + 2) { words in
      unsafe words.initialize(repeating: 0)
      unsafe UnsafeMutableRawBufferPointer(words).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: packed[..<byteCount])
      )
      if width <= narrowWidthMax {
        return unsafe decodeNarrow(count, first, second, UnsafeRawBufferPointer(words), target)
      }
      func number(_ extent: Extent, at bit: Int) -> Int64 {
        let (word, shift) = (bit &>> 6, UInt64(bit & 63))
        var difference = unsafe words[word].littleEndian &>> shift
        if shift > 0 { unsafe difference |= words[word &+ 1].littleEndian &<< (64 &- shift) }
        return extent.least &+ Int64(bitPattern: difference & extent.mask)
      }
      for index in 0..<count {
        let bit = index &* width
        unsafe target[2 &* index] = number(first, at: bit)
        unsafe target[2 &* index &+ 1] = number(second, at: bit &+ first.width)
      }
    }
  }

  /// Each pair lies in the eight bytes from its first one on, all of which are there.
  @inline(__always)
  private static func decodeNarrow(
    _ count: Int,
    _ first: Extent,
    _ second: Extent,
    _ packed: UnsafeRawBufferPointer,
    _ target: UnsafeMutablePointer<Int64>
  ) {
    guard let start = packed.baseAddress else { return }
    let (firstMask, secondMask) = (first.mask, second.mask)
    let firstWidth = UInt64(first.width)
    let width = first.width &+ second.width
    var bit = 0
    var next = unsafe target
    for _ in 0..<count {
      let eight = unsafe (start + bit &>> 3).loadUnaligned(as: UInt64.self)
      let pair = eight.littleEndian &>> UInt64(bit & 7)
      unsafe next[0] = first.least &+ Int64(bitPattern: pair & firstMask)
      unsafe next[1] = second.least &+ Int64(bitPattern: pair &>> firstWidth & secondMask)
      bit &+= width
      unsafe next += 2
    }
  }

  private static func readSignedVarint(
    _ bytes: UnsafeRawBufferPointer,
    at position: inout Int
  ) throws(DecodingError) -> Int64 {
    let start = position
    var varint = Varint()
    while position < bytes.count {
      let isLast = try varint.take(unsafe bytes[position], from: start)
      position += 1
      guard isLast else { continue }
      return Int64(bitPattern: varint.value >> 1) ^ -Int64(bitPattern: varint.value & 1)
    }
    throw .truncated(at: position, needed: 1, available: 0)
  }

  private static func byteCount(_ count: Int, width: Int) -> Int { (count * width + 7) / 8 }
}
