package import Bytes
package import Domain
import PQL
package import ProfileStore

/// Why a question about one profile has no answer.
package enum ExplanationError: Error, Equatable, Sendable {
  case store(StoreError)
  /// A definition cannot be evaluated for the profile.
  case failed(Name, EvaluationFailure)
}

extension ExplanationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .store(let error): error.description
    case .failed(let id, let failure): "definition '\(id)' has no answer: \(failure)"
    }
  }
}

extension SegmentProgram {
  /// Why a profile is in or out of the program's last definition.
  ///
  /// ```
  /// {"segment", "profile", "isMember", "asOf", "nextChange": {…}, "explanation": {…},
  ///  "lines": […], "membership"?: {…}}
  /// ```
  ///
  /// `nextChange` says until when the answer stays if nothing happens: `ClockChange.document`.
  ///
  /// `membership` is what the last evaluation kept, which may have been of another as-of, other data
  /// or another version.
  ///
  /// - Parameters:
  ///   - key: the profile.
  ///   - snapshot: the shard it hashes to.
  ///   - memberships: those of the shard.
  ///   - asOf: what `now` means.
  /// - Returns: `nil` when the shard has no such profile.
  /// - Throws: damage that was found, or that there is no answer.
  package func explanation(
    of key: ProfileKey,
    in snapshot: ShardSnapshot,
    _ memberships: MembershipTable,
    asOf: Instant
  ) throws(ExplanationError) -> Value? {
    let found: (ordinal: Int, profile: Value)?
    do throws(StoreError) {
      found = try snapshot.find(key)
    } catch {
      throw .store(error)
    }
    guard let (ordinal, profile) = found, let last = definitions.last else { return nil }
    guard let (explanation, change) = try explanation(of: profile, key: key, asOf: asOf) else {
      return nil
    }
    var fields: [(Text, Value)] = [
      ("segment", .string(last.id.text)),
      ("profile", .string(key.text)),
      ("isMember", .boolean(explanation.isTrue)),
      ("asOf", .string(Text(asOf.iso))),
      ("nextChange", change.document(wasMember: explanation.isTrue)),
      ("explanation", explanation.document),
      ("lines", .array(explanation.lines.map { .string($0) })),
    ]
    if let audience = memberships.audiences[last.id],
      let membership = ProfileDocument.membership(of: ordinal, in: audience)
    {
      fields.append(("membership", membership))
    }
    return .object(fields)
  }

  private func explanation(
    of profile: Value,
    key: ProfileKey,
    asOf: Instant
  ) throws(ExplanationError) -> (Explanation, ClockChange)? {
    var answers = Answers(self, profiles: [profile], keys: [key], asOf: asOf)
    for definition in definitions {
      var failure: EvaluationFailure?
      answers.evaluateNext(&failure)
      if let failure { throw .failed(definition.id, failure) }
    }
    do throws(EvaluationError) {
      guard let explanation = try answers.explainLast() else { return nil }
      let change = try ClockForecast(self, of: definitions.count - 1)
        .nextChange(of: profile, after: asOf, horizon: ClockHorizon(after: asOf))
      return (explanation, change)
    } catch {
      let failure = EvaluationFailure(key: key, message: Text(error.description))
      throw .failed(definitions[definitions.count - 1].id, failure)
    }
  }
}

extension ShardSnapshot {
  fileprivate func find(
    _ key: ProfileKey
  ) throws(StoreError) -> (ordinal: Int, profile: Value)? {
    guard let ordinal = try ordinal(of: key) else { return nil }
    let (index, row) = locate(ordinal)
    return (ordinal, try block(index).profile(row))
  }
}
