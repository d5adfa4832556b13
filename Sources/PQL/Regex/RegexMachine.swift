import Bytes

/// Runs a `RegexProgram` over a text in time proportional to their product.
///
/// All ways through the program advance together, one scalar at a time, in order of preference; of
/// two that meet in the same state the preferred one goes on. So the result is the one a backtracking
/// matcher finds first. Source: R. Pike's virtual machine as described by R. Cox, "Regular Expression
/// Matching: the Virtual Machine Approach", 2009.
struct RegexMachine {
  /// A way through the program that waits at an instruction; `slots` holds byte offsets, -1 if unset.
  private struct Thread {
    var instruction: Int
    var slots: [Int]
  }

  private struct Visit {
    var instruction: Int
    var level: Int
    var slots: [Int]
  }

  /// The place between two scalars.
  private struct Place {
    var offset = 0
    var byteCount: Int
    var previous: UInt32?
    var next: UInt32?
  }

  private let program: RegexProgram
  private let keepsSlots: Bool
  /// The round in which each (instruction, level) was last reached.
  private var reached: [Int]
  private var round = 0
  private var pending: [Visit] = []

  init(_ program: RegexProgram, keepsSlots: Bool) {
    self.program = program
    self.keepsSlots = keepsSlots
    reached = Array(repeating: -1, count: program.instructions.count * (program.levelMax + 1))
  }

  /// Finds the leftmost match, of those at the same place the preferred one.
  ///
  /// Without slots any match is as good as the first, and the answer is an empty array.
  ///
  /// - Returns: start and end offset in bytes of the match and of each group, -1 for a group not
  ///   used; `nil` without a match.
  mutating func search(_ text: Text) -> [Int]? {
    var scalars = text.string.unicodeScalars.makeIterator()
    var place = Place(byteCount: text.byteCount, next: scalars.next()?.value)
    let unset = keepsSlots ? Array(repeating: -1, count: 2 * (program.groupCount + 1)) : []
    var threads: [Thread] = []
    var best: [Int]?
    while true {
      let mayStart = best == nil && !(program.isAnchored && place.offset > 0)
      if mayStart {
        follow(Visit(instruction: 0, level: 0, slots: unset), at: place, into: &threads)
      }
      if threads.isEmpty, !mayStart { return best }
      round += 1
      let current = threads
      threads.removeAll(keepingCapacity: true)
      let following = moved(place, to: scalars.next()?.value)
      for thread in current {
        switch program.instructions[thread.instruction] {
        case .match:
          best = thread.slots
          if !keepsSlots { return best }
        case .scalar(let set, let level):
          guard let next = place.next, program.sets[set].contains(next) else { continue }
          follow(
            Visit(instruction: thread.instruction + 1, level: level, slots: thread.slots),
            at: following,
            into: &threads
          )
          continue
        default: continue
        }
        break
      }
      if place.next == nil { return best }
      place = following
    }
  }

  private func moved(_ place: Place, to next: UInt32?) -> Place {
    var following = place
    if let passed = place.next.flatMap(Unicode.Scalar.init) {
      following.offset += UTF8.width(passed)
      following.previous = passed.value
    }
    following.next = next
    return following
  }

  /// Appends the threads that wait at `place` from a state on, in order of preference.
  private mutating func follow(_ start: Visit, at place: Place, into threads: inout [Thread]) {
    pending.append(start)
    while var visit = pending.popLast() {
      let state = visit.instruction * (program.levelMax + 1) + visit.level
      if reached[state] == round { continue }
      reached[state] = round
      switch program.instructions[visit.instruction] {
      case .scalar, .match:
        threads.append(Thread(instruction: visit.instruction, slots: visit.slots))
        continue
      case .jump(let target):
        visit.instruction = target
      case .split(let first, let second):
        var other = visit
        other.instruction = second
        pending.append(other)
        visit.instruction = first
      case .save(let slot):
        if keepsSlots { visit.slots[slot] = place.offset }
        visit.instruction += 1
      case .assertion(let assertion):
        guard holds(assertion, at: place) else { continue }
        visit.instruction += 1
      case .round(let level):
        visit.level = min(visit.level, level - 1)
        visit.instruction += 1
      case .again(let level, let body, let lazy):
        let progressed = visit.level >= level
        visit.level = min(visit.level, level - 1)
        var out = visit
        out.instruction += 1
        visit.instruction = body
        if progressed, !lazy { pending.append(out) }
        if progressed, lazy { pending.append(visit) }
        if lazy || !progressed { visit = out }
      }
      pending.append(visit)
    }
  }

  private func holds(_ assertion: RegexNode.Assertion, at place: Place) -> Bool {
    switch assertion {
    case .textStart: place.offset == 0
    case .textEnd:
      place.next == nil || (place.next == 0x0A && place.offset + 1 == place.byteCount)
    case .wordBoundary: isWord(place.previous) != isWord(place.next)
    case .notWordBoundary: isWord(place.previous) == isWord(place.next)
    }
  }

  private func isWord(_ scalar: UInt32?) -> Bool { scalar.map(ScalarSet.word.contains) ?? false }
}
