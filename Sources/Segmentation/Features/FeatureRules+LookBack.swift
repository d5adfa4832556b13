import PQL

extension FeatureRules {
  /// The longest time that the rule of the eligible population looks back from the cut-off, in whole
  /// days; `nil` when it names none.
  ///
  /// Known are tests such as `occurs <= 26 weeks before now`; units of the calendar count with their
  /// longest form.
  package var lookBackDays: Int? {
    guard let eligible, let query = try? CheckedQuery(eligible) else { return nil }
    var longest: Int?
    query.body.forEachExpression { expression in
      guard case .occurs(_, let test) = expression.form,
        case .offset(_, let count, let unit, .before, .moment(let reference)) = test.form,
        case .timeWord(let word) = reference.form, word == .now || word == .today
      else { return }
      longest = max(longest ?? 0, Self.days(count, unit))
    }
    return longest
  }

  private static func days(_ count: Int, _ unit: TimeUnit) -> Int {
    let (unitsOfDay, daysOfUnit): (Int, Int) =
      switch unit {
      case .millisecond: (86_400_000, 1)
      case .second: (86_400, 1)
      case .minute: (1_440, 1)
      case .hour: (24, 1)
      case .day: (1, 1)
      case .week: (1, 7)
      case .month: (1, 31)
      case .year: (1, 366)
      case .decade: (1, 3_653)
      case .century: (1, 36_525)
      case .millennium: (1, 365_250)
      }
    let whole = count / unitsOfDay + (count % unitsOfDay == 0 ? 0 : 1)
    let (days, isOver) = whole.multipliedReportingOverflow(by: daysOfUnit)
    return isOver ? .max : min(days, 1_000_000)
  }
}
