import ProfileStore

/// The order in which a block's tables are gone through, and what that saves for pairs.
///
/// The smallest table comes first. When one half of some pairs is known for all profiles, the other
/// half is looked for only among the events of those that have it.
@safe final class PairOrder {
  private let binding: ShardBinding
  private let wordCount: Int
  /// Numbers of the block's tables of events.
  private var order: [Int] = []
  /// By place in the order and word: the halves that this table or a later one may have.
  private var remaining: [UInt64] = []
  /// By profile, the other halves it has.
  private let wanted = Scratch<UInt64>(count: BlockVector.bitCount)

  init(_ binding: ShardBinding) {
    self.binding = binding
    wordCount = binding.conditions.halfWords.count
  }

  /// Orders the tables of a block; the first one, of attributes, is not among them.
  func tables(of block: FlatBlock) -> [Int] {
    order.removeAll(keepingCapacity: true)
    order += 1..<block.tableCount
    if wordCount == 0 { return order }
    order.sort { unsafe block.tables[$0].rowCount < block.tables[$1].rowCount }
    remaining.removeAll(keepingCapacity: true)
    remaining += repeatElement(0, count: (order.count + 1) * wordCount)
    for place in order.indices.reversed() {
      let program = unsafe binding.tables[block.tables[order[place]].shape]
      for word in 0..<wordCount {
        remaining[place * wordCount + word] = remaining[(place + 1) * wordCount + word]
      }
      for index in 0..<(unsafe program.passCount) {
        let step = unsafe program.passes[index]
        if unsafe step.target != .halves { continue }
        unsafe remaining[place * wordCount + step.number] |= step.bits
      }
    }
    return order
  }

  /// Chooses the events of a table that can be halves of pairs.
  ///
  /// - Parameters:
  ///   - rows: where they are chosen.
  ///   - table: the table.
  ///   - place: the table's place in the order.
  ///   - program: what is looked for in it.
  ///   - pairs: knows who has which halves.
  ///   - profileCount: profiles of the block.
  func choose(
    _ rows: TableRows,
    of table: FlatTable,
    at place: Int,
    _ program: TableProgram,
    _ pairs: EventPairs,
    profileCount: Int
  ) {
    let wanted = unsafe wanted.pointer
    unsafe wanted.update(repeating: 0, count: BlockVector.bitCount)
    for index in 0..<(unsafe program.passCount) {
      let step = unsafe program.passes[index]
      if unsafe step.target != .halves || step.rows != .halves { continue }
      for index in 0..<(unsafe step.partnerCount) {
        let partner = unsafe step.partners[index]
        if remaining[place * wordCount + partner.word] & partner.bits != 0 {
          return unsafe rows.takeAll(table)
        }
        let known = unsafe pairs.known(partner.word)
        for profile in 0..<BlockVector.bitCount {
          unsafe wanted[profile] |= known[profile] & partner.bits
        }
      }
    }
    var wantedCount = 0
    for profile in 0..<BlockVector.bitCount {
      wantedCount &+= unsafe wanted[profile] == 0 ? 0 : 1
    }
    // Where nearly everyone is wanted, so are nearly all rows.
    if wantedCount * 8 > profileCount * 7 { return unsafe rows.takeAll(table) }
    unsafe rows.take(table, ofWanted: wanted)
  }
}
