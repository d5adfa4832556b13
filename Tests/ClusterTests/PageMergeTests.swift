import Bytes
import Cluster
import Domain
import Testing

@Suite struct PageMergeTests {
  private static func row(_ key: Int) -> PageRow {
    let digits = String(key)
    let padded = String(repeating: "0", count: 4 - digits.count) + digits
    return PageRow(
      key: ProfileKey(Text(padded)),
      status: nil,
      lastQualification: nil,
      fields: ObjectValue()
    )
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func `pages one after the other are all the rows in order`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let shardCount = 1 + random.below(5)
    let keys = (0..<300).filter { _ in random.oneIn(2) }
    let shards = (0..<shardCount).map { shard in
      keys.filter { shardHash([UInt8($0 % 251), UInt8($0 / 251)]) % UInt64(shardCount) == shard }
        .map(Self.row)
    }
    let limit = 1 + random.below(20)

    var rows: [PageRow] = []
    var isDone = false
    while !isDone {
      let parts = shards.map { shard in
        let rest = shard.filter { row in rows.last.map { $0.key < row.key } ?? true }
        return PageMerge.Part(rows: Array(rest.prefix(limit)), isDone: rest.count <= limit)
      }
      let merge = PageMerge(parts, rowCountMax: limit)
      #expect(merge.rows.count <= limit)
      #expect(merge.isDone || !merge.rows.isEmpty)
      guard merge.isDone || !merge.rows.isEmpty else { return }
      rows += merge.rows
      isDone = merge.isDone
    }

    #expect(rows == keys.map(Self.row), "seed \(seed)")
  }

  @Test func `rows behind the last key of a shard with more to give wait for the next page`() {
    let merge = PageMerge(
      [
        .init(rows: [Self.row(1), Self.row(4)], isDone: false),
        .init(rows: [Self.row(2), Self.row(5)], isDone: true),
      ],
      rowCountMax: 10
    )

    #expect(merge.rows == [Self.row(1), Self.row(2), Self.row(4)])
    #expect(!merge.isDone)
  }

  @Test func `no rows at all is a whole page`() {
    let merge = PageMerge([.init(rows: [], isDone: true)], rowCountMax: 10)

    #expect(merge.rows.isEmpty)
    #expect(merge.isDone)
  }
}
