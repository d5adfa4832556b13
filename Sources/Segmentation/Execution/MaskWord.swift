/// Up to 64 conditions on rows of a table, each the conjunction of tests of some fields.
///
/// For each field there is a table from the classes of its values to the conditions that they
/// fulfil; so one look-up a field says for all conditions at once what a row fulfils.
final class MaskWord {
  /// How the tables of a row are put together.
  enum Combination {
    /// A condition holds when all fields agree.
    case all
    /// Each condition is of one field alone.
    case any
  }

  let combination: Combination
  /// What each bit stands for.
  let uses: [Int]
  /// Numbers of fields.
  let fields: [Int]
  /// For each field the test of each bit, by its index in the field; -1 for none.
  private let tests: [[Int]]
  private var tables: [[UInt64]]

  /// Takes for each condition its tests, each by field and index in the field.
  init(_ combination: Combination, uses: [Int], tests ofUses: [[(field: Int, index: Int)]]) {
    self.combination = combination
    self.uses = uses
    let fields = Set(ofUses.joined().map(\.field)).sorted()
    self.fields = fields
    tests = fields.map { field in
      ofUses.map { tests in tests.first { $0.field == field }?.index ?? -1 }
    }
    tables = Array(repeating: [], count: fields.count)
  }

  /// The bits of all conditions.
  var everyBit: UInt64 { uses.count == 64 ? .max : (1 << UInt64(uses.count)) - 1 }

  /// Brings the tables up to the classes there are.
  func update(_ classifiers: [FieldClassifier]) {
    for (place, field) in fields.enumerated() {
      let classifier = classifiers[field]
      for number in tables[place].count..<classifier.classCount {
        var mask: UInt64 = 0
        for (bit, test) in tests[place].enumerated() {
          let holds = test < 0 ? combination == .all : classifier.fulfils(number, test)
          if holds { mask |= 1 << UInt64(bit) }
        }
        tables[place].append(mask)
      }
    }
  }

  /// Writes for each row the conditions it fulfils.
  func write(
    _ classes: [UnsafeMutablePointer<UInt16>],
    count: Int,
    into masks: UnsafeMutablePointer<UInt64>
  ) {
    guard !fields.isEmpty else {
      return unsafe masks.update(repeating: everyBit, count: count)
    }
    var place = 0
    if combination == .all, fields.count > 1 {
      unsafe tables[0].withUnsafeBufferPointer { first in
        unsafe tables[1].withUnsafeBufferPointer { second in
          guard let first = first.baseAddress, let second = second.baseAddress else { return }
          unsafe Segmentation.masks(
            (UnsafePointer(classes[fields[0]]), first),
            (UnsafePointer(classes[fields[1]]), second),
            count: count,
            into: masks
          )
        }
      }
      place = 2
    }
    while place < fields.count {
      unsafe tables[place].withUnsafeBufferPointer { table in
        guard let table = table.baseAddress else { return }
        let classes = unsafe classes[fields[place]]
        if place == 0 {
          unsafe Segmentation.masks(classes, table, count: count, into: masks)
        } else if combination == .all {
          unsafe intersect(masks, classes, table, count: count)
        } else {
          unsafe unite(masks, classes, table, count: count)
        }
      }
      place += 1
    }
  }
}
