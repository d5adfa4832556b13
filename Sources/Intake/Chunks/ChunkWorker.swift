import Bytes
import Domain
private import Glibc

/// Reads chunks: text to tapes, tapes to shaped rows, those to counts and batches.
///
/// Each thread of a pass has one. Nothing it keeps from chunk to chunk changes what comes of the
/// next one: only numbers of names, guesses and memory stay.
struct ChunkWorker: ~Copyable {
  /// What is to be done with good rows.
  struct Work: OptionSet {
    let rawValue: Int

    static let survey = Work(rawValue: 1)
    static let batches = Work(rawValue: 2)
  }

  /// A table takes less than the text of its rows.
  private static let tableTextFactor = 2

  let options: IntakeOptions
  var names = NameTable()
  var tape = Tape()
  private var shaper: RowShaper
  var rows: [ShapedRow] = []
  private var nameByteCountMax: Int
  var tree: SurveyTree
  var shards: ShardBatches
  /// Of the records of plain files.
  var tables: RecordTables
  var records = RecordList(columnCount: 0)
  var block = CellBlock(columnCount: 0)
  let picker: ShardPicker
  /// Of the rows of JSON lines.
  var tapeTables: TapeTables
  var interruptions = TableInterruptions()
  /// How they are written.
  var shapes: LineShapes
  /// Records of the chunks before; known where a single thread reads all of them in order.
  private var before = IntakeCounts()
  /// The present chunk is of a file of events.
  var isEvent = false
  let isSurveying: Bool
  let isBatching: Bool

  init(_ options: IntakeOptions, _ work: Work, shardCount: Int) {
    self.options = options
    isSurveying = work.contains(.survey)
    isBatching = work.contains(.batches)
    shaper = RowShaper(options)
    nameByteCountMax = options.limits.nameByteCountMax
    tree = SurveyTree(mapFieldCountMin: options.limits.mapFieldCountMin)
    shards = ShardBatches(count: shardCount, batchByteCount: options.limits.batchByteCount)
    let byteCountMax = ChunkWorker.tableTextFactor * options.limits.batchByteCount
    tables = RecordTables(byteCountMax: byteCountMax)
    picker = ShardPicker(shardCount)
    tapeTables = TapeTables(shardCount: shardCount, byteCountMax: byteCountMax)
    shapes = LineShapes(options)
  }

  mutating func run(_ head: ChunkHead, _ buffer: ChunkBuffer) -> ChunkResult {
    var result = ChunkResult(
      head: head,
      buffer: buffer,
      rejects: RejectReport(limit: options.limits.listedRejectCountMax)
    )
    isEvent = head.file.kind == .event
    interruptions = TableInterruptions()
    if isSurveying { tree.begin(&names) }
    unsafe tape.source = UnsafePointer(buffer.base)
    do {
      if var plan = head.plan {
        try readRecords(&plan, &result)
      } else if head.file.format == .jsonLines {
        tapeTables.begin(head.file.kind)
        shapes.begin(head.file.kind, &names)
        try readLines(&result)
        unsafe tapeTables.finish(tape.source, &result.batches)
      } else {
        // Blank lines before the header.
        result.lineCount = head.lineCountBefore
      }
    } catch {
      result.failure = error
    }
    if isSurveying {
      let parts = tree.parts(names)
      let least = options.limits.mapFieldCountMin
      result.profile.add(parts.profile, mapFieldCountMin: least, isRow: true)
      result.event.add(parts.event, mapFieldCountMin: least, isRow: true)
    }
    shards.finish(&result.batches)
    before += result.counts
    return result
  }

  private mutating func readRecords(
    _ plan: inout ColumnPlan,
    _ result: inout ChunkResult
  ) throws(IntakeError) {
    let buffer = result.buffer
    let isASCII = unsafe UTF8Validation.isASCII(buffer.bytes)
    result.cellTypes = Array(repeating: CellTypes(), count: plan.columns.count)
    var flat = FlatPlan(plan, options, isEvent ? .event : .attributes)
    flat?.number(&names)
    var flatSurvey = FlatSurvey(flat)
    var isTabling = beginTables(flat)
    var scanner = RecordScanner(
      buffer,
      from: result.head.start,
      lineCountBefore: result.head.lineCountBefore,
      separator: plan.separator,
      recordByteCountMax: options.limits.lineByteCountMax
    )
    records: while true {
      tape.removeAll()
      var fault: RowFault?
      if isTabling, let flat,
        readPlain(&scanner, flat, isASCII: isASCII, &flatSurvey, &result)
      {
        // Listed, and to be looked at more closely.
      } else {
        switch scanner.next() {
        case .end: break records
        case .record: break
        case .irregular: fault = readIrregular(&scanner, plan, &result)
        }
      }
      let line = scanner.recordLine + 1
      count(&result)
      if fault == nil, scanner.cells.count != plan.columns.count {
        let detail = "\(scanner.cells.count) cells, the header has \(plan.columns.count)"
        fault = RowFault(reason: .wrongCellCount, detail: detail)
      }
      if fault == nil, !isASCII { fault = invalidUTF8(scanner) }
      if let fault {
        reject(fault, &result, line: line)
        continue
      }
      if let flat, let key = flat.key(scanner.cells, tape) {
        if isEvent { result.counts.eventRows += 1 } else { result.counts.profileRows += 1 }
        if isTabling {
          if takeIntoList(scanner, key, flat, &flatSurvey, &result) { continue }
          takeRecords(flat, &flatSurvey, &result)
          isTabling = interruptions.goOn()
        }
        if isSurveying { flatSurvey.count(scanner.cells, tape, flat, &result.cellTypes) }
        if isBatching { write(scanner.cells, key, flat, &plan, &result) }
        continue
      }
      do throws(RowFault) {
        if isSurveying {
          // Cells are counted as they are written.
          plan.read(scanner.cells, isTyped: false, into: &tape, names: &names)
          try shape(result)
          for index in 0..<scanner.cells.count where scanner.cells[index].count > 0 {
            unsafe tape.withBytes(scanner.cells[index]) { unsafe result.cellTypes[index].add($0) }
          }
        } else {
          plan.read(scanner.cells, isTyped: true, into: &tape, names: &names)
          try shape(result)
        }
      } catch {
        reject(error, &result, line: line)
        continue
      }
      countRows(&result)
      if isSurveying { try survey() }
      if isBatching {
        if isSurveying { reshape(scanner.cells, &plan, result) }
        shards.write(rows, tape, names, &result.batches)
      }
      forgetNamesIfMany(&result)
    }
    if let flat { takeRecords(flat, &flatSurvey, &result) }
    result.lineCount = scanner.lineCount + (result.head.hasDroppedLineEnd ? 1 : 0)
    if let flat, isSurveying {
      let part = flatSurvey.part(flat, result.cellTypes)
      if isEvent { result.event = part } else { result.profile = part }
    }
  }

  // MARK: Rows

  /// Writes a good record of a plain file.
  @inline(__always)
  private mutating func write(
    _ cells: borrowing CellList,
    _ key: FlatPlan.Key,
    _ flat: FlatPlan,
    _ plan: inout ColumnPlan,
    _ result: inout ChunkResult
  ) {
    if key.isPlain {
      shards.write(cells, key.cell, flat, isEvent: isEvent, tape, names, &result.batches)
    } else {
      reshape(cells, &plan, result)
      shards.write(rows, tape, names, &result.batches)
    }
  }

  /// Shapes a record that is known to be good with its cells as values of their types.
  private mutating func reshape(
    _ cells: borrowing CellList,
    _ plan: inout ColumnPlan,
    _ result: borrowing ChunkResult
  ) {
    plan.read(cells, isTyped: true, into: &tape, names: &names)
    do throws(RowFault) {
      try shape(result)
    } catch {
      // Not as good with these types: they are not the right ones, and the load is void.
      rows = []
    }
  }

  /// Reads the record that the scanner gave up by the one that names every error.
  private mutating func readIrregular(
    _ scanner: inout RecordScanner,
    _ plan: ColumnPlan,
    _ result: inout ChunkResult
  ) -> RowFault? {
    let buffer = result.buffer
    var careful = CSVScanner(
      separator: plan.separator,
      recordByteCountMax: options.limits.lineByteCountMax,
      isAtStart: false
    )
    let rest = unsafe UnsafeBufferPointer(rebasing: buffer.bytes[scanner.recordStart...])
    var used = 0
    var fault: RowFault?
    do throws(CSVError) {
      if unsafe try !careful.next(rest, from: &used) { _ = try careful.finish() }
      tape.removeAll()
      scanner.take(careful, &tape)
    } catch {
      var reason = RejectReason.malformedCSV
      if case .recordTooLong = error { reason = .tooLong }
      // The wording waits for the lines of the chunks before.
      result.scannerErrors[result.rejects.listed.count] = (error, scanner.recordLine)
      fault = RowFault(reason: reason, detail: "")
      _ = unsafe try? careful.skipLine(rest, from: &used)
    }
    let end = scanner.recordStart + used
    let isSplit =
      unsafe used > 0 && end < buffer.count && buffer.base[end - 1] == 0x0D
      && buffer.base[end] == 0x0A
    scanner.resume(
      at: isSplit ? end + 1 : end,
      lineCount: scanner.recordLine + careful.lineCount
    )
    return fault
  }

  private func invalidUTF8(_ scanner: borrowing RecordScanner) -> RowFault? {
    let record = unsafe UnsafeBufferPointer(
      start: tape.source + scanner.recordStart,
      count: scanner.recordEnd - scanner.recordStart
    )
    if unsafe UTF8Validation.firstInvalid(record) == nil { return nil }
    var cells: [UInt8] = []
    for index in 0..<scanner.cells.count { cells += tape.bytes(scanner.cells[index]) }
    guard let at = UTF8Validation.firstInvalid(cells) else { return nil }
    return RowFault(reason: .invalidUTF8, detail: "a cell is not valid UTF-8 at its byte \(at)")
  }

  func count(_ result: inout ChunkResult) {
    if isEvent {
      result.counts.eventRecords += 1
    } else {
      result.counts.profileRecords += 1
    }
  }

  mutating func shape(_ result: borrowing ChunkResult) throws(RowFault) {
    let number =
      isEvent
      ? before.eventRecords + result.counts.eventRecords
      : before.profileRecords + result.counts.profileRecords
    try shaper.shape(&tape, isEvent: isEvent, rowNumber: number, names: &names, rows: &rows)
  }

  func countRows(_ result: inout ChunkResult) {
    for row in rows {
      if row.isEvent { result.counts.eventRows += 1 } else { result.counts.profileRows += 1 }
    }
  }

  mutating func survey() throws(IntakeError) {
    for row in rows { tree.count(row, tape) }
    shapes.follow(foldCount: tree.foldCount)
    let limit = options.limits.fieldCountMax
    guard tree.nodeCount <= limit else { throw .tooManyFields(limit: limit) }
  }

  mutating func reject(_ fault: RowFault, _ result: inout ChunkResult, line: Int) {
    result.rejects.add(
      Reject(
        file: result.head.file.shownName,
        line: line,
        reason: fault.reason,
        field: fault.field,
        value: fault.value,
        detail: fault.detail
      )
    )
    forgetNamesIfMany(&result)
  }

  /// Keys of maps are names too, so without end there would be no end of them.
  ///
  /// - Parameter result: of the chunk.
  /// - Returns: whether they were forgotten.
  @discardableResult
  mutating func forgetNamesIfMany(_ result: inout ChunkResult) -> Bool {
    guard names.byteCount > nameByteCountMax else { return false }
    unsafe tapeTables.finish(tape.source, &result.batches)
    tapeTables.begin(result.head.file.kind)
    var old = names.successor()
    swap(&old, &names)
    if isSurveying { tree.renumber(from: old, &names) }
    shapes.begin(result.head.file.kind, &names)
    shards.forgetNumbers()
    // The names that stay in use do not count as too many again and again.
    nameByteCountMax = max(nameByteCountMax, 2 * names.byteCount)
    return true
  }
}
