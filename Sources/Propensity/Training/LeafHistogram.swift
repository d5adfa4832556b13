package import Bytes

/// Sums of gradients and hessians of one leaf's rows, for each bin of each feature.
///
/// Whole numbers in a `HistogramUnit`, so histograms of parts add up to that of the whole in
/// any order, and a child is its parent less its sibling, exactly.
package struct LeafHistogram: Equatable, Sendable {
  /// Gradient and hessian of some of the rows, in a histogram's units.
  struct Sums: Equatable {
    var gradient: Int64 = 0
    var hessian: Int64 = 0

    static func + (left: Sums, right: Sums) -> Sums {
      Sums(gradient: left.gradient &+ right.gradient, hessian: left.hessian &+ right.hessian)
    }

    static func - (left: Sums, right: Sums) -> Sums {
      Sums(gradient: left.gradient &- right.gradient, hessian: left.hessian &- right.hessian)
    }
  }

  /// Gradient and hessian of each slot of the layout, alternating.
  package internal(set) var sums: [Int64]

  package init(slotCount: Int) { sums = [Int64](repeating: 0, count: 2 * slotCount) }

  /// - Parameter sums: as they are kept.
  init(sums: [Int64]) { self.sums = sums }

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

// A histogram on the wire, by blocks of 64 slots, of which the last one may have fewer: eight bytes
// with a bit for each slot that is not 0, the first slot's lowest; then, if there are any, their
// gradients and hessians as packed pairs.
extension LeafHistogram {
  package func encode(into writer: inout ByteWriter) {
    let blockSlotCount = PackedPairs.countMax
    unsafe sums.withUnsafeBufferPointer { sums in
      unsafe withUnsafeTemporaryAllocation(of: Int64.self, capacity: 2 * blockSlotCount) { told in
        for first in stride(from: 0, to: sums.count / 2, by: blockSlotCount) {
          let end = min(first + blockSlotCount, sums.count / 2)
          let block = unsafe UnsafeBufferPointer(rebasing: sums[2 * first..<2 * end])
          let slots = unsafe Self.toldSlots(of: block, into: told)
          writer.write(slots)
          guard slots != 0 else { continue }
          unsafe PackedPairs.encode(
            UnsafeBufferPointer(rebasing: told[..<(2 * slots.nonzeroBitCount)]),
            into: &writer
          )
        }
      }
    }
  }

  /// Brings the slots of a block that are not 0 together.
  ///
  /// - Returns: a bit for each of them.
  private static func toldSlots(
    of block: UnsafeBufferPointer<Int64>,
    into told: UnsafeMutableBufferPointer<Int64>
  ) -> UInt64 {
    var slots: UInt64 = 0
    var count = 0
    for slot in 0..<block.count / 2 {
      let (gradient, hessian) = unsafe (block[2 &* slot], block[2 &* slot &+ 1])
      // Those of a slot that is not told give way to the next one's.
      unsafe told[2 &* count] = gradient
      unsafe told[2 &* count &+ 1] = hessian
      let isTold: UInt64 = gradient | hessian == 0 ? 0 : 1
      slots |= isTold &<< UInt64(slot)
      count &+= Int(isTold)
    }
    return slots
  }

  /// - Parameters:
  ///   - reader: stands at the first byte of a histogram.
  ///   - slotCount: slots of the layout that sender and receiver share.
  /// - Throws: when the bytes are not a histogram of that layout.
  package init(from reader: inout ByteReader, slotCount: Int) throws(DecodingError) {
    var problem: DecodingError?
    let sums = unsafe [Int64](unsafeUninitializedCapacity: 2 * slotCount) { sums, initialized in
      do throws(DecodingError) {
        try unsafe Self.decode(sums, initialized: &initialized, from: &reader)
      } catch {
        problem = error
      }
    }
    if let problem { throw problem }
    self.init(sums: sums)
  }

  private static func decode(
    _ sums: UnsafeMutableBufferPointer<Int64>,
    initialized: inout Int,
    from reader: inout ByteReader
  ) throws(DecodingError) {
    unsafe try reader.readInPlace { bytes, position throws(DecodingError) in
      let blockSlotCount = PackedPairs.countMax
      for first in stride(from: 0, to: sums.count / 2, by: blockSlotCount) {
        let end = min(first + blockSlotCount, sums.count / 2)
        let block = unsafe UnsafeMutableBufferPointer(rebasing: sums[2 * first..<2 * end])
        unsafe try decode(block: block, from: bytes, at: &position)
        initialized += block.count
      }
    }
  }

  /// Reads at most 64 slots.
  private static func decode(
    block: UnsafeMutableBufferPointer<Int64>,
    from bytes: UnsafeRawBufferPointer,
    at position: inout Int
  ) throws(DecodingError) {
    guard let start = block.baseAddress else { return }
    let slotCount = block.count / 2
    guard position + 8 <= bytes.count else {
      throw .truncated(at: position, needed: 8, available: bytes.count - position)
    }
    let told = unsafe UInt64(
      littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
    )
    guard UInt64.bitWidth - told.leadingZeroBitCount <= slotCount else {
      throw .invalidValue(at: position, what: "a slot beyond the \(slotCount) of its block")
    }
    position += 8
    let count = told.nonzeroBitCount
    if count == slotCount {
      unsafe try PackedPairs.decode(count, into: start, from: bytes, at: &position)
      return
    }
    unsafe block.initialize(repeating: 0)
    guard count > 0 else { return }
    // At the front of the block first, from where they go to their places, the last one first.
    unsafe try PackedPairs.decode(count, into: start, from: bytes, at: &position)
    var rest = told
    for index in stride(from: count - 1, through: 0, by: -1) {
      let slot = UInt64.bitWidth - 1 - rest.leadingZeroBitCount
      rest &= ~(1 << UInt64(slot))
      guard slot > index else { return }
      unsafe block[2 * slot] = block[2 * index]
      unsafe block[2 * slot + 1] = block[2 * index + 1]
      unsafe block[2 * index] = 0
      unsafe block[2 * index + 1] = 0
    }
  }
}
