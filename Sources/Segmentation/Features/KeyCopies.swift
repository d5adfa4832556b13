import Bytes
import ProfileStore

/// Finds attributes of whole numbers that repeat the profile's key, as the column does that a file names
/// its profiles by.
final class KeyCopies {
  /// By path, whether every value is its profile's key.
  private(set) var found: [[Text]: Bool] = [:]
  private let snapshot: ShardSnapshot
  private let rows = TableRows()

  init(_ snapshot: ShardSnapshot) { self.snapshot = snapshot }

  /// Adds an attribute's lane of a block.
  func add(
    _ lane: FlatLane,
    of path: [Text],
    _ block: Int,
    rowCount: Int
  ) throws(StoreError) {
    switch unsafe lane.kind {
    case .integers:
      guard unsafe lane.count > 0, found[path] ?? true else { return }
      found[path] = try unsafe areKeys(
        lane,
        firstOrdinal: block * snapshot.blockProfileCount,
        rowCount
      )
    case .booleans, .decimals, .doubles: found[path] = false
    case .instantTexts, .sharedTexts, .ownTexts, .plainTexts: break
    }
  }

  private func areKeys(
    _ lane: FlatLane,
    firstOrdinal: Int,
    _ rowCount: Int
  ) throws(StoreError) -> Bool {
    rows.take(rowCount: rowCount)
    let positions = unsafe rows.positions(lane.presence)
    var ordinals: [UInt32] = []
    for index in 0..<(unsafe positions.count) {
      let row = unsafe positions.rows.map { unsafe Int($0[index]) } ?? index
      ordinals.append(UInt32(truncatingIfNeeded: firstOrdinal + row))
    }
    // Most attributes differ in the first value.
    for part in [ordinals.prefix(1), ordinals.dropFirst()] {
      let hashes = try snapshot.keyHashes(of: Array(part))
      for (index, hash) in zip(part.indices, hashes) {
        let number = unsafe lane.base &+ Int64(bitPattern: lane.packed(index))
        if ValueCensus.hash(Text("\(number)")) != hash { return false }
      }
    }
    return true
  }
}
