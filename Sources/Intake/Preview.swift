import Bytes
import Domain
import Platform

/// What has to be known of files before their rows can be sent: which content it is, and how cells of
/// CSV files are most likely to be read.
///
/// The files are read to their ends for the hash, and a piece of each CSV file is surveyed. The load
/// then reads everything once; only where it finds that cells are of other types than the piece told
/// has it to be done again, with the types that it found.
package struct Preview: Sendable {
  /// 32 bytes that are the same only for the same contents read the same way.
  package let importHash: [UInt8]
  /// Bytes of the files on disk.
  package let fileByteCount: Int
  /// Of each file, decompressed.
  let fileHashes: [[UInt8]]
  /// The types of CSV columns by path, for profiles and events.
  var columnTypes: [RowKind: [Text: FieldType]] = [:]

  /// Reads the files.
  ///
  /// - Parameters:
  ///   - source: the files and how to read them.
  ///   - progress: called once a block of input; what it throws ends the reading.
  /// - Throws: when a file cannot be read or has an unusable header.
  package init(
    _ source: IntakeSource,
    progress: ((IntakeProgress) throws -> Void)? = nil
  ) throws {
    var hash = ContentHash(source.options)
    var fileHashes: [[UInt8]] = []
    var before = 0
    for file in source.files {
      hash.begin(file, source.options)
      let reading = FileHashing(file, source.options.limits)
      try reading.run(&hash) { position in
        try progress?(
          IntakeProgress(
            byteCount: min(source.byteCount, before + position),
            byteCountTotal: source.byteCount,
            rowCount: 0
          )
        )
      }
      fileHashes.append(hash.end())
      before += file.byteCount
    }
    importHash = hash.digest
    fileByteCount = source.byteCount
    self.fileHashes = fileHashes
    guard source.files.contains(where: { $0.format != .jsonLines }) else { return }
    var pass = IntakePass(source, .survey, progress: nil)
    pass.isSample = true
    var summary = SurveySummary(source.options)
    try pass.run { try summary.add($0) }
    columnTypes = summary.decidedTypes()
  }
}
