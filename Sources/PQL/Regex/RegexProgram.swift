/// A regular expression as instructions for `RegexMachine`.
///
/// Where the body of an unbounded repetition can match the empty text, a round that consumed nothing
/// ends the repetition, as in Perl and Java. The machine therefore keeps a *level* beside the
/// program counter: how many of the enclosing such repetitions, outermost first, have consumed
/// something in their current round. Rounds nest, so one number says it for all of them.
struct RegexProgram: Sendable {
  /// Most instructions a pattern may need once counted repetitions are written out.
  static let stateCountMax = 4_096

  enum Instruction: Sendable {
    /// Consumes a scalar of set `set`; all `level` repetitions around it have then progressed.
    case scalar(set: Int, level: Int)
    /// Goes on at `first`, and at `second` if that fails.
    case split(first: Int, second: Int)
    case jump(Int)
    /// Stores the position.
    case save(slot: Int)
    case assertion(RegexNode.Assertion)
    /// Starts a round of the repetition at `level`.
    case round(level: Int)
    /// Ends such a round: another one, if this one consumed something, or out.
    case again(level: Int, body: Int, lazy: Bool)
    case match
  }

  private(set) var instructions: [Instruction] = []
  private(set) var sets: [ScalarSet] = []
  /// Deepest nesting of repetitions with a nullable body.
  private(set) var levelMax = 0
  let groupCount: Int
  /// Whether a match can only start at the start of the text.
  private(set) var isAnchored = false

  private var setNumbers: [ScalarSet: Int] = [:]

  init(_ node: RegexNode, groupCount: Int) throws(RegularExpressionError) {
    self.groupCount = groupCount
    try append(.save(slot: 0))
    try emit(node, level: 0)
    try append(.save(slot: 1))
    try append(.match)
    if instructions.count > 1, case .assertion(.textStart) = instructions[1] { isAnchored = true }
    setNumbers = [:]
  }

  private mutating func append(_ instruction: Instruction) throws(RegularExpressionError) {
    if instructions.count == Self.stateCountMax { throw .tooManyStates(limit: Self.stateCountMax) }
    instructions.append(instruction)
  }

  private mutating func emit(_ node: RegexNode, level: Int) throws(RegularExpressionError) {
    switch node {
    case .sequence(let parts):
      for part in parts { try emit(part, level: level) }
    case .alternatives(let parts):
      try emitAlternatives(parts, level: level)
    case .scalar(let set):
      try append(.scalar(set: number(of: set), level: level))
    case .assertion(let assertion):
      try append(.assertion(assertion))
    case .group(let group, let body):
      try append(.save(slot: 2 * group))
      try emit(body, level: level)
      try append(.save(slot: 2 * group + 1))
    case .repetition(let body, let low, let high, let lazy):
      try emitRepetition(of: body, low: low, high: high, lazy: lazy, level: level)
    }
  }

  private mutating func number(of set: ScalarSet) -> Int {
    if let known = setNumbers[set] { return known }
    sets.append(set)
    setNumbers[set] = sets.count - 1
    return sets.count - 1
  }

  private mutating func emitAlternatives(
    _ parts: [RegexNode],
    level: Int
  ) throws(RegularExpressionError) {
    var exits: [Int] = []
    for (index, part) in parts.enumerated() {
      guard index + 1 < parts.count else {
        try emit(part, level: level)
        break
      }
      let split = instructions.count
      try append(.jump(0))
      try emit(part, level: level)
      exits.append(instructions.count)
      try append(.jump(0))
      instructions[split] = .split(first: split + 1, second: instructions.count)
    }
    for exit in exits { instructions[exit] = .jump(instructions.count) }
  }

  /// Writes counted repetitions out: `x{2,4}` is `xx(x(x)?)?`, `x{2,}` is `xx+`.
  private mutating func emitRepetition(
    of body: RegexNode,
    low: Int,
    high: Int?,
    lazy: Bool,
    level: Int
  ) throws(RegularExpressionError) {
    let copies = high == nil ? max(low - 1, 0) : low
    for _ in 0..<copies {
      let start = instructions.count
      try emit(body, level: level)
      if instructions.count == start { return }
    }
    guard let high else {
      try emitLoop(body, mayBeSkipped: low == 0, lazy: lazy, level: level)
      return
    }
    var splits: [Int] = []
    for _ in low..<high {
      splits.append(instructions.count)
      try append(.jump(0))
      let start = instructions.count
      try emit(body, level: level)
      if instructions.count == start { break }
    }
    for split in splits { setSplit(at: split, to: instructions.count, lazy: lazy) }
  }

  private mutating func emitLoop(
    _ body: RegexNode,
    mayBeSkipped: Bool,
    lazy: Bool,
    level: Int
  ) throws(RegularExpressionError) {
    let entry = instructions.count
    if mayBeSkipped { try append(.jump(0)) }
    let start = instructions.count
    if body.isNullable {
      levelMax = max(levelMax, level + 1)
      try append(.round(level: level + 1))
      try emit(body, level: level + 1)
      try append(.again(level: level + 1, body: start, lazy: lazy))
    } else {
      try emit(body, level: level)
      let next = instructions.count + 1
      try append(.split(first: lazy ? next : start, second: lazy ? start : next))
    }
    if mayBeSkipped { setSplit(at: entry, to: instructions.count, lazy: lazy) }
  }

  /// Makes the instruction at `split` a choice between what follows it and `exit`.
  private mutating func setSplit(at split: Int, to exit: Int, lazy: Bool) {
    let body = split + 1
    instructions[split] = .split(first: lazy ? exit : body, second: lazy ? body : exit)
  }
}
