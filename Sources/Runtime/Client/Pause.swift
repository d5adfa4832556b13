import Platform

/// Lets a client's thread rest between two tries.
enum Pause {
  static func wait(milliseconds: Int64) {
    // Nothing is ever put in: the queue is a clock that wakes nobody else.
    _ = BlockingQueue<Never>().pop(withinMilliseconds: milliseconds)
  }
}
