private import Glibc

/// The system calls on TCP sockets, without any state.
enum TCPSocket {
  /// What a read or a write came to.
  enum Outcome: Equatable {
    case bytes(Int)
    case wouldBlock
    case ended
    case failed(Int32)
  }

  /// Unanswered data ends a connection after this long, so a peer without power is noticed.
  static let userTimeoutMilliseconds: Int32 = 15_000
  /// The system keeps at most this much unsent, so urgent bytes do not wait behind megabytes.
  static let unsentByteCountMax: Int32 = 512 << 10

  static func open(family: Int32) -> Int32 {
    socket(
      family,
      Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
      0
    )
  }

  /// Sets what every connection wants; a refusal by the system is not worth a connection's end.
  static func tune(_ descriptor: Int32) {
    set(descriptor, level: Int32(IPPROTO_TCP), name: TCP_NODELAY, to: 1)
    set(
      descriptor,
      level: Int32(IPPROTO_TCP),
      name: TCP_USER_TIMEOUT,
      to: userTimeoutMilliseconds
    )
    set(descriptor, level: Int32(IPPROTO_TCP), name: TCP_NOTSENT_LOWAT, to: unsentByteCountMax)
  }

  private static func set(_ descriptor: Int32, level: Int32, name: Int32, to value: Int32) {
    var value = value
    unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Opens a listening socket.
  ///
  /// - Returns: the descriptor and the endpoint taken.
  static func listen(
    on address: SocketAddress,
    endpoint: Endpoint
  ) throws(PlatformError) -> (descriptor: Int32, endpoint: Endpoint) {
    let descriptor = open(family: address.family)
    guard descriptor >= 0 else {
      throw .cannotListen(endpoint: endpoint, reason: systemErrorText(errno))
    }
    set(descriptor, level: SOL_SOCKET, name: SO_REUSEADDR, to: 1)
    let bound = unsafe address.withSockaddr { unsafe bind(descriptor, $0, $1) }
    guard bound == 0, Glibc.listen(descriptor, 128) == 0 else {
      let reason = systemErrorText(errno)
      close(descriptor)
      throw .cannotListen(endpoint: endpoint, reason: reason)
    }
    let taken = unsafe SocketAddress.read { unsafe getsockname(descriptor, $0, $1) }
    guard taken.status == 0 else {
      close(descriptor)
      throw .cannotListen(endpoint: endpoint, reason: "its port cannot be read")
    }
    return (descriptor, taken.endpoint)
  }

  /// Takes one waiting connection.
  static func accept(_ listener: Int32) -> (outcome: Outcome, descriptor: Int32, host: String) {
    let accepted = unsafe SocketAddress.read {
      unsafe accept4(
        listener,
        $0,
        $1,
        Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
      )
    }
    guard accepted.status >= 0 else { return (failure(), -1, "") }
    tune(accepted.status)
    return (.bytes(0), accepted.status, accepted.endpoint.host)
  }

  /// Begins to connect.
  ///
  /// - Returns: the descriptor, or the error number that ended the attempt at once.
  static func connect(to address: SocketAddress) -> Result<Int32, ConnectFailure> {
    let descriptor = open(family: address.family)
    guard descriptor >= 0 else { return .failure(ConnectFailure(number: errno)) }
    tune(descriptor)
    let status = unsafe address.withSockaddr { unsafe Glibc.connect(descriptor, $0, $1) }
    if status == 0 || errno == EINPROGRESS { return .success(descriptor) }
    let number = errno
    close(descriptor)
    return .failure(ConnectFailure(number: number))
  }

  struct ConnectFailure: Error { var number: Int32 }

  /// The error a non-blocking connect ended with; 0 when it is open.
  static func pendingError(of descriptor: Int32) -> Int32 {
    var number: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length) == 0 else {
      return errno
    }
    return number
  }

  static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
    let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
    if count > 0 { return .bytes(count) }
    return count == 0 ? .ended : failure()
  }

  static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Outcome {
    let count = unsafe Glibc.send(
      descriptor,
      bytes.baseAddress,
      bytes.count,
      Int32(MSG_NOSIGNAL)
    )
    return count >= 0 ? .bytes(count) : failure()
  }

  /// Says to the peer that nothing more will come.
  static func finishSending(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_WR)) }

  static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

  private static func failure() -> Outcome {
    switch errno {
    case EAGAIN, EINTR: .wouldBlock
    case let number: .failed(number)
    }
  }

  /// Whether accepting failed because the process or the system has no descriptor left.
  static func isShortage(_ number: Int32) -> Bool {
    [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(number)
  }
}
