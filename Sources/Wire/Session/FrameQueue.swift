/// First in, first out; taking and adding cost constant time on average.
struct FrameQueue: Sendable {
  private var frames: [Frame] = []

  /// Index of the first frame still waiting.
  ///
  /// Invariant: the frames before it are empty.
  private var head = 0

  /// What the waiting frames will take on the wire.
  private(set) var byteCount = 0

  var first: Frame? { head < frames.count ? frames[head] : nil }

  mutating func append(_ frame: Frame) {
    frames.append(frame)
    byteCount += frame.payload.count + FrameLayout.overhead
  }

  mutating func removeFirst() -> Frame? {
    guard head < frames.count else { return nil }
    let frame = frames[head]
    // Releases the payload now, not when the array is compacted.
    frames[head] = Frame(kind: 0)
    head += 1
    byteCount -= frame.payload.count + FrameLayout.overhead
    if head == frames.count {
      frames.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 64, head * 2 >= frames.count {
      frames.removeFirst(head)
      head = 0
    }
    return frame
  }
}
