package import Bytes
package import Domain

/// Definitions as objects in the shape of the Segmentation Service.
///
/// ```
/// {"id"?, "name", "description"?, "schema"?,
///  "expression": {"type"?: "PQL", "format"?: "pql/text" | "pql/json", "value"},
///  "set"?, "timeZone"?}
/// ```
///
/// `set` and `timeZone` are Covey's own; every other member is kept and says nothing here. Without an
/// `id` the name becomes one: its ASCII letters and digits in lower case, the rest as `-`.
package enum DefinitionDocument {
  /// The longest name, in bytes.
  package static let nameByteCountMax = 512
  /// The longest description, in bytes.
  package static let descriptionByteCountMax = 8_192

  /// Checks one object and its PQL.
  ///
  /// - Parameters:
  ///   - document: the object as it was applied.
  ///   - place: where it was read, for messages.
  ///   - version: the version the definition is to have.
  ///   - zones: knows the time zones there are.
  /// - Returns: the definition, with all that it refers to.
  /// - Throws: what is wrong with the first member that is wrong.
  package static func definition(
    from document: Value,
    at place: DefinitionPlace = DefinitionPlace(),
    version: UInt64 = 1,
    zones: ZoneSource
  ) throws(DefinitionError) -> SegmentDefinition {
    try DefinitionReader(document, at: place, zones: zones).definition(version: version)
  }

  /// Checks many objects; no two may have one id.
  package static func definitions(
    from sources: [DefinitionSource],
    zones: ZoneSource
  ) throws(DefinitionError) -> [SegmentDefinition] {
    var definitions: [SegmentDefinition] = []
    var places: [Name: DefinitionPlace] = [:]
    for source in sources {
      let definition = try definition(from: source.document, at: source.place, zones: zones)
      if let first = places.updateValue(source.place, forKey: definition.id) {
        throw DefinitionError(
          file: source.place.file,
          subject: source.place.index.map { .index($0) },
          member: "id",
          .idTwice(definition.id, first: first)
        )
      }
      definitions.append(definition)
    }
    return definitions
  }

  /// Checks a list of objects that came without a file.
  package static func definitions(
    from documents: [Value],
    zones: ZoneSource
  ) throws(DefinitionError) -> [SegmentDefinition] {
    try definitions(
      from: documents.enumerated().map { index, document in
        DefinitionSource(document: document, place: DefinitionPlace(index: index))
      },
      zones: zones
    )
  }

  /// The object of a definition, from which the same definition can be read again.
  ///
  /// It is the object that was applied, with the members this engine understands as they are now.
  package static func document(of definition: SegmentDefinition) -> Value {
    var object = ObjectValue()
    if case .object(let applied) = definition.document { object = applied }
    object["id"] = .string(definition.id.text)
    object["name"] = .string(definition.name)
    object["set"] = definition.set.map { .string($0.text) }
    object["timeZone"] = definition.timeZone.map { .string($0) }
    object["expression"] = expression(definition.expression, replacing: object["expression"])
    return .object(object)
  }

  /// The expression's object with its defaults written out.
  ///
  /// A syntax tree stays one: `text` is the same rule.
  private static func expression(_ text: Text, replacing applied: Value?) -> Value {
    var object = ObjectValue()
    if case .object(let fields)? = applied { object = fields }
    object["type"] = .string("PQL")
    if object["format"]?.text != DefinitionFormat.json {
      object["format"] = .string(DefinitionFormat.text)
      object["value"] = .string(text)
    }
    return .object(object)
  }

  /// An id made of a name; `nil` when the name has no ASCII letter or digit.
  package static func slug(of name: Text) -> Name? {
    var bytes: [UInt8] = []
    var isApart = false
    for byte in name.utf8 {
      let lower: UInt8
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): lower = byte | 0x20
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        lower = byte
      default:
        isApart = !bytes.isEmpty
        continue
      }
      if isApart { bytes.append(UInt8(ascii: "-")) }
      isApart = false
      bytes.append(lower)
    }
    return Text(utf8: bytes.prefix(Name.byteCountMax)).flatMap(Name.init)
  }
}
