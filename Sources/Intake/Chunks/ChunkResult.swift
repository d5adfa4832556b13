import Bytes
import Domain

/// What came of one chunk.
///
/// Made by one thread and then handed over whole to another one, the only one to look at it.
struct ChunkResult: @unchecked Sendable {
  /// Rows of one shard.
  struct Batch {
    var shard: ShardIndex
    var rows: [UInt8]
    var rowCount: Int
  }

  var head: ChunkHead
  /// The memory of the chunk, to be used for another one.
  var buffer: ChunkBuffer
  var counts = IntakeCounts()
  var lineCount = 0
  /// With line numbers as if the chunk were a file.
  var rejects: RejectReport
  /// For rejects by their index in the list: what is wrong with a record, which says it with line
  /// numbers, and the lines of the chunk before it.
  var scannerErrors: [Int: (error: CSVError, linesBefore: Int)] = [:]
  /// Of profiles and of events, if they are surveyed.
  var profile = SurveyPart()
  var event = SurveyPart()
  /// What the cells of each column of the file's plan could be.
  var cellTypes: [CellTypes] = []
  /// In the order of the rows, those of one shard.
  var batches: [Batch] = []
  /// Why the chunk was not read to its end.
  var failure: (any Error)?
}

/// What a pass counted.
struct IntakeCounts: Equatable, Sendable {
  /// Good rows, inline events apart from their profiles.
  var profileRows: UInt64 = 0
  var eventRows: UInt64 = 0
  /// Lines or records with something in them, by kind of file; rejected ones included.
  var profileRecords: UInt64 = 0
  var eventRecords: UInt64 = 0

  var recordCount: UInt64 { profileRecords + eventRecords }

  static func += (left: inout IntakeCounts, right: IntakeCounts) {
    left.profileRows += right.profileRows
    left.eventRows += right.eventRows
    left.profileRecords += right.profileRecords
    left.eventRecords += right.eventRecords
  }
}
