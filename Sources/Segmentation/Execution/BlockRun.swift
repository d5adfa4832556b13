import Bytes
import PQL
import ProfileStore

/// Runs a program over blocks of a shard, one after the other, on one thread.
///
/// For each block it leaves a vector of bits for every condition of the program: first those of
/// attributes and of matches of events, then what the steps make of them; what is lazy is asked for
/// by `LazyConditions`.
final class BlockRun {
  let program: CompiledProgram
  let snapshot: ShardSnapshot
  /// A vector for each node of the program.
  let vectors: Scratch<UInt64>
  let columnClasses: ColumnClasses
  private let attributes: AttributeRun
  private let events: EventRun
  private(set) var profileCount = 0

  init(_ program: CompiledProgram, _ snapshot: ShardSnapshot) {
    self.program = program
    self.snapshot = snapshot
    vectors = Scratch(count: program.graph.nodes.count * BlockVector.wordCount)
    columnClasses = ColumnClasses(snapshot)
    attributes = AttributeRun(program)
    events = EventRun(program, eventTypes: snapshot.eventTypes)
  }

  /// Some field has more classes of values than can be told apart: the vectors mean nothing.
  var isFull: Bool { attributes.isFull || events.isFull }

  /// Finds the vectors of a block; `lazy` answers what is in doubt.
  func run(_ block: Int, _ lazy: LazyConditions) throws(ShardEvaluationError) {
    do throws(StoreError) {
      try matchRows(of: block)
    } catch {
      throw .store(error)
    }
    lazy.begin()
    for doubt in events.doubts { try lazy.resolve(doubt) }
    unsafe program.steps.withUnsafeBufferPointer { steps in
      guard let start = steps.baseAddress else { return }
      unsafe Segmentation.run(start, count: steps.count, over: vectors.pointer)
    }
  }

  private func matchRows(of block: Int) throws(StoreError) {
    let columns = try snapshot.columns(block)
    profileCount = columns.profileCount
    columnClasses.begin(block, columns)
    vectors.fill(0, count: program.graph.nodes.count * BlockVector.wordCount)
    unsafe vectors.pointer.update(repeating: .max, count: BlockVector.wordCount)
    try attributes.run(columns, columnClasses, into: vectors)
    try events.run(columns, columnClasses, into: vectors)
  }

  /// The bits of the block's profiles.
  var everyone: [UInt64] {
    (0..<BlockVector.wordCount).map { word in
      let rest = profileCount - 64 * word
      return rest >= 64 ? .max : rest <= 0 ? 0 : (1 << UInt64(rest)) - 1
    }
  }
}

extension Scratch<UInt64> {
  /// The words of a node's vector.
  func vector(_ node: Int) -> UnsafeMutablePointer<UInt64> {
    unsafe pointer + node * BlockVector.wordCount
  }
}
