import Bytes

/// Where texts are that somebody else keeps: found by their hash, of which nothing is kept.
///
/// Eight to sixteen bytes a text; hashed with a seed of its own, so no choice of texts makes it slow.
struct TextIndex: Sendable {
  /// By hash: a number + 1, 0 where free; at most half are taken.
  private let slots: [UInt32]
  private let seed: UInt64

  /// Takes so many texts, each once.
  init(_ count: Int, _ text: (Int) -> UnsafeRawBufferPointer) {
    let seed = UInt64.random(in: .min ... .max)
    var size = 2
    while size < 2 * count { size *= 2 }
    var slots = [UInt32](repeating: 0, count: size)
    for number in 0..<count {
      var slot =
        Int(truncatingIfNeeded: unsafe TextTable.hash(text(number), seed: seed)) & (size - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = UInt32(number + 1)
    }
    self.slots = slots
    self.seed = seed
  }

  /// The number of a text, if it is one of those that `texts` gives by number.
  func number(
    of text: UnsafeRawBufferPointer,
    in texts: (Int) -> UnsafeRawBufferPointer
  ) -> Int? {
    var slot = Int(truncatingIfNeeded: unsafe TextTable.hash(text, seed: seed)) & (slots.count - 1)
    while slots[slot] != 0 {
      let number = Int(slots[slot] - 1)
      let known = unsafe texts(number)
      if unsafe known.count == text.count && known.elementsEqual(text) { return number }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }
}
