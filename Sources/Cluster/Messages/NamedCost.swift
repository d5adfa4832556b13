package import Bytes
package import Domain

/// What was done for a part that was named before.
package struct NamedCost: Hashable, Coded {
  /// Parts of one job that one connection gives numbers to; later ones are named each time.
  package static let numberCountMax = 1 << 16

  /// The parts that results of the job name on a connection have the numbers 0, 1, 2 … in that order.
  package var number: UInt32
  package var cost: WorkCost

  package init(number: UInt32, cost: WorkCost) {
    self.number = number
    self.cost = cost
  }

  package func encode(into writer: inout ByteWriter) {
    number.encode(into: &writer)
    cost.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    number = try UInt32(from: &reader)
    cost = try WorkCost(from: &reader)
  }
}
