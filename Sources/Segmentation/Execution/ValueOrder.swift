import Bytes
import Domain
import PQL
import ProfileStore

/// How the values of a lane are ordered numbers: what a test's bounds have to be turned into.
///
/// A number's place is a `UInt64` whose order is that of the values.
enum ValueOrder: Hashable {
  case integers
  case decimals(scale: Int)
  case doubles
  case texts(InstantStyle)

  /// The place of a whole number of the lane.
  static func place(of value: Int64) -> UInt64 { UInt64(bitPattern: value) ^ 1 << 63 }

  static func value(at place: UInt64) -> Int64 { Int64(bitPattern: place ^ 1 << 63) }

  /// Where a test's answers change; `nil` when they are not known by ranges.
  func answers(of test: FieldTest) -> (places: [UInt64], answers: [Bool])? {
    switch self {
    case .integers:
      guard let pieces = test.numbers else { return nil }
      return Self.reached(pieces) { Self.firstWhole(from: $0, dividedBy: 1) }
    case .decimals(let scale):
      guard let pieces = test.numbers else { return nil }
      let divisor = Self.powersOfTen[scale]
      return Self.reached(pieces) { Self.firstWhole(from: $0, dividedBy: divisor) }
    case .doubles:
      guard let pieces = test.numbers else { return nil }
      return Self.reached(pieces) { $0.isFinite ? orderedBits($0.bitPattern) : nil }
    case .texts(let style):
      guard let pieces = test.instants else { return nil }
      return Self.reached(pieces) { Self.firstUnit(of: style, from: $0, in: test.calendar) }
    }
  }

  private static let powersOfTen: [Double] = [1, 10, 100, 1_000, 10_000]

  /// The places of a test's bounds up to the first that no value reaches.
  private static func reached<Bound>(
    _ pieces: Pieces<Bound>,
    _ place: (Bound) -> UInt64?
  ) -> (places: [UInt64], answers: [Bool]) {
    var places: [UInt64] = []
    for bound in pieces.bounds {
      guard let place = place(bound) else { break }
      places.append(place)
    }
    return (places, pieces.answers)
  }

  /// The place of the least whole number that, as a double and divided, is not below a bound.
  private static func firstWhole(from bound: Double, dividedBy divisor: Double) -> UInt64? {
    var low = Int64.min
    var high = Int64.max
    guard Double(high) / divisor >= bound else { return nil }
    // Invariant: `high` reaches the bound; nothing below `low` does.
    while low < high {
      let middle = low &+ Int64(bitPattern: UInt64(bitPattern: high &- low) / 2)
      if Double(middle) / divisor >= bound { high = middle } else { low = middle &+ 1 }
    }
    return place(of: high)
  }

  /// The place of the first count of a style's units whose text is not before an instant.
  private static func firstUnit(
    of style: InstantStyle,
    from bound: Int64,
    in calendar: TimeCalendar
  ) -> UInt64? {
    let unit = style.unit
    var high = Instant.latest.milliseconds / unit + 1
    var low = Instant.earliest.milliseconds / unit - 1
    if style != .date || calendar.zone.isUTC {
      // Rounded up.
      let quotient = bound / unit
      let count = quotient * unit < bound ? quotient + 1 : quotient
      return count > high ? nil : place(of: count)
    }
    func isReached(_ count: Int64) -> Bool {
      guard let time = TimeText(style.text(of: count)) else { return false }
      return calendar.instant(time).milliseconds >= bound
    }
    guard isReached(high - 1) else { return nil }
    while low < high {
      let middle = low + (high - low) / 2
      if isReached(middle) { high = middle } else { low = middle + 1 }
    }
    return place(of: high)
  }
}
