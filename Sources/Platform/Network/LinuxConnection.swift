/// One TCP connection of `LinuxNetwork`; used by its loop only.
///
/// ```
/// resolving → connecting → open → lingering → (gone)
///                 ↑ accepted ─┘
/// ```
final class LinuxConnection {
  enum State: Equatable {
    /// A helper thread asks the name service.
    case resolving
    /// Waits for the peer's answer; further addresses are tried when this one fails.
    case connecting
    case open
    /// Sends what is left, says so, and reads to the peer's end so that nothing is lost.
    case lingering
  }

  let id: ConnectionID
  var state: State
  /// -1 while there is no socket.
  var descriptor: Int32
  var isReading = true
  var outgoing = SendQueue()
  /// Monotonic end of connecting or lingering.
  var deadline: Int64?
  /// Addresses not tried yet.
  var addresses: [SocketAddress] = []
  /// `outgoing` was full once and `drained` is owed when it is empty.
  var owesDrained = false
  var hasFinishedSending = false

  init(id: ConnectionID, state: State, descriptor: Int32) {
    self.id = id
    self.state = state
    self.descriptor = descriptor
  }

  var wantsToRead: Bool {
    switch state {
    case .resolving, .connecting: false
    case .open: isReading
    case .lingering: true
    }
  }

  var wantsToWrite: Bool {
    switch state {
    case .resolving: false
    case .connecting: true
    case .open, .lingering: !outgoing.isEmpty
    }
  }

  /// Writes as much as the system takes.
  ///
  /// - Returns: the error number that ended the connection, or `nil`.
  func flush() -> Int32? {
    var failed: Int32?
    let descriptor = self.descriptor
    _ = unsafe outgoing.drain { bytes in
      switch unsafe TCPSocket.write(descriptor, bytes) {
      case .bytes(let count): return count
      case .wouldBlock, .ended: return 0
      case .failed(let number):
        failed = number
        return -1
      }
    }
    return failed
  }

  func closeSocket() {
    guard descriptor >= 0 else { return }
    TCPSocket.close(descriptor)
    descriptor = -1
  }
}
