/// A table from the classes of one field to up to 64 tests that its values pass.
struct MaskTable {
  /// Tests of a table at most.
  static let testCountMax = 64

  let field: Int
  /// By bit, the test's index in the field.
  let tests: [Int]

  /// The masks of a field's classes, by class.
  func masks(_ classifier: FieldClassifier) -> [UInt64] {
    (0..<classifier.classCount).map { number in
      tests.indices.reduce(0) { mask, bit in
        classifier.fulfils(number, tests[bit]) ? mask | 1 << UInt64(bit) : mask
      }
    }
  }
}
