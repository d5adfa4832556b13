package import Bytes
package import Domain

/// What a part of an evaluation took that definitions share.
package struct SharedCost: Hashable, Coded {
  /// Places of definitions in a plan are below it.
  private static let placeLimit = 1 << 20

  /// What was done, in a word.
  package var kind: Text
  /// What it was about, for people; the same on every shard.
  package var part: Text
  /// The definitions that use it, by their places in the plan.
  package var definitions: Bitmap
  package var cost: WorkCost

  package init(kind: Text, part: Text, definitions: Bitmap, cost: WorkCost) {
    self.kind = kind
    self.part = part
    self.definitions = definitions
    self.cost = cost
  }

  package func encode(into writer: inout ByteWriter) {
    kind.encode(into: &writer)
    part.encode(into: &writer)
    definitions.encode(into: &writer)
    cost.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    kind = try Text(from: &reader)
    part = try Text(from: &reader)
    definitions = try SharedCost.definitions(from: &reader)
    cost = try WorkCost(from: &reader)
  }

  /// Reads the set, which has only one form, so that what is read is no larger than its bytes.
  private static func definitions(from reader: inout ByteReader) throws(DecodingError) -> Bitmap {
    let at = reader.offset
    let definitions = try Bitmap(from: &reader, limit: placeLimit)
    var again = ByteWriter()
    definitions.encode(into: &again)
    guard again.count == reader.offset - at else {
      throw .invalidValue(at: at, what: "a set of definitions in another form than its own")
    }
    return definitions
  }
}
