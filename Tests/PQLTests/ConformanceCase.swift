import Bytes
import Domain
import Testing

/// One line of the conformance files: a definition, profiles, and what has to come out.
///
/// The files describe themselves: `expect` holds `members`, `values` or `error`.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
  var id: String
  var definition: Text
  /// The whole line, for what only evaluation needs.
  var document: Value

  var testDescription: String { id }

  /// `parse` or `type` where the definition has to be refused.
  var error: String? { document["expect"]?["error"]?.text?.string }

  /// All cases, in the order of the files' names and of their lines.
  static let all: [ConformanceCase] = fileNames.flatMap { name in
    fixture("conformance/\(name).jsonl").split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard let document = try? Value.parse(json: Array(line)),
        let id = document["id"]?.text, let definition = document["pql"]?.text
      else { return nil }
      return ConformanceCase(id: id.string, definition: definition, document: document)
    }
  }

  private static let fileNames = [
    "aggregation", "arithmetic", "array", "boolean", "chain", "comparison", "datetime",
    "doc-examples", "errors", "filter", "let", "lexical", "map", "membership", "object", "occurs",
    "quantifiers", "select", "size", "string", "unicode",
  ]
}
