import Bytes
import Domain

/// What a batch's rows share, checked; the ranges are those of the batch's bytes.
struct BatchTables {
  private(set) var names: [Range<Int>] = []
  private(set) var texts: [Range<Int>] = []
  private(set) var shapes: [Range<Int>] = []
  private(set) var keys: [Range<Int>] = []
  /// How many of the rows are events, as the batch says.
  let eventCount: Int
  let rowCount: Int
  /// Where the rows begin.
  let rowsStart: Int

  /// Those of a batch without rows.
  init() { (eventCount, rowCount, rowsStart) = (0, 0, 0) }

  init(_ cursor: inout ByteCursor) throws(DecodingError) {
    let version = try cursor.readByte()
    guard version == RowBatch.version else {
      throw .unknownTag(at: 0, tag: UInt64(version), of: "version of a row batch")
    }
    names = try BatchTables.readTexts(&cursor)
    texts = try BatchTables.readTexts(&cursor)
    let shapeCount = try cursor.readCount()
    shapes.reserveCapacity(shapeCount)
    for _ in 0..<shapeCount { shapes.append(try cursor.readRange()) }
    keys = try BatchTables.readTexts(&cursor)
    eventCount = try cursor.readCount(elementByteCount: 3)
    rowCount = try cursor.readCount(elementByteCount: 3)
    rowsStart = cursor.position
  }

  private static func readTexts(
    _ cursor: inout ByteCursor
  ) throws(DecodingError) -> [Range<Int>] {
    let count = try cursor.readCount()
    var texts: [Range<Int>] = []
    texts.reserveCapacity(count)
    for _ in 0..<count { texts.append(try cursor.readText()) }
    return texts
  }
}
