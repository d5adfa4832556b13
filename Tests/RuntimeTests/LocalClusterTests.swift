import Platform
import Runtime
import Testing

extension ProcessTests {
  @Suite struct LocalClusterTests {
    @Test(arguments: [
      (processors: 2, workers: 1, shares: [0..<2]), (2, 2, [0..<1, 1..<2]),
      (2, 4, [0..<1, 1..<2, 0..<1, 1..<2]), (7, 3, [0..<3, 3..<5, 5..<7]),
      (64, 5, [0..<13, 13..<26, 26..<39, 39..<52, 52..<64]),
    ])
    func `processors are shared among workers, what is left over by the first ones`(
      processors: Int,
      workers: Int,
      shares: [Range<Int>]
    ) {
      let found = (1...workers).map {
        LocalCluster.processors(ofWorker: $0, among: workers, on: processors)
      }

      #expect(found == shares)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a process that ends while the cluster starts ends the start, with its last words`() throws
    {
      let scratch = Scratch()
      let program = try scratch.write("program", "#!/bin/sh\necho no such luck\nexit 3\n")
      try makeExecutable(program)
      var options = LocalCluster.Options(dataDirectory: scratch.path + "/data")
      options.executablePath = program
      options.log = .none

      do {
        _ = try LocalCluster(options)
        Issue.record("a cluster without a coordinator started")
      } catch let error as RuntimeError {
        guard case .childKeepsFailing("coordinator", 1, let lines) = error else { throw error }
        #expect(lines.contains("no such luck"))
      }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a cluster that is not ready in time is stopped`() throws {
      let scratch = Scratch()
      let program = try scratch.write("program", "#!/bin/sh\nexec sleep 600\n")
      try makeExecutable(program)
      var options = LocalCluster.Options(dataDirectory: scratch.path + "/data")
      options.executablePath = program
      options.readyMilliseconds = 100
      options.log = .none

      #expect(
        throws: RuntimeError.clusterNotReady(seconds: 0, reason: "the coordinator does not listen")
      ) {
        try LocalCluster(options)
      }
      // Nothing holds the folder any more.
      #expect(throws: Never.self) { try DirectoryLock(directory: scratch.path + "/data") }
    }
  }
}
