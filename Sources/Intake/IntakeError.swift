import Bytes
package import Platform

/// Why an import cannot go on at all; a bad row alone is a `Reject`.
package enum IntakeError: Error, Equatable, Sendable {
  case disk(DiskError)
  case noFiles
  case noMatch(pattern: String)
  case namedTwice(file: String)
  case unknownFormat(file: String)
  /// `name` is what was asked for.
  case unknownFormatName(name: String)
  case badSeparator(text: String)
  case badPath(text: String)
  case unknownType(path: String, name: String)
  case badTypeList(text: String)
  case badSchemaFile(file: String, reason: String)
  case conflictingTypes(path: String)
  case badHeader(file: String, reason: String)
  /// No row under a header can have a profile key.
  case noKeyColumn(file: String, reason: String)
  case tooManyFields(limit: Int)
  /// A file no longer holds what the survey saw.
  case changed(file: String)
}

extension IntakeError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .disk(let error): error.description
    case .noFiles: "no files to import; name at least one file of profiles or events"
    case .noMatch(let pattern): "no file matches '\(pattern)'"
    case .namedTwice(let file):
      "'\(file)' is named twice, which would count its rows twice; name it once"
    case .unknownFormat(let file):
      "the format of '\(file)' is not told by its name; name one of \(IntakeFormat.list) as format"
    case .unknownFormatName(let name):
      "unknown format '\(name)'; the formats are \(IntakeFormat.list)"
    case .badSeparator(let text):
      "'\(text)' cannot separate cells; use ',', ';', '|' or 'tab'"
    case .badPath(let text): "'\(text)' is no path; write names with dots between, as in a.b.c"
    case .unknownType(let path, let name):
      "unknown type '\(name)' of '\(path)'; the types are \(FieldType.list)"
    case .badTypeList(let text): "'\(text)' does not say a type; write path=type,path=type"
    case .badSchemaFile(let file, let reason): "the schema file '\(file)' cannot be used: \(reason)"
    case .conflictingTypes(let path):
      "'\(path)' is declared with a type and with fields or elements of its own"
    case .badHeader(let file, let reason): "the header of '\(file)' cannot be used: \(reason)"
    case .noKeyColumn(let file, let reason): "the header of '\(file)' cannot be used: \(reason)"
    case .tooManyFields(let limit):
      "the data has more than \(limit) different fields; declare objects whose names are data as maps"
    case .changed(let file): "'\(file)' changed while it was being imported"
    }
  }
}
