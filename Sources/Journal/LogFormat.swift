import Bytes

/// The bytes of a log file; integers are little-endian.
///
/// ```
/// header   magic            8 bytes   "COVEYLOG"
///          version          UInt32    1
///          first sequence   UInt64    of the first record
///          checksum         UInt32    CRC-32C of the 20 bytes before
/// record   payload length   UInt32    at most 64 MiB
///          type             UInt8     the owner's
///          sequence         UInt64    one above the record before
///          previous         UInt32    checksum of the record before, or of the header
///          synced           UInt64    byte count known to be durable when this was written
///          checksum         UInt32    CRC-32C of the 25 bytes before and the payload
///          payload
/// ```
enum LogFormat {
  static let magic: [UInt8] = Array("COVEYLOG".utf8)
  static let version: UInt32 = 1
  static let headerByteCount = 24
  static let recordHeaderByteCount = 29
  static let checksumOffset = 25

  static func header(firstSequence: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: headerByteCount)
    writer.writeRaw(magic)
    writer.write(version)
    writer.write(firstSequence)
    writer.write(crc32c(writer.bytes))
    return writer.bytes
  }

  /// A record's bytes, its payload being `payload` and `rest`, and its checksum.
  static func record(
    type: UInt8,
    sequence: UInt64,
    previous: UInt32,
    syncedByteCount: Int,
    payload: [UInt8],
    rest: [UInt8] = []
  ) -> (bytes: [UInt8], checksum: UInt32) {
    var writer = ByteWriter(capacity: recordHeaderByteCount + payload.count + rest.count)
    writer.write(UInt32(payload.count + rest.count))
    writer.write(type)
    writer.write(sequence)
    writer.write(previous)
    writer.write(UInt64(syncedByteCount))
    let checksum = crc32c(rest, seed: crc32c(payload, seed: crc32c(writer.bytes)))
    writer.write(checksum)
    writer.writeRaw(payload)
    writer.writeRaw(rest)
    return (writer.bytes, checksum)
  }
}

/// The header of a record that was found valid.
struct RecordHeader {
  var payloadByteCount: Int
  var type: UInt8
  var sequence: UInt64
  var previous: UInt32
  var syncedByteCount: UInt64
  var checksum: UInt32

  /// Reads the record at `offset`; `nil` when no whole record with a valid checksum is there.
  ///
  /// Its sequence number has to be in `sequences`: that is looked at first, being cheap.
  init?(_ bytes: UnsafeRawBufferPointer, at offset: Int, sequences: ClosedRange<UInt64>) {
    guard bytes.count - offset >= LogFormat.recordHeaderByteCount else { return nil }
    sequence = unsafe bytes.loadUnaligned(fromByteOffset: offset + 5, as: UInt64.self)
    guard sequences.contains(sequence) else { return nil }
    payloadByteCount = Int(unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    let left = bytes.count - offset - LogFormat.recordHeaderByteCount
    guard payloadByteCount <= min(left, RecordLog.payloadByteCountMax) else { return nil }
    type = unsafe bytes[offset + 4]
    previous = unsafe bytes.loadUnaligned(fromByteOffset: offset + 13, as: UInt32.self)
    syncedByteCount = unsafe bytes.loadUnaligned(fromByteOffset: offset + 17, as: UInt64.self)
    checksum = unsafe bytes.loadUnaligned(
      fromByteOffset: offset + LogFormat.checksumOffset,
      as: UInt32.self
    )
    let head = unsafe UnsafeRawBufferPointer(
      rebasing: bytes[offset..<offset + LogFormat.checksumOffset]
    )
    let start = offset + LogFormat.recordHeaderByteCount
    let payload = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<start + payloadByteCount])
    guard unsafe crc32c(payload, seed: crc32c(head)) == checksum else { return nil }
  }
}
