import Bytes

/// Moves that are learned from a row.
extension LineShapes {
  /// An object or array around what is being looked at.
  private struct Open {
    var isObject: Bool
    var state: Int32
    /// Its place in the survey.
    var node: Int32
    /// The field that came last.
    var lastField: Int32 = -1
    /// Of an array its column and the scope of its elements.
    var column: Int32 = -1
    var scope: Int32 = -1
    /// Whether a field of that object is on the way to the key, and how far.
    var keyDepth: Int
  }

  /// Learns how a row is written.
  ///
  /// - Parameters:
  ///   - start: where the row begins in the chunk.
  ///   - tape: has the row as it was read quickly, and knows the chunk.
  ///   - root: the row's place in the survey.
  ///   - tree: has counted the row.
  ///   - places: have resolved the row where it has columns.
  ///   - hasColumns: whether rows are written to tables.
  mutating func learn(
    from start: Int,
    _ tape: borrowing Tape,
    root: Int32,
    _ tree: borrowing SurveyTree,
    _ places: borrowing TapePlaces,
    hasColumns: Bool
  ) {
    guard beginLesson() else { return }
    let text = unsafe tape.source
    var (at, from) = (start, start)
    var lesson = Lesson()
    var open: [Open] = []
    var state: Int32 = 0
    var (entry, step) = (0, 0)
    var isNamed = false
    while true {
      let byte = unsafe text[at]
      switch byte {
      case 0x20, 0x09, 0x0D, UInt8(ascii: ","), UInt8(ascii: ":"): at += 1
      case 0x0A:
        guard open.isEmpty, entry == tape.entries.count else { return }
        return unsafe add(.end, text + from, at + 1 - from, from: state, to: 0, &lesson)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard let closed = open.popLast() else { return }
        if !closed.isObject, hasColumns {
          lesson.effects.append(.close(scope: closed.scope, column: closed.column))
        }
        at += 1
      case UInt8(ascii: "\"") where !isNamed && (open.last?.isObject ?? false):
        at = unsafe LineShapes.stringEnd(text, at + 1) + 1
        isNamed = true
      default:
        isNamed = false
        guard entry < tape.entries.count else { return }
        let value = tape.entries[entry]
        entry += 1
        var place = Open(isObject: true, state: 0, node: root, keyDepth: 0)
        if let top = open.indices.last {
          let name = open[top].isObject ? value.name : -1
          place.state = child(name, of: open[top].state)
          place.keyDepth = keyDepth(name, in: open[top])
          if open[top].isObject {
            guard mayFollow(open[top].lastField, place.state) else { return }
            open[top].lastField = place.state
          }
          if value.tag != .dead {
            place.node = tree.place(of: name, in: open[top].node)
            guard place.node >= 0 else { return }
            if !open[top].isObject, hasColumns {
              lesson.effects.append(.element(scope: open[top].scope))
              step += 1
            }
          }
        }
        lesson.node = place.node
        lesson.isKey = place.keyDepth == keyPath.count
        switch (value.tag, byte) {
        case (.dead, UInt8(ascii: "n")):
          guard value.extent == 0 else { return }
          at += 4
          continue
        case (.object, UInt8(ascii: "{")):
          if !open.isEmpty { lesson.containers.append(place.node) }
          open.append(place)
          at += 1
          continue
        default: break
        }
        if hasColumns {
          guard step < places.stepCount else { return }
          let known = unsafe places.steps[step]
          guard known.column >= 0, Int(known.entry) == entry - 1 else { return }
          lesson.column = known.column
          step += 1
        }
        switch (value.tag, byte) {
        case (.array, UInt8(ascii: "[")):
          lesson.containers.append(place.node)
          place.isObject = false
          if hasColumns {
            place.column = lesson.column
            place.scope = Int32(places.columns[Int(lesson.column)].elements)
            lesson.effects.append(.open(scope: place.scope))
          }
          open.append(place)
          at += 1
          continue
        case (.string, UInt8(ascii: "\"")):
          unsafe add(.string, text + from, at + 1 - from, from: state, to: place.state, &lesson)
          from = unsafe LineShapes.stringEnd(text, at + 1)
          at = from + 1
        case (.boolean, UInt8(ascii: "t")), (.boolean, UInt8(ascii: "f")):
          at += value.bits == 1 ? 4 : 5
          lesson.bits = value.bits
          unsafe add(.boolean, text + from, at - from, from: state, to: place.state, &lesson)
          from = at
        case (.integer, _), (.double, _):
          lesson.isDouble = value.tag == .double
          unsafe add(.number, text + from, at - from, from: state, to: place.state, &lesson)
          while unsafe PlainNumber.mayContain(text[at]) { at += 1 }
          from = at
        default: return
        }
        state = place.state
      }
    }
  }

  /// What was learned of the next move.
  private struct Lesson {
    var containers: [Int32] = []
    var effects: [Effect] = []
    var node: Int32 = -1
    var column: Int32 = -1
    var isKey = false
    var isDouble = false
    var bits: UInt64 = 0
  }

  /// Adds a move, or what is new of one that is known.
  private mutating func add(
    _ kind: Kind,
    _ text: UnsafePointer<UInt8>,
    _ byteCount: Int,
    from state: Int32,
    to target: Int32,
    _ lesson: inout Lesson
  ) {
    defer { lesson = Lesson() }
    var number = unsafe firstMoves.base[Int(state)]
    while number >= 0 {
      let known = unsafe moves + Int(number)
      let isSame =
        unsafe known.pointee.kind == kind && Int(known.pointee.byteCount) == byteCount
        && TextWords.areEqual(texts.base + Int(known.pointee.start), text, byteCount)
      if isSame { return unsafe learn(lesson, kind, known) }
      unsafe number = known.pointee.next
    }
    guard moveCount < LineShapes.moveCountMax else { return }
    var move = Move(
      start: Int32(truncatingIfNeeded: texts.count),
      byteCount: Int32(truncatingIfNeeded: byteCount),
      beyond: byteCount < 32 ? UInt32.max << UInt32(byteCount) : 0,
      kind: kind,
      isKey: lesson.isKey && kind == .string,
      state: target,
      node: kind == .end ? -1 : lesson.node,
      firstContainer: Int32(truncatingIfNeeded: containers.count),
      containerCount: Int32(truncatingIfNeeded: lesson.containers.count),
      firstEffect: Int32(truncatingIfNeeded: effects.count),
      effectCount: Int32(truncatingIfNeeded: lesson.effects.count)
    )
    move.bits = lesson.bits
    unsafe texts.append(exactly: UnsafeBufferPointer(start: text, count: byteCount))
    for container in lesson.containers { containers.append(container) }
    effects += lesson.effects
    effectCountMax = max(effectCountMax, lesson.effects.count)
    let added = Int32(truncatingIfNeeded: moveCount)
    unsafe (moves + moveCount).initialize(to: move)
    moveCount += 1
    unsafe learn(lesson, kind, moves + Int(added))
    let last = unsafe lastMoves.base[Int(state)]
    if last < 0 {
      unsafe firstMoves.base[Int(state)] = added
    } else {
      unsafe moves[Int(last)].next = added
    }
    unsafe lastMoves.base[Int(state)] = added
  }

  private func learn(_ lesson: Lesson, _ kind: Kind, _ move: UnsafeMutablePointer<Move>) {
    switch kind {
    case .number where lesson.isDouble:
      unsafe move.pointee.hasDoubles = true
      unsafe move.pointee.doubleColumn = lesson.column
    case .number:
      unsafe move.pointee.hasIntegers = true
      unsafe move.pointee.column = lesson.column
    case .string, .boolean: unsafe move.pointee.column = lesson.column
    case .end: break
    }
  }

  /// The state of a field or of elements.
  private mutating func child(_ name: Int32, of container: Int32) -> Int32 {
    let key = UInt64(UInt32(bitPattern: container)) << 32 | UInt64(UInt32(bitPattern: name))
    if let known = states[key] { return known }
    let made = Int32(truncatingIfNeeded: followers.count)
    makeState()
    states[key] = made
    return made
  }

  /// Lets a field come behind another one, unless that one can come behind it already.
  ///
  /// So no way along the moves comes by a field of an object twice.
  private mutating func mayFollow(_ field: Int32, _ next: Int32) -> Bool {
    guard field >= 0 else { return true }
    if followers[Int(field)].contains(next) { return true }
    var (seen, waiting) = ([next] as Set<Int32>, [next])
    while let one = waiting.popLast() {
      if one == field { return false }
      for other in followers[Int(one)] where seen.insert(other).inserted { waiting.append(other) }
    }
    followers[Int(field)].append(next)
    return true
  }

  /// How many names of the way to the key lead to a field; -1 when it does not lie on it.
  private func keyDepth(_ name: Int32, in container: Open) -> Int {
    let depth = container.keyDepth
    guard container.isObject, depth >= 0, depth < keyPath.count, keyPath[depth] == name else {
      return -1
    }
    return depth + 1
  }

  /// Where the closing quote of a string is.
  private static func stringEnd(_ text: UnsafePointer<UInt8>, _ start: Int) -> Int {
    var at = start
    while unsafe text[at] != UInt8(ascii: "\"") {
      unsafe at += text[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    return at
  }
}
