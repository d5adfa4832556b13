import Bytes
import Domain
import Platform

/// Reads the batches of a log again, one at a time.
struct LogReader {
  private let path: String
  private let contents: any FileContents
  /// The log's bytes, whose memory `contents` holds.
  private let mapped: MappedBytes

  init(disk: any Disk, path: String) throws(StoreError) {
    self.path = path
    do throws(DiskError) {
      contents = try disk.map(path)
    } catch {
      throw .disk(error)
    }
    mapped = MappedBytes(contents)
  }

  /// Whether a batch is one of columns.
  func isTable(_ batch: ImportLedger.Batch) -> Bool {
    batch.byteCount > 0 && batch.offset < mapped.count
      && mapped.load(UInt8.self, at: batch.offset) == TableBatch.version
  }

  /// The bytes of a batch where they lie in the log; valid while this value lives.
  func bytes(of batch: ImportLedger.Batch) throws(StoreError) -> UnsafeRawBufferPointer {
    guard batch.offset + batch.byteCount <= mapped.count else {
      throw damaged(batch, "the log ends before")
    }
    let range = batch.offset..<batch.offset + batch.byteCount
    guard mapped[range].checksum == batch.checksum else {
      throw damaged(batch, "its checksum is wrong")
    }
    return unsafe mapped.pointer(range)
  }

  /// The rows of a batch, as they were written.
  func rows(of batch: ImportLedger.Batch) throws(StoreError) -> [UInt8] {
    guard batch.offset + batch.byteCount <= contents.byteCount else {
      throw damaged(batch, "the log ends before")
    }
    let rows = unsafe contents.withBytes { bytes in
      unsafe Array(bytes[batch.offset..<batch.offset + batch.byteCount])
    }
    guard crc32c(rows) == batch.checksum else { throw damaged(batch, "its checksum is wrong") }
    return rows
  }

  /// Decodes something of a batch: an error is damage, for the rows were valid when they came.
  func decode<Result>(
    _ batch: ImportLedger.Batch,
    _ body: () throws(DecodingError) -> Result
  ) throws(StoreError) -> Result {
    do throws(DecodingError) {
      return try body()
    } catch {
      throw damaged(batch, error.description)
    }
  }

  /// The log as a whole does not say what its last prepared record says.
  func damaged(_ reason: String) -> StoreError {
    .damaged(file: path, part: .bytes(at: 0), reason: reason)
  }

  private func damaged(_ batch: ImportLedger.Batch, _ reason: String) -> StoreError {
    .damaged(file: path, part: .bytes(at: batch.offset), reason: reason)
  }
}
