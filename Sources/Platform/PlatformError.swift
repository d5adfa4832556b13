/// Why the operating system did not do what the process needs of it.
package enum PlatformError: Error, Equatable, Sendable {
  case cannotListen(endpoint: Endpoint, reason: String)
  case cannotResolve(host: String, reason: String)
  case cannotMakePipe(reason: String)
  case cannotStartThread(reason: String)
  case cannotStartProcess(path: String, reason: String)
  case cannotReadKeyFile(path: String, reason: String)
  case keyFileIsOpenToOthers(path: String, mode: UInt32)
  case keyFileHasAnotherOwner(path: String, owner: UInt32, expected: UInt32)
  case cannotWriteKeyFile(path: String, reason: String)
  case directoryInUse(path: String, holder: String)
  case cannotLockDirectory(path: String, reason: String)
  case cpuTooOld(missing: [String])
}

extension PlatformError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .cannotListen(let endpoint, let reason): "cannot listen on \(endpoint): \(reason)"
    case .cannotResolve(let host, let reason): "cannot find the address of \(host): \(reason)"
    case .cannotMakePipe(let reason): "cannot make a pipe: \(reason)"
    case .cannotStartThread(let reason): "cannot start a thread: \(reason)"
    case .cannotStartProcess(let path, let reason): "cannot start \(path): \(reason)"
    case .cannotReadKeyFile(let path, let reason): "cannot read the key file \(path): \(reason)"
    case .keyFileIsOpenToOthers(let path, let mode):
      "the key file \(path) has mode \(octal(mode)), so others can read it; "
        + "'chmod 600 \(path)' closes it"
    case .keyFileHasAnotherOwner(let path, let owner, let expected):
      "the key file \(path) belongs to user \(owner), this process runs as user \(expected); "
        + "they must be the same"
    case .cannotWriteKeyFile(let path, let reason): "cannot write the key file \(path): \(reason)"
    case .directoryInUse(let path, let holder): "\(path) is in use by \(holder)"
    case .cannotLockDirectory(let path, let reason): "cannot lock \(path): \(reason)"
    case .cpuTooOld(let missing):
      "this processor lacks \(missing.joined(separator: ", ")); "
        + "covey needs x86-64-v3 (Intel Haswell, AMD Zen, or later)"
    }
  }

  private func octal(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }
}
