import Bytes

/// Numbers for field names, given in the order they come up.
///
/// Open addressing over the names' bytes, so that a name that is known costs no allocation. Names
/// can be data (the keys of maps), so the owner empties the table when it has grown too far.
struct NameTable {
  private(set) var count = 0
  /// Changes whenever numbers given before are void.
  private(set) var generation = 0

  private var bytes: [UInt8] = []
  /// Name `i` lies in `bytes[ends[i]..<ends[i + 1]]`.
  private var ends: [Int] = [0]
  private var hashes: [UInt64] = []
  /// Name numbers plus 1, 0 where free; the count is a power of two, at most half in use.
  private var slots = [Int32](repeating: 0, count: 256)

  /// Bytes that the table takes up, roughly.
  var byteCount: Int { bytes.count + 24 * count }

  func range(_ number: Int32) -> Range<Int> { ends[Int(number)]..<ends[Int(number) + 1] }

  /// The UTF-8 of a name.
  func name(_ number: Int32) -> ArraySlice<UInt8> { bytes[range(number)] }

  func text(_ number: Int32) -> Text { Text(String(decoding: name(number), as: UTF8.self)) }

  mutating func removeAll() {
    count = 0
    generation += 1
    bytes.removeAll()
    ends = [0]
    hashes.removeAll()
    slots = [Int32](repeating: 0, count: 256)
  }

  mutating func number(_ text: Text) -> Int32 {
    let utf8 = Array(text.utf8)
    return unsafe utf8.withUnsafeBufferPointer { unsafe number($0) }
  }

  /// The number of a name of valid UTF-8.
  mutating func number(_ name: UnsafeBufferPointer<UInt8>) -> Int32 {
    let hash = unsafe NameTable.hash(name)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
    while slots[slot] != 0 {
      let number = slots[slot] &- 1
      if hashes[Int(number)] == hash, unsafe matches(number, name) { return number }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    if 2 * (count + 1) > slots.count {
      grow()
      slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    }
    unsafe bytes.append(contentsOf: name)
    ends.append(bytes.count)
    hashes.append(hash)
    count += 1
    slots[slot] = Int32(count)
    return Int32(count - 1)
  }

  private func matches(_ number: Int32, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = ends[Int(number)]
    guard ends[Int(number) &+ 1] &- start == name.count else { return false }
    var index = 0
    while index < name.count {
      guard unsafe bytes[start &+ index] == name[index] else { return false }
      index &+= 1
    }
    return true
  }

  private mutating func grow() {
    slots = [Int32](repeating: 0, count: 2 * slots.count)
    for number in 0..<count {
      var slot = Int(truncatingIfNeeded: hashes[number]) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number + 1)
    }
  }

  /// Eight bytes a step; good enough to spread names, and the names are compared anyway.
  private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let raw = UnsafeRawBufferPointer(name)
    var hash = UInt64(truncatingIfNeeded: name.count) &* 0x9E37_79B9_7F4A_7C15
    var index = 0
    while index &+ 8 <= name.count {
      hash ^= unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      hash = mixed(hash)
      index &+= 8
    }
    var rest: UInt64 = 0
    while index < name.count {
      rest = unsafe (rest << 8) | UInt64(raw[index])
      index &+= 1
    }
    return mixed(hash ^ rest)
  }
}
