import Bytes

/// Rows that are read by what is known of others.
extension LineShapes {
  /// Reads the row that begins at `start` of the chunk, up to its line feed.
  ///
  /// - Parameters:
  ///   - start: the first byte; a line feed stands somewhere behind it, and 64 readable bytes
  ///     behind that.
  ///   - text: the chunk.
  /// - Returns: the offset of the line feed, with the row's values in `found`; or -1 when it is not
  ///   written like a row before.
  @inline(__always)
  mutating func read(from start: Int, _ text: UnsafePointer<UInt8>) -> Int {
    foundCount = 0
    key.count = 0
    // The pointer stays within the line: a move's text has no line feed but the last one's, which
    // it ends with, and no value has one.
    var at = unsafe text + start
    var state = 0
    let (moves, found) = unsafe (self.moves, self.found)
    var count = 0
    while count < LineShapes.foundCountMax {
      let number = unsafe move(from: state, at)
      guard number >= 0 else { return -1 }
      let move = unsafe moves + Int(number)
      unsafe at += Int(move.pointee.byteCount)
      var value = unsafe Found(move: number, isDouble: false, bits: move.pointee.bits)
      switch unsafe move.pointee.kind {
      case .string:
        var length = unsafe Tape.plainLength(at)
        if unsafe at[length] != UInt8(ascii: "\"") {
          length = unsafe LineShapes.rareLength(at, plain: length)
          guard length >= 0 else { return -1 }
        }
        value.bits =
          unsafe UInt64(truncatingIfNeeded: at - text)
          | UInt64(truncatingIfNeeded: length) &<< 32
        if unsafe move.pointee.isKey { key = unsafe Tape.Place(offset: at - text, count: length) }
        unsafe at += length
      case .number:
        guard let number = unsafe PlainNumber(at) ?? PlainNumber(rare: at) else { return -1 }
        value.isDouble = !number.isInteger
        value.bits = number.bits
        let isKnown =
          unsafe number.isInteger ? move.pointee.hasIntegers : move.pointee.hasDoubles
        guard isKnown else { return -1 }
        unsafe at += number.byteCount
      case .boolean: break
      case .end:
        unsafe found[count] = value
        foundCount = count &+ 1
        let isKeyed = key.count > 0 && key.count <= KeyRule.byteCountMax
        return unsafe isKeyed ? at - text - 1 : -1
      }
      unsafe found[count] = value
      count &+= 1
      state = unsafe Int(move.pointee.state)
    }
    return -1
  }

  /// The move whose text stands at `at`; -1 when none does.
  @inline(__always)
  private func move(from state: Int, _ at: UnsafePointer<UInt8>) -> Int32 {
    var number = unsafe firstMoves.base[state]
    while number >= 0 {
      let move = unsafe moves + Int(number)
      let text = unsafe texts.base + Int(move.pointee.start)
      if unsafe ByteLanes.equal(at, text) | move.pointee.beyond == .max,
        unsafe move.pointee.byteCount <= 32
          || LineShapes.goesOn(at, text, Int(move.pointee.byteCount)),
        unsafe move.pointee.kind != .number
          || LineShapes.beginsNumber(at[Int(move.pointee.byteCount)])
      {
        return number
      }
      unsafe number = move.pointee.next
    }
    return -1
  }

  /// Whether two texts that are the same for 32 bytes are so to their end.
  @inline(never)
  private static func goesOn(
    _ at: UnsafePointer<UInt8>,
    _ text: UnsafePointer<UInt8>,
    _ byteCount: Int
  ) -> Bool {
    // Not beyond a line feed: it ends the text.
    unsafe TextWords.areEqual(at, text, byteCount)
  }

  @inline(__always)
  private static func beginsNumber(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 || byte == 0x2D }

  /// The length of a string with other characters than ASCII; -1 when it has escapes or is wrong.
  @inline(never)
  private static func rareLength(_ start: UnsafePointer<UInt8>, plain: Int) -> Int {
    var length = plain
    while unsafe start[length] >= 0x80 {
      length &+= 1
      unsafe length &+= Tape.plainLength(start + length)
    }
    guard unsafe start[length] == UInt8(ascii: "\"") else { return -1 }
    let text = unsafe UnsafeBufferPointer(start: start, count: length)
    return unsafe UTF8Validation.firstInvalid(text) == nil ? length : -1
  }
}
