/// Bytes waiting for the system to take them, in order.
///
/// Small pieces are joined, large ones kept as they came, so nothing is copied more than once.
struct SendQueue {
  /// Pieces are joined while the last one stays below this many bytes.
  private static let joinedByteCountMax = 64 << 10

  private var pieces: [[UInt8]] = []
  private var head = 0
  /// Bytes of the first piece that are gone already.
  private var offset = 0
  private(set) var byteCount = 0

  var isEmpty: Bool { byteCount == 0 }

  mutating func append(_ bytes: ArraySlice<UInt8>) {
    guard !bytes.isEmpty else { return }
    byteCount += bytes.count
    if head < pieces.count,
      pieces[pieces.count - 1].count + bytes.count
        <= SendQueue.joinedByteCountMax
    {
      pieces[pieces.count - 1].append(contentsOf: bytes)
    } else {
      pieces.append(Array(bytes))
    }
  }

  /// Offers the pieces one by one to `write`, which says how many bytes it took.
  ///
  /// Ends when all is gone or `write` takes nothing (0) or fails (negative).
  ///
  /// - Returns: the last count that `write` gave, or 0 when nothing was there.
  mutating func drain(_ write: (UnsafeRawBufferPointer) -> Int) -> Int {
    var taken = 0
    while head < pieces.count {
      let offset = self.offset
      // The pointer is used within the call only, and `offset` is below the piece's count.
      taken = unsafe pieces[head].withUnsafeBytes { raw in
        unsafe write(UnsafeRawBufferPointer(rebasing: raw[offset...]))
      }
      guard taken > 0 else { return taken }
      byteCount -= taken
      self.offset += taken
      if self.offset == pieces[head].count { removeFirst() }
    }
    return taken
  }

  private mutating func removeFirst() {
    pieces[head] = []
    head += 1
    offset = 0
    if head == pieces.count {
      pieces.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 256 && head > pieces.count / 2 {
      pieces.removeFirst(head)
      head = 0
    }
  }
}
