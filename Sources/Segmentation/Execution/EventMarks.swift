import ProfileStore

/// Says for which profiles the conditions hold that want enough events, or an attribute.
@safe final class EventMarks {
  /// By mark, where its vector is: first those of events, then those of attributes.
  private let nodes: Scratch<Int>
  private let count: Int
  /// By mark, whether something was written to its vector.
  private let isMet: Scratch<Bool>
  /// By mark of which counts go on from table to table, where those begin.
  private let countStarts: Scratch<Int>
  private let counts: Scratch<UInt32>
  private let owned = Scratch<UInt64>(count: BlockVector.wordCount)

  init(_ conditions: EventConditions, _ attributes: AttributeConditions) {
    let all = conditions.marks.map(\.node) + attributes.words.joined().map(\.node)
    count = all.count
    nodes = Scratch(count: count)
    isMet = Scratch(count: count)
    for (mark, node) in all.enumerated() { unsafe nodes.pointer[mark] = node }
    countStarts = Scratch(count: count)
    var next = 0
    for (mark, condition) in conditions.marks.enumerated()
    where !condition.isOfOneType && condition.atLeast > 1 {
      unsafe countStarts.pointer[mark] = next
      next += BlockVector.bitCount
    }
    counts = Scratch(count: next)
  }

  func begin() { isMet.fill(false, count: count) }

  /// Takes the rows of attributes for which a condition holds.
  func take(
    _ step: MarkStep,
    _ rows: UnsafePointer<UInt64>,
    wordCount: Int,
    into vectors: Scratch<UInt64>
  ) {
    let vector = unsafe vectors.vector(step.node)
    let own = min(wordCount, BlockVector.wordCount)
    unsafe vector.update(from: rows, count: own)
    unsafe (vector + own).update(repeating: 0, count: BlockVector.wordCount - own)
    unsafe isMet.pointer[step.mark] = true
  }

  /// Takes the rows of a table of events that fit a condition.
  func take(
    _ step: MarkStep,
    _ rows: MatchedRows,
    _ owners: RowOwners,
    into vectors: Scratch<UInt64>
  ) {
    let vector = unsafe vectors.vector(step.node)
    let isFirst = unsafe !isMet.pointer[step.mark]
    unsafe isMet.pointer[step.mark] = true
    if unsafe step.form == .across && step.atLeast > 1 {
      return unsafe count(step, owners.list(rows), isFirst: isFirst, into: vector)
    }
    let target = unsafe isFirst ? vector : owned.pointer
    if unsafe step.atLeast == 1 {
      unsafe owners.write(rows, into: target)
    } else {
      unsafe owners.write(rows, atLeast: step.atLeast, into: target)
    }
    if isFirst { return }
    for word in 0..<BlockVector.wordCount { unsafe vector[word] |= owned.pointer[word] }
  }

  private func count(
    _ step: MarkStep,
    _ listed: ListedRows,
    isFirst: Bool,
    into vector: UnsafeMutablePointer<UInt64>
  ) {
    let counts = unsafe counts.pointer + countStarts.pointer[step.mark]
    if isFirst {
      unsafe counts.update(repeating: 0, count: BlockVector.bitCount)
      unsafe vector.update(repeating: 0, count: BlockVector.wordCount)
    }
    let enough = unsafe UInt32(clamping: step.atLeast)
    for index in 0..<(unsafe listed.count) {
      let profile = Int(unsafe listed.profiles[index])
      unsafe counts[profile] &+= 1
      if unsafe counts[profile] >= enough {
        unsafe vector[profile >> 6] |= 1 &<< UInt64(truncatingIfNeeded: profile & 63)
      }
    }
  }

  /// Nobody has what no table had.
  func finish(into vectors: Scratch<UInt64>) {
    for mark in 0..<count where unsafe !isMet.pointer[mark] {
      let vector = unsafe vectors.vector(nodes.pointer[mark])
      unsafe vector.update(repeating: 0, count: BlockVector.wordCount)
    }
  }
}
