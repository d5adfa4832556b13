import Bytes
import Domain

/// A hash over everything that decides what an import brings in.
///
/// For each file in order: its kind and format and the options that matter, then its bytes, then
/// their count; decompressed, so that compressing a file does not make another import of it.
struct ContentHash {
  private var hash = SHA256()
  private var byteCount = 0

  init(_ options: IntakeOptions) {
    var writer = ByteWriter()
    writer.write("covey intake 1")
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
    byteCount = 0
  }

  mutating func add(_ block: [UInt8]) {
    hash.update(block)
    byteCount += block.count
  }

  mutating func end() {
    var writer = ByteWriter()
    writer.write(UInt64(byteCount))
    hash.update(writer.bytes)
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
