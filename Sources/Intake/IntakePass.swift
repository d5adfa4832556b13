import Bytes
import Domain
import Platform
import Synchronization

/// One walk over all files by several threads.
///
/// Threads take turns at reading the next chunk and then work on it at the same time; what comes of
/// chunks is taken on the caller's thread, in the order of the files. So everything is as if one
/// thread had read them, and memory is bounded by the chunks there are.
struct IntakePass {
  let source: IntakeSource
  let work: ChunkWorker.Work
  /// Types of the columns of CSV files, by path.
  var columnTypes: [RowKind: [Text: FieldType]] = [:]
  var shardCount = 0
  var progress: ((IntakeProgress) throws -> Void)?

  /// Only the first chunk of each file is read.
  var isSample = false

  private(set) var counts = IntakeCounts()
  /// Bytes of all files, decompressed.
  private(set) var textByteCount = 0
  /// Of each file, decompressed.
  private(set) var fileHashes: [[UInt8]] = []
  private(set) var rejects: RejectReport
  private(set) var importHash: [UInt8] = []

  init(
    _ source: IntakeSource,
    _ work: ChunkWorker.Work,
    progress: ((IntakeProgress) throws -> Void)?
  ) {
    self.source = source
    self.work = work
    self.progress = progress
    rejects = RejectReport(limit: source.options.limits.listedRejectCountMax)
  }

  /// Bytes of a chunk: enough that a shard gets a batch of a good size out of each.
  private var chunkByteCount: Int {
    let limits = source.options.limits
    if isSample { return min(limits.chunkByteCount, limits.sampleByteCount) }
    return max(
      limits.chunkByteCount,
      min(limits.shardChunkByteCount * shardCount, limits.chunkByteCountMax)
    )
  }

  /// Rows that are known by their number need to be counted one after the other.
  private var threadCount: Int {
    let isNumbered =
      source.options.profileKey == .rowNumber || source.options.eventKey == .rowNumber
    return isNumbered ? 1 : max(1, source.options.limits.threadCount)
  }

  /// Reads every file to its end.
  ///
  /// - Parameter take: is given what came of each chunk, in order; what it throws ends the pass.
  /// - Throws: when a file cannot be read, or what `take` or the progress throws.
  mutating func run(_ take: (ChunkResult) throws -> Void) throws {
    let crew = ChunkCrew(
      source,
      work,
      ChunkReader(
        source,
        columnTypes: columnTypes,
        chunkByteCount: chunkByteCount,
        isSample: isSample
      ),
      shardCount: shardCount,
      chunkByteCount: chunkByteCount
    )
    defer { crew.close() }
    try crew.start(threadCount: threadCount)
    var waiting: [Int: ChunkResult] = [:]
    var next = 0
    var line = 0
    while let result = try crew.nextResult() {
      waiting[result.head.number] = result
      while let result = waiting.removeValue(forKey: next) {
        next += 1
        if result.head.isFirstOfFile { line = 0 }
        try add(result, line: line)
        line += result.lineCount
        try take(result)
        if let failure = result.failure { throw failure }
        crew.giveBack(result.buffer)
      }
    }
    (textByteCount, fileHashes, importHash) = crew.totals
  }

  private mutating func add(_ result: ChunkResult, line: Int) throws {
    counts += result.counts
    rejects.add(result.rejects) { index, reject in
      reject.line += line
      guard let known = result.scannerErrors[index] else { return }
      reject.detail = known.error.description(linesBefore: line + known.linesBefore)
    }
    try progress?(
      IntakeProgress(
        byteCount: result.head.position,
        byteCountTotal: source.byteCount,
        rowCount: counts.recordCount
      )
    )
  }
}

/// The threads of a pass and what they share.
///
/// Everything shared is behind a lock or in queues that lock themselves.
final class ChunkCrew: Sendable {
  private enum Answer: Sendable {
    case result(ChunkResult)
    /// A thread has nothing more to do.
    case end((any Error)?)
  }

  private let options: IntakeOptions
  private let work: ChunkWorker.Work
  private let shardCount: Int
  private let chunkByteCount: Int
  private let reader: Mutex<ChunkReader>
  private let buffers = BlockingQueue<ChunkBuffer>()
  private let answers = BlockingQueue<Answer>()
  private let threads = Mutex<[WorkerThread]>([])
  private let working = Mutex<Int>(0)

  init(
    _ source: IntakeSource,
    _ work: ChunkWorker.Work,
    _ reader: consuming sending ChunkReader,
    shardCount: Int,
    chunkByteCount: Int
  ) {
    options = source.options
    self.work = work
    self.shardCount = shardCount
    self.chunkByteCount = chunkByteCount
    self.reader = Mutex(reader)
  }

  /// Starts the threads, with one chunk more than there are of them.
  func start(threadCount: Int) throws(PlatformError) {
    for _ in 0...threadCount { buffers.push(ChunkBuffer(capacity: chunkByteCount + 1 << 16)) }
    for _ in 0..<threadCount {
      working.withLock { $0 += 1 }
      let thread = try WorkerThread(named: "covey-intake") { self.run() }
      threads.withLock { $0.append(thread) }
    }
  }

  /// The next result in whatever order; `nil` when there is none any more.
  func nextResult() throws -> ChunkResult? {
    while working.withLock({ $0 }) > 0 || answers.count > 0 {
      switch answers.pop() {
      case .result(let result): return result
      case .end(let error):
        working.withLock { $0 -= 1 }
        if let error { throw error }
      case nil: return nil
      }
    }
    return nil
  }

  func giveBack(_ buffer: ChunkBuffer) { buffers.push(buffer) }

  /// Ends the threads after the chunks they are at.
  func close() {
    buffers.close()
    for thread in threads.withLock({ $0 }) { thread.join() }
  }

  /// Bytes of all files, decompressed, and the hashes of each one and of them all.
  var totals: (textByteCount: Int, fileHashes: [[UInt8]], importHash: [UInt8]) {
    reader.withLock { ($0.textByteCount, $0.fileHashes, $0.hash.digest) }
  }

  private func run() {
    var worker = ChunkWorker(options, work, shardCount: shardCount)
    while let buffer = buffers.pop() {
      do {
        let head = try reader.withLock { reader in try reader.next(into: buffer) }
        guard let head else { break }
        answers.push(.result(worker.run(head, buffer)))
      } catch {
        return answers.push(.end(error))
      }
    }
    answers.push(.end(nil))
  }
}
