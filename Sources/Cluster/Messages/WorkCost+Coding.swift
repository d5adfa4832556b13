package import Bytes
package import Domain

extension WorkCost: Coded {
  package func encode(into writer: inout ByteWriter) {
    rowCount.encode(into: &writer)
    stepCount.encode(into: &writer)
    nanoseconds.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    self.init(
      rowCount: try UInt64(from: &reader),
      stepCount: try UInt64(from: &reader),
      nanoseconds: try UInt64(from: &reader)
    )
  }
}
