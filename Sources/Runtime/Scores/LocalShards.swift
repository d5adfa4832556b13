import Cluster
import Domain
import Platform
package import ProfileStore

/// The shards in the folders of a local cluster that has stopped, read without any process.
///
/// An import that was acknowledged may not have been shown on every shard when the processes ended:
/// what is prepared is committed here.
package struct LocalShards {
  private let shelves: [(shelf: StoreShelf, places: [ShardPlace])]

  /// - Parameter dataDirectory: of a `LocalCluster`, which runs no more.
  /// - Throws: when folders cannot be listed.
  package init(dataDirectory: String) throws {
    let disk = LinuxDisk()
    let workers = try disk.list(dataDirectory).filter { $0.hasPrefix("worker-") }.sorted()
    shelves = try workers.map { worker in
      let shelf = StoreShelf(
        disk: disk,
        dataDirectory: dataDirectory + "/" + worker,
        openCountMax: 1
      )
      return (shelf, try shelf.places())
    }
  }

  private static func snapshot(_ store: ShardStore) throws(StoreError) -> ShardSnapshot {
    for prepared in store.prepared { _ = try store.commit(prepared) }
    return try store.snapshot()
  }

  /// Has threads look at all shards.
  ///
  /// - Parameters:
  ///   - threadCount: threads that work at a time.
  ///   - body: is called once a shard, on any of the threads.
  /// - Returns: what the body made of each shard, in the order of the shards' numbers.
  /// - Throws: what the body or opening a shard threw, that of the lowest shard.
  package func map<Value: Sendable>(
    threadCount: Int,
    _ body: @escaping @Sendable (ShardSnapshot) throws -> Value
  ) throws -> [Value] {
    let work = BlockingQueue<(index: Int, shelf: StoreShelf, place: ShardPlace)>()
    let found = BlockingQueue<(index: Int, result: Result<Value, any Error>)>()
    let all = shelves.flatMap { shelf, places in places.map { (shelf, $0) } }
      .sorted { $0.1 < $1.1 }
    for (index, (shelf, place)) in all.enumerated() { work.push((index, shelf, place)) }
    work.close()
    var threads: [WorkerThread] = []
    defer { for thread in threads { thread.join() } }
    for _ in 0..<max(1, threadCount) {
      threads.append(
        try WorkerThread(named: "covey-scores") {
          while let (index, shelf, place) = work.pop() {
            found.push(
              (
                index,
                Result {
                  try body(shelf.use(place, LocalShards.snapshot))
                }
              )
            )
          }
        }
      )
    }
    var results: [Int: Result<Value, any Error>] = [:]
    for _ in all {
      guard let (index, result) = found.pop() else { break }
      results[index] = result
    }
    return try all.indices.compactMap { try results[$0]?.get() }
  }
}
