internal import Glibc

/// A TCP address as the system takes it: family and port included.
struct SocketAddress: Sendable {
  let bytes: [UInt8]
  let family: Int32

  /// Whether `host` needs no name service: an address literal or `localhost`.
  static func isLiteral(_ host: String) -> Bool {
    host == "localhost"
      || (try? resolve(Endpoint(host: host, port: 0), flags: AI_NUMERICHOST)) != nil
  }

  /// The addresses of an endpoint, in the order they are to be tried.
  ///
  /// Blocks while a name service is asked, unless the host is a literal or `localhost`.
  static func resolve(
    _ endpoint: Endpoint,
    flags: Int32 = 0
  ) throws(PlatformError) -> [SocketAddress] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = flags | AI_NUMERICSERV
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    let host = endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host
    var list: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(host, String(endpoint.port), &hints, &list)
    guard status == 0 else {
      throw .cannotResolve(
        host: endpoint.host,
        reason: unsafe String(cString: gai_strerror(status))
      )
    }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = unsafe list
    while let info = unsafe next {
      // The list owns `ai_addrlen` bytes at `ai_addr` until it is freed below.
      unsafe addresses.append(
        SocketAddress(
          bytes: Array(
            UnsafeRawBufferPointer(
              start: info.pointee.ai_addr,
              count: Int(info.pointee.ai_addrlen)
            )
          ),
          family: info.pointee.ai_family
        )
      )
      unsafe next = info.pointee.ai_next
    }
    guard !addresses.isEmpty else {
      throw .cannotResolve(host: endpoint.host, reason: "it has no address")
    }
    return addresses
  }

  /// Passes the address to a system call.
  func withSockaddr<Result>(
    _ body: (__CONST_SOCKADDR_ARG, socklen_t) -> Result
  ) -> Result? {
    unsafe bytes.withUnsafeBytes { raw in
      // Array storage is aligned for any plain type, and holds a whole sockaddr of the family.
      guard let start = raw.baseAddress else { return nil }
      return unsafe body(
        __CONST_SOCKADDR_ARG(__sockaddr__: start.assumingMemoryBound(to: sockaddr.self)),
        socklen_t(raw.count)
      )
    }
  }

  /// Reads an address with a system call that fills a buffer, such as `getsockname` or `accept`.
  static func read(
    _ call: (__SOCKADDR_ARG, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> (status: Int32, endpoint: Endpoint) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      let address = unsafe UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
      let status = unsafe call(__SOCKADDR_ARG(__sockaddr__: address), &length)
      guard status >= 0 else { return (status, Endpoint(host: "?", port: 0)) }
      var host = [CChar](repeating: 0, count: 64)
      var port = [CChar](repeating: 0, count: 8)
      let named = unsafe getnameinfo(
        address,
        length,
        &host,
        socklen_t(host.count),
        &port,
        socklen_t(port.count),
        NI_NUMERICHOST | NI_NUMERICSERV
      )
      guard named == 0 else { return (status, Endpoint(host: "?", port: 0)) }
      return (status, Endpoint(host: text(host), port: UInt16(text(port)) ?? 0))
    }
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
