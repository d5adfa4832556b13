private import Bytes
private import Glibc

/// A regular file read once from start to end, plain or through a program such as `gzip -dc`.
///
/// The program gets the file as its standard input; what it writes to standard error is kept for
/// the error that its exit status may become. Owned by one reader; closing early ends the program.
package final class ByteInput {
  /// Bytes of the file on disk.
  package let byteCount: Int

  private let path: String
  private let file: Int32
  private let child: Child?

  private struct Child {
    var name: String
    var identifier: pid_t
    var output: Int32
    var messages: Int32
  }

  private var isFinished = false

  /// Opens a file, to be read through `program` if there is one.
  ///
  /// - Parameters:
  ///   - path: a regular file.
  ///   - program: a name looked up in `PATH` and its arguments; empty for none.
  /// - Throws: when the file is no regular file, or it or the program cannot be opened.
  package init(_ path: String, through program: [String] = []) throws(DiskError) {
    self.path = path
    file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw ByteInput.failure("open", path) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else {
      let failure = ByteInput.failure("open", path)
      close(file)
      throw failure
    }
    let format = status.st_mode & S_IFMT
    guard format == S_IFREG else {
      close(file)
      throw DiskError(
        operation: "read",
        path: path,
        number: format == S_IFDIR ? EISDIR : 0,
        reason: format == S_IFDIR ? "it is a folder" : "it is no regular file"
      )
    }
    byteCount = Int(status.st_size)
    guard let name = program.first else {
      child = nil
      return
    }
    do throws(DiskError) {
      child = try ByteInput.spawn(name, program, path: path, input: file)
    } catch {
      close(file)
      throw error
    }
  }

  deinit {
    if !isFinished { _ = stop(kill: true) }
  }

  /// Bytes of the file that were taken so far, by the program if there is one.
  package var position: Int { isFinished ? byteCount : max(0, Int(lseek(file, 0, SEEK_CUR))) }

  /// Reads up to `buffer.count` bytes.
  ///
  /// - Returns: the bytes read; 0 once at the end, after the program has ended without complaint.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(DiskError) -> Int {
    guard !isFinished, buffer.count > 0 else { return 0 }
    while true {
      let count = unsafe Glibc.read(child?.output ?? file, buffer.baseAddress, buffer.count)
      if count > 0 { return count }
      if count == 0 {
        if let complaint = stop(kill: false) {
          throw DiskError(operation: "decompress", path: path, number: 0, reason: complaint)
        }
        return 0
      }
      guard errno == EINTR else { throw ByteInput.failure("read", path) }
    }
  }

  /// Goes to an offset of a file that is not read through a program.
  package func seek(to offset: Int) throws(DiskError) {
    guard lseek(file, off_t(offset), SEEK_SET) >= 0 else { throw ByteInput.failure("read", path) }
  }

  /// Closes everything; answers what the program complained about.
  private func stop(kill: Bool) -> String? {
    isFinished = true
    close(file)
    guard let child else { return nil }
    close(child.output)
    defer { close(child.messages) }
    if kill { _ = Glibc.kill(child.identifier, SIGKILL) }
    var status: Int32 = 0
    while unsafe waitpid(child.identifier, &status, 0) < 0 {
      guard errno == EINTR else { return "\(child.name) cannot be waited for" }
    }
    guard !kill, status != 0 else { return nil }
    let how =
      status & 0x7F == 0
      ? "\(child.name) ended with status \(status >> 8 & 0xFF)"
      : "\(child.name) was ended by signal \(status & 0x7F)"
    let message = ByteInput.message(child.messages)
    return message.isEmpty ? how : how + ": " + message
  }

  /// The first line of what a program wrote to standard error, without control characters.
  private static func message(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe pread(descriptor, buffer.baseAddress, buffer.count, 0)
    }
    let line = bytes.prefix(max(0, count)).drop { $0 <= 0x20 }.prefix { $0 != 0x0A }
    return String(decoding: line.filter { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self)
  }

  private static func spawn(
    _ name: String,
    _ program: [String],
    path: String,
    input: Int32
  ) throws(DiskError) -> Child {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else { throw failure("decompress", path) }
    let messages = unsafe memfd_create("messages", UInt32(MFD_CLOEXEC))
    guard messages >= 0 else {
      let failure = failure("decompress", path)
      close(ends[0])
      close(ends[1])
      throw failure
    }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, messages, 2)

    // The program starts with every signal as the system has it, whatever this process blocks.
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
    )

    var identifier: pid_t = 0
    var words: [UnsafeMutablePointer<CChar>?] = unsafe program.map { unsafe strdup($0) } + [nil]
    defer { for index in 0..<program.count { unsafe free(words[index]) } }
    let number = unsafe posix_spawnp(&identifier, name, &actions, &attributes, &words, environ)
    close(ends[1])
    guard number == 0 else {
      close(ends[0])
      close(messages)
      let words = unsafe String(cString: strerror(number))
      let reason =
        number == ENOENT
        ? "the program '\(name)' is not installed" : "'\(name)' cannot be started: \(words)"
      throw DiskError(operation: "decompress", path: path, number: number, reason: reason)
    }
    return Child(name: name, identifier: identifier, output: ends[0], messages: messages)
  }

  private static func failure(_ operation: String, _ path: String) -> DiskError {
    let number = errno
    return DiskError(
      operation: operation,
      path: path,
      number: number,
      reason: systemErrorText(number)
    )
  }
}
