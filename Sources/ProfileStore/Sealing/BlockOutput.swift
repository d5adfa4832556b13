import Bytes

/// The bytes of a block that is being written: a description of the shape, and the buffers.
///
/// Buffers lie in the order in which the description speaks of them, those that only readers of whole
/// profiles need behind all others: so the pages of what evaluations go through hold nothing else.
struct BlockOutput {
  private(set) var description = ByteWriter()
  private let buffers = OutputBuffer()
  /// Behind the others.
  private let lastBuffers = OutputBuffer()

  mutating func removeAll() {
    description.bytes.removeAll(keepingCapacity: true)
    buffers.removeAll()
    lastBuffers.removeAll()
  }

  /// The block: byte counts of the description and of the first buffers, description, buffers; all
  /// padded to `multiple`.
  func block(paddedTo multiple: Int) -> [UInt8] {
    let byteCount = description.count + buffers.count + lastBuffers.count
    var block = ByteWriter(capacity: byteCount + 2 * multiple)
    block.write(UInt64(description.count))
    block.write(UInt64(buffers.count))
    block.bytes.append(contentsOf: description.bytes)
    block.writeRaw(repeatElement(0, count: ColumnFormat.aligned(block.count) - block.count))
    unsafe block.bytes.append(contentsOf: buffers.bytes)
    unsafe block.bytes.append(contentsOf: lastBuffers.bytes)
    let excess = block.count % multiple
    if excess > 0 { block.writeRaw(repeatElement(0, count: multiple - excess)) }
    return block.bytes
  }

  mutating func write(byte: UInt8) { description.write(byte) }

  mutating func write(count: Int) { description.writeVarint(count) }

  mutating func write(signed value: Int64) { description.writeSignedVarint(value) }

  /// Writes the least width that holds all numbers, and the numbers.
  mutating func write(numbers: UnsafeBufferPointer<UInt64>, _ place: ColumnFormat.Place = .first) {
    var bits: UInt64 = 0
    for index in 0..<numbers.count { unsafe bits |= numbers[index] }
    unsafe write(numbers: numbers, width: PackedNumbers.width(of: bits), less: 0, place)
  }

  mutating func write(numbers: [UInt64], _ place: ColumnFormat.Place = .first) {
    unsafe numbers.withUnsafeBufferPointer { unsafe write(numbers: $0, place) }
  }

  /// Writes integers as the least of them and what each is more.
  mutating func write(integers: UnsafeBufferPointer<Int64>) {
    var least = Int64.max
    var largest = Int64.min
    for index in 0..<integers.count {
      unsafe least = min(least, integers[index])
      unsafe largest = max(largest, integers[index])
    }
    if integers.isEmpty { (least, largest) = (0, 0) }
    description.writeSignedVarint(least)
    let raw = UnsafeRawBufferPointer(integers)
    let width = PackedNumbers.width(of: UInt64(bitPattern: largest &- least))
    unsafe write(
      numbers: raw.bindMemory(to: UInt64.self),
      width: width,
      less: UInt64(bitPattern: least),
      .first
    )
  }

  private mutating func write(
    numbers: UnsafeBufferPointer<UInt64>,
    width: Int,
    less base: UInt64,
    _ place: ColumnFormat.Place
  ) {
    let buffers = place == .first ? buffers : lastBuffers
    description.write(UInt8(truncatingIfNeeded: width))
    let place = unsafe buffers.extend(numbers.count * width)
    switch width {
    case 1: unsafe BlockOutput.pack(numbers, base, UInt8.self, to: place)
    case 2: unsafe BlockOutput.pack(numbers, base, UInt16.self, to: place)
    case 4: unsafe BlockOutput.pack(numbers, base, UInt32.self, to: place)
    default: unsafe BlockOutput.pack(numbers, base, UInt64.self, to: place)
    }
    buffers.pad(to: ColumnFormat.alignment)
  }

  @inline(__always)
  private static func pack<Number: FixedWidthInteger & UnsignedInteger>(
    _ numbers: UnsafeBufferPointer<UInt64>,
    _ base: UInt64,
    _ type: Number.Type,
    to place: UnsafeMutableRawPointer
  ) {
    // Buffers begin at multiples of eight, so numbers are aligned.
    let target = unsafe place.assumingMemoryBound(to: Number.self)
    for index in 0..<numbers.count {
      unsafe target[index] = Number(truncatingIfNeeded: numbers[index] &- base)
    }
  }

  /// Writes `count` bits, of which those of ascending rows are set.
  mutating func write(bits rows: UnsafeBufferPointer<UInt32>, _ count: Int) {
    let wordCount = (count + 63) / 64
    let place = unsafe buffers.extend(8 * wordCount).assumingMemoryBound(to: UInt64.self)
    for word in 0..<wordCount { unsafe place[word] = 0 }
    for index in 0..<rows.count {
      let row = unsafe rows[index]
      unsafe place[Int(row >> 6)] |= 1 << UInt64(row & 63)
    }
  }

  /// Writes a bit for each number, whether it is not zero.
  mutating func write(bits numbers: UnsafeBufferPointer<UInt64>) {
    let wordCount = (numbers.count + 63) / 64
    let place = unsafe buffers.extend(8 * wordCount).assumingMemoryBound(to: UInt64.self)
    for word in 0..<wordCount { unsafe place[word] = 0 }
    for index in 0..<numbers.count where unsafe numbers[index] != 0 {
      unsafe place[index >> 6] |= 1 << UInt64(index & 63)
    }
  }

  /// Writes eight bytes of each number.
  mutating func write(words numbers: UnsafeBufferPointer<UInt64>) {
    unsafe buffers.append(UnsafeRawBufferPointer(numbers))
  }

  /// Writes the bytes of texts behind the others; more of the same may follow until `endTexts`.
  mutating func append(text bytes: UnsafeRawBufferPointer) { unsafe lastBuffers.append(bytes) }

  mutating func endTexts() { lastBuffers.pad(to: ColumnFormat.alignment) }
}
