import Bytes
import Domain
import Intake
import Platform

/// The options that say how files are read, of every command that reads customers or events.
enum IntakeArguments {
  private static let schemaByteCountMax = 64 << 20
  private static let rejectCountMax = 1_000_000_000_000

  /// The options; `formatName` is the one that names the files' format.
  static func options(formatName: String) -> [Option] {
    [
      .value(
        "key",
        "PATH",
        "The field with the profile key, or @row; _id, else profileID, else identityMap."
      ),
      .value("event-key", "PATH", "The same for events; as '--key' names it unless given."),
      .value("event-time", "PATH", "The field of an event that becomes its timestamp."),
      .value(
        formatName,
        "FORMAT",
        "jsonl, csv or tsv; else as the files' names say.",
        suggestion: .words(IntakeFormat.allCases.map(\.rawValue))
      ),
      .value("separator", "CHARACTER", "Between cells: , ; | or tab."),
      .value("types", "LIST", "Types of fields: path=type,path=type."),
      .value("schema", "FILE", "Types of fields as a JSON object of paths.", suggestion: .files),
      .value("max-rejects", "N", "Bad rows to go on with; 0, so that a bad row stops everything."),
      .value("list-rejects", "N", "Bad rows to list; 10 unless given."),
    ]
  }

  /// Reads the options.
  static func read(_ arguments: Arguments, formatName: String) throws -> IntakeOptions {
    var options = IntakeOptions()
    if let path = arguments.value("key") {
      options.profileKey = try KeyRule(Text(path))
      // Events of one source usually name their customer as the customers do.
      options.eventKey = options.profileKey
    }
    if let path = arguments.value("event-key") { options.eventKey = try KeyRule(Text(path)) }
    if let path = arguments.value("event-time") {
      guard let field = FieldPath(Text(path)) else { throw IntakeError.badPath(text: path) }
      options.eventTime = field
    }
    if let name = arguments.value(formatName) {
      options.format = try IntakeFormat(named: Text(name))
    }
    if let name = arguments.value("separator") {
      options.separator = try IntakeOptions.separator(named: Text(name))
    }
    if let path = arguments.value("schema") { options.declared = try schema(path) }
    if let list = arguments.value("types") { try options.declared.add(list: Text(list)) }
    options.limits.listedRejectCountMax =
      try arguments.integer("list-rejects", in: 0...1_000_000) ?? 10
    return options
  }

  /// The types that a schema file declares.
  static func schema(_ path: String) throws -> DeclaredTypes {
    let json = try StreamInput(path).readAll(byteCountMax: schemaByteCountMax)
    return try DeclaredTypes(json: json, file: path)
  }

  /// Bad rows with which an import still goes on.
  static func rejectCountMax(_ arguments: Arguments) throws(UsageError) -> UInt64 {
    UInt64(try arguments.integer("max-rejects", in: 0...rejectCountMax) ?? 0)
  }

  /// The files of customers and of events.
  static func inputs(profiles: [String], events: [String]) -> [IntakeSource.Input] {
    profiles.map { IntakeSource.Input($0, .attributes) }
      + events.map { IntakeSource.Input($0, .event) }
  }
}
