import ProfileStore

/// Counts the events of each profile that fit some matches.
final class EventCounts {
  private let uses: EventUses
  /// Events by use that counts, then by the profile's place; a count above the largest number is as good as that.
  private let counts: Scratch<UInt16>

  init(_ uses: EventUses) {
    self.uses = uses
    counts = Scratch(count: max(1, uses.countingCount) * BlockVector.bitCount)
  }

  /// Adds the events of a table.
  func add(_ masks: UnsafePointer<UInt64>, _ slot: TableSlot, for word: [Int]) {
    let places = word.map { uses.uses[$0].place * BlockVector.bitCount }
    let counts = unsafe counts.pointer
    let profiles = unsafe slot.places.pointer
    unsafe places.withUnsafeBufferPointer { places in
      for row in 0..<slot.table.rowCount {
        var bits = unsafe masks[row]
        while bits != 0 {
          let place = unsafe places[bits.trailingZeroBitCount] &+ Int(profiles[row])
          unsafe counts[place] &+= counts[place] == .max ? 0 : 1
          bits &= bits &- 1
        }
      }
    }
  }

  /// Marks the profiles with enough events and forgets the counts.
  func finish(into vectors: Scratch<UInt64>) {
    for use in uses.uses where use.purpose == .count {
      let counts = unsafe counts.pointer + use.place * BlockVector.bitCount
      for case .count(let node, let count) in use.nodes {
        unsafe mark(counts, atLeast: UInt16(count), into: vectors.vector(node))
      }
    }
    self.counts.fill(0, count: uses.countingCount * BlockVector.bitCount)
  }

  private func mark(
    _ counts: UnsafePointer<UInt16>,
    atLeast count: UInt16,
    into vector: UnsafeMutablePointer<UInt64>
  ) {
    for word in 0..<BlockVector.wordCount {
      var bits: UInt64 = 0
      let counts = unsafe counts + ProfilePlace.place(of: 64 * word)
      for bit in 0..<64 {
        bits |= unsafe (counts[4 &* bit] >= count ? 1 : 0) &<< UInt64(truncatingIfNeeded: bit)
      }
      unsafe vector[word] = bits
    }
  }
}
