import Bytes
import ProfileStore

/// Finds the events of a block that fulfil conditions, all at once, with the program that segments are
/// evaluated with: the vectors of its matches tell of each event what it fulfils.
@safe final class RowConditions {
  private let runner: BlockRun
  private let lazy: LazyConditions
  /// By node, the kinds of the events with which it holds; 0 when they are excluded.
  private let kindsOfNodes: [Int: [UInt64]]
  /// By row of the block, kinds it is of, and whether it is excluded.
  private let added = Scratch<UInt64>(count: 0)
  private let excluded = Scratch<Bool>(count: 0)
  /// By table, the rows before it.
  private var offsets: [Int] = []

  /// Makes the conditions ready.
  ///
  /// - Parameters:
  ///   - rules: the conditions.
  ///   - compiled: their program.
  ///   - snapshot: the shard, of which every block was laid flat.
  ///   - rowCountMax: rows of its largest table.
  /// - Throws: damage that was found.
  init(
    _ rules: EventRules,
    _ compiled: CompiledProgram,
    _ snapshot: ShardSnapshot,
    rowCountMax: Int
  ) throws(StoreError) {
    let binding = try compiled.binder.bind(compiled, snapshot)
    runner = BlockRun(binding, snapshot, rowCountMax: rowCountMax)
    lazy = LazyConditions(compiled, runner, isCancelled: { false })
    var kindsOfNodes: [Int: [UInt64]] = [:]
    for (number, condition) in rules.conditions.enumerated() {
      for node in compiled.matches(ofDefinition: number) ?? [] {
        kindsOfNodes[node, default: []].append(condition.kind)
      }
    }
    self.kindsOfNodes = kindsOfNodes
    unsafe runner.noteRows = { [unowned self] node, rows, rowCount, table in
      unsafe self.note(node, rows, rowCount, table)
    }
  }

  /// Goes through a block.
  ///
  /// - Parameters:
  ///   - number: of the block.
  ///   - block: its tables.
  ///   - offsets: by table of events, the rows before it.
  ///   - rowCount: rows of all tables.
  /// - Returns: whether the vectors tell; if not, the events have to be looked at one by one.
  /// - Throws: damage that was found.
  func run(
    _ number: Int,
    _ block: FlatBlock,
    offsets: [Int],
    rowCount: Int
  ) throws(StoreError) -> Bool {
    self.offsets = offsets
    unsafe added.room(for: rowCount).update(repeating: 0, count: rowCount)
    unsafe excluded.room(for: rowCount).update(repeating: false, count: rowCount)
    do throws(ShardEvaluationError) {
      try runner.run(number, block, lazy)
    } catch {
      if case .store(let error) = error { throw error }
    }
    return !runner.isFull
  }

  private func note(
    _ node: Int,
    _ rows: UnsafePointer<UInt64>,
    _ rowCount: Int,
    _ table: Int
  ) {
    for kind in kindsOfNodes[node, default: []] {
      for word in 0..<(rowCount + 63) / 64 {
        var rest = unsafe rows[word]
        while rest != 0 {
          let row = offsets[table - 1] &+ word &* 64 &+ rest.trailingZeroBitCount
          if kind == 0 {
            unsafe excluded.pointer[row] = true
          } else {
            unsafe added.pointer[row] |= kind
          }
          rest &= rest &- 1
        }
      }
    }
  }

  /// Adds to the kinds of some rows what they fulfil, and takes all from those that are excluded.
  func apply(to rows: Range<Int>, _ kinds: UnsafeMutablePointer<UInt64>) {
    for row in rows {
      unsafe kinds[row] = excluded.pointer[row] ? 0 : kinds[row] | added.pointer[row]
    }
  }
}
