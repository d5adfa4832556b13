import Bytes
private import Glibc

/// Cuts blocks of bytes into lines; a line may span any number of blocks.
///
/// Lines end with LF; a CR before it is blank space to JSON. A byte order mark at the start is
/// skipped. A line over the limit is given up: its bytes are dropped as they come.
struct LineSplitter {
  @unsafe enum Line {
    /// Without its LF.
    case whole(UnsafeBufferPointer<UInt8>)
    case tooLong
  }

  private let byteCountMax: Int
  /// The beginning of a line whose end has not come yet.
  private var pending: [UInt8] = []
  private var isSkipping = false
  private var isFirst = true
  /// The number of the line last given, from 1.
  private(set) var number = 0

  init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

  /// Gives the lines that end in `block`.
  mutating func feed<Failure: Error>(
    _ block: UnsafeBufferPointer<UInt8>,
    _ body: (Line, Int) throws(Failure) -> Void
  ) throws(Failure) {
    guard let base = block.baseAddress else { return }
    var start = 0
    while start < block.count {
      guard let found = unsafe memchr(base + start, 0x0A, block.count - start) else { break }
      let end = unsafe found - UnsafeMutableRawPointer(mutating: base)
      let part = unsafe UnsafeBufferPointer(rebasing: block[start..<end])
      start = end + 1
      if pending.isEmpty && !isSkipping {
        unsafe try give(part, body)
      } else {
        unsafe keep(part)
        unsafe try givePending(body)
      }
    }
    if start < block.count {
      unsafe keep(UnsafeBufferPointer(rebasing: block[start..<block.count]))
    }
  }

  /// Gives the last line if it has no end.
  mutating func finish<Failure: Error>(
    _ body: (Line, Int) throws(Failure) -> Void
  ) throws(Failure) {
    if !pending.isEmpty || isSkipping { unsafe try givePending(body) }
  }

  private mutating func keep(_ part: UnsafeBufferPointer<UInt8>) {
    if isSkipping { return }
    if pending.count + part.count > byteCountMax {
      isSkipping = true
      pending = []
    } else {
      unsafe pending.append(contentsOf: part)
    }
  }

  private mutating func givePending<Failure: Error>(
    _ body: (Line, Int) throws(Failure) -> Void
  ) throws(Failure) {
    if isSkipping {
      isSkipping = false
      isFirst = false
      number += 1
      return unsafe try body(.tooLong, number)
    }
    let line = pending
    pending.removeAll(keepingCapacity: true)
    var failure: Failure?
    unsafe line.withUnsafeBufferPointer { part in
      do throws(Failure) {
        unsafe try give(part, body)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private mutating func give<Failure: Error>(
    _ part: UnsafeBufferPointer<UInt8>,
    _ body: (Line, Int) throws(Failure) -> Void
  ) throws(Failure) {
    number += 1
    var line = unsafe part
    if isFirst {
      isFirst = false
      if line.count >= 3, unsafe line[0] == 0xEF && line[1] == 0xBB && line[2] == 0xBF {
        unsafe line = UnsafeBufferPointer(rebasing: line[3...])
      }
    }
    if line.count > byteCountMax { return unsafe try body(.tooLong, number) }
    unsafe try body(.whole(line), number)
  }
}
