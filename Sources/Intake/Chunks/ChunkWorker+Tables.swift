import Bytes
import Domain

/// How often rows of a chunk interrupted its tables, which then come to be of few rows, and how many
/// fitted into none.
struct TableInterruptions {
  /// More of them, and the rest of the chunk is written as rows.
  private static let countMax = 4
  private static let missCountMax = 256

  private var count = 0
  private var missCount = 0

  var areFew: Bool {
    count <= TableInterruptions.countMax && missCount <= TableInterruptions.missCountMax
  }

  /// Counts one; answers whether tables may go on.
  mutating func goOn() -> Bool {
    count += 1
    return areFew
  }

  /// Counts a row that was tried and did not fit.
  mutating func miss() { missCount += 1 }
}

/// Rows that are written to tables.
extension ChunkWorker {
  // MARK: Lines

  /// Writes the shaped rows of a line: to a table where it is a single one that fits.
  mutating func writeLine(byteCount: Int, _ result: inout ChunkResult) {
    if interruptions.areFew, rows.count == 1, rows[0].isEvent == isEvent {
      if tapeTables.fits(rows[0], byteCount: byteCount, tape, names) {
        // Rows that interrupted the tables come first.
        shards.finish(&result.batches)
        return tapeTables.take(rows[0], byteCount: byteCount, tape, &result.batches)
      }
      interruptions.miss()
    }
    if !tapeTables.isEmpty {
      unsafe tapeTables.finish(tape.source, &result.batches)
      _ = interruptions.goOn()
    }
    shards.write(rows, tape, names, &result.batches)
  }

  // MARK: Records

  /// Whether records of the chunk are to be written to tables.
  mutating func beginTables(_ plan: FlatPlan?) -> Bool {
    guard let plan, isBatching, isSurveying, plan.paths.count > 1 else { return false }
    tables.begin(plan, isEvent ? .event : .attributes)
    if block.columnCount != plan.paths.count { block = CellBlock(columnCount: plan.paths.count) }
    return true
  }

  /// Reads records into the block for as long as they are written plainly and are good.
  ///
  /// - Returns: whether a record was read that is not for the block; it is the scanner's current one.
  mutating func readPlain(
    _ scanner: inout RecordScanner,
    _ plan: FlatPlan,
    isASCII: Bool,
    _ survey: inout FlatSurvey,
    _ result: inout ChunkResult
  ) -> Bool {
    let byteCountMax = options.limits.batchByteCount
    var rowCount: UInt64 = 0
    defer { countPlain(rowCount, &result) }
    while let filled = unsafe scanner.nextPlain(block.columnCount, into: block.next) {
      let byteCount = scanner.recordEnd &- scanner.recordStart
      guard byteCount <= byteCountMax,
        let key = unsafe plan.plainKey(block.next, filled, tape.source),
        isASCII || isUTF8(scanner)
      else {
        unsafe scanner.list(block.next, block.columnCount)
        return true
      }
      rowCount &+= 1
      block.append(filled: filled, key: key, byteCount: byteCount)
      if block.isFull || block.byteCount >= byteCountMax { takeBlock(plan, &survey, &result) }
    }
    return false
  }

  func countPlain(_ rowCount: UInt64, _ result: inout ChunkResult) {
    if isEvent {
      result.counts.eventRecords += rowCount
      result.counts.eventRows += rowCount
    } else {
      result.counts.profileRecords += rowCount
      result.counts.profileRows += rowCount
    }
  }

  func isUTF8(_ scanner: borrowing RecordScanner) -> Bool {
    let record = unsafe UnsafeBufferPointer(
      start: tape.source + scanner.recordStart,
      count: scanner.recordEnd - scanner.recordStart
    )
    return unsafe UTF8Validation.firstInvalid(record) == nil
  }

  /// Puts the current record, a good one, into the block.
  ///
  /// - Returns: whether it can be there.
  mutating func takeIntoBlock(
    _ scanner: borrowing RecordScanner,
    _ key: FlatPlan.Key,
    _ plan: FlatPlan,
    _ survey: inout FlatSurvey,
    _ result: inout ChunkResult
  ) -> Bool {
    let byteCount = scanner.recordEnd - scanner.recordStart
    guard key.isPlain, key.cell.offset < Tape.aside,
      byteCount <= options.limits.batchByteCount
    else { return false }
    for column in 0..<scanner.cells.count {
      let cell = scanner.cells[column]
      unsafe block.next[column] = UInt64(cell.offset) | UInt64(cell.count) << 32
    }
    block.append(
      filled: scanner.cells.filled,
      key: UInt64(key.cell.offset) | UInt64(key.cell.count) << 32,
      byteCount: byteCount
    )
    if block.isFull || block.byteCount >= options.limits.batchByteCount {
      takeBlock(plan, &survey, &result)
    }
    return true
  }

  /// Writes the block's rows to the tables.
  mutating func takeBlock(
    _ plan: FlatPlan,
    _ survey: inout FlatSurvey,
    _ result: inout ChunkResult
  ) {
    guard block.count > 0 else { return }
    // Rows that interrupted the tables come first.
    shards.finish(&result.batches)
    block.transpose()
    unsafe survey.count(block, tape.source, plan, result.cellTypes)
    unsafe tables.take(block, tape.source, &result.cellTypes, &result.batches)
    block.removeAll()
  }

  /// Finishes all tables, so that rows of another form can follow.
  mutating func endTables(
    _ plan: FlatPlan,
    _ survey: inout FlatSurvey,
    _ result: inout ChunkResult
  ) {
    takeBlock(plan, &survey, &result)
    unsafe tables.finish(tape.source, &result.batches)
  }
}
