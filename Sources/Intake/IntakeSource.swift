private import Bytes
package import Domain
import Platform

/// A file to import.
struct IntakeFile: Sendable {
  enum Compression: Sendable {
    case none
    case gzip
    case zstandard

    var program: [String] {
      switch self {
      case .none: []
      case .gzip: ["gzip", "-dc"]
      case .zstandard: ["zstd", "-dcq"]
      }
    }
  }

  var path: String
  /// The name in reports.
  var shownName: String
  var kind: RowKind
  var format: IntakeFormat
  var compression: Compression
  var byteCount: Int
}

/// The files of one import, found and checked, and how to read them.
///
/// Every pass reads the files in this order: those given first come first, those of one pattern by
/// name. Standard input is copied to a temporary file that lives as long as this object.
package final class IntakeSource: Sendable {
  /// What a caller names: a path, a pattern, or `-` for standard input.
  package struct Input: Hashable, Sendable {
    package var pattern: String
    /// What each row of these files is.
    package var kind: RowKind

    package init(_ pattern: String, _ kind: RowKind) {
      self.pattern = pattern
      self.kind = kind
    }
  }

  let files: [IntakeFile]
  let options: IntakeOptions
  private let temporaryPaths: [String]

  /// Bytes of all files on disk.
  package var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  package var fileCount: Int { files.count }

  /// The files as reports name them, in order.
  package var shownNames: [String] { files.map(\.shownName) }

  /// Finds the files and reads standard input if it is among them.
  ///
  /// - Parameters:
  ///   - inputs: what to read, at least one.
  ///   - options: how to read it.
  ///   - temporaryDirectory: where standard input is copied to.
  ///   - standardInput: the descriptor that `-` stands for.
  /// - Throws: when a pattern matches nothing, or a file comes twice, cannot be read or has no known format.
  package init(
    _ inputs: [Input],
    options: IntakeOptions = IntakeOptions(),
    temporaryDirectory: String = "/tmp",
    standardInput: Int32 = 0
  ) throws(IntakeError) {
    guard !inputs.isEmpty else { throw .noFiles }
    var files: [IntakeFile] = []
    var temporaryPaths: [String] = []
    var seen: Set<Input> = []
    do throws(IntakeError) {
      for input in inputs {
        if Text(input.pattern) == "-" {
          guard temporaryPaths.isEmpty else { throw .namedTwice(file: "-") }
          let path = try IntakeSource.disk { () throws(DiskError) in
            try FileSearch.spool(descriptor: standardInput, directory: temporaryDirectory)
          }
          temporaryPaths.append(path)
          files.append(try IntakeSource.spooledFile(path, input.kind, options))
          continue
        }
        let paths = try IntakeSource.disk { () throws(DiskError) in
          try FileSearch.paths(matching: input.pattern)
        }
        guard !paths.isEmpty else { throw .noMatch(pattern: input.pattern) }
        for path in paths {
          // Patterns that overlap would count its rows twice.
          guard seen.insert(Input(path, input.kind)).inserted else { throw .namedTwice(file: path) }
          files.append(try IntakeSource.file(path, input.kind, options))
        }
      }
    } catch {
      for path in temporaryPaths { FileSearch.remove(path) }
      throw error
    }
    self.files = files
    self.options = options
    self.temporaryPaths = temporaryPaths
  }

  deinit {
    for path in temporaryPaths { FileSearch.remove(path) }
  }

  private static func file(
    _ path: String,
    _ kind: RowKind,
    _ options: IntakeOptions
  ) throws(IntakeError) -> IntakeFile {
    let base = path.utf8.split(separator: UInt8(ascii: "/")).last.map { Array($0) } ?? []
    var parts = base.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    var compression = IntakeFile.Compression.none
    if let last = parts.last {
      if last.elementsEqual("gz".utf8) { compression = .gzip }
      if last.elementsEqual("zst".utf8) { compression = .zstandard }
    }
    if compression != .none { parts.removeLast() }
    let ending = parts.count > 1 ? String(decoding: parts[parts.count - 1], as: UTF8.self) : ""
    // Opening finds folders and files that cannot be read before anything is done.
    let byteCount = try disk { () throws(DiskError) in try ByteInput(path).byteCount }
    guard let format = options.format ?? IntakeFormat(ending: ending) else {
      throw .unknownFormat(file: path)
    }
    return IntakeFile(
      path: path,
      shownName: path,
      kind: kind,
      format: format,
      compression: compression,
      byteCount: byteCount
    )
  }

  /// Standard input: JSON lines unless an option says otherwise; compression shows in its first bytes.
  private static func spooledFile(
    _ path: String,
    _ kind: RowKind,
    _ options: IntakeOptions
  ) throws(IntakeError) -> IntakeFile {
    let (byteCount, start) = try disk { () throws(DiskError) in
      let input = try ByteInput(path)
      var start = [UInt8](repeating: 0, count: 4)
      try readBlock(input, into: &start)
      return (input.byteCount, start)
    }
    var compression = IntakeFile.Compression.none
    if start.starts(with: [0x1F, 0x8B]) { compression = .gzip }
    if start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { compression = .zstandard }
    return IntakeFile(
      path: path,
      shownName: "standard input",
      kind: kind,
      format: options.format ?? .jsonLines,
      compression: compression,
      byteCount: byteCount
    )
  }

  /// Passes a disk's failure on as the import's.
  static func disk<Result>(
    _ body: () throws(DiskError) -> Result
  ) throws(IntakeError) -> Result {
    do throws(DiskError) {
      return try body()
    } catch {
      throw .disk(error)
    }
  }

  /// Fills `block` from its start and cuts it to what was read; empty at the end of the input.
  static func readBlock(_ input: ByteInput, into block: inout [UInt8]) throws(DiskError) {
    let result: Result<Int, DiskError> = unsafe block.withUnsafeMutableBytes { buffer in
      do throws(DiskError) {
        return .success(unsafe try input.read(into: buffer))
      } catch {
        return .failure(error)
      }
    }
    block.removeLast(block.count - (try result.get()))
  }
}
