private import Bytes
private import Glibc

/// TCP over non-blocking sockets and `poll`.
@safe package final class LinuxNetwork: Network {
  /// Connections held at once; further ones wait in the system's own queue.
  package static let connectionCountMax = 1_024
  /// Attempts to connect end after this long.
  package static let connectMilliseconds: Int64 = 10_000
  /// What `closeAfterSending` waits at most.
  package static let lingerMilliseconds: Int64 = 1_000
  /// Accepting rests this long when the process has no descriptor left.
  package static let acceptRestMilliseconds: Int64 = 100
  /// Bytes read from one connection before the others have their turn.
  private static let readByteCount = 256 << 10
  /// Connections taken from one listener before the others have their turn.
  private static let acceptCountMax = 64

  /// Wakes this network's `wait` from any thread.
  package let waker: Waker
  /// Fewer than the standard where the process may not have as many descriptors.
  private let connectionCountMax = min(
    LinuxNetwork.connectionCountMax,
    max(1, DescriptorLimit.count - DescriptorLimit.reservedCount)
  )
  private let clock = LinuxClock()
  private let resolver: NameResolver
  private let readBuffer: UnsafeMutableRawBufferPointer
  private var listeners: [Int32] = []
  private var connections: [ConnectionID: LinuxConnection] = [:]
  private var nextNumber: UInt64 = 1
  private var acceptsAgainAt: Int64 = 0
  /// Events that came up outside `wait`.
  private var pending: [NetworkEvent] = []

  package init() throws(PlatformError) {
    waker = try Waker()
    resolver = NameResolver(waker: waker)
    unsafe readBuffer = .allocate(byteCount: LinuxNetwork.readByteCount, alignment: 64)
  }

  deinit {
    for listener in listeners { TCPSocket.close(listener) }
    for connection in connections.values { connection.closeSocket() }
    unsafe readBuffer.deallocate()
  }

  package func listen(on endpoint: Endpoint) throws -> Endpoint {
    guard let address = try SocketAddress.resolve(endpoint).first else {
      throw PlatformError.cannotResolve(host: endpoint.host, reason: "it has no address")
    }
    let listener = try TCPSocket.listen(on: address, endpoint: endpoint)
    listeners.append(listener.descriptor)
    return listener.endpoint
  }

  package func connect(to endpoint: Endpoint) -> ConnectionID {
    let connection = LinuxConnection(id: makeID(), state: .resolving, descriptor: -1)
    connection.deadline = clock.monotonicMilliseconds + LinuxNetwork.connectMilliseconds
    connections[connection.id] = connection
    guard SocketAddress.isLiteral(endpoint.host) else {
      resolver.resolve(endpoint, for: connection.id)
      return connection.id
    }
    do {
      connection.addresses = try SocketAddress.resolve(endpoint)
      tryNextAddress(of: connection, lastError: nil, into: &pending)
    } catch {
      end(connection, reason: error.description, into: &pending)
    }
    return connection.id
  }

  package func send(_ bytes: [UInt8], on connection: ConnectionID) {
    guard let connection = connections[connection], connection.state != .lingering else { return }
    let wasEmpty = connection.outgoing.isEmpty
    connection.outgoing.append(bytes[...])
    if connection.state == .open, wasEmpty, let number = connection.flush() {
      end(connection, reason: systemErrorText(number), into: &pending)
    }
    if !connection.outgoing.isEmpty { connection.owesDrained = true }
  }

  package func unsentByteCount(of connection: ConnectionID) -> Int {
    connections[connection]?.outgoing.byteCount ?? 0
  }

  package func setReading(_ isReading: Bool, on connection: ConnectionID) {
    connections[connection]?.isReading = isReading
  }

  package func close(_ connection: ConnectionID) {
    guard let connection = connections.removeValue(forKey: connection) else { return }
    connection.closeSocket()
    forgetEvents(of: connection.id)
  }

  package func closeAfterSending(_ connection: ConnectionID) {
    guard let connection = connections[connection], connection.state != .lingering else { return }
    forgetEvents(of: connection.id)
    guard connection.state == .open else { return close(connection.id) }
    connection.state = .lingering
    connection.deadline = clock.monotonicMilliseconds + LinuxNetwork.lingerMilliseconds
    finishSendingIfEmpty(connection)
  }

  package func wait(untilMonotonicMilliseconds deadline: Int64?) -> [NetworkEvent] {
    var events = pending
    pending.removeAll()
    while true {
      poll(until: events.isEmpty ? deadline : 0, into: &events)
      expire(into: &events)
      if !events.isEmpty { return events }
      if let deadline, clock.monotonicMilliseconds >= deadline { return [] }
    }
  }

  package func wake() { waker.wake() }

  private func makeID() -> ConnectionID {
    defer { nextNumber += 1 }
    return ConnectionID(nextNumber)
  }

  private func forgetEvents(of connection: ConnectionID) {
    pending.removeAll { event in
      switch event {
      case .connected(connection), .drained(connection), .received(connection, _),
        .accepted(connection, _), .closed(connection, _):
        true
      default: false
      }
    }
  }
}

extension LinuxNetwork {
  /// Waits once for the system and handles what it reports.
  private func poll(until deadline: Int64?, into events: inout [NetworkEvent]) {
    let now = clock.monotonicMilliseconds
    var earliest = deadline
    var descriptors = [pollfd(fd: waker.readDescriptor, events: Int16(POLLIN), revents: 0)]
    let accepts = now >= acceptsAgainAt && connections.count < connectionCountMax
    if accepts {
      for listener in listeners {
        descriptors.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
      }
    } else if acceptsAgainAt > now {
      earliest = min(earliest ?? acceptsAgainAt, acceptsAgainAt)
    }
    let firstConnection = descriptors.count
    var watched: [LinuxConnection] = []
    for connection in connections.values {
      if let end = connection.deadline { earliest = min(earliest ?? end, end) }
      guard connection.descriptor >= 0 else { continue }
      let wanted =
        (connection.wantsToRead ? POLLIN : 0) | (connection.wantsToWrite ? POLLOUT : 0)
      descriptors.append(pollfd(fd: connection.descriptor, events: Int16(wanted), revents: 0))
      watched.append(connection)
    }
    let timeout = earliest.map { Int32(clamping: max(0, $0 - now)) } ?? -1
    guard unsafe Glibc.poll(&descriptors, nfds_t(descriptors.count), timeout) > 0 else { return }

    if descriptors[0].revents != 0 { takeWake(into: &events) }
    if accepts {
      for index in 1..<firstConnection where descriptors[index].revents != 0 {
        accept(from: descriptors[index].fd, into: &events)
      }
    }
    for (index, connection) in watched.enumerated() {
      let ready = Int32(descriptors[firstConnection + index].revents)
      if ready != 0 { handle(ready, on: connection, into: &events) }
    }
  }

  private func takeWake(into events: inout [NetworkEvent]) {
    waker.clear()
    events.append(.woken)
    for answer in resolver.takeAnswers() {
      guard let connection = connections[answer.connection], connection.state == .resolving else {
        continue
      }
      switch answer.addresses {
      case .success(let addresses):
        connection.addresses = addresses
        tryNextAddress(of: connection, lastError: nil, into: &events)
      case .failure(let error): end(connection, reason: error.description, into: &events)
      }
    }
  }

  private func accept(from listener: Int32, into events: inout [NetworkEvent]) {
    for _ in 0..<LinuxNetwork.acceptCountMax
    where connections.count < connectionCountMax {
      let accepted = TCPSocket.accept(listener)
      switch accepted.outcome {
      case .bytes, .ended:
        let connection = LinuxConnection(
          id: makeID(),
          state: .open,
          descriptor: accepted.descriptor
        )
        connections[connection.id] = connection
        events.append(.accepted(connection.id, address: accepted.host))
      case .failed(let number) where TCPSocket.isShortage(number):
        acceptsAgainAt = clock.monotonicMilliseconds + LinuxNetwork.acceptRestMilliseconds
        return
      case .failed: continue
      case .wouldBlock: return
      }
    }
  }

  private func handle(
    _ ready: Int32,
    on connection: LinuxConnection,
    into events: inout [NetworkEvent]
  ) {
    if connection.state == .connecting {
      return finishConnecting(connection, into: &events)
    }
    if ready & POLLOUT != 0, !write(connection, into: &events) { return }
    let isBroken = ready & (POLLERR | POLLHUP) != 0
    guard ready & POLLIN != 0 || isBroken, connection.descriptor >= 0 else { return }
    // A broken connection is read even while its reading rests: its end must not be polled forever.
    if connection.wantsToRead || isBroken { read(connection, into: &events) }
  }

  private func finishConnecting(
    _ connection: LinuxConnection,
    into events: inout [NetworkEvent]
  ) {
    let number = TCPSocket.pendingError(of: connection.descriptor)
    guard number == 0 else {
      connection.closeSocket()
      return tryNextAddress(of: connection, lastError: number, into: &events)
    }
    connection.state = .open
    connection.deadline = nil
    connection.addresses = []
    events.append(.connected(connection.id))
    _ = write(connection, into: &events)
  }

  /// Writes what waits; `false` when the connection is over.
  private func write(_ connection: LinuxConnection, into events: inout [NetworkEvent]) -> Bool {
    if let number = connection.flush() {
      end(connection, reason: systemErrorText(number), into: &events)
      return false
    }
    if connection.state == .lingering {
      finishSendingIfEmpty(connection)
    } else if connection.owesDrained, connection.outgoing.isEmpty {
      connection.owesDrained = false
      events.append(.drained(connection.id))
    }
    return true
  }

  private func read(_ connection: LinuxConnection, into events: inout [NetworkEvent]) {
    switch unsafe TCPSocket.read(connection.descriptor, into: readBuffer) {
    case .bytes(let count):
      guard connection.state == .open else { return }
      let bytes = unsafe Array(UnsafeRawBufferPointer(rebasing: readBuffer[..<count]))
      events.append(.received(connection.id, bytes))
    case .wouldBlock: break
    case .ended: end(connection, reason: "closed by the peer", into: &events)
    case .failed(let number): end(connection, reason: systemErrorText(number), into: &events)
    }
  }

  private func tryNextAddress(
    of connection: LinuxConnection,
    lastError: Int32?,
    into events: inout [NetworkEvent]
  ) {
    var lastError = lastError
    while !connection.addresses.isEmpty {
      let address = connection.addresses.removeFirst()
      switch TCPSocket.connect(to: address) {
      case .success(let descriptor):
        connection.descriptor = descriptor
        connection.state = .connecting
        return
      case .failure(let failure): lastError = failure.number
      }
    }
    end(connection, reason: systemErrorText(lastError ?? ECONNREFUSED), into: &events)
  }

  private func finishSendingIfEmpty(_ connection: LinuxConnection) {
    guard connection.outgoing.isEmpty, !connection.hasFinishedSending else { return }
    connection.hasFinishedSending = true
    TCPSocket.finishSending(connection.descriptor)
  }

  /// Drops the connection and, unless it only lingered, reports its end.
  private func end(
    _ connection: LinuxConnection,
    reason: String,
    into events: inout [NetworkEvent]
  ) {
    connection.closeSocket()
    connections[connection.id] = nil
    if connection.state != .lingering { events.append(.closed(connection.id, reason: reason)) }
  }

  /// Ends what has reached its deadline.
  private func expire(into events: inout [NetworkEvent]) {
    let now = clock.monotonicMilliseconds
    let expired = connections.values.filter { $0.deadline.map { $0 <= now } ?? false }
    for connection in expired.sorted(by: { $0.id < $1.id }) {
      let seconds = LinuxNetwork.connectMilliseconds / 1_000
      end(connection, reason: "no answer within \(seconds) s", into: &events)
    }
  }
}
