import Bytes

/// One value of an instance's file, which knows its way from the top and so can say what is wrong.
struct InstanceField {
  private indirect enum Content {
    case object([(name: String, content: Content)])
    case array([Content])
    case text(Text)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    case null
  }

  /// The way from the top; empty for the whole file.
  let path: String
  private let content: Content

  /// Reads a whole file.
  init(json bytes: [UInt8]) throws(InstanceError) {
    let read: Result<Content, JSONError> = unsafe bytes.withUnsafeBufferPointer { buffer in
      do throws(JSONError) {
        var scanner = unsafe JSONScanner(buffer)
        let content = try Self.read(try scanner.next(), from: &scanner)
        // Asking for the token behind the value finds what should not be there.
        _ = try scanner.next()
        return .success(content)
      } catch {
        return .failure(error)
      }
    }
    switch read {
    case .success(let content): self.init(path: "", content: content)
    case .failure(let error): throw .json(error)
    }
  }

  private init(path: String, content: Content) {
    self.path = path
    self.content = content
  }

  /// The value that begins with `token`; the scanner bounds the nesting.
  private static func read(
    _ token: JSONToken,
    from scanner: inout JSONScanner
  ) throws(JSONError) -> Content {
    switch token {
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .double(let value): return .number(value)
    case .string: return .text(scanner.text)
    case .beginArray:
      var elements: [Content] = []
      var next = try scanner.next()
      while next != .endArray {
        elements.append(try read(next, from: &scanner))
        next = try scanner.next()
      }
      return .array(elements)
    case .beginObject:
      var fields: [(name: String, content: Content)] = []
      while try scanner.next() == .name {
        let name = scanner.text.string
        fields.append((name, try read(try scanner.next(), from: &scanner)))
      }
      return .object(fields)
    case .null, .name, .endArray, .endObject, .end: return .null
    }
  }

  private func way(to name: String) -> String { path.isEmpty ? name : path + "." + name }

  /// Throws unless this is an object with no other fields than `known`, each once.
  func check(known: [String]) throws(InstanceError) {
    guard case .object(let fields) = content else {
      throw .type(field: path, expected: "an object")
    }
    var seen: Set<String> = []
    for field in fields {
      guard known.contains(field.name) else {
        throw .unknown(field: way(to: field.name), known: known)
      }
      guard seen.insert(field.name).inserted else { throw .repeated(field: way(to: field.name)) }
    }
  }

  /// The field of that name; `nil` when there is none or it is null.
  subscript(name: String) -> InstanceField? {
    guard case .object(let fields) = content,
      let found = fields.first(where: { $0.name == name })
    else { return nil }
    if case .null = found.content { return nil }
    return InstanceField(path: way(to: name), content: found.content)
  }

  func required(_ name: String) throws(InstanceError) -> InstanceField {
    guard let field = self[name] else { throw .missing(field: way(to: name)) }
    return field
  }

  var isObject: Bool {
    if case .object = content { return true }
    return false
  }

  /// A text with something in it.
  func text() throws(InstanceError) -> Text {
    guard case .text(let text) = content else { throw .type(field: path, expected: "a text") }
    guard text.utf8.contains(where: { $0 > 0x20 }) else {
      throw .value(field: path, expected: "a text that is not empty")
    }
    return text
  }

  func boolean() throws(InstanceError) -> Bool {
    guard case .boolean(let value) = content else {
      throw .type(field: path, expected: "true or false")
    }
    return value
  }

  func integer(_ range: ClosedRange<Int>) throws(InstanceError) -> Int {
    guard case .integer(let value) = content else {
      throw .type(field: path, expected: "a whole number")
    }
    guard let number = Int(exactly: value), range.contains(number) else {
      throw .value(
        field: path,
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    return number
  }

  func number() throws(InstanceError) -> Double {
    switch content {
    case .integer(let value): return Double(value)
    case .number(let value): return value
    case .object, .array, .text, .boolean, .null:
      throw .type(field: path, expected: "a number")
    }
  }

  /// One of the words of an enum.
  func word<Word: RawRepresentable & CaseIterable>(
    _ type: Word.Type
  ) throws(InstanceError) -> Word where Word.RawValue == String {
    let words = Word.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
    guard case .text(let text) = content, let word = Word(rawValue: text.string) else {
      throw .value(field: path, expected: words)
    }
    return word
  }

  func elements() throws(InstanceError) -> [InstanceField] {
    guard case .array(let elements) = content else {
      throw .type(field: path, expected: "a list")
    }
    guard elements.count <= PropensityInstance.listCountMax else {
      throw .value(
        field: path,
        expected: "a list of at most \(PropensityInstance.listCountMax)"
      )
    }
    return elements.enumerated().map { index, content in
      InstanceField(path: "\(path)[\(index)]", content: content)
    }
  }

  func texts() throws(InstanceError) -> [Text] {
    var texts: [Text] = []
    for element in try elements() { texts.append(try element.text()) }
    return texts
  }
}
