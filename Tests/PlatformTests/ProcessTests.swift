import Foundation
import Platform
import Testing

@Suite struct ProcessTests {
  @Test func `the limit of descriptors is raised, never lowered`() {
    let before = DescriptorLimit.count

    DescriptorLimit.raise()

    #expect(DescriptorLimit.count >= before)
    #expect(DescriptorLimit.count > DescriptorLimit.reservedCount)
  }

  @Test(.timeLimit(.minutes(1))) func `a thread keeps to one of the processors it may use`() throws
  {
    let masks = BlockingQueue<[UInt8]>()

    for index in [0, 1, 99] {
      let thread = try WorkerThread(named: "kept") {
        let isKept = Processors.keepThread(to: index)
        let status = try? SystemFile.read("/proc/thread-self/status", byteCountMax: 64 << 10)
        masks.push(isKept ? status ?? [] : [])
      }
      thread.join()
      let lines = String(decoding: try #require(masks.pop()), as: UTF8.self).split(separator: "\n")
      let mask = try #require(lines.first { $0.hasPrefix("Cpus_allowed_list:") })
      #expect(Int(mask.split(separator: "\t").last ?? "") != nil, "\(mask)")
    }
  }

  @Test(.timeLimit(.minutes(1))) func `a thread that takes turns may still use all processors`()
    throws
  {
    @Sendable func mask() -> String? {
      let status = try? SystemFile.read("/proc/thread-self/status", byteCountMax: 64 << 10)
      return String(decoding: status ?? [], as: UTF8.self).split(separator: "\n")
        .first { $0.hasPrefix("Cpus_allowed_list:") }.map(String.init)
    }
    let seen = BlockingQueue<(before: String?, after: String?, areMoved: Bool)>()

    let thread = try WorkerThread(named: "moved") {
      let before = mask()
      let areMoved = [0, 1, 99].allSatisfy { Processors.moveThread(to: $0) }
      var turns = ProcessorTurns()
      for now in 0..<3 * ProcessorTurns.milliseconds { turns.go(atMonotonicMilliseconds: now) }
      seen.push((before, mask(), areMoved))
    }
    thread.join()

    let found = try #require(seen.pop())
    #expect(found.areMoved)
    #expect(found.before != nil && found.before == found.after)
  }

  @Test(.timeLimit(.minutes(1))) func `a child's output goes to its log and its status comes back`()
    throws
  {
    let folder = try TemporaryFolder()

    let child = try ChildProcess(
      path: "/bin/sh",
      arguments: ["-c", "echo out; echo err >&2; exit 7"],
      logPath: folder.path + "/child.log"
    )

    #expect(child.wait() == .exited(status: 7))
    #expect(
      try SystemFile.read(folder.path + "/child.log", byteCountMax: 99) == Array("out\nerr\n".utf8)
    )
  }

  @Test(.timeLimit(.minutes(1))) func `a child sees its lifeline end when its parent drops it`()
    throws
  {
    let folder = try TemporaryFolder()
    var child: ChildProcess? = try ChildProcess(
      path: "/bin/sh",
      arguments: ["-c", "cat <&3; echo gone"],
      logPath: folder.path + "/child.log"
    )
    #expect(child != nil)

    child = nil

    var log: [UInt8] = []
    while log.isEmpty { log = try SystemFile.read(folder.path + "/child.log", byteCountMax: 99) }
    #expect(log == Array("gone\n".utf8))
  }

  @Test(.timeLimit(.minutes(1))) func `a child can be asked to end and be ended`() throws {
    let folder = try TemporaryFolder()
    let polite = try ChildProcess(
      path: "/bin/sh",
      arguments: ["-c", "exec sleep 1000"],
      logPath: folder.path + "/a.log"
    )
    let deaf = try ChildProcess(
      path: "/bin/sh",
      arguments: ["-c", "exec sleep 1000"],
      logPath: folder.path + "/b.log"
    )

    polite.terminate()
    deaf.kill()

    #expect(polite.wait() == .killed(signal: SIGTERM))
    #expect(deaf.wait() == .killed(signal: SIGKILL))
  }

  @Test func `a program that is not there is an error`() throws {
    let folder = try TemporaryFolder()

    #expect(
      throws: PlatformError.cannotStartProcess(
        path: "/no/such/program",
        reason: "no such file or directory"
      )
    ) {
      try ChildProcess(path: "/no/such/program", arguments: [], logPath: folder.path + "/log")
    }
  }

  @Test func `a folder is locked once`() throws {
    let folder = try TemporaryFolder()
    let lock = try DirectoryLock(directory: folder.path)

    #expect(
      throws: PlatformError.directoryInUse(path: folder.path, holder: "process \(getpid())")
    ) {
      try DirectoryLock(directory: folder.path)
    }
    withExtendedLifetime(lock) {}
  }

  @Test func `a lock is given back with its owner`() throws {
    let folder = try TemporaryFolder()
    _ = try DirectoryLock(directory: folder.path)

    #expect(throws: Never.self) { try DirectoryLock(directory: folder.path) }
  }
}

@Suite struct SecretFileTests {
  @Test func `a created secret is read back and never written over`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/cluster.key"

    try SecretFile.create(path, contents: [1, 2, 3])

    #expect(try SecretFile.read(path) == [1, 2, 3])
    #expect(throws: PlatformError.cannotWriteKeyFile(path: path, reason: "file exists")) {
      try SecretFile.create(path, contents: [4])
    }
  }

  @Test(arguments: [0o640, 0o604, 0o660, 0o610] as [mode_t])
  func `a secret that others can open is refused`(mode: mode_t) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/cluster.key"
    try SecretFile.create(path, contents: [1])
    chmod(path, mode)

    #expect(throws: PlatformError.keyFileIsOpenToOthers(path: path, mode: mode)) {
      try SecretFile.read(path)
    }
  }

  @Test func `a folder holds no secret`() throws {
    let folder = try TemporaryFolder()

    #expect(
      throws: PlatformError.cannotReadKeyFile(
        path: folder.path,
        reason: "it is not a regular file"
      )
    ) { try SecretFile.read(folder.path) }
  }

  @Test func `a file too long for a secret is refused`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/cluster.key"
    try SecretFile.create(path, contents: [UInt8](repeating: 1, count: 5_000))

    #expect(
      throws: PlatformError.cannotReadKeyFile(path: path, reason: "it is longer than 4096 bytes")
    ) { try SecretFile.read(path) }
  }
}

@Suite struct BlockingQueueTests {
  @Test(.timeLimit(.minutes(1))) func `elements come out in order across threads`() throws {
    let queue = BlockingQueue<Int>()

    let thread = try WorkerThread(named: "pusher") {
      for number in 0..<10_000 { queue.push(number) }
      queue.close()
    }
    var taken: [Int] = []
    while let number = queue.pop() { taken.append(number) }
    thread.join()

    #expect(taken == Array(0..<10_000))
  }

  @Test func `a wait with a limit ends without an element`() {
    let queue = BlockingQueue<Int>()

    #expect(queue.pop(withinMilliseconds: 5) == nil)
    queue.push(3)
    #expect(queue.pop(withinMilliseconds: 5) == 3)
  }

  @Test func `a closed queue gives what it holds and then the end`() {
    let queue = BlockingQueue<Int>()
    queue.push(1)
    queue.push(2)
    queue.close()
    queue.push(3)

    #expect(queue.popAll() == [1, 2])
    #expect(queue.pop() == nil)
  }
}

/// A fresh folder, removed with its owner.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/covey-platform-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
