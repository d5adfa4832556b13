import Bytes
import Testing

struct ArenaTests {
  @Test("pieces are aligned, do not touch, and keep what they hold", arguments: [8, 64])
  func pieces(alignment: Int) {
    let arena = Arena(partByteCount: 1_024, alignment: alignment)
    let byteCounts = (0..<300).map { $0 * 7 % 400 }
    let pieces = byteCounts.enumerated().map { number, byteCount in
      let piece = unsafe arena.room(byteCount: byteCount)
      unsafe piece.initializeMemory(
        as: UInt8.self,
        repeating: UInt8(number % 256),
        count: byteCount
      )
      return UInt(bitPattern: piece)
    }
    #expect(pieces.allSatisfy { $0 % UInt(alignment) == 0 })
    for (number, byteCount) in byteCounts.enumerated() {
      let piece = unsafe UnsafePointer<UInt8>(bitPattern: pieces[number])
      let bytes = unsafe UnsafeBufferPointer(start: piece, count: byteCount)
      #expect(unsafe bytes.allSatisfy { $0 == UInt8(number % 256) }, "piece \(number)")
    }
    withExtendedLifetime(arena) {}
  }
}
