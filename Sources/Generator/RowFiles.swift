import Platform

/// The rows of one kind on their way into one file or several, hashed as they go.
///
/// File `f` of `k` has the rows from `f * n / k` on, so that all files one after the other are the
/// same rows for any `k`.
struct RowFiles {
  /// Bytes collected before they are written.
  private static let blockByteCount = 1 << 20

  private let disk: any Disk
  private let directory: String
  private let name: String
  private let format: GeneratorFormat
  private let header: StaticString
  private let rowCount: Int
  private let fileCount: Int

  private var buffer = TextBuffer(capacity: RowFiles.blockByteCount + (64 << 10))
  private var open: (output: OutputFile, path: String, hash: BlockHasher, firstRow: Int)?
  /// The row at which the open file ends.
  private var endOfFile = 0
  private(set) var rowsWritten = 0
  private(set) var files: [GeneratedFile] = []

  init(
    disk: any Disk,
    options: GeneratorOptions,
    name: String,
    header: StaticString,
    rowCount: Int
  ) throws {
    self.disk = disk
    directory = options.directory
    self.name = name
    format = options.format
    self.header = header
    self.rowCount = rowCount
    fileCount = options.fileCount
    try openNext()
  }

  /// Bytes of all files so far.
  var byteCount: Int {
    files.reduce(buffer.count + (open?.output.byteCount ?? 0)) { $0 + $1.byteCount }
  }

  /// Takes one row, which `body` appends.
  mutating func write(_ body: (inout TextBuffer) -> Void) throws {
    while rowsWritten == endOfFile, files.count + 1 < fileCount { try closeAndOpenNext() }
    body(&buffer)
    rowsWritten += 1
    if buffer.count >= RowFiles.blockByteCount { try flush() }
  }

  /// Ends the last file.
  mutating func finish() throws -> [GeneratedFile] {
    while files.count + 1 < fileCount { try closeAndOpenNext() }
    try close()
    return files
  }

  /// Drops the file that is open.
  mutating func abandon() {
    open?.output.abandon()
    open = nil
  }

  private mutating func flush() throws {
    guard buffer.count > 0 else { return }
    open?.hash.update(buffer.bytes)
    try open?.output.append(buffer.bytes)
    buffer.removeAll()
  }

  private mutating func closeAndOpenNext() throws {
    try close()
    try openNext()
  }

  private mutating func openNext() throws {
    let number = files.count
    endOfFile = scaled(rowCount, by: number + 1, over: fileCount)
    let path = directory + "/" + name + suffix(number) + "." + format.rawValue
    open = (try OutputFile(disk: disk, path: path), path, try BlockHasher(), rowsWritten)
    if format == .csv { buffer.literal(header) }
  }

  private mutating func close() throws {
    try flush()
    guard let file = open else { return }
    open = nil
    try file.output.finish()
    files.append(
      GeneratedFile(
        path: file.path,
        rowCount: rowsWritten - file.firstRow,
        byteCount: file.output.byteCount,
        digest: file.hash.finalize()
      )
    )
  }

  /// Nothing for a single file, else its number from 1, as wide as the last one's.
  private func suffix(_ number: Int) -> String {
    guard fileCount > 1 else { return "" }
    let width = String(fileCount).utf8.count
    let digits = String(number + 1)
    return "-" + String(repeating: "0", count: width - digits.utf8.count) + digits
  }
}
