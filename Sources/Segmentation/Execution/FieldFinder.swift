import Bytes
import ProfileStore

/// Where the values of a field are in a block, and how to bring them to the rows above.
struct LocatedColumn {
  /// Objects on the way that not every row has.
  struct Lift {
    /// By row, whether it has one.
    var bits: Column.Bits
    var rowCount: Int
    /// Rows that have one.
    var count: Int
  }

  /// The values; where there are names left, the arrays or maps that these go through.
  var column: Column
  var names: ArraySlice<Text>
  /// From the outside in.
  var lifts: [Lift]
}

/// Finds a field in the columns of one block after the other.
///
/// Fields mostly stand where they stood in the block before, so one comparison a name is enough.
final class FieldFinder {
  private let names: [Text]
  /// By name, where it stood last.
  private var hints: [Int]

  init(_ names: [Text]) {
    self.names = names
    hints = Array(repeating: 0, count: names.count)
  }

  /// The field's values; `nil` when no row can have one.
  func find(in column: Column) -> LocatedColumn? {
    var current = column
    var lifts: [LocatedColumn.Lift] = []
    for depth in names.indices {
      var next: Column?
      for lane in current.lanes {
        switch lane.values {
        case .arrays, .maps:
          return LocatedColumn(column: current, names: names[depth...], lifts: lifts)
        case .objects(let fields):
          guard let index = index(depth, in: fields) else { continue }
          next = fields[index].column
          if case .some(let bits, _) = lane.presence {
            lifts.append(
              LocatedColumn.Lift(bits: bits, rowCount: current.rowCount, count: lane.count)
            )
          }
        default: continue
        }
      }
      guard let next else { return nil }
      current = next
    }
    return LocatedColumn(column: current, names: [], lifts: lifts)
  }

  private func index(_ depth: Int, in fields: [Column.Field]) -> Int? {
    let hint = hints[depth]
    if hint < fields.count, fields[hint].name == names[depth] { return hint }
    guard let index = fields.firstIndex(where: { $0.name == names[depth] }) else { return nil }
    hints[depth] = index
    return index
  }
}
