import Bytes

/// Numbers for field names, given in the order they come up.
///
/// Open addressing over the names' bytes, so that a name that is known costs no allocation. Names
/// can be data (the keys of maps), so the owner empties the table when it has grown too far.
///
/// It also keeps which name came after which, since rows tend to name their fields in one order: the
/// guess is a comparison of bytes instead of a search.
@safe struct NameTable: ~Copyable {
  private(set) var count = 0
  /// Changes whenever numbers given before are void.
  private(set) var generation = 0

  /// The names one behind the other, 32 bytes more than are in use.
  private var bytes: UnsafeMutablePointer<UInt8>
  private var byteCapacity = 1 << 12
  private var usedByteCount = 0
  private var entries: UnsafeMutablePointer<Entry>
  private var capacity = 128
  /// Name numbers plus 1, 0 where free; the count is a power of two, at most half in use.
  private var slots = [Int32](repeating: 0, count: 256)
  /// What came first in a row.
  private var firstOfRow: Int32 = -1

  private struct Entry {
    var start: Int
    var count: Int
    var hash: UInt64
    /// The name that came last after this one, and first in its value.
    var following: Int32 = -1
    var inside: Int32 = -1
    /// Whether it stands in a JSON text as it is.
    var isPlain: Bool
  }

  /// Where a name was read, for guessing it the next time.
  struct Place {
    /// -1 before any name of a row.
    var name: Int32
    /// Inside that name's value rather than after it.
    var isInside: Bool
  }

  init() {
    unsafe bytes = .allocate(capacity: 1 << 12)
    unsafe entries = .allocate(capacity: 128)
  }

  deinit {
    unsafe bytes.deallocate()
    unsafe entries.deallocate()
  }

  /// Bytes that the table takes up, roughly.
  var byteCount: Int { usedByteCount + 24 * count }

  /// The UTF-8 of a name, until the next change.
  func name(_ number: Int32) -> UnsafeBufferPointer<UInt8> {
    let entry = unsafe entries[Int(number)]
    return unsafe UnsafeBufferPointer(start: bytes + entry.start, count: entry.count)
  }

  func text(_ number: Int32) -> Text {
    unsafe Text(String(decoding: name(number), as: UTF8.self))
  }

  /// An empty table whose numbers are known to be others.
  func successor() -> NameTable {
    var next = NameTable()
    next.generation = generation + 1
    return next
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
      let entry = unsafe entries[Int(number)]
      if entry.hash == hash, unsafe name.elementsEqual(self.name(number)) { return number }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    return unsafe add(name, hash)
  }

  /// The length of the guessed name if a text begins with it and a quote; -1 if not.
  ///
  /// 32 bytes of the text are readable.
  @inline(__always)
  func guessedLength(_ guess: Int32, at text: UnsafePointer<UInt8>) -> Int {
    guard guess >= 0 else { return -1 }
    let entry = unsafe entries + Int(guess)
    let length = unsafe entry.pointee.count
    guard unsafe entry.pointee.isPlain, unsafe text[length] == 0x22 else { return -1 }
    let equal = unsafe ByteLanes.equal(text, bytes + entry.pointee.start)
    let wanted: UInt32 = (1 &<< UInt32(truncatingIfNeeded: length)) &- 1
    return equal & wanted == wanted ? length : -1
  }

  /// The name that was read last at a place; -1 when there was none.
  @inline(__always)
  func guess(at place: Place) -> Int32 {
    guard place.name >= 0 else { return firstOfRow }
    let entry = unsafe entries + Int(place.name)
    return place.isInside ? unsafe entry.pointee.inside : unsafe entry.pointee.following
  }

  mutating func learn(_ name: Int32, at place: Place) {
    if place.name < 0 {
      firstOfRow = name
    } else if place.isInside {
      unsafe entries[Int(place.name)].inside = name
    } else {
      unsafe entries[Int(place.name)].following = name
    }
  }

  private mutating func add(_ name: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int32 {
    if count == capacity {
      let larger = UnsafeMutablePointer<Entry>.allocate(capacity: 2 * capacity)
      unsafe larger.update(from: entries, count: count)
      unsafe entries.deallocate()
      unsafe entries = larger
      capacity *= 2
    }
    if usedByteCount + name.count + 32 > byteCapacity {
      byteCapacity = 2 * byteCapacity + name.count
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: byteCapacity)
      unsafe larger.update(from: bytes, count: usedByteCount)
      unsafe bytes.deallocate()
      unsafe bytes = larger
    }
    if let start = name.baseAddress, name.count > 0 {
      unsafe (bytes + usedByteCount).update(from: start, count: name.count)
    }
    // Longer than a comparison of 32 bytes, or spelled with escapes: not guessed.
    let isPlain = unsafe name.count < 32 && !name.contains { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }
    unsafe entries[count] = Entry(
      start: usedByteCount,
      count: name.count,
      hash: hash,
      isPlain: isPlain
    )
    usedByteCount += name.count
    count += 1
    if 2 * count > slots.count {
      slots = [Int32](repeating: 0, count: 2 * slots.count)
      for number in 0..<count { place(Int32(number)) }
    } else {
      place(Int32(count - 1))
    }
    return Int32(count - 1)
  }

  private mutating func place(_ number: Int32) {
    let hash = unsafe entries[Int(number)].hash
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = number + 1
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
