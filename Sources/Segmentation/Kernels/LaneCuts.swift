import Bytes

/// Ascending numbers, the cuts, that divide those of a lane, and the class of what lies between two.
///
/// The stretch from the first cut to the last is divided into buckets of one width, a power of two.
/// Mostly a bucket has at most one cut, so one comparison tells the class; in the others the cuts are
/// counted by halves.
@unsafe struct LaneCuts: BitwiseCopyable {
  /// Numbers of the same bucket.
  @unsafe struct Bucket: BitwiseCopyable {
    /// The only cut inside; the largest number there is when there is none.
    var cut: UInt64
    /// The class of what is below the cut, and of what has reached it.
    var below: UInt16
    var reached: UInt16
    /// More cuts are inside.
    var isCrowded: Bool
  }

  /// Buckets at most; their memory is read at random.
  private static let bucketCountMax = 1_024

  private var start: UInt64
  private var shift: UInt64
  private var buckets: UnsafePointer<Bucket>
  /// 0 when there are no cuts.
  let bucketCount: Int
  let cuts: UnsafePointer<UInt64>
  let count: Int
  /// By how many cuts were reached.
  let classes: UnsafePointer<UInt16>

  /// Makes the buckets; `classes` has one more than the ascending `cuts`.
  init(_ cuts: [UInt64], _ classes: [UInt16], in arena: Arena) {
    unsafe start = cuts.first ?? 0
    unsafe count = cuts.count
    let span = (cuts.last ?? 0) - (cuts.first ?? 0)
    let gap = zip(cuts, cuts.dropFirst()).reduce(UInt64.max) { min($0, $1.1 - $1.0) }
    // A width below the least gap leaves at most one cut in a bucket.
    var shift = UInt64(max(0, 63 - min(gap, 1 << 62).leadingZeroBitCount))
    while unsafe span >> shift >= UInt64(Self.bucketCountMax - 1) { shift += 1 }
    unsafe self.shift = shift
    unsafe bucketCount = cuts.isEmpty ? 0 : Int(span >> shift) + 2
    var buckets: [Bucket] = unsafe []
    var next = 0
    for number in 0..<(unsafe bucketCount) {
      let before = next
      while next < cuts.count, unsafe (cuts[next] - start) >> shift == UInt64(number) { next += 1 }
      unsafe buckets.append(
        Bucket(
          cut: next > before ? cuts[before] : .max,
          below: classes[before],
          reached: classes[min(before + 1, classes.count - 1)],
          isCrowded: next > before + 1
        )
      )
    }
    unsafe self.buckets = arena.store(buckets)
    unsafe self.cuts = arena.store(cuts)
    unsafe self.classes = arena.store(classes)
  }

  /// The class of a number; there has to be a cut.
  @inline(__always)
  func classOf(_ number: UInt64) -> UInt16 {
    let distance = unsafe number > start ? number &- start : 0
    let index = unsafe min(distance &>> shift, UInt64(truncatingIfNeeded: bucketCount &- 1))
    let bucket = unsafe buckets[Int(truncatingIfNeeded: index)]
    if unsafe bucket.isCrowded { return unsafe classByHalves(number) }
    return unsafe number >= bucket.cut ? bucket.reached : bucket.below
  }

  private func classByHalves(_ number: UInt64) -> UInt16 {
    var reached = unsafe cuts
    var rest = unsafe count
    while rest > 1 {
      let half = rest >> 1
      unsafe reached = reached[half - 1] <= number ? reached + half : reached
      rest -= half
    }
    return unsafe classes[reached - cuts + (reached[0] <= number ? 1 : 0)]
  }
}
