import Platform

/// Files that operands name: files, patterns, and folders of such files.
enum NamedFiles {
  /// Finds the files.
  ///
  /// - Parameters:
  ///   - words: as an operand has them.
  ///   - endings: of the files that are taken of folders, as `.json`.
  /// - Returns: their paths in the order of the words.
  /// - Throws: when a word stands for no file.
  static func paths(_ words: [String], endings: [String]) throws -> [String] {
    let disk = LinuxDisk()
    return try words.flatMap { word -> [String] in
      let found = try FileSearch.paths(matching: word)
      guard !found.isEmpty else {
        throw CommandFailure(.noInput, "no file matches '\(word)'")
      }
      return try found.flatMap { path -> [String] in
        guard let names = try? disk.list(path) else { return [path] }
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        let files = names.filter { name in endings.contains { name.hasSuffix($0) } }
        guard !files.isEmpty else {
          throw CommandFailure(
            .noInput,
            "the folder '\(path)' has no \(endings.joined(separator: " or ")) file"
          )
        }
        return files.map { "\(folder)/\($0)" }
      }
    }
  }
}
