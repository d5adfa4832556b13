import Bytes
import Domain
import PQL
import Platform
import ProfileStore
import Synchronization

/// Goes through the blocks of a shard with some threads and collects the members of every
/// definition.
///
/// Threads take stretches of blocks in turn; what they find is put together in the order of the
/// blocks, so the result does not depend on who did what.
struct ShardPass {
  /// Stretches for each thread, of which each is shorter than the one before, so that all threads end
  /// at nearly the same time.
  private static let stretchesPerThread = 20
  /// Words of a part of a bitmap.
  private static let partWordCount = Bitmap.chunkSize / 64

  /// What one stretch of blocks gave.
  struct Part: Sendable {
    /// Every definition's members, a part for each block.
    var members: BitmapCollector
    var residualFailures: [EvaluationFailure?]
    /// By definition, of blocks that were left to the reference interpreter.
    var failures: [EvaluationFailure?]
    var costs: [ResidualCost]
    /// By definition, of blocks that were left to the reference interpreter.
    var referenceCosts: [ResidualCost]
    /// What was done for each part of the program.
    var tally: PartTally
    /// Time that one thread spent on the stretch.
    var nanoseconds: UInt64 = 0

    var hasFailures: Bool {
      residualFailures.contains { $0 != nil } || failures.contains { $0 != nil }
    }
  }

  let program: SegmentProgram
  let compiled: CompiledProgram
  let snapshot: ShardSnapshot
  let asOf: Instant
  let isCancelled: @Sendable () -> Bool

  /// What all threads did.
  struct Outcome {
    var binding: ShardBinding
    /// Time it took to make the shard ready.
    var readyingNanoseconds: UInt64
    /// In the order of the blocks.
    var parts: [Part]
  }

  func run(threadCount: Int) throws(ShardEvaluationError) -> Outcome {
    let start = LinuxClock.monotonicNanoseconds
    let blocks = try flatBlocks(threadCount)
    let binding: ShardBinding
    do throws(StoreError) {
      binding = try compiled.binder.bind(compiled, snapshot)
    } catch {
      throw .store(error)
    }
    let rowCountMax = blocks.reduce(0) { max($0, $1.rowCountMax) }
    let readyingNanoseconds = LinuxClock.monotonicNanoseconds &- start
    let parts = try stretches(threadCount) {
      let runner = BlockRun(binding, snapshot, rowCountMax: rowCountMax)
      return { numbers throws(ShardEvaluationError) in try run(numbers, blocks, runner) }
    }
    return Outcome(binding: binding, readyingNanoseconds: readyingNanoseconds, parts: parts)
  }

  /// All blocks laid flat; those that were not yet are so afterwards.
  private func flatBlocks(_ threadCount: Int) throws(ShardEvaluationError) -> [FlatBlock] {
    if let blocks = snapshot.flatBlocks { return blocks }
    let parts = try stretches(threadCount) {
      { numbers throws(ShardEvaluationError) in
        var blocks: [FlatBlock] = []
        for number in numbers {
          if isCancelled() { throw .cancelled }
          do throws(StoreError) {
            blocks.append(try snapshot.flatBlock(number))
          } catch {
            throw .store(error)
          }
        }
        return blocks
      }
    }
    return parts.flatMap { $0 }
  }

  // MARK: Threads

  /// What one thread does with one stretch of blocks after the other.
  private typealias Work<Made> = (Range<Int>) throws(ShardEvaluationError) -> Made

  /// Lets threads work on stretches of the blocks.
  ///
  /// - Parameters:
  ///   - threadCount: how many.
  ///   - begin: makes a thread ready.
  /// - Returns: what each stretch gave, in the order of the blocks.
  /// - Throws: why some stretch failed.
  private func stretches<Made: Sendable>(
    _ threadCount: Int,
    _ begin: @escaping @Sendable () -> Work<Made>
  ) throws(ShardEvaluationError) -> [Made] {
    let count = snapshot.blockCount
    let stretchCount = max(
      1,
      min(count, threadCount * (threadCount > 1 ? Self.stretchesPerThread : 1))
    )
    let bounds = (0...stretchCount).map { number in
      let left = stretchCount - number
      return count - count * left * left / (stretchCount * stretchCount)
    }
    let parts = Mutex<[Result<Made, ShardEvaluationError>?]>(
      Array(repeating: nil, count: stretchCount)
    )
    let next = Atomic(0)
    let work: @Sendable () -> Void = {
      let one = begin()
      while true {
        let stretch = next.add(1, ordering: .relaxed).oldValue
        guard stretch < stretchCount else { return }
        let blocks = bounds[stretch]..<bounds[stretch + 1]
        let result: Result<Made, ShardEvaluationError>
        do throws(ShardEvaluationError) {
          result = .success(try one(blocks))
        } catch {
          result = .failure(error)
          next.store(stretchCount, ordering: .relaxed)
        }
        parts.withLock { $0[stretch] = result }
      }
    }
    withThreads(min(threadCount, stretchCount), work)
    // A thread that failed leaves later stretches undone.
    var found: [Made] = []
    for result in parts.withLock({ $0 }) {
      guard let result else { continue }
      found.append(try result.get())
    }
    return found
  }

  /// Runs the work on this thread and `count - 1` more.
  private func withThreads(_ count: Int, _ work: @escaping @Sendable () -> Void) {
    let others = (1..<max(count, 1)).compactMap { _ in
      try? WorkerThread(named: "covey-evaluate", work)
    }
    work()
    for thread in others { thread.join() }
  }

  // MARK: Blocks

  private func run(
    _ numbers: Range<Int>,
    _ blocks: [FlatBlock],
    _ runner: BlockRun
  ) throws(ShardEvaluationError) -> Part {
    let clock = ContinuousClock()
    let start = clock.now
    let lazy = LazyConditions(compiled, runner, isCancelled: isCancelled)
    let members = BitmapCollector(
      setCount: compiled.roots.count,
      partCount: numbers.reduce(0) { $0 + parts(of: blocks[$1].profileCount) }
    )
    var failures = [EvaluationFailure?](repeating: nil, count: compiled.roots.count)
    var referenceCosts: [ResidualCost] = []
    let words = Scratch<UInt64>(
      count: BitmapCollector.setsAtOnceMax * BlockVector.wordCount
    )
    for number in numbers {
      if isCancelled() { throw .cancelled }
      try runner.run(number, blocks[number], lazy)
      blocks[number].trim()
      runner.meter.skip()
      let firstPart = (number - numbers.lowerBound) * parts(of: snapshot.blockProfileCount)
      if runner.isFull {
        try runReference(number, into: members, firstPart, &failures, &referenceCosts)
        continue
      }
      try unsafe put(into: members, firstPart, runner, lazy, words.pointer)
      runner.meter.note(MeterParts.members, rows: runner.profileCount)
    }
    return Part(
      members: members,
      residualFailures: lazy.failures,
      failures: failures,
      costs: lazy.costs,
      referenceCosts: referenceCosts,
      tally: runner.takeTally(),
      nanoseconds: start.duration(to: clock.now).nanoseconds
    )
  }

  /// Into how many parts of bitmaps a block falls.
  private func parts(of profileCount: Int) -> Int {
    (profileCount + Bitmap.chunkSize - 1) / Bitmap.chunkSize
  }

  /// Puts the members of every definition in the block that was run last.
  private func put(
    into members: BitmapCollector,
    _ firstPart: Int,
    _ runner: BlockRun,
    _ lazy: LazyConditions,
    _ words: UnsafeMutablePointer<UInt64>
  ) throws(ShardEvaluationError) {
    let vectors = unsafe runner.vectors.pointer
    let everyone = runner.everyone
    let all = compiled.roots.indices
    for first in stride(from: 0, to: all.count, by: BitmapCollector.setsAtOnceMax) {
      let definitions = first..<min(first + BitmapCollector.setsAtOnceMax, all.count)
      for definition in definitions {
        let root = compiled.roots[definition]
        let own = unsafe words + (definition &- first) &* BlockVector.wordCount
        if compiled.isLazy[root.node] {
          let holds = try lazy.holds(root, among: everyone)
          for word in holds.indices { unsafe own[word] = holds[word] & everyone[word] }
        } else {
          let vector = unsafe vectors + root.node &* BlockVector.wordCount
          let inverse: UInt64 = root.isNegated ? .max : 0
          for word in 0..<BlockVector.wordCount {
            unsafe own[word] = (vector[word] ^ inverse) & everyone[word]
          }
        }
      }
      for part in 0..<parts(of: runner.profileCount) {
        unsafe members.put(
          firstPart &+ part,
          of: definitions,
          words + part &* Self.partWordCount,
          stride: BlockVector.wordCount
        )
      }
    }
  }

  /// Leaves a block to the reference interpreter.
  private func runReference(
    _ block: Int,
    into members: BitmapCollector,
    _ firstPart: Int,
    _ failures: inout [EvaluationFailure?],
    _ costs: inout [ResidualCost]
  ) throws(ShardEvaluationError) {
    var run = ReferenceRun(program, asOf: asOf)
    let values: ProfileBlock
    do throws(StoreError) {
      values = try snapshot.block(block)
    } catch {
      throw .store(error)
    }
    try run.evaluate(values, isCancelled: isCancelled)
    if costs.isEmpty {
      costs = Array(repeating: ResidualCost(), count: run.members.count)
    }
    for definition in run.members.indices {
      costs[definition].profileCount += values.count
      costs[definition].nanoseconds += run.nanoseconds[definition]
      let first = values.firstOrdinal
      var words = [UInt64](repeating: 0, count: BlockVector.wordCount)
      for row in 0..<values.count where run.members[definition].contains(first + row) {
        words[row / 64] |= 1 << UInt64(row % 64)
      }
      unsafe words.withUnsafeBufferPointer { words in
        guard let start = words.baseAddress else { return }
        for part in 0..<parts(of: values.count) {
          unsafe members.put(firstPart + part, of: definition, start + part * Self.partWordCount)
        }
      }
      failures[definition] = EvaluationFailure.first(failures[definition], run.failures[definition])
    }
  }
}

extension EvaluationFailure {
  /// The one of the smaller key.
  static func first(_ left: EvaluationFailure?, _ right: EvaluationFailure?) -> EvaluationFailure? {
    guard let left else { return right }
    guard let right else { return left }
    return right.key < left.key ? right : left
  }
}
