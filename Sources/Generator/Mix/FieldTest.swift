import Bytes

/// A condition on one field of a profile or an event, by its flat name.
struct FieldTest: Hashable {
  enum Condition: Hashable {
    case equals(Text)
    case isIn([Text])
    case atLeast(Int)
    case atMost(Int)
    case between(Int, Int)
    /// In so many days before the end of the year.
    case within(days: Int)
  }

  var field: Text
  var condition: Condition

  /// How tests are drawn for a field.
  enum Kind {
    case text
    case number
    case time
  }

  /// Draws a condition that some rows of a table meet.
  ///
  /// - Parameters:
  ///   - field: a column with cells.
  ///   - kind: what its cells are.
  ///   - table: rows to choose by.
  ///   - random: decides.
  init(_ field: Text, _ kind: Kind, _ table: MixSample.Table, _ random: inout SeededRandom) {
    self.field = field
    let column = table.columns[field] ?? MixColumn()
    let cells = column.cells.isEmpty ? [""] : column.cells
    switch kind {
    case .text:
      let distinct = column.distinct.isEmpty ? cells : column.distinct
      // Half of the values are as frequent as the cells, the others as likely to be rare ones.
      func draw(_ random: inout SeededRandom) -> Text {
        let values = random.oneIn(2) ? cells : distinct
        return values[random.below(values.count)]
      }
      guard distinct.count > 3, random.oneIn(3) else {
        condition = .equals(draw(&random))
        return
      }
      var values: Set<Text> = []
      for _ in 0..<2 + random.below(4) { values.insert(draw(&random)) }
      condition = values.count == 1 ? .equals(values.sorted()[0]) : .isIn(values.sorted())
    case .number:
      func draw(_ random: inout SeededRandom) -> Int {
        FieldTest.rounded(MixColumn.whole(cells[random.below(cells.count)]))
      }
      let bounds = [draw(&random), draw(&random)].sorted()
      switch random.below(10) {
      case 0..<5: condition = .atLeast(bounds[1])
      case 5..<7: condition = .atMost(bounds[0])
      default: condition = .between(bounds[0], bounds[1])
      }
    case .time: condition = .within(days: [7, 14, 30, 60, 90, 180][random.below(6)])
    }
  }

  /// The part of a table's rows that meet the condition.
  func share(of table: MixSample.Table) -> Double {
    let column = table.columns[field] ?? MixColumn()
    return Double(count(in: column)) / Double(max(1, table.rowCount))
  }

  private func count(in column: MixColumn) -> Int {
    switch condition {
    case .equals(let value): return column.count(of: value)
    case .isIn(let values): return values.reduce(0) { $0 + column.count(of: $1) }
    case .atLeast(let bound): return column.cells.count - column.count(below: bound)
    case .atMost(let bound): return column.count(below: bound)
    case .between(let low, let high):
      return column.count(below: max(low + 1, high)) - column.count(below: low)
    case .within(let days):
      var first = TextBuffer(capacity: 16)
      first.day(Population.yearEnd / Int(CivilTime.millisecondsPerDay) - days)
      return column.count(from: Text(String(decoding: first.bytes, as: UTF8.self)))
    }
  }

  /// A number with one digit that is not zero, or two below a hundred.
  static func rounded(_ value: Int) -> Int {
    var unit = 1
    while value / unit >= 100 { unit *= 10 }
    return value / unit * unit
  }
}
