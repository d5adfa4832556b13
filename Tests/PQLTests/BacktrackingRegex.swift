import PQL

/// The naive twin of the regular expression machine: tries every way in order of preference.
///
/// Takes exponential time on bad patterns, so it gives up after `stepCountMax` steps.
final class BacktrackingRegex {
  struct GaveUp: Error {}

  let node: RegexNode
  let groupCount: Int
  let scalars: [UInt32]
  let stepCountMax = 200_000
  private var stepCount = 0

  init(_ node: RegexNode, groupCount: Int, text: String) {
    self.node = node
    self.groupCount = groupCount
    scalars = text.unicodeScalars.map(\.value)
  }

  /// The first match as offsets in bytes, in the form `RegularExpression.firstMatch` gives.
  func firstMatch() throws -> [Range<Int>?]? {
    for start in 0...scalars.count {
      var found: [Range<Int>?]?
      let unset = [Range<Int>?](repeating: nil, count: groupCount + 1)
      _ = try match(node, start, unset) { end, groups in
        var all = groups
        all[0] = start..<end
        found = all
        return true
      }
      if let found {
        return found.map { range in
          range.map { byteOffset($0.lowerBound)..<byteOffset($0.upperBound) }
        }
      }
    }
    return nil
  }

  private func byteOffset(_ index: Int) -> Int {
    scalars[..<index].reduce(0) { $0 + (Unicode.Scalar($1).map { UTF8.width($0) } ?? 0) }
  }

  private typealias Next = (Int, [Range<Int>?]) throws -> Bool

  private func match(
    _ node: RegexNode,
    _ at: Int,
    _ groups: [Range<Int>?],
    _ next: Next
  ) throws -> Bool {
    stepCount += 1
    if stepCount > stepCountMax { throw GaveUp() }
    switch node {
    case .sequence(let parts):
      return try matchAll(parts[...], at, groups, next)
    case .alternatives(let parts):
      for part in parts where try match(part, at, groups, next) { return true }
      return false
    case .scalar(let set):
      guard at < scalars.count, set.contains(scalars[at]) else { return false }
      return try next(at + 1, groups)
    case .assertion(let assertion):
      return try holds(assertion, at) && next(at, groups)
    case .group(let number, let body):
      return try match(body, at, groups) { end, inner in
        var all = inner
        all[number] = at..<end
        return try next(end, all)
      }
    case .repetition(let body, let low, let high, let lazy):
      return try repeated(body, low, high, lazy, at, groups, next)
    }
  }

  private func matchAll(
    _ parts: ArraySlice<RegexNode>,
    _ at: Int,
    _ groups: [Range<Int>?],
    _ next: Next
  ) throws -> Bool {
    guard let first = parts.first else { return try next(at, groups) }
    return try match(first, at, groups) { end, inner in
      try matchAll(parts.dropFirst(), end, inner, next)
    }
  }

  private func repeated(
    _ body: RegexNode,
    _ low: Int,
    _ high: Int?,
    _ lazy: Bool,
    _ at: Int,
    _ groups: [Range<Int>?],
    _ next: Next
  ) throws -> Bool {
    if high == 0 { return try next(at, groups) }
    func round() throws -> Bool {
      try match(body, at, groups) { end, inner in
        // A round of an unbounded repetition that consumed nothing is its last.
        if high == nil, low <= 1, end == at { return try next(end, inner) }
        return try repeated(body, max(low - 1, 0), high.map { $0 - 1 }, lazy, end, inner, next)
      }
    }
    if low > 0 { return try round() }
    if lazy { return try next(at, groups) || round() }
    return try round() || next(at, groups)
  }

  private func holds(_ assertion: RegexNode.Assertion, _ at: Int) -> Bool {
    func isWord(_ index: Int) -> Bool {
      scalars.indices.contains(index) && ScalarSet.word.contains(scalars[index])
    }
    return switch assertion {
    case .textStart: at == 0
    case .textEnd: at == scalars.count || (at == scalars.count - 1 && scalars[at] == 10)
    case .wordBoundary: isWord(at - 1) != isWord(at)
    case .notWordBoundary: isWord(at - 1) == isWord(at)
    }
  }
}
