private import Bytes

extension PropensityModel {
  /// Reads a model file; any bytes give a model or an error.
  package init(decoding bytes: [UInt8]) throws(ModelError) {
    let (version, body) = try Self.checkedBody(bytes)
    do {
      var reader = ByteReader(body)
      try self.init(from: &reader, version: version)
      try reader.finish()
    } catch let error as DecodingError {
      throw .undecodable(error)
    } catch let error as ModelError {
      throw error
    } catch {
      throw .invalid(what: "\(error)")
    }
  }

  private static func checkedBody(
    _ bytes: [UInt8]
  ) throws(ModelError) -> (version: UInt32, body: ArraySlice<UInt8>) {
    guard bytes.count >= ModelFormat.headerByteCount, bytes.starts(with: ModelFormat.magic) else {
      throw .notAModel
    }
    do {
      var reader = ByteReader(bytes[ModelFormat.magic.count...])
      let version = try reader.read(UInt32.self)
      guard ModelFormat.versions.contains(version) else {
        throw ModelError.unknownVersion(version)
      }
      let byteCount = try reader.read(UInt64.self)
      let checksum = try reader.read(UInt32.self)
      let body = bytes[ModelFormat.headerByteCount...]
      guard byteCount == UInt64(body.count) else {
        throw ModelError.truncated(expected: byteCount, actual: body.count)
      }
      let actual = crc32c(body)
      guard actual == checksum else {
        throw ModelError.checksumMismatch(expected: checksum, actual: actual)
      }
      return (version, body)
    } catch let error as ModelError {
      throw error
    } catch let error as DecodingError {
      throw .undecodable(error)
    } catch {
      throw .invalid(what: "\(error)")
    }
  }

  private init(from reader: inout ByteReader, version: UInt32) throws {
    let featureCount = try reader.readCount(elementByteCount: 4)
    guard featureCount <= ModelFormat.featureCountMax else {
      throw ModelError.invalid(what: "\(featureCount) features")
    }
    var features: [FeatureBins] = []
    for _ in 0..<featureCount { features.append(try FeatureBins(from: &reader)) }
    let settings = try Self.readSettings(&reader)
    var window: TrainingWindow?
    if try reader.readBool() {
      window = TrainingWindow(start: try reader.readInstant(), end: try reader.readInstant())
    }
    var labels = LabelCounts()
    labels.trainingRows = try reader.readVarint()
    labels.trainingPositives = try reader.readVarint()
    labels.holdOutRows = try reader.readVarint()
    labels.holdOutPositives = try reader.readVarint()
    let initialMargin = try Self.readValue(&reader)
    let treeCount = try reader.readCount(elementByteCount: 10)
    guard treeCount <= ModelFormat.treeCountMax else {
      throw ModelError.invalid(what: "\(treeCount) trees")
    }
    var trees: [Tree] = []
    for _ in 0..<treeCount { trees.append(try Self.readTree(&reader, features: features)) }
    let calibration = try Self.readCalibration(&reader)
    var cuts: [Double] = []
    for _ in 0..<100 { cuts.append(try reader.readDouble()) }
    guard let scoreMap = ScoreMap(cuts: cuts) else {
      throw ModelError.invalid(what: "score cuts that descend")
    }
    let quality = try Self.readQuality(&reader, calibration)
    var outOfTime: ModelQuality?
    var trainingCounts: [[UInt64]] = []
    if version > 1 {
      outOfTime = try Self.readQuality(&reader, calibration)
      if try reader.readBool() {
        for feature in features { trainingCounts.append(try Self.readCounts(&reader, of: feature)) }
      }
    }
    self.init(
      features: features,
      initialMargin: initialMargin,
      trees: trees,
      calibration: calibration,
      scoreMap: scoreMap,
      window: window,
      labels: labels,
      quality: quality,
      outOfTime: outOfTime,
      settings: settings,
      trainingCounts: trainingCounts
    )
  }

  /// What some rows' margins say; `nil` when there were no such rows.
  private static func readQuality(
    _ reader: inout ByteReader,
    _ calibration: Calibration
  ) throws -> ModelQuality? {
    guard try reader.readBool() else { return nil }
    let margins = try MarginCounts(from: &reader)
    guard let quality = ModelQuality(margins: margins, calibration: calibration) else {
      throw ModelError.invalid(what: "figures of no rows")
    }
    return quality
  }

  private static func readCounts(
    _ reader: inout ByteReader,
    of feature: FeatureBins
  ) throws -> [UInt64] {
    var counts: [UInt64] = []
    for _ in 0..<feature.binCount {
      let count = try reader.readVarint()
      // Counts this small cannot overflow when they are added up.
      guard count < 1 << 48 else { throw ModelError.invalid(what: "a bin of \(count) rows") }
      counts.append(count)
    }
    return counts
  }

  private static func readSettings(_ reader: inout ByteReader) throws -> TrainingSettings {
    func number() throws -> Int {
      let value = try reader.readVarint()
      guard let number = Int(exactly: value) else {
        throw ModelError.invalid(what: "a setting of \(value)")
      }
      return number
    }
    var settings = TrainingSettings()
    settings.treeCountMax = try number()
    settings.leafCountMax = try number()
    settings.depthMax = try number()
    settings.leavesPerRound = try number()
    settings.childRowCountMin = try number()
    settings.patience = try number()
    settings.binCountMax = try number()
    settings.learningRate = try reader.readDouble()
    settings.childHessianMin = try reader.readDouble()
    settings.l2 = try reader.readDouble()
    settings.l1 = try reader.readDouble()
    settings.splitGainMin = try reader.readDouble()
    settings.categoryL2 = try reader.readDouble()
    settings.categorySmoothing = try reader.readDouble()
    settings.rowShare = try reader.readDouble()
    settings.featureShare = try reader.readDouble()
    settings.holdOutShare = try reader.readDouble()
    settings.seed = try reader.read(UInt64.self)
    if let problem = settings.problem { throw ModelError.invalid(what: "\(problem)") }
    return settings
  }

  private static func readTree(_ reader: inout ByteReader, features: [FeatureBins]) throws -> Tree {
    let at = reader.offset
    let tree = try Tree(from: &reader)
    let fits = tree.nodes.allSatisfy { node in
      features.indices.contains(node.rule.feature)
        && features[node.rule.feature].kind == node.rule.test.kind
    }
    guard fits else {
      throw DecodingError.invalidValue(at: at, what: "a test that does not fit its feature")
    }
    return tree
  }

  private static func readValue(_ reader: inout ByteReader) throws -> Double {
    let value = try reader.readDouble()
    guard abs(value) <= ModelFormat.valueMax else {
      throw ModelError.invalid(what: "a margin of \(value)")
    }
    return value
  }

  private static func readCalibration(_ reader: inout ByteReader) throws -> Calibration {
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case ModelFormat.CalibrationTag.identity: return .identity
    case ModelFormat.CalibrationTag.platt:
      let slope = try reader.readDouble()
      let offset = try reader.readDouble()
      guard slope > 0, slope.isFinite, offset.isFinite else {
        throw ModelError.invalid(what: "a calibration of slope \(slope) and offset \(offset)")
      }
      return .platt(slope: slope, offset: offset)
    case ModelFormat.CalibrationTag.isotonic:
      let count = try reader.readCount(elementByteCount: 16)
      var margins: [Double] = []
      var probabilities: [Double] = []
      for _ in 0..<count {
        margins.append(try reader.readDouble())
        probabilities.append(try reader.readDouble())
      }
      guard let curve = IsotonicCurve(margins: margins, probabilities: probabilities) else {
        throw ModelError.invalid(what: "a calibration curve that descends")
      }
      return .isotonic(curve)
    case let tag: throw DecodingError.unknownTag(at: at, tag: UInt64(tag), of: "calibration")
    }
  }
}
