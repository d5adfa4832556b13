import Bytes

/// A hash of a file's bytes by way of hashes of its pieces, which several threads can find.
struct FileHash {
  /// Bytes of every piece but the last.
  private let pieceByteCount: Int
  private var pieces = SHA256()
  private var piece = StripeHash()
  /// Bytes of the present piece.
  private var byteCount = 0

  init(pieceByteCount: Int) { self.pieceByteCount = max(1, pieceByteCount) }

  /// Takes in what follows.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + pieceByteCount - byteCount)
      unsafe piece.update(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      byteCount += end - start
      start = end
      if byteCount == pieceByteCount { endPiece() }
    }
  }

  /// Takes in a whole piece by its digest.
  mutating func update(piece digest: [UInt8]) {
    precondition(byteCount == 0, "\(byteCount) bytes are of another piece")
    pieces.update(digest)
  }

  /// The 32 bytes that stand for everything taken in.
  var digest: [UInt8] {
    var last = self
    if byteCount > 0 { last.endPiece() }
    return last.pieces.finalize()
  }

  private mutating func endPiece() {
    pieces.update(piece.digest)
    piece = StripeHash()
    byteCount = 0
  }
}
