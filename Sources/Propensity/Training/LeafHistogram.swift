package import Bytes

/// Sums of gradients and hessians of one leaf's rows, for each bin of each feature.
///
/// Whole numbers in units of 2⁻¹⁸ and 2⁻²⁰, so histograms of parts add up to that of the whole in
/// any order, and a child is its parent less its sibling, exactly.
package struct LeafHistogram: Equatable, Sendable {
  /// Gradient and hessian of each slot of the layout, alternating.
  package internal(set) var sums: [Int64]

  package init(slotCount: Int) { sums = [Int64](repeating: 0, count: 2 * slotCount) }

  package mutating func add(_ other: LeafHistogram) {
    combine(other) { $0 &+ $1 }
  }

  package mutating func subtract(_ other: LeafHistogram) {
    combine(other) { $0 &- $1 }
  }

  @inline(__always)
  private mutating func combine(_ other: LeafHistogram, _ operation: (Int64, Int64) -> Int64) {
    precondition(sums.count == other.sums.count, "\(sums.count) and \(other.sums.count) sums")
    let count = sums.count
    unsafe sums.withUnsafeMutableBufferPointer { sums in
      unsafe other.sums.withUnsafeBufferPointer { others in
        for index in 0..<count {
          unsafe sums[index] = operation(sums[index], others[index])
        }
      }
    }
  }
}

// A histogram on the wire: alternately a varint count of slots that are 0, and a varint count of
// slots that follow with gradient and hessian as signed varints, until all slots are told.
extension LeafHistogram {
  package func encode(into writer: inout ByteWriter) {
    let slots = sums.count / 2
    var slot = 0
    func isZero(_ slot: Int) -> Bool { sums[2 * slot] | sums[2 * slot + 1] == 0 }
    while slot < slots {
      let start = slot
      while slot < slots && isZero(slot) { slot += 1 }
      writer.writeVarint(slot - start)
      let first = slot
      while slot < slots && !isZero(slot) { slot += 1 }
      writer.writeVarint(slot - first)
      for index in 2 * first..<2 * slot { writer.writeSignedVarint(sums[index]) }
    }
  }

  /// - Parameters:
  ///   - reader: stands at the first byte of a histogram.
  ///   - slotCount: slots of the layout that sender and receiver share.
  /// - Throws: when the bytes are not a histogram of that layout.
  package init(from reader: inout ByteReader, slotCount: Int) throws(DecodingError) {
    self.init(slotCount: slotCount)
    var slot = 0
    while slot < slotCount {
      let at = reader.offset
      let zeros = try reader.readVarint()
      let told = try reader.readVarint()
      guard zeros <= UInt64(slotCount - slot), told <= UInt64(slotCount - slot) - zeros,
        zeros + told > 0
      else {
        throw .invalidValue(at: at, what: "a stretch beyond a histogram's \(slotCount) slots")
      }
      slot += Int(zeros)
      for _ in 0..<told {
        sums[2 * slot] = try reader.readSignedVarint()
        sums[2 * slot + 1] = try reader.readSignedVarint()
        slot += 1
      }
    }
  }
}
