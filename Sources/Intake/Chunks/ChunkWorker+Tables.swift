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

/// Records that are written to tables.
extension ChunkWorker {
  /// Whether records of the chunk are to be written to tables.
  mutating func beginTables(_ plan: FlatPlan?) -> Bool {
    guard let plan, isBatching, isSurveying, plan.paths.count > 1 else { return false }
    tables.begin(plan, isEvent ? .event : .attributes)
    if records.columnCount != plan.paths.count {
      records = RecordList(columnCount: plan.paths.count)
      block = CellBlock(columnCount: plan.paths.count)
    }
    return true
  }

  /// Lists records for as long as they are written plainly and are good.
  ///
  /// - Returns: whether a record was read that is not for the list; it is the scanner's current one.
  mutating func readPlain(
    _ scanner: inout RecordScanner,
    _ plan: FlatPlan,
    isASCII: Bool,
    _ survey: inout FlatSurvey,
    _ result: inout ChunkResult
  ) -> Bool {
    let byteCountMax = options.limits.batchByteCount
    let columnCount = records.columnCount
    var rowCount: UInt64 = 0
    defer { countPlain(rowCount, &result) }
    while let filled = unsafe scanner.nextPlain(columnCount, into: records.next) {
      let byteCount = scanner.recordEnd &- scanner.recordStart
      guard byteCount <= byteCountMax,
        let key = unsafe plan.plainKey(records.next, filled, tape.source + scanner.recordStart),
        isASCII || isUTF8(scanner)
      else {
        unsafe scanner.list(records.next, columnCount)
        return true
      }
      rowCount &+= 1
      append(scanner.recordStart, byteCount, filled, key)
      if records.isFull { takeRecords(plan, &survey, &result) }
    }
    return false
  }

  /// Takes the record whose cells stand behind those of the list.
  @inline(__always)
  private mutating func append(_ start: Int, _ byteCount: Int, _ filled: UInt64, _ key: UInt32) {
    let hash = unsafe shardHash(
      UnsafeBufferPointer(start: tape.source + start + Int(key & 0xFFFF), count: Int(key >> 16))
    )
    records.append(
      RecordList.Head(
        start: UInt32(truncatingIfNeeded: start),
        byteCount: UInt32(truncatingIfNeeded: byteCount),
        filled: filled,
        key: key,
        hash: hash
      ),
      shard: picker.shard(of: hash)
    )
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

  /// Puts the current record, a good one, into the list.
  ///
  /// - Returns: whether it can be there.
  mutating func takeIntoList(
    _ scanner: borrowing RecordScanner,
    _ key: FlatPlan.Key,
    _ plan: FlatPlan,
    _ survey: inout FlatSurvey,
    _ result: inout ChunkResult
  ) -> Bool {
    let byteCount = scanner.recordEnd - scanner.recordStart
    guard key.isPlain, key.cell.offset < Tape.aside,
      byteCount <= min(RecordList.recordByteCountMax, options.limits.batchByteCount)
    else { return false }
    for column in 0..<scanner.cells.count {
      unsafe records.next[column] = place(scanner.cells[column], in: scanner)
    }
    append(scanner.recordStart, byteCount, scanner.cells.filled, place(key.cell, in: scanner))
    if records.isFull { takeRecords(plan, &survey, &result) }
    return true
  }

  /// A cell of the current record as the list has it.
  @inline(__always)
  private func place(_ cell: Tape.Place, in scanner: borrowing RecordScanner) -> UInt32 {
    UInt32(truncatingIfNeeded: cell.offset &- scanner.recordStart)
      | UInt32(truncatingIfNeeded: cell.count) &<< 16
  }

  /// Writes the records of the list to tables, a shard's after another's.
  mutating func takeRecords(
    _ plan: FlatPlan,
    _ survey: inout FlatSurvey,
    _ result: inout ChunkResult
  ) {
    guard records.count > 0 else { return }
    // Rows that interrupted the tables come first.
    shards.finish(&result.batches)
    unsafe survey.sample(records, tape.source, result.cellTypes)
    let starts = records.sort(shardCount: picker.count)
    for shard in 0..<picker.count {
      var places = starts[shard]..<starts[shard + 1]
      while !places.isEmpty {
        unsafe block.take(
          records,
          places,
          byteCountMax: options.limits.batchByteCount,
          tape.source
        )
        places = places.dropFirst(block.count)
        survey.count(block, plan)
        unsafe tables.take(block, tape.source, &result.cellTypes)
        if tables.isFull { unsafe tables.finish(shard, tape.source, &result.batches) }
      }
      unsafe tables.finish(shard, tape.source, &result.batches)
    }
    records.removeAll()
  }
}
