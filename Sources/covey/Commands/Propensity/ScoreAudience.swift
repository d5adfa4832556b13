package import Bytes
package import Domain
import PQL
package import Propensity

/// Profiles chosen by what a scoring wrote into them, as a segment definition.
///
/// Scores are fields of the profile under `covey.propensity.INSTANCE`; a profile that was never
/// scored has none and is in no such audience.
package struct ScoreAudience: Sendable {
  package enum Direction: String, CaseIterable, Sendable {
    case up
    case down
  }

  package enum Importance: String, CaseIterable, Sendable {
    case low
    case medium
    case high
  }

  /// A feature among those that moved a score.
  package struct Factor: Sendable {
    package var code: Text
    package var direction: Direction?
    package var importance: Importance?
  }

  package var instance: Name
  package var bucket: ScoreBucket?
  /// 1…100.
  package var percentileMin: Int?
  /// 0…100.
  package var scoreMin: Int?
  package var factor: Factor?

  package init(_ instance: Name) { self.instance = instance }

  /// Whether nothing chooses among profiles.
  package var isEmpty: Bool {
    bucket == nil && percentileMin == nil && scoreMin == nil && factor == nil
  }

  /// The rule in PQL, all conditions together.
  ///
  /// - Throws: when a text of it cannot be written in the language.
  package func rule() throws -> Text {
    let scores = "covey.propensity.`\(instance)`"
    var conditions: [String] = []
    if let bucket { conditions.append("\(scores).bucket = \(quoted(Text(bucket.rawValue)))") }
    if let percentileMin { conditions.append("\(scores).percentile >= \(percentileMin)") }
    if let scoreMin { conditions.append("\(scores).score >= \(scoreMin)") }
    if let factor {
      var tests = ["F.code = \(quoted(factor.code))"]
      if let direction = factor.direction {
        tests.append("F.direction = \(quoted(Text(direction.rawValue)))")
      }
      if let importance = factor.importance {
        tests.append("F.importance = \(quoted(Text(importance.rawValue)))")
      }
      conditions.append(
        "(exists F from \(scores).factors where \(tests.joined(separator: " and ")))"
      )
    }
    return try Query.parse(Text(conditions.joined(separator: " and "))).text()
  }

  private func quoted(_ text: Text) -> String { Literal.string(text).text }

  /// What the audience is called unless it is said: `churn: bucket high, percentile 90 and above`.
  package var title: Text {
    var parts: [String] = []
    if let bucket { parts.append("bucket \(bucket.rawValue)") }
    if let percentileMin { parts.append("percentile \(percentileMin) and above") }
    if let scoreMin { parts.append("score \(scoreMin) and above") }
    if let factor {
      let verb =
        switch factor.direction {
        case .up: "raised by "
        case .down: "lowered by "
        case nil: "moved by "
        }
      let how = factor.importance.map { " (\($0.rawValue))" } ?? ""
      parts.append("\(verb)\(factor.code)\(how)")
    }
    return Text("\(instance): \(parts.joined(separator: ", "))")
  }

  /// The definition as `covey segments apply` reads it from a `.pql` file.
  ///
  /// - Parameters:
  ///   - id: of the segment.
  ///   - name: what it is called.
  ///   - set: the profile set it is for; `nil` for every set.
  /// - Returns: the text of the file.
  /// - Throws: when a text of it cannot be written in the language.
  package func file(id: Name, name: Text, set: Name?) throws -> Text {
    var lines = ["id: \(id)", "name: \(name)"]
    if let set { lines.append("set: \(set)") }
    return Text((lines + ["---", try rule().string]).joined(separator: "\n") + "\n")
  }
}
