package import Bytes

// The bytes of rules and trees that `FORMAT.md` draws; on the wire they are the same.

extension SplitRule {
  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(feature)
    switch test {
    case .upTo(let bin, let missingLeft):
      writer.write(
        missingLeft ? ModelFormat.TestTag.missingLeft : ModelFormat.TestTag.missingRight
      )
      writer.write(bin)
    case .among(let bins):
      writer.write(ModelFormat.TestTag.among)
      for word in 0..<4 { writer.write(bins.words[word]) }
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    guard let feature = Int(exactly: try reader.readVarint()) else {
      throw .invalidValue(at: at, what: "a feature's number")
    }
    let test: Test
    switch try reader.read(UInt8.self) {
    case ModelFormat.TestTag.missingRight:
      test = .upTo(bin: try reader.read(UInt8.self), missingLeft: false)
    case ModelFormat.TestTag.missingLeft:
      test = .upTo(bin: try reader.read(UInt8.self), missingLeft: true)
    case ModelFormat.TestTag.among:
      var words = SIMD4<UInt64>()
      for word in 0..<4 { words[word] = try reader.read(UInt64.self) }
      test = .among(BinSet(words: words))
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "test")
    }
    self.init(feature: feature, test: test)
  }
}

extension Tree {
  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(nodes.count)
    for split in splits {
      writer.writeVarint(split.leaf)
      split.rule.encode(into: &writer)
    }
    for leaf in leaves {
      writer.write(leaf.value)
      writer.writeVarint(leaf.cover)
    }
  }

  /// Reads a tree whose shape, values and covers are those of a model; its features are for the
  /// caller to look at.
  package init(from reader: inout ByteReader) throws(DecodingError) {
    self.init()
    let at = reader.offset
    let nodeCount = try reader.readCount(elementByteCount: 4)
    guard nodeCount < ModelFormat.leafCountMax else {
      throw .invalidValue(at: at, what: "a tree of \(nodeCount) nodes")
    }
    for node in 0..<nodeCount {
      let at = reader.offset
      let leaf = try reader.readVarint()
      guard leaf <= UInt64(node) else { throw .invalidValue(at: at, what: "a node of no leaf") }
      split(leaf: Int(leaf), by: try SplitRule(from: &reader))
    }
    var leaves: [Leaf] = []
    var rows: UInt64 = 0
    for _ in 0...nodeCount {
      let at = reader.offset
      let value = try reader.readDouble()
      let cover = try reader.readVarint()
      let (sum, isOver) = rows.addingReportingOverflow(cover)
      guard abs(value) <= ModelFormat.valueMax, cover > 0, !isOver else {
        throw .invalidValue(at: at, what: "a leaf of value \(value) and \(cover) rows")
      }
      rows = sum
      leaves.append(Leaf(value: value, cover: cover))
    }
    set(leaves)
  }
}
