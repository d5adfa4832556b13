import Bytes

/// Whom of a sample's customers rules select.
///
/// What conditions match is kept, for many rules share them.
struct MixAudiences {
  /// An event that meets a test.
  struct Match {
    /// The customer's row.
    var owner: Int
    /// Milliseconds since 1970.
    var instant: Int
    /// The row among the events of its type.
    var row: Int
  }

  private let sample: MixSample
  private var profiles: [FieldTest: [Bool]] = [:]
  private var matches: [EventTest: [Match]] = [:]

  init(_ sample: MixSample) { self.sample = sample }

  /// Customers of the sample.
  var customerCount: Int { sample.profiles.rowCount }

  /// Whether each customer is selected.
  ///
  /// - Parameters:
  ///   - rule: the rule.
  ///   - earlier: what this gave for rules that it may ask about.
  /// - Returns: an answer for each row of the sample's profiles.
  mutating func members(of rule: MixRule, _ earlier: [Text: [Bool]]) -> [Bool] {
    switch rule {
    case .attributes(let join, let tests): return joined(join, tests.map { customers(meeting: $0) })
    case .event(let window): return counts(of: window).map { $0 > 0 }
    case .didButNot(let did, let not):
      return zip(counts(of: did), counts(of: not)).map { $0 > 0 && $1 == 0 }
    case .count(let window, let atLeast): return counts(of: window).map { $0 >= atLeast }
    case .sum(let window, let field, let atLeast):
      let bound = Double(atLeast.string) ?? 0
      return sums(of: field, in: window).map { $0.sum >= bound }
    case .sequence(let first, let then, let days): return sequences(first, then, days)
    case .segments(let join, let ids, let butNot):
      let base = joined(join, ids.map { earlier[$0] ?? nobody })
      return zip(base, butNot.flatMap { earlier[$0] } ?? nobody).map { $0 && !$1 }
    }
  }

  /// Events of the year that meet a test, of a customer on average.
  mutating func rate(of test: EventTest) -> Double {
    Double(events(meeting: test).count) / Double(max(1, customerCount))
  }

  /// The sum of a field's values over the events of a window, and how many values there are, for each
  /// customer.
  mutating func sums(of field: Text, in window: MixRule.Window) -> [(sum: Double, count: Int)] {
    let table = sample.events(ofType: window.event.type)
    var values = [Double?](repeating: nil, count: table.rowCount)
    let column = table.columns[field] ?? MixColumn()
    for (index, row) in column.rows.enumerated() { values[row] = column.values[index] }
    var sums = [(sum: Double, count: Int)](repeating: (0, 0), count: customerCount)
    for match in events(in: window) {
      guard let value = values[match.row] else { continue }
      sums[match.owner].sum += value
      sums[match.owner].count += 1
    }
    return sums
  }

  private var nobody: [Bool] { Array(repeating: false, count: customerCount) }

  private func joined(_ join: MixRule.Join, _ parts: [[Bool]]) -> [Bool] {
    guard let first = parts.first else { return nobody }
    return parts.dropFirst().reduce(first) { joined, part in
      zip(joined, part).map { join == .all ? $0 && $1 : $0 || $1 }
    }
  }

  private mutating func customers(meeting test: FieldTest) -> [Bool] {
    if let known = profiles[test] { return known }
    let rows = test.rows(of: sample.profiles)
    profiles[test] = rows
    return rows
  }

  private mutating func events(meeting test: EventTest) -> [Match] {
    if let known = matches[test] { return known }
    let table = sample.events(ofType: test.type)
    let tests = test.tests.map { $0.rows(of: table) }
    var found: [Match] = []
    for row in 0..<table.rowCount where tests.allSatisfy({ $0[row] }) {
      found.append(Match(owner: table.owners[row], instant: table.instants[row], row: row))
    }
    matches[test] = found
    return found
  }

  private mutating func events(in window: MixRule.Window) -> [Match] {
    let all = events(meeting: window.event)
    guard let days = window.days else { return all }
    let start = Population.yearEnd - days * Int(CivilTime.millisecondsPerDay)
    return all.filter { $0.instant >= start }
  }

  private mutating func counts(of window: MixRule.Window) -> [Int] {
    var counts = [Int](repeating: 0, count: customerCount)
    for match in events(in: window) { counts[match.owner] += 1 }
    return counts
  }

  /// Who has an event of the window and within some days after it one that meets a test.
  private mutating func sequences(_ first: MixRule.Window, _ then: EventTest, _ days: Int) -> [Bool]
  {
    var starts = [[Int]](repeating: [], count: customerCount)
    for match in events(in: first) { starts[match.owner].append(match.instant) }
    let span = days * Int(CivilTime.millisecondsPerDay)
    var members = nobody
    for match in events(meeting: then) where !members[match.owner] {
      members[match.owner] = starts[match.owner].contains { start in
        start < match.instant && match.instant - start <= span
      }
    }
    return members
  }
}
