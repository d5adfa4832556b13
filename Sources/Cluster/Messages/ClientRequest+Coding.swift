package import Bytes
import Domain

extension ClientRequest {
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .status: writer.write(1 as UInt8)
    case .nodes: writer.write(2 as UInt8)
    case .shards(let value):
      writer.write(3 as UInt8)
      value.encode(into: &writer)
    case .jobs(let value):
      writer.write(4 as UInt8)
      value.encode(into: &writer)
    case .job(let value):
      writer.write(5 as UInt8)
      value.encode(into: &writer)
    case .waitJob(let job, let version):
      writer.write(6 as UInt8)
      job.encode(into: &writer)
      version.encode(into: &writer)
    case .cancelJob(let value):
      writer.write(7 as UInt8)
      value.encode(into: &writer)
    case .createSet(let name, let shardCount, let description):
      writer.write(8 as UInt8)
      name.encode(into: &writer)
      shardCount.encode(into: &writer)
      description.encode(into: &writer)
    case .sets: writer.write(9 as UInt8)
    case .set(let value):
      writer.write(10 as UInt8)
      value.encode(into: &writer)
    case .schema(let value):
      writer.write(11 as UInt8)
      value.encode(into: &writer)
    case .dropSet(let value):
      writer.write(12 as UInt8)
      value.encode(into: &writer)
    case .beginImport(let value):
      writer.write(13 as UInt8)
      value.encode(into: &writer)
    case .storeBatch(let attempt, let shard, let sequence, let rows):
      writer.write(14 as UInt8)
      attempt.encode(into: &writer)
      shard.encode(into: &writer)
      sequence.encode(into: &writer)
      writer.write(rows)
    case .finishImport(let attempt, let totals, let counts):
      writer.write(15 as UInt8)
      attempt.encode(into: &writer)
      totals.encode(into: &writer)
      counts.encode(into: &writer)
    case .abortImport(let attempt, let reason):
      writer.write(16 as UInt8)
      attempt.encode(into: &writer)
      reason.encode(into: &writer)
    case .applySegments(let documents, let set, let isDryRun, let removesOthers):
      writer.write(17 as UInt8)
      documents.encode(into: &writer)
      set.encode(into: &writer)
      isDryRun.encode(into: &writer)
      removesOthers.encode(into: &writer)
    case .segments(let value):
      writer.write(18 as UInt8)
      value.encode(into: &writer)
    case .segment(let value):
      writer.write(19 as UInt8)
      value.encode(into: &writer)
    case .deleteSegments(let value):
      writer.write(20 as UInt8)
      value.encode(into: &writer)
    case .evaluate(let value):
      writer.write(21 as UInt8)
      value.encode(into: &writer)
    case .audiences(let value):
      writer.write(22 as UInt8)
      value.encode(into: &writer)
    case .audience(let set, let segment):
      writer.write(23 as UInt8)
      set.encode(into: &writer)
      segment.encode(into: &writer)
    case .page(let set, let query):
      writer.write(24 as UInt8)
      set.encode(into: &writer)
      query.encode(into: &writer)
    case .overlap(let set, let segments):
      writer.write(25 as UInt8)
      set.encode(into: &writer)
      segments.encode(into: &writer)
    case .profile(let set, let key):
      writer.write(26 as UInt8)
      set.encode(into: &writer)
      key.encode(into: &writer)
    case .explain(let set, let segment, let key, let asOf):
      writer.write(27 as UInt8)
      set.encode(into: &writer)
      segment.encode(into: &writer)
      key.encode(into: &writer)
      asOf.encode(into: &writer)
    case .applyInstances(let files, let isDryRun):
      writer.write(28 as UInt8)
      writer.writeVarint(files.count)
      for file in files { writer.write(file) }
      isDryRun.encode(into: &writer)
    case .instances: writer.write(29 as UInt8)
    case .instance(let value):
      writer.write(30 as UInt8)
      value.encode(into: &writer)
    case .deleteInstances(let value):
      writer.write(31 as UInt8)
      value.encode(into: &writer)
    case .train(let value):
      writer.write(32 as UInt8)
      value.encode(into: &writer)
    case .model(let value):
      writer.write(33 as UInt8)
      value.encode(into: &writer)
    case .score(let value):
      writer.write(34 as UInt8)
      value.encode(into: &writer)
    case .check(let value):
      writer.write(35 as UInt8)
      value.encode(into: &writer)
    case .insights(let value):
      writer.write(36 as UInt8)
      value.encode(into: &writer)
    case .explainScore(let set, let instance, let key):
      writer.write(37 as UInt8)
      set.encode(into: &writer)
      instance.encode(into: &writer)
      key.encode(into: &writer)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .status
    case 2: self = .nodes
    case 3: self = .shards(set: try Name(from: &reader))
    case 4: self = .jobs(countMax: try UInt32(from: &reader))
    case 5: self = .job(try JobID(from: &reader))
    case 6: self = .waitJob(try JobID(from: &reader), seenVersion: try UInt64(from: &reader))
    case 7: self = .cancelJob(try JobID(from: &reader))
    case 8:
      self = .createSet(
        try Name(from: &reader),
        shardCount: try ShardCount(from: &reader),
        description: try Text(from: &reader)
      )
    case 9: self = .sets
    case 10: self = .set(try Name(from: &reader))
    case 11: self = .schema(try Name(from: &reader))
    case 12: self = .dropSet(try Name(from: &reader))
    case 13: self = .beginImport(try ImportSpecification(from: &reader))
    case 14:
      self = .storeBatch(
        try ImportAttempt(from: &reader),
        try ShardIndex(from: &reader),
        sequence: try UInt32(from: &reader),
        rows: try reader.readBytes()
      )
    case 15:
      self = .finishImport(
        try ImportAttempt(from: &reader),
        try ImportTotals(from: &reader),
        batchCounts: try [UInt32](from: &reader)
      )
    case 16: self = .abortImport(try ImportAttempt(from: &reader), reason: try Text(from: &reader))
    case 17:
      self = .applySegments(
        try [Value](from: &reader),
        set: try Name?(from: &reader),
        isDryRun: try Bool(from: &reader),
        removesOthers: try Bool(from: &reader)
      )
    case 18: self = .segments(set: try Name?(from: &reader))
    case 19: self = .segment(try Name(from: &reader))
    case 20: self = .deleteSegments(try [Name](from: &reader))
    case 21: self = .evaluate(try EvaluationRequest(from: &reader))
    case 22: self = .audiences(set: try Name?(from: &reader))
    case 23: self = .audience(set: try Name(from: &reader), try Name(from: &reader))
    case 24: self = .page(set: try Name(from: &reader), try PageQuery(from: &reader))
    case 25: self = .overlap(set: try Name(from: &reader), try [Name](from: &reader))
    case 26: self = .profile(set: try Name(from: &reader), try ProfileKey(from: &reader))
    case 27:
      self = .explain(
        set: try Name(from: &reader),
        segment: try Name(from: &reader),
        try ProfileKey(from: &reader),
        asOf: try Instant?(from: &reader)
      )
    case 28:
      var files: [[UInt8]] = []
      for _ in 0..<(try reader.readCount()) { files.append(try reader.readBytes()) }
      self = .applyInstances(files, isDryRun: try Bool(from: &reader))
    case 29: self = .instances
    case 30: self = .instance(try Name(from: &reader))
    case 31: self = .deleteInstances(try [Name](from: &reader))
    case 32: self = .train(try TrainingRequest(from: &reader))
    case 33: self = .model(try Name(from: &reader))
    case 34: self = .score(try ScoringRequest(from: &reader))
    case 35: self = .check(try TrainingRequest(from: &reader))
    case 36: self = .insights(try Name(from: &reader))
    case 37:
      self = .explainScore(
        set: try Name(from: &reader),
        instance: try Name(from: &reader),
        try ProfileKey(from: &reader)
      )
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "client request")
    }
  }
}
