/// Where the vectors of tests are.
struct TestVectors {
  private static let none = UInt32.max
  private static let never = UInt32.max - 1

  /// By field, where its tests begin.
  private let starts: [Int]
  /// By test and by the floor of each.
  private var numbers: [UInt32]
  private(set) var count = 1

  init(_ starts: [Int]) {
    self.starts = starts
    numbers = Array(repeating: Self.none, count: 2 * (starts.last ?? 0))
  }

  private func place(_ test: TableLayout.Test) -> Int {
    2 * (starts[test.field] + test.index) + (test.isFloor ? 1 : 0)
  }

  /// The test's vector; `nil` when it has none.
  subscript(test: TableLayout.Test) -> UInt32? {
    let number = numbers[place(test)]
    return number >= Self.never ? nil : number
  }

  /// It holds for no row.
  func isNever(_ test: TableLayout.Test) -> Bool { numbers[place(test)] == Self.never }

  /// Takes a test that holds for every row, or for none.
  mutating func add(_ test: TableLayout.Test, always: Bool) {
    numbers[place(test)] = always ? 0 : Self.never
  }

  /// Takes tests whose vectors follow each other, and gives the first one's.
  mutating func add(_ tests: [TableLayout.Test]) -> Int {
    for test in tests.indices { numbers[place(tests[test])] = UInt32(count + test) }
    defer { count += tests.count }
    return count
  }
}

extension TestVectors: Equatable {
  static func == (one: TestVectors, other: TestVectors) -> Bool {
    guard one.count == other.count, one.numbers.count == other.numbers.count else { return false }
    // All of them, since most are equal: so it goes many at a time.
    return unsafe one.numbers.withUnsafeBufferPointer { own in
      unsafe other.numbers.withUnsafeBufferPointer { others in
        var differences: UInt32 = 0
        for index in 0..<own.count { unsafe differences |= own[index] ^ others[index] }
        return differences == 0
      }
    }
  }
}
