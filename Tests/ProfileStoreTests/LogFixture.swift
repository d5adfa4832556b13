import Bytes
import Journal
import Simulation

/// Logs whose records have right checksums and any contents.
enum LogFixture {
  static func write(_ disk: MemoryDisk, _ path: String, random: inout SeededRandom) throws {
    let log = try RecordLog.open(disk: disk, path: path, visit: { _ in })
    for _ in 0..<1 + random.below(8) {
      var payload = ByteWriter()
      payload.write(UInt64(random.below(3)))
      payload.write(UInt32(random.below(3)))
      if !random.oneIn(4) { payload.write(UInt32(random.below(3))) }
      if random.oneIn(2) {
        for _ in 0..<3 { payload.write(random.oneIn(9) ? UInt64.max : UInt64(random.below(9))) }
      }
      try log.append(type: UInt8(random.below(6)), payload: payload.bytes)
    }
    try log.sync()
  }
}
