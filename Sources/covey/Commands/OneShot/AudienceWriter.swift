package import Bytes
package import Domain
import Runtime

/// Writes audiences with their members, never holding more of them than a page.
package struct AudienceWriter {
  /// What stands around the audiences.
  package struct Facts {
    var asOf: Instant
    var profileCount: Int
    var eventCount: Int
    var rejectedCount: Int

    package init(asOf: Instant, profileCount: Int, eventCount: Int, rejectedCount: Int) {
      self.asOf = asOf
      self.profileCount = profileCount
      self.eventCount = eventCount
      self.rejectedCount = rejectedCount
    }
  }

  let output: ResultOutput
  /// In the order in which they are written.
  let definitions: [SegmentDefinition]
  let counts: [Name: Int]
  /// Opens the pages of a segment's keys; `nil` leaves the members out.
  let members: ((Name) throws -> () throws -> [ProfileKey]?)?

  package init(
    output: ResultOutput,
    definitions: [SegmentDefinition],
    counts: [Name: Int],
    members: ((Name) throws -> () throws -> [ProfileKey]?)?
  ) {
    self.output = output
    self.definitions = definitions
    self.counts = counts
    self.members = members
  }

  /// Writes one JSON object.
  ///
  /// - Parameters:
  ///   - facts: what stands around the audiences.
  ///   - timings: asked once everything else is written.
  /// - Throws: what reading the members or writing throws.
  package func writeJSON(_ facts: Facts, timings: () -> [(name: Text, seconds: Double)]) throws {
    try output.write(
      "{\"asOf\":\"\(facts.asOf.iso)\",\"profiles\":\(facts.profileCount),"
        + "\"events\":\(facts.eventCount),\"segments\":["
    )
    for (index, definition) in definitions.enumerated() {
      if index > 0 { try output.write(",") }
      try writeSegment(definition)
    }
    try output.write("],\"rejected\":\(facts.rejectedCount),\"timings\":")
    var writer = JSONWriter()
    writer.beginObject()
    for (name, seconds) in timings() {
      writer.name(name)
      writer.write(seconds)
    }
    writer.endObject()
    try output.write(writer.bytes + Array("}\n".utf8))
    try output.flush()
  }

  private func writeSegment(_ definition: SegmentDefinition) throws {
    var head: [UInt8] = Array("{\"id\":".utf8)
    JSONWriter.appendQuoted(definition.id.text.utf8, to: &head)
    head += Array(",\"name\":".utf8)
    JSONWriter.appendQuoted(definition.name.utf8, to: &head)
    head += Array(",\"count\":\(counts[definition.id] ?? 0)".utf8)
    try output.write(head)
    if let members {
      try output.write(",\"members\":[")
      var isFirst = true
      let next = try members(definition.id)
      while let keys = try next() {
        var bytes: [UInt8] = []
        for key in keys {
          if !isFirst { bytes.append(UInt8(ascii: ",")) }
          isFirst = false
          JSONWriter.appendQuoted(key.text.utf8, to: &bytes)
        }
        try output.write(bytes)
      }
      try output.write("]")
    }
    try output.write("}")
  }

  /// Writes a row a member, or a row a segment with its count where the members are left out.
  package func writeCSV() throws {
    try output.write(members == nil ? "segment,count\n" : "segment,profile\n")
    for definition in definitions {
      var start: [UInt8] = []
      ExportFormat.append(cell: definition.id.text, to: &start)
      start.append(UInt8(ascii: ","))
      guard let members else {
        try output.write(start + Array("\(counts[definition.id] ?? 0)\n".utf8))
        continue
      }
      let next = try members(definition.id)
      while let keys = try next() {
        var bytes: [UInt8] = []
        for key in keys {
          bytes += start
          ExportFormat.append(cell: key.text, to: &bytes)
          bytes.append(0x0A)
        }
        try output.write(bytes)
      }
    }
    try output.flush()
  }
}
