import Bytes

/// Room for the values of every feature for the profiles of one block.
@safe final class BlockValues {
  /// Where the values of a feature are.
  enum Slot {
    /// A column of numbers.
    case number(Int)
    /// A column of codes.
    case category(Int)
  }

  /// By feature of the plan.
  let slots: [Slot]
  let numberCount: Int
  /// By column of codes, the texts that its codes stand for.
  let categories: [CategoryNames]
  /// By column of numbers, what a profile has that nothing is written of.
  private let defaults: [Double]
  private let stride: Int
  private let numbers: Scratch<Double>
  private let codes: Scratch<UInt32>

  /// - Parameters:
  ///   - plan: the features.
  ///   - eventTexts: for each field of texts of the plan's events, the names of its codes.
  ///   - profileCount: profiles of a block at most.
  init(_ plan: FeaturePlan, eventTexts: [CategoryNames], profileCount: Int) {
    var slots: [Slot] = []
    var categories: [CategoryNames] = []
    var defaults: [Double] = []
    for feature in plan.features {
      if feature.isCategory {
        slots.append(.category(categories.count))
        if case .events(_, .last(let field)) = feature.source {
          categories.append(eventTexts[field])
        } else {
          categories.append(CategoryNames())
        }
      } else {
        slots.append(.number(defaults.count))
        defaults.append(feature.isZeroWithoutEvents ? 0 : .nan)
      }
    }
    self.slots = slots
    self.defaults = defaults
    self.categories = categories
    numberCount = defaults.count
    // An odd number of cache lines, so that a profile's values do not all share few places of a cache.
    stride = (profileCount / 16 * 2 + 3) * 8
    numbers = Scratch(count: numberCount * stride)
    codes = Scratch(count: categories.count * stride)
  }

  /// Forgets the values: all are missing.
  func begin() {
    for column in defaults.indices {
      unsafe numbers(column).update(repeating: defaults[column], count: stride)
    }
    codes.fill(.max, count: categories.count * stride)
  }

  /// By profile of the block, the values of a column of numbers.
  func numbers(_ column: Int) -> UnsafeMutablePointer<Double> {
    unsafe numbers.pointer + column * stride
  }

  /// By profile of the block, the codes of a column of categories.
  func codes(_ column: Int) -> UnsafeMutablePointer<UInt32> {
    unsafe codes.pointer + column * stride
  }

  func set(_ value: Double, of column: Int, _ profile: Int) {
    unsafe numbers(column)[profile] = value
  }

  /// Copies the numbers of some profiles to a column's rows from `row` on.
  func copy(_ profiles: [Int], ofNumbers column: Int, to rows: inout [Double], at row: Int) {
    let numbers = unsafe numbers(column)
    unsafe copy(profiles, numbers, to: &rows, at: row)
  }

  /// Copies the codes of some profiles to a column's rows from `row` on.
  func copy(_ profiles: [Int], ofCodes column: Int, to rows: inout [UInt32], at row: Int) {
    let codes = unsafe codes(column)
    unsafe copy(profiles, codes, to: &rows, at: row)
  }

  @inline(__always)
  private func copy<Value: BitwiseCopyable>(
    _ profiles: [Int],
    _ values: UnsafeMutablePointer<Value>,
    to rows: inout [Value],
    at row: Int
  ) {
    precondition(row + profiles.count <= rows.count, "\(profiles.count) rows from \(row) on")
    unsafe rows.withUnsafeMutableBufferPointer { rows in
      guard let start = rows.baseAddress else { return }
      let target = unsafe start + row
      for index in 0..<profiles.count { unsafe target[index] = values[profiles[index]] }
    }
  }
}

extension FeatureDefinition {
  /// Whether it is 0, not missing, for a profile without such events.
  fileprivate var isZeroWithoutEvents: Bool {
    guard case .events(_, let measure) = source else { return false }
    switch measure {
    case .count, .dayCount, .slope, .sum, .variety: return true
    case .recency, .tenure, .trend, .gapMean, .gapDeviation, .gapRatio, .hourShare, .weekdayShare,
      .mean, .largest, .last, .follows:
      return false
    }
  }
}

/// Numbers the texts of a feature as they are met.
final class CategoryNames {
  private(set) var names: [Text] = []
  private var codes: [Text: UInt32] = [:]

  func code(_ text: Text) -> UInt32 {
    if let known = codes[text] { return known }
    let code = UInt32(truncatingIfNeeded: names.count)
    codes[text] = code
    names.append(text)
    return code
  }
}
