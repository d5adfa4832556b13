package import Bytes

/// Up to 64 whole numbers in as few bits as tell them apart, for what is sent often: written and read
/// several times as fast as varints, and shorter where numbers are large and close to each other.
///
///     signed varint   the least number
///     1 byte          bits of a difference, 0…64
///     …               what each number is above the least, low bits first, without gaps, and then
///                     zero bits to a whole byte
package enum PackedNumbers {
  package static let countMax = 64
  /// Bits that are within eight bytes wherever in their first byte they begin.
  private static let narrowWidthMax = 57

  /// Writes 1…64 numbers.
  package static func encode(_ numbers: Span<Int64>, into writer: inout ByteWriter) {
    let count = numbers.count
    precondition((1...countMax).contains(count), "\(count) numbers")
    var (least, greatest) = (numbers[0], numbers[0])
    for index in 1..<count {
      least = min(least, numbers[index])
      greatest = max(greatest, numbers[index])
    }
    let width = UInt64.bitWidth - UInt64(bitPattern: greatest &- least).leadingZeroBitCount
    writer.writeSignedVarint(least)
    writer.write(UInt8(width))
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: countMax + 1) { words in
      // 64 numbers of 64 bits fill 64 words, after which one more is written, of nothing.
      var (next, filled) = (0, 0)
      var word: UInt64 = 0
      for index in 0..<count {
        let difference = UInt64(bitPattern: numbers[index] &- least)
        word |= difference &<< UInt64(filled)
        // Without a jump that depends on the widths: a word is written until it is full.
        unsafe words[next] = word.littleEndian
        let rest = (difference &>> 1) &>> UInt64(63 &- filled)
        filled &+= width
        let isFull = filled &>> 6
        word = isFull == 1 ? rest : word
        next &+= isFull
        filled &= 63
      }
      unsafe words[next] = word.littleEndian
      let bytes = UnsafeRawBufferPointer(words)
      unsafe writer.writeRaw(bytes[0..<byteCount(count, width: width)])
    }
  }

  /// Reads 1…64 numbers.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - target: where the first one goes.
  ///   - step: from one number's place to the next one's.
  ///   - bytes: that they are in.
  ///   - position: of the first byte; is moved behind the last one.
  /// - Throws: when the bytes end early or are no numbers.
  package static func decode(
    _ count: Int,
    into target: UnsafeMutablePointer<Int64>,
    step: Int,
    from bytes: UnsafeRawBufferPointer,
    at position: inout Int
  ) throws(DecodingError) {
    precondition((1...countMax).contains(count), "\(count) numbers")
    let least = unsafe try readSignedVarint(bytes, at: &position)
    guard position < bytes.count else {
      throw .truncated(at: position, needed: 1, available: 0)
    }
    let width = unsafe Int(bytes[position])
    guard width <= UInt64.bitWidth else {
      throw .invalidValue(at: position, what: "numbers of \(width) bits")
    }
    position += 1
    let byteCount = byteCount(count, width: width)
    guard byteCount <= bytes.count - position else {
      throw .truncated(at: position, needed: byteCount, available: bytes.count - position)
    }
    let packed = unsafe UnsafeRawBufferPointer(rebasing: bytes[position...])
    position += byteCount
    if width <= narrowWidthMax && byteCount + 8 <= packed.count {
      return unsafe decodeNarrow(count, width: width, least, packed, target, step)
    }
    // Copied to where there are bytes behind the last one: a number may look at the word after its own.
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: countMax + 2) { words in
      unsafe words.initialize(repeating: 0)
      unsafe UnsafeMutableRawBufferPointer(words).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: packed[..<byteCount])
      )
      if width <= narrowWidthMax {
        let bytes = UnsafeRawBufferPointer(words)
        return unsafe decodeNarrow(count, width: width, least, bytes, target, step)
      }
      let mask: UInt64 = width == UInt64.bitWidth ? .max : 1 &<< UInt64(width) &- 1
      for index in 0..<count {
        let bit = index &* width
        let (word, shift) = (bit &>> 6, UInt64(bit & 63))
        var difference = unsafe words[word].littleEndian &>> shift
        if shift > 0 { unsafe difference |= words[word &+ 1].littleEndian &<< (64 &- shift) }
        unsafe target[index &* step] = least &+ Int64(bitPattern: difference & mask)
      }
    }
  }

  /// Each number lies in the eight bytes from its first one on, all of which are there.
  @inline(__always)
  private static func decodeNarrow(
    _ count: Int,
    width: Int,
    _ least: Int64,
    _ packed: UnsafeRawBufferPointer,
    _ target: UnsafeMutablePointer<Int64>,
    _ step: Int
  ) {
    guard let start = packed.baseAddress else { return }
    let mask: UInt64 = 1 &<< UInt64(width) &- 1
    var bit = 0
    var next = unsafe target
    for _ in 0..<count {
      let eight = unsafe (start + bit &>> 3).loadUnaligned(as: UInt64.self)
      let difference = (eight.littleEndian &>> UInt64(bit & 7)) & mask
      unsafe next.pointee = least &+ Int64(bitPattern: difference)
      bit &+= width
      unsafe next += step
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
