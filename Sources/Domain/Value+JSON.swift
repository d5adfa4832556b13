package import Bytes

extension Value {
  /// Reads one JSON text strictly.
  ///
  /// Nulls are dropped, also from arrays; of a name that stands twice in an object the last value
  /// counts, and a null as the last removes the field.
  ///
  /// - Returns: `nil` when the text is `null`.
  package static func parse(json bytes: [UInt8]) throws(JSONError) -> Value? {
    let result: Result<Value?, JSONError> = unsafe bytes.withUnsafeBufferPointer { buffer in
      do throws(JSONError) {
        var scanner = unsafe JSONScanner(buffer)
        let value = try read(try scanner.next(), from: &scanner)
        // Asking for the token behind the value finds what should not be there.
        _ = try scanner.next()
        return .success(value)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  package static func parse(json text: Text) throws(JSONError) -> Value? {
    try parse(json: Array(text.utf8))
  }

  /// The value that begins with `token`; the scanner bounds the nesting.
  private static func read(
    _ token: JSONToken,
    from scanner: inout JSONScanner
  ) throws(JSONError) -> Value? {
    switch token {
    case .null: return nil
    case .boolean(let value): return .boolean(value)
    case .integer(let value): return .integer(value)
    case .double(let value): return .double(value)
    case .string: return .string(scanner.text)
    case .beginArray:
      var elements: [Value] = []
      var next = try scanner.next()
      while next != .endArray {
        if let element = try read(next, from: &scanner) { elements.append(element) }
        next = try scanner.next()
      }
      return .array(elements)
    case .beginObject:
      var fields: [ObjectValue.Field] = []
      var nullNames: Set<Text> = []
      while try scanner.next() == .name {
        let name = scanner.text
        if let value = try read(try scanner.next(), from: &scanner) {
          nullNames.remove(name)
          fields.append(ObjectValue.Field(name: name, value: value))
        } else {
          nullNames.insert(name)
        }
      }
      if !nullNames.isEmpty { fields.removeAll { nullNames.contains($0.name) } }
      return .object(ObjectValue(fields))
    case .name, .endArray, .endObject, .end: return nil
    }
  }

  /// The value as a JSON text; fields in ascending order of their names.
  package func json(_ layout: JSONWriter.Layout = .compact) -> [UInt8] {
    var writer = JSONWriter(layout)
    write(to: &writer)
    return writer.bytes
  }

  /// Writes the value where the writer expects one.
  package func write(to writer: inout JSONWriter) {
    switch self {
    case .boolean(let value): writer.write(value)
    case .integer(let value): writer.write(value)
    case .double(let value): writer.write(value)
    case .string(let text): writer.write(text)
    case .array(let elements):
      writer.beginArray()
      for element in elements { element.write(to: &writer) }
      writer.endArray()
    case .object(let object):
      writer.beginObject()
      for field in object.fields {
        writer.name(field.name)
        field.value.write(to: &writer)
      }
      writer.endObject()
    }
  }
}
