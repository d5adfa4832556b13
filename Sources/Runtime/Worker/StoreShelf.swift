import Bytes
import Cluster
import Domain
import Platform
import ProfileStore
import Synchronization

/// The shards on this worker's disk, the ones used last held open.
///
/// ```
/// <data>/shards/<set number>/<shard number>/   the files of one shard
/// ```
final class StoreShelf: Sendable {
  private struct State {
    var stores: [ShardPlace: StoreBox] = [:]
    /// Shards that a thread is at: never put away.
    var used: Set<ShardPlace> = []
    var useCount: UInt64 = 0
    var lastUse: [ShardPlace: UInt64] = [:]
  }

  private let disk: any Disk
  private let directory: String
  private let openCountMax: Int
  private let state = Mutex(State())

  init(disk: any Disk, dataDirectory: String, openCountMax: Int) {
    self.disk = disk
    directory = dataDirectory + "/shards"
    self.openCountMax = max(1, openCountMax)
  }

  /// The shards there are on disk.
  func places() throws(DiskError) -> [ShardPlace] {
    var places: [ShardPlace] = []
    for set in try disk.list(directory) {
      guard let number = UInt32(set) else { continue }
      for shard in try disk.list(directory + "/" + set) {
        guard let index = UInt32(shard) else { continue }
        places.append(ShardPlace(set: SetID(number), shard: ShardIndex(index)))
      }
    }
    return places.sorted()
  }

  func exists(_ place: ShardPlace) -> Bool { disk.exists(path(of: place)) }

  /// Opens the shard if need be and lends it; called by one thread at a time for each shard.
  func use<Result>(
    _ place: ShardPlace,
    _ body: (ShardStore) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let known = state.withLock { state in
      state.used.insert(place)
      return state.stores[place]
    }
    defer { putBack(place) }
    let box: StoreBox
    if let known {
      box = known
    } else {
      box = StoreBox(try ShardStore(disk: disk, directory: path(of: place)))
      state.withLock { $0.stores[place] = box }
    }
    return try body(box.store)
  }

  /// Removes a shard from disk; called like `use`.
  func remove(_ place: ShardPlace) throws(DiskError) {
    // What is given out of the lock is closed outside it.
    _ = state.withLock { state in
      state.lastUse[place] = nil
      return state.stores.removeValue(forKey: place)
    }
    try disk.remove(path(of: place))
  }

  /// Removes what is left of a set all of whose shards are removed.
  func remove(_ set: SetID) throws(DiskError) {
    try disk.remove(directory + "/" + String(set.number))
  }

  /// Closes every shard that nobody is at.
  func closeIdle() { close(keeping: 0) }

  private func putBack(_ place: ShardPlace) {
    state.withLock { state in
      state.used.remove(place)
      state.useCount += 1
      state.lastUse[place] = state.stores[place] == nil ? nil : state.useCount
    }
    close(keeping: openCountMax)
  }

  /// Closes the shards that were used longest ago.
  private func close(keeping countMax: Int) {
    // What is given out of the lock is closed outside it.
    _ = state.withLock { state -> [StoreBox] in
      guard state.stores.count > countMax else { return [] }
      let idle = state.lastUse.filter { !state.used.contains($0.key) }
        .sorted { $0.value < $1.value }
      return idle.prefix(state.stores.count - countMax).compactMap { entry in
        state.lastUse[entry.key] = nil
        return state.stores.removeValue(forKey: entry.key)
      }
    }
  }

  private func path(of place: ShardPlace) -> String {
    "\(directory)/\(place.set.number)/\(place.shard.number)"
  }
}

/// Carries a store between the threads of its lane, of which one at a time is at it.
private final class StoreBox: @unchecked Sendable {
  let store: ShardStore

  init(_ store: ShardStore) { self.store = store }
}
