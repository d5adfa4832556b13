/// A table from the classes of one field to the conditions of a pass that its values let hold.
struct MaskTable {
  let field: Int
  private let tests: [Int]
  private let bits: UInt64
  private let isOfAttributes: Bool

  /// The table of a pass's field.
  init(_ pass: TableLayout.Pass, _ index: Int) {
    field = pass.fields[index]
    tests = pass.tests[index]
    bits = pass.bits
    isOfAttributes = pass.isOfAttributes
  }

  /// The masks of a field's classes, by class.
  func masks(_ classifier: FieldClassifier) -> [UInt64] {
    var masks = [UInt64](repeating: 0, count: classifier.classCount)
    var always: UInt64 = 0
    for (bit, test) in tests.enumerated() {
      if test < 0 {
        if !isOfAttributes { always |= 1 << UInt64(bit) }
      } else {
        for number in masks.indices where classifier.fulfils(number, test) {
          masks[number] |= 1 << UInt64(bit)
        }
      }
    }
    return masks.map { ($0 | always) & bits }
  }
}
