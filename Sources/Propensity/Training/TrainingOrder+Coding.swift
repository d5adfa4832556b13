package import Bytes

// An order on the wire: its tag (UInt8), then what the case carries in its order, lists with a
// varint count first, leaves as varints, margins and values as doubles, a unit's bits as UInt8.
extension TrainingOrder {
  private enum Tag: UInt8 {
    case begin = 0
    case resume = 1
    case grow = 2
    case advance = 3
    case evaluate = 4
    case countLabels = 5
  }

  package func encode(into writer: inout ByteWriter) {
    func write(_ tag: Tag) { writer.write(tag.rawValue) }
    func write(_ trees: [Tree]) {
      writer.writeVarint(trees.count)
      for tree in trees { tree.encode(into: &writer) }
    }
    func write(_ splits: [LeafSplit]) {
      writer.writeVarint(splits.count)
      for split in splits {
        writer.writeVarint(split.leaf)
        split.rule.encode(into: &writer)
      }
    }
    switch self {
    case .countLabels: write(.countLabels)
    case .begin(let initialMargin, let unit):
      write(.begin)
      writer.write(initialMargin)
      writer.write(UInt8(unit.bits))
    case .resume(let initialMargin, let unit, let trees):
      write(.resume)
      writer.write(initialMargin)
      writer.write(UInt8(unit.bits))
      write(trees)
    case .grow(let splits, let build):
      write(.grow)
      write(splits)
      writer.writeVarint(build.count)
      for leaf in build { writer.writeVarint(leaf) }
    case .advance(let splits, let leafValues):
      write(.advance)
      write(splits)
      writer.writeVarint(leafValues.count)
      for value in leafValues { writer.write(value) }
    case .evaluate(let initialMargin, let trees):
      write(.evaluate)
      writer.write(initialMargin)
      write(trees)
    }
  }

  /// Reads an order; whether it fits what came before is for the partition to say.
  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    let number = try reader.read(UInt8.self)
    guard let tag = Tag(rawValue: number) else {
      throw .unknownTag(at: at, tag: UInt64(number), of: "training order")
    }
    switch tag {
    case .countLabels: self = .countLabels
    case .begin:
      let initialMargin = try reader.readDouble()
      self = .begin(initialMargin: initialMargin, unit: try Self.readUnit(&reader))
    case .resume:
      let initialMargin = try reader.readDouble()
      let unit = try Self.readUnit(&reader)
      let trees = try Self.readTrees(&reader)
      self = .resume(initialMargin: initialMargin, unit: unit, trees: trees)
    case .grow:
      let splits = try Self.readSplits(&reader)
      let count = try reader.readCount()
      var build: [Int] = []
      for _ in 0..<count { build.append(try Self.readLeaf(&reader)) }
      guard Set(build).count == count else {
        throw .invalidValue(at: at, what: "a leaf that is built twice")
      }
      self = .grow(splits: splits, build: build)
    case .advance:
      let splits = try Self.readSplits(&reader)
      let count = try reader.readCount(elementByteCount: 8)
      var values: [Double] = []
      for _ in 0..<count { values.append(try reader.readDouble()) }
      self = .advance(splits: splits, leafValues: values)
    case .evaluate:
      let initialMargin = try reader.readDouble()
      self = .evaluate(initialMargin: initialMargin, trees: try Self.readTrees(&reader))
    }
  }

  private static func readUnit(_ reader: inout ByteReader) throws(DecodingError) -> HistogramUnit {
    let at = reader.offset
    let bits = try reader.read(UInt8.self)
    guard let unit = HistogramUnit(bits: Int(bits)) else {
      throw .invalidValue(at: at, what: "a unit of \(bits) bits")
    }
    return unit
  }

  private static func readTrees(_ reader: inout ByteReader) throws(DecodingError) -> [Tree] {
    let count = try reader.readCount(elementByteCount: 10)
    var trees: [Tree] = []
    for _ in 0..<count { trees.append(try Tree(from: &reader)) }
    return trees
  }

  private static func readSplits(_ reader: inout ByteReader) throws(DecodingError) -> [LeafSplit] {
    let count = try reader.readCount(elementByteCount: 4)
    var splits: [LeafSplit] = []
    for _ in 0..<count {
      let leaf = try readLeaf(&reader)
      splits.append(LeafSplit(leaf: leaf, rule: try SplitRule(from: &reader)))
    }
    return splits
  }

  private static func readLeaf(_ reader: inout ByteReader) throws(DecodingError) -> Int {
    let at = reader.offset
    let leaf = try reader.readVarint()
    guard leaf < UInt64(ModelFormat.leafCountMax) else {
      throw .invalidValue(at: at, what: "a leaf's number")
    }
    return Int(leaf)
  }
}
