import Bytes
package import Platform

/// How a coordinator is started: what `covey coordinator` takes.
package struct CoordinatorOptions: Sendable {
  /// Holds the catalogue; made when absent, used by one process at a time.
  package var dataDirectory: String
  /// Port 0 takes any free one.
  package var listen: Endpoint
  /// The cluster's secret; without it `listen` has to be loopback.
  package var keyFile: String?
  /// Where the endpoint taken is written, as `host:port` and a newline, once it is listened on.
  package var addressFile: String?
  /// Ends when the process that started it is gone, told by `Lifeline`.
  package var exitsWithParent = false
  /// Workers on this machine have threads that keep to a processor each: the coordinator burdens all
  /// alike.
  package var takesTurns = false
  package var limits = PeerLimits.standard
  /// The catalogue is rewritten once its file is this many times as long as it has to be.
  package var catalogueGrowthMax = 8
  /// A shorter file is never rewritten.
  package var catalogueRewriteByteCountMin = 1 << 20
  package var log = Log(node: "coordinator")

  package init(dataDirectory: String, listen: Endpoint, keyFile: String? = nil) {
    self.dataDirectory = dataDirectory
    self.listen = listen
    self.keyFile = keyFile
  }

  /// The words after `covey` that start this coordinator.
  package var arguments: [String] {
    var words = ["coordinator", "--data", dataDirectory, "--listen", listen.description]
    if let keyFile { words += ["--key-file", keyFile] }
    if let addressFile { words += ["--address-file", addressFile] }
    if takesTurns { words.append("--take-turns") }
    if exitsWithParent { words.append("--exit-with-parent") }
    return words
  }
}
