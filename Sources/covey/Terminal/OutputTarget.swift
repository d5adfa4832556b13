import Platform

/// Where a command's `--output` goes.
///
/// A regular file appears under its name when `finish` is called, and not at all after `abandon`.
final class OutputTarget: ByteSink {
  private enum Kind {
    case standardOutput
    case stream(StreamOutput)
    case file(OutputFile)
  }

  private let kind: Kind

  /// Opens a path; `-` or nothing is standard output.
  init(_ path: String?) throws {
    if let path, path != "-" {
      if let stream = try StreamOutput(special: path) {
        kind = .stream(stream)
      } else {
        kind = .file(try OutputFile(disk: LinuxDisk(), path: path))
      }
    } else {
      kind = .standardOutput
    }
  }

  func write(_ bytes: [UInt8]) throws {
    switch kind {
    case .standardOutput: try StandardStream.output.write(bytes)
    case .stream(let stream): try stream.write(bytes)
    case .file(let file): try file.append(bytes)
    }
  }

  func finish() throws {
    if case .file(let file) = kind { try file.finish() }
  }

  func abandon() {
    if case .file(let file) = kind { file.abandon() }
  }
}
