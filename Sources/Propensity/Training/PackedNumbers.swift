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

  /// Reads 1…64 numbers to the front of an array.
  package static func decode(
    _ count: Int,
    into numbers: inout [Int64],
    from reader: inout ByteReader
  ) throws(DecodingError) {
    precondition((1...min(countMax, numbers.count)).contains(count), "\(count) numbers")
    let least = try reader.readSignedVarint()
    let at = reader.offset
    let width = Int(try reader.read(UInt8.self))
    guard width <= UInt64.bitWidth else {
      throw .invalidValue(at: at, what: "numbers of \(width) bits")
    }
    let packed = try reader.readRaw(byteCount(count, width: width))
    let mask: UInt64 = width == UInt64.bitWidth ? .max : 1 &<< UInt64(width) &- 1
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: countMax + 1) { words in
      // The last number may look at the word behind it, and there is one more than 64 numbers fill.
      let last = packed.count / 8
      unsafe words[last] = 0
      unsafe words[min(last + 1, countMax)] = 0
      unsafe packed.withUnsafeBytes {
        unsafe UnsafeMutableRawBufferPointer(words).copyMemory(from: $0)
      }
      var bit = 0
      if width <= narrowWidthMax {
        // A number lies in the eight bytes from its first one on.
        let bytes = UnsafeRawBufferPointer(words)
        unsafe numbers.withUnsafeMutableBufferPointer { numbers in
          for index in 0..<count {
            let eight = unsafe bytes.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self)
            let difference = (eight.littleEndian &>> UInt64(bit & 7)) & mask
            unsafe numbers[index] = least &+ Int64(bitPattern: difference)
            bit &+= width
          }
        }
        return
      }
      for index in 0..<count {
        let (word, shift) = (bit &>> 6, UInt64(bit & 63))
        var difference = unsafe words[word].littleEndian &>> shift
        if shift > 0 { unsafe difference |= words[word &+ 1].littleEndian &<< (64 &- shift) }
        numbers[index] = least &+ Int64(bitPattern: difference & mask)
        bit &+= width
      }
    }
  }

  private static func byteCount(_ count: Int, width: Int) -> Int { (count * width + 7) / 8 }
}
