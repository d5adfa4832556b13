import Bytes
package import Domain

/// What the files of an import hold.
package struct SurveyReport: Sendable {
  /// The fields of the good rows, with counts and samples; declared types take precedence.
  package var schema: Schema
  /// 32 bytes that are the same only for the same contents read the same way.
  package var importHash: [UInt8]
  /// Good rows; events inside profiles count as events.
  package var profileRows: UInt64
  package var eventRows: UInt64
  /// Bytes of the files on disk.
  package var fileByteCount: Int
  /// Bytes of text in them, decompressed.
  package var textByteCount: Int
  package var rejects: RejectReport
  /// Things that are probably not meant, each a sentence.
  package var warnings: [String]

  init(
    _ source: IntakeSource,
    _ pass: IntakePass,
    _ summary: SurveySummary,
    _ types: [RowKind: [Text: FieldType]]
  ) {
    schema = Schema()
    schema.profile = summary.schema(.attributes, types)
    schema.event = summary.schema(.event, types)
    importHash = pass.importHash
    profileRows = pass.counts.profileRows
    eventRows = pass.counts.eventRows
    fileByteCount = source.byteCount
    textByteCount = pass.textByteCount
    rejects = pass.rejects
    warnings = []
    Survey.warn(schema.profile, [], &warnings)
    Survey.warn(schema.event, ["xEvent"], &warnings)
  }
}

/// A pass over the files that only looks: schema, counts, rejects, and a hash of the contents.
package enum Survey {
  /// Reads every file to its end.
  ///
  /// - Parameters:
  ///   - source: the files and how to read them.
  ///   - progress: called once a chunk of input; what it throws ends the survey.
  /// - Returns: what was found, bad rows included.
  /// - Throws: when a file cannot be read or the schema has no end.
  package static func run(
    _ source: IntakeSource,
    progress: ((IntakeProgress) throws -> Void)? = nil
  ) throws -> SurveyReport {
    var pass = IntakePass(source, .survey, progress: progress)
    var summary = SurveySummary(source.options)
    try pass.run { try summary.add($0) }
    return SurveyReport(source, pass, summary, summary.decidedTypes())
  }

  /// Adds a sentence for each place with values of several kinds.
  fileprivate static func warn(_ node: SchemaNode, _ path: [String], _ warnings: inout [String]) {
    if node.isVariant {
      let kinds = node.kinds.names.joined(separator: ", ")
      let shown = Printable.text(path.joined(separator: ".").utf8, byteCountMax: 200)
      warnings.append("'\(shown)' has values of several kinds: \(kinds)")
    }
    for (name, field) in node.fields.sorted(by: { $0.key < $1.key }) {
      warn(field, path + [name.string], &warnings)
    }
    for element in node.element {
      var inner = path
      if let last = inner.popLast() { inner.append(last + (node.isMap ? ".*" : "[]")) }
      warn(element, inner, &warnings)
    }
  }
}

extension FieldKinds {
  /// The kinds' names, in a fixed order.
  package var names: [String] {
    let all: [(FieldKinds, String)] = [
      (.boolean, "boolean"), (.integer, "integer"), (.double, "double"), (.string, "string"),
      (.array, "array"), (.object, "object"),
    ]
    return all.filter { contains($0.0) }.map(\.1)
  }
}
