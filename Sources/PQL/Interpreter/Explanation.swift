package import Bytes
package import Domain

/// Why a definition has its value for one profile: the value of each piece, from the outside in.
package struct Explanation: Sendable {
  /// Most items shown of those that a condition lets through.
  package static let exampleCountMax = 5
  /// Longest piece of a definition or of data shown on one line, in scalars.
  static let lineLengthMax = 80

  /// The items of an array that a piece picked out.
  package struct Items: Sendable {
    /// What they have in common: `matching` or `not matching`.
    package var relation: String
    package var count: Int
    package var examples: [Example]
  }

  /// One item as it is shown.
  package struct Example: Sendable {
    /// Its `timestamp`, as written.
    package var timestamp: Text?
    /// Its `eventType`, or the start of its JSON text.
    package var label: Text
  }

  /// The piece as it is written in the definition.
  package var text: String
  package var value: RuntimeValue?
  /// What the value alone does not say.
  package var note: String?
  package var items: Items?
  package var children: [Explanation] = []

  /// Whether the piece counts as true where a condition is wanted.
  package var isTrue: Bool { value.inBooleanPosition }

  init(text: String, value: RuntimeValue?) {
    self.text = text
    self.value = value
  }
}

extension Explanation {
  /// The explanation as data: `expression`, `result`, and where there are any `value`, `note`,
  /// `items` and `parts`.
  package var document: Value {
    var fields: [(Text, Value)] = [
      ("expression", .string(text)), ("result", .boolean(isTrue)),
    ]
    if let value { fields.append(("value", value.json)) }
    if let note { fields.append(("note", .string(note))) }
    if let items {
      let examples = items.examples.map { example in
        var fields: [(Text, Value)] = [("label", .string(example.label))]
        if let timestamp = example.timestamp { fields.append(("timestamp", .string(timestamp))) }
        return Value.object(fields)
      }
      fields.append(
        (
          "items",
          .object([
            ("relation", .string(items.relation)), ("count", .integer(Int64(items.count))),
            ("examples", .array(examples)),
          ])
        )
      )
    }
    if !children.isEmpty { fields.append(("parts", .array(children.map(\.document)))) }
    return .object(fields)
  }

  /// The explanation as lines, two blanks deeper for each piece inside another.
  package var lines: [String] { lines(indentation: 0) }

  private func lines(indentation: Int) -> [String] {
    let margin = String(repeating: "  ", count: indentation)
    var result = ["\(margin)\(Self.cut(text)) → \(valueInWords)"]
    if let note { result.append("\(margin)    (\(note))") }
    if let items {
      result.append("\(margin)    \(items.count) \(items.relation)")
      for example in items.examples {
        let timestamp = example.timestamp.map { "\(Self.cut($0.string)) " } ?? ""
        result.append("\(margin)      \(timestamp)\(Self.cut(example.label.string))")
      }
      let rest = items.count - items.examples.count
      if rest > 0 { result.append("\(margin)      and \(rest) more") }
    }
    return result + children.flatMap { $0.lines(indentation: indentation + 1) }
  }

  private var valueInWords: String {
    guard let value else { return "no value" }
    if let elements = value.elements,
      elements.count > Self.exampleCountMax || elements.contains(where: { $0.fields != nil })
    {
      return elements.count == 1 ? "1 element" : "\(elements.count) elements"
    }
    return Self.cut(String(decoding: value.json.json(), as: UTF8.self))
  }

  /// A text on one line, of bounded length.
  static func cut(_ text: String, lengthMax: Int = lineLengthMax) -> String {
    var scalars = String.UnicodeScalarView()
    var count = 0
    var endsInBlank = false
    for scalar in text.unicodeScalars {
      let isBlank = scalar.value <= 0x20 || (0x7F...0x9F).contains(scalar.value)
      if isBlank, endsInBlank { continue }
      endsInBlank = isBlank
      if count == lengthMax {
        scalars.append("…")
        break
      }
      scalars.append(isBlank ? " " : scalar)
      count += 1
    }
    return String(scalars)
  }
}
