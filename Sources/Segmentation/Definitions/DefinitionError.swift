package import Bytes
package import Domain
package import PQL

/// Why a definition or a file of definitions was refused, and where.
package struct DefinitionError: Error, Equatable, Sendable {
  /// The definition as far as it can be named.
  package enum Subject: Equatable, Sendable {
    case id(Name)
    case name(Text)
    /// 0-based place in a list.
    case index(Int)
  }

  package enum Spot: Equatable, Sendable {
    case inFile(SourcePosition)
    /// In the text of the member.
    case inMember(SourcePosition)
  }

  package enum Reason: Equatable, Sendable {
    // The object.
    case notAnObject(found: String)
    case missing(advice: String)
    case wrongKind(found: String, wanted: String)
    case empty(advice: String)
    case textTooLong(byteCount: Int, limit: Int)
    case badName(Text)
    case noIDInName(Text)
    case unknownLanguage(Text)
    case unknownFormat(Text)
    case unknownZone(Text)
    case idTwice(Name, first: DefinitionPlace)

    // Its PQL.
    case rule(RuleError.Problem)
    /// A value that is no syntax tree.
    case tree(PQLJSONError)
    /// What a syntax tree says is refused, with the place in its canonical text.
    case ruleOfTree(RuleError)

    // The file.
    case fileTooLarge(byteCount: Int, limit: Int)
    case unknownFileKind
    case notUTF8
    case json(JSONError)
    case notDefinitions(found: String)
    case headerWithoutColon(Text)
    case unknownHeader(Text, nearest: Text?)
    case headerTwice(Text)
    case headerNotClosed
    case noExpression
  }

  /// The path as the operator wrote it.
  package var file: Text?
  package var subject: Subject?
  /// The way to the member at fault, `expression.value`.
  package var member: String?
  package var spot: Spot?
  package var reason: Reason

  package init(
    file: Text? = nil,
    subject: Subject? = nil,
    member: String? = nil,
    spot: Spot? = nil,
    _ reason: Reason
  ) {
    self.file = file
    self.subject = subject
    self.member = member
    self.spot = spot
    self.reason = reason
  }
}

extension DefinitionError: CustomStringConvertible {
  /// `file:line:column: definition 'id', 'member' at line:column: what is wrong; what would be right`,
  /// without the parts that are not known.
  package var description: String {
    var place = file?.string ?? ""
    if case .inFile(let position)? = spot { place += (place.isEmpty ? "" : ":") + "\(position)" }

    var subject = self.subject.map(DefinitionError.words) ?? ""
    if let member {
      subject += (subject.isEmpty ? "" : ", ") + "'\(member)'"
      if case .inMember(let position)? = spot { subject += " at \(position)" }
    }
    return ([place, subject].filter { !$0.isEmpty } + [reason.description]).joined(separator: ": ")
  }

  private static func words(_ subject: Subject) -> String {
    switch subject {
    case .id(let id): "definition '\(id)'"
    case .name(let name): "definition '\(shown(name))'"
    case .index(let index): "definition \(index + 1)"
    }
  }

  /// A text of the operator's, fit for one line.
  fileprivate static func shown(_ text: Text) -> Text {
    Printable.text(text.utf8, byteCountMax: 80)
  }
}

extension DefinitionError.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notAnObject(let found):
      "\(found) stands where a definition's object is expected; write {\"name\": …, \"expression\": "
        + "{\"value\": …}}"
    case .missing(let advice): "missing; \(advice)"
    case .wrongKind(let found, let wanted): "\(found) stands where \(wanted) is expected"
    case .empty(let advice): "the text is empty; \(advice)"
    case .textTooLong(let byteCount, let limit):
      "the text has \(byteCount) bytes; at most \(limit) are taken"
    case .badName(let text):
      "'\(DefinitionError.shown(text))' cannot be used; take 1 to \(Name.byteCountMax) of the "
        + "characters A-Z a-z 0-9 . _ -"
    case .noIDInName(let name):
      "missing, and '\(DefinitionError.shown(name))' has no letter or digit to make one of; give an "
        + "'id' of the characters A-Z a-z 0-9 . _ -"
    case .unknownLanguage(let text):
      "'\(DefinitionError.shown(text))' is no language known here; write \"PQL\""
    case .unknownFormat(let text):
      "'\(DefinitionError.shown(text))' is no format known here; write \"pql/text\" or \"pql/json\""
    case .unknownZone(let text):
      "this machine knows no time zone '\(DefinitionError.shown(text))'; write a name of the IANA "
        + "database such as \"Europe/Oslo\", or install tzdata"
    case .idTwice(let id, let first):
      "the id '\(id)' is taken by \(first.words); give one of them another 'id'"
    case .rule(let problem): problem.description
    case .tree(let error): error.description
    case .ruleOfTree(let error): "as text, \(error)"
    case .fileTooLarge(let byteCount, let limit):
      "the file has \(byteCount) bytes; at most \(limit) are read"
    case .unknownFileKind: "a file of definitions is named '.pql' or '.json'"
    case .notUTF8: "the bytes here are not valid UTF-8"
    case .json(let error): error.description
    case .notDefinitions(let found):
      "\(found) stands where an object or an array of objects is expected"
    case .headerWithoutColon(let line):
      "'\(DefinitionError.shown(line))' is no line of the header; write 'name: …', and '---' before "
        + "the PQL"
    case .unknownHeader(let key, let nearest):
      "the header knows no '\(DefinitionError.shown(key))'"
        + (nearest.map { "; did you mean '\($0)'?" }
          ?? "; it has \(DefinitionHeader.keys.map { "'\($0)'" }.joined(separator: ", "))")
    case .headerTwice(let key): "'\(key)' stands twice in the header; keep one"
    case .headerNotClosed: "the header does not end; put a line '---' between it and the PQL"
    case .noExpression: "the file has no PQL; write the condition that members meet"
    }
  }
}

extension DefinitionPlace {
  /// The place in words, to follow a preposition.
  fileprivate var words: String {
    let definition = index.map { "definition \($0 + 1)" } ?? "the definition"
    return definition + (file.map { " of \($0)" } ?? "")
  }
}
