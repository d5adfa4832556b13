package import Bytes

/// What a part of an evaluation took that no definition did alone.
package struct SharedCost: Hashable, Coded {
  /// Most parts that are told of one evaluation; what goes beyond is told as one.
  package static let countMax = 64

  /// What it was, in a few words.
  package var name: Text
  /// Profiles or events that were looked at.
  package var rowCount: UInt64
  package var nanoseconds: UInt64

  package init(name: Text, rowCount: UInt64, nanoseconds: UInt64) {
    self.name = name
    self.rowCount = rowCount
    self.nanoseconds = nanoseconds
  }

  package func encode(into writer: inout ByteWriter) {
    name.encode(into: &writer)
    rowCount.encode(into: &writer)
    nanoseconds.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    name = try Text(from: &reader)
    rowCount = try UInt64(from: &reader)
    nanoseconds = try UInt64(from: &reader)
  }
}

extension [SharedCost] {
  /// Adds another shard's parts, each to the part of its name.
  mutating func add(_ others: [SharedCost]) {
    for other in others {
      if let index = firstIndex(where: { $0.name == other.name }) {
        self[index].rowCount &+= other.rowCount
        self[index].nanoseconds &+= other.nanoseconds
      } else if count < SharedCost.countMax {
        append(other)
      } else {
        self[count - 1].name = "others"
        self[count - 1].rowCount &+= other.rowCount
        self[count - 1].nanoseconds &+= other.nanoseconds
      }
    }
  }
}
