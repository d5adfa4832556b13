/// The open hash table in which a sketch's cells are counted.
struct SketchTable {
  /// Twice the cells that may be occupied and one chunk of new ones, as a power of two.
  private static let slotCount = 32_768

  private var level: UInt64 = 0
  private var keys = [UInt64](repeating: 0, count: slotCount)
  /// 0 marks a free slot.
  private var counts = [UInt64](repeating: 0, count: slotCount)
  private var occupied = 0
  private var missingCount: UInt64 = 0

  mutating func add(_ values: [Double]) {
    // The limit is looked at between chunks, which cannot fill the table.
    let chunk = 4_096
    var start = 0
    while start < values.count {
      let end = min(start + chunk, values.count)
      unsafe values.withUnsafeBufferPointer { unsafe count($0, in: start..<end) }
      while occupied > NumericSketch.cellCountMax { raise() }
      start = end
    }
  }

  func sketch() -> NumericSketch {
    let order = counts.indices.filter { counts[$0] > 0 }.sorted { keys[$0] < keys[$1] }
    return NumericSketch(
      level: Int(level),
      keys: order.map { keys[$0] },
      counts: order.map { counts[$0] },
      missingCount: missingCount
    )
  }

  private mutating func count(_ values: UnsafeBufferPointer<Double>, in rows: Range<Int>) {
    let level = self.level
    var added = 0
    var missing: UInt64 = 0
    unsafe keys.withUnsafeMutableBufferPointer { keys in
      unsafe counts.withUnsafeMutableBufferPointer { counts in
        for row in rows {
          let value = unsafe values[row]
          if value.isNaN {
            missing &+= 1
            continue
          }
          let key = OrderedKey.of(value) &>> level
          var slot = SketchTable.slot(of: key)
          while unsafe counts[slot] != 0 && keys[slot] != key {
            slot = (slot &+ 1) & (SketchTable.slotCount &- 1)
          }
          unsafe added &+= counts[slot] == 0 ? 1 : 0
          unsafe keys[slot] = key
          unsafe counts[slot] &+= 1
        }
      }
    }
    occupied += added
    missingCount &+= missing
  }

  /// Moves every cell to the grid that is one bit coarser.
  private mutating func raise() {
    let old = (keys: keys, counts: counts)
    level += 1
    occupied = 0
    counts = [UInt64](repeating: 0, count: Self.slotCount)
    for from in old.counts.indices where old.counts[from] > 0 {
      let key = old.keys[from] >> 1
      var slot = Self.slot(of: key)
      while counts[slot] != 0 && keys[slot] != key { slot = (slot + 1) & (Self.slotCount - 1) }
      occupied += counts[slot] == 0 ? 1 : 0
      keys[slot] = key
      counts[slot] &+= old.counts[from]
    }
  }

  @inline(__always) private static func slot(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 49)
  }
}
