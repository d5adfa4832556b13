package import Bytes
package import Domain

/// Asks why a profile has the score that it has.
package struct ScoreQuestion: Hashable, Coded {
  package var instance: Name
  package var key: ProfileKey
  /// The cut-off of the scoring that is explained.
  package var asOf: Instant
  /// The plan of the model's features, in the form of the room that makes them.
  package var features: [UInt8]
  /// The model as a file.
  package var model: [UInt8]
  /// Of all profiles scored then, by bucket of margins.
  package var percentiles: [UInt8]

  package init(
    instance: Name,
    key: ProfileKey,
    asOf: Instant,
    features: [UInt8],
    model: [UInt8],
    percentiles: [UInt8]
  ) {
    self.instance = instance
    self.key = key
    self.asOf = asOf
    self.features = features
    self.model = model
    self.percentiles = percentiles
  }

  package func encode(into writer: inout ByteWriter) {
    instance.encode(into: &writer)
    key.encode(into: &writer)
    asOf.encode(into: &writer)
    writer.write(features)
    writer.write(model)
    writer.write(percentiles)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    instance = try Name(from: &reader)
    key = try ProfileKey(from: &reader)
    asOf = try Instant(from: &reader)
    features = try reader.readBytes()
    model = try reader.readBytes()
    percentiles = try reader.readBytes()
  }
}
