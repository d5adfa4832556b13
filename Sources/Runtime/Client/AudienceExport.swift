package import Bytes
import Cluster
package import Domain
package import Platform

/// Writes an audience to a file, in key order, with a manifest beside it.
///
/// The file appears under its name when it is whole. When a later run is committed meanwhile, the
/// export starts anew: a file is of one run.
package struct AudienceExport: Sendable {
  /// Starts of one export before it gives up.
  private static let startCountMax = 5
  private static let bufferByteCount = 256 << 10

  package var set: Name
  package var segment: Name
  package var statuses: [MembershipStatus] = [.realized]
  package var isChangedOnly = false
  /// Dotted paths of attributes, which are columns of a CSV file.
  package var fields: [Text] = []
  package var format: ExportFormat
  /// The file; the manifest's name has `.manifest.json` behind.
  package var path: String

  /// What was written.
  package struct Manifest: Equatable, Sendable {
    package var file: String
    package var rowCount: UInt64
    package var byteCount: Int
    /// 64 hexadecimal digits.
    package var sha256: String
    package var membershipJob: JobID?
    /// As it stands in the manifest's file.
    package var document: Value
  }

  package init(set: Name, segment: Name, format: ExportFormat, path: String) {
    self.set = set
    self.segment = segment
    self.format = format
    self.path = path
  }

  /// The file to write when a person names one, or a folder that is there.
  package static func path(
    for output: String,
    segment: Name,
    format: ExportFormat,
    disk: any Disk = LinuxDisk()
  ) -> String {
    let isFolder =
      output.utf8.last == UInt8(ascii: "/")
      || (disk.exists(output) && (try? disk.list(output)) != nil)
    guard isFolder else { return output }
    let folder = output.utf8.last == UInt8(ascii: "/") ? String(output.dropLast()) : output
    return "\(folder)/\(segment).\(format.rawValue)"
  }

  /// Writes the file and its manifest.
  ///
  /// - Parameters:
  ///   - client: of the role client.
  ///   - disk: where the path is.
  ///   - progress: is given the rows written so far, after each page.
  /// - Returns: what was written.
  /// - Throws: `ClientError`, `ClusterError`, `DiskError`, or what `progress` throws; there is no
  ///   file then, or the one that was there before.
  package func run(
    _ client: ClusterClient,
    disk: any Disk = LinuxDisk(),
    progress: (UInt64) throws -> Void = { _ in }
  ) throws -> Manifest {
    try disk.createDirectory(FilePath.folder(of: path))
    var startCount = 1
    while true {
      let output = try OutputFile(disk: disk, path: path)
      do {
        let manifest = try write(to: output, client, progress: progress)
        try output.finish()
        try disk.replace(path + ".manifest.json", with: manifest.document.json(.pretty) + [0x0A])
        return manifest
      } catch let error as ClusterError
        where error.code == .changed && startCount < AudienceExport.startCountMax
      {
        output.abandon()
        startCount += 1
      } catch {
        output.abandon()
        throw error
      }
    }
  }

  private func write(
    to output: OutputFile,
    _ client: ClusterClient,
    progress: (UInt64) throws -> Void
  ) throws -> Manifest {
    var stream = MemberStream(
      client,
      set: set,
      query: PageQuery(
        audience: segment,
        statuses: statuses,
        isChangedOnly: isChangedOnly,
        rowCountMax: MemberStream.pageRowCount,
        fields: fields.isEmpty ? nil : fields
      )
    )
    var hash = SHA256()
    var buffer = format.header(fields: fields)
    var rowCount: UInt64 = 0
    while let rows = try stream.next() {
      for row in rows { format.append(row, fields: fields, to: &buffer) }
      rowCount += UInt64(rows.count)
      if buffer.count >= AudienceExport.bufferByteCount {
        hash.update(buffer)
        try output.append(buffer)
        buffer.removeAll(keepingCapacity: true)
      }
      try progress(rowCount)
    }
    hash.update(buffer)
    try output.append(buffer)
    return manifest(
      rowCount: rowCount,
      byteCount: output.byteCount,
      sha256: hexadecimalText(hash.finalize()),
      membershipJob: stream.membershipJob
    )
  }

  private func manifest(
    rowCount: UInt64,
    byteCount: Int,
    sha256: String,
    membershipJob: JobID?
  ) -> Manifest {
    let file = path.utf8.split(separator: UInt8(ascii: "/")).last.map { String($0) ?? path } ?? path
    var members: [(Text, Value)] = [
      ("file", .string(file)), ("format", .string(format.rawValue)),
      ("set", .string(set.text)), ("segment", .string(segment.text)),
      ("statuses", .array(statuses.map { .string($0.word) })),
      ("fields", .array(fields.map { .string($0) })),
      ("rows", .integer(Int64(clamping: rowCount))), ("bytes", .integer(Int64(byteCount))),
      ("sha256", .string(sha256)),
    ]
    if isChangedOnly { members.append(("changedOnly", .boolean(true))) }
    if let membershipJob { members.append(("job", .string(membershipJob.description))) }
    return Manifest(
      file: path,
      rowCount: rowCount,
      byteCount: byteCount,
      sha256: sha256,
      membershipJob: membershipJob,
      document: .object(members)
    )
  }
}
