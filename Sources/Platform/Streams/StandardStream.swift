private import Glibc

/// Why a stream no longer takes bytes.
package enum StreamError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Whoever read it has gone, as `head` does when it has enough.
  case closed
  case failed(reason: String)

  package var description: String {
    switch self {
    case .closed: "nobody reads the output any more"
    case .failed(let reason): "cannot write the output: \(reason)"
    }
  }
}

/// One of the streams a process begins with.
package enum StandardStream: Int32, Sendable {
  case input = 0
  case output = 1
  case messages = 2

  /// Whether a person sits at the other end.
  package var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Columns of the terminal; `nil` when it is none or does not tell.
  package var columnCount: Int? {
    var size = winsize()
    guard unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes a text where logs and what is told to a person beside results go.
  ///
  /// What cannot be written is lost, as there is nowhere to say so.
  package static func tell(_ text: String) { try? messages.write(Array(text.utf8)) }

  /// Writes all of the bytes, waiting for a slow reader.
  package func write(_ bytes: [UInt8]) throws(StreamError) {
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(
          rawValue,
          buffer.baseAddress.map { unsafe $0 + start },
          bytes.count - start
        )
      }
      if count > 0 {
        start += count
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        var waiting = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        unsafe poll(&waiting, 1, -1)
      case EPIPE: throw .closed
      case let number: throw .failed(reason: systemErrorText(number))
      }
    }
  }
}
