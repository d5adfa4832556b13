import Bytes
import Cluster
import Domain
import Platform
import Runtime
import Testing
import Wire

extension ProcessTests {
  @Suite struct HostilePeerTests {
    /// Fails unless the cluster answers its own clients.
    private func expectService(of cluster: TestCluster) throws {
      #expect(try cluster.connect().document(.status)["workers"]?["total"]?.integer == 1)
      #expect(cluster.failures.isEmpty)
    }

    private func key(_ role: Role, of cluster: TestCluster) throws -> RoleKey {
      try ClusterKeys.key(for: role, file: cluster.keyFile, endpoint: cluster.endpoint)
    }

    @Test(.timeLimit(.minutes(1))) func `a client with another secret is not let in`() throws {
      let cluster = try TestCluster(workerCount: 1)
      var random = SystemRandomNumberGenerator()
      let key = ClusterSecret(using: &random).key(for: .client)

      do {
        _ = try ClusterClient(endpoint: cluster.endpoint, key: key)
        Issue.record("a client with another secret was let in")
      } catch let error as ClientError {
        guard case .notPermitted = error else { throw error }
      }

      #expect(
        cluster.lines.line(with: "peer-refused", "address=127.0.0.1", key.id.description) != nil
      )
      try expectService(of: cluster)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a browser is told that this is no web server`() throws {
      let cluster = try TestCluster(workerCount: 1)

      for _ in 0..<3 {
        let peer = try RawPeer(cluster.endpoint)
        peer.send(Array("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n".utf8))
        #expect(peer.wait { peer.isClosed })
        #expect(String(decoding: peer.received, as: UTF8.self).contains("not HTTP"))
      }

      #expect(cluster.lines.line(with: "peer-refused", "HTTP") != nil)
      // The same thing about the same address is said once a minute.
      #expect(cluster.lines.all.filter { $0.contains("peer-refused") }.count == 1)
      try expectService(of: cluster)
    }

    @Test(.timeLimit(.minutes(1))) func `random bytes are refused`() throws {
      let cluster = try TestCluster(workerCount: 1)
      var random = SeededRandom(seed: 3)

      for _ in 0..<5 {
        let peer = try RawPeer(cluster.endpoint)
        peer.send((0..<200).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        #expect(peer.wait { peer.isClosed })
      }

      #expect(cluster.lines.line(with: "peer-refused", "does not speak the covey protocol") != nil)
      try expectService(of: cluster)
    }

    @Test(.timeLimit(.minutes(1))) func `a frame that claims 4 GiB ends its connection`() throws {
      let cluster = try TestCluster(workerCount: 1)
      let peer = try ProvenPeer(cluster.endpoint, key: try key(.client, of: cluster))

      peer.raw.send([0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3])

      #expect(peer.raw.wait { peer.raw.isClosed })
      #expect(cluster.lines.line(with: "peer-refused", "4294967295 bytes is over") != nil)
      try expectService(of: cluster)
    }

    @Test(.timeLimit(.minutes(1))) func `a handshake that is not finished ends in time`() throws {
      let cluster = try TestCluster(
        workerCount: 1,
        change: { $0.limits.handshakeMilliseconds = 200 }
      )
      let peer = try RawPeer(cluster.endpoint)

      peer.send([0x89])

      #expect(peer.wait { peer.isClosed })
      #expect(cluster.lines.line(with: "peer-refused", "no handshake within 200 ms") != nil)
      try expectService(of: cluster)
    }

    @Test(.timeLimit(.minutes(1)))
    func `one address holds only so many connections before it proves a key`() throws {
      let cluster = try TestCluster(
        workerCount: 1,
        change: { $0.limits.unauthenticatedCountPerAddressMax = 3 }
      )
      let waiting = try (0..<3).map { _ in try RawPeer(cluster.endpoint) }
      for peer in waiting { peer.send([0x89]) }

      let refused = try RawPeer(cluster.endpoint)

      #expect(refused.wait { refused.isClosed })
      #expect(cluster.lines.line(with: "peer-refused", "3 connections from this address") != nil)
      #expect(waiting.allSatisfy { !$0.isClosed })
      // They end with garbage, and their places are free again.
      for peer in waiting {
        peer.send([0])
        #expect(peer.wait { peer.isClosed })
      }
      try expectService(of: cluster)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a client that never reads is closed`() throws {
      let cluster = try TestCluster(
        workerCount: 1,
        change: { $0.limits.queueByteCountMax = 64 << 10 }
      )
      let long = Text(String(repeating: "x", count: 8_000))
      let documents: [Value] = (0..<30).map { number in
        .object([
          ("id", .string("s\(number)")), ("name", .string("s\(number)")),
          ("description", .string(long)), ("expression", .object([("value", .string("age > 3"))])),
        ])
      }
      _ = try cluster.connect().document(
        .applySegments(documents, set: nil, isDryRun: false, removesOthers: false)
      )
      let peer = try ProvenPeer(cluster.endpoint, key: try key(.client, of: cluster))
      peer.raw.stopReading()

      // 100 MB of replies: more than the system's own buffers take.
      for number in 1...400 {
        try peer.send(
          Frame(kind: 3, stream: UInt32(number), payload: ClientRequest.segments(set: nil).encoded)
        )
        peer.raw.flush()
      }

      #expect(cluster.lines.line(with: "peer-refused", "bytes wait to be taken") != nil)
      try expectService(of: cluster)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a frame that comes too slowly ends its connection`() throws {
      let cluster = try TestCluster(
        workerCount: 1,
        change: { $0.limits.frameStartMilliseconds = 200 }
      )
      let peer = try ProvenPeer(cluster.endpoint, key: try key(.client, of: cluster))

      peer.raw.send([100, 0, 0, 0, 1, 2, 3])

      #expect(peer.raw.wait { peer.raw.isClosed })
      #expect(cluster.lines.line(with: "peer-refused", "more slowly than") != nil)
      try expectService(of: cluster)
    }

    @Test(.timeLimit(.minutes(1)), arguments: [Role.client, .worker])
    func `messages of the other role end the connection`(role: Role) throws {
      let cluster = try TestCluster(workerCount: 1)
      let peer = try ProvenPeer(cluster.endpoint, key: try key(role, of: cluster))
      let kind: UInt8 = role == .client ? 1 : 3

      try peer.send(Frame(kind: kind, stream: 1, payload: ClientRequest.status.encoded))

      #expect(peer.raw.wait { peer.raw.isClosed })
      #expect(cluster.lines.line(with: "peer-refused", "a frame of kind \(kind) came") != nil)
      try expectService(of: cluster)
    }

    @Test(.timeLimit(.minutes(1)), arguments: [Role.client, .worker])
    func `a message that cannot be read ends the connection`(role: Role) throws {
      let cluster = try TestCluster(workerCount: 1)
      let peer = try ProvenPeer(cluster.endpoint, key: try key(role, of: cluster))

      try peer.send(Frame(kind: role == .client ? 3 : 1, stream: 1, payload: [0xEE, 1, 2]))

      #expect(peer.raw.wait { peer.raw.isClosed })
      #expect(cluster.lines.line(with: "peer-refused", "cannot be read") != nil)
      try expectService(of: cluster)
    }

    @Test(.timeLimit(.minutes(1))) func `a client that says nothing for long is closed`() throws {
      let cluster = try TestCluster(workerCount: 1, change: { $0.limits.idleMilliseconds = 300 })
      let peer = try ProvenPeer(cluster.endpoint, key: try key(.client, of: cluster))

      #expect(peer.raw.wait { peer.raw.isClosed })
      try expectService(of: cluster)
    }

    @Test func `without a key file nobody listens on other addresses`() throws {
      let scratch = Scratch()
      let endpoint = Endpoint(host: "0.0.0.0", port: 0)

      #expect(throws: RuntimeError.needsKeyFile(endpoint: endpoint, isListening: true)) {
        try CoordinatorProcess(
          CoordinatorOptions(dataDirectory: scratch.path + "/data", listen: endpoint)
        )
      }
    }

    @Test(.timeLimit(.minutes(1))) func `nobody there is an error that says so`() throws {
      let free = try LinuxNetwork().listen(on: Endpoint(host: "127.0.0.1", port: 0))

      do {
        _ = try ClusterClient(endpoint: free, key: ClusterSecret.keyless.key(for: .client))
        Issue.record("somebody answered")
      } catch let error as ClientError {
        guard case .unreachable(free, _) = error else { throw error }
      }
    }
  }
}
