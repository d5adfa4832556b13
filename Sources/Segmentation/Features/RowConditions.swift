import Bytes
import ProfileStore

/// Finds the events of a block that fulfil conditions, all at once, with the program that segments are
/// evaluated with: the masks of its matches tell of each event what it fulfils.
@safe final class RowConditions {
  /// What an event is that fits some matches of a word.
  private struct Target {
    var bits: UInt64
    /// A kind; 0 when it is excluded.
    var kind: UInt64
  }

  private let runner: BlockRun
  private let lazy: LazyConditions
  /// By word.
  private let targets: [[Target]]
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
    targets = binding.conditions.words.map { word in
      word.bits.enumerated().flatMap { place, bit -> [Target] in
        guard case .mark(let node, 1) = bit.purpose else { return [] }
        return kindsOfNodes[node, default: []].map { kind in
          Target(bits: UInt64(1) << UInt64(place), kind: kind)
        }
      }
    }
    unsafe runner.noteMasks = { [unowned self] word, masks, rows, table in
      unsafe self.note(word, masks, rows, table)
    }
  }

  /// Goes through a block.
  ///
  /// - Parameters:
  ///   - number: of the block.
  ///   - block: its tables.
  ///   - offsets: by table of events, the rows before it.
  ///   - rowCount: rows of all tables.
  /// - Returns: whether the masks tell; if not, the events have to be looked at one by one.
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
    _ word: Int,
    _ masks: UnsafePointer<UInt64>,
    _ rows: TableRows,
    _ table: Int
  ) {
    let first = offsets[table - 1]
    for target in targets[word] {
      for index in 0..<rows.count where unsafe masks[index] & target.bits != 0 {
        let row = first &+ Int(unsafe rows.numbers[index])
        if target.kind == 0 {
          unsafe excluded.pointer[row] = true
        } else {
          unsafe added.pointer[row] |= target.kind
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
