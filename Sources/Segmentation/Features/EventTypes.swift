import Bytes

/// The types of events that were met, with the kinds each is of and their order.
final class EventTypes {
  let names = CategoryNames()
  /// By dictionary, what its codes are among the names.
  var tables: [Int: CodeTable] = [:]
  private let kinds: [EventKind]
  private var kindsOfCodes: [UInt64] = []
  /// By code, its place in the order of the texts.
  private var ranks: [UInt32] = []

  init(_ selection: EventSelection) { kinds = selection.kinds }

  func code(_ type: Text) -> UInt32 { names.code(type) }

  /// The kinds of a type's events, but for custom ones.
  func kinds(of code: UInt32) -> UInt64 {
    while kindsOfCodes.count <= Int(code) {
      let type = names.names[kindsOfCodes.count]
      var bits: UInt64 = 0
      for (number, kind) in kinds.enumerated()
      where kind.meaning == .any || !type.utf8.isEmpty && kind.meaning == .type(type) {
        bits |= 1 << UInt64(number)
      }
      kindsOfCodes.append(bits)
    }
    return kindsOfCodes[Int(code)]
  }

  /// Whether a type comes before another one by its UTF-8.
  func precedes(_ left: UInt32, _ right: UInt32) -> Bool {
    if left == right { return false }
    if ranks.count != names.names.count { rank() }
    return ranks[Int(left)] < ranks[Int(right)]
  }

  private func rank() {
    let texts = names.names
    ranks = Array(repeating: 0, count: texts.count)
    for (rank, code) in texts.indices.sorted(by: { texts[$0] < texts[$1] }).enumerated() {
      ranks[code] = UInt32(truncatingIfNeeded: rank)
    }
  }
}
