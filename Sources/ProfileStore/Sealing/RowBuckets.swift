import Bytes
import Domain
import Platform

/// What stands before a row's values while columns are made.
struct RowHeader {
  /// Bytes of the values.
  var byteCount: UInt32
  var ordinal: UInt32
  /// 0 attributes, 1 an event without a type, else 2 more than the code of its type.
  var type: UInt32
  /// The number of its shape, or `inlineShape`.
  var shape: UInt32
  /// Of an event: `Int64.max` without a readable timestamp.
  var instant: Int64

  static let byteCount = 24
  /// The shape stands before the values: UInt32 byte count, shape.
  static let inlineShape = UInt32.max

  var isEvent: Bool { type > 0 }

  init(_ row: RowTranscoder.Row, ordinal: Int, byteCount: Int) {
    self.byteCount = UInt32(truncatingIfNeeded: byteCount)
    self.ordinal = UInt32(truncatingIfNeeded: ordinal)
    type = row.kind == .event ? UInt32(truncatingIfNeeded: row.type &+ 2) : 0
    shape = row.shape < 0 ? RowHeader.inlineShape : UInt32(truncatingIfNeeded: row.shape)
    instant = row.instant
  }

  /// What blocks go by of a row that is no bytes.
  init(ordinal: UInt32, type: UInt32, instant: Int64) {
    byteCount = 0
    shape = RowHeader.inlineShape
    self.ordinal = ordinal
    self.type = type
    self.instant = instant
  }

  /// Reads the header that begins at a place.
  init(_ bytes: UnsafeRawBufferPointer, at place: Int) {
    self = unsafe bytes.loadUnaligned(fromByteOffset: place, as: RowHeader.self)
  }

  /// The values behind the header at a place.
  static func values(_ bytes: UnsafeRawBufferPointer, at place: Int) -> UnsafePointer<UInt8> {
    guard let base = bytes.baseAddress else { preconditionFailure("a row of no bytes") }
    return unsafe (base + place + RowHeader.byteCount).assumingMemoryBound(to: UInt8.self)
  }
}

/// A shard's rows, put apart by ranges of ordinals.
///
/// What is over the budget goes to one file, in chunks, each of one bucket and with a checksum.
struct RowBuckets {
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

  func isEmpty(_ bucket: Int) -> Bool { buffers[bucket].isEmpty && chunks[bucket].isEmpty }

  mutating func append(
    _ header: RowHeader,
    _ values: [UInt8],
    to bucket: Int
  ) throws(StoreError) {
    buffers[bucket].append(header)
    buffers[bucket].append(contentsOf: values)
    bufferedByteCount &+= RowHeader.byteCount &+ values.count
    guard bufferedByteCount > byteCountMax, buffers.count > 1 else { return }
    do throws(DiskError) {
      try flush()
    } catch {
      throw .disk(error)
    }
  }

  /// All rows of a bucket in the order in which they came; the bucket is empty afterwards.
  ///
  /// - Parameters:
  ///   - bucket: its number.
  ///   - rows: they are appended here.
  /// - Throws: that they could not be read back.
  mutating func take(_ bucket: Int, into rows: inout [UInt8]) throws(StoreError) {
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
        unsafe rows.append(contentsOf: bytes.pointer(range))
      }
    }
    rows.append(contentsOf: buffers[bucket])
    bufferedByteCount -= buffers[bucket].count
    buffers[bucket] = []
    chunks[bucket] = []
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
      buffers[bucket].removeAll(keepingCapacity: true)
    }
    bufferedByteCount = 0
  }
}

extension [UInt8] {
  /// Appends an integer, the low bytes first.
  @inline(__always)
  mutating func append<Integer: FixedWidthInteger>(fixed value: Integer) {
    unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
  }

  @inline(__always)
  mutating func append(_ header: RowHeader) {
    unsafe Swift.withUnsafeBytes(of: header) { unsafe append(contentsOf: $0) }
  }
}
