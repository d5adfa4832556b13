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

  /// Which of a table's rows meet the condition.
  func rows(of table: MixSample.Table) -> [Bool] {
    var isMet = [Bool](repeating: false, count: table.rowCount)
    let column = table.columns[field] ?? MixColumn()
    let firstDay = firstDay
    for (index, row) in column.rows.enumerated() {
      let cell = column.cells[index]
      let value = column.values[index]
      isMet[row] =
        switch condition {
        case .equals(let wanted): cell == wanted
        case .isIn(let wanted): wanted.contains(cell)
        case .atLeast(let bound): value >= Double(bound)
        case .atMost(let bound): value <= Double(bound)
        case .between(let low, let high): value >= Double(low) && value <= Double(high)
        case .within: cell >= firstDay
        }
    }
    return isMet
  }

  /// The text of the day that a condition on time reaches back to.
  private var firstDay: Text {
    guard case .within(let days) = condition else { return "" }
    var first = TextBuffer(capacity: 16)
    first.day(Population.yearEnd / Int(CivilTime.millisecondsPerDay) - days)
    return Text(String(decoding: first.bytes, as: UTF8.self))
  }

  /// A number with one digit that is not zero, or two below a hundred.
  static func rounded(_ value: Int) -> Int {
    var unit = 1
    while value / unit >= 100 { unit *= 10 }
    return value / unit * unit
  }
}
