import Bytes
import Journal
import Platform
import Simulation
import Testing

struct RecordLogTests {
  private struct Seen: Equatable {
    var sequence: UInt64
    var type: UInt8
    var payload: [UInt8]
  }

  private func open(
    _ disk: MemoryDisk,
    loose: Set<UInt8> = []
  ) throws -> (log: RecordLog, seen: [Seen]) {
    var seen: [Seen] = []
    let log = try RecordLog.open(disk: disk, path: "log", looseTypes: loose) { record in
      seen.append(Seen(sequence: record.sequence, type: record.type, payload: record.payload))
      let file = try disk.read("log")
      #expect(Array(file[record.payloadOffset...].prefix(record.payload.count)) == record.payload)
    }
    return (log, seen)
  }

  private func filled(_ count: Int, seed: UInt64 = 7) throws -> (disk: MemoryDisk, all: [Seen]) {
    let disk = MemoryDisk(seed: seed)
    let (log, _) = try open(disk)
    var random = SeededRandom(seed: seed)
    var all: [Seen] = []
    for _ in 0..<count {
      let payload = (0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let type = UInt8(random.below(4))
      all.append(
        Seen(sequence: try log.append(type: type, payload: payload), type: type, payload: payload)
      )
    }
    try log.sync()
    return (disk, all)
  }

  @Test func `records come back in order with ascending sequence numbers`() throws {
    let (disk, all) = try filled(20)
    let (log, seen) = try open(disk)
    #expect(seen == all)
    #expect(all.map(\.sequence) == Array(1...20))
    #expect(log.count == 20)
    #expect(log.nextSequence == 21)
    #expect(log.cutByteCount == 0)
    #expect(log.byteCount == (try disk.byteCount(of: "log")))
  }

  @Test(arguments: [UInt64(Int64.max) + 1, .max])
  func `a log that begins beyond all numbers is damaged`(first: UInt64) throws {
    var header = ByteWriter()
    header.writeRaw(Array("COVEYLOG".utf8))
    header.write(1 as UInt32)
    header.write(first)
    header.write(crc32c(header.bytes))
    let disk = MemoryDisk()
    try disk.replace("log", with: header.bytes + Array(repeating: 0, count: 40))

    #expect(throws: JournalError.damagedHeader(path: "log")) { try open(disk) }
  }

  @Test func `a log cut at any length keeps its whole records and can go on`() throws {
    let (disk, all) = try filled(6)
    let bytes = try disk.read("log")
    for length in 24...bytes.count {
      let cut = MemoryDisk()
      try cut.replace("log", with: Array(bytes[..<length]))
      let (log, seen) = try open(cut)
      #expect(all.starts(with: seen))
      #expect(log.byteCount + log.cutByteCount == length)
      try log.append(type: 9, payload: [1])
      try log.sync()
      #expect(try open(cut).seen.last?.type == 9)
    }
  }

  @Test func `a flipped byte is found, and only in the last record taken for a torn end`() throws {
    let (disk, all) = try filled(5)
    let bytes = try disk.read("log")
    let lastStart = bytes.count - all[4].payload.count - 29
    for offset in bytes.indices {
      let damaged = MemoryDisk()
      try damaged.replace("log", with: bytes)
      damaged.flip("log", at: offset, mask: 1 << UInt8(offset % 8))
      if offset >= lastStart {
        #expect(try open(damaged).seen == Array(all[..<4]), "offset \(offset)")
      } else {
        #expect(throws: JournalError.self, "offset \(offset)") { try open(damaged) }
      }
    }
  }

  @Test func `damage before a loose record is torn only when nothing was synced since`() throws {
    for isSynced in [false, true] {
      let disk = MemoryDisk()
      let (log, _) = try open(disk, loose: [1])
      try log.append(type: 1, payload: [1, 2, 3])
      if isSynced { try log.sync() }
      try log.append(type: 1, payload: [4, 5, 6])
      try log.sync()
      disk.flip("log", at: 24 + 29, mask: 4)
      if isSynced {
        #expect(
          throws: JournalError.damaged(path: "log", offset: 24, laterRecordAt: 24 + 32)
        ) { try open(disk, loose: [1]) }
      } else {
        #expect(try open(disk, loose: [1]).seen.isEmpty)
      }
    }
  }

  @Test func `random bytes give an error, never a crash`() throws {
    var random = SeededRandom(seed: 3)
    for _ in 0..<300 {
      let bytes = (0..<random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let disk = MemoryDisk()
      try disk.replace("log", with: bytes)
      #expect(throws: JournalError.self) { try open(disk) }
    }
  }

  @Test func `replacing all records is whole or not at all, and sequence numbers go on`() throws {
    for operation in 0..<20 {
      for kind in [DiskFault.Kind.crash, .failure(number: DiskFault.noSpaceLeft)] {
        let (disk, all) = try filled(4, seed: UInt64(operation))
        let (log, _) = try open(disk)
        disk.fault = DiskFault(operation: disk.operationCount + operation, kind: kind)
        let replacement: [(type: UInt8, payload: [UInt8])] = [(5, [1]), (6, [])]
        let isReplaced = (try? log.replaceAll(replacement)) != nil
        disk.fault = nil
        disk.restart()
        let (reopened, seen) = try open(disk)
        let new = [
          Seen(sequence: 5, type: 5, payload: [1]), Seen(sequence: 6, type: 6, payload: []),
        ]
        if isReplaced {
          #expect(seen == new)
          try log.append(type: 1, payload: [])
          #expect(log.nextSequence == 8)
        } else {
          #expect(seen == all || seen == new)
        }
        #expect(reopened.nextSequence == (seen.last?.sequence ?? 0) + 1)
      }
    }
  }

  @Test func `what was synced survives a crash or a failure at every operation`() throws {
    for operation in 0..<40 {
      for kind in [DiskFault.Kind.crash, .failure(number: DiskFault.inputOutputError)] {
        let disk = MemoryDisk(seed: UInt64(operation))
        disk.fault = DiskFault(operation: operation, kind: kind)
        var appended: [Seen] = []
        var syncedCount = 0
        do {
          let (log, _) = try open(disk)
          for number in UInt8(0)..<10 {
            let payload = Array(repeating: number, count: Int(number) * 20)
            let expected = Seen(sequence: log.nextSequence, type: number, payload: payload)
            appended.append(expected)
            try log.append(type: number, payload: payload)
            if number % 3 == 2 {
              try log.sync()
              syncedCount = appended.count
            }
          }
        } catch {}
        disk.fault = nil
        disk.crash()
        disk.restart()
        let (_, seen) = try open(disk)
        #expect(appended.starts(with: seen), "operation \(operation) \(kind)")
        #expect(seen.count >= syncedCount, "operation \(operation) \(kind)")
      }
    }
  }

  @Test func `a log refuses to go on after a failed sync`() throws {
    let disk = MemoryDisk()
    let (log, _) = try open(disk)
    try log.append(type: 1, payload: [])
    disk.fault = DiskFault(
      operation: disk.operationCount,
      kind: .failure(number: DiskFault.inputOutputError)
    )
    #expect(throws: JournalError.self) { try log.sync() }
    #expect(throws: JournalError.failedBefore(path: "log")) { try log.sync() }
    #expect(throws: JournalError.failedBefore(path: "log")) {
      try log.append(type: 1, payload: [])
    }
  }
}
