import Bytes

/// The cells of a column that are not empty, and what conditions match of them.
struct MixColumn {
  /// In the order of the rows.
  private(set) var cells: [Text] = []
  private var counts: [Text: Int] = [:]
  /// Different cells, ascending by their bytes.
  private(set) var distinct: [Text] = []
  /// The whole parts of all cells, ascending; 0 for what is no number.
  private var numbers: [Int] = []

  mutating func add(_ cell: Text) { cells.append(cell) }

  /// Takes the cells as they are now.
  mutating func finish() {
    for cell in cells { counts[cell, default: 0] += 1 }
    distinct = counts.keys.sorted()
    numbers = cells.map(MixColumn.whole).sorted()
  }

  /// Mean of the cells' whole parts; 0 without cells.
  var average: Int { numbers.isEmpty ? 0 : numbers.reduce(0, +) / numbers.count }

  func count(of cell: Text) -> Int { counts[cell] ?? 0 }

  /// How many cells are numbers below a bound.
  func count(below bound: Int) -> Int { MixColumn.lowerBound(numbers) { $0 < bound } }

  /// How many cells come, by their bytes, at or behind a text.
  func count(from text: Text) -> Int {
    distinct.reversed().prefix { $0 >= text }.reduce(0) { $0 + count(of: $1) }
  }

  /// The whole part of a number's text.
  static func whole(_ text: Text) -> Int { Int(Double(text.string) ?? 0) }

  private static func lowerBound(_ numbers: [Int], _ isBefore: (Int) -> Bool) -> Int {
    var low = 0
    var high = numbers.count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(numbers[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
