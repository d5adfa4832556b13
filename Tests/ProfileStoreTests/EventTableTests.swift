import Bytes
import Domain
import ProfileStore
import Simulation
import Testing

struct EventTableTests {
  private func event(_ key: ProfileKey, _ type: Value?, at time: Int) -> ModelRow {
    var pieces: [(Text, Piece)] = [("timestamp", .leaf(.integer(Int64(time))))]
    if let type { pieces.append(("eventType", .leaf(type))) }
    return ModelRow(kind: .event, key: key, pieces: pieces)
  }

  @Test func `events lie in tables of their type, the most frequent first`() throws {
    let rows = [
      event("a", "view", at: 3), event("a", "buy", at: 2), event("b", "view", at: 9),
      event("a", .integer(7), at: 1), event("b", nil, at: 1), event("a", "view", at: 1),
    ]
    var model = ShardModel()
    model.add(rows)
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard")
    try store.add(rows, job: 1)

    let snapshot = try store.snapshot()
    let columns = try snapshot.columns(0)

    #expect(snapshot.eventTypes == ["view", "buy"])
    #expect(columns.eventTables.map(\.type) == [0, 1, 2])
    #expect(columns.eventTables.map(\.rowCount) == [3, 1, 2])
    #expect(
      columns.eventTables.map { $0.columns.field("eventType") == nil } == [true, true, false]
    )
    #expect(try difference(snapshot, model) == nil)
  }

  @Test func `of very many types the rare ones share the last table`() throws {
    let rows = (0..<70).flatMap { type in
      (0..<1 + type % 2).map {
        event(ProfileKey(Text("p\(type % 5)")), .string(Text("t\(type)")), at: $0)
      }
    }
    var model = ShardModel()
    model.add(rows)
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard")
    try store.add(rows, job: 1)

    let snapshot = try store.snapshot()

    #expect(snapshot.eventTypes.count == 62)
    #expect(snapshot.eventTypes.prefix(35) == (0..<35).map { Text("t\(2 * $0 + 1)") }[...])
    #expect(try snapshot.columns(0).eventTables.last?.type == 62)
    #expect(try difference(snapshot, model) == nil)
  }
}

extension Value: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self = .string(Text(value)) }
}
