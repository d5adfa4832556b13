import Bytes
import Platform

/// The SHA-256 of a file's blocks, computed on a thread of its own beside the one that makes them.
final class BlockHasher: Sendable {
  /// Blocks that may wait; the maker waits beyond.
  private static let waitingBlockCountMax = 4

  private let blocks = BlockingQueue<[UInt8]>()
  /// One element for each block that may be added.
  private let room = BlockingQueue<Void>()
  private let digests = BlockingQueue<[UInt8]>()

  init() throws(PlatformError) {
    for _ in 0..<BlockHasher.waitingBlockCountMax { room.push(()) }
    let thread = try WorkerThread(named: "covey-hash") { [blocks, room, digests] in
      var hash = SHA256()
      while let block = blocks.pop() {
        hash.update(block)
        room.push(())
      }
      digests.push(hash.finalize())
    }
    thread.detach()
  }

  deinit { blocks.close() }

  func update(_ block: [UInt8]) {
    _ = room.pop()
    blocks.push(block)
  }

  /// The digest of everything added; nothing may be added afterwards.
  func finalize() -> [UInt8] {
    blocks.close()
    return digests.pop() ?? []
  }
}
