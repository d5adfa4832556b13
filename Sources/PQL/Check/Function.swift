package import Bytes

/// Every function of the language by the name it is called with.
///
/// `and`, `or`, `not`, `if`, `in`, `notIn` and the comprehensions are forms of their own; `[ ]` is
/// `filter`, and infix `like` and `matches` are these.
package enum Function: String, CaseIterable, Hashable, Sendable {
  // Arrays
  case intersects, intersection, subsetOf, supersetOf, includes, distinct, head
  // Arrays, an argument per element
  case filter, map, groupBy, topN, bottomN, exists, forall
  case sum, average, min, max
  // Arrays and maps
  case count, get, keys, values
  case mapEntry
  // Text
  case startsWith, doesNotStartWith, endsWith, doesNotEndWith, contains, doesNotContain
  case equals, notEqualTo, stringCompare
  case like, matches, regexGroup
  // Any value
  case isNull, isNotNull
  // Time
  case currentMonth, currentYear, currentDayOfMonth
  case getMonth, getYear, getDayOfMonth
  case date, timestamp
  // Membership
  case inSegment

  /// The function of a name, which is case-sensitive.
  package init?(_ name: Text) {
    guard let function = Self.byName[name] else { return nil }
    self = function
  }

  private static let byName = Dictionary(
    uniqueKeysWithValues: allCases.map { (Text($0.rawValue), $0) }
  )
}
