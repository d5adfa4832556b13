import Bytes
import Domain
import PQL
import Testing

/// Evaluates a definition on a profile given as JSON, at noon UTC on 15 March 2026.
func evaluated(
  _ definition: String,
  _ profile: String = "{}",
  zone: Zone = .utc,
  stepCountMax: Int = EvaluationContext.stepCountMax
) throws -> RuntimeValue? {
  let query = try Query.parse(Text(definition)).checked()
  let profile = ReferenceInterpreter.ordered(
    try #require(try Value.parse(json: Array(profile.utf8)))
  )
  return try ReferenceInterpreter(query).value(
    of: profile,
    in: .noon(zone: zone, stepCountMax: stepCountMax)
  )
}

extension EvaluationContext {
  static func noon(zone: Zone = .utc, stepCountMax: Int = stepCountMax) -> EvaluationContext {
    EvaluationContext(
      now: Instant(milliseconds: 1_773_576_000_000),
      zone: zone,
      stepCountMax: stepCountMax
    )
  }
}

/// The same as JSON text; `null` for null.
func evaluatedJSON(_ definition: String, _ profile: String = "{}", zone: Zone = .utc) throws
  -> String
{
  try evaluated(definition, profile, zone: zone).map {
    String(decoding: $0.json.json(), as: UTF8.self)
  } ?? "null"
}
