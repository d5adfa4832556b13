import Bytes
import Domain
private import Glibc
import Platform

/// Whole lines or records of one file, and what is known of them before they are read.
struct ChunkHead: Sendable {
  /// Over all files, from 0.
  var number: Int
  var file: IntakeFile
  /// Offset of the first record in the chunk, behind the header.
  var start = 0
  /// Line ends before `start`.
  var lineCountBefore = 0
  /// No line of the chunk has number 1 in its file.
  var isFirstOfFile: Bool
  /// The columns of a CSV file.
  var plan: ColumnPlan?
  /// The rest of the last line, which is too long, was dropped with its end.
  var hasDroppedLineEnd = false
  /// Bytes of all files on disk that were taken so far.
  var position = 0
}

/// Cuts the files, one after the other, into chunks that begin and end between records.
///
/// Where the cuts are depends on the contents alone, not on how fast anybody reads. A line or record
/// over the limit is cut short just behind the limit and the rest of it dropped as it comes, so a
/// chunk is never longer than the limit and what is read at once.
struct ChunkReader {
  /// What is left is cut into more chunks than this.
  private static let lastChunkCount = 4
  /// Bytes read at once: they are still near when they are hashed.
  private static let readByteCount = 256 << 10

  private let source: IntakeSource
  private let columnTypes: [RowKind: [Text: FieldType]]
  private let chunkByteCount: Int
  private var fileIndex = -1
  private var input: ByteInput?
  private var isFirstOfFile = true
  private var plan: ColumnPlan?
  /// The beginning of the next chunk.
  private var rest: [UInt8] = []
  private var number = 0
  private var byteCountBefore = 0
  /// Only the first chunk of each file is wanted.
  private let isSample: Bool
  /// Sees every byte of every file, decompressed, and each file's start.
  private(set) var hash: ContentHash
  /// Of each file.
  private(set) var fileHashes: [[UInt8]] = []
  /// Bytes of all files, decompressed.
  private(set) var textByteCount = 0
  /// Bytes of the present one.
  private var fileByteCount = 0

  init(
    _ source: IntakeSource,
    columnTypes: [RowKind: [Text: FieldType]],
    chunkByteCount: Int,
    isSample: Bool
  ) {
    self.source = source
    self.columnTypes = columnTypes
    self.chunkByteCount = max(1, chunkByteCount)
    self.isSample = isSample
    hash = ContentHash(source.options)
  }

  /// Fills the buffer with the next chunk; `nil` when all files were read.
  mutating func next(into buffer: ChunkBuffer) throws(IntakeError) -> ChunkHead? {
    while true {
      if input == nil, try !openNext() { return nil }
      if !isSample || isFirstOfFile, let head = try cut(buffer) { return head }
      rest.removeAll(keepingCapacity: true)
      fileHashes.append(hash.end())
      byteCountBefore += source.files[fileIndex].byteCount
      input = nil
    }
  }

  private mutating func openNext() throws(IntakeError) -> Bool {
    guard fileIndex + 1 < source.files.count else { return false }
    fileIndex += 1
    let file = source.files[fileIndex]
    input = try IntakeSource.disk { () throws(DiskError) in
      try ByteInput(file.path, through: file.compression.program)
    }
    isFirstOfFile = true
    plan = nil
    hash.begin(file, source.options)
    fileByteCount = 0
    return true
  }

  /// The next chunk of the file; `nil` at its end.
  private mutating func cut(_ buffer: ChunkBuffer) throws(IntakeError) -> ChunkHead? {
    let file = source.files[fileIndex]
    let limit = source.options.limits.lineByteCountMax
    var cutter = RecordCutter(separator: separator(of: file), recordByteCountMax: limit)
    buffer.removeAll()
    unsafe rest.withUnsafeBufferPointer { unsafe buffer.append($0) }
    rest.removeAll(keepingCapacity: true)
    let wanted = wantedByteCount(of: file)
    while true {
      let more = min(chunkByteCount, ChunkReader.readByteCount)
      let isAtEnd = try fill(buffer, to: max(wanted, buffer.count + more))
      buffer.seal()
      guard !isAtEnd else {
        return buffer.count == 0 ? nil : try head(buffer, file)
      }
      let end: Int
      if file.format == .jsonLines {
        unsafe end = lastLineEnd(buffer.bytes)
      } else {
        unsafe cutter.scan(buffer.bytes)
        end = cutter.end
      }
      if end > 0 {
        unsafe rest.append(
          contentsOf: UnsafeBufferPointer(rebasing: buffer.bytes[end..<buffer.count])
        )
        buffer.removeLast(buffer.count - end)
        buffer.seal()
        return try head(buffer, file)
      }
      guard buffer.count <= limit + 1 else {
        let hasEnd = try dropLine(buffer, file, from: limit)
        var head = try head(buffer, file)
        head.hasDroppedLineEnd = hasEnd
        return head
      }
    }
  }

  /// Bytes of the next chunk: fewer towards the end, so that no thread is long at the last ones while
  /// others have nothing to do.
  private func wantedByteCount(of file: IntakeFile) -> Int {
    // How much of a compressed file was taken depends on how fast it was.
    guard file.compression == .none, let input else { return chunkByteCount }
    let left = source.byteCount - byteCountBefore - input.position
    let least = min(chunkByteCount, source.options.limits.chunkByteCount)
    return max(least, min(chunkByteCount, left / ChunkReader.lastChunkCount))
  }

  private func separator(of file: IntakeFile) -> UInt8 {
    source.options.separator ?? file.format.separator
  }

  /// Reads until the buffer has so many bytes; answers whether the file has ended.
  private mutating func fill(_ buffer: ChunkBuffer, to count: Int) throws(IntakeError) -> Bool {
    guard let input else { return true }
    while buffer.count < count {
      let start = buffer.count
      let wanted = min(ChunkReader.readByteCount, count - start)
      do throws(DiskError) {
        try unsafe buffer.append(byteCount: wanted) { room throws(DiskError) in
          unsafe try input.read(into: room)
        }
      } catch {
        throw .disk(error)
      }
      guard buffer.count > start else { return true }
      let added = unsafe UnsafeBufferPointer(rebasing: buffer.bytes[start...])
      unsafe hash.add(UnsafeRawBufferPointer(added))
      fileByteCount += added.count
      textByteCount += added.count
      if isFirstOfFile, buffer.count >= 3 { skipMark(buffer) }
    }
    return false
  }

  /// Takes away a byte order mark at the file's start.
  private func skipMark(_ buffer: ChunkBuffer) {
    let isMark = unsafe buffer.bytes.starts(with: [0xEF, 0xBB, 0xBF])
    if isMark, fileByteCount == buffer.count { buffer.removeFirst(3) }
  }

  /// Offset behind the last line end; 0 when there is none.
  private func lastLineEnd(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = text.baseAddress, let found = unsafe memrchr(base, 0x0A, text.count) else {
      return 0
    }
    return unsafe found - UnsafeMutableRawPointer(mutating: base) + 1
  }

  /// Keeps the beginning of a line over the limit, one byte more than the limit has, and drops the
  /// rest up to the next line end; what follows is for the next chunk.
  ///
  /// - Returns: whether there was a line end.
  private mutating func dropLine(
    _ buffer: ChunkBuffer,
    _ file: IntakeFile,
    from limit: Int
  ) throws(IntakeError) -> Bool {
    var last: UInt8 = 0
    if limit > 0, file.format != .jsonLines { last = unsafe buffer.bytes[limit - 1] }
    let dropped = ChunkBuffer(capacity: ChunkReader.readByteCount)
    unsafe dropped.append(UnsafeBufferPointer(rebasing: buffer.bytes[limit..<buffer.count]))
    buffer.removeLast(buffer.count - limit)
    // Any byte but a line end: it says that the line goes on, and is shown to nobody.
    unsafe [0x78].withUnsafeBufferPointer { unsafe buffer.append($0) }
    buffer.seal()
    var hasEnd = false
    while true {
      for index in 0..<dropped.count {
        let byte = unsafe dropped.bytes[index]
        let isCR = last == 0x0D
        last = byte
        if hasEnd {
          let start = byte == 0x0A && isCR ? index + 1 : index
          unsafe rest.append(
            contentsOf: UnsafeBufferPointer(rebasing: dropped.bytes[start..<dropped.count])
          )
          return true
        }
        let isEnd = byte == 0x0A || (byte == 0x0D && file.format != .jsonLines)
        hasEnd = isEnd && !(byte == 0x0A && isCR && file.format != .jsonLines)
      }
      dropped.removeAll()
      if try fill(dropped, to: ChunkReader.readByteCount), dropped.count == 0 { return hasEnd }
    }
  }

  /// What is to be known of the chunk in the buffer; reads the header of a CSV file in its first one.
  private mutating func head(
    _ buffer: ChunkBuffer,
    _ file: IntakeFile
  ) throws(IntakeError) -> ChunkHead {
    var head = ChunkHead(number: number, file: file, isFirstOfFile: isFirstOfFile)
    number += 1
    isFirstOfFile = false
    head.position = min(source.byteCount, byteCountBefore + (input?.position ?? 0))
    guard file.format != .jsonLines else { return head }
    if plan == nil { try readHeader(buffer, file, &head) }
    head.plan = plan
    return head
  }

  private mutating func readHeader(
    _ buffer: ChunkBuffer,
    _ file: IntakeFile,
    _ head: inout ChunkHead
  ) throws(IntakeError) {
    var scanner = CSVScanner(
      separator: separator(of: file),
      recordByteCountMax: source.options.limits.lineByteCountMax,
      isAtStart: false
    )
    do throws(CSVError) {
      let isFound = unsafe try scanner.next(buffer.bytes, from: &head.start)
      let isLast = try isFound ? false : scanner.finish()
      head.lineCountBefore = scanner.lineCount
      guard isFound || isLast else { return }
    } catch {
      throw .badHeader(file: file.shownName, reason: error.description)
    }
    let start = head.start
    if unsafe start > 0 && buffer.base[start - 1] == 0x0D && buffer.base[start] == 0x0A,
      start < buffer.count
    {
      head.start += 1
    }
    let columns = try ChunkReader.columns(scanner, file)
    plan = try ColumnPlan(
      header: columns,
      types: columnTypes[file.kind, default: [:]],
      separator: separator(of: file),
      file: file.shownName
    )
    let options = source.options
    if let reason = KeyColumn.reason(
      against: columns,
      rule: file.kind == .event ? options.eventKey : options.profileKey
    ) {
      throw .noKeyColumn(file: file.shownName, reason: reason)
    }
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
}
