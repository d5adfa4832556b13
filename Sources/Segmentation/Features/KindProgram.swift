import Bytes

/// What has to be found of the events of one kind, and where it goes.
struct KindProgram {
  /// One feature; windows are indexes of boundaries, fields indexes of those of the program.
  enum Output {
    case recency
    case tenure
    case count(Int)
    case dayCount(Int)
    case trend(Int, Int)
    case slope
    case gapMean
    case gapDeviation
    case gapRatio
    case hourShare(Int)
    case weekdayShare(Int)
    case sum(Int, Int)
    case mean(Int, Int)
    case largest(Int, Int)
    case variety(Int, Int)
    case last(Int)
  }

  /// Another kind whose events may follow those of this one.
  struct Sequence {
    var second: Int
    var milliseconds: Int64
    var column: Int
  }

  /// Ages of events in milliseconds, ascending; the last one is the largest there is.
  private(set) var boundaries: [Int64] = [.max]
  /// Fields of the plan.
  private(set) var numberFields: [Int] = []
  private(set) var textFields: [Int] = []
  /// With the column of each, of numbers or of codes.
  private(set) var outputs: [(output: Output, column: Int)] = []
  private(set) var sequences: [Sequence] = []
  private(set) var needsGaps = false
  private(set) var needsTimesOfDay = false
  /// The boundaries of the weeks that the slope looks at.
  private(set) var weekBoundaries: [Int] = []

  /// Weeks that the slope looks back.
  static let slopeWeekCount = 8

  init(_ kind: Int, _ plan: FeaturePlan, _ slots: [BlockValues.Slot]) {
    var measures: [(measure: EventMeasure, column: Int)] = []
    for (feature, slot) in zip(plan.features, slots) {
      guard case .events(kind, let measure) = feature.source else { continue }
      switch slot {
      case .number(let column), .category(let column): measures.append((measure, column))
      }
    }
    var days: Set<Int> = []
    for (measure, _) in measures { days.formUnion(measure.dayCounts) }
    boundaries = days.sorted().map { Int64($0) * CivilTime.millisecondsPerDay } + [.max]
    for (measure, column) in measures { add(measure, column) }
  }

  private mutating func add(_ measure: EventMeasure, _ column: Int) {
    let output: Output
    switch measure {
    case .recency: output = .recency
    case .tenure: output = .tenure
    case .count(let window): output = .count(boundary(window.dayCount))
    case .dayCount(let window): output = .dayCount(boundary(window.dayCount))
    case .trend(let window):
      let days = window.dayCount
      output = .trend(boundary(days), boundary(days.map { 2 * $0 }))
    case .slope:
      output = .slope
      weekBoundaries = (1...Self.slopeWeekCount).map { boundary(7 * $0) }
    case .gapMean: output = .gapMean
    case .gapDeviation:
      output = .gapDeviation
      needsGaps = true
    case .gapRatio: output = .gapRatio
    case .hourShare(let quarter):
      output = .hourShare(quarter)
      needsTimesOfDay = true
    case .weekdayShare(let day):
      output = .weekdayShare(day)
      needsTimesOfDay = true
    case .sum(let field, let window):
      output = .sum(number(field), boundary(window.dayCount))
    case .mean(let field, let window):
      output = .mean(number(field), boundary(window.dayCount))
    case .largest(let field, let window):
      output = .largest(number(field), boundary(window.dayCount))
    case .variety(let field, let window):
      output = .variety(text(field), boundary(window.dayCount))
    case .last(let field): output = .last(text(field))
    case .follows(let kind, let days):
      let milliseconds = Int64(days) * CivilTime.millisecondsPerDay
      sequences.append(Sequence(second: kind, milliseconds: milliseconds, column: column))
      return
    }
    outputs.append((output, column))
  }

  /// The boundary of a window; the last one for all the time.
  private func boundary(_ days: Int?) -> Int {
    guard let days else { return boundaries.count - 1 }
    let age = Int64(days) * CivilTime.millisecondsPerDay
    return boundaries.firstIndex(of: age)
      ?? boundaries.count - 1
  }

  private mutating func number(_ field: Int) -> Int {
    if let known = numberFields.firstIndex(of: field) { return known }
    numberFields.append(field)
    return numberFields.count - 1
  }

  private mutating func text(_ field: Int) -> Int {
    if let known = textFields.firstIndex(of: field) { return known }
    textFields.append(field)
    return textFields.count - 1
  }
}

extension EventMeasure {
  /// The ages in days at which it looks at what there was so far.
  fileprivate var dayCounts: [Int] {
    switch self {
    case .count(let window), .dayCount(let window), .sum(_, let window), .mean(_, let window),
      .largest(_, let window), .variety(_, let window):
      window.dayCount.map { [$0] } ?? []
    case .trend(let window): window.dayCount.map { [$0, 2 * $0] } ?? []
    case .slope: (1...KindProgram.slopeWeekCount).map { 7 * $0 }
    case .recency, .tenure, .gapMean, .gapDeviation, .gapRatio, .hourShare, .weekdayShare, .last,
      .follows:
      []
    }
  }
}
