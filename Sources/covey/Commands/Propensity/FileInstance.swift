import Bytes
import Domain
import Propensity

/// The file of one instance, for a command on files.
struct FileInstance {
  let bytes: [UInt8]
  let name: Name

  /// The file that a command line names.
  ///
  /// - Parameters:
  ///   - arguments: of a command with the option `--instance`.
  ///   - command: how it is called, for errors.
  /// - Returns: its path.
  /// - Throws: when none is named.
  static func path(_ arguments: Arguments, of command: String) throws(UsageError) -> String {
    guard let file = arguments.value("instance") else {
      throw UsageError("'\(command)' needs '--instance FILE' beside its files")
    }
    return file
  }

  /// Reads a file.
  ///
  /// - Throws: when it is no instance.
  init(_ file: String) throws {
    bytes = try Command.instanceFiles([file])[0]
    do {
      let read = try PropensityInstance(json: bytes)
      guard let name = Name(read.name) else {
        throw CommandFailure(.data, "'\(file)': '\(read.name)' is no name for an instance")
      }
      self.name = name
    } catch let error as InstanceError {
      throw CommandFailure(.data, "'\(file)': \(error)")
    }
  }
}
