package import Bytes

// An answer on the wire: histograms and row counts of children (varints), each list with a varint count
// first; then the sums of rows (a varint and two signed ones); then rows and sum of the hold-out loss
// as varints; then a varint count of margin counts and those; then labels of bins.
extension TrainingAnswer {
  /// No round of messages builds more.
  private static let histogramCountMax = 256
  /// Either half of the hold-out rows, and the out-of-time test.
  private static let marginsCountMax = 3

  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(histograms.count)
    for histogram in histograms { histogram.encode(into: &writer) }
    writer.writeVarint(childRowCounts.count)
    for count in childRowCounts { writer.writeVarint(count) }
    writer.writeVarint(rowSums.rowCount)
    writer.writeSignedVarint(rowSums.gradient)
    writer.writeSignedVarint(rowSums.hessian)
    writer.writeVarint(holdOutLoss.rowCount)
    writer.writeVarint(holdOutLoss.sum)
    writer.writeVarint(margins.count)
    for counts in margins { counts.encode(into: &writer) }
    binLabels.encode(into: &writer)
  }

  /// - Parameters:
  ///   - reader: stands at the first byte of an answer.
  ///   - slotCount: slots of the layout that sender and receiver share.
  /// - Throws: when the bytes are not an answer with histograms of that layout.
  package init(from reader: inout ByteReader, slotCount: Int) throws(DecodingError) {
    self.init()
    var at = reader.offset
    let histogramCount = try reader.readCount()
    guard histogramCount <= Self.histogramCountMax else {
      throw .invalidValue(at: at, what: "\(histogramCount) histograms")
    }
    for _ in 0..<histogramCount {
      histograms.append(try LeafHistogram(from: &reader, slotCount: slotCount))
    }
    for _ in 0..<(try reader.readCount()) { childRowCounts.append(try reader.readVarint()) }
    rowSums.rowCount = try reader.readVarint()
    rowSums.gradient = try reader.readSignedVarint()
    rowSums.hessian = try reader.readSignedVarint()
    holdOutLoss.rowCount = try reader.readVarint()
    holdOutLoss.sum = try reader.readVarint()
    at = reader.offset
    let marginsCount = try reader.readCount()
    guard marginsCount <= Self.marginsCountMax else {
      throw .invalidValue(at: at, what: "\(marginsCount) counts of margins")
    }
    for _ in 0..<marginsCount { margins.append(try MarginCounts(from: &reader)) }
    binLabels = try BinLabels(from: &reader, slotCount: slotCount)
  }
}
