/// How many bulk bytes may be outstanding in one direction; both ends keep one and agree.
///
/// A frame fits when the sum stays within the window, or when at most a quarter of the window is
/// outstanding, so that a frame longer than the window passes alone. A receiver returns what was
/// consumed once that is over a quarter: whoever waits is therefore always freed in the end.
struct CreditWindow: Sendable {
  let window: Int

  /// Payload bytes sent and not returned, or received and not returned.
  private(set) var outstanding = 0

  /// At the receiver: bytes consumed and not yet returned.
  ///
  /// Invariant: `0...outstanding`.
  private var consumed = 0

  private var quarter: Int { window / 4 }

  init(window: Int) { self.window = window }

  /// Bytes received that nobody has consumed yet.
  var unconsumed: Int { outstanding - consumed }

  func fits(_ byteCount: Int) -> Bool {
    outstanding <= quarter || outstanding + byteCount <= window
  }

  mutating func use(_ byteCount: Int) { outstanding += byteCount }

  /// At the sender: the receiver has returned bytes; `byteCount` is at most `outstanding`.
  mutating func restore(_ byteCount: Int) { outstanding -= byteCount }

  /// At the receiver: bytes have been dealt with.
  mutating func consume(_ byteCount: Int) {
    precondition(
      0 <= byteCount && byteCount <= unconsumed,
      "\(byteCount) bytes consumed of \(unconsumed) received"
    )
    consumed += byteCount
  }

  /// Whether `takeReturn` has something to return now.
  var owesReturn: Bool { consumed > quarter }

  /// At the receiver: the bytes to return now, if they are worth a frame.
  mutating func takeReturn() -> Int? {
    guard owesReturn else { return nil }
    defer { consumed = 0 }
    outstanding -= consumed
    return consumed
  }
}
