package import Bytes
package import Propensity

/// Which rows are made of a shard, and what is measured of each.
package struct RowPlan: Hashable, Coded {
  /// The plan of the features, in the form of the room that makes them.
  package var features: [UInt8]
  /// Points in time at which rows are made that are learned from.
  package var cutOffs: [Instant]
  /// The point in time of rows that only test what was learned.
  package var outOfTime: Instant?

  package init(features: [UInt8], cutOffs: [Instant], outOfTime: Instant? = nil) {
    self.features = features
    self.cutOffs = cutOffs
    self.outOfTime = outOfTime
  }

  package func encode(into writer: inout ByteWriter) {
    writer.write(features)
    cutOffs.encode(into: &writer)
    outOfTime.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    features = try reader.readBytes()
    cutOffs = try [Instant](from: &reader)
    outOfTime = try Instant?(from: &reader)
  }
}

/// What every part does in a round of a training.
///
/// Work names all that it needs: a part that kept nothing of earlier rounds makes its rows anew. Only
/// `next` goes on from what the part has; one that lost it is given `begin` in its place.
package enum RoundWork: Equatable, Coded {
  /// Tell what has to be known of the data to choose features and cut-offs: a `DataSurvey`.
  case surveyData
  /// Make the rows, and tell what has to be known of them to choose bins, of the features from this
  /// one on: a `RowSurvey`.
  case surveyRows(RowPlan, feature: Int)
  /// Put the rows into these bins, and carry out orders one after the other; the answers are those to
  /// the last ones, so many of them, each a `TrainingAnswer`.
  case begin(RowPlan, bins: [FeatureBins], orders: [TrainingOrder], answerCount: Int)
  /// Carry out orders one after the other, each answered by a `TrainingAnswer`.
  case next([TrainingOrder])

  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .surveyData: writer.write(1 as UInt8)
    case .surveyRows(let rows, let feature):
      writer.write(2 as UInt8)
      rows.encode(into: &writer)
      writer.writeVarint(feature)
    case .begin(let rows, let bins, let orders, let answerCount):
      writer.write(3 as UInt8)
      rows.encode(into: &writer)
      writer.writeVarint(bins.count)
      for feature in bins { feature.encode(into: &writer) }
      write(orders)
      writer.writeVarint(answerCount)
    case .next(let orders):
      writer.write(4 as UInt8)
      write(orders)
    }
    func write(_ orders: [TrainingOrder]) {
      writer.writeVarint(orders.count)
      for order in orders { order.encode(into: &writer) }
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .surveyData
    case 2:
      let rows = try RowPlan(from: &reader)
      let at = reader.offset
      guard let feature = Int(exactly: try reader.readVarint()) else {
        throw .invalidValue(at: at, what: "a feature's number")
      }
      self = .surveyRows(rows, feature: feature)
    case 3:
      let rows = try RowPlan(from: &reader)
      var bins: [FeatureBins] = []
      for _ in 0..<(try reader.readCount(elementByteCount: 4)) {
        bins.append(try FeatureBins(from: &reader))
      }
      let orders = try Self.readOrders(&reader)
      let at = reader.offset
      let answerCount = try reader.readVarint()
      guard answerCount >= 1, answerCount <= UInt64(orders.count) else {
        throw .invalidValue(at: at, what: "\(answerCount) answers to \(orders.count) orders")
      }
      self = .begin(rows, bins: bins, orders: orders, answerCount: Int(answerCount))
    case 4:
      let orders = try Self.readOrders(&reader)
      guard !orders.isEmpty else { throw .invalidValue(at: at, what: "no orders") }
      self = .next(orders)
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "work of a round")
    }
  }

  private static func readOrders(
    _ reader: inout ByteReader
  ) throws(DecodingError) -> [TrainingOrder] {
    var orders: [TrainingOrder] = []
    for _ in 0..<(try reader.readCount()) { orders.append(try TrainingOrder(from: &reader)) }
    return orders
  }
}
