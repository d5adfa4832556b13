import Bytes

/// A rule as PQL text, for rows of either format.
extension MixRule {
  func query(for format: GeneratorFormat) -> String {
    switch self {
    case .attributes(let join, let tests):
      return tests.map { test in
        let text = test.query("")
        return join == .any && test.isTwofold ? "(\(text))" : text
      }.joined(separator: " \(join.rawValue) ")
    case .event(let window): return window.exists(format)
    case .didButNot(let did, let not):
      return "(\(did.exists(format))) and not (\(not.exists(format)))"
    case .count(let window, let atLeast):
      return "xEvent[\(window.query("", format))].count() >= \(atLeast)"
    case .sum(let window, let field, let atLeast):
      guard format == .jsonLines, field.isOfProduct else {
        return
          "(sum E.\(field) over E from xEvent where \(window.query("E.", format))) >= \(atLeast)"
      }
      return "(sum I.\(field.inProduct) over E from xEvent where \(window.query("E.", format)), "
        + "I from E.productListItems) >= \(atLeast)"
    case .sequence(let first, let then, let days):
      let when = first.days.map { " WHEN(<= \($0) days before now)" } ?? ""
      return "chain(xEvent, timestamp, [first: WHAT(\(first.event.query("", format)))\(when), "
        + "then: WHAT(\(then.query("", format))) WHEN(<= \(days) days after first)])"
    case .segments(let join, let ids, let butNot):
      let base = ids.map { "inSegment(\"\($0)\")" }.joined(separator: " \(join.rawValue) ")
      guard let butNot else { return base }
      return "(\(base)) and not inSegment(\"\(butNot)\")"
    }
  }
}

extension MixRule.Window {
  fileprivate func exists(_ format: GeneratorFormat) -> String {
    "exists E from xEvent where " + query("E.", format)
  }

  /// The condition; fields are written behind `prefix`.
  fileprivate func query(_ prefix: String, _ format: GeneratorFormat) -> String {
    let test = event.query(prefix, format)
    guard let days else { return test }
    return "\(test) and \(prefix)timestamp occurs <= \(days) days before now"
  }
}

extension EventTest {
  fileprivate func query(_ prefix: String, _ format: GeneratorFormat) -> String {
    let conditions = tests.map { test in
      guard format == .jsonLines, test.field.isOfProduct else { return test.query(prefix) }
      var inner = test
      inner.field = test.field.inProduct
      return "\(prefix)productListItems.exists(\(inner.query("")))"
    }
    return (["\(prefix)eventType = \"\(type)\""] + conditions).joined(separator: " and ")
  }
}

extension FieldTest {
  /// Whether the text has an `and` of its own.
  fileprivate var isTwofold: Bool {
    if case .between = condition { true } else { false }
  }

  fileprivate func query(_ prefix: String) -> String {
    let name = "\(prefix)\(field)"
    return switch condition {
    case .equals(let value): "\(name) = \"\(value)\""
    case .isIn(let values):
      "\(name) in [\(values.map { "\"\($0)\"" }.joined(separator: ", "))]"
    case .atLeast(let bound): "\(name) >= \(bound)"
    case .atMost(let bound): "\(name) <= \(bound)"
    case .between(let low, let high): "\(name) >= \(low) and \(name) <= \(high)"
    case .within(let days): "\(name) occurs <= \(days) days before now"
    }
  }
}

extension Text {
  private static let productPrefix = "product."

  /// Whether a flat name is of the product, of which JSON lines have a list.
  fileprivate var isOfProduct: Bool { string.hasPrefix(Text.productPrefix) }

  /// The name behind the product's.
  fileprivate var inProduct: Text { Text(String(string.dropFirst(Text.productPrefix.count))) }
}
