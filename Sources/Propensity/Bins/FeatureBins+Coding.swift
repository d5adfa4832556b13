package import Bytes

// The bytes of a feature that `FORMAT.md` draws; on the wire they are the same.
extension FeatureBins {
  package func encode(into writer: inout ByteWriter) {
    writer.write(name)
    writer.write(missing.rawValue)
    writer.write(kind.rawValue)
    switch cut {
    case .edges(let edges):
      writer.writeVarint(edges.count)
      for edge in edges { writer.write(edge) }
    case .categories(let names):
      writer.writeVarint(names.count)
      for name in names { writer.write(name) }
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let name = try reader.readText()
    let at = reader.offset
    let rule = try reader.read(UInt8.self)
    let kind = try reader.read(UInt8.self)
    guard let missing = MissingRule(rawValue: rule), let kind = FeatureKind(rawValue: kind) else {
      throw .invalidValue(at: at, what: "an unknown kind of feature")
    }
    let count = try reader.readCount()
    guard count <= Self.binCountMax - 2 else {
      throw .invalidValue(at: at, what: "\(count) bins of a feature")
    }
    switch kind {
    case .numeric:
      var edges: [Double] = []
      for _ in 0..<count { edges.append(try reader.readDouble()) }
      guard edges.allSatisfy(\.isFinite), zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 })
      else { throw .invalidValue(at: at, what: "edges of a feature that do not ascend") }
      self.init(name: name, cut: .edges(edges), missing: missing)
    case .categorical:
      var names: [Text] = []
      for _ in 0..<count { names.append(try reader.readText()) }
      guard Set(names).count == count else {
        throw .invalidValue(at: at, what: "a category of a feature that is told twice")
      }
      self.init(name: name, cut: .categories(names), missing: missing)
    }
  }
}
