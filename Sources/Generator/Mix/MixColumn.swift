import Bytes

/// The cells of a column that are not empty, and what conditions match of them.
struct MixColumn {
  /// In the order of the rows.
  private(set) var cells: [Text] = []
  /// The row of each cell.
  private(set) var rows: [Int] = []
  /// Each cell as a number; 0 for what is none.
  private(set) var values: [Double] = []
  /// Different cells, ascending by their bytes.
  private(set) var distinct: [Text] = []

  mutating func add(_ cell: Text, ofRow row: Int) {
    cells.append(cell)
    rows.append(row)
    values.append(Double(cell.string) ?? 0)
  }

  /// Takes the cells as they are now.
  mutating func finish() {
    distinct = Set(cells).sorted()
  }

  /// Mean of the cells' whole parts; 0 without cells.
  var average: Int { values.reduce(0) { $0 + Int($1) } / max(1, values.count) }

  /// The whole part of a number's text.
  static func whole(_ text: Text) -> Int { Int(Double(text.string) ?? 0) }
}
