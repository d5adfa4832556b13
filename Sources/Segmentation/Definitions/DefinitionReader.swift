import Bytes
import Domain
import PQL

/// How a definition's rule is written.
enum DefinitionFormat {
  static let text: Text = "pql/text"
  /// The syntax tree, as an object or as the text of one.
  static let json: Text = "pql/json"
}

/// Reads one definition's object member by member; every error names the definition.
struct DefinitionReader {
  private let document: Value
  private let place: DefinitionPlace
  private let zones: ZoneSource
  private let subject: DefinitionError.Subject?

  init(_ document: Value, at place: DefinitionPlace, zones: ZoneSource) {
    self.document = document
    self.place = place
    self.zones = zones
    subject = DefinitionReader.subject(of: document, at: place)
  }

  private static func subject(
    of document: Value,
    at place: DefinitionPlace
  ) -> DefinitionError.Subject? {
    if let id = document["id"]?.text.flatMap(Name.init) { return .id(id) }
    if let name = document["name"]?.text, !name.string.isEmpty { return .name(name) }
    return place.index.map { .index($0) }
  }

  func definition(version: UInt64) throws(DefinitionError) -> SegmentDefinition {
    guard case .object = document else { throw fault(nil, .notAnObject(found: document.article)) }
    guard let name = try text("name", byteCountMax: DefinitionDocument.nameByteCountMax) else {
      throw fault("name", .missing(advice: "give the segment a name"))
    }
    guard !name.string.isEmpty else {
      throw fault("name", .empty(advice: "give the segment a name"))
    }
    _ = try text("description", byteCountMax: DefinitionDocument.descriptionByteCountMax)
    let id = try id(name: name)
    let set = try text("set").map { text throws(DefinitionError) in try self.name(text, of: "set") }
    let timeZone = try timeZone()
    let rule = try rule()
    var definition = SegmentDefinition(
      id: id,
      name: name,
      expression: rule.query.source,
      timeZone: timeZone,
      set: set,
      version: version,
      references: rule.references,
      document: document
    )
    definition.document = DefinitionDocument.document(of: definition)
    return definition
  }

  // MARK: Members

  private func id(name: Text) throws(DefinitionError) -> Name {
    if let text = try text("id") { return try self.name(text, of: "id") }
    guard let id = DefinitionDocument.slug(of: name) else { throw fault("id", .noIDInName(name)) }
    return id
  }

  private func name(_ text: Text, of member: String) throws(DefinitionError) -> Name {
    guard let name = Name(text) else { throw fault(member, .badName(text)) }
    return name
  }

  private func timeZone() throws(DefinitionError) -> Text? {
    guard let name = try text("timeZone") else { return nil }
    guard zones.zone(named: name) != nil else { throw fault("timeZone", .unknownZone(name)) }
    return name
  }

  /// The text of a member; `nil` when it is not there.
  private func text(
    _ member: String,
    byteCountMax: Int = .max
  ) throws(DefinitionError) -> Text? {
    guard let value = document[Text(member)] else { return nil }
    guard let text = value.text else {
      throw fault(member, .wrongKind(found: value.article, wanted: "text"))
    }
    guard text.byteCount <= byteCountMax else {
      throw fault(member, .textTooLong(byteCount: text.byteCount, limit: byteCountMax))
    }
    return text
  }

  // MARK: Expression

  private func rule() throws(DefinitionError) -> Rule {
    guard let expression = document["expression"] else {
      throw fault("expression", .missing(advice: "give {\"type\": \"PQL\", \"value\": \"…\"}"))
    }
    guard case .object(let members) = expression else {
      throw fault("expression", .wrongKind(found: expression.article, wanted: "an object"))
    }
    let language = try word("type", of: members) ?? "PQL"
    guard language.string.lowercased() == "pql" else {
      throw fault("expression.type", .unknownLanguage(language))
    }
    guard let value = members["value"] else {
      throw fault("expression.value", .missing(advice: "give the rule in PQL"))
    }
    let format = try word("format", of: members) ?? DefinitionFormat.text
    switch format {
    case DefinitionFormat.text:
      guard let text = value.text else {
        throw fault("expression.value", .wrongKind(found: value.article, wanted: "PQL as text"))
      }
      return try rule(text)
    case DefinitionFormat.json: return try rule(tree: value)
    default: throw fault("expression.format", .unknownFormat(format))
    }
  }

  private func rule(_ text: Text) throws(DefinitionError) -> Rule {
    do throws(RuleError) {
      return try Rule(text)
    } catch {
      throw fault("expression.value", at: error.position, .rule(error.problem))
    }
  }

  /// Reads a syntax tree, given as an object or as the text of one.
  private func rule(tree: Value) throws(DefinitionError) -> Rule {
    let query: Query
    do throws(PQLJSONError) {
      if case .string(let text) = tree {
        query = try Query.parse(jsonText: text)
      } else {
        query = try Query.parse(json: tree)
      }
    } catch {
      throw fault("expression.value", .tree(error))
    }
    do throws(RuleError) {
      return try Rule(query)
    } catch {
      throw fault("expression.value", .ruleOfTree(error))
    }
  }

  private func word(_ member: Text, of members: ObjectValue) throws(DefinitionError) -> Text? {
    guard let value = members[member] else { return nil }
    guard let text = value.text else {
      throw fault("expression.\(member)", .wrongKind(found: value.article, wanted: "text"))
    }
    return text
  }

  // MARK: Errors

  private func fault(
    _ member: String?,
    at position: SourcePosition? = nil,
    _ reason: DefinitionError.Reason
  ) -> DefinitionError {
    let spot = position.map(place.spot)
    var member = member
    // In a file of PQL the line and column say it all.
    if case .inFile? = spot { member = nil }
    return DefinitionError(
      file: place.file,
      subject: subject,
      member: member,
      spot: spot,
      reason
    )
  }
}

extension Value {
  /// The value's kind with its article.
  var article: String {
    switch self {
    case .boolean: "a boolean"
    case .integer, .double: "a number"
    case .string: "text"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
