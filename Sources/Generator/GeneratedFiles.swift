/// A file that was written.
package struct GeneratedFile: Hashable, Sendable {
  package var path: String
  /// Rows without a header; definitions in the case of segments.
  package var rowCount: Int
  package var byteCount: Int
  /// SHA-256 of the bytes, 32 bytes.
  package var digest: [UInt8]
}

/// Everything that a run wrote.
package struct GeneratedFiles: Hashable, Sendable {
  package var profiles: [GeneratedFile]
  package var events: [GeneratedFile]
  /// Segment definitions that fit the rows.
  package var segments: GeneratedFile
  /// A mix of definitions, and the same in words for programs; empty unless asked for.
  package var mix: [GeneratedFile]
  /// Counts and digests of the other files, and how to use them.
  package var manifestPath: String

  package var byteCount: Int {
    (profiles + events + mix).reduce(segments.byteCount) { $0 + $1.byteCount }
  }
}

/// How far a run has come.
package struct GeneratorProgress: Hashable, Sendable {
  package var rowCount: Int
  package var rowCountTotal: Int
  package var byteCount: Int
}
