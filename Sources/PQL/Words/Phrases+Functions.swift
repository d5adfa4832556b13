import Bytes

/// Calls.
extension Phrases {
  func call(_ function: Function, _ arguments: [TypedExpression], _ depth: Int) -> String {
    let words = arguments.map { phrase($0, depth) }
    let first = words.first ?? ""
    let second = words.count > 1 ? words[1] : ""
    switch function {
    case .intersects: return "\(first) and \(second) have an item in common"
    case .intersection: return "the items that \(first) and \(second) have in common"
    case .subsetOf: return "every item of \(first) is among \(second)"
    case .supersetOf: return "every item of \(second) is among \(first)"
    case .includes: return "\(first) includes \(second)"
    case .distinct: return "the different items of \(first)"
    case .head: return "the first item of \(first)"
    case .count: return "the number of items in \(first)"
    case .get: return "the entry \(second) of \(first)"
    case .keys: return "the keys of \(first)"
    case .values: return "the values of \(first)"
    case .mapEntry: return "an entry \(first) with the value \(second)"
    case .isNull: return "\(first) has no value"
    case .isNotNull: return "\(first) has a value"
    case .inSegment: return "the profile is in the segment \(first)"
    case .startsWith, .doesNotStartWith, .endsWith, .doesNotEndWith, .contains, .doesNotContain,
      .equals, .notEqualTo, .stringCompare, .like, .matches, .regexGroup:
      return textCall(function, arguments, depth)
    default: return timeCall(function, words)
    }
  }

  // MARK: Text

  private func textCall(
    _ function: Function,
    _ arguments: [TypedExpression],
    _ depth: Int
  ) -> String {
    var operands = arguments
    var flag: TypedExpression?
    if let last = operands.last, last.kind == .boolean, operands.count > 2 {
      flag = last
      operands.removeLast()
    }
    let words = operands.map { phrase($0, depth) }
    let first = words.first ?? ""
    let second = words.count > 1 ? words[1] : ""
    let rule = flag.map(caseRule) ?? ""
    switch function {
    case .startsWith: return "\(first) starts with \(second)\(rule)"
    case .doesNotStartWith: return "\(first) does not start with \(second)\(rule)"
    case .endsWith: return "\(first) ends with \(second)\(rule)"
    case .doesNotEndWith: return "\(first) does not end with \(second)\(rule)"
    case .contains: return "\(first) contains \(second)\(rule)"
    case .doesNotContain: return "\(first) does not contain \(second)\(rule)"
    case .equals:
      return "\(first) is \(enumeration(Array(operands.dropFirst()), depth, last: "or"))\(rule)"
    case .notEqualTo:
      return "\(first) is neither \(enumeration(Array(operands.dropFirst()), depth, last: "nor"))"
        + rule
    case .stringCompare:
      let texts = operands.count > 2 ? alternatives(operands[2], depth) : ""
      return "\(second) passes the test \(first) with \(texts)\(rule)"
    case .like: return "\(first) fits the pattern \(second)"
    case .matches: return "a piece of \(first) matches the regular expression \(second)"
    default:
      let group = words.count > 2 ? words[2] : "1"
      return "group \(group) of the regular expression \(second) in \(first)"
    }
  }

  private func caseRule(_ flag: TypedExpression) -> String {
    guard case .literal(.boolean(let isSensitive)) = flag.form else {
      return ", upper and lower case told apart if \(phrase(flag, 1))"
    }
    return isSensitive ? "" : ", in upper or lower case"
  }

  // MARK: Time

  private func timeCall(_ function: Function, _ words: [String]) -> String {
    let first = words.first ?? ""
    switch function {
    case .currentMonth: return "the number of the current month"
    case .currentYear: return "the current year"
    case .currentDayOfMonth: return "the current day of the month"
    case .getMonth: return "the number of the month of \(first)"
    case .getYear: return "the year of \(first)"
    case .getDayOfMonth: return "the day of the month of \(first)"
    case .date: return "the date \(words.joined(separator: "-"))"
    case .timestamp: return "the time \(first)"
    default: return "\(function.rawValue) of \(words.joined(separator: ", "))"
    }
  }

  // MARK: Each item

  func perItem(_ function: Function, _ call: PerItemCall, _ depth: Int) -> String {
    let array = phrase(call.receiver, depth)
    let body = call.body.map { phrase($0, depth) } ?? ""
    let amount = call.amount.map { phrase($0, depth) } ?? ""
    let each = call.body.flatMap(\.variableNames).map { " \($0)" } ?? ""
    switch function {
    case .filter: return "the items\(each) of \(array) for which \(body)"
    case .map: return "for each item\(each) of \(array): \(body)"
    case .groupBy: return "the items\(each) of \(array) grouped by \(body)"
    case .topN: return "the \(amount) items\(each) of \(array) with the highest value of \(body)"
    case .bottomN: return "the \(amount) items\(each) of \(array) with the lowest value of \(body)"
    case .exists:
      return call.body == nil
        ? "there is an item in \(array)" : "there is an item\(each) of \(array) for which \(body)"
    case .forall:
      return call.body == nil
        ? "every item of \(array) counts as true" : "for every item\(each) of \(array), \(body)"
    default:
      let noun = noun(for: Aggregate(function))
      return call.body == nil
        ? "\(noun) \(array)" : "\(noun) \(body) over every item\(each) of \(array)"
    }
  }

  private func phrase(_ body: ItemBody, _ depth: Int) -> String {
    guard case .item(let level) = body.binding else { return phrase(body.expression, depth) }
    return Phrases(source: source, level: level).phrase(body.expression, depth)
  }
}

extension ItemBody {
  fileprivate var variableNames: String? {
    switch binding {
    case .item: nil
    case .variable(let variable): variable.name.string
    case .entry(let key, let value): "(\(key.name), \(value.name))"
    }
  }
}
