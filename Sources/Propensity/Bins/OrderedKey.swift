/// Doubles as unsigned integers in the same order.
enum OrderedKey {
  /// A finite value's place among all doubles; both zeros share one, infinities count as the largest
  /// finite values.
  @inline(__always) static func of(_ value: Double) -> UInt64 {
    let bounded =
      max(-Double.greatestFiniteMagnitude, min(Double.greatestFiniteMagnitude, value)) + 0
    let bits = bounded.bitPattern
    return bits ^ (UInt64(bitPattern: Int64(bitPattern: bits) >> 63) | 1 << 63)
  }

  static func value(_ key: UInt64) -> Double {
    Double(bitPattern: key >> 63 == 1 ? key ^ 1 << 63 : ~key)
  }

  /// The keys of cells that hold finite values.
  ///
  /// - Parameter level: low bits that cells leave open, 0…52.
  /// - Returns: from the lowest key to the highest.
  static func finite(level: Int) -> ClosedRange<UInt64> {
    of(-Double.infinity) >> UInt64(level)...of(Double.infinity) >> UInt64(level)
  }
}
