import Bytes
import Domain

extension FeatureDefinition {
  /// The feature of a measure of a kind of events.
  init(_ measure: EventMeasure, of kind: Int, in selection: EventSelection) {
    let events = selection.kinds[kind]
    let words = measure.words(events.name, in: selection)
    self.init(
      code: Text(([words.family, events.code] + words.details).joined(separator: ":")),
      name: Text(words.name),
      group: Text(words.group),
      kind: measure.kind,
      source: .events(kind: kind, measure)
    )
  }
}

extension EventMeasure {
  fileprivate var kind: FeatureDefinition.Kind {
    switch self {
    case .last: .category
    case .follows: .flag
    default: .number
    }
  }

  fileprivate struct Words {
    var family: String
    /// What stands in the code behind the events.
    var details: [String] = []
    var name: String
    var group: String
  }

  fileprivate func words(_ events: Text, in selection: EventSelection) -> Words {
    func number(_ field: Int) -> String {
      Text(path: selection.numbers[field]).string
    }
    func text(_ field: Int) -> String { Text(path: selection.texts[field]).string }
    func plain(_ family: String, _ name: String) -> Words { plain(family, [], name) }
    func plain(_ family: String, _ details: [String], _ name: String) -> Words {
      Words(family: family, details: details, name: name, group: "\(events)")
    }
    func ofField(
      _ family: String,
      _ field: String,
      _ window: FeatureWindow?,
      _ name: String
    ) -> Words {
      Words(
        family: family,
        details: [field] + (window.map { [$0.code] } ?? []),
        name: name + (window.map { " \($0.words)" } ?? ""),
        group: "\(field) of \(events)"
      )
    }
    switch self {
    case .recency: return plain("recency", "days since last \(events)")
    case .tenure: return plain("tenure", "days since first \(events)")
    case .count(let window):
      return plain("count", [window.code], "count of \(events) \(window.words)")
    case .dayCount(let window):
      return plain("days", [window.code], "days with \(events) \(window.words)")
    case .trend(let window):
      let days = window.dayCount ?? 0
      return plain(
        "trend",
        [window.code],
        "share of last \(days) days in \(events) of last \(2 * days) days"
      )
    case .slope: return plain("slope", "weekly growth of \(events)")
    case .gapMean: return plain("gap-mean", "mean days between \(events)")
    case .gapDeviation: return plain("gap-deviation", "deviation of days between \(events)")
    case .gapRatio:
      return plain("gap-ratio", "days since last \(events) over mean days between")
    case .hourShare(let quarter):
      return plain(
        "hours",
        ["\(6 * quarter)-\(6 * quarter + 6)"],
        "share of \(events) between \(6 * quarter) and \(6 * quarter + 6) o'clock"
      )
    case .weekdayShare(let day):
      let name = Self.weekdays[min(max(day, 0), 6)]
      return plain("weekday", [name.lowercased()], "share of \(events) on \(name)s")
    case .sum(let field, let window):
      let field = number(field)
      return ofField("sum", field, window, "sum of \(field) of \(events)")
    case .mean(let field, let window):
      let field = number(field)
      return ofField("mean", field, window, "mean \(field) of \(events)")
    case .largest(let field, let window):
      let field = number(field)
      return ofField("largest", field, window, "largest \(field) of \(events)")
    case .variety(let field, let window):
      let field = text(field)
      return ofField("variety", field, window, "different \(field) of \(events)")
    case .last(let field):
      let field = text(field)
      return ofField("last", field, nil, "last \(field) of \(events)")
    case .follows(let kind, let days):
      let second = selection.kinds[kind]
      var words = plain(
        "follows",
        [second.code, "\(days)d"],
        "\(events) and then \(second.name) within \(days) days"
      )
      words.group = "\(events) and then \(second.name)"
      return words
    }
  }

  private static let weekdays = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
}

extension FeatureWindow {
  fileprivate var code: String { dayCount.map { "\($0)d" } ?? "all" }

  fileprivate var words: String {
    switch dayCount {
    case nil: "ever"
    case 1: "in last day"
    case .some(let days): "in last \(days) days"
    }
  }
}
