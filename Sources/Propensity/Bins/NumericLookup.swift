/// Finds the bin of a number: a grid of cells says about where, a few halvings among edges exactly.
///
/// Cells have one width, from the first edge to the last. A value's cell comes from one subtraction
/// and one multiplication, which round but never change an order: so edges in lower cells are
/// below the value, those in higher cells above it, and only those of its own cell are looked at.
/// The edges of the fullest cell decide how often is halved: once or twice where edges are spread
/// somewhat evenly, eight times at worst.
struct NumericLookup: Sendable {
  static let cellCount = 1_024
  /// Values looked up together.
  static let blockRowCount = 256

  /// Ascending, then infinite as far as any search may look.
  private let edges: [Double]
  /// Edges in lower cells, for each cell.
  private let firsts: [UInt8]
  private let origin: Double
  private let scale: Double
  private let firstHalf: Int
  /// What is read for NaN.
  private let substitute: Double
  /// Values this close to 0 are missing; negative when none is.
  private let missingBound: Double

  /// - Parameters:
  ///   - edges: ascending and finite, at most 253.
  ///   - missing: which values are missing.
  init(edges: [Double], missing: FeatureBins.MissingRule) {
    precondition(edges.count <= FeatureBins.binCountMax - 2, "\(edges.count) edges")
    let first = edges.first ?? 0
    let scale = Double(Self.cellCount - 1) / ((edges.last ?? 0) - first)
    // One edge, or edges too near or too far apart for the grid, share one cell.
    let hasGrid = scale.isFinite && scale > 0
    origin = hasGrid ? first : 0
    self.scale = hasGrid ? scale : 0
    var counts = [Int](repeating: 0, count: Self.cellCount)
    for edge in edges { counts[Self.cell(edge, origin: origin, scale: self.scale)] += 1 }
    var below = 0
    firsts = counts.map { count in
      defer { below += count }
      return UInt8(truncatingIfNeeded: below)
    }
    let widest = counts.max() ?? 0
    firstHalf = widest == 0 ? 0 : 1 << (Int.bitWidth - widest.leadingZeroBitCount - 1)
    self.edges = edges + [Double](repeating: .infinity, count: 512 - edges.count)
    substitute = missing == .isZero ? 0 : .nan
    missingBound = missing == .sharesZero ? 1e-35 : -1
  }

  /// Marks the cell of a value that is missing.
  private static let missingMark: UInt16 = 0x8000

  /// The cell of any value; NaN has cell 0.
  @inline(__always)
  private static func cell(_ value: Double, origin: Double, scale: Double) -> Int {
    let position = (value - origin) * scale
    let last = Double(cellCount - 1)
    let bounded = position > 0 ? (position < last ? position : last) : 0
    // Adding 2⁵² leaves the nearest whole number in the low bits.
    return Int(truncatingIfNeeded: (bounded + 0x1p52).bitPattern & UInt64(cellCount - 1))
  }

  /// Writes the bin of each value.
  ///
  /// - Parameters:
  ///   - values: at least as many as `rows` reach to.
  ///   - rows: which of them.
  ///   - target: the n-th of the rows goes to byte n · stride.
  ///   - stride: from row to row.
  func write(
    _ values: UnsafeBufferPointer<Double>,
    rows: Range<Int>,
    to target: UnsafeMutablePointer<UInt8>,
    stride: Int
  ) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= values.count, "\(rows)")
    guard let start = values.baseAddress, !rows.isEmpty else { return }
    unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.blockRowCount) { bounded in
      unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: Self.blockRowCount) { cells in
        guard let bounded = bounded.baseAddress, let cells = cells.baseAddress else { return }
        var row = rows.lowerBound
        while row < rows.upperBound {
          let count = min(Self.blockRowCount, rows.upperBound &- row)
          unsafe findCells(start + row, count: count, cells: cells, bounded: bounded)
          let first = unsafe target + (row &- rows.lowerBound) &* stride
          // Constant loops are unrolled.
          switch firstHalf {
          case 0: unsafe search(0, bounded, cells, count: count, to: first, stride: stride)
          case 1: unsafe search(1, bounded, cells, count: count, to: first, stride: stride)
          case 2: unsafe search(2, bounded, cells, count: count, to: first, stride: stride)
          default:
            unsafe search(firstHalf, bounded, cells, count: count, to: first, stride: stride)
          }
          row &+= count
        }
      }
    }
  }

  /// Each value's cell, marked when it is missing, and the value between the largest finite ones.
  private func findCells(
    _ values: UnsafePointer<Double>,
    count: Int,
    cells: UnsafeMutablePointer<UInt16>,
    bounded: UnsafeMutablePointer<Double>
  ) {
    let (origin, scale, substitute, bound) = (origin, scale, substitute, missingBound)
    let most = Double.greatestFiniteMagnitude
    for index in 0..<count {
      let given = unsafe values[index]
      let value = given == given ? given : substitute
      let cell = UInt16(
        truncatingIfNeeded: Self.cell(value, origin: origin, scale: scale)
      )
      unsafe cells[index] = abs(value) > bound ? cell : Self.missingMark
      let capped = value < most ? value : most
      unsafe bounded[index] = capped > -most ? capped : -most
    }
  }

  /// Writes one more than the number of edges below each value, and 0 for missing ones.
  @inline(__always)
  private func search(
    _ firstHalf: Int,
    _ values: UnsafePointer<Double>,
    _ cells: UnsafePointer<UInt16>,
    count: Int,
    to target: UnsafeMutablePointer<UInt8>,
    stride: Int
  ) {
    unsafe edges.withUnsafeBufferPointer { edges in
      unsafe firsts.withUnsafeBufferPointer { firsts in
        guard let edges = edges.baseAddress, let firsts = firsts.baseAddress else { return }
        var at = 0
        for index in 0..<count {
          let value = unsafe values[index]
          let marked = unsafe cells[index]
          var below = unsafe Int(firsts[Int(marked & ~Self.missingMark)])
          var half = firstHalf
          while half > 0 {
            // The sign as a number: a jump here would be mispredicted every other time.
            let difference = unsafe edges[below &+ half &- 1] - value
            below &+= Int(truncatingIfNeeded: difference.bitPattern &>> 63) &* half
            half &>>= 1
          }
          let present = UInt8(truncatingIfNeeded: marked &>> 15) &- 1
          unsafe target[at] = UInt8(truncatingIfNeeded: below &+ 1) & present
          at &+= stride
        }
      }
    }
  }
}
