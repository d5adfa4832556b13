import Bytes
import Cluster
import Domain
import Platform
import Wire

/// What a worker remembers of itself between its starts: the file `identity` of its data folder.
struct WorkerIdentity: Equatable {
  static let fileName = "identity"

  /// The cluster whose data the folder holds; `nil` before it first met one.
  var clusterID: ClusterID?
  /// Orders of coordinators of lower epochs are refused.
  var epoch = Epoch(0)
  /// Higher with each start of the process.
  var incarnation: UInt64 = 0

  /// Reads the file; a new identity when there is none.
  static func read(directory: String, disk: any Disk) throws -> WorkerIdentity {
    let path = directory + "/" + fileName
    guard disk.exists(path) else { return WorkerIdentity() }
    let bytes = try disk.read(path)
    guard let value = try? Value.parse(json: bytes),
      let epoch = value["epoch"]?.integer, epoch >= 0,
      let incarnation = value["incarnation"]?.integer, incarnation >= 0
    else { throw RuntimeError.badIdentityFile(path: path) }
    var identity = WorkerIdentity()
    identity.epoch = Epoch(UInt64(epoch))
    identity.incarnation = UInt64(incarnation)
    if let digits = value["cluster"]?.text {
      guard let clusterID = ClusterID(hexadecimal: digits.string) else {
        throw RuntimeError.badIdentityFile(path: path)
      }
      identity.clusterID = clusterID
    }
    return identity
  }

  /// Writes the file as a whole, durably.
  func write(directory: String, disk: any Disk) throws(DiskError) {
    var fields: [(Text, Value)] = [
      ("epoch", .integer(Int64(clamping: epoch.number))),
      ("incarnation", .integer(Int64(clamping: incarnation))),
    ]
    if let clusterID { fields.append(("cluster", .string(clusterID.description))) }
    try disk.replace(
      directory + "/" + WorkerIdentity.fileName,
      with: Value.object(fields).json(.pretty) + [0x0A]
    )
  }
}
