/// How generated rows are written.
package enum GeneratorFormat: String, CaseIterable, Hashable, Sendable {
  /// One nested object a line, in XDM shape.
  case jsonLines = "jsonl"
  /// Flat columns with dotted names; an event carries the first product of its list.
  case csv
}

/// What to generate and where to.
package struct GeneratorOptions: Hashable, Sendable {
  /// The most rows of a kind.
  package static let rowCountMax = 10_000_000_000
  /// The most definitions of a mix.
  package static let definitionCountMax = 10_000
  /// The most files that the rows of a kind are cut into.
  package static let fileCountMax = 9_999

  package var profileCount: Int
  package var eventCount: Int
  /// The same seed gives the same bytes, on every machine.
  package var seed: UInt64
  /// The folder that the files are put in: empty, or not there yet.
  package var directory: String
  package var format = GeneratorFormat.jsonLines
  /// Files that the rows of each kind are cut into; one after the other they are the same rows.
  package var fileCount = 1
  /// Definitions of a mix such as a company has, for measurements; none, without.
  package var definitionCount = 0

  package init(profileCount: Int, eventCount: Int, seed: UInt64, directory: String) {
    self.profileCount = profileCount
    self.eventCount = eventCount
    self.seed = seed
    self.directory = directory
  }

  /// Finds what cannot be generated.
  package func validate() throws(GeneratorError) {
    guard (1...GeneratorOptions.rowCountMax).contains(profileCount) else {
      throw .outOfRange(what: "profiles", value: profileCount, low: 1, high: Self.rowCountMax)
    }
    guard (0...GeneratorOptions.rowCountMax).contains(eventCount) else {
      throw .outOfRange(what: "events", value: eventCount, low: 0, high: Self.rowCountMax)
    }
    guard (1...GeneratorOptions.fileCountMax).contains(fileCount) else {
      throw .outOfRange(what: "files", value: fileCount, low: 1, high: Self.fileCountMax)
    }
    guard (0...GeneratorOptions.definitionCountMax).contains(definitionCount) else {
      throw .outOfRange(
        what: "definitions",
        value: definitionCount,
        low: 0,
        high: Self.definitionCountMax
      )
    }
  }
}
