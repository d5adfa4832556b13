package import Bytes
package import Domain

/// What is kept of a check, which is a training that ends before its first tree.
package struct CheckSummary: Hashable, Coded {
  package var training: TrainingSummary
  /// What was found, once it was; kept of the newest check of an instance only.
  package var report: Value?

  package init(_ training: TrainingSummary, report: Value? = nil) {
    self.training = training
    self.report = report
  }

  package func encode(into writer: inout ByteWriter) {
    training.encode(into: &writer)
    report.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    training = try TrainingSummary(from: &reader)
    report = try Value?(from: &reader)
  }
}
