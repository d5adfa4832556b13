import Bytes
import Platform

/// A shard's rows in the loose form, put apart by ranges of ordinals.
///
/// What is over the budget goes to one file, in chunks, each of one bucket and with a checksum.
///
/// ```
/// row     ordinal   UInt32
///         kind      UInt8, as in RowBatch
///         value     as RowScanner writes it
/// ```
struct RowBuckets {
  static let rowHeaderByteCount = 5

  private struct Chunk {
    var offset: Int
    var byteCount: Int
    var checksum: UInt32
  }

  private let disk: any Disk
  private let spillPath: String
  private let byteCountMax: Int
  private var spill: (any AppendFile)?
  private var chunks: [[Chunk]]
  private var buffers: [[UInt8]]
  private var bufferedByteCount = 0

  /// Prepares empty buckets.
  ///
  /// - Parameters:
  ///   - count: how many buckets; a single one never goes to the file.
  ///   - disk: where the file is.
  ///   - spillPath: the file's path; it is removed by `remove`.
  ///   - byteCountMax: bytes of all buckets in memory.
  init(count: Int, disk: any Disk, spillPath: String, byteCountMax: Int) {
    self.disk = disk
    self.spillPath = spillPath
    self.byteCountMax = byteCountMax
    chunks = Array(repeating: [], count: count)
    buffers = Array(repeating: [], count: count)
  }

  mutating func append(
    _ value: [UInt8],
    kind: UInt8,
    ordinal: Int,
    to bucket: Int
  ) throws(StoreError) {
    buffers[bucket].append(fixed: UInt32(ordinal))
    buffers[bucket].append(kind)
    buffers[bucket].append(contentsOf: value)
    bufferedByteCount += RowBuckets.rowHeaderByteCount + value.count
    guard bufferedByteCount > byteCountMax, buffers.count > 1 else { return }
    do throws(DiskError) {
      try flush()
    } catch {
      throw .disk(error)
    }
  }

  /// All rows of a bucket in the order in which they came; the bucket is empty afterwards.
  mutating func take(_ bucket: Int) throws(StoreError) -> [UInt8] {
    var rows: [UInt8] = []
    rows.reserveCapacity(
      chunks[bucket].reduce(buffers[bucket].count) { $0 + $1.byteCount }
    )
    if !chunks[bucket].isEmpty {
      let contents: any FileContents
      do throws(DiskError) {
        contents = try disk.map(spillPath)
      } catch {
        throw .disk(error)
      }
      let bytes = MappedBytes(contents)
      for chunk in chunks[bucket] {
        let range = chunk.offset..<chunk.offset + chunk.byteCount
        guard range.upperBound <= bytes.count, bytes[range].checksum == chunk.checksum else {
          let reason = "what was written a moment ago has a wrong checksum"
          throw .disk(DiskError(operation: "read", path: spillPath, number: 0, reason: reason))
        }
        rows.append(contentsOf: bytes.array(range))
      }
    }
    rows.append(contentsOf: buffers[bucket])
    bufferedByteCount -= buffers[bucket].count
    buffers[bucket] = []
    chunks[bucket] = []
    return rows
  }

  /// Removes the file; one that cannot be removed is removed when the shard is opened next.
  func remove() {
    guard let spill else { return }
    spill.close()
    try? disk.remove(spillPath)
  }

  private mutating func flush() throws(DiskError) {
    if spill == nil {
      try disk.remove(spillPath)
      spill = try disk.openForAppending(spillPath)
    }
    guard let spill else { return }
    for bucket in buffers.indices where !buffers[bucket].isEmpty {
      chunks[bucket].append(
        Chunk(
          offset: spill.byteCount,
          byteCount: buffers[bucket].count,
          checksum: crc32c(buffers[bucket])
        )
      )
      try spill.append(buffers[bucket])
      buffers[bucket] = []
    }
    bufferedByteCount = 0
  }
}
