import Bytes
import Domain

/// A hash over everything that decides what an import brings in.
///
/// For each file in order: its kind and format and the options that matter, then a hash of its
/// bytes; decompressed, so that compressing a file does not make another import of it. It stands for
/// the contents where somebody imports his own files a second time, so the bytes need a hash without
/// accidental collisions, not one that withstands a forger: `StripeHash`, since SHA-256 would take
/// longer than reading the rows does.
struct ContentHash {
  private var hash = SHA256()
  private var text: FileHash

  init(_ options: IntakeOptions) {
    text = FileHash(pieceByteCount: options.limits.hashedByteCount)
    var writer = ByteWriter()
    writer.write("covey intake 3")
    writer.write(String(describing: options.profileKey))
    writer.write(String(describing: options.eventKey))
    writer.write(options.eventTime?.description ?? "")
    ContentHash.write(options.declared.root(.attributes), to: &writer)
    ContentHash.write(options.declared.root(.event), to: &writer)
    hash.update(writer.bytes)
  }

  mutating func begin(_ file: IntakeFile, _ options: IntakeOptions) {
    var writer = ByteWriter()
    writer.write(file.kind.rawValue)
    writer.write(file.format.rawValue)
    writer.write(options.separator ?? file.format.separator)
    hash.update(writer.bytes)
    text = FileHash(pieceByteCount: options.limits.hashedByteCount)
  }

  mutating func add(_ block: UnsafeRawBufferPointer) { unsafe text.update(block) }

  /// Adds a piece of the file that was hashed apart, where nothing else of the file is added.
  mutating func add(piece: [UInt8]) { text.update(piece: piece) }

  /// Ends a file.
  ///
  /// - Returns: the hash of its bytes alone.
  mutating func end() -> [UInt8] {
    let digest = text.digest
    hash.update(digest)
    return digest
  }

  var digest: [UInt8] { hash.finalize() }

  private static func write(_ node: DeclaredTypes.Node, to writer: inout ByteWriter) {
    writer.write(node.type?.rawValue ?? "")
    writer.writeVarint(node.fields.count)
    for (name, field) in node.fields.sorted(by: { $0.key < $1.key }) {
      writer.write(name)
      write(field, to: &writer)
    }
    writer.writeVarint(node.element.count)
    for element in node.element { write(element, to: &writer) }
  }
}
