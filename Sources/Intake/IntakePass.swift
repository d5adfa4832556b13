import Bytes
import Domain
import Platform

/// What a pass does with the rows it finds good.
protocol RowSink {
  /// Takes the rows of one line or record.
  mutating func take(
    _ rows: [ShapedRow],
    _ tape: borrowing Tape,
    _ names: inout NameTable
  ) throws

  /// Takes the header of a CSV file, whose records follow.
  mutating func begin(columns: [Text], kind: RowKind)

  /// Takes a good CSV record, before its rows.
  mutating func take(cells: borrowing CSVScanner)

  /// Takes new numbers for what it knows by those of `old`; `names` is empty again.
  mutating func renumber(from old: NameTable, _ names: inout NameTable)

  /// Types of the columns of CSV files of that kind, by path.
  func columnTypes(_ kind: RowKind) -> [Text: FieldType]
}

/// What a pass counted.
struct IntakeCounts: Equatable, Sendable {
  /// Good rows, inline events apart from their profiles.
  var profileRows: UInt64 = 0
  var eventRows: UInt64 = 0
  /// Lines or records with something in them, by kind of file; rejected ones included.
  var profileRecords: UInt64 = 0
  var eventRecords: UInt64 = 0
  /// Bytes of each file, decompressed.
  var textByteCounts: [Int] = []

  var recordCount: UInt64 { profileRecords + eventRecords }
}

/// One walk over all files: blocks to lines or records, those to tapes, tapes to shaped rows.
struct IntakePass<Sink: RowSink> {
  /// Bytes read at once.
  static var blockByteCount: Int { 256 << 10 }

  /// What a block is filled up with before it is read: copied whole, also in debug builds.
  private let zeroBlock = [UInt8](repeating: 0, count: IntakePass.blockByteCount)

  let source: IntakeSource
  var sink: Sink
  /// Sees every block of every file, decompressed, and each file's start.
  var hash: ContentHash?
  var progress: ((IntakeProgress) throws -> Void)?

  private(set) var counts = IntakeCounts()
  private(set) var rejects: RejectReport
  private(set) var names = NameTable()
  private var tape = Tape()
  private var shaper: RowShaper
  private var rows: [ShapedRow] = []
  private var nameByteCountMax: Int

  init(
    source: IntakeSource,
    sink: Sink,
    hash: ContentHash? = nil,
    progress: ((IntakeProgress) throws -> Void)?
  ) {
    self.source = source
    self.sink = sink
    self.hash = hash
    self.progress = progress
    rejects = RejectReport(limit: source.options.limits.listedRejectCountMax)
    shaper = RowShaper(source.options)
    nameByteCountMax = source.options.limits.nameByteCountMax
  }

  mutating func run() throws {
    var byteCountBefore = 0
    let total = source.byteCount
    let options = source.options
    for file in source.files {
      let input = try IntakeSource.disk { () throws(DiskError) in
        try ByteInput(file.path, through: file.compression.program)
      }
      hash?.begin(file, options)
      counts.textByteCounts.append(0)
      switch file.format {
      case .jsonLines: try readLines(file, input, before: byteCountBefore, total: total)
      case .csv, .tsv: try readRecords(file, input, before: byteCountBefore, total: total)
      }
      hash?.end()
      byteCountBefore += file.byteCount
    }
  }

  /// The next block of a file; empty at its end.
  private mutating func readBlock(
    _ block: inout [UInt8],
    _ input: ByteInput,
    before: Int,
    total: Int
  ) throws {
    block.append(contentsOf: zeroBlock[block.count...])
    do throws(DiskError) {
      try IntakeSource.readBlock(input, into: &block)
    } catch {
      throw IntakeError.disk(error)
    }
    hash?.add(block)
    counts.textByteCounts[counts.textByteCounts.count - 1] += block.count
    try progress?(
      IntakeProgress(
        byteCount: min(total, before + input.position),
        byteCountTotal: total,
        rowCount: counts.recordCount
      )
    )
  }

  private mutating func readLines(
    _ file: IntakeFile,
    _ input: ByteInput,
    before: Int,
    total: Int
  ) throws {
    var splitter = LineSplitter(byteCountMax: source.options.limits.lineByteCountMax)
    var block: [UInt8] = []
    repeat {
      try readBlock(&block, input, before: before, total: total)
      try unsafe block.withUnsafeBufferPointer { buffer in
        unsafe try splitter.feed(buffer) { line, number throws(any Error) in
          unsafe try take(line, number, file)
        }
      }
    } while !block.isEmpty
    unsafe try splitter.finish { line, number throws(any Error) in
      unsafe try take(line, number, file)
    }
  }

  private mutating func take(
    _ line: LineSplitter.Line,
    _ number: Int,
    _ file: IntakeFile
  ) throws {
    switch unsafe line {
    case .tooLong:
      count(file.kind)
      let limit = source.options.limits.lineByteCountMax
      reject(
        RowFault(reason: .tooLong, detail: "the line is longer than \(limit) bytes"),
        file,
        number
      )
    case .whole(let bytes):
      if unsafe isBlank(bytes) { return }
      count(file.kind)
      do throws(RowFault) {
        unsafe try tape.read(json: bytes, names: &names)
        try shape(file.kind)
      } catch {
        var fault = error
        if fault.value.utf8.isEmpty, fault.field.utf8.isEmpty {
          unsafe fault.value = Printable.text(bytes, byteCountMax: Reject.valueByteCountMax)
        }
        return reject(fault, file, number)
      }
      try take()
    }
  }

  private mutating func readRecords(
    _ file: IntakeFile,
    _ input: ByteInput,
    before: Int,
    total: Int
  ) throws {
    var scanner = CSVScanner(
      separator: source.options.separator ?? file.format.separator,
      recordByteCountMax: source.options.limits.lineByteCountMax
    )
    var header: ColumnPlan?
    var block: [UInt8] = []
    repeat {
      try readBlock(&block, input, before: before, total: total)
      try unsafe block.withUnsafeBufferPointer { buffer in
        var start = 0
        var isMore = true
        while isMore {
          isMore = try takeRecord(&scanner, &header, file) { scanner throws(CSVError) in
            unsafe try scanner.next(buffer, from: &start)
          }
        }
      }
    } while !block.isEmpty
    while try takeRecord(
      &scanner,
      &header,
      file,
      { scanner throws(CSVError) in try scanner.finish() }
    ) {}
  }

  /// Takes the record that `step` completes; answers whether there was one, or an error in its place.
  private mutating func takeRecord(
    _ scanner: inout CSVScanner,
    _ header: inout ColumnPlan?,
    _ file: IntakeFile,
    _ step: (inout CSVScanner) throws(CSVError) -> Bool
  ) throws -> Bool {
    var fault: RowFault?
    do throws(CSVError) {
      guard try step(&scanner) else { return false }
    } catch {
      guard header != nil else {
        throw IntakeError.badHeader(file: file.shownName, reason: error.description)
      }
      var reason = RejectReason.malformedCSV
      if case .recordTooLong = error { reason = .tooLong }
      fault = RowFault(reason: reason, detail: error.description)
    }
    if header == nil {
      let columns = try IntakePass.columns(scanner, file)
      header = try ColumnPlan(
        header: columns,
        types: sink.columnTypes(file.kind),
        file: file.shownName
      )
      let options = source.options
      if let reason = KeyColumn.reason(
        against: columns,
        rule: file.kind == .event ? options.eventKey : options.profileKey
      ) {
        throw IntakeError.noKeyColumn(file: file.shownName, reason: reason)
      }
      sink.begin(columns: columns, kind: file.kind)
      return true
    }
    count(file.kind)
    if let fault {
      reject(fault, file, scanner.recordLine)
      return true
    }
    do throws(RowFault) {
      try header?.read(scanner, into: &tape, names: &names)
      try shape(file.kind)
    } catch {
      reject(error, file, scanner.recordLine)
      return true
    }
    sink.take(cells: scanner)
    try take()
    return true
  }

  /// The names in a header record.
  private static func columns(
    _ scanner: CSVScanner,
    _ file: IntakeFile
  ) throws(IntakeError) -> [Text] {
    var columns: [Text] = []
    for index in 0..<scanner.cellCount {
      guard let name = scanner.text(index) else {
        throw .badHeader(file: file.shownName, reason: "column \(index + 1) is not valid UTF-8")
      }
      columns.append(name)
    }
    return columns
  }

  private mutating func count(_ kind: RowKind) {
    if kind == .event { counts.eventRecords += 1 } else { counts.profileRecords += 1 }
  }

  private mutating func shape(_ kind: RowKind) throws(RowFault) {
    let number = kind == .event ? counts.eventRecords : counts.profileRecords
    try shaper.shape(&tape, kind: kind, rowNumber: number, names: &names, rows: &rows)
  }

  /// Hands the shaped rows on.
  private mutating func take() throws {
    for row in rows {
      if row.kind == .event { counts.eventRows += 1 } else { counts.profileRows += 1 }
    }
    try sink.take(rows, tape, &names)
    forgetNamesIfMany()
  }

  private mutating func reject(_ fault: RowFault, _ file: IntakeFile, _ line: Int) {
    rejects.add(
      Reject(
        file: file.shownName,
        line: line,
        reason: fault.reason,
        field: fault.field,
        value: fault.value,
        detail: fault.detail
      )
    )
    forgetNamesIfMany()
  }

  /// Keys of maps are names too, so without end there would be no end of them.
  private mutating func forgetNamesIfMany() {
    guard names.byteCount > nameByteCountMax else { return }
    let old = names
    names.removeAll()
    sink.renumber(from: old, &names)
    // The names that stay in use do not count as too many again and again.
    nameByteCountMax = max(nameByteCountMax, 2 * names.byteCount)
  }

  private func isBlank(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    for index in 0..<line.count {
      let byte = unsafe line[index]
      if byte != 0x20 && byte != 0x0D && byte != 0x09 { return false }
    }
    return true
  }
}
