package import Bytes
package import ProfileStore

/// Why an instance gives no plan of features; fields are named as in its file.
package enum FeaturePlanError: Error, Equatable, Sendable {
  case rule(field: Text, RuleError)
  /// What has to be a condition on one event looks at all events or at segments, or takes a
  /// parameter.
  case notOfOneEvent(field: Text)
  /// A rule's variable is called like a field that an exclusion looks at.
  case hiddenName(Text, field: Text, exclusion: Text)
  case unknownAttribute(Text, field: Text, nearest: Text?)
  /// A rule asks about an audience that nobody knows.
  case unknownAudience(Text, field: Text)
  case audience(ProgramError)
}

extension FeaturePlanError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .rule(let field, let error): "the field '\(field)': \(error)"
    case .notOfOneEvent(let field):
      """
      the field '\(field)' has to be a condition on one event, without 'xEvent', 'inSegment' and \
      parameters
      """
    case .hiddenName(let name, let field, let exclusion):
      """
      the field '\(field)' calls a variable '\(name)', which '\(exclusion)' has as a field of \
      events; call it something else
      """
    case .unknownAttribute(let name, let field, let nearest):
      "the field '\(field)' names '\(name)', which no profile has"
        + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .unknownAudience(let id, let field):
      "the field '\(field)' asks about the segment '\(id)', which is not defined"
    case .audience(let error): error.description
    }
  }
}

/// Why a plan gave no rows.
package enum FeatureError: Error, Equatable, Sendable {
  /// The plan's rules are none; only one that was not made by `FeaturePlan` can have such.
  case plan(FeaturePlanError)
  case rules(ProgramError)
  /// A rule has no answer for a profile.
  case failed(rule: Text, EvaluationFailure)
  case store(StoreError)
  case cancelled
}

extension FeatureError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .plan(let error): error.description
    case .rules(let error): error.description
    case .failed(let rule, let failure): "'\(rule)' has no answer: \(failure)"
    case .store(let error): error.description
    case .cancelled: "the making of features was stopped"
    }
  }
}
