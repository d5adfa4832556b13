import Bytes
package import Domain
import PQL

/// Files of definitions: `.json` with one object or an array, `.pql` with one rule and a header.
package enum DefinitionFile {
  /// The largest file that is read, in bytes.
  package static let byteCountMax = 64 << 20

  /// The objects in a file; what they hold is not checked.
  ///
  /// - Parameters:
  ///   - bytes: the file's contents.
  ///   - name: its path, whose ending says what it holds.
  /// - Returns: as many as the file holds, in their order.
  /// - Throws: what makes the file unreadable.
  package static func documents(
    bytes: [UInt8],
    name: String
  ) throws(DefinitionError) -> [Value] {
    try sources(bytes: bytes, name: name).map(\.document)
  }

  /// The objects in a file with their places, so that messages about them name lines of the file.
  package static func sources(
    bytes: [UInt8],
    name: String
  ) throws(DefinitionError) -> [DefinitionSource] {
    let file = Text(name)
    guard bytes.count <= byteCountMax else {
      throw DefinitionError(file: file, .fileTooLarge(byteCount: bytes.count, limit: byteCountMax))
    }
    let text = try text(bytes, file: file)
    if name.hasSuffix(".json") { return try jsonSources(text, file: file) }
    guard name.hasSuffix(".pql") else {
      throw DefinitionError(file: file, .unknownFileKind)
    }
    return [try pqlSource(text, file: file)]
  }

  /// The file as text, without the mark that some editors begin one with.
  private static func text(_ bytes: [UInt8], file: Text) throws(DefinitionError) -> Text {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let bytes = bytes.starts(with: mark) ? bytes[3...] : bytes[...]
    if let text = Text(utf8: bytes) { return text }
    let valid = UTF8Validation.firstInvalid(Array(bytes)) ?? 0
    throw DefinitionError(
      file: file,
      spot: spot(valid, in: Text(utf8: bytes.prefix(valid)) ?? ""),
      .notUTF8
    )
  }

  private static func spot(_ offset: Int, in text: Text) -> DefinitionError.Spot {
    .inFile(SourcePosition(offset: offset, in: text))
  }

  // MARK: JSON

  private static func jsonSources(
    _ text: Text,
    file: Text
  ) throws(DefinitionError) -> [DefinitionSource] {
    let value: Value?
    do throws(JSONError) {
      value = try Value.parse(json: text)
    } catch {
      throw DefinitionError(file: file, spot: spot(error.offset, in: text), .json(error))
    }
    switch value {
    case .object?:
      return [DefinitionSource(document: value ?? .object([]), place: DefinitionPlace(file: file))]
    case .array(let documents)?:
      return documents.enumerated().map { index, document in
        DefinitionSource(document: document, place: DefinitionPlace(file: file, index: index))
      }
    default:
      throw DefinitionError(file: file, .notDefinitions(found: value?.article ?? "null"))
    }
  }

  // MARK: PQL

  private static func pqlSource(
    _ text: Text,
    file: Text
  ) throws(DefinitionError) -> DefinitionSource {
    let lines = lines(of: text)
    let header = try DefinitionHeader(lines, file: file)
    // Blank lines around the rule are not part of it.
    guard let first = lines[header.endIndex...].firstIndex(where: { !$0.isBlank }),
      let last = lines.lastIndex(where: { !$0.isBlank })
    else { throw DefinitionError(file: file, .noExpression) }
    let rule = text.string[lines[first].startIndex..<lines[last].endIndex]

    let stem = stem(of: file)
    let fallback = Name(stem) ?? DefinitionDocument.slug(of: stem)
    let id = header.fields["id"] ?? fallback?.text
    var document: [(Text, Value)] = [
      ("name", .string(header.fields["name"] ?? id ?? stem)),
      (
        "expression",
        .object([
          ("type", .string("PQL")), ("format", .string(DefinitionFormat.text)),
          ("value", .string(Text(String(rule)))),
        ])
      ),
    ]
    if let id { document.append(("id", .string(id))) }
    for key in ["description", "set", "timeZone"] as [Text] {
      if let value = header.fields[key] { document.append((key, .string(value))) }
    }
    return DefinitionSource(
      document: .object(document),
      place: DefinitionPlace(file: file, firstLine: first + 1)
    )
  }

  /// Lines without their ends, which are LF, CR LF or CR as in positions of the language.
  private static func lines(of text: Text) -> [Substring] {
    let utf8 = text.string.utf8
    var lines: [Substring] = []
    var start = utf8.startIndex
    var index = start
    while index < utf8.endIndex {
      let byte = utf8[index]
      let next = utf8.index(after: index)
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        lines.append(text.string[start..<index])
        start = next
        if byte == UInt8(ascii: "\r"), next < utf8.endIndex, utf8[next] == UInt8(ascii: "\n") {
          start = utf8.index(after: next)
        }
        index = start
      } else {
        index = next
      }
    }
    lines.append(text.string[start...])
    return lines
  }

  /// The file's name without folders and ending.
  private static func stem(of file: Text) -> Text {
    let name = file.string.utf8.split(separator: UInt8(ascii: "/")).last ?? file.string.utf8[...]
    return Text(String(Substring(name.dropLast(".pql".utf8.count))))
  }
}
