import Bytes
import Domain

/// The keys of a shard by ordinal while its columns are made: those of a file, and those added.
struct SealedKeys {
  private let known: KeySection?
  private let knownCount: Int
  private(set) var added: TextTable
  /// The bytes of `added` where they stay.
  private let heap = OutputBuffer()

  init(_ known: KeySection?, seed: UInt64) {
    self.known = known
    knownCount = known?.count ?? 0
    added = TextTable(seed: seed)
  }

  var count: Int { knownCount + added.count }

  /// The ordinal of a profile's key, which is added when it is new.
  mutating func ordinal(of key: UnsafeRawBufferPointer) throws(StoreError) -> Int {
    if let known, let ordinal = unsafe known.ordinal(ofKey: key) { return ordinal }
    guard knownCount + added.count < TextTable.countMax,
      let number = unsafe added.number(of: key)
    else { throw .tooLarge(what: "a shard's profiles", count: count, limit: TextTable.countMax) }
    return knownCount + number
  }

  /// Ends the adding; from now on `bytes` may be asked.
  func finish() {
    heap.removeAll()
    unsafe added.bytes.withUnsafeBytes { unsafe heap.append($0) }
  }

  /// The key of a profile; valid while this value lives.
  func bytes(_ ordinal: Int) -> UnsafeRawBufferPointer {
    if ordinal < knownCount, let known { return unsafe known.bytes(ordinal) }
    let start = added.starts[ordinal - knownCount]
    let end = added.starts[ordinal - knownCount + 1]
    return unsafe UnsafeRawBufferPointer(start: heap.pointer(at: start), count: end - start)
  }

  /// All ordinals in ascending order of their keys' bytes.
  func order() -> [UInt32] {
    var sorted = (0..<UInt32(added.count)).map { $0 + UInt32(knownCount) }
    unsafe KeySorter.sort(&sorted) { unsafe bytes(Int($0)) }
    guard let known else { return sorted }
    var merged: [UInt32] = []
    merged.reserveCapacity(count)
    var next = 0
    for position in 0..<knownCount {
      let ordinal = known.ordinal(at: position)
      while next < sorted.count,
        unsafe KeySorter.precedes(bytes(Int(sorted[next])), known.bytes(ordinal))
      {
        merged.append(sorted[next])
        next += 1
      }
      merged.append(UInt32(truncatingIfNeeded: ordinal))
    }
    merged.append(contentsOf: sorted[next...])
    return merged
  }
}

/// Sorts keys by their bytes, eight at a time.
enum KeySorter {
  private struct Entry {
    /// The eight bytes at hand, the first one highest; zeros behind the end.
    var word: UInt64
    var number: UInt32
  }

  /// Sorts numbers by the bytes of their keys.
  ///
  /// - Parameters:
  ///   - numbers: no two have the same key.
  ///   - key: the bytes of a number's key.
  static func sort(_ numbers: inout [UInt32], by key: (UInt32) -> UnsafeRawBufferPointer) {
    var entries = numbers.map { Entry(word: 0, number: $0) }
    unsafe sort(&entries, 0..<entries.count, from: 0, key)
    for index in entries.indices { numbers[index] = entries[index].number }
  }

  /// Sorts entries whose keys are alike before `offset`.
  private static func sort(
    _ entries: inout [Entry],
    _ range: Range<Int>,
    from offset: Int,
    _ key: (UInt32) -> UnsafeRawBufferPointer
  ) {
    var pending = [(range, offset)]
    while let (range, offset) = pending.popLast() {
      for index in range {
        entries[index].word = unsafe word(key(entries[index].number), at: offset)
      }
      if unsafe offset > longest(entries[range], key) {
        // Only zeros tell them apart: the shorter key comes first.
        entries[range].sort { unsafe precedes(key($0.number), key($1.number)) }
        continue
      }
      entries[range].sort { $0.word < $1.word }
      var start = range.lowerBound
      while start < range.upperBound {
        var end = start + 1
        while end < range.upperBound, entries[end].word == entries[start].word { end += 1 }
        if end - start > 1 { pending.append((start..<end, offset + 8)) }
        start = end
      }
    }
  }

  private static func longest(
    _ entries: ArraySlice<Entry>,
    _ key: (UInt32) -> UnsafeRawBufferPointer
  ) -> Int {
    entries.reduce(0) { max($0, unsafe key($1.number).count) }
  }

  private static func word(_ key: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
    if offset + 8 <= key.count {
      return unsafe UInt64(bigEndian: key.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    var word: UInt64 = 0
    for index in offset..<offset + 8 {
      word = unsafe word << 8 | (index < key.count ? UInt64(key[index]) : 0)
    }
    return word
  }

  /// Whether a key's bytes come before another's.
  static func precedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    let count = min(left.count, right.count)
    for index in 0..<count {
      let (own, other) = unsafe (left[index], right[index])
      if own != other { return own < other }
    }
    return left.count < right.count
  }
}
