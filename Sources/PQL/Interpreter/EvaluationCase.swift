package import Bytes
package import Domain

/// One definition with the profiles to evaluate it on, as a line of JSON.
///
/// ```
/// {"id", "pql", "now", "profiles": [{"_id", …, "xEvent": […]}], "memberships"?}
/// ```
///
/// Other members are ignored. `now` is a time of ISO 8601; the zone is UTC. `memberships` says what
/// `inSegment` has to answer before any stored map is asked: a member named like a profile's `_id`
/// lists that profile's segments (`{"p1": ["s1"]}`); any other name is a segment, with its profiles
/// (`{"s1": ["p1"]}`; whoever is not listed is not in it). In place of a list there may be an object of
/// booleans.
package struct EvaluationCase: Sendable {
  package var id: Text
  package var definition: Text
  package var now: Instant
  /// Each with the text of its `_id`, and with its events in the order of the language.
  package var profiles: [(id: Text, profile: Value)]
  /// What `inSegment` answers, by profile, then by segment.
  package var memberships: [Text: [Text: Bool]]

  package init(json line: [UInt8]) throws(EvaluationCaseError) {
    let document: Value?
    do throws(JSONError) { document = try Value.parse(json: line) } catch { throw .notJSON(error) }
    guard let document, case .object = document else { throw .missing("an object") }
    guard let id = document["id"]?.label else { throw .missing("'id'") }
    guard let definition = document["pql"]?.text else { throw .missing("the text 'pql'") }
    guard let now = document["now"].flatMap(ValueRelations(.utc).moment) else {
      throw .missing("the time 'now'")
    }
    guard let profiles = document["profiles"]?.elements else {
      throw .missing("the list 'profiles'")
    }
    self.id = id
    self.definition = definition
    self.now = now
    self.profiles = profiles.enumerated().map { index, profile in
      (profile["_id"]?.label ?? Text("#\(index)"), ReferenceInterpreter.ordered(profile))
    }
    memberships = Self.memberships(document["memberships"], of: self.profiles.map(\.id))
  }

  private static func memberships(
    _ value: Value?,
    of profiles: [Text]
  ) -> [Text: [Text: Bool]] {
    guard case .object(let object)? = value else { return [:] }
    var result: [Text: [Text: Bool]] = [:]
    for field in object.fields {
      let entries = field.value.flags
      if profiles.contains(field.name) {
        result[field.name, default: [:]].merge(entries) { $1 }
      } else {
        for profile in profiles {
          result[profile, default: [:]][field.name] = entries[profile] ?? false
        }
      }
    }
    return result
  }

  /// What an answer tells besides members and values.
  package enum Detail: Hashable, Sendable {
    /// Until when each profile's membership stays if nothing but time goes on.
    case changes
  }

  /// Evaluates the case and writes its answer as one line of JSON, without the line feed.
  ///
  /// ```
  /// {"id", "members": [ids], "values": {id: value}, "changes"?: {id: ClockChange.document}}
  /// {"id", "error": {"kind": "parse" | "type" | "limit", "message", "line"?, "column"?}}
  /// ```
  ///
  /// Nothing tells whether members or values are wanted, so both are given: `members` are the
  /// profiles for which the definition is true in boolean position, `values` what it yields, a null
  /// as JSON null and a time as the text of its start.
  package func answer(_ details: Set<Detail> = []) -> [UInt8] {
    answer(details) { query in
      evaluate(ReferenceInterpreter(query)).map { values in
        values.map { Answer(id: $0.id, value: $0.value, isMember: $0.value.inBooleanPosition) }
      }
    }
  }

  /// What an engine says of one profile.
  package struct Answer: Sendable {
    package var id: Text
    package var value: RuntimeValue?
    package var isMember: Bool

    package init(id: Text, value: RuntimeValue?, isMember: Bool) {
      self.id = id
      self.value = value
      self.isMember = isMember
    }
  }

  /// The same, of the answers that `evaluate` gives for the profiles in order.
  package func answer(
    _ details: Set<Detail> = [],
    by evaluate: (CheckedQuery) throws -> Result<[Answer], EvaluationError>
  ) rethrows -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.name("id")
    writer.write(id)
    let query: CheckedQuery?
    do throws(LanguageError) {
      query = try Query.parse(definition).checked()
    } catch {
      write(error, to: &writer)
      query = nil
    }
    if let query {
      let answers = try evaluate(query)
      write(answers, to: &writer)
      if details.contains(.changes), case .success = answers {
        writer.name("changes")
        changes(ReferenceInterpreter(query)).write(to: &writer)
      }
    }
    writer.endObject()
    return writer.bytes
  }

  /// The value of each profile, or why there is none.
  package func evaluate(
    _ interpreter: ReferenceInterpreter
  ) -> Result<[(id: Text, value: RuntimeValue?)], EvaluationError> {
    var values: [(id: Text, value: RuntimeValue?)] = []
    for (id, profile) in profiles {
      let known = memberships[id] ?? [:]
      let context = EvaluationContext(now: now, membership: { known[$0] })
      do throws(EvaluationError) {
        values.append((id, try interpreter.value(of: profile, in: context)))
      } catch {
        return .failure(error)
      }
    }
    return .success(values)
  }

  /// Until when each profile's membership stays, by profile.
  private func changes(_ interpreter: ReferenceInterpreter) -> Value {
    let horizon = ClockHorizon(after: now)
    return .object(
      profiles.compactMap { id, profile in
        let known = memberships[id] ?? [:]
        let context = EvaluationContext(now: now, membership: { known[$0] })
        guard let isMember = try? interpreter.isMember(profile, in: context),
          let change = try? interpreter.nextChange(of: profile, in: context, horizon: horizon)
        else { return nil }
        return (id, change.document(wasMember: isMember))
      }
    )
  }

  private func write(
    _ result: Result<[Answer], EvaluationError>,
    to writer: inout JSONWriter
  ) {
    switch result {
    case .success(let answers):
      writer.name("members")
      writer.beginArray()
      for answer in answers where answer.isMember { writer.write(answer.id) }
      writer.endArray()
      writer.name("values")
      writer.beginObject()
      for answer in answers {
        writer.name(answer.id)
        if let value = answer.value { value.json.write(to: &writer) } else { writer.writeNull() }
      }
      writer.endObject()
    case .failure(let error):
      writer.name("error")
      writer.beginObject()
      writer.name("kind")
      writer.write("limit")
      writer.name("message")
      writer.write(error.description)
      writer.endObject()
    }
  }

  private func write(_ error: LanguageError, to writer: inout JSONWriter) {
    writer.name("error")
    writer.beginObject()
    writer.name("kind")
    writer.write(error.kind.rawValue)
    writer.name("message")
    writer.write("\(error.problem)")
    writer.name("line")
    writer.write(error.position.line)
    writer.name("column")
    writer.write(error.position.column)
    writer.endObject()
  }
}

/// Why a line is no case.
package enum EvaluationCaseError: Error, Equatable, Sendable {
  case notJSON(JSONError)
  case missing(String)
}

extension EvaluationCaseError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notJSON(let error): "the line is no JSON: \(error)"
    case .missing(let what): "the line lacks \(what)"
    }
  }
}

extension Value {
  /// A text, or a number as text.
  fileprivate var label: Text? {
    switch self {
    case .string(let text): text
    case .integer(let value): Text(value.description)
    case .double(let value): Text(NumberText.formatKey(value))
    case .boolean, .array, .object: nil
    }
  }

  /// The names of a list as true, or the booleans of an object.
  fileprivate var flags: [Text: Bool] {
    var flags: [Text: Bool] = [:]
    for element in elements ?? [] { if let name = element.label { flags[name] = true } }
    if case .object(let object) = self {
      for field in object.fields { flags[field.name] = field.value.boolean }
    }
    return flags
  }
}
