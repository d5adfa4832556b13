import Bytes
import Domain
private import Glibc

/// Lines of JSON: each is read by the shape of rows before it if it can be, else quickly, else
/// carefully.
extension ChunkWorker {
  mutating func readLines(_ result: inout ChunkResult) throws(IntakeError) {
    let buffer = result.buffer
    let limit = options.limits.lineByteCountMax
    var start = 0
    while start < buffer.count {
      result.lineCount += 1
      var end = readByShape(from: start, &result)
      if end < 0 {
        end = tape.readQuickly(from: start, names: &names)
        if end >= 0, end - start <= limit {
          try takeQuickly(start..<end, &result)
        } else {
          // The chunk is sealed: there is a line feed.
          unsafe end =
            memchr(buffer.base + start, 0x0A, buffer.count + 1 - start)
            .map { unsafe $0 - UnsafeMutableRawPointer(buffer.base) } ?? buffer.count
          let line = unsafe UnsafeBufferPointer(start: buffer.base + start, count: end - start)
          unsafe try readCarefully(line, &result)
        }
      }
      start = end + 1
    }
  }

  /// Reads and takes a row that is written like one before; else answers -1.
  @inline(__always)
  private mutating func readByShape(from start: Int, _ result: inout ChunkResult) -> Int {
    guard shapes.areOfUse, isSurveying, !isBatching || interruptions.areFew else { return -1 }
    let end = unsafe shapes.read(from: start, tape.source)
    let byteCount = end &- start
    guard end >= 0, byteCount <= options.limits.lineByteCountMax,
      !isBatching || tapeTables.fits(byteCount: byteCount)
    else {
      shapes.count(isHit: false)
      return -1
    }
    shapes.count(isHit: true)
    count(&result)
    if isEvent { result.counts.eventRows += 1 } else { result.counts.profileRows += 1 }
    tree.count(shapes, isEvent: isEvent, tape)
    if isBatching {
      // Rows that interrupted the tables come first.
      shards.finish(&result.batches)
      unsafe tapeTables.take(shapes, byteCount: byteCount, tape.source, &result.batches)
    }
    return end
  }

  /// Takes a row that was read quickly.
  private mutating func takeQuickly(
    _ line: Range<Int>,
    _ result: inout ChunkResult
  ) throws(IntakeError) {
    count(&result)
    do throws(RowFault) {
      try shape(result)
    } catch {
      let start = unsafe UnsafePointer(result.buffer.base + line.lowerBound)
      return unsafe reject(error, line: start, count: line.count, &result)
    }
    guard try take(byteCount: line.count, &result) else { return }
    shapes.learn(
      from: line.lowerBound,
      tape,
      root: isEvent ? 1 : 0,
      tree,
      tapeTables.places,
      hasColumns: isBatching
    )
  }

  private mutating func readCarefully(
    _ line: UnsafeBufferPointer<UInt8>,
    _ result: inout ChunkResult
  ) throws(IntakeError) {
    let limit = options.limits.lineByteCountMax
    guard line.count <= limit else {
      count(&result)
      let detail = "the line is longer than \(limit) bytes"
      return reject(RowFault(reason: .tooLong, detail: detail), &result, line: result.lineCount)
    }
    if unsafe line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { return }
    count(&result)
    do throws(RowFault) {
      unsafe try tape.read(json: line, names: &names)
      try shape(result)
    } catch {
      return unsafe reject(
        error,
        line: line.baseAddress ?? UnsafePointer(result.buffer.base),
        count: line.count,
        &result
      )
    }
    _ = try take(byteCount: line.count, &result)
  }

  /// Hands the shaped rows of a line on; answers whether other lines may be read by its shape.
  private mutating func take(
    byteCount: Int,
    _ result: inout ChunkResult
  ) throws(IntakeError) -> Bool {
    countRows(&result)
    if isSurveying { try survey() }
    let isPlain =
      isBatching
      ? writeLine(byteCount: byteCount, &result)
      : rows.count == 1 && rows[0].isEvent == isEvent && rows[0].timestamp == nil
    return !forgetNamesIfMany(&result) && isPlain && isSurveying
  }

  /// Writes the shaped rows of a line; answers whether they went to a table, which a single one does
  /// that fits.
  private mutating func writeLine(byteCount: Int, _ result: inout ChunkResult) -> Bool {
    if interruptions.areFew, rows.count == 1, rows[0].isEvent == isEvent {
      if tapeTables.fits(rows[0], byteCount: byteCount, tape, names) {
        // Rows that interrupted the tables come first.
        shards.finish(&result.batches)
        tapeTables.take(rows[0], byteCount: byteCount, tape, &result.batches)
        return true
      }
      interruptions.miss()
    }
    if !tapeTables.isEmpty {
      unsafe tapeTables.finish(tape.source, &result.batches)
      _ = interruptions.goOn()
    }
    shards.write(rows, tape, names, &result.batches)
    return false
  }

  /// Rejects a line, which is shown where the fault says nothing of a field or value.
  private mutating func reject(
    _ fault: RowFault,
    line: UnsafePointer<UInt8>,
    count: Int,
    _ result: inout ChunkResult
  ) {
    var fault = fault
    if fault.value.utf8.isEmpty, fault.field.utf8.isEmpty {
      unsafe fault.value = Printable.text(
        UnsafeBufferPointer(start: line, count: count),
        byteCountMax: Reject.valueByteCountMax
      )
    }
    reject(fault, &result, line: result.lineCount)
  }
}
