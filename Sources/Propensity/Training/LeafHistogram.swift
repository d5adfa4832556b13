package import Bytes

/// Sums of gradients and hessians of one leaf's rows, for each bin of each feature.
///
/// Whole numbers in units of 2⁻¹⁸ and 2⁻²⁰, so histograms of parts add up to that of the whole in
/// any order, and a child is its parent less its sibling, exactly.
package struct LeafHistogram: Equatable, Sendable {
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
// with a bit for each slot that is not 0, the first slot's lowest; then, if there are any, the packed
// gradients of those slots and their packed hessians.
extension LeafHistogram {
  package func encode(into writer: inout ByteWriter) {
    let slotCount = sums.count / 2
    let blockSlotCount = PackedNumbers.countMax
    unsafe sums.withUnsafeBufferPointer { sums in
      unsafe withUnsafeTemporaryAllocation(of: Int64.self, capacity: 2 * blockSlotCount) { block in
        let gradients = unsafe UnsafeMutableBufferPointer(rebasing: block[..<blockSlotCount])
        let hessians = unsafe UnsafeMutableBufferPointer(rebasing: block[blockSlotCount...])
        for first in stride(from: 0, to: slotCount, by: blockSlotCount) {
          var told: UInt64 = 0
          var count = 0
          for slot in first..<min(first + blockSlotCount, slotCount) {
            let (gradient, hessian) = unsafe (sums[2 &* slot], sums[2 &* slot &+ 1])
            // Those of a slot that is not told give way to the next one's.
            unsafe gradients[count] = gradient
            unsafe hessians[count] = hessian
            let isTold: UInt64 = gradient | hessian == 0 ? 0 : 1
            told |= isTold &<< UInt64(slot &- first)
            count &+= Int(isTold)
          }
          writer.write(told)
          guard count > 0 else { continue }
          unsafe PackedNumbers.encode(
            UnsafeBufferPointer(rebasing: gradients[..<count]).span,
            into: &writer
          )
          unsafe PackedNumbers.encode(
            UnsafeBufferPointer(rebasing: hessians[..<count]).span,
            into: &writer
          )
        }
      }
    }
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
    let slotCount = sums.count / 2
    var gradients = [Int64](repeating: 0, count: PackedNumbers.countMax)
    var hessians = gradients
    for first in stride(from: 0, to: slotCount, by: PackedNumbers.countMax) {
      let blockSlotCount = min(PackedNumbers.countMax, slotCount - first)
      let at = reader.offset
      var told = try reader.read(UInt64.self)
      let count = told.nonzeroBitCount
      guard UInt64.bitWidth - told.leadingZeroBitCount <= blockSlotCount else {
        throw .invalidValue(at: at, what: "slots beyond a histogram's \(slotCount)")
      }
      if count > 0 {
        try PackedNumbers.decode(count, into: &gradients, from: &reader)
        try PackedNumbers.decode(count, into: &hessians, from: &reader)
      }
      let block = unsafe UnsafeMutableBufferPointer(
        rebasing: sums[2 * first..<2 * (first + blockSlotCount)]
      )
      if count == blockSlotCount {
        for index in 0..<count {
          unsafe block[2 &* index] = gradients[index]
          unsafe block[2 &* index &+ 1] = hessians[index]
        }
      } else {
        unsafe block.initialize(repeating: 0)
        for index in 0..<count {
          let slot = told.trailingZeroBitCount
          unsafe block[2 &* slot] = gradients[index]
          unsafe block[2 &* slot &+ 1] = hessians[index]
          told &= told &- 1
        }
      }
      initialized += block.count
    }
  }
}
