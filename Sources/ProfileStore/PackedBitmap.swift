import Bytes

/// A set as the bytes of its coding, for sets that are many and seldom looked at.
struct PackedBitmap: Sendable {
  private enum Form: Sendable {
    case empty
    case bytes([UInt8])
    /// Somebody else keeps it anyway.
    case shared(Bitmap)
  }

  private let form: Form
  let count: Int
  /// A checksum of the members: the same for equal sets.
  let digest: UInt32

  private init(_ form: Form, of bitmap: Bitmap) {
    self.form = bitmap.isEmpty ? .empty : form
    count = bitmap.count
    digest = bitmap.digest
  }

  /// The empty set.
  init() { self.init(.empty, of: Bitmap()) }

  init(_ bitmap: Bitmap) {
    var writer = ByteWriter(capacity: 64)
    if !bitmap.isEmpty { bitmap.encode(into: &writer) }
    // Just as long as it has to be.
    self.init(.bytes(Array(writer.bytes[...])), of: bitmap)
  }

  /// A set that is kept as it is.
  init(sharing bitmap: Bitmap) { self.init(.shared(bitmap), of: bitmap) }

  var isEmpty: Bool { count == 0 }

  var bitmap: Bitmap {
    switch form {
    case .empty: return Bitmap()
    case .shared(let bitmap): return bitmap
    case .bytes(let bytes):
      var reader = ByteReader(bytes)
      do throws(DecodingError) {
        return try Bitmap(from: &reader, limit: Int(UInt32.max))
      } catch {
        preconditionFailure("a set that was packed here cannot be read: \(error)")
      }
    }
  }

  /// Appends the set as `Bitmap.encode` does.
  func encode(into writer: inout ByteWriter) {
    switch form {
    case .empty: Bitmap().encode(into: &writer)
    case .shared(let bitmap): bitmap.encode(into: &writer)
    case .bytes(let bytes): writer.writeRaw(bytes)
    }
  }
}

extension PackedBitmap: Equatable {
  static func == (one: PackedBitmap, other: PackedBitmap) -> Bool {
    one.count == other.count && one.digest == other.digest && one.bitmap == other.bitmap
  }
}
