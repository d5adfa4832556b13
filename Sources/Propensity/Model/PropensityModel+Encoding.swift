private import Bytes

extension PropensityModel {
  /// The model as a file, drawn in `FORMAT.md`; equal models have equal bytes.
  package func encoded() -> [UInt8] {
    var body = ByteWriter()
    body.writeVarint(features.count)
    for feature in features { feature.encode(into: &body) }
    Self.write(settings, to: &body)
    body.write(window != nil)
    if let window {
      body.write(window.start)
      body.write(window.end)
    }
    for count in [
      labels.trainingRows, labels.trainingPositives, labels.holdOutRows, labels.holdOutPositives,
    ] { body.writeVarint(count) }
    body.write(initialMargin)
    body.writeVarint(trees.count)
    for tree in trees { tree.encode(into: &body) }
    Self.write(calibration, to: &body)
    for cut in scoreMap.cuts { body.write(cut) }
    body.write(quality != nil)
    if let quality { quality.margins.encode(into: &body) }
    body.write(outOfTime != nil)
    if let outOfTime { outOfTime.margins.encode(into: &body) }
    body.write(!trainingCounts.isEmpty)
    for counts in trainingCounts {
      for count in counts { body.writeVarint(count) }
    }

    var file = ByteWriter(capacity: ModelFormat.headerByteCount + body.count)
    file.writeRaw(ModelFormat.magic)
    file.write(ModelFormat.version)
    file.write(UInt64(body.count))
    file.write(crc32c(body.bytes))
    file.writeRaw(body.bytes)
    return file.bytes
  }

  private static func write(_ settings: TrainingSettings, to writer: inout ByteWriter) {
    for number in [
      settings.treeCountMax, settings.leafCountMax, settings.depthMax, settings.leavesPerRound,
      settings.childRowCountMin, settings.patience, settings.binCountMax,
    ] { writer.writeVarint(number) }
    for number in [
      settings.learningRate, settings.childHessianMin, settings.l2, settings.l1,
      settings.splitGainMin, settings.categoryL2, settings.categorySmoothing, settings.rowShare,
      settings.featureShare, settings.holdOutShare,
    ] { writer.write(number) }
    writer.write(settings.seed)
  }

  private static func write(_ calibration: Calibration, to writer: inout ByteWriter) {
    switch calibration {
    case .identity: writer.write(ModelFormat.CalibrationTag.identity)
    case .platt(let slope, let offset):
      writer.write(ModelFormat.CalibrationTag.platt)
      writer.write(slope)
      writer.write(offset)
    case .isotonic(let curve):
      writer.write(ModelFormat.CalibrationTag.isotonic)
      writer.writeVarint(curve.margins.count)
      for point in curve.margins.indices {
        writer.write(curve.margins[point])
        writer.write(curve.probabilities[point])
      }
    }
  }
}
