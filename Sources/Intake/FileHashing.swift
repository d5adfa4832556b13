import Bytes
import Platform
import Synchronization

/// One reading of a file for the hash of its contents: of a long plain file by several threads.
struct FileHashing {
  /// Bytes read at once: they are still near when they are hashed.
  private static let readByteCount = 256 << 10

  private let file: IntakeFile
  private let pieceByteCount: Int
  private let threadCount: Int

  init(_ file: IntakeFile, _ limits: IntakeLimits) {
    self.file = file
    pieceByteCount = max(1, limits.hashedByteCount)
    threadCount = limits.threadCount
  }

  /// Adds the file's contents to a hash that was begun for it.
  ///
  /// - Parameters:
  ///   - hash: of the file.
  ///   - progress: called now and then with the bytes read; what it throws ends the reading.
  /// - Throws: that, or that the file cannot be read.
  func run(_ hash: inout ContentHash, _ progress: (Int) throws -> Void) throws {
    let input = try IntakeSource.disk { () throws(DiskError) in
      try ByteInput(file.path, through: file.compression.program)
    }
    let pieceCount = (input.byteCount + pieceByteCount - 1) / pieceByteCount
    guard file.compression == .none, threadCount > 1, pieceCount > 1 else {
      return unsafe try FileHashing.read(input) { bytes in
        unsafe hash.add(bytes)
        try progress(input.position)
      }
    }
    let crew = HashCrew(file.path, pieceByteCount: pieceByteCount, pieceCount: pieceCount)
    defer { crew.close() }
    try crew.start(threadCount: min(threadCount, pieceCount))
    var waiting: [Int: [UInt8]] = [:]
    for number in 0..<pieceCount {
      while waiting[number] == nil, let answer = crew.next() {
        let piece = try answer.get()
        waiting[piece.number] = piece.digest
      }
      guard let digest = waiting.removeValue(forKey: number) else { return }
      hash.add(piece: digest)
      try progress(min(input.byteCount, (number + 1) * pieceByteCount))
    }
  }

  /// Shows bytes to the end of the input, or until so many were read.
  static func read(
    _ input: ByteInput,
    byteCountMax: Int = .max,
    _ take: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let buffer = ChunkBuffer(capacity: readByteCount)
    var left = byteCountMax
    while left > 0 {
      buffer.removeAll()
      try IntakeSource.disk { () throws(DiskError) in
        try unsafe buffer.append(byteCount: min(left, readByteCount)) { room throws(DiskError) in
          unsafe try input.read(into: room)
        }
      }
      guard buffer.count > 0 else { return }
      try unsafe take(UnsafeRawBufferPointer(buffer.bytes))
      left -= buffer.count
    }
  }
}

/// Threads that hash the pieces of a file, each taking the next one.
private final class HashCrew: Sendable {
  struct Piece: Sendable {
    var number: Int
    var digest: [UInt8]
  }

  private let path: String
  private let pieceByteCount: Int
  private let pieceCount: Int
  private let nextNumber = Atomic<Int>(0)
  private let answers = BlockingQueue<Result<Piece, any Error>>()
  private let threads = Mutex<[WorkerThread]>([])

  init(_ path: String, pieceByteCount: Int, pieceCount: Int) {
    self.path = path
    self.pieceByteCount = pieceByteCount
    self.pieceCount = pieceCount
  }

  func start(threadCount: Int) throws(PlatformError) {
    for _ in 0..<threadCount {
      let thread = try WorkerThread(named: "covey-hash") { self.run() }
      threads.withLock { $0.append(thread) }
    }
  }

  /// The next piece in whatever order.
  func next() -> Result<Piece, any Error>? { answers.pop() }

  /// Ends the threads after the pieces they are at.
  func close() {
    nextNumber.store(pieceCount, ordering: .relaxed)
    for thread in threads.withLock({ $0 }) { thread.join() }
  }

  private func run() {
    do {
      let input = try IntakeSource.disk { () throws(DiskError) in try ByteInput(path) }
      while true {
        let number = nextNumber.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < pieceCount else { return }
        try IntakeSource.disk { () throws(DiskError) in
          try input.seek(to: number * pieceByteCount)
        }
        var hash = StripeHash()
        unsafe try FileHashing.read(input, byteCountMax: pieceByteCount) { bytes in
          unsafe hash.update(bytes)
        }
        answers.push(.success(Piece(number: number, digest: hash.digest)))
      }
    } catch {
      answers.push(.failure(error))
    }
  }
}
