import ProfileStore

/// What is kept of a table in which halves of pairs have events.
@safe final class PairTable {
  /// Instants that may be read behind the last one.
  private static let padding = 64

  private let bits = Scratch<UInt64>(count: 0)
  private var usedWordCount = 0
  private var table: FlatTable
  private let places = TableRows()
  /// The instants of all rows, where the table has them otherwise, and of the recent rows.
  private let allInstants = Scratch<Int64>(count: 0)
  private let recentInstants = Scratch<Int64>(count: 0)
  private let allIndex = RowIndex()
  private let recentIndex = RowIndex()
  /// What was asked for.
  private var all: PairRows?
  private var recent: PairRows?

  init(_ table: FlatTable) {
    unsafe self.table = table
    unsafe (all, recent) = (nil, nil)
  }

  /// Turns to a table with events of some halves.
  func begin(_ table: FlatTable, halfCount: Int) {
    unsafe self.table = table
    unsafe (all, recent) = (nil, nil)
    usedWordCount = 0
    _ = unsafe bits.room(for: halfCount * rowVectorWordCount(table.rowCount))
  }

  /// Keeps which rows are events of a half.
  func keep(_ rows: MatchedRows, _ owners: RowOwners) -> PairEvents {
    let own = unsafe bits.pointer + usedWordCount
    unsafe own.update(from: rows.words, count: rows.wordCount)
    unsafe usedWordCount += rows.wordCount
    return unsafe PairEvents(
      rows: rows.areRecent ? recentRows(owners) : allRows(owners),
      bits: UnsafePointer(own)
    )
  }

  private func allRows(_ owners: RowOwners) -> PairRows {
    if let all = unsafe all { return unsafe all }
    owners.write(to: allIndex, areRecent: false)
    let (instants, base) = unsafe readInstants()
    let rows = unsafe PairRows(instants: instants, base: base, index: allIndex.parts)
    unsafe all = rows
    return unsafe rows
  }

  private func recentRows(_ owners: RowOwners) -> PairRows {
    if let recent = unsafe recent { return unsafe recent }
    owners.write(to: recentIndex, areRecent: true)
    let (instants, base) = unsafe all.map { unsafe ($0.instants, $0.base) } ?? readInstants()
    let numbers = unsafe owners.listRecent()
    let own = unsafe recentInstants.room(for: owners.recentCount + Self.padding)
    for index in 0..<owners.recentCount { unsafe own[index] = instants[Int(numbers[index])] }
    let rows = unsafe PairRows(
      instants: UnsafePointer(own),
      base: base,
      index: recentIndex.parts
    )
    unsafe recent = rows
    return unsafe rows
  }

  /// The instants of all rows and what they count from; those of rows without a readable time, which
  /// fit no match of a pair, mean nothing.
  private func readInstants() -> (UnsafePointer<Int64>, base: Int64) {
    let times = unsafe table.instants
    if let times = unsafe times, let instants = unsafe times.milliseconds {
      return unsafe (instants, times.base)
    }
    let rowCount = unsafe table.rowCount
    let own = unsafe allInstants.room(for: rowCount + Self.padding)
    if let times = unsafe times {
      places.take(rowCount: rowCount)
      unsafe writeNumbers(
        times.numbers,
        width: times.width,
        places.positions(times.presence),
        base: times.base,
        factor: times.unit,
        into: own
      )
    }
    return unsafe (UnsafePointer(own), 0)
  }
}
